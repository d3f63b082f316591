/** What is known of a flash once a plan is carried out: what was read of it before, with what the plan puts there. */
import { alignDown } from "../base/bytes";
import { contains, overlaps, rangeOf, type Range } from "../base/ranges";
import type { FlashSample } from "../beken/chips/types";
import type { KnownFlash } from "../beken/images/knownFlash";
import type { FlashPlan } from "./flashPlan";

/** What is known is kept in pieces of so many bytes; nothing follows from where one ends. */
const PIECE = 0x1000;

/** A piece of which something is known. */
interface Part {
  readonly bytes: Uint8Array;
  /** 1 for each byte that is known. */
  readonly known: Uint8Array;
}

export class FlashAfter implements KnownFlash {
  /** By address; little is known of most flashes. */
  private readonly parts = new Map<number, Part>();

  /**
   * @param samples of the flash as it is
   * @param plan what is done to it; undefined for a flash that stays as it is
   */
  constructor(
    readonly size: number,
    samples: readonly FlashSample[],
    private readonly plan: FlashPlan | undefined,
  ) {
    for (const { address, data } of samples) this.put(address, data);
    if (!plan) return;
    const { sectors, preserved, writes } = plan;
    const kept = preserved.flatMap((range) => this.knownIn(range));
    for (const { start, end } of sectors)
      this.each(start, end, ({ bytes, known }, from, to) => {
        bytes.fill(0xff, from, to);
        known.fill(1, from, to);
      });
    for (const { start, end } of preserved)
      this.each(start, end, ({ known }, from, to) => void known.fill(0, from, to), false);
    for (const { address, data } of [...kept, ...writes]) this.put(address, data);
  }

  /** True where the plan erases something of `range`. */
  changes(range: Range): boolean {
    return this.plan?.sectors.some((sector) => overlaps(sector, range)) ?? false;
  }

  /** The bytes of `range` as the plan leaves them; undefined unless all of them are known. */
  at(start: number, length: number): Uint8Array | undefined {
    const { end } = rangeOf(start, length);
    if (end > this.size || this.knownUntil(start, end) < end) return undefined;
    const part = this.parts.get(alignDown(start, PIECE));
    if (part && contains(rangeOf(alignDown(start, PIECE), PIECE), { start, end }))
      return part.bytes.subarray(start % PIECE, (start % PIECE) + length);
    const bytes = new Uint8Array(length);
    this.each(start, end, (each, from, to, at) => bytes.set(each.bytes.subarray(from, to), at - start), false);
    return bytes;
  }

  /** Where what is known from `start` on ends, `limit` at most; `start` itself where nothing is. */
  knownUntil(start: number, limit: number): number {
    return this.first(0, start, Math.min(limit, this.size)) ?? Math.min(limit, this.size);
  }

  /** The first known byte at or behind `start`; undefined where there is none below `limit`. */
  nextKnown(start: number, limit: number): number | undefined {
    return this.first(1, start, limit);
  }

  /** The first byte of `[start, end)` that is known, or is not; undefined where there is none. */
  private first(known: 0 | 1, start: number, end: number): number | undefined {
    for (let at = start; at < end; at = alignDown(at, PIECE) + PIECE) {
      const part = this.parts.get(alignDown(at, PIECE));
      if (!part && known === 0) return at;
      const found = part ? part.known.indexOf(known, at % PIECE) : -1;
      if (found >= 0) return alignDown(at, PIECE) + found < end ? alignDown(at, PIECE) + found : undefined;
    }
    return undefined;
  }

  /** What is known in `range`, in pieces. */
  private knownIn({ start, end }: Range): FlashSample[] {
    const pieces: FlashSample[] = [];
    for (let from = this.first(1, start, end); from !== undefined;) {
      const to = this.knownUntil(from, end);
      pieces.push({ address: from, data: (this.at(from, to - from) as Uint8Array).slice() });
      from = this.first(1, to, end);
    }
    return pieces;
  }

  private put(address: number, data: Uint8Array): void {
    this.each(address, Math.min(address + data.length, this.size), ({ bytes, known }, from, to, at) => {
      bytes.set(data.subarray(at - address, at - address + to - from), from);
      known.fill(1, from, to);
    });
  }

  /**
   * Visits the pieces of `[start, end)` with the bytes of each that are in it, and the address of the first of those.
   * @param make where nothing is known yet too
   */
  private each(
    start: number,
    end: number,
    visit: (part: Part, from: number, to: number, at: number) => void,
    make = true,
  ): void {
    for (let at = start; at < end;) {
      const piece = alignDown(at, PIECE);
      const to = Math.min(end, piece + PIECE);
      let part = this.parts.get(piece);
      if (!part && make) this.parts.set(piece, (part = { bytes: new Uint8Array(PIECE), known: new Uint8Array(PIECE) }));
      if (part) visit(part, at - piece, to - piece, at);
      at = to;
    }
  }
}
