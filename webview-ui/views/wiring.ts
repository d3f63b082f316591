/**
 * The wiring as a drawing: which pin of the adapter goes to which pad of the chip. Facts of the board are few and the
 * same for the whole family (UART1 on P10 and P11, reset on CEN: docs/protocol.md); adapters differ in their supply.
 */
import { fill } from "../../src/shared/figures";
import type { PortView } from "../../src/shared/messages";
import type { ChipView } from "../../src/shared/views";
import type { Context } from "../viewContext";
import { h, type Child, type ElementNode } from "../dom";
import { card } from "./parts";

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

export function wiring(port: WiringPort | undefined, chip: ChipView | undefined, context: Context): Child {
  if (port?.practice === true) return undefined;
  const { wiring: words } = context.strings;
  const heading = chip?.name === undefined ? words.heading : fill(words.headingChip, chip.name);
  return card(
    { id: "wiring", heading },
    h(
      "div",
      { class: "wiring-layout" },
      drawing(port, chip, context),
      h(
        "div",
        { class: "stack" },
        h("p", { class: "warning-line" }, words.warning),
        h(
          "ul",
          { class: "hints" },
          hints(port, context).map((hint) => h("li", {}, hint)),
        ),
      ),
    ),
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

function drawing(port: WiringPort | undefined, chip: ChipView | undefined, { strings }: Context): ElementNode {
  const { wiring: words } = strings;
  const adapterName = port?.adapter ?? words.adapter;
  const label = (name: string): string => {
    if (name === "gnd") return words.gnd;
    if (name === "power") return words.power;
    return name === "powerChip" ? words.powerChip : name;
  };
  return h(
    "svg",
    { class: "wiring", viewBox: "0 0 520 262", role: "img", "aria-labelledby": "wiring-title wiring-text" },
    h("title", { id: "wiring-title" }, words.heading),
    h("desc", { id: "wiring-text" }, words.description),
    h("rect", { class: "device", x: 14, y: 14, width: LEFT - 14, height: 206, rx: 6 }),
    h("text", { class: "device-name", x: 14 + (LEFT - 14) / 2, y: 38 }, adapterName),
    h("rect", { class: "device", x: RIGHT, y: 14, width: 136, height: 240, rx: 6 }),
    h("text", { class: "device-name", x: RIGHT + 68, y: 38 }, chip?.name ?? words.chip),
    PINS.flatMap(({ y, adapter, chip: pad, wire }) => [
      h("path", { class: `wire wire-${wire}`, d: `M${LEFT} ${y} H${RIGHT}` }),
      ...arrow(wire, y),
      h("circle", { class: "pin", cx: LEFT, cy: y, r: 5 }),
      h("circle", { class: "pin", cx: RIGHT, cy: y, r: 5 }),
      h("text", { class: "pin-name left", x: LEFT - 12, y: y + 5 }, label(adapter)),
      h("text", { class: "pin-name right", x: RIGHT + 12, y: y + 5 }, label(pad)),
    ]),
    // The reset: a touch from CEN to the ground line, drawn as an open switch.
    h("path", { class: "wire wire-cen", d: `M${RIGHT} ${CEN_Y} H286 M250 ${CEN_Y} H210 V186` }),
    h("path", { class: "wire switch", d: `M286 ${CEN_Y} L254 ${CEN_Y - 17}` }),
    h("circle", { class: "pin", cx: 286, cy: CEN_Y, r: 3.5 }),
    h("circle", { class: "pin", cx: 250, cy: CEN_Y, r: 3.5 }),
    h("circle", { class: "pin", cx: 210, cy: 186, r: 3.5 }),
    h("circle", { class: "pin", cx: RIGHT, cy: CEN_Y, r: 5 }),
    h("text", { class: "pin-name right", x: RIGHT + 12, y: CEN_Y + 5 }, words.cen),
    h("text", { class: "pin-note", x: 286, y: CEN_Y + 26 }, words.cenNote),
  );
}

/** Which way the bytes go. */
function arrow(wire: string, y: number): ElementNode[] {
  if (wire !== "tx" && wire !== "rx") return [];
  const tip = wire === "tx" ? 268 : 252;
  const tail = wire === "tx" ? tip - 14 : tip + 14;
  return [h("path", { class: `arrow wire-${wire}`, d: `M${tip} ${y} L${tail} ${y - 7} V${y + 7} Z` })];
}
