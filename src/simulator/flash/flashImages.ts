/**
 * What a fresh simulated chip holds in flash: boot code with the right fingerprint but no real code, a small
 * application under the chip's key, calibration with a MAC, a few configuration sectors, and FF elsewhere.
 * Source of the places and shapes: docs/formats.md.
 */
import { alignDown, ascii, viewOf } from "../../core/base/bytes";
import { fingerprint, forgeFingerprint } from "./checksums";
import { CRC_BLOCK, inBlocks, isSealed, scrambled, sealBlock, seenAt, type ChipKey } from "./codeInFlash";
import { noise } from "../prng";

export const APP_AT = 0x11000;
/** First words of an ARM program: branch over the table, then seven times "load the program counter from it". */
const BRANCH = 0xea00000e;
const LOAD_PC = 0xe59ff014;
const BRANCH_OPCODE = 0xea;

const BOOT_CODE_SIZE = 0x2800;
const APP_SIZE = 0xa000;
/** An application's texts are in its last bytes. */
const TEXTS = 0x100;
/** The four bytes that set the fingerprint: in a block whose CRC-16 lies outside the fingerprinted bytes. */
const FORGED_AT = 252;
const FINGERPRINTED = 256;

/** How code of this chip begins: ARM instructions, or the stack pointer and Thumb addresses of an Armv8-M chip. */
export type Core = "arm" | "thumb";

export interface BootCodeShape {
  /** What the first 256 bytes are made to have for a CRC-32; undefined where that of no real boot code is known. */
  readonly crc256?: number | undefined;
  readonly crc257?: number;
  /** Name, and waiting time in ms, that a boot ROM looks for; undefined on chips without one. */
  readonly romName?: { readonly at: number; readonly name: string; readonly waitMs: number };
  /** Default `arm`. */
  readonly core?: Core;
}

export interface ContentShape extends BootCodeShape {
  readonly key: ChipKey;
  readonly size: number;
  readonly calibrationAt: number;
  readonly mac: readonly number[];
  readonly seed: number;
}

/** Of a BK7258: where its flash is seen, and the end of the memory that boot code has its stack in. */
const THUMB_FLASH_AT = 0x02000000;
const THUMB_STACK = 0x2809f700;
/** Bytes of the table: 64 vectors, of which the first is the stack. */
const THUMB_TABLE = 0x100;

/** As long, for a Thumb processor that sees it from `from` on. Every vector leads to where the code begins. */
function thumbProgram(size: number, seed: number, from: number): Uint8Array {
  const code = noise(seed, size);
  const view = viewOf(code);
  view.setUint32(0, THUMB_STACK, true);
  for (let at = 4; at < THUMB_TABLE; at += 4) view.setUint32(at, THUMB_FLASH_AT + from + 2 * THUMB_TABLE + 1, true);
  return code;
}

/** Code-like filler behind a vector table. */
function program(size: number, seed: number): Uint8Array {
  const code = noise(seed, size);
  const view = viewOf(code);
  // Always-executed instructions, as most ARM code is.
  for (let at = 0; at < size; at += 4) view.setUint32(at, (view.getUint32(at, true) & 0x0fffffff) | 0xe0000000, true);
  view.setUint32(0, BRANCH, true);
  for (let at = 4; at < 0x20; at += 4) view.setUint32(at, LOAD_PC, true);
  return code;
}

/** Boot code as it lies in flash, from address 0. */
export function bootCode(shape: BootCodeShape & { readonly key: ChipKey; readonly seed: number }): Uint8Array {
  const code =
    shape.core === "thumb" ? thumbProgram(BOOT_CODE_SIZE, shape.seed, 0) : program(BOOT_CODE_SIZE, shape.seed);
  const flash = inBlocks(scrambled(code, shape.key, 0));
  if (shape.romName !== undefined) {
    const { at, name, waitMs } = shape.romName;
    flash.set(ascii(name), at);
    flash[at + name.length] = waitMs;
    sealBlock(flash, alignDown(at, CRC_BLOCK));
  }
  if (shape.crc256 === undefined) return flash;
  forgeFingerprint(flash, FINGERPRINTED, FORGED_AT, shape.crc256);
  if (shape.crc257 !== undefined) {
    // One more byte; of its 256 values exactly one fits, if the two fingerprints belong together.
    for (let byte = 0; byte < 256; byte++) {
      flash[FINGERPRINTED] = byte;
      if (fingerprint(flash, FINGERPRINTED + 1) === shape.crc257) break;
    }
  }
  sealBlock(flash, alignDown(FINGERPRINTED, CRC_BLOCK));
  return flash;
}

/**
 * A small application for `key` as it lies in flash, whose code begins as `core` has it.
 * @param at where in flash; 0x11000, as every first one is, unless given
 * @param says a text among its code, such as the banner by which a build tells what it is for; ASCII, less than 256 bytes
 */
export function application(
  key: ChipKey,
  seed: number,
  size = APP_SIZE,
  says?: string,
  core: Core = "arm",
  at = APP_AT,
): Uint8Array {
  const code = core === "thumb" ? thumbProgram(size, seed, seenAt(at)) : program(size, seed);
  if (says !== undefined) code.set(ascii(`${says}\0`), size - TEXTS);
  return inBlocks(scrambled(code, key, seenAt(at)));
}

/** Calibration sector ("TLV") with the MAC at +0x24. */
function calibration(mac: readonly number[], seed: number): Uint8Array {
  const sector = new Uint8Array(0x1000).fill(0xff);
  sector.set(ascii("TLV"), 0);
  sector.set([0x00, 0x20, 0x02, 0x00, 0x00], 3);
  sector.set(noise(seed, 0x14), 0x08);
  sector.set([0x02, 0x11, 0x11, 0x11, 0x06, 0x00, 0x00, 0x00], 0x1c);
  sector.set(mac, 0x24);
  sector.set(noise(seed + 1, 0x1d6), 0x2a);
  return sector;
}

/** The whole flash of a fresh chip. */
export function freshFlash(shape: ContentShape): Uint8Array {
  const flash = new Uint8Array(shape.size).fill(0xff);
  flash.set(bootCode(shape), 0);
  flash.set(application(shape.key, shape.seed + 1, APP_SIZE, undefined, shape.core), APP_AT);
  flash.set(calibration(shape.mac, shape.seed + 2), shape.calibrationAt);
  for (const sector of [1, 2]) {
    const at = shape.calibrationAt + sector * 0x1000;
    if (at + 0x1000 <= shape.size) flash.set(noise(shape.seed + 2 + sector, 0x700), at);
  }
  return flash;
}

/** True when `flash` holds a program for `key` at `physical` that such a processor can start: a vector table in a good block. */
export function startsAt(flash: Uint8Array, key: ChipKey, physical: number, core: Core = "arm"): boolean {
  if (!isSealed(flash, physical)) return false;
  const table = viewOf(scrambled(flash.slice(physical, physical + 8), key, seenAt(physical)));
  if (core === "thumb") {
    const stack = table.getUint32(0, true);
    const first = table.getUint32(4, true);
    return stack >>> 29 === 1 && first % 2 === 1 && first >>> 24 === THUMB_FLASH_AT >>> 24;
  }
  return table.getUint32(0, true) >>> 24 === BRANCH_OPCODE && table.getUint32(4, true) === LOAD_PC;
}
