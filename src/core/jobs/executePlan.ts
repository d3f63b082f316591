/**
 * From an approved plan to a proven flash: the grant, what must be kept, what is left to do, erase, program, prove, and
 * the flash's protection as it was. One path for everything that writes; it does not know where a plan comes from.
 */
import { hexAddress } from "../base/bytes";
import {
  ChipError,
  PlanError,
  TransportError,
  isFlasherError,
  type FlashCondition,
  type OutsideCondition,
} from "../base/errors";
import { split, subtract, type Range } from "../base/ranges";
import { TIMING } from "../base/timing";
import { words } from "../base/words";
import { jedecIsDead } from "../beken/chips/flashParts";
import type { ChipIdentity } from "../beken/chips/types";
import type { WriteResume } from "../backup/writeJournal";
import type { FlashPlan } from "../plan/flashPlan";
import { plannedFigures, type WriteFigures } from "../plan/jobFigures";
import { narrowPlan, type Narrowed } from "../plan/narrow";
import type { PlanGrant } from "../driver/chipDevice";
import { preservedSectors } from "../plan/planWrite";
import { assertNothingOutside, straysOf, tellStrays } from "./strayWrites";
import { proveBootloaderCopy, type ConfirmedBootloader } from "./confirmBootloader";
import { findRight, type SectorContent } from "./compareSectors";
import { eraseAll, type HeldCrcs } from "./eraseSectors";
import { LOCKED, afterGaps, note, withRetries, type JobContext } from "../driver/jobContext";
import type { Lifted, PutBack, Reprotect } from "../driver/liftedProtection";
import type { ResumeWrite, Run } from "./events";
import { changedMeanwhile, rememberUntouched, type Untouched } from "./outsidePlanCheck";
import { PreservedSectors } from "./preservedSectors";
import { verifyPlan } from "./verifyFlash";
import { IgnoredWrite, writeAll } from "./programSectors";

/** What the running job knows about the flash; better than counting frames where a check has told more. */
export interface Progress {
  readonly mutationsBefore: number;
  condition: FlashCondition | undefined;
  /** Of what no plan names; undefined while nothing was sent that could change it. */
  outside: OutsideCondition | undefined;
}

export interface ExecuteOptions {
  readonly verify: boolean;
  /** Write everything, also what the chip holds already. */
  readonly full: boolean;
  /** Without it no plan that reaches below the application gets through. */
  readonly bootloader?: ConfirmedBootloader | undefined;
  readonly resumeWrite?: ResumeWrite | undefined;
  /** The whole flash as this job has just backed it up. */
  readonly backup?: Uint8Array | undefined;
}

/** What was done, but for the reboot. */
export type Carried = Omit<WriteFigures, "rebooted" | "dryRun">;

/** What is still to be done of a plan, and what of it is proven at the end. */
interface Left extends Narrowed {
  readonly toProve: FlashPlan;
  /** The chip was asked for CRCs already. */
  readonly hashed: boolean;
  readonly held: HeldCrcs;
}

/**
 * Carries `plan` out.
 * @throws ChipError `flash-dead`, `flash-unknown` before anything is touched; PlanError `plan-out-of-range` as well
 * @throws OperationError `flash-protected`, `erase-failed`, `write-failed`, `verify-failed`; `stray-write` when the plan was
 *   carried out and a place outside of it was changed as well
 */
export async function* executePlan(
  context: JobContext,
  plan: FlashPlan,
  options: ExecuteOptions,
  progress: Progress,
): Run<Carried> {
  assertFlashAnswers(context.identity);
  assertCertainlyThere(context, plan);
  const grant = yield* grantFor(context, plan, options.bootloader);
  const interrupted = yield* interruptedJob(context, plan, options.resumeWrite);
  const { device } = context;
  const gaps = device.gaps;
  const preserved = new PreservedSectors(plan, interrupted?.kept, interrupted?.proven);
  yield* preserved.settle(context);
  const {
    plan: left,
    skipped,
    toProve,
    hashed,
    held,
  } = yield* whatIsLeft(context, plan, preserved, options, interrupted?.claimed ?? []);
  const nothingLeft = left.sectors.length === 0;
  const mayHash = hashed || device.profile.crcLocks === "never";
  const untouched = yield* rememberUntouched(context, plan, options.backup, mayHash && !nothingLeft);
  if (!nothingLeft) yield* resetIfLocked(context);
  yield* afterGaps(context, gaps, () => preserved.readAgain(context));
  yield preserved.told();
  const { content } = preserved;
  // Bytes of a person are proven before what else has them goes, also where nothing else is.
  const whole = options.verify ? plan : whatIsKept(plan);
  // What was found right before a gap may have been another chip's.
  const proves = device.gaps > gaps ? whole : options.verify ? toProve : undefined;
  const unproven = proves !== undefined && proves !== left;
  const { protection, inDoubt = [] } = interrupted ?? {};
  const lifted = { protection, inDoubt, held: isSkipped(plan, device.gaps === gaps ? skipped : []) };
  const isLifted = protection !== undefined || inDoubt.length > 0;
  const since = device.gaps;
  const readAgain = async function* (): Run<void> {
    yield* preserved.readAgain(context);
    yield preserved.told();
  };
  const refresh = (): Run<void> => afterGaps(context, since, readAgain);
  const work = { plan: left, whole, toProve: proves, since, refresh, content, held, grant, lifted };
  const done =
    nothingLeft && !unproven && !isLifted
      ? { bytesWritten: 0, repairedSectors: 0 }
      : yield* carryOut(context, work, untouched, progress);
  return {
    ...plannedFigures(left, skipped),
    ...done,
    // What was skipped agreed with the chip's CRC, or a reading, in this very job and over one link.
    verified: options.verify || (nothingLeft && device.gaps === gaps),
  };
}

function isSkipped({ geometry }: FlashPlan, skipped: readonly Range[]): Lifted["held"] {
  const found = new Set(split(skipped, geometry.sector).map(({ start }) => start));
  return (sectors) => sectors.every((address) => found.has(address));
}

/** The sectors of a plan that it keeps a part of; undefined where there are none. */
function whatIsKept(plan: FlashPlan): FlashPlan | undefined {
  const kept = new Set(preservedSectors(plan));
  if (kept.size === 0) return undefined;
  const own = split(plan.sectors, plan.geometry.sector).filter(({ start }) => !kept.has(start));
  return narrowPlan(plan, new Set(own.map(({ start }) => start))).plan;
}

/** Where the flash can be asked for its name: one that gives none, or none that is known, is not written to. */
function assertFlashAnswers({ flash, protocol }: ChipIdentity): void {
  if (!protocol.knowsJedec || flash.part) return;
  const { jedecId } = flash;
  const dead = jedecId !== undefined && jedecIsDead(jedecId);
  throw new ChipError(dead ? "flash-dead" : "flash-unknown", words`prepare the flash for writing`, {
    actual: jedecId === undefined ? words`no flash id` : words`flash id ${jedecId}`,
  });
}

/**
 * Where nothing shows how large the flash is, what lies behind the smallest there is may be its beginning again, and on these chips
 * that is all that answers. On a boot ROM nothing shows it only where all of the flash is blank.
 */
function assertCertainlyThere({ identity, geometry }: JobContext, { sectors }: FlashPlan): void {
  const { flash, protocol, bootloader } = identity;
  const { smallestFlash } = geometry;
  const last = sectors.at(-1);
  if (flash.sizeProven !== false || !protocol.bootloaderIsLifeline || !last || last.end <= smallestFlash) return;
  // The boot code that answers lies in this flash: where it reads as zeros, so does everything.
  if (bootloader.empty === "zeros")
    throw new ChipError("flash-dead", words`carry out the plan`, {
      actual: words`nothing but zeros, wherever it is read`,
    });
  throw new PlanError("plan-out-of-range", words`carry out the plan`, {
    address: last.start,
    length: last.end - last.start,
    expected: words`below ${hexAddress(smallestFlash)}: the size of this flash cannot be told`,
  });
}

/** What is to be kept is read, and stored, over the link that the first erase goes over. */
async function* resetIfLocked(context: JobContext): Run<void> {
  if (context.device.lockedByCrc) yield* context.reset(LOCKED);
}

/** A plan that reaches below the application gets its token only after that area was read, checked and stored. */
async function* grantFor(
  context: JobContext,
  plan: FlashPlan,
  confirmed: ConfirmedBootloader | undefined,
): Run<PlanGrant> {
  const { kind: label, sectors, flashSize } = plan;
  const { bootCodeEnd } = context.geometry;
  const grant = { label, eraseRanges: sectors, writeRanges: sectors, flashSize, bootCodeEnd };
  if (!confirmed || plan.sectors.every(({ start }) => start >= bootCodeEnd)) return grant;
  return { ...grant, bootloaderToken: yield* proveBootloaderCopy(context, confirmed) };
}

async function* interruptedJob(
  context: JobContext,
  plan: FlashPlan,
  resume: ResumeWrite | undefined,
): Run<WriteResume | undefined> {
  const { device, identity } = context;
  if (!resume) return undefined;
  const interrupted = await device.whileAwake(() => resume(identity, plan));
  const { claimed = [], kept = new Map() } = interrupted ?? {};
  if (claimed.length + kept.size === 0) return interrupted;
  yield note("info", "resumed", { detail: words`${claimed.length} sectors said to be done, ${kept.size} kept` });
  return interrupted;
}

/** Leaves out of the plan what the chip holds already, where finding out is worth it, and reads what must be kept. */
async function* whatIsLeft(
  context: JobContext,
  plan: FlashPlan,
  preserved: PreservedSectors,
  { full, verify }: ExecuteOptions,
  claimed: readonly number[],
): Run<Left> {
  const { device } = context;
  // Asking for CRCs would cost a reset. Those of the verification, over the whole plan, come in this very job.
  const byClaims = !full && claimed.length > 0 && verify && device.profile.crcLocks === "until-reset";
  const found = full || byClaims ? undefined : yield* findRight(context, plan, preserved.supposed);
  const same = found?.same ?? new Set<number>();
  yield* preserved.readRest(context, same);
  const held = new Map([...device.seen, ...(found?.held ?? []), ...preserved.crcs()]);
  if (byClaims) {
    const left = narrowPlan(plan, new Set(claimed));
    yield { type: "narrowed", ...left };
    return { ...left, toProve: plan, hashed: false, held };
  }
  if (!found) return { plan, skipped: [], toProve: plan, hashed: false, held };
  const left = narrowPlan(plan, same);
  yield { type: "narrowed", ...left };
  // Where a CRC costs a reset, it may have been found by reading.
  return { ...left, toProve: left.plan, hashed: device.profile.crcLocks !== "until-reset" || device.lockedByCrc, held };
}

/** What {@link carryOut} does. */
interface Work {
  readonly plan: FlashPlan;
  /** What is proven where what was sent or answered is in doubt: all that was planned; what of it is kept, without verification. */
  readonly whole: FlashPlan | undefined;
  readonly toProve: FlashPlan | undefined;
  /** {@link ChipDevice.gaps} when it was found out what is left. */
  readonly since: number;
  /** Reads anew what is to be kept, where the link was lost since. For right before the first erase. */
  readonly refresh: () => Run<void>;
  readonly content: SectorContent;
  readonly held: HeldCrcs;
  readonly grant: PlanGrant;
  readonly lifted: Lifted;
}

/** Erase, program, prove. The grant holds exactly as long as this runs. */
async function* carryOut(
  context: JobContext,
  { plan, whole, toProve, since, refresh, content, held, grant, lifted }: Work,
  untouched: Untouched,
  progress: Progress,
): Run<Pick<Carried, "bytesWritten" | "repairedSectors">> {
  const { device } = context;
  let reprotect: PutBack | undefined;
  const rearm = (): Run<void> => context.unprotect((undo) => (reprotect ??= { undo }));
  device.allow(grant);
  try {
    let bytesWritten = 0;
    if (plan.sectors.length > 0) {
      bytesWritten = yield* eraseAndWrite(context, { plan, toProve, refresh, content, held }, rearm, progress);
      progress.condition = "written";
    }
    const strays = yield* straysOf(context, grant.flashSize);
    const outside = subtract(strays, grant.writeRanges);
    // What went astray inside the plan, also where no answer tells of it, is found and put right where all of the plan is proven.
    const proves = strays.length > 0 || device.inDoubt || device.gaps > since ? whole : toProve;
    const repairedSectors =
      whole && proves ? yield* tellingRepairs(verifyPlan(context, proves, whole, content, rearm), progress) : 0;
    outside.push(...subtract(yield* straysOf(context, grant.flashSize), grant.writeRanges));
    if (device.inDoubt) outside.push(...(yield* changedMeanwhile(context, untouched)));
    assertNothingOutside(outside);
    reprotect ??= yield* context.protectAgain(lifted);
    const putBack = reprotect;
    if (putBack && (yield* withRetries(context, () => putBack.undo(context.signal)))) {
      const { journal: file } = putBack;
      yield note("info", "reprotected", file === undefined ? {} : { file });
    }
    return { bytesWritten, repairedSectors };
  } catch (error) {
    const gone = error instanceof TransportError || (isFlasherError(error) && error.code === "chip-changed");
    if (isFlasherError(error) && error.code === "stray-write") progress.outside = "changed";
    else progress.outside = yield* tellStrays(context, grant, gone);
    if (reprotect && !gone) yield* reprotectAnyhow(reprotect.undo);
    throw error;
  } finally {
    device.allow(undefined);
  }
}

/** So many sectors are written in no more time than some readings take. */
const FEW = 8;

/** A write that the flash ignored casts doubt on every erase before it: once, all of it is done again. */
async function* eraseAndWrite(
  context: JobContext,
  { plan, toProve, refresh, content, held }: Pick<Work, "plan" | "toProve" | "refresh" | "content" | "held">,
  rearm: () => Run<void>,
  progress: Progress,
): Run<number> {
  // Of a few sectors the verification tells as soon.
  const proofs = { first: !toProve || plan.totals.write > FEW * plan.geometry.sector, last: !toProve };
  const rearmed = async function* (): Run<void> {
    yield* rearm();
    yield* refresh();
  };
  yield* eraseAndTell(context, plan, held, { first: rearmed, again: rearm }, progress);
  try {
    return yield* writeAll(context, plan, content, proofs, rearm);
  } catch (error) {
    if (!(error instanceof IgnoredWrite)) throw error;
    yield note("warning", "repair", { ...error.context });
    yield* eraseAndTell(context, plan, new Map(), { first: rearm, again: rearm }, progress);
    return yield* writeAll(context, plan, content, proofs, rearm);
  }
}

/** While a repair has sectors erased, a failure leaves the flash partly written. */
async function* tellingRepairs<T>(verification: Run<T>, progress: Progress): Run<T> {
  for (;;) {
    const step = await verification.next();
    if (step.done) return step.value;
    const event = step.value;
    if ("phase" in event && event.phase === "repair")
      progress.condition = event.type === "phase-finished" ? "written" : "partly-written";
    yield event;
  }
}

/** After a failure: the flash gets its protection back if the chip still listens; the failure itself is what counts. */
async function* reprotectAnyhow(reprotect: Reprotect): Run<void> {
  try {
    if (await reprotect(AbortSignal.timeout(TIMING.closeMs))) yield note("info", "reprotected", {});
  } catch (error) {
    if (!isFlasherError(error)) throw error;
    yield note("warning", "reprotect-failed", { detail: error.words });
  }
}

/** An erase that the flash ignored, as a read has shown, left everything as it was. */
async function* eraseAndTell(
  context: JobContext,
  plan: FlashPlan,
  held: HeldCrcs,
  rearm: { readonly first: () => Run<void>; readonly again: () => Run<void> },
  progress: Progress,
): Run<void> {
  try {
    yield* rearm.first();
    yield* eraseAll(context, plan, held, rearm.again);
  } catch (error) {
    if (
      progress.condition === undefined &&
      isFlasherError(error) &&
      (error.code === "flash-protected" || error.code === "flash-dead")
    )
      progress.condition = "untouched";
    throw error;
  }
}
