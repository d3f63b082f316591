/**
 * What a line shows of an application that was just started and listens for the request to go back to the loader, as LibreTiny's
 * does. Plain data, collected by a driver; what it means is judged in core/jobs/judgeStart.ts. Times are milliseconds.
 */
export interface StartSigns {
  /** Each time the loader answered although nothing had asked the application to go there: how long it had been watched by then. */
  readonly unasked: readonly number[];
  /** Of each time the application was asked to restart: how long until the loader answered; undefined where it did not. */
  readonly asked: readonly (number | undefined)[];
  /** How long the application was watched, from its start to the first request. */
  readonly watchedMs: number;
  /** The loader no longer answered when all was over: the application has the chip. */
  readonly left: boolean;
}
