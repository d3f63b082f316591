/**
 * The flash as a grid of cells, one per sector, under a strip of partitions. States differ by colour, by mark and by the
 * words that screen readers hear; arrow keys walk the sectors. Draws what it is given and decides nothing.
 */
import type { VNode } from "preact";
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
import { Table } from "./parts";

export interface MapProps {
  readonly map: FlashMap;
  readonly context: Context;
}

export function FlashMapView({ map, context }: MapProps): VNode {
  const { strings, page } = context;
  return (
    <>
      <PartitionStrip map={map} />
      <Grid map={map} context={context} />
      <p class="map-pointed" aria-hidden="true">
        {describeCell(map, page.pointed ?? page.cell, context)}
      </p>
      <Legend map={map} context={context} />
      <PartitionList map={map} context={context} />
      <p class="visually-hidden" id="map-help">
        {strings.map.help}
      </p>
      <details class="map-table">
        <summary>{strings.map.table}</summary>
        <RunTable map={map} context={context} />
      </details>
    </>
  );
}

/** "Of 512 sectors: 231 kept, 281 verified." */
function mapSummary(map: FlashMap, { strings }: Context): string {
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

function Grid({ map, context }: MapProps): VNode {
  const { page, strings } = context;
  const { columns } = page;
  const starts = new Set(map.partitions.map(({ offset }) => Math.floor(offset / SECTOR_BYTES)));
  const current = Math.min(page.cell, map.cells.length - 1);
  const rows = Array.from({ length: Math.ceil(map.cells.length / columns) }, (_, row) => {
    const first = row * columns;
    return { first, length: Math.min(columns, map.cells.length - first) };
  });
  const point = (event: Event): void => {
    const index = cellOf(event);
    if (index === page.pointed) return;
    page.pointed = index;
    context.repaint();
  };
  return (
    <div
      role="grid"
      class={`map-grid${columns > 40 ? " dense" : ""}`}
      aria-label={`${fill(strings.map.caption, formatBytes(map.size), formatBytes(SECTOR_BYTES))}. ${mapSummary(map, context)}`}
      aria-describedby="map-help"
      onMouseOver={point}
      onMouseLeave={point}
      onFocusIn={(event) => focusCell(cellOf(event), context)}
      onKeyDown={(event) => walk(event, map, context)}
    >
      {rows.map(({ first, length }) => (
        <div role="row" class="map-row" style={{ "--columns": columns }}>
          <span role="rowheader" class="map-address mono">
            {hexAddress(first * SECTOR_BYTES)}
          </span>
          {Array.from({ length }, (_, i) => (
            <div
              role="gridcell"
              class={`cell state-${stateAt(map, (first + i) * SECTOR_BYTES)}${starts.has(first + i) ? " starts" : ""}`}
              data-cell={first + i}
              tabIndex={first + i === current ? 0 : -1}
              aria-label={describeCell(map, first + i, context)}
            />
          ))}
        </div>
      ))}
    </div>
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

function Legend({ map, context: { strings } }: MapProps): VNode {
  const counts = countStates(map);
  return (
    <ul class="legend" aria-label={strings.map.legend}>
      {SECTOR_STATES.filter((state) => counts.has(state)).map((state) => (
        <li key={state}>
          <Swatch state={state} />
          {fill(strings.map.count, strings.sector[state], counts.get(state) ?? 0)}
        </li>
      ))}
    </ul>
  );
}

function Swatch({ state }: { readonly state: SectorState }): VNode {
  return <span class={`cell swatch state-${state}`} aria-hidden="true" />;
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

function PartitionStrip({ map }: { readonly map: FlashMap }): VNode | undefined {
  if (map.partitions.length === 0) return undefined;
  const percent = (bytes: number): string => `${((100 * bytes) / map.size).toFixed(3)}%`;
  return (
    <div class="strip" aria-hidden="true">
      {lanesOf(map).map((lane) => (
        <div class="strip-lane">
          {lane.map(({ name, offset, length }) => (
            <div
              class="strip-part"
              title={`${name}, ${hexRange(offset, offset + length)}, ${formatBytes(length)}`}
              style={{ left: percent(offset), width: percent(length) }}
            >
              {length / map.size >= ROOM_FOR_NAME && <span>{name}</span>}
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}

function PartitionList({ map, context: { strings } }: MapProps): VNode | undefined {
  if (map.partitions.length === 0) return undefined;
  return (
    <ul class="partitions" aria-label={strings.map.partitions}>
      {map.partitions.map(({ name, offset, length }) => (
        <li>
          <span class="partition-name">{name}</span> <span class="mono quiet">{hexRange(offset, offset + length)}</span>
        </li>
      ))}
    </ul>
  );
}

function RunTable({ map, context: { strings } }: MapProps): VNode {
  const { map: words } = strings;
  return (
    <Table
      label={words.heading}
      columns={[{ heading: words.range, class: "mono" }, { heading: words.size }, { heading: words.state }]}
      rows={runsOf(map).map(({ start, end, state }) => [
        hexRange(start, Math.min(end, map.size)),
        formatBytes(Math.min(end, map.size) - start),
        <span class="state-line">
          <Swatch state={state} />
          {strings.sector[state]}
        </span>,
      ])}
    />
  );
}
