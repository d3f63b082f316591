/**
 * What a line shows of an application that was just started and listens for the request to go back to the loader, as LibreTiny's
 * does. Plain data, collected by a driver; what it means is judged in core/jobs/judgeStart.ts. Times are milliseconds.
 */
import { TIMING } from "../base/timing";

export interface StartSigns {
  /**
   * Each time the loader answered although nothing had asked the application to go there: for how long this computer had looked by then,
   * which is less than had passed where it stood still.
   */
  readonly unasked: readonly number[];
  /**
   * Of each time the application was asked to restart: how long until the loader answered; undefined where it did not. Left out is what
   * was not answered while this computer did not look.
   */
  readonly asked: readonly (number | undefined)[];
  /** For how long, at the most in one go, this computer stood still and did not look where it was to; 0 where it did not. */
  readonly heldUpMs: number;
  /** How long the application was watched, from its start to the first request. */
  readonly watchedMs: number;
  /** The loader no longer answered when all was over: the application has the chip. */
  readonly left: boolean;
}

/**
 * Whether the two soonest of these answers took much the same time, in milliseconds. What comes late is no sign: it was held up. An
 * application that restarts at a time of its own takes another while each time, as it is asked at another moment of its run each time.
 */
export function areAlike(answers: readonly (number | undefined)[]): boolean {
  const [soonest, next] = answers.filter((answer) => answer !== undefined).sort((a, b) => a - b);
  return soonest !== undefined && next !== undefined && next - soonest <= TIMING.startSpreadMs;
}
