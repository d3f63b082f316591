/** Reading flash: whole sectors, as many requests out as the loader queues, blank stretches recognised by their CRC. Never changes anything. */
import { BLOCK, SECTOR, hex32, hexAddress, isFilledWith } from "../base/bytes";
import { crc32 } from "../base/checksum";
import { OperationError } from "../base/errors";
import { lengthOf, split, widen, type Range } from "../base/ranges";
import { RETRIES } from "../base/timing";
import { PhaseMeter, note, persist, persistMany, type JobContext } from "./context";
import type { JobEvent } from "./events";

type Run<T> = AsyncGenerator<JobEvent, T, void>;

/** Sectors are asked for in runs: short ones while a blank stretch may begin, longer ones where there is content. */
const FIRST_RUN = 8 * SECTOR;
const LONGEST_RUN = 64 * SECTOR;
/** How far ahead a blank stretch is asked for at first; doubled as long as it goes on. */
const FIRST_LEAP = 4 * SECTOR;
const LONGEST_LEAP = 8 * BLOCK;

const BLANK_CRC = new Map<number, number>();

/** CRC-32 of that many FF bytes. */
function blankCrc(length: number): number {
  let crc = BLANK_CRC.get(length);
  if (crc === undefined) {
    crc = crc32(new Uint8Array(length).fill(0xff));
    BLANK_CRC.set(length, crc);
  }
  return crc;
}

/**
 * The bytes of `range`.
 * @param mayHash skip blank stretches by asking for CRCs; false where a CRC would lock the flash
 * @throws ProtocolError when a sector cannot be read after all repeats
 */
export async function* readRange(context: JobContext, range: Range, mayHash: boolean): Run<Uint8Array> {
  const whole = widen(range, SECTOR);
  const bytes = new Uint8Array(whole.end - whole.start);
  const meter = new PhaseMeter("read", bytes.length);
  yield meter.started();
  let run = FIRST_RUN;
  for (let at = whole.start; at < whole.end; ) {
    const end = Math.min(whole.end, at + run);
    yield* fetch(context, split([{ start: at, end }], SECTOR), bytes, whole.start, meter);
    at = end;
    run = Math.min(2 * run, LONGEST_RUN);
    // Nothing is asked of stretches that are not blank so far: random content costs no CRC.
    if (mayHash && isFilledWith(bytes, 0xff, at - whole.start - SECTOR, at - whole.start)) {
      at = yield* leapOverBlank(context, { start: at, end: whole.end }, bytes, whole.start, meter);
      run = FIRST_RUN;
    }
  }
  yield meter.finished();
  return bytes.subarray(range.start - whole.start, range.end - whole.start);
}

/** Reads the given sectors into their places in `bytes`, which begins at flash address `base`. */
async function* fetch(context: JobContext, sectors: readonly Range[], bytes: Uint8Array, base: number, meter: PhaseMeter): Run<void> {
  const addresses = sectors.map(({ start }) => start);
  yield* persistMany(
    context,
    addresses.length,
    (from) => context.device.readSectors(addresses.slice(from), context.signal),
    (sector, i) => {
      const address = addresses[i] as number;
      bytes.set(sector, address - base);
      return meter.advance(address, SECTOR);
    },
  );
}

/** @returns where the blank stretch that begins at `rest.start` was last seen; `rest.start` when it has ended */
async function* leapOverBlank(context: JobContext, rest: Range, bytes: Uint8Array, base: number, meter: PhaseMeter): Run<number> {
  let at = rest.start;
  for (let leap = FIRST_LEAP; at < rest.end; leap = Math.min(2 * leap, LONGEST_LEAP)) {
    const length = Math.min(leap, rest.end - at);
    const start = at;
    if ((yield* persist(context, () => context.device.crc(start, length, context.signal))) !== blankCrc(length)) break;
    bytes.fill(0xff, at - base, at - base + length);
    at += length;
    yield meter.advance(start, length);
  }
  return at;
}

/** The contents of whole sectors, by address. */
export async function* readSectors(context: JobContext, addresses: readonly number[]): Run<Map<number, Uint8Array>> {
  const contents = new Map<number, Uint8Array>();
  const meter = new PhaseMeter("preserve", addresses.length * SECTOR);
  yield meter.started();
  for (const address of addresses) {
    contents.set(address, yield* persist(context, () => context.device.readSector(address, context.signal)));
    yield meter.advance(address, SECTOR);
  }
  yield meter.finished();
  return contents;
}

/**
 * Compares `bytes`, which were read from `start` (a sector boundary), with the chip's own CRCs, and reads sectors that
 * were damaged on the way again. `bytes` is mended in place.
 * @throws OperationError `read-crc-mismatch` when a sector keeps coming out different
 */
export async function* mendAgainstChip(context: JobContext, bytes: Uint8Array, start: number): Run<void> {
  const pieces = split([{ start, end: start + bytes.length }], BLOCK);
  const damaged: Range[] = [];
  const meter = new PhaseMeter("check", lengthOf(pieces));
  yield meter.started();
  yield* persistMany(
    context,
    pieces.length,
    (from) => context.device.crcs(pieces.slice(from), context.signal),
    (crc, i) => {
      const piece = pieces[i] as Range;
      if (crc !== crc32(bytes, piece.start - start, piece.end - start)) damaged.push(piece);
      return meter.advance(piece.start, piece.end - piece.start);
    },
  );
  for (const sector of split(damaged, SECTOR)) yield* mendSector(context, bytes, start, sector);
  yield meter.finished();
}

async function* mendSector(context: JobContext, bytes: Uint8Array, start: number, sector: Range): Run<void> {
  const agrees = (): Run<boolean> => sectorAgrees(context, bytes, start, sector);
  for (let attempt = 1; attempt <= RETRIES.sector; attempt++) {
    if (yield* agrees()) return;
    yield note("warning", "repair", { address: sector.start, length: SECTOR, attempts: attempt });
    bytes.set(yield* persist(context, () => context.device.readSector(sector.start, context.signal)), sector.start - start);
  }
  if (yield* agrees()) return;
  throw new OperationError("read-crc-mismatch", `read ${hexAddress(sector.start)}`, {
    address: sector.start,
    length: SECTOR,
    actual: hex32(crc32(bytes, sector.start - start, sector.end - start)),
    attempts: RETRIES.sector,
  });
}

async function* sectorAgrees(context: JobContext, bytes: Uint8Array, start: number, sector: Range): Run<boolean> {
  const onChip = yield* persist(context, () => context.device.crc(sector.start, SECTOR, context.signal));
  return onChip === crc32(bytes, sector.start - start, sector.end - start);
}
