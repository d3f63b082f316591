/**
 * The chip's transmitter: hands bytes to the host's line as they leave the wire, at the chip's real rate. Knows nothing of
 * what they mean.
 */
import type { PauseFate } from "../faults/behaviours";
import type { LineFilter } from "../faults/lineFilter";
import { byteTimeUs } from "./lineRate";
import type { SimTime, SimTimer } from "../clock/simTime";

export type TransmitListener = (bytes: Uint8Array, baud: number) => void;

export class TransmitPath {
  /** Off before a ROM is linked. */
  enabled = false;
  rate = 115_200;
  sent = 0;
  listener: TransmitListener | undefined;
  /** Changes a stretch of bytes on its way out: line faults. */
  filter: LineFilter | undefined;
  private readonly pending = new Set<SimTimer>();
  /** During a pause of the line: what left the chip meanwhile, for after it. */
  private paused: { readonly fate: PauseFate; readonly held: { bytes: Uint8Array; rate: number }[] } | undefined;

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

  /** Nothing gets through for so long. A pause within another changes nothing. */
  pause(us: number, fate: PauseFate): void {
    if (this.paused) return;
    const paused = { fate, held: [] };
    this.paused = paused;
    this.time.schedule(us, "idle", () => {
      this.paused = undefined;
      for (const { bytes, rate } of paused.held) this.handOver(bytes, rate);
    });
  }

  private emit(bytes: Uint8Array, rate: number): void {
    if (this.filter === undefined) {
      this.handOver(bytes, rate);
      return;
    }
    const { bytes: out, pause } = this.filter(bytes);
    this.handOver(out.subarray(0, pause?.at), rate);
    if (!pause) return;
    this.pause(pause.us, pause.fate);
    this.handOver(out.subarray(pause.at), rate);
  }

  private handOver(bytes: Uint8Array, rate: number): void {
    if (bytes.length === 0) return;
    if (this.paused) {
      if (this.paused.fate === "held") this.paused.held.push({ bytes: bytes.slice(), rate });
      return;
    }
    this.sent += bytes.length;
    this.listener?.(bytes, rate);
  }
}
