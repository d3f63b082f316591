/**
 * Binary files that went through something made for text: line ends converted, bytes replaced or taken for characters. What was
 * in them cannot be brought back. Code and data of a flash keep all of these rules by no chance.
 */
import { readU32, readU32be } from "../../base/bytes";
import { words, type Words } from "../../base/words";
import type { ForeignContent } from "./foreignKinds";
import { isUtf8 } from "./foreignText";

/** Line feeds that must all have a carriage return before them: one does by chance in 256. */
const LEAST_LINE_ENDS = 6;
/** Characters beyond ASCII that must all be well-formed: one is by chance in about 8. */
const LEAST_WIDE = 16;
/** Shorter files may be a few small numbers. */
const LEAST_SEVEN_BIT = 1024;
const QUESTION_MARK = 0x3f;

const COPY_AS_BINARY = words`copy or download it again as a binary file: no text mode, no editor, no console redirection`;

function mangling(bytes: Uint8Array): Words | undefined {
  const replaced = replacements(bytes);
  if (isUtf8(bytes) && bytes.filter((byte) => byte >= 0xc2).length >= LEAST_WIDE)
    return replaced > 0
      ? words`binary file that was read as UTF-8 text: what was no text became EF BF BD`
      : words`binary file that was converted to UTF-8 text`;
  // UTF-8 that was cut, or where a part was left alone, has the mark of replaced bytes all over.
  if (replaced * 64 > bytes.length && replaced >= 4)
    return words`binary file that was read as UTF-8 text: what was no text became EF BF BD`;
  if (bytes.length >= 64 && (isWide(bytes, 0) || isWide(bytes, 1)))
    return words`binary file that was converted to UTF-16 text`;
  if (hasConvertedLineEnds(bytes)) return words`binary file whose line feeds were converted to CR LF`;
  if (isSevenBit(bytes)) return words`binary file of which every byte above 7F became a question mark`;
  return undefined;
}

function replacements(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(0xef); at >= 0 && at + 4 <= bytes.length; at = bytes.indexOf(0xef, at + 1))
    if (readU32be(bytes, at) >>> 8 === 0xefbfbd) count++;
  return count;
}

/** Behind a byte-order mark, every other byte of nearly all characters is zero. */
function isWide(bytes: Uint8Array, high: number): boolean {
  const mark = readU32(bytes, 0) & 0xffff;
  if (mark !== (high === 1 ? 0xfeff : 0xfffe)) return false;
  let zeros = 0;
  for (let at = 2; at + 1 < bytes.length; at += 2) if (bytes[at + high] === 0) zeros++;
  return zeros > bytes.length / 8;
}

function hasConvertedLineEnds(bytes: Uint8Array): boolean {
  let ends = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
    if (bytes[at - 1] !== 13) return false;
    ends++;
  }
  return ends >= LEAST_LINE_ENDS;
}

function isSevenBit(bytes: Uint8Array): boolean {
  if (bytes.length < LEAST_SEVEN_BIT) return false;
  let marks = 0;
  for (const byte of bytes) {
    if (byte >= 0x80) return false;
    if (byte === QUESTION_MARK) marks++;
  }
  return marks * 10 >= bytes.length;
}

export function mangledBy(bytes: Uint8Array): ForeignContent | undefined {
  const label = mangling(bytes);
  return label && { label, cure: COPY_AS_BINARY };
}
