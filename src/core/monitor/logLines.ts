/** Bytes of a serial log to lines: any chunking, any line ends, colours and the time stamps of other tools taken off. */

/** A longer line is cut here: bounded memory, whatever comes in. Characters. */
const LONGEST_LINE = 1024;
const CR = 0x0d;
const LF = 0x0a;
/** SGR and other CSI sequences; a log that was cut may begin inside one. */
// eslint-disable-next-line no-control-regex -- ESC begins what is taken off
const ANSI = /\u001b\[[0-9;?]*[ -/]*[@-~]/g;
/** What ESPHome's and PlatformIO's log viewers, and this project's monitor, put before a line: hours, minutes, seconds, milliseconds. */
const STAMP = /^\s*(?:\d{4}-\d\d-\d\d[T ])?\[?(\d\d):(\d\d):(\d\d)(?:[.,](\d{3})\d{0,3})?Z?\]?(?: ?> ?|:? ?)(?=\S|$)/;
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
  private held: number[] = [];
  private heldAt = 0;
  private firstStamp: number | undefined;
  private lastStamp = 0;

  /** @param at milliseconds at which the bytes came */
  push(bytes: Uint8Array, at: number): LogLine[] {
    const lines: LogLine[] = [];
    for (const byte of bytes) {
      if (byte === CR || byte === LF) this.take(lines, true);
      else {
        if (this.held.length === 0) this.heldAt = at;
        this.held.push(byte);
        if (this.held.length >= LONGEST_LINE) this.take(lines, false);
      }
    }
    return lines;
  }

  /** What stands behind the last line end; undefined when nothing does. It stays where it is. */
  rest(): LogLine | undefined {
    return lineOf(this.held, this.heldAt, false, (stamp) => stamp);
  }

  private take(lines: LogLine[], ended: boolean): void {
    const line = lineOf(this.held, this.heldAt, ended, (stamp) => this.sinceFirst(stamp));
    this.held = [];
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
  bytes: readonly number[],
  at: number,
  ended: boolean,
  sinceFirst: (stamp: number) => number,
): LogLine | undefined {
  const plain = utf8.decode(Uint8Array.from(bytes)).replace(ANSI, "");
  const stamp = STAMP.exec(plain);
  const text = plain.slice(stamp?.[0].length ?? 0).trim();
  if (text === "") return undefined;
  return { text, at: stamp === null ? at : sinceFirst(milliseconds(stamp)), ended };
}

function milliseconds([, hours = "", minutes = "", seconds = "", fraction = "0"]: RegExpExecArray): number {
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(fraction);
}

/** Share of the bytes that text is made of: printable ASCII, tab, line ends, ESC, whole UTF-8 characters. 1 for no bytes. */
export function readableShare(bytes: Uint8Array): number {
  if (bytes.length === 0) return 1;
  let readable = 0;
  for (let i = 0; i < bytes.length; i++) {
    const length = charLength(bytes, i);
    readable += length;
    if (length > 1) i += length - 1;
  }
  return readable / bytes.length;
}

/** Bytes of the character at `i`; 0 where none is. */
function charLength(bytes: Uint8Array, i: number): number {
  const first = bytes[i] ?? 0;
  if (first < 0x80) return first >= 0x20 ? (first === 0x7f ? 0 : 1) : [0x09, LF, CR, 0x1b].includes(first) ? 1 : 0;
  const length =
    first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  if (length === 0 || i + length > bytes.length) return 0;
  for (let k = 1; k < length; k++) if (((bytes[i + k] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}
