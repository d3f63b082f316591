/**
 * The scrambling keys ("coefficients") that are known, their text form and what kind of key one is.
 * Knows nothing about how code is scrambled with them: that is images/cipher.ts.
 */
import type { Coefficients, KeyKind } from "./types";

/** Tuya's BK7231S/T and BK7231N modules. Source: LibreTiny board files, OpenBeken flash tool; see docs/formats.md. */
export const TUYA_KEY: Coefficients = [0x510fb093, 0xa3cbeadc, 0x5993a17e, 0xc7adeb03];

/** Chips whose eFuse holds no key; code is stored as it is. */
export const ZERO_KEY: Coefficients = [0, 0, 0, 0];

/** Reads 32 hex digits, c0 first, spaces allowed. Throws RangeError on anything else. */
export function parseCoefficients(hex: string): Coefficients {
  const clean = hex.replace(/\s+/g, "");
  if (!/^[0-9a-f]{32}$/i.test(clean)) throw new RangeError("coefficients are 32 hex digits");
  const word = (index: number): number => parseInt(clean.slice(8 * index, 8 * index + 8), 16);
  return [word(0), word(1), word(2), word(3)];
}

/** 32 lower-case hex digits, c0 first, as LibreTiny boards write `bkcrypt_coeffs`. */
export function formatCoefficients(coefficients: Coefficients): string {
  return coefficients.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

/**
 * False when the hardware passes code through unchanged: the top byte of c3 is 00 or FF, or c3 switches every part of the
 * mask off (a fixed part of zero counts as off).
 */
export function isScrambling(coefficients: Coefficients): boolean {
  const [, , c2, c3] = coefficients;
  const top = c3 >>> 24;
  if (top === 0x00 || top === 0xff) return false;
  return (c3 & 7) !== 7 || ((c3 & 8) === 0 && c2 !== 0);
}

/** Every key that scrambles nothing counts as `zero`. Never `unknown`. */
export function keyKindOf(coefficients: Coefficients): Exclude<KeyKind, "unknown"> {
  if (!isScrambling(coefficients)) return "zero";
  return coefficients.every((word, index) => word >>> 0 === TUYA_KEY[index]) ? "tuya" : "other";
}
