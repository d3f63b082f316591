/** Calls something soon after it was asked for, at once when it was quiet before, and never more often than allowed. */

/** Lines that are read, not watched: status bar, tree and notification. Each drawing of one crosses to the window. */
export const READ_EVERY_MS = 250;

export interface Throttle {
  request(): void;
  dispose(): void;
}

/** Monotonic milliseconds, and timers by them. */
export interface ThrottleClock {
  now(): number;
  /** @returns what takes the call back */
  after(ms: number, run: () => void): () => void;
}

const realTime: ThrottleClock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export function throttle(everyMs: number, run: () => void, clock: ThrottleClock = realTime): Throttle {
  let last = -Infinity;
  let takeBack: (() => void) | undefined;
  const fire = (): void => {
    takeBack = undefined;
    last = clock.now();
    run();
  };
  return {
    request() {
      if (takeBack !== undefined) return;
      const wait = everyMs - (clock.now() - last);
      if (wait <= 0) fire();
      else takeBack = clock.after(wait, fire);
    },
    dispose() {
      takeBack?.();
      takeBack = undefined;
    },
  };
}
