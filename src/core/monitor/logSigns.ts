/** What single lines of a log say. Sources of the rows: docs/boot-logs.md. */
import { BOOT_CODE_SIGNS } from "./bootCodeSigns";
import { ESPHOME_SIGNS } from "./esphomeSigns";
import { LIBRETINY_SIGNS, OPENBEKEN_SIGNS, SDK_SIGNS, TUYA_SIGNS } from "./firmwareSigns";
import { FOREIGN_SIGNS } from "./foreignSigns";
import type { HeardLine } from "./logLines";
import type { LogSign, SignGroup } from "./signTypes";

const GROUPS: readonly SignGroup[] = [
  BOOT_CODE_SIGNS,
  FOREIGN_SIGNS,
  LIBRETINY_SIGNS,
  ESPHOME_SIGNS,
  OPENBEKEN_SIGNS,
  TUYA_SIGNS,
  SDK_SIGNS,
];

/** Characters of a glitch, and of what else may stand before a line's own words. */
const MOST_GLITCH = 4;
const MOST_BEFORE = 64;

/** Registers of boot codes, which say nothing but stand before the application. */
const REGISTERS = /^(?:REG|CPSR|SPSR|SVC|IRQ|FI[RQ]|ABT|UND|SYS|ST|R\d+(?:\(LR\))?)\s*:/i;
/** What terminal programs and tools say of themselves: banners, settings, prompts. */
const TERMINAL: readonly RegExp[] = [
  /^(?:-{3,4} .+ -{3,4}$|-{3} |(?:=~){3,})/,
  /^(?:\[?screen is |Terminal ready$|Thanks for using|Terminating\.\.\.|(?:[Dd]isc|[Cc])onnected\b|Skipping tty reset)/,
  /^(?:(?:picocom|tio) v\d|Welcome to minicom|Press C(?:TRL|trl)-|Press ctrl-|Type \[C-|OPTIONS: |Port \/dev\/)/,
  /^(?:port|flowcontrol|baudrate|parity|databits|stopbits|escape|local echo|noinit|noreset|hangup|nolock) is +: /,
  /^(?:send_cmd|receive_cmd|imap|omap|emap|logfile|initstring|exit(?:_after)?) is +: /,
  /^#? ?(?:RECV|SEND)(?: \w+)?>$/,
  /^(?:Script (?:started|done) on |(?:Windows PowerShell|PowerShell) transcript |\[Process completed\]|(?:Serial )?[Pp]ort (?:closed|opened)\b|Traceback \(most recent call last\))/,
  /^(?:INFO|WARNING) (?:ESPHome|Reading|Starting log|Successfully|Detected|Generating|Running|Connecting|WiFi AP) /,
  /^(?:[\w.-]{1,64}@[\w.-]{1,64}[:~ ][^$#%]{0,256}[$#%](?: |$)|[A-Z]:\\[^>]{0,256}>)/,
];

/** True for what a terminal program says of itself. */
export function isOfTerminal({ said }: Pick<HeardLine, "said">): boolean {
  return TERMINAL.some((pattern) => pattern.test(said));
}

/**
 * True for a line that somebody wrote to be read, in whatever language: behind the boot code's last line nothing but an application
 * can have done so.
 */
export function isSpeech({ said, ended }: Pick<HeardLine, "said" | "ended">): boolean {
  if (!ended || REGISTERS.test(said)) return false;
  // A character that could not be decoded, or one that no text has, is of the wire.
  return /\p{L}(?:.*\p{L}){3}/u.test(said) && !/[\ufffd\p{Cc}]/u.test(said.replaceAll("\t", " "));
}

// eslint-disable-next-line no-control-regex -- what no text has is noise
const NOISE = /[\x00-\x08\x0e-\x1f\x7f\ufffd]+/;

/** What a line says, also where noise got before or behind it; undefined for a line that says nothing by itself. */
export function readSign({ said }: Pick<HeardLine, "said">): LogSign | undefined {
  if (!NOISE.test(said)) return signOf(said);
  for (const part of said.split(NOISE)) {
    const sign = part === "" ? undefined : signOf(part);
    if (sign !== undefined) return sign;
  }
  return undefined;
}

/** The line without what noise got before or behind it: the longest part that is text. */
export function withoutNoise({ said }: Pick<HeardLine, "said">): string {
  return said.split(NOISE).reduce((longest, part) => (part.length > longest.length ? part : longest));
}

function signOf(said: string): LogSign | undefined {
  for (const { begins, before, rows } of GROUPS) {
    const at = said.search(begins);
    if (at < 0 || !(before === "glitch" ? at <= MOST_GLITCH : mayStandBefore(said.slice(0, at)))) continue;
    const own = said.slice(at);
    for (const [pattern, sign] of rows) {
      const match = pattern.exec(own);
      if (match !== null) return sign(match);
    }
  }
  return undefined;
}

/** See {@link SignGroup.before}: what is glued to the line's own words, or has signs that tools write. */
function mayStandBefore(before: string): boolean {
  if (before === "") return true;
  if (before.length > MOST_BEFORE || /['"`]|\]: /.test(before)) return false;
  return /[^\s(,]$/.test(before) || /[\d|>#$]/.test(before);
}
