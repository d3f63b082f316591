/**
 * The wiring as a drawing: which pin of adapter and supply goes to which pad of the chip. Facts of the board are few and the
 * same for the whole family (UART1 on P10 and P11, reset on CEN: docs/protocol.md). The chip has a supply of its own: what
 * USB-to-serial chips give at 3.3 V is too little for a radio.
 */
import type { VNode } from "preact";
import { fill } from "../../src/shared/figures";
import type { LinkView } from "../../src/shared/jobState";
import type { PortView } from "../../src/shared/messages";
import type { ChipView } from "../../src/shared/views";
import type { Context } from "../viewContext";
import { Card, Lines } from "./parts";

type WiringPort = Pick<PortView, "id" | "adapter" | "practice">;

/** Pins top to bottom; these wires run straight across. */
const PINS = [
  { y: 66, from: "TX", chip: "RX1 (P10)", wire: "tx" },
  { y: 106, from: "RX", chip: "TX1 (P11)", wire: "rx" },
  { y: 146, from: "gnd", chip: "gnd", wire: "gnd" },
  { y: 262, from: "power", chip: "powerChip", wire: "power" },
] as const;

const LEFT = 150;
const RIGHT = 370;
const GND_Y = 146;
const CEN_Y = 186;
const SUPPLY_GND_Y = 230;
const LOG_Y = 228;

export interface WiringProps {
  readonly port: WiringPort | undefined;
  readonly chip: ChipView | undefined;
  /** Which UART carries the log of what was flashed; undefined: nothing was, and almost all firmware has it on UART2. */
  readonly logUart: 1 | 2 | undefined;
  /** What is on the wire while a chip is waited for: where to look is drawn thicker. */
  readonly wire?: LinkView["wire"] | undefined;
  readonly context: Context;
}

/** Where to look, as paths of the drawing. */
const LOOK_AT: Readonly<Record<LinkView["wire"], string>> = {
  silence: "M150 106 H370 M150 146 H370 M150 262 H370",
  noise: "M150 146 H370",
  echo: "M205 66 V106 M195 66 H215 M195 106 H215",
  crossed: "M150 66 L370 106 M150 106 L370 66",
  "log-text": "M370 228 H336 L150 106",
  "other-speed": "M150 106 H370",
  held: "M370 186 H296 M260 186 H226 V146",
};

export function Wiring({ port, chip, logUart = 2, wire, context }: WiringProps): VNode | undefined {
  if (port?.practice === true) return undefined;
  const { wiring: words } = context.strings;
  return (
    <Card id="wiring" heading={chip?.name === undefined ? words.heading : fill(words.headingChip, chip.name)}>
      <div class="wiring-layout">
        <Drawing port={port} chip={chip} logUart={logUart} wire={wire} context={context} />
        <div class="stack">
          <p class="warning-line">{words.warning}</p>
          <Lines name="hints" lines={hints(port, chip, logUart, context)} />
        </div>
      </div>
    </Card>
  );
}

const isNetwork = (port: WiringPort | undefined): boolean => port?.id.includes("://") ?? false;

function hints(
  port: WiringPort | undefined,
  chip: ChipView | undefined,
  logUart: 1 | 2,
  { strings }: Context,
): string[] {
  const { wiring: words } = strings;
  const adapter = port?.adapter ?? "";
  return [
    words.swapped,
    words.pinsModule,
    ...(isNetwork(port) ? [words.network] : []),
    // The 3.3 V pin of these comes from the adapter chip itself: 50 mA, or 100 at best (their data sheets).
    /^(FT|CP21|PL2303)/.test(adapter) ? words.supplyWeak : words.supplyMaybe,
    ...(/^(FT232|CH34)/.test(adapter) ? [words.ftdiLevel] : []),
    logUart === 1 ? words.logSame : words.logOther,
    ...(logUart === 2 && BOOTS_ON_UART1.includes(chip?.id ?? "") ? [words.logBoot] : []),
  ];
}

/** Their boot code prints where they are flashed, their applications do not. */
const BOOTS_ON_UART1: readonly string[] = ["bk7238", "bk7252n"];

function Drawing({ port, chip, logUart, wire, context: { strings } }: WiringProps): VNode {
  const { wiring: words } = strings;
  const label = (name: string): string => {
    if (name === "gnd") return words.gnd;
    if (name === "power") return words.power;
    return name === "powerChip" ? words.powerChip : name;
  };
  return (
    <svg class="wiring" viewBox="0 0 520 302" role="img" aria-labelledby="wiring-title wiring-text">
      <title id="wiring-title">{words.heading}</title>
      <desc id="wiring-text">
        {wire === undefined ? words.description : `${strings.wire[wire]} ${words.description}`}
      </desc>
      <Box x={14} y={14} width={LEFT - 14} height={158} name={port?.adapter ?? words.adapter} />
      <Box x={14} y={186} width={LEFT - 14} height={102} name={words.supply} />
      <Box x={RIGHT} y={14} width={136} height={274} name={chip?.name ?? words.chip} />
      {PINS.map(({ y, from, chip: pad, wire }) => (
        <g>
          <path class={`wire wire-${wire}`} d={`M${LEFT} ${y} H${RIGHT}`} />
          <Arrow wire={wire} y={y} />
          <Pin side="left" y={y} name={label(from)} />
          <Pin side="right" y={y} name={label(pad)} />
        </g>
      ))}
      <path class="wire wire-gnd" d={`M${LEFT} ${SUPPLY_GND_Y} H190 V${GND_Y}`} />
      <circle class="pin" cx={190} cy={GND_Y} r={3.5} />
      <Pin side="left" y={SUPPLY_GND_Y} name={words.gnd} />
      {wire !== undefined && <path class={`look-at look-at-${wire}`} d={LOOK_AT[wire]} />}
      {/* The reset: a touch from CEN to the ground line, drawn as an open switch. */}
      <path class="wire wire-cen" d={`M${RIGHT} ${CEN_Y} H296 M260 ${CEN_Y} H226 V${GND_Y}`} />
      <path class="wire switch" d={`M296 ${CEN_Y} L264 ${CEN_Y - 17}`} />
      <circle class="pin" cx={296} cy={CEN_Y} r={3.5} />
      <circle class="pin" cx={260} cy={CEN_Y} r={3.5} />
      <circle class="pin" cx={226} cy={GND_Y} r={3.5} />
      <Pin side="right" y={CEN_Y} name={words.cen} />
      <text class="pin-note" x={282} y={CEN_Y + 26}>
        {words.cenNote}
      </text>
      {logUart === 2 && (
        <>
          <path class="wire wire-log" d={`M${RIGHT} ${LOG_Y} H336`} />
          <Pin side="right" y={LOG_Y} name="TX2 (P0)" />
          <text class="pin-note" x={312} y={LOG_Y + 5}>
            {words.logNote}
          </text>
        </>
      )}
    </svg>
  );
}

interface BoxProps {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly name: string;
}

function Box({ x, y, width, height, name }: BoxProps): VNode {
  return (
    <>
      <rect class="device" x={x} y={y} width={width} height={height} rx={6} />
      <text class="device-name" x={x + width / 2} y={y + 24}>
        {name}
      </text>
    </>
  );
}

interface PinProps {
  /** Of the drawing: on the left are adapter and supply, on the right the chip. */
  readonly side: "left" | "right";
  readonly y: number;
  readonly name: string;
}

function Pin({ side, y, name }: PinProps): VNode {
  const x = side === "left" ? LEFT : RIGHT;
  return (
    <>
      <circle class="pin" cx={x} cy={y} r={5} />
      <text class={`pin-name ${side}`} x={side === "left" ? x - 12 : x + 12} y={y + 5}>
        {name}
      </text>
    </>
  );
}

/** Which way the bytes go. */
function Arrow({ wire, y }: { readonly wire: string; readonly y: number }): VNode | undefined {
  if (wire !== "tx" && wire !== "rx") return undefined;
  const tip = wire === "tx" ? 268 : 252;
  const tail = wire === "tx" ? tip - 14 : tip + 14;
  return <path class={`arrow wire-${wire}`} d={`M${tip} ${y} L${tail} ${y - 7} V${y + 7} Z`} />;
}
