/**
 * CRCs that say more than "equal" or "different": that of blank flash, of zeros, and of nothing at all. Knows neither who was
 * asked nor what was expected. Source: docs/protocol.md ("CRC").
 */
import { hex32 } from "./bytes";
import { crc32 } from "./checksum";
import type { Text } from "./words";

/** `nothing`: FFFFFFFF on the wire, 00000000 as a usual CRC-32; loaders answer so when they hashed no whole page. */
export type CrcMeaning = "blank" | "zeros" | "nothing";

/** What to tell a person first, by what the chip's CRC gives away. */
export const CRC_STEPS: Readonly<Record<CrcMeaning, string>> = {
  blank: "By the chip's own CRC the flash is blank there: nothing was written to it, or what was written did not stay.",
  zeros:
    "By the chip's own CRC the flash reads as zeros there, as it does when it does not answer: check the supply first.",
  nothing:
    "The chip's CRC is that of nothing at all, so it did not hash what it was asked to: cut its power for a second, then try again.",
};

const cache = new Map<string, number>();

/** CRC-32 of `length` bytes of `value`, in the usual, inverted form. */
export function crcOfFill(value: 0x00 | 0xff, length: number): number {
  const key = `${value}/${length}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const crc = crc32(new Uint8Array(length).fill(value));
  cache.set(key, crc);
  return crc;
}

/**
 * @param crc in the usual, inverted form
 * @param length bytes that the chip was asked to hash
 */
export function meaningOfCrc(crc: number, length: number): CrcMeaning | undefined {
  if (length === 0) return undefined;
  if (crc === 0) return "nothing";
  if (crc === crcOfFill(0xff, length)) return "blank";
  return crc === crcOfFill(0x00, length) ? "zeros" : undefined;
}

/** A difference of CRCs as an error tells it; `onChip` is the one of the two that the chip gave, over `length` bytes. */
export function crcFacts(
  { expected, actual, onChip }: Readonly<Record<"expected" | "actual" | "onChip", number>>,
  length: number,
): { readonly expected: Text; readonly actual: Text; readonly crcSays?: CrcMeaning } {
  const crcSays = meaningOfCrc(onChip, length);
  return {
    expected: `CRC ${hex32(expected)}`,
    actual: `CRC ${hex32(actual)}`,
    ...(crcSays !== undefined && { crcSays }),
  };
}
