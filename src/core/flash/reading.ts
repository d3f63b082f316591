/** Reading flash: sector by sector, and checked against the chip's own CRC. Never changes anything. */
import { BLOCK, SECTOR, hex32, hexAddress } from "../base/bytes";
import { crc32 } from "../base/checksum";
import { OperationError } from "../base/errors";
import { lengthOf, split, widen, type Range } from "../base/ranges";
import { RETRIES } from "../base/timing";
import { PhaseMeter, note, persist, type JobContext } from "./context";
import type { JobEvent } from "./events";

/**
 * The bytes of `range`, read in whole sectors.
 * @throws ProtocolError when a sector cannot be read after all repeats
 */
export async function* readRange(context: JobContext, range: Range): AsyncGenerator<JobEvent, Uint8Array, void> {
  const whole = widen(range, SECTOR);
  const bytes = new Uint8Array(whole.end - whole.start);
  const meter = new PhaseMeter("read", bytes.length);
  yield meter.started();
  for (const { start } of split([whole], SECTOR)) {
    bytes.set(yield* persist(context, () => context.device.readSector(start, context.signal)), start - whole.start);
    yield meter.advance(start, SECTOR);
  }
  yield meter.finished();
  return bytes.subarray(range.start - whole.start, range.end - whole.start);
}

/** The contents of whole sectors, by address. */
export async function* readSectors(
  context: JobContext,
  addresses: readonly number[],
): AsyncGenerator<JobEvent, Map<number, Uint8Array>, void> {
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
export async function* mendAgainstChip(
  context: JobContext,
  bytes: Uint8Array,
  start: number,
): AsyncGenerator<JobEvent, void, void> {
  const pieces = split([{ start, end: start + bytes.length }], BLOCK);
  const meter = new PhaseMeter("check", lengthOf(pieces));
  yield meter.started();
  for (const piece of pieces) {
    if (!(yield* agrees(context, bytes, start, piece))) {
      for (const sector of split([piece], SECTOR)) yield* mendSector(context, bytes, start, sector);
    }
    yield meter.advance(piece.start, piece.end - piece.start);
  }
  yield meter.finished();
}

async function* agrees(
  context: JobContext,
  bytes: Uint8Array,
  start: number,
  piece: Range,
): AsyncGenerator<JobEvent, boolean, void> {
  const length = piece.end - piece.start;
  const onChip = yield* persist(context, () => context.device.crc(piece.start, length, context.signal));
  return onChip === crc32(bytes, piece.start - start, piece.end - start);
}

async function* mendSector(
  context: JobContext,
  bytes: Uint8Array,
  start: number,
  sector: Range,
): AsyncGenerator<JobEvent, void, void> {
  for (let attempt = 1; attempt <= RETRIES.sector; attempt++) {
    if (yield* agrees(context, bytes, start, sector)) return;
    yield note("warning", "repair", { address: sector.start, length: SECTOR, attempts: attempt });
    bytes.set(
      yield* persist(context, () => context.device.readSector(sector.start, context.signal)),
      sector.start - start,
    );
  }
  if (yield* agrees(context, bytes, start, sector)) return;
  throw new OperationError("read-crc-mismatch", `read ${hexAddress(sector.start)}`, {
    address: sector.start,
    length: SECTOR,
    actual: hex32(crc32(bytes, sector.start - start, sector.end - start)),
    attempts: RETRIES.sector,
  });
}
