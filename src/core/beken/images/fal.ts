/**
 * Flash partition tables of RT-Thread's FAL, as bootloaders (64-byte entries) and UF2 files (48-byte entries) hold them.
 * Source: docs/formats.md ("FAL partition table"). Knows no layout by itself.
 */
import { alignUp, ascii, readU32, textUntilNul, viewOf } from "../../base/bytes";
import type { Range } from "../../base/ranges";
import type { FlashGeometry, Partition } from "../chips/types";
import { BLOCK_SIZE, stripCrcBlocks, toPhysical } from "./crcBlocks";
import type { KnownFlash } from "./knownFlash";

const MAGIC = 0x45503130;

export const FAL_ENTRY_BOOTLOADER = 64;
export const FAL_ENTRY_UF2 = 48;

export interface FalPartition extends Partition {
  /** `beken_onchip_crc`: offset and length are logical; `beken_onchip`, `flash0`: physical. */
  readonly flash: string;
}

/** Partitions on such a device have addresses without the CRC-16 bytes. */
const LOGICAL_DEVICE = "beken_onchip_crc";

/** Where a partition lies in flash, CRC-16 bytes included. */
export function physicalRange({ flash, offset, length }: FalPartition): Range {
  const place = flash === LOGICAL_DEVICE ? toPhysical : (address: number): number => address;
  return { start: place(offset), end: place(offset + length) };
}

function nameSize(entrySize: number): number {
  return (entrySize - 16) / 2;
}

/** Reads entries until the first without the magic. */
export function parseFalTable(
  bytes: Uint8Array,
  entrySize: typeof FAL_ENTRY_BOOTLOADER | typeof FAL_ENTRY_UF2,
): readonly FalPartition[] {
  const names = nameSize(entrySize);
  const partitions: FalPartition[] = [];
  for (let at = 0; at + entrySize <= bytes.length; at += entrySize) {
    if (readU32(bytes, at) !== MAGIC) break;
    const flashAt = at + 4 + names;
    const numbersAt = flashAt + names;
    partitions.push({
      name: textUntilNul(bytes.subarray(at + 4, flashAt)),
      flash: textUntilNul(bytes.subarray(flashAt, numbersAt)),
      offset: readU32(bytes, numbersAt),
      length: readU32(bytes, numbersAt + 4),
    });
  }
  return partitions;
}

/** Addresses in flash have 24 bits, logical ones fewer. */
const FLASH_END = 0x1000000;

/** The entry at `at`, if it can be one: two readable names that end inside their fields, and a place inside a flash. */
function saneEntry(bytes: Uint8Array, at: number): FalPartition | undefined {
  if (at + FAL_ENTRY_BOOTLOADER > bytes.length || readU32(bytes, at) !== MAGIC) return undefined;
  const [entry] = parseFalTable(bytes.subarray(at, at + FAL_ENTRY_BOOTLOADER), FAL_ENTRY_BOOTLOADER);
  if (entry === undefined) return undefined;
  const longest = nameSize(FAL_ENTRY_BOOTLOADER);
  const readable = [entry.name, entry.flash].every(
    (name) => name.length > 0 && name.length < longest && /^[\x21-\x7e]+$/.test(name),
  );
  return readable && entry.length > 0 && entry.offset + entry.length <= FLASH_END ? entry : undefined;
}

/**
 * The table in boot code: the last one that makes sense. Code that is not scrambled holds the magic as a constant as well,
 * with something else behind it, and it comes before the table, which lies at the code's end (docs/formats.md).
 * @param code without CRC-16s
 */
export function findFalTable(code: Uint8Array): readonly FalPartition[] {
  let table: readonly FalPartition[] = [];
  for (let at = code.indexOf(MAGIC & 0xff); at >= 0; at = code.indexOf(MAGIC & 0xff, at + 1)) {
    const found: FalPartition[] = [];
    for (let entry = saneEntry(code, at); entry !== undefined; entry = saneEntry(code, at)) {
      found.push(entry);
      at += FAL_ENTRY_BOOTLOADER;
    }
    if (found.length > 0) at -= 1;
    // One entry alone may be a chance; several in a row are a table.
    if (found.length > 1 || (found.length === 1 && table.length < 2)) table = found;
  }
  return table;
}

/** A partition by the boot code's own table, physical; undefined where no table was read, or it does not name it. */
export function bootPartition(flash: KnownFlash, name: string, geometry: FlashGeometry): Range | undefined {
  const { bootCodeEnd } = geometry;
  for (let at: number | undefined = 0; at !== undefined && at < bootCodeEnd;) {
    const end = flash.knownUntil(at, bootCodeEnd);
    const first = alignUp(at, BLOCK_SIZE);
    const bytes = first < end ? flash.at(first, end - first) : undefined;
    const found = bytes && partitionIn(stripCrcBlocks(bytes), name, flash.size, geometry);
    if (found) return found;
    at = flash.nextKnown(Math.max(at + 1, end), bootCodeEnd);
  }
  return undefined;
}

/** Where the boot code jumps to, physical: as its table says, else where all known ones do. */
export function jumpTarget(flash: KnownFlash, geometry: FlashGeometry): number {
  return bootPartition(flash, "app", geometry)?.start ?? geometry.applicationStart;
}

function partitionIn(code: Uint8Array, name: string, size: number, geometry: FlashGeometry): Range | undefined {
  const entry = findFalTable(code).find((partition) => partition.name === name);
  if (!entry) return undefined;
  const range = physicalRange(entry);
  return isSane(range, size, geometry) ? range : undefined;
}

function isSane({ start }: Range, size: number, { sector, bootCodeEnd }: FlashGeometry): boolean {
  return start >= bootCodeEnd && start % sector === 0 && start < size;
}

/** Builds a table with UF2's entry size. Throws RangeError for a name longer than 15 characters. */
export function buildUf2FalTable(partitions: readonly Partition[]): Uint8Array {
  const names = nameSize(FAL_ENTRY_UF2);
  const out = new Uint8Array(partitions.length * FAL_ENTRY_UF2);
  const view = viewOf(out);
  partitions.forEach(({ name, offset, length }, index) => {
    if (name.length >= names) throw new RangeError(`partition name "${name}" is too long`);
    const at = index * FAL_ENTRY_UF2;
    view.setUint32(at, MAGIC, true);
    out.set(ascii(name), at + 4);
    out.set(ascii("flash0"), at + 4 + names);
    view.setUint32(at + 4 + 2 * names, offset, true);
    view.setUint32(at + 8 + 2 * names, length, true);
  });
  return out;
}
