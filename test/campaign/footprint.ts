/**
 * What a job may do to a flash, worked out from file, chip and request alone, and never from the product's own plan: the sectors
 * that it may erase and write, and which bytes of them are not its own and must be kept. Places are bytes of physical flash.
 */
import { SECTOR, type Patch } from "./medium";

interface Stretch {
  readonly start: number;
  /** Not included. */
  readonly end: number;
}

export class Footprint {
  private readonly stretches: readonly Stretch[];
  readonly sectors: ReadonlySet<number>;
  /** Its first sector and its last. */
  readonly edges: readonly number[];

  /** @param own what the job is asked to put into the flash */
  constructor(own: readonly Stretch[]) {
    this.stretches = own.filter(({ start, end }) => start < end);
    const sectors = new Set<number>();
    for (const { start, end } of this.stretches)
      for (let at = start - (start % SECTOR); at < end; at += SECTOR) sectors.add(at);
    this.sectors = sectors;
    const order = [...sectors].sort((a, b) => a - b);
    this.edges = order.length === 0 ? [] : [order[0] as number, order[order.length - 1] as number];
  }

  static of(patches: readonly Patch[]): Footprint {
    return new Footprint(patches.map(({ at, bytes }) => ({ start: at, end: at + bytes.length })));
  }

  /** Everything of `[start, end)` but some sectors. */
  static between(start: number, end: number, but: readonly number[]): Footprint {
    const sectors = [];
    for (let at = start; at < end; at += SECTOR) if (!but.includes(at)) sectors.push({ start: at, end: at + SECTOR });
    return new Footprint(sectors);
  }

  /** True when all of `[start, end)` lies in sectors that it may change. */
  covers(start: number, end: number): boolean {
    for (let at = start - (start % SECTOR); at < end; at += SECTOR) if (!this.sectors.has(at)) return false;
    return true;
  }

  /** The parts of a sector that are its own. */
  ownIn(sector: number): readonly Stretch[] {
    return this.stretches
      .map(({ start, end }) => ({ start: Math.max(start, sector), end: Math.min(end, sector + SECTOR) }))
      .filter(({ start, end }) => start < end);
  }

  /** The parts of a sector that it may change and must keep. */
  keptIn(sector: number): readonly Stretch[] {
    const kept: Stretch[] = [];
    let from = sector;
    for (const { start, end } of [...this.ownIn(sector)].sort((a, b) => a.start - b.start)) {
      if (start > from) kept.push({ start: from, end: start });
      from = Math.max(from, end);
    }
    if (from < sector + SECTOR) kept.push({ start: from, end: sector + SECTOR });
    return kept;
  }
}

/** Of a job that only reads, or must be refused. */
export const NOWHERE = new Footprint([]);
