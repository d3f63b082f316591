/**
 * Ctrl-C, termination, a terminal that is closed and a pipe whose reader is gone, for the whole of a command: while a
 * job runs they end it within its packet; before and after, when ports are listed and files are stored, they wait until what
 * is under way is whole. Who asks again some seconds later gets out at once: what hangs then is no packet.
 */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Longer than any packet and its answer take; shorter than people wait before they pull the plug. */
const PATIENCE_MS = 5_000;
const CANCELLED = 130;

const controller = new AbortController();
const second = new AbortController();
let since: number | undefined;
let finishes = false;

function onSignal(): void {
  const isFirst = since === undefined;
  since ??= performance.now();
  controller.abort();
  if (finishes && !isFirst && !second.signal.aborted) {
    since = performance.now();
    second.abort();
  }
  // A command that is over has its exit code, whatever its process still waits for.
  if (performance.now() - since > PATIENCE_MS) process.exit(process.exitCode ?? CANCELLED);
}

/** The reader of the output is gone: what was to be written is dropped, and the job ends in order. */
function onBrokenPipe(): void {
  controller.abort();
}

/** Aborts at the first of them. */
export const interrupted = controller.signal;

/**
 * For a command that finishes what it is at before it ends: from now on the first of them is a wish, and the second ends it within its
 * packet.
 * @returns aborts at the second
 */
export function finishFirst(): AbortSignal {
  finishes = true;
  return second.signal;
}

/**
 * Takes the signals over, for good: between the end of a command and that of its process a signal would otherwise end it by
 * itself, and its exit code would not be the command's.
 */
export function listenForInterrupts(): void {
  for (const signal of SIGNALS) process.on(signal, onSignal);
  for (const stream of [process.stdout, process.stderr]) stream.on("error", onBrokenPipe);
}
