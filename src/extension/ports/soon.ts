/** Waiting for what is soon so. */
import { realTimers, type Timers } from "../platform/timers";

const LOOK_EVERY_MS = 100;

/** @returns false where it is not so within `ms`, or the signal aborts */
export async function isSoon(
  condition: () => Promise<boolean>,
  ms: number,
  { timers = realTimers, signal }: { readonly timers?: Timers | undefined; readonly signal?: AbortSignal } = {},
): Promise<boolean> {
  const until = timers.now() + ms;
  while (!(await condition())) {
    if (signal?.aborted === true || timers.now() >= until) return false;
    await new Promise<void>((resolve) => timers.after(LOOK_EVERY_MS, resolve));
  }
  return true;
}
