/**
 * Where a file's content ends by its own lengths and sums, and what a transfer in text mode, an editor, a programmer or a signing tool
 * may have put behind it: line ends, Ctrl-Z, blanks, 00, FF, a few other bytes. What lies behind is never part of what is written.
 */
import { asText, readU32, readU32be } from "../../base/bytes";
import { measureApp } from "./appChecks";
import { APP_PHYSICAL, looksInterleaved } from "./appKey";
import { BLOCK_SIZE } from "./crcBlocks";
import { hasRblMagic, isFlashRblHeader, isRblHeader, RBL_HEADER_FLASH_SIZE, RBL_HEADER_SIZE } from "./rblHeader";
import { hasUgMagic, UG_HEADER_SIZE } from "./rblOta";
import { FLASH_SIZES, hasAppAt } from "./shift";
import { hasUf2Magic } from "./uf2";
import { UF2_BLOCK } from "./uf2Format";

/** As many bytes of any kind may follow content that proves its own length: a checksum, a signature, the rest of a packet. */
const FEW = 128;
const TEXT_ENDS = setOf(0x0a, 0x0d, 0x1a, 0x20, 0x09);
const PADDING = setOf(0x0a, 0x0d, 0x1a, 0x20, 0x09, 0x00, 0xff);
const FF = setOf(0xff);
/** "R", with which an RBL header begins. */
const FIRST_OF_MAGIC = 0x52;
/** Smallest flash that is read back whole. */
const SMALLEST_FLASH = 0x100000;

/** By byte: 1 for those in the set. Files are looked through whole. */
function setOf(...values: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, value) => (values.includes(value) ? 1 : 0));
}

/** The file without what lies behind its content; the same bytes where the content does not tell its end, or nothing does. */
export function contentOf(bytes: Uint8Array): Uint8Array {
  const end = contentEnd(bytes);
  return end === undefined || end >= bytes.length ? bytes : bytes.subarray(0, end);
}

function contentEnd(bytes: Uint8Array): number | undefined {
  const claimed = claimedEnd(bytes);
  if (claimed !== undefined) return isBehind(bytes, claimed) ? claimed : undefined;
  // As long as a flash, with or without its boot code: a copy of one, to its last byte.
  if ([bytes.length, bytes.length + APP_PHYSICAL].some((length) => FLASH_SIZES.includes(length))) return undefined;
  return headerEnd(bytes) ?? dumpEnd(bytes) ?? blocksEnd(bytes);
}

/** True where everything from `end` on is padding, or little enough to be anything. */
function isBehind(bytes: Uint8Array, end: number): boolean {
  return end > 0 && end < bytes.length && (bytes.length - end <= FEW || isOnly(bytes, end, PADDING));
}

function isOnly(bytes: Uint8Array, from: number, values: Uint8Array): boolean {
  for (let at = from; at < bytes.length; at++) if (values[bytes[at] as number] === 0) return false;
  return true;
}

/** The end by a length in the file's own header; undefined for formats without one. */
function claimedEnd(bytes: Uint8Array): number | undefined {
  if (hasUf2Magic(bytes)) return uf2End(bytes);
  if (hasUgMagic(bytes)) return bytes.length < UG_HEADER_SIZE ? 0 : UG_HEADER_SIZE + readU32be(bytes, 16);
  if (!hasRblMagic(bytes)) return undefined;
  if (isFlashRblHeader(bytes, 0)) return RBL_HEADER_FLASH_SIZE;
  return isRblHeader(bytes) ? RBL_HEADER_SIZE + readU32(bytes, 88) : 0;
}

/** Behind the block that says of itself that it is the last. */
function uf2End(bytes: Uint8Array): number {
  const count = bytes.length < UF2_BLOCK ? 0 : readU32(bytes, 24);
  const last = (count - 1) * UF2_BLOCK;
  const isThere = count > 0 && last + UF2_BLOCK <= bytes.length && hasUf2Magic(bytes.subarray(last));
  return isThere && readU32(bytes, last + 20) === count - 1 ? last + UF2_BLOCK : 0;
}

/** Behind the RBL header that ends an application's container or a QIO image. */
function headerEnd(bytes: Uint8Array): number | undefined {
  let padded = bytes.length;
  while (padded > 0 && PADDING[bytes[padded - 1] as number] === 1) padded--;
  // The last bytes of a header may look like padding themselves.
  const first = Math.max(1, Math.min(padded, bytes.length - FEW) - RBL_HEADER_FLASH_SIZE);
  const last = bytes.length - RBL_HEADER_FLASH_SIZE;
  for (let at = bytes.lastIndexOf(FIRST_OF_MAGIC, last); at >= first; at = bytes.lastIndexOf(FIRST_OF_MAGIC, at - 1))
    if (hasRblMagic(bytes, at) && isFlashRblHeader(bytes, at)) {
      const end = at + RBL_HEADER_FLASH_SIZE;
      return end === bytes.length || isBehind(bytes, end) ? end : undefined;
    }
  return undefined;
}

/** A copy of a whole flash, or of one from 0x11000 on, with a little behind it. */
function dumpEnd(bytes: Uint8Array): number | undefined {
  for (const size of FLASH_SIZES.filter((each) => each >= SMALLEST_FLASH))
    for (const end of [size, size - APP_PHYSICAL]) {
      if (bytes.length <= end || bytes.length - end > FEW) continue;
      const start = end === size && hasAppAt(bytes, APP_PHYSICAL) ? APP_PHYSICAL : 0;
      if (looksInterleaved(bytes, start) && measureApp(bytes, start).end + BLOCK_SIZE <= end) return end;
    }
  return undefined;
}

/** Behind an application's last block: where a block of FF marks it, or nothing but what text tools append follows. */
function blocksEnd(bytes: Uint8Array): number | undefined {
  const start = looksInterleaved(bytes) && !hasAppAt(bytes, APP_PHYSICAL) ? 0 : APP_PHYSICAL;
  if (bytes.length < start + BLOCK_SIZE || !looksInterleaved(bytes, start)) return undefined;
  const { end, lastIsFiller } = measureApp(bytes, start);
  const rest = bytes.length - end;
  // FF alone is the filler that a packager puts there.
  if (end === start || rest === 0 || isOnly(bytes, end, FF)) return undefined;
  const isText = rest < BLOCK_SIZE && isOnly(bytes, end, TEXT_ENDS);
  if (!lastIsFiller) return isText ? end : undefined;
  // The first bytes of a header that was cut off are no more than letters.
  const isCutHeader = "RBL".startsWith(asText(bytes.subarray(end, end + 3)));
  return isOnly(bytes, end, PADDING) || (rest < BLOCK_SIZE && !isCutHeader) ? end : undefined;
}
