/** Finds the speed of a log by listening at one after another until one gives text. Sends nothing. */
import { concat } from "../base/bytes";
import { isCancelled } from "../base/errors";
import { TIMING, type Clock } from "../base/timing";
import { isPlainText } from "./logLines";
import type { PortLog } from "./portLog";

/** As many bytes show whether a speed is right. */
const ENOUGH = 96;
/** So few do where no more come. */
const LEAST = 24;

export interface SpeedSearchParts {
  /** The log at a speed, in baud; opened and closed for each. */
  readonly logAt: (baudRate: number) => PortLog;
  readonly clock: Clock;
  /** Told each speed before it is tried. */
  readonly trying: (baudRate: number) => void;
}

/**
 * @param speeds baud, in the order in which they are tried
 * @returns the first that gives text; undefined where none does, or nothing comes at any
 * @throws TransportError when the port cannot be opened; CancelledError when `signal` aborts
 */
export async function findSpeed(
  speeds: readonly number[],
  parts: SpeedSearchParts,
  signal: AbortSignal,
): Promise<number | undefined> {
  for (const speed of speeds) {
    parts.trying(speed);
    const bytes = await firstBytes(parts.logAt(speed), parts.clock, signal);
    if (bytes.length >= LEAST && isPlainText(bytes)) return speed;
  }
  return undefined;
}

/** What comes until there is enough of it, or for as long as a log may pause. */
async function firstBytes(log: PortLog, clock: Clock, signal: AbortSignal): Promise<Uint8Array> {
  const over = new AbortController();
  const timer = clock.sleep(TIMING.logSpeedMs, AbortSignal.any([signal, over.signal])).then(
    () => over.abort(),
    () => undefined,
  );
  let bytes: Uint8Array = new Uint8Array(0);
  try {
    for await (const event of log.events(AbortSignal.any([signal, over.signal]))) {
      if (event.type === "bytes") bytes = concat(bytes, event.bytes);
      if (bytes.length >= ENOUGH) break;
    }
  } catch (error) {
    if (signal.aborted || !isCancelled(error)) throw error;
  } finally {
    over.abort();
    await timer;
  }
  return bytes;
}
