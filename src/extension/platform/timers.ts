/** Time as services take it: what tests replace to decide when anything happens. */

/** Monotonic milliseconds, and timers by them. */
export interface Timers {
  now(): number;
  /** @returns what takes the call back */
  after(ms: number, run: () => void): () => void;
}

export const realTimers: Timers = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
