/**
 * What is around a firmware's own words in a log that somebody saved or pasted: colours, time stamps, quote marks, line numbers,
 * frames of tables, HTML. Taken off line by line; what it says of the time is kept.
 */

/** SGR and other CSI sequences; colours also where what saved the log has lost the ESC, or wrote it out. */
const ANSI =
  // eslint-disable-next-line no-control-regex -- ESC begins what is taken off
  /\u001b\[[0-9;?]*[ -/]*[@-~]|(?:\u241b|\ufffd|\^\[|\\(?:x1b|u001b|033|e)|<?ESC>?|\?)?\[(?:[0156]|22|[349]\d|\d{1,3}(?:;\d{1,3})+)m/gi;
/**
 * The time of day that monitors, terminal programs and log viewers put before a line, with the date before or around it or without.
 * ESPHome, PlatformIO, this project: `[12:00:00.000]`, `12:00:00.000 > `; Arduino: `12:00:00.000 -> `; Tera Term:
 * `[Mon Nov 30 12:00:00.000 2026] `; minicom and tio: `[2026-11-30 12:00:00] `; ts: `Nov 30 12:00:00 `.
 */
const CLOCK_STAMP = new RegExp(
  String.raw`^[[(]?(?:\d{4}[-/.]\d\d[-/.]\d\d[T _]|\d{1,2}[-/.]\d{1,2}[-/.]\d{2}(?:\d\d)?,? |(?:[A-Z][a-z]{2},? )?[A-Z][a-z]{2} {1,2}\d{1,2} )?\[?` +
    String.raw`(\d\d):(\d\d):(\d\d)(?:[.,:](\d{1,6}))?(?: ?([AP])M)?(?:Z| ?[+-]\d\d:?\d\d| \d{4})?[\])]?(?:\s*(?:->|>|\|)|:)?\s*(?=\S|$)`,
);
/** Seconds since something: `[12.345678] `, grabserial's `[12.345678 0.000012] `, `1700000000.123 ` since 1970. */
const SECONDS_STAMP = /^(?:\[ *(\d{1,10})\.(\d{1,6})(?: \d+\.\d+)?\]|(\d{10})\.(\d{1,6}))\s+(?=\S|$)/;
const FRAMES: readonly RegExp[] = [
  // A quote of a mail or an issue, a row of a table, the name of a container, a line number as editors and pagers write it.
  />+\s*(?!$)|\|\s+|[\w.-]{1,40}\s+\|\s|\s*\d{1,7}(?:[:|.)]\s|\s?[|\u2502\u2192]\s?|\t)|\s+\d{1,7}\s{1,2}|\[\d{1,7}\]\s+/,
  // An item of a list, a comment; file and line as grep has them.
  /\s*(?:[*;-]|#|\/{2,3}|%{1,2})\s+|[\w./\\:-]{1,80}\.(?:log|txt)[:-]\d{1,7}[:-]/,
  // The port, and which way it went.
  /\[?(?:COM\d{1,3}|std(?:out|err)|\/dev\/[\w./-]{1,40})\]?:?\s+|(?:RXD?|[Rr]x[Dd]?|[Rr]ecv|RECV|[Rr]eceived)(?:\s?[:>]\s*|\s+)|<(?:-+|<)?\s+/,
  // The same in the tools that are used most in China.
  /(?:\u3010[^\u3011]{1,40}\u3011)?(?:\u6536\s?[\u2190<]\s?[\u25c6\u25c7]?|\u63a5\u6536\s?[:\uff1a])\s*/,
  // Seconds since the line before, or milliseconds or microseconds since 1970.
  /\(\s*\d{1,10}\.\d{1,6}\)\s+|\+\d{1,7}(?:\.\d{1,6})?(?:\s?[mu]?s)?:?\s+|\d{13}(?:\d{3})?:?\s+/,
  // syslog's host and program; the level and name that Python's logging writes.
  /[\w.-]{1,40} [\w./-]{1,40}\[\d{1,7}\]:\s|(?:DEBUG|INFO|WARNING|ERROR)(?::[\w.]{1,40}:|\s{2,}|\s\([\w.-]{1,40}\)\s\[[\w.]{1,40}\]\s)/,
];
const FRAME = new RegExp(`^(?:${FRAMES.map(({ source }) => source).join("|")})(?=\\S)`);
/** Bytes as Python prints them. */
const PRINTED = /^b(["'])(.*)\1,?$/;
/** The frame of a table, and line ends that were written out. */
const FRAME_END = /(?:\s+\||\\r|\\n|<CR>|<LF>|\[CR\]|\[LF\]|\\0[da]|\u240d|\u240a)+$/i;
/** As many frames may stand around each other: a quoted line with its number and its time. */
const MOST_FRAMES = 4;
const TAG = /<\/?(?:br|pre|code|span|div|p|li|td|tr|font|b|strong)\b[^>]*>/gi;
const ENTITY = /&(?:(lt|gt|amp|quot|apos|nbsp)|#(\d{1,6})|#x([0-9a-f]{1,5}));/gi;
const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'", nbsp: " " };
/** Lines that may have more around them than colours and a stamp: most have not. */
const DRESSED =
  /^\s*(?:[>|\d`~{*;#/%+(\u3010-]|\[\d{1,7}\]|\[?(?:COM|std|\/)|b["']|[Rr](?:X|x|ecv|ECV|eceived)\b|[\w.-]+\s+\| )|^\s+\S|[<&\u00a0\u6536]| \||\](?:RX|\sRX|\s?\u63a5)|\.(?:log|txt)[:-]\d|\w\[\d{1,7}\]: |(?:DEBUG|INFO|WARNING|ERROR)(?::|\s[\s(])|(?:\\[rn]|\\0[da]|\[(?:CR|LF)\]|[\u240a\u240d])$/;
/** A fence around code, as in Markdown. */
const FENCE = /^(?:`{3,}|~{3,})\w*$/;

export interface UndressedLine {
  /** Without colours and a time stamp at its beginning: to be shown. Empty where nothing is left. */
  readonly text: string;
  /** What the firmware itself said, as far as can be told: to be judged. Empty where it said nothing. */
  readonly said: string;
  /** Milliseconds since whatever the line's stamp counts from; undefined where it has none. */
  readonly ms: number | undefined;
}

export function undress(raw: string): UndressedLine {
  const plain = withoutColours(raw).trim();
  const stamp = stampOf(plain);
  const text = plain.slice(stamp?.length ?? 0).trim();
  if (DRESSED.test(raw)) return unframed(raw, text, stamp?.ms);
  // A log with stamps may have been heard by something that stamps.
  const inner = stamp === undefined ? undefined : stampOf(text);
  return { text, said: text.slice(inner?.length ?? 0).trim(), ms: stamp?.ms };
}

/** Takes off, one after another, what may stand around each other: a quoted line with its number and its time. */
function unframed(raw: string, text: string, stamped: number | undefined): UndressedLine {
  const logged = jsonLine(raw);
  let said = withoutColours(withoutHtml(logged?.said ?? raw)).replace(/\u00a0/g, " ");
  let ms = logged?.ms;
  for (let i = 0; i < MOST_FRAMES; i++) {
    const inner = said.replace(FRAME, "").trimStart();
    const stamp = stampOf(inner);
    if (inner === said && stamp === undefined) break;
    said = inner.slice(stamp?.length ?? 0);
    ms ??= stamp?.ms;
  }
  said = said.replace(PRINTED, "$2").replace(FRAME_END, "").trim();
  return { text, said: FENCE.test(said) ? "" : said, ms: ms ?? stamped };
}

/** What `monitor --json` of this project writes for a line of a log. */
function jsonLine(raw: string): Omit<UndressedLine, "text"> | undefined {
  if (!raw.startsWith('{"') || !raw.trimEnd().endsWith("}")) return undefined;
  try {
    const { type, text, time } = JSON.parse(raw) as Readonly<Record<string, unknown>>;
    if (type !== "log" || typeof text !== "string") return undefined;
    const ms = typeof time === "string" ? Date.parse(time) : NaN;
    return { said: text, ms: Number.isNaN(ms) ? undefined : ms };
  } catch {
    return undefined;
  }
}

/** Most lines of most logs have none. */
function withoutColours(text: string): string {
  return text.includes("[") ? text.replace(ANSI, "") : text;
}

function withoutHtml(text: string): string {
  const plain = text.includes("<") ? text.replace(TAG, "") : text;
  if (!plain.includes("&")) return plain;
  return plain.replace(ENTITY, (whole, name?: string, decimal?: string, hex?: string) => {
    if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
    const code = decimal === undefined ? parseInt(hex ?? "", 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** What another tool put before a line: its length, and milliseconds since whatever it counts from. */
function stampOf(plain: string): { readonly length: number; readonly ms: number } | undefined {
  const clock = CLOCK_STAMP.exec(plain);
  if (clock !== null) {
    const [{ length }, hours, minutes, seconds, fraction, half] = clock;
    const hour = half === undefined ? Number(hours) : (Number(hours) % 12) + (half === "P" ? 12 : 0);
    return { length, ms: ((hour * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + thousandths(fraction) };
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
