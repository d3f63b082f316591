/**
 * The flash as one letter per 4 KiB sector: what a job has done to each so far. Plain text, so that it survives being
 * posted and compared. Knows addresses and states, nothing of jobs or pixels.
 */
import type { Range } from "../core/base/ranges";
import type { Partition } from "../core/beken/chips/types";

/** Bytes one cell stands for. */
export const SECTOR_BYTES = 0x1000;

/**
 * `kept` is not the job's business, `planned` waits for its turn, `erased` is blank and done with or still to be written,
 * `skipped` belongs to the file and needs no writing: blank there, or right already. `read` was copied from the chip.
 */
export type SectorState = "kept" | "planned" | "skipped" | "erased" | "written" | "verified" | "failed" | "read";

/** In the order of a legend. */
export const SECTOR_STATES: readonly SectorState[] = [
  "kept",
  "planned",
  "erased",
  "skipped",
  "written",
  "read",
  "verified",
  "failed",
];

export const SECTOR_LETTERS: Readonly<Record<SectorState, string>> = {
  kept: "k",
  planned: "p",
  skipped: "s",
  erased: "e",
  written: "w",
  verified: "v",
  failed: "f",
  read: "r",
};

const BY_LETTER = new Map(SECTOR_STATES.map((state) => [SECTOR_LETTERS[state], state]));

export interface FlashMap {
  /** Bytes of flash. */
  readonly size: number;
  /** One letter of {@link SECTOR_LETTERS} for each sector, from address 0 up. */
  readonly cells: string;
  /** Sorted by address; they may overlap, as real layouts do. */
  readonly partitions: readonly Partition[];
}

/** Sectors of one state that lie next to each other. */
export interface MapRun extends Range {
  readonly state: SectorState;
}

export function createMap(size: number, partitions: readonly Partition[]): FlashMap {
  return {
    size,
    cells: SECTOR_LETTERS.kept.repeat(Math.ceil(size / SECTOR_BYTES)),
    partitions: [...partitions].sort((a, b) => a.offset - b.offset),
  };
}

/** Every sector that `range` touches, when it is in one of the states `from` (any state without it). */
export function markRange(map: FlashMap, range: Range, to: SectorState, from?: readonly SectorState[]): FlashMap {
  const first = Math.max(0, Math.floor(range.start / SECTOR_BYTES));
  const last = Math.min(map.cells.length, Math.ceil(range.end / SECTOR_BYTES));
  if (last <= first) return map;
  const letters = from?.map((state) => SECTOR_LETTERS[state]);
  const middle = map.cells.slice(first, last);
  const marked =
    letters === undefined
      ? SECTOR_LETTERS[to].repeat(middle.length)
      : Array.from(middle, (letter) => (letters.includes(letter) ? SECTOR_LETTERS[to] : letter)).join("");
  return marked === middle ? map : { ...map, cells: map.cells.slice(0, first) + marked + map.cells.slice(last) };
}

/** Every sector in one of the states `from`. */
export function remark(map: FlashMap, from: readonly SectorState[], to: SectorState): FlashMap {
  return markRange(map, { start: 0, end: map.size }, to, from);
}

/** The state of the sector that holds `address`; `kept` outside of the flash. */
export function stateAt(map: FlashMap, address: number): SectorState {
  return BY_LETTER.get(map.cells.charAt(Math.floor(address / SECTOR_BYTES))) ?? "kept";
}

/** The map as runs of equal sectors, in order. */
export function runsOf(map: FlashMap): readonly MapRun[] {
  const runs: { state: SectorState; start: number; end: number }[] = [];
  for (let i = 0; i < map.cells.length; i++) {
    const start = i * SECTOR_BYTES;
    const state = stateAt(map, start);
    const last = runs[runs.length - 1];
    if (last?.state === state) last.end = start + SECTOR_BYTES;
    else runs.push({ state, start, end: start + SECTOR_BYTES });
  }
  return runs;
}

/** How many sectors are in each state; states without any are left out. */
export function countStates(map: FlashMap): ReadonlyMap<SectorState, number> {
  const counts = new Map<SectorState, number>();
  for (const letter of map.cells) {
    const state = BY_LETTER.get(letter) ?? "kept";
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return counts;
}

/** Names of the partitions that hold `address`. */
export function partitionsAt(map: FlashMap, address: number): readonly string[] {
  return map.partitions
    .filter(({ offset, length }) => address >= offset && address < offset + length)
    .map(({ name }) => name);
}
