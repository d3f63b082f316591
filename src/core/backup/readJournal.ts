/**
 * Going on with a backup that was interrupted. The caller keeps the bytes in a `.part` file, at their flash address, and
 * this journal beside it; for every finished block the bytes are stored first and the line after, so a kill between the
 * two costs one block. Pure; the job still asks the chip for the CRC of every block it takes over.
 */
import { hex32 } from "../base/bytes";
import { crc32 } from "../base/checksum";
import { rangeOf, split, subtract, type Range } from "../base/ranges";
import { fieldsOf, numberField, textField, FieldError, type Fields } from "./untrustedFields";
import { journalLine, orNothing, readJournalLines } from "./journal";
import { BACKUP_BLOCK, compareDevices, type DeviceMark } from "./manifest";
import { markOf } from "./parseManifest";

const FORMAT = "beken-flasher-read-journal";
const VERSION = 1;

/** A piece of flash that was read: addresses in bytes of flash, its CRC-32 unsigned. */
export interface ReadBlock {
  readonly start: number;
  readonly length: number;
  readonly crc32: number;
}

/** What a job goes on from. `bytes` begins at flash address 0 and may be shorter than the flash. */
export interface ReadResume {
  readonly bytes: Uint8Array;
  readonly blocks: readonly ReadBlock[];
}

/** First line: which device, how much. Written before the first block. */
export function startReadJournal(device: DeviceMark): string {
  return journalLine({ format: FORMAT, version: VERSION, device });
}

/** Line of one finished block; appended after its bytes are stored and flushed. */
export function readBlockLine({ start, length, crc32: crc }: ReadBlock): string {
  return journalLine({ start, length, crc32: hex32(crc) });
}

/** The block of `bytes`, the flash from address 0, that lies at `range`. */
export function blockOf(bytes: Uint8Array, { start, end }: Range): ReadBlock {
  return { start, length: end - start, crc32: crc32(bytes, start, end) };
}

/**
 * What of an interrupted read can be offered to a job on `device`.
 * @param journal text of the journal
 * @param part content of the `.part` file
 * @returns only blocks whose stored bytes still have their CRC; undefined when there is nothing to go on from
 */
export function resumeRead(journal: string, part: Uint8Array, device: DeviceMark): ReadResume | undefined {
  const [head, ...rest] = readJournalLines(journal).facts;
  const mark = head && orNothing(() => headOf(head));
  if (!mark || mark.flashSize !== device.flashSize || compareDevices(mark, device) === "other") return undefined;
  const blocks = new Map<number, ReadBlock>();
  for (const fact of rest) {
    const block = orNothing(() => blockFrom(fact, device.flashSize));
    if (!block || block.start + block.length > part.length) continue;
    if (crc32(part, block.start, block.start + block.length) === block.crc32) blocks.set(block.start, block);
  }
  return blocks.size === 0
    ? undefined
    : { bytes: part, blocks: [...blocks.values()].sort((a, b) => a.start - b.start) };
}

/** A dump of a whole flash as if it had been interrupted after its last byte: what of it the chip agrees to is not read again. */
export function wholeOf(bytes: Uint8Array): ReadResume {
  return { bytes, blocks: split([rangeOf(0, bytes.length)], BACKUP_BLOCK).map((range) => blockOf(bytes, range)) };
}

/** Of which device a journal is; undefined where it does not say. */
export function readJournalDevice(journal: string): DeviceMark | undefined {
  const [head] = readJournalLines(journal).facts;
  return head && orNothing(() => headOf(head));
}

/**
 * What is still to be read of `whole` once the chip has agreed to `trusted`, cut at multiples of 64 KiB: the next blocks
 * of the journal.
 */
export function blocksToRead(whole: Range, trusted: readonly ReadBlock[]): Range[] {
  const held = trusted.map(({ start, length }) => rangeOf(start, length));
  return split(subtract([whole], held), BACKUP_BLOCK);
}

function headOf(fields: Fields): DeviceMark {
  if (fields["format"] !== FORMAT || fields["version"] !== VERSION) throw new FieldError("it is no journal of a read");
  return markOf(fieldsOf(fields["device"], "device"));
}

function blockFrom(fields: Fields, size: number): ReadBlock {
  const start = numberField(fields, "start", 0, size - 1);
  const length = numberField(fields, "length", 1, Math.min(BACKUP_BLOCK, size - start));
  return { start, length, crc32: parseInt(textField(fields, "crc32", /^[0-9A-F]{8}$/), 16) };
}
