/** What speaks against the application of a chip as a plan leaves it: is it where boot code jumps to, sound, for the chip's key? */
import { alignUp, hexAddress, isFilledWith } from "../base/bytes";
import { words, type Words } from "../base/words";
import { overlaps, rangeOf } from "../base/ranges";
import type { StartReason, StartReasonCode } from "../beken/chips/startVerdict";
import { geometryOf } from "../beken/chips/strictGeometry";
import type { ChipIdentity } from "../beken/chips/types";
import { LARGEST_PARTITION } from "../beken/images/appChecks";
import { APP_LOGICAL, keyOfCode, looksInterleaved } from "../beken/images/appKey";
import { BLOCK_SIZE, blockState, stripCrcBlocks, toLogical } from "../beken/images/crcBlocks";
import { damageInKnownApplication } from "../beken/images/soundCode";
import type { FlashAfter } from "./flashAfter";
import type { FlashPlan } from "./flashPlan";
import { keyOfChip, keyShownBy, runsUnder, type NeededKey } from "./startKey";

/**
 * @param jump where the boot code jumps to, physical
 */
export function applicationReasons(
  chip: ChipIdentity,
  flash: FlashAfter,
  plan: FlashPlan | undefined,
  jump: number,
): readonly StartReason[] {
  const known = flash.knownUntil(jump, jump + geometryOf(chip).sector) - jump;
  const start = known < BLOCK_SIZE ? undefined : flash.at(jump, known);
  if (!start) return [unread(chip, jump, plan)].filter((found) => found !== undefined);
  const found =
    absent(chip, start, jump, plan) ?? forOtherKey(chip, flash, start, jump) ?? damaged(chip, flash, plan, jump);
  return found ? [found] : [];
}

/** Whether a plan has anything to do with the application: of one that has not, a person knows what they do. */
export function reachesApplication({ sectors }: FlashPlan, chip: ChipIdentity): boolean {
  const app = chip.layout?.partitions.find(({ name }) => name === "app");
  const range = rangeOf(geometryOf(chip).applicationStart, app?.length ?? LARGEST_PARTITION);
  return sectors.some((sector) => overlaps(sector, range));
}

function reason(code: StartReasonCode, weight: StartReason["weight"], told: Words): StartReason {
  return { code, weight, words: told };
}

function absent(
  chip: ChipIdentity,
  start: Uint8Array,
  jump: number,
  plan: FlashPlan | undefined,
): StartReason | undefined {
  const first = blockState(start, 0);
  if (first === "good" && looksInterleaved(start)) return undefined;
  const elsewhere = plan && placeOfApplication(chip, plan, jump);
  const at = hexAddress(jump);
  if (elsewhere !== undefined) {
    const told = words`the boot code jumps to ${at}, and the application is at ${hexAddress(elsewhere)}`;
    return reason("application-elsewhere", "no", told);
  }
  return isFilledWith(start, 0xff)
    ? reason("application-missing", "no", words`there is no application at ${at}`)
    : reason("application-none", "no", words`what lies at ${at} is no application`);
}

/** Nothing is known of where the boot code jumps to: identification reads where all known ones do. */
function unread(chip: ChipIdentity, jump: number, plan: FlashPlan | undefined): StartReason | undefined {
  const elsewhere = plan && placeOfApplication(chip, plan, jump);
  const at = hexAddress(jump);
  if (elsewhere !== undefined)
    return reason(
      "application-elsewhere",
      "doubt",
      words`the boot code jumps to ${at}, and the application is at ${hexAddress(elsewhere)}`,
    );
  return jump === geometryOf(chip).applicationStart
    ? undefined
    : reason("application-elsewhere", "open", words`the boot code jumps to ${at}, where nothing was read`);
}

/** Where the plan puts something that looks like an application, other than where it belongs. */
function placeOfApplication(chip: ChipIdentity, { writes }: FlashPlan, jump: number): number | undefined {
  const { sector, bootCodeEnd } = geometryOf(chip);
  for (const { address, data } of writes) {
    const first = alignUp(address, sector) - address;
    for (const at of [0, ...steps(first, data.length, sector)]) {
      if (address + at === jump || address + at < bootCodeEnd || at + 2 * BLOCK_SIZE > data.length) continue;
      if (blockState(data, at) !== "good" || !looksInterleaved(data, at)) continue;
      const code = stripCrcBlocks(data.subarray(at, at + BLOCK_SIZE));
      if (
        [APP_LOGICAL, toLogical(address + at)].some((logical) => keyOfCode(code, logical - (logical % 4)) !== undefined)
      )
        return address + at;
    }
  }
  return undefined;
}

function steps(first: number, end: number, step: number): number[] {
  return Array.from({ length: Math.max(0, Math.ceil((end - first) / step)) }, (_, i) => first + i * step);
}

function forOtherKey(chip: ChipIdentity, flash: FlashAfter, start: Uint8Array, jump: number): StartReason | undefined {
  const logical = toLogical(jump);
  const own = keyOfChip(chip);
  const boot = keyOfBootCode(chip, flash);
  const needed: NeededKey = own.isCertain || !boot ? own : boot;
  const runs = runsUnder(start, logical, needed);
  if (runs === true) return undefined;
  if (runs === undefined) {
    const told = words`neither the chip nor its boot code tells which key an application must be for`;
    return reason("key-unknown", "open", told);
  }
  return needed === boot
    ? reason("application-other-key", "no", words`the application is scrambled for another key than the boot code`)
    : reason(
        "application-other-key",
        needed.isCertain ? "no" : "doubt",
        words`the application is scrambled for another key than this chip's`,
      );
}

/** Boot code and application run under one key, whatever it is. */
function keyOfBootCode(chip: ChipIdentity, flash: FlashAfter): NeededKey | undefined {
  const known = flash.knownUntil(0, geometryOf(chip).sector);
  const start = flash.at(0, known);
  if (!start || known < BLOCK_SIZE) return undefined;
  const key = keyShownBy(start, 0);
  return key.kind === "unknown" ? undefined : { ...key, isCertain: false };
}

function damaged(
  chip: ChipIdentity,
  flash: FlashAfter,
  plan: FlashPlan | undefined,
  jump: number,
): StartReason | undefined {
  const limit = Math.min(flash.size, jump + LARGEST_PARTITION);
  const at = damageInKnownApplication(flash, jump, limit);
  if (at !== undefined)
    return reason("application-damaged", "no", words`the application is damaged or cut off at ${hexAddress(at)}`);
  const isInside = plan && !flash.changes(rangeOf(jump, 1)) && reachesApplication(plan, chip);
  return isInside
    ? reason("application-replaced-inside", "open", words`bytes inside the application are replaced, unchecked`)
    : undefined;
}
