/**
 * How bytes get from the wire to the chip's program: arrival times, a 128-byte hardware FIFO, an interrupt at a
 * threshold or after a pause, and a ring that the program reads. While the processor is stalled only the FIFO buffers.
 * Works in whole stretches of bytes, not byte by byte. Knows nothing of frames.
 * Source: docs/protocol.md ("Receive path"); sizes as observed on executed vendor loaders.
 */
import type { PauseFate } from "../faults/behaviours";
import type { LineFilter } from "../faults/lineFilter";
import { byteTimeUs, garble, ratesMatch } from "./lineRate";

const FIFO_SIZE = 128;
/** The interrupt for bytes below the threshold comes after this many byte times of silence. */
const TIMEOUT_BYTES = 4;

/** What drivers and bridges keep of what cannot be sent at the moment. */
const HELD_BYTES = 4096;

export interface ReceiveOptions {
  /** Bytes in the FIFO that raise the interrupt. */
  readonly threshold: number;
  readonly ringSize: number;
}

/** One stretch of bytes that the host sent at once. */
interface Burst {
  readonly bytes: Uint8Array;
  /** The host's rate; undefined where its line has none. */
  readonly baud: number | undefined;
  start: number;
  readonly period: number;
  next: number;
}

export class ReceivePath {
  /** Bytes the hardware FIFO had no room for. */
  overruns = 0;
  /** How often the ring was written past its reader. */
  ringOverflows = 0;
  /** Bytes that reached the switched-on receiver. */
  received = 0;
  /** Off while the chip is without power, in reset or has not set up its UART: what arrives is lost. */
  enabled = false;
  stalled = false;
  /** The chip's real rate in baud. */
  rate = 115_200;
  /** Changes a stretch of bytes on its way in: line faults. */
  filter: LineFilter | undefined;

  private readonly bursts: Burst[] = [];
  private lineFreeAt = 0;
  /** Until then what is sent is held back, as far as there is room for it. */
  private heldUntil = 0;
  /** Until then what arrives is lost. */
  private deafUntil = 0;
  private lastArrival = 0;
  private readonly fifo = new Uint8Array(FIFO_SIZE);
  private fifoCount = 0;
  private readonly ring: Uint8Array;
  private tail = 0;
  private unreadCount = 0;
  private lost = false;

  constructor(private readonly options: ReceiveOptions) {
    this.ring = new Uint8Array(options.ringSize);
  }

  /** The host's transmitter starts on these bytes as soon as it is done with the ones before. */
  hostSends(bytes: Uint8Array, baud: number | undefined, now: number): void {
    if (bytes.length === 0) return;
    if (now < this.heldUntil && this.lineFreeAt - this.heldUntil > HELD_BYTES * byteTimeUs(baud ?? this.rate)) return;
    const start = Math.max(now, this.lineFreeAt);
    const period = byteTimeUs(baud ?? this.rate);
    this.bursts.push({ bytes: bytes.slice(), baud, start, period, next: 0 });
    this.lineFreeAt = start + bytes.length * period;
  }

  /** Nothing gets through for so long: what is under way arrives that much later, or never. */
  pause(us: number, fate: PauseFate, now: number): void {
    if (fate === "lost") {
      this.deafUntil = now + us;
      return;
    }
    for (const burst of this.bursts) burst.start += us;
    this.heldUntil = now + us;
    this.lineFreeAt = Math.max(this.lineFreeAt, now) + us;
  }

  /** Bytes in the ring that the program has not read. */
  get unread(): number {
    return this.unreadCount;
  }

  /** The next unread byte; only when `unread` is not 0. */
  read(): number {
    const byte = this.ring[this.tail] as number;
    if (++this.tail === this.ring.length) this.tail = 0;
    this.unreadCount--;
    return byte;
  }

  /** Overwrites the ring's memory from outside, as an over-long frame does. */
  overwriteRing(offset: number, byte: number): void {
    if (offset < this.ring.length) this.ring[offset] = byte;
  }

  /** The program is back at the ring after having been away: an overflow in between has cost everything unread. */
  resume(): void {
    if (!this.lost) return;
    this.lost = false;
    this.unreadCount = 0;
  }

  /** Takes in everything that has arrived by `now`. */
  catchUp(now: number): void {
    for (let burst = this.bursts[0]; burst !== undefined; burst = this.bursts[0]) {
      const arrived = Math.min(burst.bytes.length, Math.floor((now - burst.start) / burst.period + 1e-6));
      if (arrived <= burst.next) break;
      if (this.pausedBefore(burst.start + (burst.next + 1) * burst.period)) this.drain();
      this.lastArrival = burst.start + arrived * burst.period;
      const { start } = burst;
      this.deliver(burst.bytes.subarray(burst.next, arrived), burst.baud);
      burst.next = arrived;
      if (arrived === burst.bytes.length) this.bursts.shift();
      // There is more to come, or a pause has begun with these.
      if (arrived < burst.bytes.length || burst.start !== start) break;
    }
    if (this.stalled) return;
    if (this.fifoCount >= this.options.threshold || this.pausedBefore(now)) this.drain();
  }

  /** When the ring gets its next byte, if nothing else happens; undefined when nothing is on its way. */
  nextReadyAt(): number | undefined {
    let count = this.fifoCount;
    let last = this.lastArrival;
    for (const burst of this.bursts) {
      const pause = this.timeoutAfter(last);
      if (count > 0 && burst.start + (burst.next + 1) * burst.period > pause) return pause;
      const missing = this.options.threshold - count;
      if (burst.bytes.length - burst.next >= missing) return burst.start + (burst.next + missing) * burst.period;
      count += burst.bytes.length - burst.next;
      last = burst.start + burst.bytes.length * burst.period;
    }
    return count > 0 ? this.timeoutAfter(last) : undefined;
  }

  /** Power-up or reset of the receiver: what is on the wire stays on the wire. */
  reset(): void {
    this.enabled = false;
    this.stalled = false;
    this.fifoCount = 0;
    this.unreadCount = 0;
    this.tail = 0;
    this.lost = false;
    this.ring.fill(0);
  }

  private timeoutAfter(arrival: number): number {
    return arrival + TIMEOUT_BYTES * byteTimeUs(this.rate);
  }

  private pausedBefore(time: number): boolean {
    return this.fifoCount > 0 && !this.stalled && time >= this.timeoutAfter(this.lastArrival) - 1e-6;
  }

  private deliver(sent: Uint8Array, baud: number | undefined): void {
    if (!this.enabled) return;
    let bytes = baud === undefined || ratesMatch(baud, this.rate) ? sent : garble(sent, baud, this.rate);
    if (this.lastArrival < this.deafUntil) return;
    if (this.filter !== undefined) {
      const { bytes: out, pause } = this.filter(bytes);
      bytes = out;
      if (pause) {
        this.pause(pause.us, pause.fate, this.lastArrival);
        if (pause.fate === "lost") bytes = out.subarray(0, pause.at);
      }
    }
    this.received += bytes.length;
    if (!this.stalled) {
      const { threshold } = this.options;
      const total = this.fifoCount + bytes.length;
      const moved = total - (total % threshold);
      if (moved > 0) {
        this.drain();
        const direct = bytes.length - (total - moved);
        this.push(bytes.subarray(0, direct));
        bytes = bytes.subarray(direct);
      }
    }
    const room = FIFO_SIZE - this.fifoCount;
    this.fifo.set(bytes.subarray(0, room), this.fifoCount);
    this.fifoCount += Math.min(room, bytes.length);
    this.overruns += Math.max(0, bytes.length - room);
  }

  private drain(): void {
    if (this.fifoCount === 0) return;
    this.push(this.fifo.subarray(0, this.fifoCount));
    this.fifoCount = 0;
  }

  private push(bytes: Uint8Array): void {
    if (this.lost) return;
    const size = this.ring.length;
    if (this.unreadCount + bytes.length > size) {
      // Nothing checks for room: the writer laps the reader and what was waiting is gone.
      this.lost = true;
      this.ringOverflows++;
      return;
    }
    const at = (this.tail + this.unreadCount) % size;
    const first = Math.min(bytes.length, size - at);
    this.ring.set(bytes.subarray(0, first), at);
    this.ring.set(bytes.subarray(first), 0);
    this.unreadCount += bytes.length;
  }
}
