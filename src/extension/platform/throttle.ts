/** Calls something soon after it was asked for, at once when it was quiet before, and never more often than allowed. */
import { realTimers, type Timers } from "./timers";

/** Lines that are read, not watched: status bar, tree and notification. Each drawing of one crosses to the window. */
export const READ_EVERY_MS = 250;

export interface Throttle {
  request(): void;
  dispose(): void;
}

export function throttle(everyMs: number, run: () => void, clock: Timers = realTimers): Throttle {
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
