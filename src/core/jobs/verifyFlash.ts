/**
 * Proof that the flash holds what it should, by the chip's own CRC, and the repair of sectors that do not. On loaders
 * whose CRC locks the flash this comes last; a repair there begins with a reset and a new link.
 */
import { alignDown, alignUp, equalBytes, hexAddress } from "../base/bytes";
import { crc32 } from "../base/checksum";
import { crcFacts } from "../base/crcMeaning";
import { OperationError, type ErrorContext } from "../base/errors";
import { rangeOf, split, widen, type Range } from "../base/ranges";
import { RETRIES } from "../base/timing";
import { words } from "../base/words";
import type { FlashPlan } from "../plan/flashPlan";
import { crcOf, type SectorContent } from "./compareSectors";
import { PhaseMeter, afterGaps, note, withRetries, type JobContext } from "../driver/jobContext";
import type { Run } from "./events";
import { askOne, findDiffering } from "./hashSearch";
import { preservedSectors } from "../plan/planWrite";
import { erasing } from "./eraseSectors";
import { writeOne } from "./programSectors";
import type { Segment } from "../beken/images/firmwareImage";

/**
 * Hashes all sectors of the plan on the chip, rewrites those that differ, hashes again. After a gap in the link nothing that was
 * proven before it counts: all of `whole` is proven, over one link.
 * @returns how many sectors had to be rewritten
 * @throws OperationError `verify-failed` when sectors stay wrong; ProtocolError where the link is lost again and again
 */
export async function* verifyPlan(
  context: JobContext,
  plan: FlashPlan,
  whole: FlashPlan,
  content: SectorContent,
  rearm: () => Run<void>,
): Run<number> {
  const { device, geometry } = context;
  const { sector } = geometry;
  const begun = device.gaps;
  let repaired = 0;
  for (let round = 0; ; round++) {
    const gaps = device.gaps;
    let found = yield* findBadSectors(context, gaps > begun ? whole : plan, content);
    yield* afterGaps(context, gaps, async function* () {
      found = yield* findBadSectors(context, whole, content);
    });
    const { bad, firstCrc } = found;
    const [first] = bad;
    if (first === undefined) return repaired;
    for (const address of bad) device.known.forget(rangeOf(address, sector));
    if (round >= RETRIES.repairRounds) throw verifyFailed(bad, firstCrc, content, round, sector);
    yield note("warning", "repair", { address: first, length: bad.length * sector, attempts: round + 1 });
    // What came out wrong twice may be the line's doing, and slower it may hold.
    if (round > 0) yield* context.recoverLink(true);
    yield* repair(context, whole, bad, content, rearm);
    repaired += bad.length;
  }
}

async function* repair(
  context: JobContext,
  plan: FlashPlan,
  sectors: readonly number[],
  content: SectorContent,
  rearm: () => Run<void>,
): Run<void> {
  const { sector: length } = context.geometry;
  const meter = new PhaseMeter("repair", sectors.length * length);
  yield meter.started();
  const preserved = new Set(preservedSectors(plan));
  yield* rearm();
  for (const address of sectors) {
    if (preserved.has(address)) yield erasing({ address, length });
    yield* withRetries(context, () => context.device.erase({ address, length }, context.signal));
    yield* writeOne(context, address, content(address), true, rearm);
    yield meter.advance(address, length);
  }
  yield meter.finished();
}

interface BadSectors {
  /** Their addresses. */
  readonly bad: readonly number[];
  /** What the chip says of the first of them. */
  readonly firstCrc: number;
}

async function* findBadSectors(context: JobContext, plan: FlashPlan, content: SectorContent): Run<BadSectors> {
  const meter = new PhaseMeter("verify", plan.totals.verify);
  yield meter.started();
  const wrong = yield* findDiffering(
    context,
    plan.sectors,
    (range) => crcOf(context, range, content),
    ({ start, end }) => meter.advance(start, end - start),
  );
  yield meter.finished();
  return { bad: wrong.map(({ start }) => start), firstCrc: wrong[0]?.crc ?? 0 };
}

function verifyFailed(
  bad: readonly number[],
  firstCrc: number,
  content: SectorContent,
  rounds: number,
  sector: number,
): OperationError {
  const [first] = bad as [number, ...number[]];
  return new OperationError("verify-failed", words`verify ${hexAddress(first)}`, {
    address: first,
    length: bad.length * sector,
    ...crcFacts({ expected: crc32(content(first)), actual: firstCrc, onChip: firstCrc }, sector),
    attempts: rounds + 1,
    detail:
      bad.length === 1 ? words`1 sector differs from the file` : words`${bad.length} sectors differ from the file`,
  });
}

/** A stretch that differs, at most a sector, and what tells so. */
export interface Difference extends Range {
  readonly facts: ErrorContext;
}

/**
 * Compares files with the chip without writing: by the chip's CRC, and by reading where that takes whole pages, the file ends
 * inside one, and it is not blank behind the file.
 * @returns everything that differs, in order
 */
export async function* compareSegments(context: JobContext, segments: readonly Segment[]): Run<readonly Difference[]> {
  const { gaps } = context.device;
  let differing = yield* compareOnce(context, segments);
  yield* afterGaps(context, gaps, async function* () {
    differing = yield* compareOnce(context, segments);
  });
  return differing;
}

async function* compareOnce(context: JobContext, segments: readonly Segment[]): Run<readonly Difference[]> {
  const meter = new PhaseMeter(
    "verify",
    segments.reduce((sum, { data }) => sum + data.length, 0),
  );
  yield meter.started();
  const { crcUnit: unit } = context.device.profile;
  const differing: Difference[] = [];
  for (const segment of segments) {
    const own = rangeOf(segment.address, segment.data.length);
    const pages = { start: alignUp(own.start, unit), end: alignDown(own.end, unit) };
    const edges =
      pages.end <= pages.start
        ? [own]
        : [
            { start: own.start, end: pages.start },
            { start: pages.end, end: own.end },
          ];
    if (pages.end > pages.start) {
      const crcInFile = ({ start, end }: Range): number =>
        crc32(segment.data, start - segment.address, end - segment.address);
      const wrong = yield* findDiffering(context, [pages], crcInFile, ({ start, end }) =>
        meter.advance(start, end - start),
      );
      for (const { start, end, crc } of wrong) {
        const facts = crcFacts({ expected: crcInFile({ start, end }), actual: crc, onChip: crc }, end - start);
        differing.push({ start, end, facts });
      }
    }
    for (const edge of edges.filter(({ start, end }) => end > start)) {
      if (!(yield* isBlankAround(context, segment, edge, unit)))
        differing.push(...(yield* compareByReading(context, segment, edge)));
      yield meter.advance(edge.start, edge.end - edge.start);
    }
  }
  yield meter.finished();
  return differing.sort((a, b) => a.start - b.start);
}

/** True where the chip's CRC of the pages around it says that they hold the edge of the file and FF otherwise. */
async function* isBlankAround(context: JobContext, segment: Segment, edge: Range, unit: number): Run<boolean> {
  const pages = widen(edge, unit);
  const supposed = new Uint8Array(pages.end - pages.start).fill(0xff);
  supposed.set(
    segment.data.subarray(edge.start - segment.address, edge.end - segment.address),
    edge.start - pages.start,
  );
  return (yield* askOne(context, pages)) === crc32(supposed);
}

async function* compareByReading(context: JobContext, segment: Segment, edge: Range): Run<readonly Difference[]> {
  const { sector: unit } = context.geometry;
  const differing: Difference[] = [];
  for (const sector of split([widen(edge, unit)], unit)) {
    const bytes = yield* withRetries(context, () => context.device.readSector(sector.start, context.signal));
    const start = Math.max(edge.start, sector.start);
    const end = Math.min(edge.end, sector.end);
    const onChip = bytes.subarray(start - sector.start, end - sector.start);
    if (!equalBytes(onChip, segment.data.subarray(start - segment.address, end - segment.address)))
      differing.push({ start, end, facts: { expected: words`the bytes of the file`, actual: words`other bytes` } });
  }
  return differing;
}
