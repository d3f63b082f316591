/**
 * How much a plan changes, and how much a job has changed, read and proven: one set of figures under the same names before and after,
 * for results, JSON, states and texts. Sizes are bytes of flash.
 */
import { lengthOf, type Range } from "../base/ranges";
import type { FlashPlan } from "./flashPlan";

export interface FlashFigures {
  /** Whole sectors that are erased. */
  readonly bytesErased: number;
  /** Sent to the chip: whole sectors that hold anything but FF. */
  readonly bytesWritten: number;
  /** Whole sectors that are right already and left alone. */
  readonly bytesSkipped: number;
  /** Inside erased sectors, of others: read before and put back after. */
  readonly bytesKept: number;
}

/** What a job has done; a figure that its kind has none of is left out. */
export interface JobFigures extends Partial<FlashFigures> {
  /** Read from the chip, or compared with it. */
  readonly bytesRead?: number;
  /** The chip was shown to hold what it should, or what was read to be what it holds. */
  readonly verified?: boolean;
  readonly repairedSectors?: number;
  readonly rebooted?: boolean;
  readonly dryRun?: boolean;
}

/** Of a job that changes flash. */
export type WriteFigures = Required<Omit<JobFigures, "bytesRead">>;

/** @param skipped what of a larger plan was right already, where `plan` is what is left of it */
export function plannedFigures({ totals, preserved }: FlashPlan, skipped: readonly Range[] = []): FlashFigures {
  return {
    bytesErased: totals.erase,
    bytesWritten: totals.write,
    bytesSkipped: lengthOf(skipped),
    bytesKept: lengthOf(preserved),
  };
}

export const NOTHING_DONE: WriteFigures = {
  bytesErased: 0,
  bytesWritten: 0,
  bytesSkipped: 0,
  bytesKept: 0,
  verified: false,
  repairedSectors: 0,
  rebooted: false,
  dryRun: false,
};

/** The figures among all that a result tells. */
export function figuresOf(result: JobFigures): JobFigures {
  const { bytesErased, bytesWritten, bytesSkipped, bytesKept, bytesRead } = result;
  const { verified, repairedSectors, rebooted, dryRun } = result;
  return {
    ...(bytesErased !== undefined && { bytesErased }),
    ...(bytesWritten !== undefined && { bytesWritten }),
    ...(bytesSkipped !== undefined && { bytesSkipped }),
    ...(bytesKept !== undefined && { bytesKept }),
    ...(bytesRead !== undefined && { bytesRead }),
    ...(verified !== undefined && { verified }),
    ...(repairedSectors !== undefined && { repairedSectors }),
    ...(rebooted !== undefined && { rebooted }),
    ...(dryRun !== undefined && { dryRun }),
  };
}
