/**
 * The flash as a grid of cells, one per sector, under a strip of partitions. States differ by colour, by mark and by the
 * words that screen readers hear; arrow keys walk the sectors. Draws what it is given and decides nothing.
 */
import {
  SECTOR_BYTES,
  SECTOR_STATES,
  countStates,
  partitionsAt,
  runsOf,
  stateAt,
  type FlashMap,
  type SectorState,
} from "../../src/shared/flashMap";
import { fill, formatBytes, hexAddress, hexRange } from "../../src/shared/figures";
import type { Context } from "../viewContext";
import { h, type Child, type ElementNode } from "../dom";
import { table } from "./parts";

export function flashMap(map: FlashMap, context: Context): Child[] {
  const { strings } = context;
  return [
    partitionStrip(map),
    grid(map, context),
    h(
      "p",
      { class: "map-pointed", "aria-hidden": "true" },
      describeCell(map, context.page.pointed ?? context.page.cell, context),
    ),
    legend(map, context),
    partitionList(map, context),
    h("p", { class: "visually-hidden", id: "map-help" }, strings.map.help),
    h("details", { class: "map-table", key: "map-table" }, h("summary", {}, strings.map.table), runTable(map, context)),
  ];
}

/** "Of 512 sectors: 231 kept, 281 verified." */
export function mapSummary(map: FlashMap, { strings }: Context): string {
  const counts = countStates(map);
  const parts = SECTOR_STATES.filter((state) => counts.has(state)).map(
    (state) => `${counts.get(state) ?? 0} ${strings.sector[state]}`,
  );
  return fill(strings.map.summary, map.cells.length, parts.join(", "));
}

function describeCell(map: FlashMap, index: number, { strings }: Context): string {
  const address = Math.min(index, map.cells.length - 1) * SECTOR_BYTES;
  const state = strings.sector[stateAt(map, address)];
  const names = partitionsAt(map, address);
  return names.length === 0
    ? fill(strings.map.cell, hexAddress(address), state)
    : fill(strings.map.cellIn, hexAddress(address), state, names.join(", "));
}

function grid(map: FlashMap, context: Context): ElementNode {
  const { page, strings } = context;
  const { columns } = page;
  const starts = new Set(map.partitions.map(({ offset }) => Math.floor(offset / SECTOR_BYTES)));
  const current = Math.min(page.cell, map.cells.length - 1);
  const cell = (index: number): ElementNode => {
    const state = stateAt(map, index * SECTOR_BYTES);
    return h("div", {
      role: "gridcell",
      class: `cell state-${state}${starts.has(index) ? " starts" : ""}`,
      "data-cell": index,
      tabindex: index === current ? 0 : -1,
      "aria-label": describeCell(map, index, context),
    });
  };
  const rows = Array.from({ length: Math.ceil(map.cells.length / columns) }, (_, row) => {
    const first = row * columns;
    const length = Math.min(columns, map.cells.length - first);
    return h(
      "div",
      { role: "row", class: "map-row", style: { "--columns": String(columns) } },
      h("span", { role: "rowheader", class: "map-address mono" }, hexAddress(first * SECTOR_BYTES)),
      Array.from({ length }, (_unused, i) => cell(first + i)),
    );
  });
  const point = (event: Event): void => {
    const index = cellOf(event);
    if (index === page.pointed) return;
    page.pointed = index;
    context.repaint();
  };
  return h(
    "div",
    {
      key: "map-grid",
      role: "grid",
      class: `map-grid${columns > 40 ? " dense" : ""}`,
      "aria-label": `${fill(strings.map.caption, formatBytes(map.size), formatBytes(SECTOR_BYTES))}. ${mapSummary(map, context)}`,
      "aria-describedby": "map-help",
      on: {
        mouseover: point,
        mouseleave: point,
        focusin: (event) => focusCell(cellOf(event), context),
        keydown: (event) => walk(event as KeyboardEvent, map, context),
      },
    },
    ...rows,
  );
}

function cellOf(event: Event): number | undefined {
  if (event.type === "mouseleave") return undefined;
  const index = event.target instanceof HTMLElement ? event.target.dataset["cell"] : undefined;
  return index === undefined ? undefined : Number(index);
}

function focusCell(index: number | undefined, { page, repaint }: Context): void {
  if (index === undefined || index === page.cell) return;
  page.cell = index;
  repaint();
}

/** Where a key leads from `index`; undefined for keys that are not ours. */
function target({ key, ctrlKey }: KeyboardEvent, index: number, columns: number, last: number): number | undefined {
  const rowStart = index - (index % columns);
  switch (key) {
    case "ArrowRight":
      return index + 1;
    case "ArrowLeft":
      return index - 1;
    case "ArrowDown":
      return index + columns > last ? index : index + columns;
    case "ArrowUp":
      return index < columns ? index : index - columns;
    case "Home":
      return ctrlKey ? 0 : rowStart;
    case "End":
      return ctrlKey ? last : rowStart + columns - 1;
    default:
      return undefined;
  }
}

function walk(event: KeyboardEvent, map: FlashMap, context: Context): void {
  const last = map.cells.length - 1;
  const wanted = target(event, Math.min(context.page.cell, last), context.page.columns, last);
  if (wanted === undefined) return;
  event.preventDefault();
  context.page.pointed = undefined;
  context.page.cell = Math.min(last, Math.max(0, wanted));
  context.repaint();
  const home = event.currentTarget as Element | null;
  home?.querySelector<HTMLElement>(`[data-cell="${context.page.cell}"]`)?.focus();
}

function legend(map: FlashMap, { strings }: Context): ElementNode {
  const counts = countStates(map);
  const shown = SECTOR_STATES.filter((state) => counts.has(state));
  return h(
    "ul",
    { class: "legend", "aria-label": strings.map.legend },
    shown.map((state) =>
      h(
        "li",
        { key: state },
        h("span", { class: `cell swatch state-${state}`, "aria-hidden": "true" }),
        fill(strings.map.count, strings.sector[state], counts.get(state) ?? 0),
      ),
    ),
  );
}

/** Partitions may overlap: each goes to the first lane where it has room. */
function lanesOf(map: FlashMap): FlashMap["partitions"][] {
  const lanes: FlashMap["partitions"][number][][] = [];
  for (const partition of map.partitions) {
    const free = lanes.find((lane) => lane.every((other) => other.offset + other.length <= partition.offset));
    if (free === undefined) lanes.push([partition]);
    else free.push(partition);
  }
  return lanes;
}

/** A label needs about this share of the width. */
const ROOM_FOR_NAME = 0.07;

function partitionStrip(map: FlashMap): Child {
  if (map.partitions.length === 0) return undefined;
  const percent = (bytes: number): string => `${((100 * bytes) / map.size).toFixed(3)}%`;
  return h(
    "div",
    { class: "strip", "aria-hidden": "true" },
    lanesOf(map).map((lane) =>
      h(
        "div",
        { class: "strip-lane" },
        lane.map(({ name, offset, length }) =>
          h(
            "div",
            {
              class: "strip-part",
              title: `${name}, ${hexRange(offset, offset + length)}, ${formatBytes(length)}`,
              style: { left: percent(offset), width: percent(length) },
            },
            length / map.size >= ROOM_FOR_NAME && h("span", {}, name),
          ),
        ),
      ),
    ),
  );
}

function partitionList(map: FlashMap, { strings }: Context): Child {
  if (map.partitions.length === 0) return undefined;
  return h(
    "ul",
    { class: "partitions", "aria-label": strings.map.partitions },
    map.partitions.map(({ name, offset, length }) =>
      h(
        "li",
        {},
        h("span", { class: "partition-name" }, name),
        " ",
        h("span", { class: "mono quiet" }, hexRange(offset, offset + length)),
      ),
    ),
  );
}

function runTable(map: FlashMap, { strings }: Context): ElementNode {
  const { map: words } = strings;
  return table(
    words.heading,
    [{ heading: words.range, class: "mono" }, { heading: words.size }, { heading: words.state }],
    runsOf(map).map(({ start, end, state }) => [
      hexRange(start, Math.min(end, map.size)),
      formatBytes(Math.min(end, map.size) - start),
      stateWithMark(state, strings.sector[state]),
    ]),
  );
}

function stateWithMark(state: SectorState, text: string): ElementNode {
  return h(
    "span",
    { class: "state-line" },
    h("span", { class: `cell swatch state-${state}`, "aria-hidden": "true" }),
    text,
  );
}
