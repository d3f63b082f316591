/**
 * The USB adapter between a simulated chip and its host, as far as time is concerned: received bytes are handed over a
 * full packet at a time, and what does not fill one when the latency timer next ticks. Knows the chip only by its UART.
 * Source of the behaviour: FTDI's application note AN232B-04 (64-byte packets, two of them status; timer 1 to 255 ms).
 */
import type { ChipUart } from "../uart/chipUart";

/** Received bytes in a full packet. */
const PACKET_BYTES = 62;

export interface LatencyDeps {
  /** Milliseconds from an arbitrary start. */
  now(): number;
  /** Calls `run` in `ms`, or not at all once the returned function was called. */
  after(ms: number, run: () => void): () => void;
}

/** Node's timers are up to a millisecond late, as polling on USB is. */
const WALL: LatencyDeps = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * `chip` as a host sees it through an adapter whose latency timer is set to `ms` (above 0). The timer starts over whenever
 * something was handed over, and runs on while nothing comes: short answers wait for its next tick, `ms` at the most.
 */
export function withLatency(chip: ChipUart, ms: number, deps: LatencyDeps = WALL): ChipUart {
  let listener: ((bytes: Uint8Array, baud: number) => void) | undefined;
  let held: number[] = [];
  let heldBaud = 0;
  let lastTick = deps.now();
  let cancel: (() => void) | undefined;

  const handOver = (count: number): void => {
    const bytes = Uint8Array.from(held.slice(0, count));
    held = held.slice(count);
    lastTick = deps.now();
    cancel?.();
    cancel = undefined;
    if (bytes.length > 0) listener?.(bytes, heldBaud);
  };
  const waitForTick = (): void => {
    if (held.length === 0 || cancel !== undefined) return;
    const since = deps.now() - lastTick;
    cancel = deps.after(ms - (since % ms), () => handOver(held.length));
  };

  chip.onTransmit((bytes, baud) => {
    // What was received at another rate is not to be mistaken for this.
    if (baud !== heldBaud && held.length > 0) handOver(held.length);
    heldBaud = baud;
    for (const byte of bytes) held.push(byte);
    const full = held.length - (held.length % PACKET_BYTES);
    if (full > 0) handOver(full);
    waitForTick();
  });
  return {
    hostSends: (bytes, baud) => chip.hostSends(bytes, baud),
    onTransmit(receiver) {
      listener = receiver;
    },
    setControlLines: (lines) => chip.setControlLines(lines),
    hostPresent: (present) => chip.hostPresent(present),
  };
}
