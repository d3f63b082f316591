/**
 * The simulated chip's own checksums: what a chip hashes must not be worked out by the code that asks it. Held to the
 * published vectors by test/unit/simulator/ownTables.test.ts. Sources: IEEE 802.3 (CRC-32), CRC-16/CMS of docs/formats.md.
 */

const POLYNOMIAL_32 = 0xedb88320;
const POLYNOMIAL_16 = 0x8005;
/** Bytes taken in at once. */
const STRIDE = 8;

/** What a CRC-32 register of `value` becomes after eight shifts. */
function shifted(value: number): number {
  let register = value;
  for (let bit = 0; bit < 8; bit++) register = (register >>> 1) ^ (POLYNOMIAL_32 & -(register & 1));
  return register;
}

/** `WAYS[n * 256 + byte]`: what a byte leaves in the register when n more bytes have gone through behind it. */
const WAYS = new Int32Array(STRIDE * 256);
for (let byte = 0; byte < 256; byte++) {
  let register = byte;
  for (let behind = 0; behind < STRIDE; behind++) WAYS[behind * 256 + byte] = register = shifted(register);
}

/** The register before the first byte, which is also what an empty range answers. */
export const CRC_START = 0xffffffff;

/** The register after `bytes[start, end)`, not inverted: the form in which chips answer. */
export function hashed(bytes: Uint8Array, register: number, start: number, end: number): number {
  let state = register | 0;
  let at = start;
  for (; at + STRIDE <= end; at += STRIDE) {
    const low = state ^ word(bytes, at);
    const high = word(bytes, at + 4);
    state =
      way(7, low & 0xff) ^
      way(6, (low >>> 8) & 0xff) ^
      way(5, (low >>> 16) & 0xff) ^
      way(4, low >>> 24) ^
      way(3, high & 0xff) ^
      way(2, (high >>> 8) & 0xff) ^
      way(1, (high >>> 16) & 0xff) ^
      way(0, high >>> 24);
  }
  for (; at < end; at++) state = (state >>> 8) ^ way(0, (state ^ (bytes[at] as number)) & 0xff);
  return state >>> 0;
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

function way(behind: number, byte: number): number {
  return WAYS[behind * 256 + byte] as number;
}

/** The usual CRC-32 of `bytes[0, length)`. */
export function fingerprint(bytes: Uint8Array, length: number): number {
  return ~hashed(bytes, CRC_START, 0, length) >>> 0;
}

/**
 * Changes `bytes[at, at + 4)` in place so that the fingerprint of `bytes[0, length)` is `wanted`: synthetic boot code needs
 * the fingerprints of the real one.
 * Throws RangeError when the four bytes are not all inside.
 */
export function forgeFingerprint(bytes: Uint8Array, length: number, at: number, wanted: number): void {
  if (at < 0 || at + 4 > length || length > bytes.length)
    throw new RangeError("the four bytes must be inside the range");
  const before = hashed(bytes, CRC_START, 0, at);
  let after = ~wanted >>> 0;
  for (let i = length - 1; i >= at + 4; i--) after = undone(after, bytes[i] as number);
  // Undoing four zero bytes leaves what the register and the four bytes must come to together.
  for (let i = 0; i < 4; i++) after = undone(after, 0);
  const four = (after ^ before) >>> 0;
  for (let i = 0; i < 4; i++) bytes[at + i] = four >>> (8 * i);
}

/** The register before it took in `byte`. */
function undone(register: number, byte: number): number {
  let state = register;
  for (let bit = 0; bit < 8; bit++) state = state & 0x80000000 ? ((state ^ POLYNOMIAL_32) << 1) | 1 : state << 1;
  return (state ^ byte) >>> 0;
}

/** CRC-16/CMS of `bytes[start, end)`, bit by bit: polynomial 8005, start FFFF, highest bit first. */
export function blockSum(bytes: Uint8Array, start: number, end: number): number {
  let register = 0xffff;
  for (let at = start; at < end; at++) {
    register ^= (bytes[at] as number) << 8;
    for (let bit = 0; bit < 8; bit++)
      register = register & 0x8000 ? ((register << 1) ^ POLYNOMIAL_16) & 0xffff : register << 1;
  }
  return register;
}
