/**
 * How a simulated chip's code lies in flash: scrambled word by word, and 32 bytes with their CRC-16 behind them. The chip's
 * own, worked out from the description and held to the published vectors, never shared with the flasher that it judges.
 * Source: docs/formats.md ("CRC-16 blocks", "Code scrambling").
 */
import { blockSum } from "./checksums";

/** c0 to c3. */
export type ChipKey = readonly [number, number, number, number];

/** Of Tuya's modules. */
export const TUYA: ChipKey = [0x510fb093, 0xa3cbeadc, 0x5993a17e, 0xc7adeb03];
/** Of chips that scramble nothing. */
export const NONE: ChipKey = [0, 0, 0, 0];

/** Bytes of code in a block, and bytes that it takes in flash. */
export const CODE = 32;
export const CRC_BLOCK = 34;

/** Where the processor sees what lies at `physical`, the first byte of a block or one of its code. */
export function seenAt(physical: number): number {
  return Math.floor(physical / CRC_BLOCK) * CODE + (physical % CRC_BLOCK);
}

/** Throws RangeError unless `code` is whole blocks. */
export function inBlocks(code: Uint8Array): Uint8Array {
  if (code.length % CODE !== 0) throw new RangeError("code in flash is whole blocks of 32 bytes");
  const flash = new Uint8Array((code.length / CODE) * CRC_BLOCK);
  for (let block = 0; block < code.length / CODE; block++) {
    flash.set(code.subarray(block * CODE, (block + 1) * CODE), block * CRC_BLOCK);
    sealBlock(flash, block * CRC_BLOCK);
  }
  return flash;
}

/** Gives the block at `at` the CRC-16 that it should have, high byte first. */
export function sealBlock(flash: Uint8Array, at: number): void {
  const sum = blockSum(flash, at, at + CODE);
  flash[at + CODE] = sum >>> 8;
  flash[at + CODE + 1] = sum & 0xff;
}

export function isSealed(flash: Uint8Array, at: number): boolean {
  return blockSum(flash, at, at + CODE) === (((flash[at + CODE] as number) << 8) | (flash[at + CODE + 1] as number));
}

/**
 * Scrambles or unscrambles, which is the same; the result is a new array.
 * @param from where the processor sees `code[0]`, a multiple of 4
 */
export function scrambled(code: Uint8Array, key: ChipKey, from: number): Uint8Array {
  const masks = masksOf(key);
  return code.map((byte, index) => {
    const address = from + index;
    return byte ^ (masks.at(address - (address % 4)) >>> (8 * (address % 4)));
  });
}

/** Which part of the mask a set bit of c3 switches off. */
const OFF = { half: 1, window: 2, word: 4, fixed: 8 } as const;

/** The mask of the word at `address`, by its definition. */
function maskOf([c0, c1, c2, c3]: ChipKey, address: number): number {
  const top = c3 >>> 24;
  if (top === 0x00 || top === 0xff) return 0;
  let mask = 0;
  if (!(c3 & OFF.half)) {
    const upper = bits(c3, 6, 1) ? swapped(address >>> 16) : address >>> 16;
    const lower = bits(c3, 5, 1) ? swapped(address & 0xffff) : address & 0xffff;
    const value = upper ^ lower ^ (c1 >>> 16);
    mask ^= (rotated(value, 7, 16) ^ (0x6371 & copies(bits(value, 5, 4), 4, 4))) << 16;
  }
  if (!(c3 & OFF.window)) {
    const key = bits(c1, 8, 8) * 0x200 + bits(c3, 4, 1) * 0x100 + bits(c1, 0, 8);
    const value = bits(address, bits(c3, 8, 2), 17) ^ key;
    const nibble = [1, 5, 9, 13].reduce((all, bit) => all * 2 + bits(value, bit, 1), 0);
    const selected = 0x13659 & (bits(value, 4, 1) * 0x10000 + copies(nibble, 4, 4));
    mask ^= (rotated(value, 10, 17) ^ selected) & 0xffff;
  }
  if (!(c3 & OFF.word)) {
    const value = (rotated(address, 8 * bits(c3, 11, 2), 32) ^ c0) >>> 0;
    mask ^= rotated(value, 15, 32) ^ (0xe519a4f1 & copies(bits(value, 2, 4), 4, 8));
  }
  if (!(c3 & OFF.fixed)) mask ^= c2;
  return mask >>> 0;
}

function bits(value: number, from: number, width: number): number {
  return Math.floor((value >>> 0) / 2 ** from) % 2 ** width;
}

function rotated(value: number, right: number, width: number): number {
  const low = bits(value, 0, right);
  return low * 2 ** (width - right) + bits(value, right, width - right);
}

function swapped(half: number): number {
  return rotated(half, 8, 16);
}

function copies(value: number, width: number, times: number): number {
  let all = 0;
  for (let i = 0; i < times; i++) all = all * 2 ** width + value;
  return all;
}

/** All masks of a key. Each bit of the address changes the mask in a way of its own, so four tables of 256 are enough. */
class Masks {
  private readonly none: number;
  private readonly tables: readonly Int32Array[];

  constructor(key: ChipKey) {
    this.none = maskOf(key, 0);
    this.tables = [0, 8, 16, 24].map((shift) =>
      Int32Array.from({ length: 256 }, (_, byte) => maskOf(key, (byte * 2 ** shift) >>> 0) ^ this.none),
    );
  }

  at(address: number): number {
    let mask = this.none;
    for (const [i, table] of this.tables.entries()) mask ^= table[(address >>> (8 * i)) & 0xff] as number;
    return mask >>> 0;
  }
}

const known = new Map<string, Masks>();

function masksOf(key: ChipKey): Masks {
  const name = key.join(" ");
  let masks = known.get(name);
  if (!masks) known.set(name, (masks = new Masks(key)));
  return masks;
}
