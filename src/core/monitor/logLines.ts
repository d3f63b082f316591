/** Bytes of a serial log to lines: any chunking, any line ends, and without what other tools put around them. */
import { undress } from "./lineDress";

/** A longer line is cut here: bounded memory, whatever comes in. Characters. */
const LONGEST_LINE = 1024;
const CR = 0x0d;
const LF = 0x0a;
const DAY_MS = 86_400_000;

export interface LogLine {
  /** Without colours, time stamps of other tools, line end; spaces at both ends taken off. Never empty. */
  readonly text: string;
  /** Milliseconds on the clock of whoever pushes the bytes, or by the line's own stamp. */
  readonly at: number;
  /** False where the line had no end: cut by a reset, by its length, or by the end of the log. */
  readonly ended: boolean;
}

/** A line with what the firmware itself said in it. */
export interface HeardLine extends LogLine {
  /** The text without what a saved or pasted log has around it more: quote marks, line numbers, HTML. May be empty. */
  readonly said: string;
}

/** Cuts a stream into lines. CR, LF and any mixture of them end one; empty lines are left out. */
export class LineReader {
  private readonly held = new Uint8Array(LONGEST_LINE);
  private length = 0;
  private heldAt = 0;
  private firstStamp: number | undefined;
  private lastStamp = 0;

  /** @param at milliseconds at which the bytes came */
  push(bytes: Uint8Array, at: number): HeardLine[] {
    const lines: HeardLine[] = [];
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i] as number;
      if (byte === CR || byte === LF) {
        if (this.length > 0) this.take(lines, true);
        continue;
      }
      if (this.length === 0) this.heldAt = at;
      this.held[this.length++] = byte;
      if (this.length === LONGEST_LINE) this.take(lines, false);
    }
    return lines;
  }

  /** What stands behind the last line end; undefined when nothing does. It stays where it is. */
  rest(): HeardLine | undefined {
    return lineOf(this.held.subarray(0, this.length), this.heldAt, false, (stamp) => stamp);
  }

  private take(lines: HeardLine[], ended: boolean): void {
    const bytes = this.held.subarray(0, this.length);
    this.length = 0;
    const line = lineOf(bytes, this.heldAt, ended, (stamp) => this.sinceFirst(stamp));
    if (line !== undefined) lines.push(line);
  }

  /** A day's clock to milliseconds since the first stamp; it may pass midnight. */
  private sinceFirst(stamp: number): number {
    this.firstStamp ??= stamp;
    let at = stamp - this.firstStamp;
    while (at < this.lastStamp - DAY_MS / 2) at += DAY_MS;
    return (this.lastStamp = at);
  }
}

const utf8 = new TextDecoder();

function lineOf(
  bytes: Uint8Array,
  at: number,
  ended: boolean,
  sinceFirst: (stamp: number) => number,
): HeardLine | undefined {
  const { text, said, ms } = undress(utf8.decode(bytes));
  return text === "" ? undefined : { text, said, at: ms === undefined ? at : sinceFirst(ms), ended };
}

/** Random bytes are text to 40 %; text with a glitch in it to more than 90 %. */
const READABLE = 0.7;
/** Almost all of them: pairs of high bytes, as GB 2312 has them, are common in rubbish as well. */
const ALMOST_ALL = 0.97;

/** Whether bytes are text, in UTF-8 or, as firmware from China may print it, GB 2312. True for no bytes. */
export function isText(bytes: Uint8Array): boolean {
  return readableShare(bytes, utf8Length) >= READABLE || readableShare(bytes, gbLength) >= ALMOST_ALL;
}

/** Whether bytes are text but for a glitch: enough of it to say so of a speed. */
export function isPlainText(bytes: Uint8Array): boolean {
  return readableShare(bytes, utf8Length) >= ALMOST_ALL || readableShare(bytes, gbLength) >= ALMOST_ALL;
}

/** Share of the bytes that text is made of: printable ASCII, tab, line ends, ESC, whole characters. 1 for no bytes. */
function readableShare(bytes: Uint8Array, lengthAt: (bytes: Uint8Array, i: number) => number): number {
  if (bytes.length === 0) return 1;
  let readable = 0;
  for (let i = 0; i < bytes.length; i++) {
    const first = bytes[i] as number;
    const length = first < 0x80 ? (isPlain(first) ? 1 : 0) : lengthAt(bytes, i);
    readable += length;
    if (length > 1) i += length - 1;
  }
  return readable / bytes.length;
}

function isPlain(byte: number): boolean {
  return byte >= 0x20 ? byte !== 0x7f : byte === 0x09 || byte === LF || byte === CR || byte === 0x1b;
}

/** Bytes of the GB 2312 character at `i`: signs, and hanzi of which the frequent ones come first; 0 where none is. */
function gbLength(bytes: Uint8Array, i: number): number {
  const first = bytes[i] as number;
  const second = bytes[i + 1] ?? 0;
  const isLead = (first >= 0xa1 && first <= 0xa3) || (first >= 0xb0 && first <= 0xf7);
  return isLead && second >= 0xa1 && second <= 0xfe ? 2 : 0;
}

/** Bytes of the UTF-8 character at `i`; 0 where none is. */
function utf8Length(bytes: Uint8Array, i: number): number {
  const first = bytes[i] as number;
  const length =
    first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  if (length === 0 || i + length > bytes.length) return 0;
  for (let k = 1; k < length; k++) if (((bytes[i + k] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}
