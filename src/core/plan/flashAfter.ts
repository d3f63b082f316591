/** What is known of a flash once a plan is carried out: what was read of it before, with what the plan puts there. */
import { isFilledWith } from "../base/bytes";
import { overlaps, rangeOf, type Range } from "../base/ranges";
import type { FlashSample } from "../beken/chips/types";
import type { FlashPlan } from "./flashPlan";

export class FlashAfter {
  private readonly bytes: Uint8Array;
  /** 1 for each byte that is known. */
  private readonly known: Uint8Array;

  /**
   * @param samples of the flash as it is
   * @param plan what is done to it; undefined for a flash that stays as it is
   */
  constructor(
    readonly size: number,
    samples: readonly FlashSample[],
    private readonly plan: FlashPlan | undefined,
  ) {
    this.bytes = new Uint8Array(size).fill(0xff);
    this.known = new Uint8Array(size);
    for (const { address, data } of samples) this.put(address, data);
    if (!plan) return;
    const { sectors, preserved, writes } = plan;
    const kept = preserved.map(({ start, end }) => ({
      start,
      bytes: this.bytes.slice(start, end),
      known: this.known.slice(start, end),
    }));
    for (const { start, end } of sectors) {
      this.bytes.fill(0xff, start, end);
      this.known.fill(1, start, end);
    }
    for (const { start, bytes, known } of kept) {
      this.bytes.set(bytes, start);
      this.known.set(known, start);
    }
    for (const { address, data } of writes) this.put(address, data);
  }

  /** True where the plan erases something of `range`. */
  changes(range: Range): boolean {
    return this.plan?.sectors.some((sector) => overlaps(sector, range)) ?? false;
  }

  /** The bytes of `range` as the plan leaves them; undefined unless all of them are known. */
  at(start: number, length: number): Uint8Array | undefined {
    const { end } = rangeOf(start, length);
    return end <= this.size && isFilledWith(this.known, 1, start, end) ? this.bytes.subarray(start, end) : undefined;
  }

  /** Where what is known from `start` on ends, `limit` at most; `start` itself where nothing is. */
  knownUntil(start: number, limit: number): number {
    const end = this.known.indexOf(0, start);
    return Math.min(limit, end < 0 ? this.size : end);
  }

  /** The first known byte at or behind `start`; undefined where there is none below `limit`. */
  nextKnown(start: number, limit: number): number | undefined {
    const next = this.known.indexOf(1, start);
    return next < 0 || next >= limit ? undefined : next;
  }

  private put(address: number, data: Uint8Array): void {
    const part = data.subarray(0, Math.max(0, this.size - address));
    this.bytes.set(part, address);
    this.known.fill(1, address, address + part.length);
  }
}
