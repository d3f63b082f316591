/** Waiting for what cannot be stopped itself, no longer than a signal lets. */
import { CancelledError } from "../../core/index";

/** @throws CancelledError as soon as the signal aborts, whatever `work` still does */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(new CancelledError("read the file"));
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
