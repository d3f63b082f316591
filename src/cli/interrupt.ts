/**
 * Ctrl-C and termination, for the whole of a command: while a job runs they end it within its packet; before and after,
 * when ports are listed and files are stored, they wait until what is under way is whole.
 */
const controller = new AbortController();
const onSignal = (): void => controller.abort();

/** Aborts at the first Ctrl-C. */
export const interrupted = controller.signal;

/** Takes the signals over; the result gives them back. */
export function listenForInterrupts(): () => void {
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return () => {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  };
}
