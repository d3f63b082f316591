/**
 * Carrying out an approved plan: what must be kept is read, sectors are erased, content is programmed. Nothing is
 * believed: the first erase and the first write are read back before the rest follows, because every loader answers
 * "done" also when the flash ignored it.
 */
import { BOOTLOADER_END, SECTOR, equalBytes, hexAddress, isFilledWith } from "../base/bytes";
import { ChipError, OperationError } from "../base/errors";
import { rangeOf } from "../base/ranges";
import { RETRIES, throwIfAborted } from "../base/timing";
import type { EraseStep, FlashPlan } from "../plan/flashPlan";
import { preservedSectors, programmedSectors, sectorContent } from "../plan/planWrite";
import type { SectorContent } from "./comparing";
import { PhaseMeter, Repeats, note, persist, persistMany, type JobContext } from "./context";
import type { JobEvent } from "./events";
import { readSectors } from "./reading";

/**
 * Reads what the plan must keep and tells it; must come before the first erase.
 * @param kept by an interrupted job, of sectors that it may have erased: the chip no longer has it
 */
export async function* keepWhatStays(
  context: JobContext,
  plan: FlashPlan,
  kept: ReadonlyMap<number, Uint8Array> = new Map(),
): AsyncGenerator<JobEvent, SectorContent, void> {
  const sectors = preservedSectors(plan);
  const toRead = sectors.filter((address) => !kept.has(address));
  const before = new Map([...kept, ...(toRead.length > 0 ? yield* readSectors(context, toRead) : [])]);
  yield { type: "kept", plan, before, touched: sectors.filter((address) => kept.has(address)) };
  return (address) => sectorContent(plan, address, before.get(address));
}

/**
 * Erases all of the plan. One step goes first and is proven: its first sector is read before and after.
 * @throws ChipError `flash-dead` before the first erase, when the flash reads as all zeros
 * @throws OperationError `flash-protected` when the flash ignores erases even after a reset, `erase-failed`
 */
export async function* eraseAll(
  context: JobContext,
  plan: FlashPlan,
  rearm: () => AsyncGenerator<JobEvent, void, void>,
): AsyncGenerator<JobEvent, void, void> {
  const meter = new PhaseMeter("erase", plan.totals.erase);
  const preserved = new Set(preservedSectors(plan));
  yield meter.started();
  throwIfAborted(context.signal, "erase");
  const proof = yield* chooseProof(context, plan.erases);
  const rest = plan.erases.filter((step) => step !== proof?.step);
  if (proof) {
    const { step, before } = proof;
    if (isFilledWith(before, 0x00)) yield* assertAlive(context);
    if (preserved.has(step.address)) yield erasing(step);
    yield* proveErase(context, step, before, rearm);
    yield meter.advance(step.address, step.length);
  }
  // Protection is off now and stays off: a link that had to be found again was checked, which arms the loader anew.
  for (const steps of runsOf(rest, ({ address }) => preserved.has(address))) {
    const [step] = steps as [EraseStep, ...EraseStep[]];
    if (preserved.has(step.address)) yield erasing(step);
    yield* persistMany(
      context,
      steps.length,
      (from) => context.device.erases(steps.slice(from), context.signal),
      (_done, i) => {
        const { address, length } = steps[i] as EraseStep;
        return meter.advance(address, length);
      },
    );
  }
  yield meter.finished();
}

/** How many places are looked at for something that an erase would visibly remove. */
const PROOF_PLACES = 5;

/** The step to erase first: one whose first sector is not blank, so that an ignored erase shows. */
async function* chooseProof(
  context: JobContext,
  steps: readonly EraseStep[],
): AsyncGenerator<JobEvent, { step: EraseStep; before: Uint8Array } | undefined, void> {
  const places = new Set(
    Array.from({ length: PROOF_PLACES }, (_, i) => Math.floor((i * (steps.length - 1)) / (PROOF_PLACES - 1))),
  );
  let blank: { step: EraseStep; before: Uint8Array } | undefined;
  for (const place of places) {
    const step = steps[place];
    if (!step) continue;
    const before = yield* persist(context, () => context.device.readSector(step.address, context.signal));
    if (!isFilledWith(before, 0xff)) return { step, before };
    blank ??= { step, before };
  }
  return blank;
}

/** One sector of zeros may be content; the start of the boot code and of the application never are. */
async function* assertAlive(context: JobContext): AsyncGenerator<JobEvent, void, void> {
  for (const address of [0, BOOTLOADER_END]) {
    const sector = yield* persist(context, () => context.device.readSector(address, context.signal));
    if (!isFilledWith(sector, 0x00)) return;
  }
  throw new ChipError("flash-dead", "erase", { actual: "nothing but zeros, wherever it is read" });
}

/** Told before a sector is erased of which a part is only in memory from then on. */
export function erasing({ address, length }: EraseStep): JobEvent {
  return { type: "erasing", range: rangeOf(address, length) };
}

/** In order, those that are `alone` one by one, the others as many together as follow each other. */
function runsOf<T>(items: readonly T[], alone: (item: T) => boolean): T[][] {
  const runs: T[][] = [];
  let open: T[] | undefined;
  for (const item of items) {
    if (alone(item)) {
      runs.push([item]);
      open = undefined;
    } else if (open) open.push(item);
    else runs.push((open = [item]));
  }
  return runs;
}

/** One erase, repeated with the protection lifted anew when its answer was lost. */
async function* eraseOne(
  context: JobContext,
  step: EraseStep,
  rearm: () => AsyncGenerator<JobEvent, void, void>,
): AsyncGenerator<JobEvent, void, void> {
  const repeats = new Repeats();
  for (;;) {
    try {
      await context.device.erase(step, context.signal);
      return;
    } catch (error) {
      yield* repeats.after(error, context);
      yield* rearm();
    }
  }
}

async function* proveErase(
  context: JobContext,
  step: EraseStep,
  before: Uint8Array,
  rearm: () => AsyncGenerator<JobEvent, void, void>,
): AsyncGenerator<JobEvent, void, void> {
  const { device, signal } = context;
  const read = (): Promise<Uint8Array> => device.readSector(step.address, signal);
  for (let attempt = 1; ; attempt++) {
    yield* eraseOne(context, step, rearm);
    const after = yield* persist(context, read);
    if (isFilledWith(after, 0xff)) return;
    const ignored = equalBytes(before, after);
    if (attempt > RETRIES.repairRounds) {
      throw new OperationError(ignored ? "flash-protected" : "erase-failed", `erase ${hexAddress(step.address)}`, {
        address: step.address,
        length: step.length,
        attempts: attempt,
        detail: ignored
          ? "the chip answers that it is done, and the flash holds what it held before"
          : "some bytes are not blank",
      });
    }
    if (ignored) suspectCrcLock(context, attempt);
    yield* rearm();
  }
}

/**
 * Programs every sector that holds more than FF. The first one is read back.
 * @throws OperationError `write-failed`
 */
export async function* writeAll(
  context: JobContext,
  plan: FlashPlan,
  content: SectorContent,
  rearm: () => AsyncGenerator<JobEvent, void, void>,
): AsyncGenerator<JobEvent, number, void> {
  const meter = new PhaseMeter("write", plan.totals.write);
  let written = 0;
  yield meter.started();
  for (const address of programmedSectors(plan)) {
    throwIfAborted(context.signal, "write");
    const data = content(address);
    if (!isFilledWith(data, 0xff)) {
      yield* writeOne(context, address, data, written === 0, rearm);
      written += SECTOR;
    }
    yield { type: "sector-done", address };
    yield meter.advance(address, SECTOR);
  }
  yield meter.finished();
  return written;
}

/** The first write was answered and nothing is there: everything must be erased anew, after a reset. */
export class IgnoredWrite extends OperationError {}

/** After a lost answer the sector may be half programmed, so it is erased before it is programmed again. */
export async function* writeOne(
  context: JobContext,
  address: number,
  data: Uint8Array,
  prove: boolean,
  rearm: () => AsyncGenerator<JobEvent, void, void>,
): AsyncGenerator<JobEvent, void, void> {
  const { device, signal } = context;
  const repeats = new Repeats();
  for (let attempt = 1; ; attempt++) {
    try {
      await device.writeSector(address, data, signal);
      if (!prove) return;
      const onChip = await device.readSector(address, signal);
      if (equalBytes(onChip, data)) return;
      if (isFilledWith(onChip, 0xff) && device.profile.crcLocks !== "never") {
        // Nothing took: then the erases may not have either, where what they met was blank already.
        device.lockedByCrc = true;
        throw new IgnoredWrite("write-failed", `write ${hexAddress(address)}`, {
          address,
          length: SECTOR,
          attempts: attempt,
        });
      }
      if (attempt >= RETRIES.sector) {
        throw new OperationError("write-failed", `write ${hexAddress(address)}`, {
          address,
          length: SECTOR,
          attempts: attempt,
        });
      }
      yield note("warning", "repair", { address, length: SECTOR, attempts: attempt });
      suspectCrcLock(context, attempt);
      yield* rearm();
    } catch (error) {
      yield* repeats.after(error, context);
      yield* rearm();
    }
    yield* eraseOne(context, { address, length: SECTOR }, rearm);
  }
}

/**
 * An ignored erase or write: something hashed this chip before us in the same power cycle. The oldest loaders stay
 * locked until a reset; newer ones get one more chance with a link check.
 */
function suspectCrcLock({ device }: JobContext, attempt: number): void {
  const { crcLocks } = device.profile;
  if (crcLocks === "until-reset" || (crcLocks === "until-link-and-erase" && attempt > 1)) device.lockedByCrc = true;
}
