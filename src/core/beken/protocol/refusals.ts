/**
 * What must never reach a chip: the checks behind every encoder of commandTable.ts. Each throws ProtocolError
 * "frame-refused" with the reason in words. Knows nothing of plans (writeGuard.ts does) or of chips' sizes.
 * Why each frame is dangerous: docs/protocol.md ("Frames that are never sent").
 */
import { hexAddress } from "../../base/bytes";
import { ProtocolError } from "../../base/errors";
import { words, type Text, type Words } from "../../base/words";
import { COMMAND_SECTOR } from "./commandRows";

/** From here on a write address becomes another flash command inside the loaders; reads and erases drop these bits. */
export const ADDRESS_LIMIT = 0x01000000;
/** Reads may add one turn of 16 MiB: a multiple of every flash size, beyond every lower limit. */
export const READ_LIMIT = 2 * ADDRESS_LIMIT;
/** Longest range of one CheckCRC, exclusive: loaders count pages in 16 bits and hang beyond. */
export const CRC_LIMIT = 0x01000000;
/** Loaders program in chunks of this many bytes; a shorter or unaligned first chunk drags stray bytes along. */
export const WRITE_CHUNK = 32;

/** eFuse control of BK7231N and relatives, and its direction bit: set, a start burns fuses instead of reading them. */
export const EFUSE_CONTROL = 0x00800074;
const EFUSE_WRITE = 0x02;

/** SRP0, SRP1, LB1-LB3 in a 16-bit status register: set once, some parts keep them for ever. */
export const STATUS_LOCK_BITS = (1 << 7) | (1 << 8) | (7 << 11);

/** SPI commands that only read: status 1-3, SFDP, unique id, JEDEC id, manufacturer id. */
const READING_SPI_COMMANDS: ReadonlySet<number> = new Set([0x05, 0x35, 0x15, 0x5a, 0x4b, 0x9f, 0x90]);
export const SPI_TRANSFER_LIMIT = 64;

export const BAUD_LIMITS = { lowest: 9_600, highest: 4_000_000 } as const;

export function refuse(doing: Text, detail: Words, context: { address?: number; length?: number } = {}): never {
  throw new ProtocolError("frame-refused", doing, { detail, ...context });
}

function isWhole(value: number, from: number, to: number): boolean {
  return Number.isInteger(value) && value >= from && value <= to;
}

export function requireByte(doing: Text, what: Words, value: number, from = 0, to = 0xff): void {
  if (!isWhole(value, from, to)) refuse(doing, words`${what} must be ${from} to ${to}`);
}

export function requireWord(doing: Text, what: Words, value: number): void {
  if (!isWhole(value, 0, 0xffffffff)) refuse(doing, words`${what} must fit in 32 bits`);
}

export function requireReadable(doing: Text, address: number): void {
  if (!isWhole(address, 0, READ_LIMIT - 1)) refuse(doing, words`reads end at ${hexAddress(READ_LIMIT)}`, { address });
}

/** @param range `pages`: the loader hashes whole 256-byte pages only; `inclusive`: byte exact */
export function requireCrcRange(doing: Text, start: number, length: number, range: "pages" | "inclusive"): void {
  requireReadable(doing, start);
  if (!isWhole(length, 1, CRC_LIMIT - 1)) {
    refuse(doing, words`a CRC range of nothing, or of 16 MiB and more, hangs the loader`, { address: start, length });
  }
  if (range === "pages" && length % 256 !== 0) {
    refuse(doing, words`this loader hashes whole pages of 256 bytes`, { address: start, length });
  }
  requireReadable(doing, start + length - 1);
}

/** Writing `length` bytes from `address`, which must be a multiple of `unit`. */
export function requireWritable(doing: Text, address: number, length: number, unit: number): void {
  if (!isWhole(address, 0, ADDRESS_LIMIT - 1) || address + length > ADDRESS_LIMIT) {
    refuse(doing, words`beyond ${hexAddress(ADDRESS_LIMIT)} a write becomes another flash command`, {
      address,
      length,
    });
  }
  if (address % unit !== 0) refuse(doing, words`not at a multiple of ${unit} bytes`, { address, length });
}

export function requireWholeSector(doing: Text, data: Uint8Array): void {
  if (data.length !== COMMAND_SECTOR)
    refuse(doing, words`anything but 4096 bytes wedges the loader`, { length: data.length });
}

export function requireWholeChunks(doing: Text, data: Uint8Array): void {
  if (data.length === 0 || data.length > COMMAND_SECTOR || data.length % WRITE_CHUNK !== 0) {
    refuse(doing, words`takes 1 to 128 whole chunks of ${WRITE_CHUNK} bytes`, { length: data.length });
  }
}

export function requireErasable(doing: Text, address: number, size: number): void {
  if (!isWhole(address, 0, ADDRESS_LIMIT - 1))
    refuse(doing, words`erases end at ${hexAddress(ADDRESS_LIMIT)}`, { address });
  if (address % size !== 0) refuse(doing, words`the flash would erase from a lower address`, { address, length: size });
}

/** Registers reach the flash controller and the fuses behind the back of every other check: only known needs pass. */
export function requireHarmlessRegisterWrite(doing: Text, address: number, value: number): void {
  requireWord(doing, words`the value`, value);
  if (address !== EFUSE_CONTROL) refuse(doing, words`a flasher has no need to write this register`, { address });
  if ((value & EFUSE_WRITE) !== 0) refuse(doing, words`this value would burn a fuse`, { address });
}

/**
 * @param value status bits as they would be afterwards, bit 0 = first register's bit 0
 * @param current the same bits as they are now: a lock that is set may stay
 */
export function requireNoNewLocks(doing: Text, value: number, current: number): void {
  if (!isWhole(current, 0, 0xffff)) refuse(doing, words`the current status is needed to keep its lock bits`);
  if (current === 0xff || current === 0xffff)
    refuse(doing, words`a status of all ones means that the flash does not answer`);
  if ((value & STATUS_LOCK_BITS & ~current) !== 0) refuse(doing, words`this value would lock the flash for good`);
}

export function requireReadingSpi(doing: Text, bytes: Uint8Array): void {
  const command = bytes[0];
  if (command === undefined || bytes.length > SPI_TRANSFER_LIMIT)
    refuse(doing, words`takes 1 to ${SPI_TRANSFER_LIMIT} bytes`);
  if (!READING_SPI_COMMANDS.has(command)) refuse(doing, words`not a command that only reads`);
}

/** @param delay ticks of the loader until it answers at the new rate; none leaves the host no time to follow */
export function requireBaud(doing: Text, baud: number, delay: number): void {
  if (!isWhole(baud, BAUD_LIMITS.lowest, BAUD_LIMITS.highest)) {
    refuse(doing, words`rates go from ${BAUD_LIMITS.lowest} to ${BAUD_LIMITS.highest} baud`);
  }
  requireByte(doing, words`the delay`, delay, 1);
}
