/**
 * Takes out of a diagnostics text what is nobody else's business: names and passwords of networks, keys, tokens, MAC and
 * IP addresses, cloud identities, e-mails, contents of flash in wire traces. A value found under a telling name once goes
 * everywhere, in every encoding. Rather too much goes than too little.
 */
import { patternOf, patternOfMac } from "./secretForms";
import {
  BRACKETED,
  HARMLESS,
  HOME,
  NAMED,
  QUOTED,
  SHAPES,
  SPOKEN,
  SPOKEN_BARE,
  TOKEN,
  looksRandom,
} from "./scrubRules";
import { scrubTraces } from "./scrubTrace";

/** Stands where something was. */
export const REMOVED = "[removed]";

/** Shorter values are taken out under their name, but not looked for elsewhere. */
const LEAST_GLOBAL = 4;
/** Longer ones are no names and no passwords, but the rest of a line. */
const MOST_GLOBAL = 160;
const MAC =
  /(?<![0-9a-f])(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})(?![0-9a-f])/gi;
/** Characters of private use that hold places while rules run; the text's own are dropped. */
const OPEN = "\ue000";
const CLOSE = "\ue001";
const GONE = "\ue002";

/**
 * @param known secrets the caller knows of (a MAC address read from the chip, a network's name from a configuration)
 */
export function scrub(text: string, known: readonly string[] = []): string {
  // UTF-16 read as bytes has a NUL after each letter, written in one of these ways.
  let out = text
    .replace(/[\ue000-\ue002]/g, "")
    .replaceAll(REMOVED, GONE)
    .replace(/\0|\\{1,4}(?:u0000|x00|0(?=[A-Za-z]))/g, "");
  const heads: string[] = [];
  out = scrubTraces(out, (head) => `${OPEN}${heads.push(head) - 1}${CLOSE}`);
  for (const pattern of patternsFor(out, known)) out = out.replace(pattern, GONE);
  out = removeNamed(out);
  for (const shape of SHAPES) out = out.replace(shape, GONE);
  out = out.replace(HOME, `$1${GONE}`);
  out = out.replace(TOKEN, (token) => (looksRandom(token) ? GONE : token));
  return out.replace(/\ue000(\d+)\ue001/g, (_, index: string) => heads[Number(index)] ?? "").replaceAll(GONE, REMOVED);
}

/** Patterns for everything that is known to be secret, longest first: one may hold another. */
function patternsFor(text: string, known: readonly string[]): RegExp[] {
  const secrets = new Set([...known, ...namedValues(text)].filter(isWorthLookingFor));
  const macs = new Set(
    [text, ...known]
      .flatMap((from) => from.match(MAC) ?? [])
      .map((mac) => mac.replace(/[^0-9a-f]/gi, "").toLowerCase()),
  );
  return [
    ...[...secrets].sort((a, b) => b.length - a.length).map(patternOf),
    ...[...macs].filter((mac) => !/^(?:00|ff)+$/.test(mac)).map(patternOfMac),
  ];
}

function isWorthLookingFor(secret: string): boolean {
  return secret.length >= LEAST_GLOBAL && secret.length <= MOST_GLOBAL && !HARMLESS.test(secret);
}

interface Value {
  /** Characters of the text it takes, quotes included. */
  readonly length: number;
  readonly quote: string;
  readonly content: string;
  /** Ends where a line or a field does, so other things may be in it. */
  readonly bare: boolean;
}

/** The value at the start of `rest`; undefined where there is none to hide. */
function valueAt(rest: string, nameWasQuoted: boolean): Value | undefined {
  const quoted = QUOTED.exec(rest);
  if (quoted)
    return {
      length: quoted[0].length,
      quote: `${quoted[1] ?? ""}${quoted[2] ?? ""}`,
      content: quoted[3] ?? "",
      bare: false,
    };
  const bracketed = BRACKETED.exec(rest);
  if (bracketed)
    return {
      length: bracketed[0].length,
      quote: "",
      content: bracketed[1] ?? bracketed[2] ?? bracketed[3] ?? "",
      bare: false,
    };
  const bare = (nameWasQuoted ? /^[^\s,}\]{["'\\][^\s,}\]]*/ : /^[^\s{[][^\n\r]{0,2000}/).exec(rest);
  return bare ? { length: bare[0].length, quote: "", content: bare[0].trim(), bare: true } : undefined;
}

/** Calls `use` for every value under a telling name, with where it is. */
function eachNamed(text: string, use: (value: Value, at: number) => number): void {
  for (const name of [NAMED, SPOKEN, SPOKEN_BARE]) {
    name.lastIndex = 0;
    for (let match = name.exec(text); match; match = name.exec(text)) {
      const at = match.index + match[0].length;
      const value = valueAt(text.slice(at, at + 2500), match[1] !== undefined);
      name.lastIndex = value ? Math.max(at, use(value, at)) : at;
    }
  }
}

function namedValues(text: string): Set<string> {
  const found = new Set<string>();
  eachNamed(text, ({ content, bare }, at) => {
    const [first = ""] = content.split(/[,;&|"']|%26/);
    const [word = ""] = first.trim().split(/\s/);
    const parts = bare
      ? [content, first.trim(), ...(/^[a-z]*$/.test(word) ? [] : [word])]
      : [content, ...unescapings(content)];
    for (const part of parts) found.add(part).add(urlDecoded(part));
    // Another name may be inside a value that goes on to the end of the line.
    return at;
  });
  return found;
}

function removeNamed(text: string): string {
  const pieces: { readonly start: number; readonly end: number; readonly by: string }[] = [];
  eachNamed(text, ({ length, quote, content }, at) => {
    if (!HARMLESS.test(content)) pieces.push({ start: at, end: at + length, by: `${quote}${GONE}${quote}` });
    return at + length;
  });
  let out = "";
  let from = 0;
  for (const { start, end, by } of pieces.sort((a, b) => a.start - b.start)) {
    if (start < from) continue;
    out += text.slice(from, start) + by;
    from = end;
  }
  return out + text.slice(from);
}

/** What was meant by a value inside a JSON string, or inside one inside one. */
function unescapings(value: string): string[] {
  const once = jsonText(value);
  return once === undefined ? [] : [once, jsonText(once) ?? once];
}

function jsonText(value: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(`"${value}"`);
    return typeof parsed === "string" ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function urlDecoded(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll("+", " "));
  } catch {
    return value;
  }
}
