/** Bytes of a serial log to lines: any chunking, any line ends, colours and the time stamps of other tools taken off. */

/** A longer line is cut here: bounded memory, whatever comes in. Characters. */
const LONGEST_LINE = 1024;
const CR = 0x0d;
const LF = 0x0a;
/** SGR and other CSI sequences; colours also where what saved the log has lost the ESC, or wrote it out. */
// eslint-disable-next-line no-control-regex -- ESC begins what is taken off
const ANSI = /\u001b\[[0-9;?]*[ -/]*[@-~]|(?:\u241b|\^\[|\\(?:x1b|033|e))?\[(?:0|\d{1,3}(?:;\d{1,3})+)m/gi;
/**
 * The time of day that monitors, terminal programs and log viewers put before a line, with the date before or around it or without.
 * ESPHome, PlatformIO, this project: `[12:00:00.000]`, `12:00:00.000 > `; Arduino: `12:00:00.000 -> `; Tera Term:
 * `[Mon Nov 30 12:00:00.000 2026] `; minicom and tio: `[2026-11-30 12:00:00] `; ts: `Nov 30 12:00:00 `.
 */
const CLOCK_STAMP = new RegExp(
  String.raw`^\s*\[?(?:\d{4}[-/.]\d\d[-/.]\d\d[T _]|\d\d[-/.]\d\d[-/.]\d{4} |(?:[A-Z][a-z]{2},? )?[A-Z][a-z]{2} {1,2}\d{1,2} )?\[?` +
    String.raw`(\d\d):(\d\d):(\d\d)(?:[.,:](\d{1,6}))?(?:Z| ?[+-]\d\d:?\d\d| \d{4})?\]?(?:\s*(?:->|>|\|)|:)?\s*(?=\S|$)`,
);
/** Seconds since something: `[12.345678] `, grabserial's `[12.345678 0.000012] `, `1700000000.123 ` since 1970. */
const SECONDS_STAMP = /^\s*(?:\[ *(\d{1,10})\.(\d{1,6})(?: \d+\.\d+)?\]|(\d{10})\.(\d{1,6}))\s+(?=\S|$)/;
const DAY_MS = 86_400_000;

export interface LogLine {
  /** Without colours, time stamps of other tools, line end; spaces at both ends taken off. Never empty. */
  readonly text: string;
  /** Milliseconds on the clock of whoever pushes the bytes, or by the line's own stamp. */
  readonly at: number;
  /** False where the line had no end: cut by a reset, by its length, or by the end of the log. */
  readonly ended: boolean;
}

/** Cuts a stream into lines. CR, LF and any mixture of them end one; empty lines are left out. */
export class LineReader {
  private readonly held = new Uint8Array(LONGEST_LINE);
  private length = 0;
  private heldAt = 0;
  private firstStamp: number | undefined;
  private lastStamp = 0;

  /** @param at milliseconds at which the bytes came */
  push(bytes: Uint8Array, at: number): LogLine[] {
    const lines: LogLine[] = [];
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
  rest(): LogLine | undefined {
    return lineOf(this.held.subarray(0, this.length), this.heldAt, false, (stamp) => stamp);
  }

  private take(lines: LogLine[], ended: boolean): void {
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
): LogLine | undefined {
  const plain = withoutColours(utf8.decode(bytes));
  const stamp = stampOf(plain);
  const text = plain.slice(stamp?.length ?? 0).trim();
  if (text === "") return undefined;
  return { text, at: stamp === undefined ? at : sinceFirst(stamp.ms), ended };
}

/** Most lines of most logs have none. */
function withoutColours(text: string): string {
  return text.includes("[") ? text.replace(ANSI, "") : text;
}

/** What another tool put before a line: its length, and milliseconds since whatever it counts from. */
function stampOf(plain: string): { readonly length: number; readonly ms: number } | undefined {
  const clock = CLOCK_STAMP.exec(plain);
  if (clock !== null) {
    const [{ length }, hours, minutes, seconds, fraction] = clock;
    return {
      length,
      ms: ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + thousandths(fraction),
    };
  }
  const since = SECONDS_STAMP.exec(plain);
  if (since === null) return undefined;
  const [{ length }, seconds, fraction, epoch, ofEpoch] = since;
  return { length, ms: Number(seconds ?? epoch) * 1000 + thousandths(fraction ?? ofEpoch) };
}

/** Digits behind the point of seconds, in milliseconds. */
function thousandths(digits = "0"): number {
  return Math.round(Number(`0.${digits}`) * 1000);
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
