/**
 * What sectors held of which a plan keeps a part, and so what each sector of the plan is to hold. Read before the first erase,
 * unless an interrupted job left it or the chip's CRC has told. Changes nothing.
 */
import { equalBytes, isFilledWith } from "../base/bytes";
import { crc32 } from "../base/checksum";
import { overlaps, rangeOf, type Range } from "../base/ranges";
import type { FlashGeometry } from "../beken/chips/types";
import type { FlashPlan } from "../plan/flashPlan";
import { preservedSectors, sectorContent } from "../plan/planWrite";
import type { SectorContent } from "./compareSectors";
import type { JobContext } from "../driver/jobContext";
import type { JobEvent, Run } from "./events";
import { readSectors } from "./readFlash";

export class PreservedSectors {
  private readonly before = new Map<number, Uint8Array>();
  private readonly sectors: readonly number[];
  private readonly blank: Uint8Array;
  /** Sectors whose content the chip no longer has. */
  private readonly onlyInJournal = new Set<number>();
  /** Sectors of which the chip holds something newer than the journal. */
  private readonly newer = new Set<number>();

  /**
   * @param journal of an interrupted job, what sectors held that it may have erased
   * @param proven those of them that it had written back, and proven
   */
  constructor(
    private readonly plan: FlashPlan,
    private readonly journal: ReadonlyMap<number, Uint8Array> = new Map(),
    private readonly proven: ReadonlySet<number> = new Set(),
  ) {
    this.sectors = preservedSectors(plan);
    this.blank = new Uint8Array(plan.geometry.sector).fill(0xff);
  }

  /** For writing: what was to be kept and is not known is an error. */
  readonly content: SectorContent = (address) => sectorContent(this.plan, address, this.before.get(address));

  /**
   * For comparing: bytes that are kept and not known yet count as blank, which behind an application they nearly always are. A
   * sector of which the chip's CRC agrees to that needs no reading.
   */
  readonly supposed: SectorContent = (address) =>
    sectorContent(this.plan, address, this.before.get(address) ?? this.blank);

  /**
   * Decides, sector by sector, between the journal and the chip: the journal's bytes go only where nothing is, or where an erase or a
   * write that was stopped or damaged can have left what is there. Whatever else the chip holds was put there since. Must come before the first erase.
   */
  async *settle(context: JobContext): Run<void> {
    const inQuestion = this.sectors.filter((address) => this.journal.has(address));
    if (inQuestion.length === 0) return;
    for (const [address, onChip] of yield* readSectors(context, inQuestion)) {
      const kept = this.journal.get(address) as Uint8Array;
      const sector = onChip.slice();
      for (const { start, end } of stretchesIn(this.plan, address)) {
        const [now, then] = [onChip.subarray(start, end), kept.subarray(start, end)];
        if (equalBytes(now, then)) continue;
        const isLeft = this.proven.has(address)
          ? isFilledWith(now, 0xff)
          : mayBeLeftOf(now, then, start, this.plan.geometry);
        if (isLeft) {
          sector.set(then, start);
          this.onlyInJournal.add(address);
        } else this.newer.add(address);
      }
      this.before.set(address, sector);
    }
  }

  /**
   * Reads what is not known. Must come before the first erase.
   * @param same addresses of sectors shown to hold what was supposed; those that turn out to be right as well are added
   */
  async *readRest(context: JobContext, same: Set<number>): Run<void> {
    const unknown = this.sectors.filter((address) => !this.before.has(address));
    for (const address of unknown.filter((each) => same.has(each))) this.before.set(address, this.supposed(address));
    const toRead = unknown.filter((address) => !same.has(address));
    if (toRead.length === 0) return;
    for (const [address, bytes] of yield* readSectors(context, toRead)) {
      this.before.set(address, bytes);
      if (equalBytes(this.content(address), bytes)) same.add(address);
    }
  }

  /** After a gap in the link nothing of it is sure: its firmware has run, or it is another chip. */
  async *readAgain(context: JobContext): Run<void> {
    this.before.clear();
    this.onlyInJournal.clear();
    this.newer.clear();
    yield* this.settle(context);
    yield* this.readRest(context, new Set());
  }

  /** For whoever wants to resume; see the event. */
  told(): JobEvent {
    const touched = this.sectors.filter((address) => this.onlyInJournal.has(address));
    return { type: "kept", plan: this.plan, before: this.before, touched, newer: [...this.newer] };
  }

  /** CRC-32 of what was read of sectors, by address; of those of which nothing is lost, whatever becomes of them. */
  crcs(): [number, number][] {
    return this.sectors.flatMap((address): [number, number][] => {
      const before = this.onlyInJournal.has(address) ? undefined : this.before.get(address);
      const keepsNothing = before && equalBytes(this.content(address), sectorContent(this.plan, address, this.blank));
      return keepsNothing ? [[address, crc32(before)]] : [];
    });
  }
}

/** What of the sector at `address` the plan keeps: places in the sector. */
function stretchesIn({ preserved, geometry }: FlashPlan, address: number): Range[] {
  const sector = rangeOf(address, geometry.sector);
  return preserved
    .filter((range) => overlaps(range, sector))
    .map(({ start, end }) => ({ start: Math.max(start - address, 0), end: Math.min(end - address, geometry.sector) }));
}

/** Where an erase was stopped, cells in so many bytes may be anything between what they were and blank. */
const HALF_ERASED = 0x400;
/** Fewer bytes than this, changed in place, are an update rather than an erase that was stopped at the start of the sector. */
const AN_UPDATE = 16;

/**
 * Whether an erase, or a write of `kept`, that was stopped in the middle can have left `now`: an erase only raises bits, a write
 * only lowers those that `kept` has low, and both go from the front.
 * @param offset of the stretch in its sector
 */
export function mayBeLeftOf(
  now: Uint8Array,
  kept: Uint8Array,
  offset: number,
  { page }: Pick<FlashGeometry, "page">,
): boolean {
  return isCutShort(now, kept, offset, page) || isMoved(now, kept);
}

function isCutShort(now: Uint8Array, kept: Uint8Array, offset: number, page: number): boolean {
  let first = -1;
  let last = -1;
  let changed = 0;
  for (const [i, byte] of now.entries()) {
    const before = kept[i] as number;
    if ((byte & before) !== before) return false;
    if (byte === before) continue;
    if (first < 0) first = i;
    last = i;
    changed++;
  }
  if (changed === 0) return true;
  // A write was stopped: as wanted, a page that was being programmed, nothing behind it.
  if (isFilledWith(now, 0xff, Math.min(now.length, first + page))) return true;
  // An erase was stopped: blank, a few cells in between, and behind them all as it was.
  let blank = 0;
  while (blank < now.length && now[blank] === 0xff) blank++;
  if (blank > 0) return last < blank + HALF_ERASED;
  return offset + last < HALF_ERASED && changed >= AN_UPDATE;
}

/** By so many places bytes are moved where others before them were lost or doubled on the wire. */
const MOVED_BY = 32;
/** So many bytes in a row are no coincidence. */
const ALIKE = 8;

/** A write whose bytes were lost or doubled on their way: nearly all are there, from some place on moved, or not at all. */
function isMoved(now: Uint8Array, kept: Uint8Array): boolean {
  const agrees = (i: number, by: number): boolean => {
    for (let k = i; k < Math.min(now.length, i + ALIKE); k++) if (now[k] !== kept[k + by]) return false;
    return true;
  };
  let by = 0;
  let moved = 0;
  let foreign = 0;
  for (let i = 0; i < now.length; i++) {
    if (now[i] !== kept[i + by]) {
      let other = -MOVED_BY;
      while (other <= MOVED_BY && !agrees(i, other)) other++;
      if (other > MOVED_BY) {
        if (now[i] !== 0xff) foreign++;
        continue;
      }
      by = other;
    }
    if (by !== 0) moved++;
  }
  return moved >= 2 * ALIKE && 20 * foreign <= now.length;
}
