/**
 * Which sectors already hold what a plan would leave in them, found by the chip's own CRCs: whole blocks first, single
 * sectors where a block differs. Reads nothing, changes nothing; on older loaders it costs a reset before the first erase,
 * so it also knows when it is not worth that.
 */
import { BLOCK, SECTOR, equalBytes } from "../base/bytes";
import { crc32Raw } from "../base/checksum";
import { lengthOf, split, type Range } from "../base/ranges";
import { TIMING, wireTimeMs } from "../base/timing";
import type { FlashPlan } from "../plan/flashPlan";
import { ERASE_TIME_MS } from "../plan/narrow";
import { programmedSectors } from "../plan/planWrite";
import { PhaseMeter, persist, persistMany, type JobContext } from "./context";
import type { JobEvent } from "./events";

type Run<T> = AsyncGenerator<JobEvent, T, void>;

/** What whole sectors should hold, by address: 4096 bytes each. */
export type SectorContent = (address: number) => Uint8Array;

/** Sectors read to tell a rebuild of what is on the chip from something else altogether. */
const SAMPLES = 4;

/**
 * True where asking first can save more than it costs, and needs nobody's hand. Where a CRC costs a reset, a few sectors are
 * read first: a chip that holds something else altogether is written at once, over the same link.
 */
export async function* worthComparing(context: JobContext, plan: FlashPlan, content: SectorContent): Run<boolean> {
  const { device, signal } = context;
  const { crcLocks, rebootCommand } = device.profile;
  if (crcLocks !== "until-reset") return true;
  if (rebootCommand !== "resets") return false;
  const eraseMs = (plan.totals.erase / BLOCK) * ERASE_TIME_MS.block;
  if (wireTimeMs(plan.totals.write, device.link.baudRate) + eraseMs < 2 * TIMING.typicalResetMs) return false;
  const programmed = programmedSectors(plan);
  const samples = Array.from(
    { length: SAMPLES },
    (_, i) => programmed[Math.floor((i * programmed.length) / SAMPLES)] as number,
  );
  let alike = 0;
  for (const address of samples) {
    const onChip = yield* persist(context, () => device.readSector(address, signal));
    if (equalBytes(onChip, content(address))) alike++;
  }
  return alike >= SAMPLES / 2;
}

/**
 * Addresses of the sectors in `ranges` (whole sectors) that hold `content`.
 * @param wholesale a block of which a few samples all differ is taken to differ everywhere: cheaper, and what is taken to
 *   differ may be the same
 */
export async function* findSame(
  context: JobContext,
  ranges: readonly Range[],
  content: SectorContent,
  wholesale: boolean,
): Run<Set<number>> {
  const meter = new PhaseMeter("compare", lengthOf(ranges));
  yield meter.started();
  const same = new Set<number>();
  const differing: Range[] = [];
  yield* ask(context, split(ranges, BLOCK), content, (piece, agrees) => {
    if (!agrees) differing.push(piece);
    else for (const { start } of split([piece], SECTOR)) same.add(start);
    return meter.advance(piece.start, piece.end - piece.start);
  });

  const samples = wholesale ? differing.flatMap((piece) => samplesOf(piece).map((sector) => ({ sector, piece }))) : [];
  const worthASplit = new Set<Range>(wholesale ? [] : differing);
  yield* ask(
    context,
    samples.map(({ sector }) => sector),
    content,
    (sector, agrees, i) => {
      if (agrees) {
        same.add(sector.start);
        worthASplit.add((samples[i] as (typeof samples)[number]).piece);
      }
      return undefined;
    },
  );
  const asked = new Set(samples.map(({ sector }) => sector.start));
  const rest = split([...worthASplit], SECTOR).filter(({ start }) => !asked.has(start));
  yield* ask(context, rest, content, (sector, agrees) => {
    if (agrees) same.add(sector.start);
    return undefined;
  });
  yield meter.finished();
  return same;
}

/** First, middle and last sector of a block. */
function samplesOf(piece: Range): Range[] {
  const sectors = split([piece], SECTOR);
  const places = new Set([0, sectors.length >> 1, sectors.length - 1]);
  return sectors.filter((_, i) => places.has(i));
}

function ask(
  context: JobContext,
  ranges: readonly Range[],
  content: SectorContent,
  take: (range: Range, agrees: boolean, index: number) => JobEvent | undefined,
): Run<void> {
  return persistMany(
    context,
    ranges.length,
    (from) => context.device.crcs(ranges.slice(from), context.signal),
    (crc, i) => {
      const range = ranges[i] as Range;
      return take(range, crc === crcOf(range, content), i);
    },
  );
}

/** CRC-32 of what whole sectors should hold. */
export function crcOf(range: Range, content: SectorContent): number {
  let raw: number | undefined;
  for (const { start } of split([range], SECTOR)) raw = crc32Raw(content(start), raw);
  return ~(raw ?? 0) >>> 0;
}
