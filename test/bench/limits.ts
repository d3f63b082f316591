/**
 * The least time a job can take on a wire and in a flash, whatever the program: what every result is held against.
 * It knows no flasher and measures nothing.
 *
 * The model, from the slowest thing that cannot be avoided:
 * - A byte takes ten bit times at the rate the chip's divider really makes, not at the rate that was asked for.
 * - Only frames that the protocol needs for the result are counted, heads included. Requests that can wait in the chip's
 *   buffer (reads) travel while earlier answers come back, so of them only the first costs time; erases and writes are
 *   answered before the next may leave, so both ways count.
 * - An erase or program operation stops the chip's processor, which runs from the same flash. Erases overlap with nothing:
 *   data may not be sent before they are answered. Programming overlaps with the wire only where the chip programs a
 *   sector's first pieces while its last still arrive (streamed writes); then the slower of both counts, and the last piece.
 * - A 64 KiB block takes whichever is less: its own erase, or sixteen sector erases.
 *
 * What the chip's own processor does besides, fetching from flash and hashing, is no datasheet's figure. It is left out of
 * `ms`, which targets are held against, and added in `chipMs`: below that no host gets on this chip.
 */
import {
  LONG_REPLY_OVERHEAD,
  LONG_REQUEST_OVERHEAD,
  SHORT_REPLY_OVERHEAD,
  SHORT_REQUEST_OVERHEAD,
} from "../../src/core/beken/protocol/frames";
import { BLOCK, PAGE, SECTOR } from "../flashUnits";

export interface FlashSpeed {
  readonly erase4kUs: number;
  readonly erase64kUs: number;
  /** Programming 32 bytes, the most that Beken's flash controller takes at once. */
  readonly program32Us: number;
}

export interface ChipSpeed {
  readonly flash: FlashSpeed;
  /** Programs while the rest of a sector still arrives, as far as that is safe at the rate in question. */
  readonly streams: boolean;
  /** The processor's own time: around each program operation, before the answer to a 4 KiB read, and per hashed byte. */
  readonly programOverheadUs: number;
  readonly readUs: number;
  readonly crcUsPerByte: number;
}

export interface Limit {
  /** Wire, erase and program times. */
  readonly ms: number;
  /** The same with the time of the chip's own processor. */
  readonly chipMs: number;
}

/** What a write does to the flash; all counts of whole units. */
export interface WriteWork {
  /** Whole 64 KiB blocks that are erased, and sectors erased besides. */
  readonly blocks: number;
  readonly sectors: number;
  /** Sectors that are programmed. */
  readonly programmed: number;
  /** Sectors read before the erase because part of them stays. */
  readonly preserved: number;
  /** Bytes that are hashed, before to find what differs and after as proof. */
  readonly hashed: number;
}

const ADDRESS = 4;
export const READ_REQUEST = LONG_REQUEST_OVERHEAD + ADDRESS;
export const READ_REPLY = LONG_REPLY_OVERHEAD + ADDRESS + SECTOR;
const ERASE = LONG_REQUEST_OVERHEAD + 1 + ADDRESS + (LONG_REPLY_OVERHEAD + 1 + ADDRESS);
const WRITE_REQUEST = LONG_REQUEST_OVERHEAD + ADDRESS + SECTOR;
const WRITE_REPLY = LONG_REPLY_OVERHEAD + ADDRESS;
const CRC = SHORT_REQUEST_OVERHEAD + 2 * ADDRESS + (SHORT_REPLY_OVERHEAD + ADDRESS);
const PIECE = 32;
const PIECES = SECTOR / PIECE;

/** Time of `bytes` on the wire, in ms. */
export function wireMs(bytes: number, baud: number): number {
  return (bytes * 10_000) / baud;
}

function sum(...limits: readonly Limit[]): Limit {
  return {
    ms: limits.reduce((total, { ms }) => total + ms, 0),
    chipMs: limits.reduce((total, { chipMs }) => total + chipMs, 0),
  };
}

function same(ms: number): Limit {
  return { ms, chipMs: ms };
}

/** Reading `count` sectors; answers follow each other without a pause. */
export function readLimit(count: number, baud: number, chip: ChipSpeed): Limit {
  if (count === 0) return same(0);
  const ms = wireMs(READ_REQUEST + count * READ_REPLY, baud);
  return { ms, chipMs: ms + (count * chip.readUs) / 1000 };
}

/** Having the chip hash `bytes` in one go. */
export function hashLimit(bytes: number, baud: number, chip: ChipSpeed): Limit {
  if (bytes === 0) return same(0);
  const ms = wireMs(CRC, baud);
  return { ms, chipMs: ms + (bytes * chip.crcUsPerByte) / 1000 };
}

/** Reading `bytes` of flash, every byte sent, and checking them against the chip's own hash. */
export function backupLimit(bytes: number, baud: number, chip: ChipSpeed): Limit {
  return sum(readLimit(bytes / SECTOR, baud, chip), hashLimit(bytes, baud, chip));
}

function eraseLimit({ blocks, sectors }: WriteWork, baud: number, { flash }: ChipSpeed): Limit {
  const perBlock = BLOCK / SECTOR;
  const wholeMs = flash.erase64kUs / 1000 + wireMs(ERASE, baud);
  const sectorMs = flash.erase4kUs / 1000 + wireMs(ERASE, baud);
  return same(blocks * Math.min(wholeMs, perBlock * sectorMs) + sectors * sectorMs);
}

/** Programming one erased sector. A chip that streams begins with a page once all of it is there. */
function programLimit(baud: number, { flash, streams, programOverheadUs }: ChipSpeed): Limit {
  const request = wireMs(WRITE_REQUEST, baud);
  const reply = wireMs(WRITE_REPLY, baud);
  const total = (pieceUs: number, lastPieces: number): number => {
    const programMs = (PIECES * pieceUs) / 1000;
    const lastMs = (lastPieces * pieceUs) / 1000;
    return reply + (streams ? Math.max(request + lastMs, programMs) : request + programMs);
  };
  return { ms: total(flash.program32Us, 1), chipMs: total(flash.program32Us + programOverheadUs, PAGE / PIECE) };
}

/** A whole write: what stays is read, sectors are erased and programmed, the chip hashes the result. */
export function writeLimit(work: WriteWork, baud: number, chip: ChipSpeed): Limit {
  const program = programLimit(baud, chip);
  return sum(
    readLimit(work.preserved, baud, chip),
    eraseLimit(work, baud, chip),
    { ms: program.ms * work.programmed, chipMs: program.chipMs * work.programmed },
    hashLimit(work.hashed, baud, chip),
  );
}

/** Sectors that tell who the chip is: boot code, application (key) and calibration (MAC). */
const TELLING_SECTORS = 3;

/** Telling everything about a chip: nothing but questions of a few bytes must be asked at the rate it starts with. */
export function infoLimit(baud: number, chip: ChipSpeed): Limit {
  return readLimit(TELLING_SECTORS, baud, chip);
}
