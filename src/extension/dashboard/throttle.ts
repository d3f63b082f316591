/** Calls something soon after it was asked for, at once when it was quiet before, and never more often than allowed. */

export interface Throttle {
  request(): void;
  dispose(): void;
}

export function throttle(everyMs: number, run: () => void): Throttle {
  let last = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const fire = (): void => {
    timer = undefined;
    last = performance.now();
    run();
  };
  return {
    request() {
      if (timer !== undefined) return;
      const wait = everyMs - (performance.now() - last);
      if (wait <= 0) fire();
      else timer = setTimeout(fire, wait);
    },
    dispose() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
