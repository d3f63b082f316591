/**
 * The scrambling of code in Beken flash: a mask for every 32-bit word, made from its logical address and four
 * coefficients, is XORed onto it, so scrambling and unscrambling are the same. Knows nothing about CRC-16 blocks.
 * Source: docs/formats.md ("Code scrambling"); agrees with the C model of the public Beken tools.
 */
import { viewOf } from "../../base/bytes";
import { isScrambling } from "../chips/keys";
import type { Coefficients } from "../chips/types";

/** Part from both address halves, 16 bits wide. */
function halfMask(address: number, selector: number, c1: number): number {
  const b3 = address >>> 24;
  const b2 = (address >>> 16) & 0xff;
  const b1 = (address >>> 8) & 0xff;
  const b0 = address & 0xff;
  const x = selector & 2 ? (b2 << 8) | b3 : (b3 << 8) | b2;
  const y = selector & 1 ? (b0 << 8) | b1 : (b1 << 8) | b0;
  const a = x ^ y ^ (c1 >>> 16);
  const spread = ((a >>> 5) & 0xf) * 0x1111;
  return (((a & 0x7f) << 9) | (a >>> 7)) ^ (0x6371 & spread);
}

/** Part from a 17-bit window of the address; only its low 16 bits reach the mask. */
function windowMask(address: number, selector: number, c1: number, c3: number): number {
  const key = (((c1 >>> 8) & 0xff) << 9) | (((c3 >>> 4) & 1) << 8) | (c1 & 0xff);
  const a = ((address >>> selector) & 0x1ffff) ^ key;
  const bit = (n: number): number => (a >>> n) & 1;
  const nibble = (bit(1) << 3) | (bit(5) << 2) | (bit(9) << 1) | bit(13);
  const spread = (bit(4) << 16) | (nibble * 0x1111);
  return ((((a & 0x3ff) << 7) | (a >>> 10)) ^ (0x13659 & spread)) & 0xffff;
}

/** Part from the whole address, 32 bits wide. */
function wordMask(address: number, selector: number, c0: number): number {
  const turn = 8 * selector;
  const turned = turn === 0 ? address : (address >>> turn) | (address << (32 - turn));
  const a = turned ^ c0;
  const spread = Math.imul((a >>> 2) & 0xf, 0x11111111);
  return ((a << 17) | (a >>> 15)) ^ (0xe519a4f1 & spread);
}

/**
 * Scrambles or unscrambles code; the result is a new array. Bytes after the last whole word use that word's mask.
 * @param logicalAddress where the processor sees `bytes[0]`, a multiple of 4; RangeError otherwise
 */
export function scramble(bytes: Uint8Array, coefficients: Coefficients, logicalAddress: number): Uint8Array {
  if (logicalAddress % 4 !== 0 || logicalAddress < 0) throw new RangeError("code is scrambled in words of 4 bytes");
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  padded.set(bytes);
  if (!isScrambling(coefficients)) return padded.subarray(0, bytes.length);
  const [c0, c1, c2, c3] = coefficients;
  const useHalf = (c3 & 1) === 0;
  const useWindow = (c3 & 2) === 0;
  const useWord = (c3 & 4) === 0;
  const fixed = (c3 & 8) === 0 ? c2 : 0;
  const view = viewOf(padded);
  for (let at = 0; at < padded.length; at += 4) {
    const address = (logicalAddress + at) | 0;
    let mask = fixed;
    if (useHalf) mask ^= halfMask(address, (c3 >>> 5) & 3, c1) << 16;
    if (useWindow) mask ^= windowMask(address, (c3 >>> 8) & 3, c1, c3);
    if (useWord) mask ^= wordMask(address, (c3 >>> 11) & 3, c0);
    view.setUint32(at, view.getUint32(at, true) ^ mask, true);
  }
  return padded.subarray(0, bytes.length);
}
