/**
 * What a plan leaves alone is still as it was: asked of the chip after a job in which an erase or a write was not answered
 * as it should be. Such a frame may have been damaged on its way, and a frame carries no checksum: nobody can prevent what
 * the chip then did, but it can be told. After a job without such an answer nothing is asked.
 */
import { crc32 } from "../base/checksum";
import { describeRange, join, overlaps, rangeOf, split, subtract, widen, type Range } from "../base/ranges";
import { CALIBRATION_LENGTH } from "../beken/chips/calibration";
import { looksInterleaved } from "../beken/images/appKey";
import { BLOCK_SIZE, blockState } from "../beken/images/crcBlocks";
import type { FlashPlan } from "../plan/flashPlan";
import { note, withRetries, withRetriesEach, type JobContext } from "../driver/jobContext";
import type { Run } from "./events";
import { readTwice } from "../driver/readings";
import { holdsCalibrationOf } from "./deviceIdentity";

/** What is known of the flash outside a plan from before the first erase. */
export interface Untouched {
  readonly plan: FlashPlan;
  /** The whole flash, where this very job has made a backup. */
  readonly backup: Uint8Array | undefined;
  /** Boot code that stays, piece by piece, where asking for CRCs cost nothing. */
  readonly bootCode: readonly (Range & { readonly crc: number })[];
}

/**
 * Call before the first erase.
 * @param mayHash true where a CRC locks nothing, or the chip was asked for some already
 */
export async function* rememberUntouched(
  context: JobContext,
  plan: FlashPlan,
  backup: Uint8Array | undefined,
  mayHash: boolean,
): Run<Untouched> {
  const stays = mayHash && !backup ? subtract([rangeOf(0, context.geometry.bootCodeEnd)], plan.sectors) : [];
  const bootCode: (Range & { crc: number })[] = [];
  for (const range of stays) bootCode.push({ ...range, crc: yield* crcOnChip(context, range) });
  return { plan, backup, bootCode };
}

/**
 * Call at the end, when a CRC can lock nothing that is still to be written.
 * @returns guarded ranges that are no longer as they were: boot code, calibration
 */
export async function* changedMeanwhile(context: JobContext, { plan, backup, bootCode }: Untouched): Run<Range[]> {
  const changed: Range[] = [];
  for (const { crc, ...range } of bootCode) {
    // A damaged answer must not condemn a chip.
    if ((yield* crcOnChip(context, range)) !== crc && (yield* crcOnChip(context, range)) !== crc) changed.push(range);
  }
  if (backup) changed.push(...(yield* comparedWithBackup(context, plan, backup)));
  else if (bootCode.length === 0) {
    changed.push(...(yield* firstPageOfBootCode(context, plan)));
    changed.push(...(yield* holesInBootCode(context, plan)));
  }
  changed.push(...(yield* calibration(context, plan)));
  return join(changed);
}

/** Boot code counts; elsewhere the firmware may have run between two links and stored something, so that is only told. */
async function* comparedWithBackup(context: JobContext, plan: FlashPlan, backup: Uint8Array): Run<Range[]> {
  const { geometry } = context;
  const outside = split(subtract([rangeOf(0, backup.length)], plan.sectors), geometry.block);
  const differing: Range[] = [];
  yield* withRetriesEach(
    context,
    outside.length,
    (from) => context.device.crcs(outside.slice(from), context.signal),
    (crc, i) => {
      const piece = outside[i] as Range;
      if (crc !== crc32(backup, piece.start, piece.end)) differing.push(piece);
      return undefined;
    },
  );
  const sectors: Range[] = [];
  for (const sector of split(differing, geometry.sector)) {
    if ((yield* crcOnChip(context, sector)) !== crc32(backup, sector.start, sector.end)) sectors.push(sector);
  }
  const [guarded, other] = [true, false].map((isBoot) =>
    join(sectors.filter(({ start }) => start < geometry.bootCodeEnd === isBoot)),
  );
  for (const { start, end } of other ?? []) {
    yield note("warning", "outside-changed", {
      address: start,
      length: end - start,
      detail: describeRange({ start, end }),
    });
  }
  return guarded ?? [];
}

/** All that is known where a CRC before writing would have locked the flash: enough for an erase of the first sector. */
async function* firstPageOfBootCode(context: JobContext, plan: FlashPlan): Run<Range[]> {
  const { device, identity, geometry, signal } = context;
  const { crc256 } = identity.bootloader;
  if (crc256 === undefined || plan.sectors.some(({ start }) => start < geometry.sector)) return [];
  const sector = yield* withRetries(context, () => readTwice(device, 0, signal));
  return crc32(sector, 0, 256) === crc256 ? [] : [rangeOf(0, geometry.sector)];
}

/**
 * Boot code of which nothing but that page is known is read: a block with a wrong sum in front of sound ones is where something was
 * written into it. One right behind the last sound block may be its damaged end, or what has always been there: that is told.
 */
async function* holesInBootCode(context: JobContext, plan: FlashPlan): Run<Range[]> {
  const { device, geometry, signal } = context;
  const { sector, bootCodeEnd } = geometry;
  if (plan.sectors.some(({ start }) => start < bootCodeEnd)) return [];
  const flash = new Uint8Array(bootCodeEnd);
  for (let at = 0; at < bootCodeEnd; at += sector)
    flash.set(yield* withRetries(context, () => device.readSector(at, signal)), at);
  if (!looksInterleaved(flash)) return [];
  // A reading carries no checksum: what looks wrong is read again.
  for (const { start } of holesIn(flash, sector))
    flash.set(yield* withRetries(context, () => readTwice(device, start, signal)), start);
  for (const { start, end } of join(holesIn(flash, sector, "behind")))
    yield note("warning", "stray-possible", {
      address: start,
      length: end - start,
      detail: describeRange({ start, end }),
    });
  return holesIn(flash, sector);
}

/** Whole sectors with wrong blocks in front of the last sound one, or right behind it. */
export function holesIn(flash: Uint8Array, sector: number, where: "inside" | "behind" = "inside"): Range[] {
  const blocks = Array.from({ length: Math.floor(flash.length / BLOCK_SIZE) }, (_, i) => i * BLOCK_SIZE);
  const states = blocks.map((at) => blockState(flash, at));
  const last = states.lastIndexOf("good");
  const end = states.findIndex((state, i) => i > last && state !== "bad");
  const isThere = (i: number): boolean => (where === "inside" ? i < last : i > last && (end < 0 || i < end));
  const bad = blocks.filter((_, i) => states[i] === "bad" && isThere(i));
  return split(join(bad.map((at) => widen(rangeOf(at, BLOCK_SIZE), sector))), sector);
}

async function* calibration(context: JobContext, plan: FlashPlan): Run<Range[]> {
  const { device, identity, signal } = context;
  const { address } = identity.calibration ?? {};
  if (address === undefined) return [];
  const own = rangeOf(address, CALIBRATION_LENGTH);
  if (plan.sectors.some((sector) => overlaps(sector, own))) return [];
  const sector = yield* withRetries(context, () => readTwice(device, address, signal));
  return holdsCalibrationOf(identity, sector) ? [] : [own];
}

function crcOnChip(context: JobContext, { start, end }: Range): Run<number> {
  return withRetries(context, () => context.device.crc(start, end - start, context.signal));
}
