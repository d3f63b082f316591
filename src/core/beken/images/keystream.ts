/**
 * The scrambling mask as a function of the address. Every part of it is linear over GF(2): the mask is a constant that depends
 * on all four coefficients, XOR a linear function of the address that only the selectors in c3 decide. So there are 125
 * functions and 2^32 constants, and many coefficients stand for the same pair. Knows nothing of images.
 * Source: follows from the definition in docs/formats.md ("Code scrambling").
 */
import { readU32 } from "../../base/bytes";
import type { Coefficients } from "../chips/types";
import { scramble } from "./cipher";

/** The mask of the word at `logicalAddress`, a multiple of 4; unsigned. */
export function maskAt(coefficients: Coefficients, logicalAddress: number): number {
  return readU32(scramble(new Uint8Array(4), coefficients, logicalAddress), 0);
}

/** Masks at zero and at each single address bit: by linearity they are the mask everywhere. */
const PROBES: readonly number[] = [0, ...Array.from({ length: 30 }, (_, bit) => 2 ** (bit + 2))];

/** True when both keys scramble every word alike, whatever their unused parts hold. */
export function sameKey(a: Coefficients, b: Coefficients): boolean {
  return PROBES.every((address) => maskAt(a, address) === maskAt(b, address));
}

/** Top byte of c3 for keys of our own making: anything but 00 and FF switches the scrambling on. */
const SCRAMBLING_ON = 0x01000000;

/** c3 bits for one part: off by `offBit`, or its selector 0..3 at `shift`. */
function choices(offBit: number, shift: number): readonly number[] {
  return [offBit, ...[0, 1, 2, 3].map((selector) => selector << shift)];
}

/** c3 of one key for each of the 125 address functions; with c0 and c1 zero its constant is c2 alone. */
const SELECTIONS: readonly number[] = choices(1, 5).flatMap((half) =>
  choices(2, 8).flatMap((window) => choices(4, 11).map((word) => (SCRAMBLING_ON | half | window | word) >>> 0)),
);

/** One key for every linear address function, all with constant zero. */
export const LINEAR_KEYS: readonly Coefficients[] = SELECTIONS.map((c3) => [0, 0, 0, c3]);

/** One of {@link LINEAR_KEYS} with a constant XORed onto every word. */
export function withConstant(linear: Coefficients, constant: number): Coefficients {
  return [0, 0, constant >>> 0, linear[3]];
}
