/**
 * Finds reply frames in whatever the serial line brings: boot logs, noise, echoes of our own requests, stale replies.
 * Knows which heads a reply can have, not what it answers; never throws, never waits, holds two frames' worth of bytes.
 * Reader rules: docs/protocol.md ("Reading replies").
 */
import {
  LONG_LENGTH,
  LONG_MARK,
  LONG_REPLY_OVERHEAD,
  MAX_REPLY,
  REPLY_EVENT,
  REQUEST_HEAD,
  SHORT_REPLY_OVERHEAD,
  type ReplyFrame,
} from "./frames";

/** What went past a decoder, for telling silence, noise, an echo and a cut-off reply apart. Counts are bytes. */
export interface DecoderDiagnosis {
  readonly bytesSeen: number;
  /** Bytes that belong to no reply frame; the pending ones are not counted. */
  readonly garbageBytes: number;
  readonly framesSeen: number;
  /** Heads of our own requests that came back. */
  readonly echoes: number;
  /** The latest readable characters among the garbage, at most {@link TEXT_SAMPLE}. */
  readonly lastText: string;
  /** Bytes held back because they may be the beginning of a reply. */
  readonly pendingBytes: number;
}

/** Characters of garbage text kept for a diagnosis. */
export const TEXT_SAMPLE = 120;

/**
 * Codes that replies carry. The stricter a head is judged, the less a reply that was cut off swallows of the next one.
 * EE and FE: a loader reporting a fault.
 */
export const SHORT_REPLY_CODES: ReadonlySet<number> = new Set([
  0x01, 0x03, 0x0e, 0x0f, 0x10, 0x11, 0x70, 0xaa, 0xee, 0xfe,
]);
export const LONG_REPLY_CODES: ReadonlySet<number> = new Set([6, 7, 8, 9, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f]);
/** Twice what is known: boot versions have 16 bytes. */
const LONGEST_SHORT = SHORT_REPLY_OVERHEAD + 32;
/** Every long reply but the 4 KiB read: 255 bytes read, behind their address. */
const LONGEST_LONG = LONG_REPLY_OVERHEAD + 4 + 255;
const READ_4K = 0x09;
const SHORT_FIXED = 3;
const LONG_FIXED = 9;

type Verdict = number | "unfinished" | "not-a-reply";

export class ReplyDecoder {
  /** Twice a frame: a pending candidate always leaves room for a full frame more. */
  private readonly buffer = new Uint8Array(2 * MAX_REPLY);
  private end = 0;
  private bytesSeen = 0;
  private garbageBytes = 0;
  /** What of it had been seen at the latest frame. */
  private garbageBefore = 0;
  private framesSeen = 0;
  private echoes = 0;
  private text = "";
  /** The latest five bytes of uninterrupted garbage, newest lowest: enough to tell an echo from a damaged reply. */
  private trail = 0;

  /** Takes what arrived and returns the frames that are complete now, oldest first. */
  push(bytes: Uint8Array): ReplyFrame[] {
    const frames: ReplyFrame[] = [];
    this.bytesSeen += bytes.length;
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + this.buffer.length - this.end);
      this.buffer.set(part, this.end);
      this.end += part.length;
      at += part.length;
      this.scan(0, frames);
    }
    return frames;
  }

  /**
   * The rest of the candidate at hand will not come (a reply cut short): its first byte is given up and the bytes
   * behind it are searched again, so that a whole reply swallowed by it is found.
   */
  flushStale(): ReplyFrame[] {
    const frames: ReplyFrame[] = [];
    if (this.end === 0) return frames;
    this.dropAsGarbage(0, 1);
    this.scan(1, frames);
    return frames;
  }

  /** Gives up everything held back. The counts go on. */
  reset(): void {
    this.dropAsGarbage(0, this.end);
    this.end = 0;
  }

  /** Starts the counts and the text sample afresh; bytes held back stay. */
  clearDiagnosis(): void {
    this.bytesSeen = this.end;
    this.garbageBytes = 0;
    this.garbageBefore = 0;
    this.framesSeen = 0;
    this.echoes = 0;
    this.text = "";
  }

  get diagnosis(): DecoderDiagnosis {
    return {
      bytesSeen: this.bytesSeen,
      garbageBytes: this.garbageBytes,
      framesSeen: this.framesSeen,
      echoes: this.echoes,
      lastText: this.text.slice(-TEXT_SAMPLE),
      pendingBytes: this.end,
    };
  }

  /** Searches `buffer[from, end)`, leaves an unfinished candidate at the front of the buffer. */
  private scan(from: number, frames: ReplyFrame[]): void {
    let at = from;
    while (at < this.end) {
      const total = this.examine(at);
      if (total === "unfinished") break;
      if (total === "not-a-reply") {
        const next = this.buffer.subarray(0, this.end).indexOf(REPLY_EVENT[0] as number, at + 1);
        const stop = next < 0 ? this.end : next;
        this.dropAsGarbage(at, stop);
        at = stop;
        continue;
      }
      frames.push(this.take(at, total));
      at += total;
    }
    if (at > 0) this.buffer.copyWithin(0, at, this.end);
    this.end -= at;
  }

  /** The length of the frame at `at`; a length or code that no loader sends is as wrong as a wrong head. */
  private examine(at: number): Verdict {
    const have = this.end - at;
    const head = this.buffer;
    if (head[at] !== REPLY_EVENT[0]) return "not-a-reply";
    if (have > 1 && head[at + 1] !== REPLY_EVENT[1]) return "not-a-reply";
    for (let i = 0; i < REQUEST_HEAD.length && SHORT_FIXED + i < have; i++) {
      if (head[at + SHORT_FIXED + i] !== REQUEST_HEAD[i]) return "not-a-reply";
    }
    if (have <= 2) return "unfinished";
    if (head[at + 2] === LONG_LENGTH) return this.examineLong(at, have);
    const total = SHORT_FIXED + (head[at + 2] as number);
    if (total < SHORT_REPLY_OVERHEAD || total > LONGEST_SHORT) return "not-a-reply";
    if (have > 6 && !SHORT_REPLY_CODES.has(head[at + 6] as number)) return "not-a-reply";
    return have < total ? "unfinished" : total;
  }

  private examineLong(at: number, have: number): Verdict {
    const head = this.buffer;
    if (have > 6 && head[at + 6] !== LONG_MARK) return "not-a-reply";
    if (have < LONG_FIXED) return "unfinished";
    const total = LONG_FIXED + (head[at + 7] as number) + 256 * (head[at + 8] as number);
    if (total < LONG_REPLY_OVERHEAD || (total > LONGEST_LONG && total !== MAX_REPLY)) return "not-a-reply";
    if (have > 9 && !LONG_REPLY_CODES.has(head[at + 9] as number)) return "not-a-reply";
    if (total === MAX_REPLY) {
      if (have > 9 && head[at + 9] !== READ_4K) return "not-a-reply";
      if (have > 10 && head[at + 10] !== 0) return "not-a-reply";
    }
    return have < total ? "unfinished" : total;
  }

  private take(at: number, total: number): ReplyFrame {
    this.framesSeen++;
    this.trail = 0;
    const skipped = this.garbageBytes - this.garbageBefore;
    this.garbageBefore = this.garbageBytes;
    return { ...this.frameAt(at, total), ...(skipped > 0 && { skipped }) };
  }

  private frameAt(at: number, total: number): ReplyFrame {
    const long = this.buffer[at + 2] === LONG_LENGTH;
    if (!long) {
      const payload = this.buffer.slice(at + SHORT_REPLY_OVERHEAD, at + total);
      return { form: "short", code: this.buffer[at + 6] as number, payload };
    }
    return {
      form: "long",
      code: this.buffer[at + 9] as number,
      status: this.buffer[at + 10] as number,
      payload: this.buffer.slice(at + LONG_REPLY_OVERHEAD, at + total),
    };
  }

  private dropAsGarbage(start: number, end: number): void {
    this.garbageBytes += end - start;
    for (let i = start; i < end; i++) {
      const byte = this.buffer[i] as number;
      if (byte >= 0x20 && byte < 0x7f) this.text += String.fromCharCode(byte);
      else if (byte === 0x0a && !this.text.endsWith(" ")) this.text += " ";
      this.trail = (this.trail * 0x100 + byte) % 2 ** 40;
      if (endsInEcho(this.trail)) this.echoes++;
    }
    if (this.text.length > 4 * TEXT_SAMPLE) this.text = this.text.slice(-TEXT_SAMPLE);
  }
}

/** A damaged reply holds the same three bytes, but behind `0E` and its length. */
function endsInEcho(trail: number): boolean {
  const [a, b, c] = REQUEST_HEAD as [number, number, number];
  return trail % 0x1000000 === (a << 16) + (b << 8) + c && Math.floor(trail / 2 ** 32) !== REPLY_EVENT[1];
}
