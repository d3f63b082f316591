/**
 * Programming what a plan writes. Nothing is believed: the first write is proven before many others follow, because every
 * loader answers "done" also when the flash ignored it.
 */
import { hexAddress, isFilledWith } from "../base/bytes";
import { OperationError } from "../base/errors";
import { RETRIES, throwIfAborted } from "../base/timing";
import { words } from "../base/words";
import type { FlashPlan } from "../plan/flashPlan";
import { preservedSectors, programmedSectors } from "../plan/planWrite";
import type { SectorContent } from "./compareSectors";
import { PhaseMeter, RetryBudget, note, type JobContext } from "../driver/jobContext";
import { eraseOne, suspectCrcLock, readMismatch } from "./eraseSectors";
import type { Run } from "./events";

/** What is shown to have taken before anything else is done, beside the sectors of which a part is kept. */
export interface Proofs {
  /** The first one, before the rest follows. */
  readonly first: boolean;
  /** The last one, if a part of it is kept, as well: no verification follows. */
  readonly last: boolean;
}

/**
 * Programs every sector that holds more than FF.
 * @throws OperationError `write-failed`
 */
export async function* writeAll(
  context: JobContext,
  plan: FlashPlan,
  content: SectorContent,
  proofs: Proofs,
  rearm: () => Run<void>,
): Run<number> {
  const { sector } = plan.geometry;
  const meter = new PhaseMeter("write", plan.totals.write);
  const preserved = new Set(preservedSectors(plan));
  let written = 0;
  yield meter.started();
  const sectors = programmedSectors(plan);
  for (const address of sectors) {
    throwIfAborted(context.signal, "write");
    const data = content(address);
    // What is kept is nowhere else any more. Of the last sector a verification, which is next, tells as soon.
    const isKept = preserved.has(address) && (proofs.last || address !== sectors.at(-1));
    const proven = (proofs.first && written === 0) || isKept;
    if (!isFilledWith(data, 0xff)) {
      yield* writeOne(context, address, data, proven, rearm);
      written += sector;
    }
    yield { type: "sector-done", address, proven };
    yield meter.advance(address, sector);
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
  rearm: () => Run<void>,
): Run<void> {
  const { device, geometry, signal } = context;
  const { sector: length } = geometry;
  const repeats = new RetryBudget();
  for (let attempt = 1; ; attempt++) {
    try {
      await device.writeSector(address, data, signal);
      if (!prove) return;
      const onChip = await readMismatch(context, address, data);
      if (!onChip) return;
      if (isFilledWith(onChip, 0xff) && device.profile.crcLocks !== "never") {
        // Nothing took: then the erases may not have either, where what they met was blank already.
        device.isStillLocked();
        device.known.clear();
        throw new IgnoredWrite("write-failed", words`write ${hexAddress(address)}`, {
          address,
          length,
          attempts: attempt,
        });
      }
      if (attempt >= RETRIES.sector) {
        throw new OperationError("write-failed", words`write ${hexAddress(address)}`, {
          address,
          length,
          attempts: attempt,
        });
      }
      yield note("warning", "repair", { address, length, attempts: attempt });
      suspectCrcLock(context, attempt);
      yield* rearm();
    } catch (error) {
      yield* repeats.after(error, context);
      yield* rearm();
    }
    yield* eraseOne(context, { address, length }, rearm);
  }
}
