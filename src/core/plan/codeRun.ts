/** Follows code in CRC-16 blocks through what is known of a flash: does it end in order, or where is it damaged? */
import { alignUp, isFilledWith } from "../base/bytes";
import { BLOCK_DATA, BLOCK_SIZE, blockState } from "../beken/images/crcBlocks";
import type { FlashAfter } from "./flashAfter";

export type CodeRun =
  | { readonly state: "ends" }
  /** Cut off, or with damaged blocks in between. */
  | { readonly state: "damaged"; readonly at: number }
  /** What is known of it is in order. */
  | { readonly state: "open" };

/** Blocks behind a bad one that tell damage from the end of the code. */
const LOOK_AHEAD = 32;
const ENOUGH_GOOD = 8;

/**
 * @param start physical address of the first block
 * @param limit where its partition ends
 * @param strict true where nothing but FF may follow the code: boot code has its area for itself, behind an application old data may lie
 */
export function followCode(flash: FlashAfter, start: number, limit: number, strict: boolean): CodeRun {
  let filler = false;
  for (let at = start; at + BLOCK_SIZE <= limit;) {
    const block = flash.at(at, BLOCK_SIZE);
    if (!block) {
      const next = flash.nextKnown(Math.max(at + 1, flash.knownUntil(at, limit)), limit);
      if (next === undefined) return { state: "open" };
      at = start + alignUp(next - start, BLOCK_SIZE);
      filler = false;
      continue;
    }
    const state = blockState(block, 0);
    // The packager's own end, whatever lies behind it.
    if (state === "erased" || (state === "bad" && filler)) return { state: "ends" };
    if (state === "bad")
      return strict || isCutOrDamaged(flash, at, limit) ? { state: "damaged", at } : { state: "ends" };
    filler = isFilledWith(block, 0xff, 0, BLOCK_DATA);
    at += BLOCK_SIZE;
  }
  return { state: "ends" };
}

/** A block that does not hold, and good ones go on behind it, or nothing but erased flash does. */
function isCutOrDamaged(flash: FlashAfter, bad: number, limit: number): boolean {
  const next = flash.at(bad + BLOCK_SIZE, BLOCK_SIZE);
  if (next && blockState(next, 0) === "erased") return true;
  let good = 0;
  for (let at = bad + BLOCK_SIZE, i = 0; i < LOOK_AHEAD && at + BLOCK_SIZE <= limit; at += BLOCK_SIZE, i++) {
    const block = flash.at(at, BLOCK_SIZE);
    if (block && blockState(block, 0) === "good") good++;
  }
  return good >= ENOUGH_GOOD;
}
