/**
 * What of a log is shown: all of it, or lines from a level on and with a text in them; held back while it is paused, and kept for
 * saving. Pure, bounded memory.
 */
import type { LogLine, LogMask } from "../../core/index";

/** Gravest first. */
export const LOG_LEVELS = ["error", "warning", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Lines that are kept for saving: hours of a usual log. */
const MOST_LINES = 20_000;

/** ESPHome `[E][tag:1]:`, LibreTiny `E [      0.000]`, OpenBeken `Error:CFG:`; V and VV are below debug. */
const ESPHOME = /^\[(VV|[EWICDV])\]\[/;
const LIBRETINY = /^([VDIWEF]) \[ *\d+\.\d+\]/;
const OPENBEKEN = /^(Error|Warn|Info|Debug|ExtraDebug):[A-Z]/;
const OF_LETTER: Readonly<Record<string, LogLevel>> = {
  F: "error",
  E: "error",
  Error: "error",
  W: "warning",
  Warn: "warning",
  I: "info",
  C: "info",
  Info: "info",
};

/** undefined where the line bears none, as those of boot code and SDK. */
export function levelOf(line: string): LogLevel | undefined {
  const letter = (ESPHOME.exec(line) ?? LIBRETINY.exec(line) ?? OPENBEKEN.exec(line))?.[1];
  return letter === undefined ? undefined : (OF_LETTER[letter] ?? "debug");
}

export interface LogFilter {
  /** The least grave that is shown; lines without a level always are. */
  readonly level: LogLevel;
  /** Whatever its case; empty: any. */
  readonly text: string;
}

export const ALL: LogFilter = { level: "debug", text: "" };

export function isShown(line: string, { level, text }: LogFilter): boolean {
  const own = levelOf(line);
  if (own !== undefined && LOG_LEVELS.indexOf(own) > LOG_LEVELS.indexOf(level)) return false;
  return text === "" || line.toLowerCase().includes(text.toLowerCase());
}

interface Kept {
  readonly text: string;
  /** Time of day. */
  readonly time: string;
}

/** The latest lines of a log. */
export class KeptLines {
  private readonly lines: Kept[] = [];

  push(lines: readonly LogLine[], time: string): void {
    for (const { text } of lines) this.lines.push({ text, time });
    if (this.lines.length > 1.1 * MOST_LINES) this.lines.splice(0, this.lines.length - MOST_LINES);
  }

  clear(): void {
    this.lines.length = 0;
  }

  matching(filter: LogFilter): readonly string[] {
    return this.lines.filter(({ text }) => isShown(text, filter)).map(({ text }) => text);
  }

  /**
   * As a file: the time before each line, secrets masked.
   * @param mask knows names from lines that are kept no more
   */
  saved(mask: LogMask): string {
    return this.lines.map(({ text, time }) => `${time} ${mask.mask(text)}\n`).join("");
  }
}
