/**
 * The chip's transmitter: hands bytes to the carrier as they leave the wire, at the chip's real rate. Knows nothing of
 * what they mean.
 */
import { byteTimeUs } from "./lineRate";
import type { SimTime, SimTimer } from "./time";

export type TransmitListener = (bytes: Uint8Array, baud: number) => void;

export class TransmitPath {
  /** Off before a ROM is linked. */
  enabled = false;
  rate = 115_200;
  sent = 0;
  listener: TransmitListener | undefined;
  /** Changes a stretch of bytes on its way out: line faults. */
  filter: ((bytes: Uint8Array) => Uint8Array) | undefined;
  private readonly pending = new Set<SimTimer>();

  constructor(private readonly time: SimTime) {}

  /** Starts on `bytes` now. Returns how long they take, in microseconds. */
  transmit(bytes: Uint8Array): number {
    const { rate } = this;
    const period = byteTimeUs(rate);
    if (!this.enabled || bytes.length === 0) return bytes.length * period;
    const step = Math.max(1, Math.floor(Math.min(bytes.length, this.time.txSliceUs / period)));
    for (let from = 0; from < bytes.length; from += step) {
      const slice = bytes.slice(from, from + step);
      // A host waits for the end of an answer; what comes before only has to come in time.
      const kind = from + step < bytes.length ? "loose" : "busy";
      const timer: SimTimer = this.time.schedule((from + slice.length) * period, kind, () => {
        this.pending.delete(timer);
        this.emit(slice, rate);
      });
      this.pending.add(timer);
    }
    return bytes.length * period;
  }

  /** Power-down or reset: what has not left yet never will. */
  reset(): void {
    this.enabled = false;
    for (const timer of this.pending) timer.cancel();
    this.pending.clear();
  }

  private emit(bytes: Uint8Array, rate: number): void {
    const out = this.filter === undefined ? bytes : this.filter(bytes);
    if (out.length === 0) return;
    this.sent += out.length;
    this.listener?.(out, rate);
  }
}
