/**
 * Which blocks of 64 KiB of a read are complete, and telling each once, whatever order their sectors come in: a caller
 * that stores them can go on from them. Knows no chip.
 */
import { BACKUP_BLOCK } from "../backup/manifest";
import { overlaps, rangeOf, split, type Range } from "../base/ranges";
import type { JobEvent } from "./events";

export class BlockEvents {
  /** Of which something comes from the chip. */
  readonly read: readonly Range[];
  private readonly missing = new Map<number, number>();

  /**
   * @param data the flash from address 0; filled by others before they tell
   * @param blocks in pieces that do not cross multiples of 64 KiB
   * @param left what of them is still to come
   */
  constructor(
    private readonly data: Uint8Array,
    private readonly blocks: readonly Range[],
    left: readonly Range[],
  ) {
    const pieces = split(left, BACKUP_BLOCK);
    for (const { start, end } of pieces) this.miss(start, end - start);
    this.read = blocks.filter((block) => pieces.some((piece) => overlaps(block, piece)));
  }

  /** The blocks of which nothing is missing from the start. */
  *complete(): Generator<JobEvent> {
    for (const block of this.blocks) if (!this.read.includes(block)) yield this.event(block);
  }

  /** `length` more bytes at `address` are in their place. */
  *tell({ address, length }: { readonly address: number; readonly length: number }): Generator<JobEvent> {
    for (const { start, end } of split([rangeOf(address, length)], BACKUP_BLOCK)) {
      if (this.miss(start, start - end) > 0) continue;
      const block = this.blocks.find((each) => overlaps(each, { start, end }));
      if (block) yield this.event(block);
    }
  }

  /** @returns how many bytes of the block around `address` are missing now */
  private miss(address: number, length: number): number {
    const block = Math.floor(address / BACKUP_BLOCK);
    const missing = (this.missing.get(block) ?? 0) + length;
    this.missing.set(block, missing);
    return missing;
  }

  private event({ start, end }: Range): JobEvent {
    return { type: "block", start, data: this.data.slice(start, end) };
  }
}
