/**
 * Erasing what a plan erases. Nothing is believed: one erase goes first and is proven, because every loader answers "done" also
 * when the flash ignored it. Knows what sectors held before only as far as it is told.
 */
import { equalBytes, hexAddress, isFilledWith } from "../base/bytes";
import { crc32 } from "../base/checksum";
import { ChipError, OperationError } from "../base/errors";
import { rangeOf } from "../base/ranges";
import { RETRIES, throwIfAborted } from "../base/timing";
import { words } from "../base/words";
import type { EraseStep } from "../driver/chipDevice";
import type { FlashPlan } from "../plan/flashPlan";
import { preservedSectors } from "../plan/planWrite";
import { PhaseMeter, RetryBudget, withRetries, withRetriesEach, type JobContext } from "../driver/jobContext";
import type { JobEvent, Run } from "./events";

/** CRC-32 of what sectors hold, by address, as far as it is known already. */
export type HeldCrcs = ReadonlyMap<number, number>;

/**
 * Erases all of the plan. One step goes first and is proven, by what its first sector holds before and after.
 * @param held spares looking at a sector before its erase
 * @throws ChipError `flash-dead` before the first erase, when the flash reads as all zeros
 * @throws OperationError `flash-protected` when the flash ignores erases even after a reset, `erase-failed`
 */
export async function* eraseAll(
  context: JobContext,
  plan: FlashPlan,
  held: HeldCrcs,
  rearm: () => Run<void>,
): Run<void> {
  const meter = new PhaseMeter("erase", plan.totals.erase);
  const preserved = new Set(preservedSectors(plan));
  yield meter.started();
  throwIfAborted(context.signal, "erase");
  const proof = yield* chooseProof(context, plan.erases, held);
  const rest = plan.erases.filter((step) => step !== proof?.step);
  if (proof) {
    const { step, before } = proof;
    if (before === crcFilled(context, 0x00)) yield* assertAlive(context);
    if (preserved.has(step.address)) yield erasing(step);
    yield* proveErase(context, step, before, rearm);
    yield meter.advance(step.address, step.length);
  }
  // Protection is off now and stays off: a link that had to be found again was checked, which arms the loader anew.
  for (const steps of runsOf(rest, ({ address }) => preserved.has(address))) {
    const [step] = steps as [EraseStep, ...EraseStep[]];
    if (preserved.has(step.address)) yield erasing(step);
    yield* withRetriesEach(
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

interface Proof {
  readonly step: EraseStep;
  /** CRC-32 of its first sector. */
  readonly before: number;
}

/** The step to erase first: one whose first sector is not blank, so that an ignored erase shows. */
async function* chooseProof(context: JobContext, steps: readonly EraseStep[], held: HeldCrcs): Run<Proof | undefined> {
  const blankCrc = crcFilled(context, 0xff);
  for (const step of steps) {
    const before = held.get(step.address);
    if (before !== undefined && before !== blankCrc) return { step, before };
  }
  const places = new Set(
    Array.from({ length: PROOF_PLACES }, (_, i) => Math.floor((i * (steps.length - 1)) / (PROOF_PLACES - 1))),
  );
  let blank: Proof | undefined;
  for (const place of places) {
    const step = steps[place];
    if (!step) continue;
    const before = held.get(step.address) ?? (yield* withRetries(context, () => crcNow(context, step.address)));
    if (before !== blankCrc) return { step, before };
    blank ??= { step, before };
  }
  return blank;
}

/** CRC-32 of a sector that is `byte` throughout. */
function crcFilled({ geometry }: JobContext, byte: number): number {
  return crc32(new Uint8Array(geometry.sector).fill(byte));
}

/** Of a sector: the chip's own where asking for it locks nothing, which takes a fraction of reading it. */
async function crcNow({ device, geometry, signal }: JobContext, address: number): Promise<number> {
  return device.profile.crcLocks === "never"
    ? await device.crc(address, geometry.sector, signal)
    : crc32(await device.readSector(address, signal));
}

/** One sector of zeros may be content; the start of the boot code and of the application never are. */
async function* assertAlive(context: JobContext): Run<void> {
  for (const address of [0, context.geometry.applicationStart]) {
    const sector = yield* withRetries(context, () => context.device.readSector(address, context.signal));
    if (!isFilledWith(sector, 0x00)) return;
  }
  throw new ChipError("flash-dead", words`erase`, { actual: words`nothing but zeros, wherever it is read` });
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
export async function* eraseOne(context: JobContext, step: EraseStep, rearm: () => Run<void>): Run<void> {
  const repeats = new RetryBudget();
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

/** @param before CRC-32 of its first sector */
async function* proveErase(context: JobContext, step: EraseStep, before: number, rearm: () => Run<void>): Run<void> {
  const blank = new Uint8Array(context.geometry.sector).fill(0xff);
  for (let attempt = 1; ; attempt++) {
    yield* eraseOne(context, step, rearm);
    const other = yield* withRetries(context, () => readMismatch(context, step.address, blank));
    if (!other) return;
    const ignored = crc32(other) === before;
    if (attempt > RETRIES.repairRounds) {
      throw new OperationError(ignored ? "flash-protected" : "erase-failed", words`erase ${hexAddress(step.address)}`, {
        address: step.address,
        length: step.length,
        attempts: attempt,
        detail: ignored
          ? words`the chip answers that it is done, and the flash holds what it held before`
          : words`some bytes are not blank`,
      });
    }
    if (ignored) suspectCrcLock(context, attempt);
    yield* rearm();
  }
}

/**
 * Proves that a sector holds `data`: by the chip's CRC where that locks nothing, else by reading it.
 * @returns undefined when it does, else what was read in its place
 */
export async function readMismatch(
  { device, signal }: JobContext,
  address: number,
  data: Uint8Array,
): Promise<Uint8Array | undefined> {
  const mayHash = device.profile.crcLocks === "never";
  if (mayHash && (await device.crc(address, data.length, signal)) === crc32(data)) return undefined;
  const onChip = await device.readSector(address, signal);
  return equalBytes(onChip, data) ? undefined : onChip;
}

/**
 * An ignored erase or write: something hashed this chip before us in the same power cycle. The oldest loaders stay
 * locked until a reset; newer ones get one more chance with a link check.
 */
export function suspectCrcLock({ device }: JobContext, attempt: number): void {
  const { crcLocks } = device.profile;
  device.known.clear();
  if (crcLocks === "until-reset" || (crcLocks === "until-link-and-erase" && attempt > 1)) device.isStillLocked();
}
