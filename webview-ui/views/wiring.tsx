/**
 * The wiring as a drawing: which pin of the adapter goes to which pad of the chip. Facts of the board are few and the
 * same for the whole family (UART1 on P10 and P11, reset on CEN: docs/protocol.md); adapters differ in their supply.
 */
import type { VNode } from "preact";
import { fill } from "../../src/shared/figures";
import type { PortView } from "../../src/shared/messages";
import type { ChipView } from "../../src/shared/views";
import type { Context } from "../viewContext";
import { Card, Lines } from "./parts";

type WiringPort = Pick<PortView, "id" | "adapter" | "practice">;

/** Pins top to bottom; the wires run straight across. */
const PINS = [
  { y: 66, adapter: "power", chip: "powerChip", wire: "power" },
  { y: 106, adapter: "TX", chip: "RX1 (P10)", wire: "tx" },
  { y: 146, adapter: "RX", chip: "TX1 (P11)", wire: "rx" },
  { y: 186, adapter: "gnd", chip: "gnd", wire: "gnd" },
] as const;

const LEFT = 150;
const RIGHT = 370;
const CEN_Y = 226;

export interface WiringProps {
  readonly port: WiringPort | undefined;
  readonly chip: ChipView | undefined;
  readonly context: Context;
}

export function Wiring({ port, chip, context }: WiringProps): VNode | undefined {
  if (port?.practice === true) return undefined;
  const { wiring: words } = context.strings;
  return (
    <Card id="wiring" heading={chip?.name === undefined ? words.heading : fill(words.headingChip, chip.name)}>
      <div class="wiring-layout">
        <Drawing port={port} chip={chip} context={context} />
        <div class="stack">
          <p class="warning-line">{words.warning}</p>
          <Lines name="hints" lines={hints(port, context)} />
        </div>
      </div>
    </Card>
  );
}

const isNetwork = (port: WiringPort | undefined): boolean => port?.id.includes("://") ?? false;

function hints(port: WiringPort | undefined, { strings }: Context): string[] {
  const { wiring: words } = strings;
  const adapter = port?.adapter ?? "";
  return [
    words.swapped,
    words.pinsModule,
    ...(isNetwork(port) ? [words.network] : []),
    // The 3.3 V pin of these comes from the adapter chip itself: 50 mA, or 100 at best (their data sheets).
    ...(/^(FT|CP21|PL2303)/.test(adapter) ? [words.supply] : []),
    ...(/^(FT232|CH34)/.test(adapter) ? [words.ftdiLevel] : []),
  ];
}

function Drawing({ port, chip, context: { strings } }: WiringProps): VNode {
  const { wiring: words } = strings;
  const label = (name: string): string => {
    if (name === "gnd") return words.gnd;
    if (name === "power") return words.power;
    return name === "powerChip" ? words.powerChip : name;
  };
  return (
    <svg class="wiring" viewBox="0 0 520 262" role="img" aria-labelledby="wiring-title wiring-text">
      <title id="wiring-title">{words.heading}</title>
      <desc id="wiring-text">{words.description}</desc>
      <rect class="device" x={14} y={14} width={LEFT - 14} height={206} rx={6} />
      <text class="device-name" x={14 + (LEFT - 14) / 2} y={38}>
        {port?.adapter ?? words.adapter}
      </text>
      <rect class="device" x={RIGHT} y={14} width={136} height={240} rx={6} />
      <text class="device-name" x={RIGHT + 68} y={38}>
        {chip?.name ?? words.chip}
      </text>
      {PINS.map(({ y, adapter, chip: pad, wire }) => (
        <g>
          <path class={`wire wire-${wire}`} d={`M${LEFT} ${y} H${RIGHT}`} />
          <Arrow wire={wire} y={y} />
          <circle class="pin" cx={LEFT} cy={y} r={5} />
          <circle class="pin" cx={RIGHT} cy={y} r={5} />
          <text class="pin-name left" x={LEFT - 12} y={y + 5}>
            {label(adapter)}
          </text>
          <text class="pin-name right" x={RIGHT + 12} y={y + 5}>
            {label(pad)}
          </text>
        </g>
      ))}
      {/* The reset: a touch from CEN to the ground line, drawn as an open switch. */}
      <path class="wire wire-cen" d={`M${RIGHT} ${CEN_Y} H286 M250 ${CEN_Y} H210 V186`} />
      <path class="wire switch" d={`M286 ${CEN_Y} L254 ${CEN_Y - 17}`} />
      <circle class="pin" cx={286} cy={CEN_Y} r={3.5} />
      <circle class="pin" cx={250} cy={CEN_Y} r={3.5} />
      <circle class="pin" cx={210} cy={186} r={3.5} />
      <circle class="pin" cx={RIGHT} cy={CEN_Y} r={5} />
      <text class="pin-name right" x={RIGHT + 12} y={CEN_Y + 5}>
        {words.cen}
      </text>
      <text class="pin-note" x={286} y={CEN_Y + 26}>
        {words.cenNote}
      </text>
    </svg>
  );
}

/** Which way the bytes go. */
function Arrow({ wire, y }: { readonly wire: string; readonly y: number }): VNode | undefined {
  if (wire !== "tx" && wire !== "rx") return undefined;
  const tip = wire === "tx" ? 268 : 252;
  const tail = wire === "tx" ? tip - 14 : tip + 14;
  return <path class={`arrow wire-${wire}`} d={`M${tip} ${y} L${tail} ${y - 7} V${y + 7} Z`} />;
}
