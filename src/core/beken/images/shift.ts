/**
 * Dumps that were read from 0x11000 instead of 0, as older tools do: how they lie, and the same flash from address 0.
 * Source: docs/formats.md ("Telling files apart").
 */
import { concat } from "../../base/bytes";
import { APP_PHYSICAL, inferKey, looksInterleaved } from "./appKey";
import { findBootCode, hasBootHeader } from "./bootCode";
import { BLOCK_SIZE } from "./crcBlocks";
import { isFlashRblHeader, RBL_HEADER_FLASH_SIZE } from "./rblHeader";

/** Flash sizes there are; reading past the end of a flash begins again at its start (docs/protocol.md). */
export const FLASH_SIZES: readonly number[] = [0x80000, 0x100000, 0x200000, 0x400000, 0x800000, 0x1000000];

/** An application with the vectors of some key, in CRC-16 blocks. */
export function hasAppAt(data: Uint8Array, at: number): boolean {
  return data.length >= at + 2 * BLOCK_SIZE && inferKey(data.subarray(at)).kind !== "unknown";
}

/**
 * How a dump lies if it was read from 0x11000 instead of 0: `wrapped` with the boot code at its end, `headless` without.
 * undefined for any other.
 */
export function shiftOf(data: Uint8Array): "wrapped" | "headless" | undefined {
  const head = data.length - APP_PHYSICAL;
  const isWhole = FLASH_SIZES.includes(data.length);
  if (!isWhole && !FLASH_SIZES.includes(data.length + APP_PHYSICAL)) return undefined;
  if (hasBootHeader(data) || !hasAppAt(data, 0)) return undefined;
  if (!isWhole) return isFlashRblHeader(data, data.length - RBL_HEADER_FLASH_SIZE) ? undefined : "headless";
  // Boot code that tells nothing of itself is still code; nothing else at a flash's end is in CRC-16 blocks.
  return findBootCode(data.subarray(head)) || looksInterleaved(data, head) ? "wrapped" : undefined;
}

/** The dump from flash address 0; what a shifted one lacks is FF. The same bytes where nothing is shifted. */
export function straighten(data: Uint8Array): Uint8Array {
  const shift = shiftOf(data);
  if (shift === undefined) return data;
  if (shift === "headless") return concat(new Uint8Array(APP_PHYSICAL).fill(0xff), data);
  const head = data.length - APP_PHYSICAL;
  return concat(data.subarray(head), data.subarray(0, head));
}
