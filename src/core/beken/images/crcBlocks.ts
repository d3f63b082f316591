/**
 * Code in Beken flash: every 32 bytes are followed by their CRC-16, high byte first. Logical addresses are what
 * the processor sees (without the CRCs), physical ones are flash. Knows nothing about what the code is.
 * Source of the layout: docs/formats.md ("CRC-16 blocks"), public in LibreTiny's ltchiptool and the Beken SDK.
 */
import { isFilledWith } from "../../base/bytes";
import { crc16 } from "../../base/checksum";

/** Bytes of code in one block. */
export const BLOCK_DATA = 32;
/** Bytes one block takes in flash. */
export const BLOCK_SIZE = 34;

/** Logical to physical address, in bytes: 0x10000 is 0x11000. */
export function toPhysical(logical: number): number {
  return logical + 2 * Math.floor(logical / BLOCK_DATA);
}

/** Physical to logical address, in bytes. An address inside a CRC maps to the start of the next block. */
export function toLogical(physical: number): number {
  return Math.floor(physical / BLOCK_SIZE) * BLOCK_DATA + Math.min(physical % BLOCK_SIZE, BLOCK_DATA);
}

/** Inserts the CRC-16s. Throws RangeError unless `code` is a multiple of 32 bytes. */
export function addCrcBlocks(code: Uint8Array): Uint8Array {
  if (code.length % BLOCK_DATA !== 0) throw new RangeError("code to interleave must be a multiple of 32 bytes");
  const out = new Uint8Array((code.length / BLOCK_DATA) * BLOCK_SIZE);
  for (let from = 0, to = 0; from < code.length; from += BLOCK_DATA, to += BLOCK_SIZE) {
    out.set(code.subarray(from, from + BLOCK_DATA), to);
    const crc = crc16(code, from, from + BLOCK_DATA);
    out[to + BLOCK_DATA] = crc >>> 8;
    out[to + BLOCK_DATA + 1] = crc & 0xff;
  }
  return out;
}

/**
 * Takes the CRC-16s out without looking at them. A last block that is cut short keeps what it has of its 32 bytes.
 * @param limit most logical bytes to return
 */
export function stripCrcBlocks(blocks: Uint8Array, limit = Infinity): Uint8Array {
  const whole = Math.floor(blocks.length / BLOCK_SIZE) * BLOCK_DATA;
  const length = Math.min(whole + Math.min(blocks.length % BLOCK_SIZE, BLOCK_DATA), limit);
  const out = new Uint8Array(length);
  for (let from = 0, to = 0; to < length; from += BLOCK_SIZE, to += BLOCK_DATA) {
    out.set(blocks.subarray(from, from + Math.min(BLOCK_DATA, length - to)), to);
  }
  return out;
}

export type BlockState = "good" | "erased" | "bad";

/** State of the 34 bytes at `at`. 34 times FF is erased flash, not a block with a wrong CRC. */
export function blockState(bytes: Uint8Array, at: number): BlockState {
  const crc = crc16(bytes, at, at + BLOCK_DATA);
  if (bytes[at + BLOCK_DATA] === crc >>> 8 && bytes[at + BLOCK_DATA + 1] === (crc & 0xff)) return "good";
  return isFilledWith(bytes, 0xff, at, at + BLOCK_SIZE) ? "erased" : "bad";
}

export interface BlockCheck {
  /** Whole blocks looked at. */
  readonly blocks: number;
  readonly good: number;
  readonly erased: number;
  readonly bad: number;
  /** Number of the first bad block, from 0; undefined when there is none. */
  readonly firstBad: number | undefined;
}

/** Checks the whole blocks of `bytes[start, end)`; a rest of less than 34 bytes is not looked at. */
export function checkCrcBlocks(bytes: Uint8Array, start = 0, end = bytes.length): BlockCheck {
  const blocks = Math.max(0, Math.floor((Math.min(end, bytes.length) - start) / BLOCK_SIZE));
  let good = 0;
  let erased = 0;
  let firstBad: number | undefined;
  for (let index = 0; index < blocks; index++) {
    const state = blockState(bytes, start + index * BLOCK_SIZE);
    if (state === "good") good++;
    else if (state === "erased") erased++;
    else firstBad ??= index;
  }
  return { blocks, good, erased, bad: blocks - good - erased, firstBad };
}
