/** A log read for as long as it takes to say whether the firmware runs. Sends nothing. */
import { isCancelled } from "../base/errors";
import type { Clock } from "../base/timing";
import { BootWatch } from "./bootWatch";
import type { BootVerdict } from "./bootVerdict";
import { LogMask } from "./logMask";
import type { PortLog } from "./portLog";

export interface LogReading {
  readonly verdict: BootVerdict;
  /** The last of what was printed, oldest first; secrets in it are masked. */
  readonly lines: readonly string[];
}

const LINES_KEPT = 200;

/**
 * @param timeoutMs after which the verdict is what it is by then
 * @throws TransportError when the port cannot be opened; CancelledError when `signal` aborts
 */
export async function readUntilVerdict(
  log: PortLog,
  { timeoutMs, clock }: { readonly timeoutMs: number; readonly clock: Clock },
  signal: AbortSignal,
): Promise<LogReading> {
  const watch = new BootWatch();
  const mask = new LogMask();
  const lines: string[] = [];
  const started = clock.now();
  let at = started;
  const over = new AbortController();
  const timer = clock.sleep(timeoutMs, AbortSignal.any([signal, over.signal])).then(
    () => over.abort(),
    () => undefined,
  );
  try {
    for await (const event of log.events(AbortSignal.any([signal, over.signal]))) {
      if (event.type !== "bytes" && event.type !== "quiet") continue;
      at = event.at;
      if (event.type === "bytes") {
        for (const { text } of watch.push(event.bytes, at)) lines.push(mask.mask(text));
        lines.splice(0, lines.length - LINES_KEPT);
      }
      const verdict = watch.verdict(at);
      if (verdict.settled && verdict.kind !== "silence") return { verdict, lines };
    }
  } catch (error) {
    if (signal.aborted || !isCancelled(error)) throw error;
  } finally {
    over.abort();
    await timer;
  }
  return { verdict: watch.verdict(Math.max(at, clock.now())), lines };
}
