/**
 * FlashDB, in which LibreTiny keeps what ESPHome remembers: entries are named by numbers that ESPHome computes, and their content by
 * the component alone. Names and counts them; reads no values.
 * Source: FlashDB (fdb_kvdb.c): sector magic `FDB0`, entry magic `KV00`, then length u32, CRC-32 u32, name length u8, value length u32, name.
 */
import { readU32, textUntilNul } from "../base/bytes";

const SECTOR_MAGIC = 0x30424446;
const ENTRY_MAGIC = [0x4b, 0x56, 0x30, 0x30] as const;
const NAME_AT = 20;
/** The magic stands behind the status bytes of a sector. */
const LATEST_SECTOR_MAGIC = 32;
export const FLASHDB_SECTOR = 0x1000;
const LONGEST_NAME = 64;
const MOST_NAMES = 256;

export interface FlashDb {
  readonly at: number;
  readonly sectors: number;
  /** Names of all entries, also of ones that were replaced. */
  readonly names: readonly string[];
}

function hasSectorMagic(bytes: Uint8Array, at: number): boolean {
  for (let offset = 0; offset <= LATEST_SECTOR_MAGIC && at + offset + 4 <= bytes.length; offset += 4)
    if (readU32(bytes, at + offset) === SECTOR_MAGIC) return true;
  return false;
}

/** The first database of a file, by its sectors one behind the other; undefined where there is none. */
export function findFlashDb(bytes: Uint8Array): FlashDb | undefined {
  let start = 0;
  while (start < bytes.length && !hasSectorMagic(bytes, start)) start += FLASHDB_SECTOR;
  if (start >= bytes.length) return undefined;
  let end = start;
  while (end < bytes.length && hasSectorMagic(bytes, end)) end += FLASHDB_SECTOR;
  return { at: start, sectors: (end - start) / FLASHDB_SECTOR, names: namesIn(bytes.subarray(start, end)) };
}

function namesIn(bytes: Uint8Array): string[] {
  const names = new Set<string>();
  const [first] = ENTRY_MAGIC;
  for (let at = bytes.indexOf(first); at >= 0 && names.size < MOST_NAMES; at = bytes.indexOf(first, at + 1)) {
    if (!ENTRY_MAGIC.every((byte, index) => bytes[at + index] === byte) || at + NAME_AT > bytes.length) continue;
    const length = bytes[at + 12] as number;
    if (length === 0 || length > LONGEST_NAME) continue;
    const name = textUntilNul(bytes.subarray(at + NAME_AT, at + NAME_AT + length));
    if (name.length === length) names.add(name);
  }
  return [...names].sort();
}
