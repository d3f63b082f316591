/**
 * Where a frame that was damaged on its way has changed something else than the plan: found out at the end of a job, and told
 * at its failure. Writes nothing and proves nothing; what is guarded besides is in outsidePlanCheck.ts.
 */
import { alignDown } from "../base/bytes";
import { OperationError, isFlasherError, type OutsideCondition } from "../base/errors";
import { describeRange, join, rangeOf, subtract, widen, type Range } from "../base/ranges";
import { TIMING } from "../base/timing";
import type { FlashGeometry } from "../beken/chips/types";
import { listed, words } from "../base/words";
import type { PlanGrant } from "../driver/chipDevice";
import { note, withRetries, type JobContext } from "../driver/jobContext";
import type { Run } from "./events";

/** Where the chip has changed something else than it was told, as addresses of this flash; asked for once. */
export async function* straysOf(context: JobContext, flashSize: number): Run<Range[]> {
  const { device, geometry, signal } = context;
  yield* withRetries(context, () => device.settleDoubt(signal));
  const possible = device.possibleStrays.splice(0).map((range) => onFlash(range, flashSize, geometry));
  yield* tellPossible(subtract(possible, device.changing));
  // Inside the plan nothing has to be decided: all of it is proven again.
  const inside = possible.filter((range) => device.mayChange(range));
  return join([...device.strays.splice(0).map((range) => onFlash(range, flashSize, geometry)), ...inside]);
}

/** @throws OperationError `stray-write` with the first of them */
export function assertNothingOutside(outside: readonly Range[]): void {
  const [first] = join(outside);
  if (!first) return;
  throw new OperationError("stray-write", words`carry out the plan`, {
    address: first.start,
    length: first.end - first.start,
    detail: words`a frame was damaged on its way, and the chip changed ${listed(join(outside).map(describeRange))}`,
  });
}

/**
 * For a job that failed or was stopped, whose failure is what counts: what is known of places outside its plan is told all
 * the same, and what cannot be asked any more counts as possible.
 * @param gone true where no chip is left to ask
 */
export async function* tellStrays(
  { device, geometry }: JobContext,
  { writeRanges, flashSize }: PlanGrant,
  gone: boolean,
): Run<OutsideCondition> {
  if (!gone) {
    try {
      await device.settleDoubt(AbortSignal.timeout(TIMING.closeMs));
    } catch (error) {
      if (!isFlasherError(error)) throw error;
    }
  }
  const outside = (ranges: readonly Range[]): Range[] =>
    subtract(
      ranges.map((range) => onFlash(range, flashSize, geometry)),
      writeRanges,
    );
  const sure = outside(device.strays.splice(0));
  for (const { start, end } of sure) {
    yield note("warning", "outside-changed", {
      address: start,
      length: end - start,
      detail: describeRange({ start, end }),
    });
  }
  const possible = outside([...device.possibleStrays.splice(0), ...device.doubted()]);
  yield* tellPossible(possible);
  if (sure.length + possible.length > 0) return "changed";
  return device.inDoubt ? "in-doubt" : "untouched";
}

async function* tellPossible(ranges: readonly Range[]): Run<void> {
  for (const { start, end } of ranges) {
    yield note("warning", "stray-possible", {
      address: start,
      length: end - start,
      detail: describeRange({ start, end }),
    });
  }
}

/** An erase takes the whole unit around its address. */
function onFlash({ start, end }: Range, flashSize: number, { sector }: FlashGeometry): Range {
  const length = end - start;
  const physical = start % flashSize;
  return widen(length > sector ? rangeOf(alignDown(physical, length), length) : rangeOf(physical, length), sector);
}
