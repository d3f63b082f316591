/** Choosing four bytes so that a CRC-32 comes out as wanted: synthetic boot code needs the fingerprints of the real one. */
import { CRC32_START, crc32Raw } from "../core/base/checksum";

const POLYNOMIAL = 0xedb88320;

/** The CRC-32 register before it took in `byte`. */
function undo(raw: number, byte: number): number {
  let c = raw;
  for (let k = 0; k < 8; k++) c = c & 0x80000000 ? ((c ^ POLYNOMIAL) << 1) | 1 : c << 1;
  return (c ^ byte) >>> 0;
}

/**
 * Changes `bytes[at, at + 4)` in place so that the usual CRC-32 of `bytes[0, length)` is `wanted`.
 * Throws RangeError when the four bytes are not all inside.
 */
export function forgeCrc32(bytes: Uint8Array, length: number, at: number, wanted: number): void {
  if (at < 0 || at + 4 > length || length > bytes.length)
    throw new RangeError("the four bytes must be inside the range");
  const before = crc32Raw(bytes, CRC32_START, 0, at);
  let after = ~wanted >>> 0;
  for (let i = length - 1; i >= at + 4; i--) after = undo(after, bytes[i] as number);
  // Undoing four zero bytes leaves what the register and the four bytes must come to together.
  for (let i = 0; i < 4; i++) after = undo(after, 0);
  const four = (after ^ before) >>> 0;
  for (let i = 0; i < 4; i++) bytes[at + i] = four >>> (8 * i);
}
