/** What the core tells a log. Sinks decide levels, sizes and places; the core never prints. */
import { toHex } from "./bytes";

export interface CoreLog {
  debug(line: string): void;
  /** Bytes on the wire; `elapsedMs` since the log began. */
  trace(direction: "tx" | "rx", bytes: Uint8Array, elapsedMs: number): void;
}

export const silentLog: CoreLog = {
  debug: () => undefined,
  trace: () => undefined,
};

const TRACE_HEAD = 32;

/** One line of a wire trace; long payloads are cut, their length is kept. */
export function traceLine(direction: "tx" | "rx", bytes: Uint8Array, elapsedMs: number): string {
  const head = toHex(bytes.subarray(0, TRACE_HEAD));
  const more = bytes.length > TRACE_HEAD ? `.. (${bytes.length} bytes)` : "";
  return `${elapsedMs.toFixed(1).padStart(9)} ${direction} ${head}${more}`;
}
