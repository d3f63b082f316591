/**
 * Jobs: one request from start to result over a session. Progress is yielded, success returned, failure thrown, and a
 * failure says what it left of the flash. Nothing above this file touches a chip.
 */
import { assertUsableBase } from "../backup/baseBackup";
import { deviceMark } from "../backup/manifest";
import { assertRestorable, assertSound, planRestore } from "../backup/planRestore";
import type { RestorePlan } from "../backup/restorePlan";
import { hexAddress } from "../base/bytes";
import { PlanError, asFlasherError } from "../base/errors";
import { crc32 } from "../base/checksum";
import { rangeOf, split } from "../base/ranges";
import { words } from "../base/words";
import type { StartReasonCode } from "../beken/chips/startVerdict";
import { calibrationFrom, isCalibrationSector } from "../beken/chips/calibration";
import type { FirmwareImage } from "../beken/images/firmwareImage";
import { isLibreTiny } from "../beken/images/applicationText";
import { imageOf, recogniseFile } from "../beken/images/recogniseFile";
import { canRekey, fitToKey } from "../beken/images/rekey";
import { bootCodeAlone } from "../plan/bootCodeOf";
import { isOfAFlash } from "../plan/comparison";
import { chipDoubt } from "../plan/doubt";
import type { FlashPlan } from "../plan/flashPlan";
import { identityAfter } from "../plan/identityAfter";
import { NOTHING_DONE, type WriteFigures } from "../plan/jobFigures";
import { buildAdvice } from "../plan/buildAdvice";
import { withVerdict } from "../plan/startability";
import { assertFlashable, guessedChip, keysDiffer, planErase, planSegments } from "../plan/planWrite";
import { approvePlan, type Agreements } from "./approvePlan";
import { withCalibrationFrom } from "./backupFirst";
import { compareFile } from "./compareFile";
import { confirmBootloader, type ConfirmedBootloader } from "./confirmBootloader";
import { executePlan, type ExecuteOptions, type Progress } from "./executePlan";
import { PhaseMeter, note, withRetries, type JobContext } from "../driver/jobContext";
import { FailureDiagnosis } from "./failureDiagnosis";
import { readTwice } from "../driver/readings";
import { settleDoubts } from "./settleDoubts";
import type {
  BootloaderConsent,
  FlashResult,
  JobHooks,
  JobRequest,
  JobResult,
  Run,
  SessionDeps,
  SessionOptions,
} from "./events";
import { planFlash, planOptions, unusedOptions } from "./flashPlanning";
import { readProven, readWhole } from "./readFlash";
import { bridgeSurroundings } from "../transport/bridges";
import { FlasherSession } from "./flasherSession";

type RequestOf<K extends JobRequest["kind"]> = Extract<JobRequest, { readonly kind: K }>;

/** Where a job runs, when it opens a session of its own. */
export interface JobPlace {
  readonly session: SessionOptions;
  readonly deps: SessionDeps;
  readonly signal: AbortSignal;
}

/** Opens a session, runs one job in it, closes it. @see runInSession */
export async function* runJob(
  request: JobRequest,
  hooks: JobHooks,
  { session: options, deps, signal }: JobPlace,
): Run<JobResult> {
  const looked = withFile(request);
  const session = await FlasherSession.open(options, deps, signal);
  try {
    return yield* runInSession(session, looked, hooks, signal);
  } finally {
    await session.close();
  }
}

/**
 * Runs one job over a session that stays linked for the next.
 * @throws FlasherError with `flash` set to what the job left behind, and `suspect` to what its course points to
 */
export async function* runInSession(
  session: FlasherSession,
  request: JobRequest,
  hooks: JobHooks,
  signal: AbortSignal,
): Run<JobResult> {
  const progress: Progress = { mutationsBefore: session.mutations, condition: undefined, outside: undefined };
  const diagnosis = new FailureDiagnosis();
  try {
    const result = yield* watched(dispatch(session, request, hooks, progress, signal), diagnosis);
    if (session.lockedByCrc) yield note("info", "locked-until-reset", {});
    return result;
  } catch (error) {
    const failure = asFlasherError(error, request.kind);
    failure.job = request.kind;
    failure.suspect = diagnosis.suspect(failure);
    failure.around = [...failure.around, ...bridgeSurroundings(session.port, failure.code)];
    failure.flash =
      progress.condition ?? (session.mutations > progress.mutationsBefore ? "partly-written" : "untouched");
    failure.outside = progress.outside;
    throw failure;
  } finally {
    session.rest();
  }
}

async function* watched<T>(job: Run<T>, diagnosis: FailureDiagnosis): Run<T> {
  try {
    for (;;) {
      const step = await job.next();
      if (step.done) return step.value;
      diagnosis.watch(step.value);
      yield step.value;
    }
  } finally {
    // Does nothing unless the caller stopped reading events before the end: then the job ends here, and closes what it has open.
    await job.return(undefined as T);
  }
}

async function* dispatch(
  session: FlasherSession,
  asked: JobRequest,
  hooks: JobHooks,
  progress: Progress,
  signal: AbortSignal,
): Run<JobResult> {
  // A file that cannot be used is told before the person is asked to power-cycle anything.
  const request = withFile(asked);
  // A restore must know where the calibration is that it leaves alone, however long the search takes.
  const context = yield* session.ready(request.kind === "info" || request.kind === "restore", signal);
  const { identity: chip } = context;
  switch (request.kind) {
    case "info":
      return { kind: "info", chip, baudRate: context.device.baudRate };
    case "read":
      return yield* read(context, request);
    case "backup":
      return yield* backup(context, hooks);
    case "verify":
      return yield* compareFile(context, request, usable(request));
    case "flash":
      return yield* flash({ session, context, hooks, progress }, request, usable(request));
    case "restore":
      return yield* restore({ session, context, hooks, progress }, request);
    case "erase":
      return yield* erase({ session, context, hooks, progress }, request);
    case "reboot":
      yield* session.reboot(signal);
      return { kind: "reboot", chip };
  }
}

/**
 * The request with what its file is, which is looked at once.
 * @throws ImageError when the file refuses serial flashing, or is a backup that is worthless or damaged
 */
function withFile(request: JobRequest): JobRequest {
  if (request.kind === "restore") {
    const file = recogniseFile(request.file);
    assertSound({ ...file, ...(request.manifest && { manifest: request.manifest }) });
    return { ...request, file };
  }
  if (request.kind !== "flash" && request.kind !== "verify") return request;
  const looked = { ...request, file: recogniseFile(request.file, request.at) };
  usable(looked);
  return looked;
}

/** What a flash or a comparison can use of its file. @throws ImageError where that is nothing */
function usable(request: RequestOf<"flash" | "verify">): FirmwareImage {
  const image = imageOf(request.file, request.at);
  if (request.kind === "flash" && request.only === "boot-code") return bootCodeAlone(image);
  // A flash is compared as it is, whatever is wrong with what it holds.
  if (request.kind === "flash" || !isOfAFlash(image)) assertFlashable(image);
  return image;
}

async function* read(context: JobContext, { start, length }: RequestOf<"read">): Run<JobResult> {
  const { identity: chip } = context;
  const bytes = length === "all" ? chip.flash.size - start : length;
  if (start < 0 || bytes <= 0 || start + bytes > chip.flash.size) {
    throw new PlanError("plan-out-of-range", words`plan the read`, {
      address: start,
      length: bytes,
      expected: words`${chip.flash.size} bytes of flash`,
    });
  }
  return { kind: "read", chip, start, bytesRead: bytes, data: yield* readProven(context, rangeOf(start, bytes)) };
}

/** @throws ImageError `backup-damaged`, `backup-other-device` when the earlier backup cannot serve */
async function* backup(context: JobContext, { resumeBackup, baseBackup }: JobHooks): Run<JobResult> {
  const { device, identity } = context;
  const interrupted = resumeBackup && (await device.whileAwake(() => resumeBackup(identity)));
  const base = baseBackup && (await device.whileAwake(() => baseBackup(identity)));
  if (base) {
    assertUsableBase(base, deviceMark(identity));
    yield note("info", "since-backup", { detail: base.name });
  }
  const { data, ...taken } = yield* readWhole(context, { resume: interrupted, base: base?.bytes });
  const proven = { bytesRead: data.length, verified: true, crc32: crc32(data) };
  return { kind: "backup", chip: withCalibrationFrom(identity, data), data, ...proven, ...taken };
}

/** A job that changes flash, on its way. */
interface Writing {
  readonly session: FlasherSession;
  readonly context: JobContext;
  readonly hooks: JobHooks;
  readonly progress: Progress;
}

async function* flash(writing: Writing, request: RequestOf<"flash">, file: FirmwareImage): Run<JobResult> {
  const { context, hooks } = writing;
  const { identity: chip } = context;
  const fitted = request.rekey || (await agreesToRekey(context, hooks, file)) ? fitToKey(file, chip.key) : file;
  const check = (plan: FlashPlan): Run<void> => assertNoCalibration(context, plan);
  const { image, plan, bootloader } = yield* planFlash(context, request, hooks.bootloader, fitted, check);
  for (const detail of image.warnings) yield note("warning", "image-warning", { file: image.fileName, detail });
  const guessed = guessedChip(image, chip);
  if (guessed) yield note("warning", "chip-is-a-guess", { detail: guessed });
  for (const detail of unusedOptions(request, file, chip)) yield note("warning", "option-unused", { detail });
  if (image.key && (chip.key.kind === "unknown" || image.key.kind === "unknown")) yield note("info", "key-unknown", {});
  const advice = buildAdvice(chip, image, request.file.bytes);
  yield { type: "planned", plan, image, advice };
  const doubt = chipDoubt(image, chip);
  if (doubt && !request.dryRun) await settleDoubts(context, image.fileName, [doubt], request, hooks.askDoubt);
  const outcome = { kind: "flash", plan, image, advice } as const;
  const how = { ...request, bootloader, full: request.full === true };
  return { ...outcome, ...(yield* write(writing, plan, image, how)) };
}

async function agreesToRekey(
  { device, identity }: JobContext,
  { askRekey }: JobHooks,
  file: FirmwareImage,
): Promise<boolean> {
  if (!askRekey || !file.key || !keysDiffer(file.key, identity.key) || !canRekey(file, identity.key).possible)
    return false;
  return await device.whileAwake(() => askRekey(file, identity));
}

async function* restore(writing: Writing, request: RequestOf<"restore">): Run<JobResult> {
  const { context, hooks } = writing;
  const { identity: chip, device, signal } = context;
  const { file, manifest, keepCalibration } = request;
  const at = chip.calibration?.address;
  const calibration = at === undefined ? undefined : yield* withRetries(context, () => readTwice(device, at, signal));
  const dump = { ...file, ...(manifest && { manifest }) };
  const planned = (allowBootloader: boolean): RestorePlan =>
    planRestore(
      dump,
      { identity: chip, ...(calibration && { calibration }) },
      { allowBootloader, ...(keepCalibration !== undefined && { keepCalibration }) },
    );
  const { plan, bootloader } = yield* withBootCode(context, request, hooks.bootloader, planned);
  yield { type: "restore-planned", restore: plan };
  assertRestorable(plan, file.name);
  const laid = withVerdict(planSegments(plan.segments, chip.flash.size, plan.planOptions), chip);
  yield { type: "planned", plan: laid, image: undefined };
  if (!request.dryRun) await settleDoubts(context, file.name, plan.doubts, request, hooks.askDoubt);
  // A person who agreed to restore damaged code is not asked about the same damage again.
  const settled = plan.doubts.some(({ code }) => code === "backup-unsound") ? DAMAGE : [];
  const outcome = { kind: "restore", restore: plan, plan: laid } as const;
  const how = { ...request, bootloader, full: false, settled };
  return { ...outcome, ...(yield* write(writing, laid, undefined, how)) };
}

const DAMAGE: readonly StartReasonCode[] = ["application-damaged", "boot-code-damaged"];

/** The plan with the boot code in it where that was asked for and agreed to, or offered and taken. */
async function* withBootCode(
  context: JobContext,
  { bootloader: allowed, dryRun }: RequestOf<"restore">,
  consent: BootloaderConsent | undefined,
  planned: (allowBootloader: boolean) => RestorePlan,
): Run<{ readonly plan: RestorePlan; readonly bootloader: ConfirmedBootloader | undefined }> {
  const kept = (): { plan: RestorePlan; bootloader: undefined } => ({ plan: planned(false), bootloader: undefined });
  if (!allowed) return kept();
  const plan = planned(true);
  const boot = plan.refusals.length === 0 ? plan.segments.find(({ address }) => address === 0) : undefined;
  if (!boot) return allowed === "offered" ? kept() : { plan, bootloader: undefined };
  const { device, signal } = context;
  const { bootCodeEnd } = context.geometry;
  const onChip = yield* withRetries(context, () => device.crc(0, bootCodeEnd, signal));
  const differs = onChip !== crc32(boot.data, 0, bootCodeEnd);
  if (allowed === "offered" && !differs) return kept();
  if (dryRun) return { plan, bootloader: undefined };
  const bootloader = await confirmBootloader(context, allowed, consent, differs);
  return bootloader ? { plan, bootloader } : kept();
}

/** What flash and restore have in common from the plan on. */
async function* write(
  { session, context, hooks, progress }: Writing,
  plan: FlashPlan,
  image: FirmwareImage | undefined,
  request: Omit<ExecuteOptions, "resumeWrite" | "backup"> &
    Agreements &
    Pick<RequestOf<"flash">, "dryRun" | "reboot" | "checkStart">,
): Run<WriteFigures & Pick<FlashResult, "chip" | "started">> {
  if (request.dryRun) {
    return { ...NOTHING_DONE, chip: context.identity, dryRun: true };
  }
  const backup = yield* approvePlan(context, plan, image, hooks, request);
  const done = yield* executePlan(context, plan, { ...request, backup, resumeWrite: hooks.resumeWrite }, progress);
  if (request.reboot) yield* session.reboot(context.signal);
  const listens = request.reboot && request.checkStart === true && image !== undefined && isLibreTiny(image);
  const started = listens ? yield* session.checkStart(context.signal) : undefined;
  const chip = identityAfter(context.identity, plan);
  return { ...done, chip, dryRun: false, rebooted: request.reboot, ...(started && { started }) };
}

async function* erase({ context, hooks, progress }: Writing, request: RequestOf<"erase">): Run<JobResult> {
  const { identity: chip } = context;
  const plan = withVerdict(planErase(request.start, request.length, chip.flash.size, planOptions(chip, false)), chip);
  yield* assertNoCalibration(context, plan);
  yield { type: "planned", plan, image: undefined };
  const outcome = { kind: "erase", chip, plan, rebooted: false, dryRun: request.dryRun } as const;
  if (request.dryRun) return { ...NOTHING_DONE, ...outcome };
  const backup = yield* approvePlan(context, plan, undefined, hooks, {});
  const how = { verify: true, full: true, backup, resumeWrite: hooks.resumeWrite };
  const done = yield* executePlan(context, plan, how, progress);
  return { ...outcome, ...done, chip: identityAfter(chip, plan) };
}

/**
 * Calibration is known by its content, wherever it is: where it has not been found yet, what a plan would erase behind the
 * application is looked at first.
 * @throws PlanError `plan-touches-calibration`
 */
async function* assertNoCalibration(context: JobContext, plan: FlashPlan): Run<void> {
  // With the chip's calibration known, and so protected, there is nothing else to look for.
  if (context.identity.calibration) return;
  const { sector: length } = plan.geometry;
  const behind = split(plan.sectors, length).filter(
    ({ start }) => start >= calibrationFrom(context.geometry, plan.flashSize),
  );
  if (behind.length === 0) return;
  const meter = new PhaseMeter("scan", behind.length * length);
  yield meter.started();
  for (const { start } of behind) {
    if (isCalibrationSector(yield* withRetries(context, () => context.device.readSector(start, context.signal)))) {
      throw new PlanError("plan-touches-calibration", words`plan ${hexAddress(start)}`, {
        address: start,
        length,
      });
    }
    yield meter.advance(start, length);
  }
  yield meter.finished();
}
