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

/** Bytes of a piece that a trace shows. */
export const TRACE_HEAD = 32;

/**
 * One line of a wire trace; long payloads are cut, their length is kept.
 * @param length of the whole piece, where `bytes` is only its first {@link TRACE_HEAD}
 */
export function traceLine(
  direction: "tx" | "rx",
  bytes: Uint8Array,
  elapsedMs: number,
  length: number = bytes.length,
): string {
  const head = toHex(bytes.subarray(0, TRACE_HEAD));
  const more = length > TRACE_HEAD ? `.. (${length} bytes)` : "";
  return `${elapsedMs.toFixed(1).padStart(9)} ${direction} ${head}${more}`;
}
