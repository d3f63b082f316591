/** Follows code in CRC-16 blocks through what is known of a flash: does it end in order, or where is it damaged? */
import { alignUp, isFilledWith } from "../base/bytes";
import { BLOCK_DATA, BLOCK_SIZE, blockState } from "../beken/images/crcBlocks";
import { scanCode } from "../beken/images/soundCode";
import type { FlashAfter } from "./flashAfter";

/**
 * Where boot code is damaged or cut off; undefined where what is known of it is in order. It has its area for itself: nothing but
 * FF may follow it, unless the packager has marked its end.
 * @param limit where its area ends, which begins at 0
 */
export function damageInBootCode(flash: FlashAfter, limit: number): number | undefined {
  let filler = false;
  let follows = false;
  for (let at = 0; at + BLOCK_SIZE <= limit;) {
    const block = flash.at(at, BLOCK_SIZE);
    if (!block) {
      const next = flash.nextKnown(Math.max(at + 1, flash.knownUntil(at, limit)), limit);
      if (next === undefined) return undefined;
      at = alignUp(next, BLOCK_SIZE);
      filler = false;
      follows = false;
      continue;
    }
    const state = blockState(block, 0);
    // Behind flash that was not read, a bad block may be anything: the code may have ended there.
    if (state !== "good") return state === "bad" && !filler && (follows || at === 0) ? at : undefined;
    follows = true;
    filler = isFilledWith(block, 0xff, 0, BLOCK_DATA);
    at += BLOCK_SIZE;
  }
  return undefined;
}

/**
 * The same of an application, behind which old data may lie.
 * @param start a sector's
 */
export function damageInApplication(flash: FlashAfter, start: number, limit: number): number | undefined {
  const known = flash.knownUntil(start, limit);
  const bytes = flash.at(start, known - start);
  if (!bytes) return undefined;
  const { holes, end, endMarked } = scanCode(bytes, 0);
  const [hole] = holes;
  if (hole !== undefined) return start + hole;
  // A block that was begun, and blank flash behind it: a write ended there before its time.
  const isCut = !endMarked && end + 2 * BLOCK_SIZE <= bytes.length && blockState(bytes, end + BLOCK_SIZE) === "erased";
  return isCut ? start + end : undefined;
}
