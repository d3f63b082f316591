/**
 * The flash as a grid of cells, one per sector, with numbered bands above each row for the partitions that lie there. States differ by colour, by mark and by the
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

/** Whether the map shows more than any untouched flash: something done, or a plan that may still come. */
export function isTelling(map: FlashMap, isEnded: boolean): boolean {
  return [...countStates(map).keys()].some((state) => state !== "kept" && !(isEnded && state === "planned"));
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
  const lanes = lanesOf(map);
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
      {rows.map(({ first, length }) => {
        const bands = bandsIn(map, lanes, first, length);
        const cellsRow = 1 + Math.max(0, ...bands.map(({ lane }) => lane));
        return (
          <div role="row" class="map-row" style={{ "--columns": columns, "--cells-row": cellsRow }}>
            {bands.map((band) => (
              <BandView band={band} />
            ))}
            <span role="rowheader" class="map-address mono">
              {hexAddress(first * SECTOR_BYTES)}
            </span>
            {Array.from({ length }, (_, i) => (
              <div
                role="gridcell"
                class={`cell state-${stateAt(map, (first + i) * SECTOR_BYTES)}`}
                data-cell={first + i}
                tabIndex={first + i === current ? 0 : -1}
                aria-label={describeCell(map, first + i, context)}
              />
            ))}
          </div>
        );
      })}
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

/** The lane of each partition, from 1; those that overlap lie in different ones: each in the first where it has room. */
function lanesOf({ partitions }: FlashMap): readonly number[] {
  const ends: number[] = [];
  return partitions.map(({ offset, length }) => {
    const free = ends.findIndex((end) => end <= offset);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = offset + length;
    return lane + 1;
  });
}

/** A partition's stretch of one row. */
interface Band {
  /** The partition's in the list below the map, from 1. */
  readonly number: number;
  readonly partition: FlashMap["partitions"][number];
  readonly lane: number;
  /** First column, from 0. */
  readonly from: number;
  readonly span: number;
  readonly beginsHere: boolean;
}

function bandsIn(map: FlashMap, lanes: readonly number[], first: number, length: number): readonly Band[] {
  return map.partitions.flatMap((partition, i): readonly Band[] => {
    const start = Math.floor(partition.offset / SECTOR_BYTES);
    const end = Math.ceil((partition.offset + partition.length) / SECTOR_BYTES);
    const from = Math.max(start, first) - first;
    const span = Math.min(end, first + length) - first - from;
    if (span <= 0) return [];
    return [{ number: i + 1, partition, lane: lanes[i] ?? 1, from, span, beginsHere: start >= first }];
  });
}

/** The number always has room: it is no wider than a cell. The name is left to the list where it would be cut. */
function BandView({ band: { number, partition, lane, from, span, beginsHere } }: { readonly band: Band }): VNode {
  const { name, offset, length } = partition;
  return (
    <span
      class={`band${beginsHere ? " begins" : ""}`}
      aria-hidden="true"
      title={`${name}, ${hexRange(offset, offset + length)}, ${formatBytes(length)}`}
      style={{ "--lane": lane, "--from": from, "--span": span }}
    >
      <span class="band-number">{number}</span>
      {2 * span >= name.length + 4 && ` ${name}`}
    </span>
  );
}

function PartitionList({ map, context: { strings } }: MapProps): VNode | undefined {
  if (map.partitions.length === 0) return undefined;
  return (
    <ul class="partitions" aria-label={strings.map.partitions}>
      {map.partitions.map(({ name, offset, length }, i) => (
        <li>
          <span class="band-number" aria-hidden="true">
            {i + 1}
          </span>{" "}
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
