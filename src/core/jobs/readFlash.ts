/** Reading flash: whole sectors, as many requests out as the loader queues, blank stretches recognised by their CRC. Never changes anything. */
import { equalBytes, hexAddress, isFilledWith } from "../base/bytes";
import { BACKUP_BLOCK } from "../backup/manifest";
import { blocksToRead, type ReadBlock, type ReadResume } from "../backup/readJournal";
import { crc32 } from "../base/checksum";
import { crcFacts } from "../base/crcMeaning";
import { OperationError } from "../base/errors";
import { join, lengthOf, rangeOf, split, subtract, widen, type Range } from "../base/ranges";
import { RETRIES } from "../base/timing";
import { words } from "../base/words";
import { BlockEvents } from "./blockEvents";
import { findSame } from "./compareSectors";
import { PhaseMeter, afterGaps, note, withRetries, withRetriesEach, type JobContext } from "../driver/jobContext";
import type { Run } from "./events";
import { askOne, findDiffering } from "./hashSearch";
import { readTwice } from "../driver/readings";

/** Sectors are asked for in runs of so many: short ones while a blank stretch may begin, longer ones where there is content. */
const FIRST_RUN = 8;
const LONGEST_RUN = 64;
/** How many sectors ahead a blank stretch is asked for at first; doubled as long as it goes on. */
const FIRST_LEAP = 4;
const LONGEST_LEAP = 128;

/** Of more bytes a second reading takes longer than the reset that a CRC costs. */
const READ_TWICE_BELOW = 0x40000;

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

/** Where bytes that are read go: their place in `bytes`, which begins at flash address `base`. */
interface Target {
  readonly bytes: Uint8Array;
  readonly base: number;
  readonly meter: PhaseMeter;
  /** Skip blank stretches by asking for CRCs. */
  readonly mayHash: boolean;
  /** Blocks of 64 KiB to tell as they are complete. */
  readonly blocks?: BlockEvents;
  /** Gets the stretches that the chip's CRC has shown to be blank. */
  readonly blank?: Range[];
}

/**
 * The bytes of `range`.
 * @param mayHash skip blank stretches by asking for CRCs; false where a CRC would lock the flash
 * @throws ProtocolError when a sector cannot be read after all repeats
 */
export async function* readRange(context: JobContext, range: Range, mayHash: boolean): Run<Uint8Array> {
  const whole = widen(range, context.geometry.sector);
  const bytes = new Uint8Array(whole.end - whole.start);
  const meter = new PhaseMeter("read", bytes.length);
  yield meter.started();
  yield* readInto(context, whole, { bytes, base: whole.start, meter, mayHash });
  yield meter.finished();
  return bytes.subarray(range.start - whole.start, range.end - whole.start);
}

/**
 * The bytes of `range` as the chip holds them, proven by its CRCs; small ranges by a second reading where a CRC would lock
 * the flash until a reset.
 * @throws OperationError `read-crc-mismatch`; ProtocolError
 */
export async function* readProven(context: JobContext, range: Range): Run<Uint8Array> {
  const whole = widen(range, context.geometry.sector);
  const { device } = context;
  const { crcLocks } = device.profile;
  const bytes = yield* readRange(context, whole, crcLocks !== "until-reset");
  const { gaps } = device;
  const prove = (): Run<void> =>
    crcLocks === "until-reset" && bytes.length <= READ_TWICE_BELOW
      ? mendByReading(context, bytes, whole.start)
      : mendAgainstChip(context, bytes, whole.start);
  yield* prove();
  // The proof is of one chip; what was read before it may have been another's.
  yield* afterGaps(context, gaps, prove);
  return bytes.subarray(range.start - whole.start, range.end - whole.start);
}

/** Reads everything a second time; where the two differ, until two readings agree. */
async function* mendByReading(context: JobContext, bytes: Uint8Array, start: number): Run<void> {
  const { device, geometry, signal } = context;
  const { sector: length } = geometry;
  const meter = new PhaseMeter("check", bytes.length);
  yield meter.started();
  for (const sector of split([{ start, end: start + bytes.length }], length)) {
    const again = yield* withRetries(context, () => device.readSector(sector.start, signal));
    if (!equalBytes(again, bytes.subarray(sector.start - start, sector.end - start))) {
      yield note("warning", "repair", { address: sector.start, length, attempts: 1 });
      bytes.set(yield* withRetries(context, () => readTwice(device, sector.start, signal)), sector.start - start);
    }
    yield meter.advance(sector.start, length);
  }
  yield meter.finished();
}

export interface WholeFlash {
  readonly data: Uint8Array;
  /** Bytes of `resume`, and of `base`, that the chip's CRC has confirmed. */
  readonly bytesTaken: number;
  readonly bytesFromBase: number;
}

/** What is known of the flash already, and counts only where the chip's CRC agrees. */
export interface ReadBefore {
  /** Blocks of an interrupted backup. */
  readonly resume: ReadResume | undefined;
  /** An earlier backup, from flash address 0. */
  readonly base: Uint8Array | undefined;
}

/**
 * The whole flash, equal to the chip by its own CRCs, every 64 KiB told as it is complete.
 * @throws OperationError `read-crc-mismatch`
 */
export async function* readWhole(context: JobContext, { resume, base }: ReadBefore): Run<WholeFlash> {
  const whole = rangeOf(0, context.identity.flash.size);
  const data = new Uint8Array(whole.end);
  const { gaps } = context.device;
  const taken = resume ? yield* confirmed(context, resume, data) : [];
  const blocks = blocksToRead(whole, taken);
  const kept = base ? yield* unchanged(context, join(blocks), base, data) : [];
  const left = subtract(blocks, kept);
  const teller = new BlockEvents(data, blocks, left);
  const meter = new PhaseMeter("read", whole.end);
  yield meter.started();
  for (const { start, length } of taken) yield meter.advance(start, length);
  for (const { start, end } of kept) yield meter.advance(start, end - start);
  yield* teller.complete();
  const blank: Range[] = [];
  for (const range of left)
    yield* readInto(context, range, { bytes: data, base: 0, meter, mayHash: true, blocks: teller, blank });
  yield meter.finished();
  // A block that was taken as a whole, and what is blank, agreed with the chip's CRC just now, but before a gap it may have been
  // another chip's: the proof is over one link.
  const since = context.device.gaps;
  yield* mendAgainstChip(context, data, 0, since > gaps ? [whole] : subtract(teller.read, blank));
  yield* afterGaps(context, since, () => mendAgainstChip(context, data, 0));
  return {
    data,
    bytesTaken: taken.reduce((sum, { length }) => sum + length, 0),
    bytesFromBase: lengthOf(kept),
  };
}

/** Takes over the sectors of an earlier backup that the chip agrees to, into their places in `data`. */
async function* unchanged(
  context: JobContext,
  ranges: readonly Range[],
  base: Uint8Array,
  data: Uint8Array,
): Run<Range[]> {
  const { sector } = context.geometry;
  const { same } = yield* findSame(context, ranges, (at) => base.subarray(at, at + sector), false);
  const kept = join([...same].map((address) => rangeOf(address, sector)));
  for (const { start, end } of kept) data.set(base.subarray(start, end), start);
  return kept;
}

/** Takes over what the chip agrees to, into its place in `data`. */
async function* confirmed(context: JobContext, { bytes, blocks }: ReadResume, data: Uint8Array): Run<ReadBlock[]> {
  const offered = blocks.filter(
    ({ start, length }) =>
      start % BACKUP_BLOCK === 0 &&
      length === Math.min(BACKUP_BLOCK, data.length - start) &&
      start + length <= bytes.length,
  );
  const taken: ReadBlock[] = [];
  const meter = new PhaseMeter(
    "compare",
    offered.reduce((sum, { length }) => sum + length, 0),
  );
  yield meter.started();
  yield* withRetriesEach(
    context,
    offered.length,
    (from) =>
      context.device.crcs(
        offered.slice(from).map(({ start, length }) => rangeOf(start, length)),
        context.signal,
      ),
    (crc, i) => {
      const block = offered[i] as ReadBlock;
      const { start, length } = block;
      if (crc === crc32(bytes, start, start + length)) {
        data.set(bytes.subarray(start, start + length), start);
        taken.push(block);
      }
      return meter.advance(start, length);
    },
  );
  yield meter.finished();
  return taken;
}

async function* readInto(context: JobContext, range: Range, target: Target): Run<void> {
  const { bytes, base, blocks } = target;
  const { sector } = context.geometry;
  let run = FIRST_RUN * sector;
  for (let at = range.start; at < range.end;) {
    const end = Math.min(range.end, at + run);
    for await (const event of fetch(context, split([{ start: at, end }], sector), target)) {
      yield event;
      if (event.type === "progress" && blocks) yield* blocks.tell(event);
    }
    at = end;
    run = Math.min(2 * run, LONGEST_RUN * sector);
    // Nothing is asked of stretches that are not blank so far: random content costs no CRC.
    if (target.mayHash && isFilledWith(bytes, 0xff, at - base - sector, at - base)) {
      const from = at;
      at = yield* leapOverBlank(context, { start: at, end: range.end }, target);
      if (blocks) yield* blocks.tell({ address: from, length: at - from });
      run = FIRST_RUN * sector;
    }
  }
}

/** Reads the given sectors into their places. */
async function* fetch(context: JobContext, sectors: readonly Range[], { bytes, base, meter }: Target): Run<void> {
  const addresses = sectors.map(({ start }) => start);
  yield* withRetriesEach(
    context,
    addresses.length,
    (from, failures) => {
      const { device, signal } = context;
      const left = addresses.slice(from);
      return failures < RETRIES.beforePieces ? device.readSectors(left, signal) : device.readInPieces(left, signal);
    },
    (sector, i) => {
      const address = addresses[i] as number;
      bytes.set(sector, address - base);
      return meter.advance(address, sector.length);
    },
    RETRIES.reading,
  );
}

/** @returns where the blank stretch that begins at `rest.start` was last seen; `rest.start` when it has ended */
async function* leapOverBlank(context: JobContext, rest: Range, target: Target): Run<number> {
  const { bytes, base, meter } = target;
  const { sector } = context.geometry;
  let at = rest.start;
  for (let leap = FIRST_LEAP * sector; at < rest.end; leap = Math.min(2 * leap, LONGEST_LEAP * sector)) {
    const length = Math.min(leap, rest.end - at);
    const start = at;
    if ((yield* askOne(context, rangeOf(start, length))) !== blankCrc(length)) break;
    target.blank?.push(rangeOf(start, length));
    bytes.fill(0xff, at - base, at - base + length);
    at += length;
    yield meter.advance(start, length);
  }
  return at;
}

/** The contents of whole sectors, by address, each proven: they will be written back. */
export async function* readSectors(context: JobContext, addresses: readonly number[]): Run<Map<number, Uint8Array>> {
  const { sector } = context.geometry;
  const contents = new Map<number, Uint8Array>();
  const meter = new PhaseMeter("preserve", addresses.length * sector);
  yield meter.started();
  for (const address of addresses) {
    contents.set(address, yield* readSure(context, address));
    yield meter.advance(address, sector);
  }
  yield meter.finished();
  return contents;
}

/** By the chip's CRC; as two readings agree on it where a CRC would lock the flash until a reset. */
async function* readSure(context: JobContext, address: number): Run<Uint8Array> {
  const { device, signal } = context;
  if (device.profile.crcLocks !== "until-reset") {
    const once = yield* withRetries(context, () => device.readSector(address, signal));
    if ((yield* askOne(context, rangeOf(address, once.length))) === crc32(once)) return once;
  }
  return yield* withRetries(context, () => readTwice(device, address, signal));
}

/**
 * Compares `bytes`, which were read from `start` (a sector boundary), with the chip's own CRCs, and reads sectors that
 * were damaged on the way again. `bytes` is mended in place.
 * @param ranges what of it to compare, in whole sectors
 * @throws OperationError `read-crc-mismatch` when a sector keeps coming out different
 */
export async function* mendAgainstChip(
  context: JobContext,
  bytes: Uint8Array,
  start: number,
  ranges: readonly Range[] = [{ start, end: start + bytes.length }],
): Run<void> {
  const meter = new PhaseMeter("check", lengthOf(ranges));
  yield meter.started();
  const damaged = yield* findDiffering(
    context,
    ranges,
    (range) => crc32(bytes, range.start - start, range.end - start),
    (piece) => meter.advance(piece.start, piece.end - piece.start),
  );
  for (const sector of damaged) yield* mendSector(context, bytes, start, sector);
  yield meter.finished();
}

async function* mendSector(context: JobContext, bytes: Uint8Array, start: number, sector: Range): Run<void> {
  const length = sector.end - sector.start;
  const asRead = (): number => crc32(bytes, sector.start - start, sector.end - start);
  for (let attempt = 0; ; attempt++) {
    const onChip = yield* askOne(context, sector);
    if (onChip === asRead()) return;
    if (attempt === RETRIES.sector) {
      throw new OperationError("read-crc-mismatch", words`read ${hexAddress(sector.start)}`, {
        address: sector.start,
        length,
        ...crcFacts({ expected: onChip, actual: asRead(), onChip }, length),
        attempts: RETRIES.sector,
      });
    }
    yield note("warning", "repair", { address: sector.start, length, attempts: attempt + 1 });
    // Damaged a second time: it is the line, and slower it may hold.
    if (attempt > 0) yield* context.recoverLink(true);
    bytes.set(
      yield* withRetries(context, () => context.device.readSector(sector.start, context.signal)),
      sector.start - start,
    );
  }
}
