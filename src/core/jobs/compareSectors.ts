/**
 * Which sectors already hold what a plan would leave in them, found by the chip's own CRCs where these lock nothing for long,
 * by reading where they would. Changes nothing; knows when finding out is not worth its time.
 */
import { alignDown, equalBytes, isFilledWith } from "../base/bytes";
import { crc32, crc32Raw } from "../base/checksum";
import { lengthOf, rangeOf, split, type Range } from "../base/ranges";
import { TIMING, wireTimeMs } from "../base/timing";
import type { FlashPlan } from "../plan/flashPlan";
import { ERASE_TIME_MS } from "../plan/narrow";
import { programmedSectors } from "../plan/planWrite";
import { PhaseMeter, withRetries, withRetriesEach, type JobContext } from "../driver/jobContext";
import type { JobEvent, Run } from "./events";
import { askOne, narrow, type ExpectedCrc } from "./hashSearch";

/** What whole sectors should hold, by address. */
export type SectorContent = (address: number) => Uint8Array;

/** Sectors read to tell a rebuild of what is on the chip from something else altogether. */
const SAMPLES = 4;
/** Sectors compared by reading between two looks at whether it still pays. */
const BATCH = 8;
/** Reading a sector takes about three quarters of what erasing and writing it takes: so much of them must be alike. */
const WORTH_READING = 0.75;

/** What was found out of the sectors that were asked for. */
export interface Found {
  /** Addresses of those that are right already. */
  readonly same: Set<number>;
  /** CRC-32 of what others hold, by address, as far as it was told of one by itself. */
  readonly held: ReadonlyMap<number, number>;
}

/**
 * Which sectors of `plan` are right already; undefined where asking costs more than it saves. Never
 * takes a reset by hand: where a CRC locks the flash until a reset that no command can bring about, sectors are read instead.
 */
export async function* findRight(context: JobContext, plan: FlashPlan, content: SectorContent): Run<Found | undefined> {
  const { crcLocks, rebootCommand } = context.device.profile;
  if (crcLocks === "until-reset" && rebootCommand !== "resets") return yield* findSameByReading(context, plan, content);
  if (crcLocks === "until-reset" && !(yield* worthAReset(context, plan, content))) return undefined;
  return yield* findSame(context, plan.sectors, content, true);
}

/**
 * True where a CRC, which costs a reset here, can save more than that. A few sectors are read first: a chip that holds
 * something else altogether is written at once, over the same link.
 */
async function* worthAReset(context: JobContext, plan: FlashPlan, content: SectorContent): Run<boolean> {
  const { device, geometry, signal } = context;
  const eraseMs = (plan.totals.erase / geometry.block) * ERASE_TIME_MS.block;
  if (wireTimeMs(plan.totals.write, device.baudRate) + eraseMs < 2 * TIMING.typicalResetMs) return false;
  const programmed = programmedSectors(plan);
  const samples = Array.from(
    { length: SAMPLES },
    (_, i) => programmed[Math.floor((i * programmed.length) / SAMPLES)] as number,
  );
  let alike = 0;
  for (const address of samples) {
    const onChip =
      device.seen.get(address) ?? crc32(yield* withRetries(context, () => device.readSector(address, signal)));
    if (onChip === crc32(content(address))) alike++;
  }
  return alike >= SAMPLES / 2;
}

/** By reading what would be programmed, sectors from all over first, for as long as most of them turn out to be right. */
async function* findSameByReading(
  context: JobContext,
  plan: FlashPlan,
  content: SectorContent,
): Run<Found | undefined> {
  const { device, geometry, signal } = context;
  const { sector } = geometry;
  const addresses = spread(programmedSectors(plan));
  if (addresses.length <= BATCH) return undefined;
  const meter = new PhaseMeter("compare", addresses.length * sector);
  const same = new Set<number>();
  const held = new Map<number, number>();
  yield meter.started();
  for (let done = 0; done < addresses.length && same.size >= WORTH_READING * done; done += BATCH) {
    const batch = addresses.slice(done, done + BATCH);
    yield* withRetriesEach(
      context,
      batch.length,
      (from) => device.readSectors(batch.slice(from), signal),
      (onChip, i) => {
        const address = batch[i] as number;
        // Damage on the wire does not make a sector what it should be: one reading is proof.
        if (equalBytes(onChip, content(address))) same.add(address);
        else held.set(address, crc32(onChip));
        return meter.advance(address, sector);
      },
    );
  }
  yield meter.finished();
  return { same, held };
}

/**
 * Sectors hashed at once where some of them may well differ, each piece narrowed down by itself: that costs three quarters of a
 * piece again, and smaller pieces cost more turns than they save.
 */
const PIECE = 4;
/** So many pieces tell whether going on is worth it. */
const TELLING = 8;
/** Of what was compared, so much must be alike: hashing a byte, and again where it differs, takes about an eighth of writing it. */
const WORTH_HASHING = 1 / 8;

/**
 * Which sectors in `ranges` (whole sectors) hold `content`.
 * @param wholesale where a few samples all differ everything is taken to differ: cheaper, and what is taken to differ may be
 *   the same. What is to be blank is sampled by itself: it is alike wherever nothing was, whatever became of the rest
 */
export async function* findSame(
  context: JobContext,
  ranges: readonly Range[],
  content: SectorContent,
  wholesale: boolean,
): Run<Found> {
  const meter = new PhaseMeter("compare", lengthOf(ranges));
  const pieces = split(ranges, PIECE * context.geometry.sector);
  const same = new Set<number>();
  const held = new Map<number, number>();
  yield meter.started();
  if (!wholesale) {
    for (const piece of pieces) yield* comparePiece(context, piece, content, { same, held, meter }, false);
  } else {
    const blank = new Set(pieces.filter((piece) => isBlank(context, piece, content)));
    for (const kind of [pieces.filter((piece) => !blank.has(piece)), [...blank]])
      yield* compareWhilePaying(context, kind, content, { same, held, meter });
  }
  yield meter.finished();
  return { same, held };
}

interface Comparison {
  readonly same: Set<number>;
  readonly held: Map<number, number>;
  readonly meter: PhaseMeter;
}

/** From all over, one sector of a few pieces first, then whole pieces, as long as enough of it turns out to be alike. */
async function* compareWhilePaying(
  context: JobContext,
  pieces: readonly Range[],
  content: SectorContent,
  { same, held, meter }: Comparison,
): Run<void> {
  const spreadOut: readonly Range[] = spread(pieces);
  const skip = function* (rest: readonly Range[]): Generator<JobEvent> {
    for (const { start, end } of rest) yield meter.advance(start, end - start);
  };
  if (pieces.length > SAMPLES && !(yield* someAlike(context, spreadOut.slice(0, SAMPLES), content, held))) {
    yield* skip(spreadOut);
    return;
  }
  let compared = 0;
  let alike = 0;
  for (const [i, piece] of spreadOut.entries()) {
    if (i >= TELLING && alike < WORTH_HASHING * compared) {
      yield* skip(spreadOut.slice(i));
      return;
    }
    const before = same.size;
    yield* comparePiece(context, piece, content, { same, held, meter }, true);
    compared += piece.end - piece.start;
    alike += (same.size - before) * context.geometry.sector;
  }
}

/** True where one sector in the middle of one of these is as it should be. */
async function* someAlike(
  context: JobContext,
  pieces: readonly Range[],
  content: SectorContent,
  held: Map<number, number>,
): Run<boolean> {
  const { sector: unit } = context.geometry;
  for (const { start, end } of pieces) {
    const sector = rangeOf(alignDown(start + (end - start) / 2, unit), unit);
    const crc = yield* askOne(context, sector);
    if (crc === crc32(content(sector.start))) return true;
    held.set(sector.start, crc);
  }
  return false;
}

async function* comparePiece(
  context: JobContext,
  piece: Range,
  content: SectorContent,
  { same, held, meter }: Comparison,
  wholesale: boolean,
): Run<void> {
  const expected: ExpectedCrc = (range) => crcOf(context, range, content);
  const crc = yield* askOne(context, piece);
  const differing = crc === expected(piece) ? [] : yield* narrow(context, piece, crc, expected, wholesale);
  const others = new Set(differing.map(({ start }) => start));
  for (const { start, crc: crcOfSector } of differing) if (crcOfSector !== undefined) held.set(start, crcOfSector);
  for (const { start } of split([piece], context.geometry.sector)) if (!others.has(start)) same.add(start);
  yield meter.advance(piece.start, piece.end - piece.start);
}

/** The same items so that any few of them from the front come from all over. */
function spread<T>(items: readonly T[]): T[] {
  const bits = Math.ceil(Math.log2(items.length + 1));
  const mirrored = (index: number): number => {
    let out = 0;
    for (let bit = 0; bit < bits; bit++) out = 2 * out + ((index >> bit) & 1);
    return out;
  };
  return items
    .map((item, i) => ({ item, at: mirrored(i) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

function isBlank({ geometry }: JobContext, piece: Range, content: SectorContent): boolean {
  return split([piece], geometry.sector).every(({ start }) => isFilledWith(content(start), 0xff));
}

/** CRC-32 of what whole sectors should hold. */
export function crcOf({ geometry }: JobContext, range: Range, content: SectorContent): number {
  let raw: number | undefined;
  for (const { start } of split([range], geometry.sector)) raw = crc32Raw(content(start), raw);
  return ~(raw ?? 0) >>> 0;
}
