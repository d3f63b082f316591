/**
 * Jobs: one request from start to result over a session. Progress is yielded, success returned, failure thrown, and a
 * failure says what it left of the flash. Nothing above this file touches a chip.
 */
import { BOOTLOADER_END } from "../base/bytes";
import { CancelledError, PlanError, asFlasherError, isFlasherError, type FlashCondition } from "../base/errors";
import { crc32 } from "../base/checksum";
import { lengthOf, rangeOf } from "../base/ranges";
import { throwIfAborted } from "../base/timing";
import type { ChipIdentity } from "../chips/types";
import { findCalibration } from "../chips/calibration";
import { detectImage } from "../images/detect";
import type { FirmwareImage } from "../images/image";
import { fitToKey } from "../images/rekey";
import type { FlashPlan } from "../plan/flashPlan";
import { libreTinyYaml } from "../plan/libreTinyYaml";
import { narrowPlan, type Narrowed } from "../plan/narrow";
import { assertFlashable, planErase, planWrite, type PlanOptions } from "../plan/planWrite";
import { bootloaderToken, type WriteGrant } from "../protocol/guard";
import { findSame, worthComparing } from "./comparing";
import { note, type JobContext } from "./context";
import type { Approve, JobEvent, JobRequest, JobResult, SessionDeps, SessionOptions } from "./events";
import { unprotect, type Reprotect } from "./protection";
import { mendAgainstChip, readRange } from "./reading";
import { FlasherSession } from "./session";
import { compareSegments, verifyPlan } from "./verifying";
import { eraseAll, keepWhatStays, writeAll, type SectorContent } from "./writing";

type RequestOf<K extends JobRequest["kind"]> = Extract<JobRequest, { readonly kind: K }>;
type Run<T> = AsyncGenerator<JobEvent, T, void>;

/** Opens a session, runs one job in it, closes it. @see runInSession */
export async function* runJob(
  request: JobRequest,
  options: SessionOptions,
  deps: SessionDeps,
  signal: AbortSignal,
): Run<JobResult> {
  parseFile(request);
  const session = await FlasherSession.open(options, deps, signal);
  try {
    return yield* runInSession(session, request, signal);
  } finally {
    await session.close();
  }
}

/**
 * Runs one job over a session that stays linked for the next.
 * @throws FlasherError with `flash` set to what the job left behind
 */
export async function* runInSession(session: FlasherSession, request: JobRequest, signal: AbortSignal): Run<JobResult> {
  const progress: Progress = { mutationsBefore: session.mutations, condition: undefined };
  try {
    return yield* dispatch(session, request, progress, signal);
  } catch (error) {
    const failure = asFlasherError(error, request.kind);
    failure.flash = progress.condition ?? (session.mutations > progress.mutationsBefore ? "partly-written" : "untouched");
    throw failure;
  } finally {
    session.rest();
  }
}

/** What the running job knows about the flash; better than counting frames where a check has told more. */
interface Progress {
  readonly mutationsBefore: number;
  condition: FlashCondition | undefined;
}

async function* dispatch(session: FlasherSession, request: JobRequest, progress: Progress, signal: AbortSignal): Run<JobResult> {
  // A file that cannot be used is told before the person is asked to power-cycle anything.
  const image = parseFile(request);
  const context = yield* session.ready(request.kind === "info", signal);
  const { identity: chip } = context;
  switch (request.kind) {
    case "info":
      return { kind: "info", chip, baudRate: context.device.link.baudRate };
    case "read":
      return yield* read(context, request);
    case "backup":
      return yield* backup(context);
    case "verify":
      return yield* verify(context, request, image as FirmwareImage);
    case "flash":
      return yield* flash(session, context, request, image as FirmwareImage, progress);
    case "erase":
      return yield* erase(context, request, progress);
    case "reboot":
      await session.reboot(signal);
      return { kind: "reboot", chip };
  }
}

/** @throws ImageError when the request's file refuses serial flashing */
function parseFile(request: JobRequest): FirmwareImage | undefined {
  if (request.kind !== "flash" && request.kind !== "verify") return undefined;
  const { file, at } = request;
  const image = detectImage(file.bytes, file.name, at === undefined ? {} : { offset: at });
  assertFlashable(image);
  return image;
}

async function* read(context: JobContext, { start, length }: RequestOf<"read">): Run<JobResult> {
  const { identity: chip } = context;
  const bytes = length === "all" ? chip.flash.size - start : length;
  if (start < 0 || bytes <= 0 || start + bytes > chip.flash.size) {
    throw new PlanError("plan-out-of-range", "plan the read", { address: start, length: bytes, expected: `${chip.flash.size} bytes of flash` });
  }
  return { kind: "read", chip, start, data: yield* readRange(context, rangeOf(start, bytes), context.device.profile.crcLocks !== "until-reset") };
}

async function* backup(context: JobContext): Run<JobResult> {
  const { size } = context.identity.flash;
  const data = yield* readRange(context, rangeOf(0, size), true);
  yield* mendAgainstChip(context, data, 0);
  return { kind: "backup", chip: withCalibrationFrom(context.identity, data), data, crc32: crc32(data) };
}

/** A whole flash in hand is searched for calibration wherever it may be. */
function withCalibrationFrom(chip: ChipIdentity, data: Uint8Array): ChipIdentity {
  if (chip.calibration) return chip;
  const address = findCalibration(data);
  return address === undefined ? chip : { ...chip, calibration: { address, from: "scan" } };
}

async function* verify(context: JobContext, request: RequestOf<"verify">, file: FirmwareImage): Run<JobResult> {
  const { identity: chip } = context;
  const { segments } = request.rekey === true ? fitToKey(file, chip.key) : file;
  return { kind: "verify", chip, bytesChecked: yield* compareSegments(context, segments) };
}

async function* flash(
  session: FlasherSession,
  context: JobContext,
  request: RequestOf<"flash">,
  file: FirmwareImage,
  progress: Progress,
): Run<JobResult> {
  const { identity: chip } = context;
  const image = request.rekey === true ? fitToKey(file, chip.key) : file;
  for (const detail of image.warnings) yield note("warning", "image-warning", { file: image.fileName, detail });
  if (image.key && (chip.key.kind === "unknown" || image.key.kind === "unknown")) yield note("info", "key-unknown", {});
  const plan = planWrite(image, chip, planOptions(chip, request.saveBootloader !== undefined));
  yield { type: "planned", plan, image };
  const outcome = { kind: "flash", chip, plan, image, yaml: libreTinyYaml(chip, image), dryRun: request.dryRun } as const;
  if (request.dryRun) {
    return { ...outcome, bytesWritten: 0, bytesErased: 0, bytesSkipped: 0, verified: false, rebooted: false, repairedSectors: 0 };
  }
  await askFor(request.approve, plan, image, context);
  const grant = yield* grantFor(context, plan, request);
  const content = yield* keepWhatStays(context, plan);
  const { plan: left, skipped } = yield* narrowed(context, plan, content, request.full === true);
  const done = left.sectors.length === 0 ? NOTHING_TO_DO : yield* carryOut(context, left, content, grant, request.verify, progress);
  if (request.reboot) await session.reboot(context.signal);
  return {
    ...outcome,
    ...done,
    bytesErased: left.totals.erase,
    bytesSkipped: lengthOf(skipped),
    // What was skipped agreed with the chip's CRC in this very job.
    verified: request.verify || left.sectors.length === 0,
    rebooted: request.reboot,
  };
}

const NOTHING_TO_DO = { bytesWritten: 0, repairedSectors: 0 } as const;

/** Leaves out of the plan what the chip holds already, where finding out is worth it. */
async function* narrowed(context: JobContext, plan: FlashPlan, content: SectorContent, full: boolean): Run<Narrowed> {
  if (full || !(yield* worthComparing(context, plan, content))) return { plan, skipped: [] };
  const left = narrowPlan(plan, yield* findSame(context, plan, content));
  yield { type: "narrowed", ...left };
  return left;
}

async function* erase(context: JobContext, request: RequestOf<"erase">, progress: Progress): Run<JobResult> {
  const { identity: chip } = context;
  const plan = planErase(request.start, request.length, chip.flash.size, planOptions(chip, false));
  yield { type: "planned", plan, image: undefined };
  if (request.dryRun) return { kind: "erase", chip, plan, bytesErased: 0, dryRun: true };
  await askFor(request.approve, plan, undefined, context);
  yield* carryOut(context, plan, yield* keepWhatStays(context, plan), grantOf(plan), true, progress);
  return { kind: "erase", chip, plan, bytesErased: plan.totals.erase, dryRun: false };
}

/** @throws CancelledError when the person says no */
async function askFor(
  approve: Approve | undefined,
  plan: FlashPlan,
  image: FirmwareImage | undefined,
  { device, identity, signal }: JobContext,
): Promise<void> {
  if (!approve) return;
  device.link.keepAwake();
  try {
    if (!(await approve(plan, identity, image))) throw new CancelledError("carry out the plan");
  } finally {
    device.link.letSleep();
  }
  throwIfAborted(signal, "carry out the plan");
}

function planOptions(chip: ChipIdentity, allowBootloader: boolean): PlanOptions {
  return { allowBootloader: allowBootloader && !chip.protocol.bootloaderIsLifeline, calibrationAt: chip.calibration?.address };
}

function grantOf(plan: FlashPlan): WriteGrant {
  return { label: plan.kind, eraseRanges: plan.sectors, writeRanges: plan.sectors, flashSize: plan.flashSize };
}

/** A plan that reaches below the application gets its token only after that area was read, checked and stored. */
async function* grantFor(context: JobContext, plan: FlashPlan, request: RequestOf<"flash">): Run<WriteGrant> {
  const grant = grantOf(plan);
  if (!request.saveBootloader || plan.sectors.every(({ start }) => start >= BOOTLOADER_END)) return grant;
  const bytes = yield* readRange(context, { start: 0, end: BOOTLOADER_END }, false);
  yield* mendAgainstChip(context, bytes, 0);
  await request.saveBootloader(bytes, context.identity);
  return { ...grant, bootloaderToken: bootloaderToken({ allowBootloader: true }) };
}

/** Erase, program, prove. The grant holds exactly as long as this runs. */
async function* carryOut(
  context: JobContext,
  plan: FlashPlan,
  content: SectorContent,
  grant: WriteGrant,
  verify: boolean,
  progress: Progress,
): Run<{ bytesWritten: number; repairedSectors: number }> {
  const { link } = context.device;
  let reprotect: Reprotect | undefined;
  const rearm = async function* (): Run<void> {
    const undo = yield* unprotect(context);
    reprotect ??= undo;
  };
  link.allow(grant);
  try {
    yield* eraseAndTell(context, plan, rearm, progress);
    const bytesWritten = yield* writeAll(context, plan, content, rearm);
    progress.condition = "written";
    const repairedSectors = verify ? yield* verifyPlan(context, plan, content, rearm) : 0;
    await reprotect?.();
    return { bytesWritten, repairedSectors };
  } finally {
    link.allow(undefined);
  }
}

/** An erase that the flash ignored, as a read has shown, left everything as it was. */
async function* eraseAndTell(
  context: JobContext,
  plan: FlashPlan,
  rearm: () => Run<void>,
  progress: Progress,
): Run<void> {
  try {
    yield* rearm();
    yield* eraseAll(context, plan, rearm);
  } catch (error) {
    if (isFlasherError(error) && error.code === "flash-protected") progress.condition = "untouched";
    throw error;
  }
}

