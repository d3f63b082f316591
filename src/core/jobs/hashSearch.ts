/**
 * Telling by the chip's own CRCs where its flash is not as it should be: large pieces first, halves where one differs. A turn
 * on the wire costs little beside the hashing itself, so no byte is hashed more often than it must. Changes nothing.
 */
import { alignDown, alignUp } from "../base/bytes";
import { crc32OfTail } from "../base/crcCombine";
import { split, type Range } from "../base/ranges";
import { withRetries, withRetriesEach, type JobContext } from "../driver/jobContext";
import type { JobEvent, Run } from "./events";

/** CRC-32 of what a range of flash should hold. */
export type ExpectedCrc = (range: Range) => number;

/** At most one sector, and the CRC-32 that the chip has for it. */
export interface Differing extends Range {
  readonly crc: number;
}

/** Part of a piece that differs: one sector with the chip's CRC-32 of it, or several of which nothing more was asked. */
export interface Suspect extends Range {
  readonly crc?: number;
}

/** Hashed at once where nothing is expected to differ: progress is told, and a chip that hashes slowly is heard of, this often. */
export const LARGE_PIECE = 0x20000;

/** What the chip has for each range, in order; `take` gets every answer once. */
export function askEach(
  context: JobContext,
  ranges: readonly Range[],
  take: (range: Range, crc: number) => JobEvent | undefined,
): Run<void> {
  return withRetriesEach(
    context,
    ranges.length,
    (from) => context.device.crcs(ranges.slice(from), context.signal),
    (crc, i) => take(ranges[i] as Range, crc),
  );
}

export function askOne({ device, signal, ...rest }: JobContext, { start, end }: Range): Run<number> {
  return withRetries({ device, signal, ...rest }, () => device.crc(start, end - start, signal));
}

/**
 * Pieces of at most one sector that are not as expected, in order, each asked for by itself in the end.
 * @param tell what to say of each large piece once it is done
 */
export async function* findDiffering(
  context: JobContext,
  ranges: readonly Range[],
  expected: ExpectedCrc,
  tell: (piece: Range) => JobEvent,
): Run<Differing[]> {
  const wrong: { readonly piece: Range; readonly crc: number }[] = [];
  yield* askEach(context, split(ranges, LARGE_PIECE), (piece, crc) => {
    if (crc !== expected(piece)) wrong.push({ piece, crc });
    return tell(piece);
  });
  const differing: Differing[] = [];
  for (const { piece, crc: crcOfPiece } of wrong) {
    for (const { start, end } of yield* narrow(context, piece, crcOfPiece, expected, false)) {
      // A CRC carries no checksum either: what would be repaired is asked for once more.
      const crc = yield* askOne(context, { start, end });
      if (crc !== expected({ start, end })) differing.push({ start, end, crc });
    }
  }
  return differing;
}

/** So few sectors are asked for one after the other: of one that differs among four that takes 2.25 on average, halves take 3. */
const ONE_BY_ONE = 4;

/**
 * Of a piece that differs, the sectors that do. Only the first half is hashed: the CRC of the second follows from it and from
 * that of the whole.
 * @param crc the chip's CRC-32 of `piece`
 * @param wholesale where both halves differ, and so does a sector between them, everything is taken to differ; of a few sectors,
 *   where the first two do
 */
export async function* narrow(
  context: JobContext,
  piece: Range,
  crc: number,
  expected: ExpectedCrc,
  wholesale: boolean,
): Run<Suspect[]> {
  const { sector } = context.geometry;
  const sectors = split([piece], sector);
  if (sectors.length <= ONE_BY_ONE) return yield* oneByOne(context, sectors, crc, expected, wholesale);
  const middle = middleOf(piece, sector);
  const head = { start: piece.start, end: middle };
  const tail = { start: middle, end: piece.end };
  const headCrc = yield* askOne(context, head);
  const tailCrc = crc32OfTail(headCrc, crc, tail.end - tail.start);
  const inHead = headCrc !== expected(head);
  const inTail = tailCrc !== expected(tail);
  if (wholesale && inHead && inTail) {
    const between = { start: middle, end: Math.min(tail.end, middle + sector) };
    if ((yield* askOne(context, between)) !== expected(between)) return sectors;
  }
  return [
    ...(inHead ? yield* narrow(context, head, headCrc, expected, wholesale) : []),
    ...(inTail ? yield* narrow(context, tail, tailCrc, expected, wholesale) : []),
  ];
}

/** What follows a sector has the CRC that its own and that of both leave for it, so the last one is never hashed. */
async function* oneByOne(
  context: JobContext,
  sectors: readonly Range[],
  crc: number,
  expected: ExpectedCrc,
  wholesale: boolean,
): Run<Suspect[]> {
  const [head, next] = sectors as [Range, Range?];
  if (!next) return [{ ...head, crc }];
  const found: Suspect[] = [];
  let left = crc;
  for (const [i, sector] of sectors.slice(0, -1).entries()) {
    const rest = { start: sector.end, end: (sectors.at(-1) ?? sector).end };
    const own = yield* askOne(context, sector);
    left = crc32OfTail(own, left, rest.end - rest.start);
    if (own !== expected(sector)) found.push({ ...sector, crc: own });
    if (left === expected(rest)) return found;
    if (wholesale && found.length === 2 && i === 1) return [...found, ...sectors.slice(2)];
  }
  return [...found, { ...(sectors.at(-1) ?? head), crc: left }];
}

/** The sector boundary nearest to the middle of several sectors. */
function middleOf({ start, end }: Range, sector: number): number {
  const middle = alignDown(start + (end - start) / 2, sector);
  return middle > start ? middle : alignUp(start + 1, sector);
}
