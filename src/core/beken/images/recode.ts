/**
 * An application in flash form under another key: mask, CRC-16s, RBL checksums. Bytes in, bytes out; whether it should be
 * done, and what the result is called, is decided in rekey.ts.
 * Source: docs/formats.md ("RBL, partition form"); the result is what LibreTiny's packager makes of the same code.
 */
import { isFilledWith, viewOf } from "../../base/bytes";
import { crc32, fnv1a } from "../../base/checksum";
import { isScrambling } from "../chips/keys";
import type { Coefficients } from "../chips/types";
import { measureApp } from "./appChecks";
import { APP_LOGICAL } from "./appKey";
import { scramble } from "./cipher";
import { addCrcBlocks, BLOCK_DATA, stripCrcBlocks } from "./crcBlocks";
import { parseRblHeader, RBL_HEADER_FLASH_SIZE, type RblHeader } from "./rblHeader";
import { coveredBytes } from "./rblPartition";

export interface Recoding {
  readonly from: Coefficients;
  readonly to: Coefficients;
}

const HEADER_DATA_CRC_AT = 76;
const HEADER_HASH_AT = 80;
const HEADER_CRC_AT = 92;

/**
 * Changes the key of the application at the start of `flash`, up to its first bytes that are no CRC-16 block. Filler that the
 * packager leaves unscrambled stays FF, and so do erased gaps behind it.
 * @param flash bytes from flash address 0x11000 on; not changed
 * @param header the container's header, which tells where the code ends; undefined where there is none
 */
export function recodeApplication(
  flash: Uint8Array,
  header: RblHeader | undefined,
  { from, to }: Recoding,
): Uint8Array {
  const { end } = measureApp(flash, 0);
  const code = stripCrcBlocks(flash.subarray(0, end));
  const recoded = scramble(scramble(code, from, APP_LOGICAL), to, APP_LOGICAL);
  for (const [start, stop] of fillers(code, header, isScrambling(from))) recoded.fill(0xff, start, stop);
  const out = flash.slice();
  out.set(addCrcBlocks(recoded));
  return out;
}

type Span = readonly [start: number, end: number];

/**
 * Where `code` (no CRC-16s) is filler and no code. Scrambled code is FF by chance only, so there every block of FF is filler;
 * in plain code blocks of FF may be code, and only the packager's own last one is known to be filler.
 */
function fillers(code: Uint8Array, header: RblHeader | undefined, scrambled: boolean): Span[] {
  const described = header === undefined ? code.length : Math.ceil(header.dataSize / BLOCK_DATA) * BLOCK_DATA;
  const last = Math.min(described, code.length) - BLOCK_DATA;
  const spans: Span[] = [];
  for (let at = 0; at < code.length; at += BLOCK_DATA) {
    if ((scrambled || at >= last) && isFilledWith(code, 0xff, at, at + BLOCK_DATA)) spans.push([at, at + BLOCK_DATA]);
  }
  // Other packagers than LibreTiny's end the code inside a block.
  const end = last + BLOCK_DATA;
  const certain = header === undefined ? end : Math.max(last, Math.min(header.dataSize, header.rawSize));
  const floor = scrambled ? last : certain;
  let start = end;
  while (start - 4 >= floor && isFilledWith(code, 0xff, start - 4, start)) start -= 4;
  spans.push([start, end]);
  return spans;
}

/**
 * The 102 header bytes for a recoded application: checksums anew, everything else, left-over bytes behind its texts included,
 * as it was.
 * @param application flash bytes from 0x11000 on, at least as many as the header describes
 */
export function recodeHeader(header: Uint8Array, application: Uint8Array): Uint8Array {
  const fields = stripCrcBlocks(header.subarray(0, RBL_HEADER_FLASH_SIZE));
  const parsed = parseRblHeader(fields);
  const { data, raw } = coveredBytes(stripCrcBlocks(application, parsed.dataSize), parsed);
  const view = viewOf(fields);
  view.setUint32(HEADER_DATA_CRC_AT, crc32(data), true);
  view.setUint32(HEADER_HASH_AT, fnv1a(raw), true);
  view.setUint32(HEADER_CRC_AT, crc32(fields, 0, HEADER_CRC_AT), true);
  return addCrcBlocks(fields);
}
