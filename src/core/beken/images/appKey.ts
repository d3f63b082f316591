/**
 * Tells from its first bytes which key a piece of code is scrambled with, by the vector table every Beken application and
 * bootloader starts with. Knows the Tuya key and no key; others are found by keyRecovery.ts, of ARM code.
 */
import { readU32 } from "../../base/bytes";
import { BK72XX } from "../chips/geometry";
import { TUYA_KEY, ZERO_KEY } from "../chips/keys";
import { thumbVectors } from "../chips/thumbVectors";
import type { Coefficients } from "../chips/types";
import { BLOCK_DATA, BLOCK_SIZE, blockState, checkCrcBlocks, stripCrcBlocks } from "./crcBlocks";
import { scramble } from "./cipher";
import type { ImageKey } from "./firmwareImage";
import { recoverKey, type CodeSample } from "./keyRecovery";

/** Where the processor sees the application: flash address 0x11000. */
export const APP_LOGICAL = 0x10000;
/** Where the application is in flash. Everything below is the bootloader's. */
export const APP_PHYSICAL = BK72XX.applicationStart;
/** How much of the code is looked at. */
const SAMPLE = 0x1000;
/** A reset branch goes forward, over the other vectors, and not far. */
const FURTHEST_BRANCH = 0x40000;

/** True when plain code starts with an ARM vector table: a forward branch, then a load of PC relative to PC. */
export function hasVectors(code: Uint8Array): boolean {
  if (code.length < 8) return false;
  const reset = readU32(code, 0);
  if (reset >>> 24 !== 0xea) return false;
  const target = 8 + 4 * (reset & 0xffffff);
  return target >= 0x20 && target <= FURTHEST_BRANCH && loadsPc(code);
}

function loadsPc(code: Uint8Array): boolean {
  return (readU32(code, 4) & 0xfffff000) >>> 0 === 0xe59ff000;
}

/** The key under which `code` (no CRC-16s, logical address given) starts with vectors, if it is one of the two known. */
export function keyOfCode(code: Uint8Array, logicalAddress: number): Coefficients | undefined {
  if (hasVectors(code)) return ZERO_KEY;
  const unscrambled = scramble(code.subarray(0, 8), TUYA_KEY, logicalAddress);
  if (hasVectors(unscrambled)) return TUYA_KEY;
  if (thumbVectors(code)) return ZERO_KEY;
  return thumbVectors(unscrambled) ? TUYA_KEY : undefined;
}

/** True when most of the first 4 KiB are CRC-16 blocks that hold. One damaged block among many does not matter. */
export function looksInterleaved(bytes: Uint8Array, start = 0): boolean {
  const { good, bad } = checkCrcBlocks(bytes, start, Math.min(bytes.length, start + SAMPLE));
  return good > bad;
}

/** True when the seven vectors behind the reset branch are one and the same load of PC, but for two at most. */
function hasWholeTable(code: Uint8Array): boolean {
  const load = readU32(code, 4);
  let same = 0;
  for (let at = 4; at < BLOCK_DATA; at += 4) if (readU32(code, at) === load) same++;
  return same >= 5;
}

/** True when all that the first block has of a Thumb table is: the vectors of reset and of faults, odd or not used. */
function hasWholeThumbTable(code: Uint8Array): boolean {
  if (!thumbVectors(code)) return false;
  for (let at = 8; at < BLOCK_DATA; at += 4) {
    const vector = readU32(code, at);
    if (vector !== 0 && vector % 2 !== 1) return false;
  }
  return true;
}

/**
 * The key of code in flash form (with CRC-16 blocks). A key in no table comes with coefficients only where the code proves
 * them (see keyRecovery.ts): they scramble like the chip's own, and need not be the same words.
 * @param bytes flash from the start of the code: 0x11000 for an application, 0 for boot code; 34 bytes are the least, 4 KiB tell
 *   the kind, more than 64 KiB any key
 * @param logicalAddress 0x10000 for an application, 0 for boot code
 * @param also more code under the same key, such as boot code beside an application
 * @returns `unknown` for blank flash, where the CRC-16s do not hold, and where no key gives vectors
 */
export function inferKey(
  bytes: Uint8Array,
  logicalAddress: number = APP_LOGICAL,
  also: readonly CodeSample[] = [],
): ImageKey {
  if (bytes.length < BLOCK_SIZE || !looksInterleaved(bytes) || blockState(bytes, 0) !== "good")
    return { kind: "unknown" };
  const code = stripCrcBlocks(bytes.subarray(0, BLOCK_SIZE));
  const known = keyOfCode(code, logicalAddress);
  const found: ImageKey | undefined = known && { kind: known === TUYA_KEY ? "tuya" : "zero", coefficients: known };
  const plain = known && scramble(code, known, logicalAddress);
  if (plain && (hasWholeTable(plain) || hasWholeThumbTable(plain))) return found as ImageKey;
  // Two words can look like vectors under a key that is not the code's; a whole table under another key proves that.
  const { hasVectors: underAnother, coefficients } = recoverKey([{ bytes, logicalAddress }, ...also]);
  if (underAnother) return { kind: "other", ...(coefficients && { coefficients }) };
  return found ?? { kind: "unknown" };
}

/** The table of addresses that the vectors load, and how many of its entries must agree. */
const TABLE_AT = 0x20;
const TABLE_END = 0x40;
const ENOUGH_TARGETS = 4;

/**
 * Whether the addresses that plain vectors load lie in `[start, end)`, as the processor sees them.
 * @param code plain code from its first vector, no CRC-16s, at least 64 bytes for a verdict
 */
export function vectorsPointInto(code: Uint8Array, start: number, end: number): boolean {
  const thumb = thumbVectors(code);
  if (thumb) return thumb.start >= start && thumb.start < end;
  if (code.length < TABLE_END) return false;
  let inside = 0;
  for (let at = TABLE_AT; at < TABLE_END; at += 4) {
    const target = readU32(code, at);
    if (target >= start && target < end) inside++;
  }
  return inside >= ENOUGH_TARGETS;
}

/** As those of boot code do. */
export function vectorsPointBelowApp(code: Uint8Array): boolean {
  return vectorsPointInto(code, 1, APP_LOGICAL);
}

/**
 * Whether code in flash form starts under that key: its second vector is a load of PC relative to PC, the first may be anything; or it
 * has the vectors of an Armv8-M chip.
 */
export function loadsUnder(bytes: Uint8Array, logicalAddress: number, key: Coefficients): boolean {
  if (bytes.length < BLOCK_SIZE) return false;
  const code = scramble(bytes.subarray(0, 8), key, logicalAddress);
  return loadsPc(code) || thumbVectors(code) !== undefined;
}
