/** Waiting for conditions with a deadline. Knows nothing of what is waited for. */

/** How long a person would wait for something to appear before calling it broken; generous, for slow machines. */
export const PATIENCE_MS = 60_000;
/** A window that starts, or starts anew, loads everything, extensions last. */
export const START_MS = 2 * PATIENCE_MS;
const LOOK_EVERY_MS = 50;

/**
 * Resolves with the first value of `look` that is neither undefined nor false. Rejects at the deadline, naming `what` and the
 * last error that `look` threw.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs = PATIENCE_MS,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  let cause: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) throw new Error(timedOut(what, deadlineMs, cause), { cause });
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

function timedOut(what: string, deadlineMs: number, cause: unknown): string {
  const last = cause instanceof Error ? `, at last: ${cause.message}` : "";
  return `waited ${deadlineMs} ms for ${what}${last}`;
}
