/**
 * Takes out of a diagnostics text what is private: names and passwords of networks, keys, tokens, MAC and
 * IP addresses, cloud identities, e-mails, contents of flash in wire traces. A value found under a telling name once goes
 * everywhere, in every encoding. Rather too much goes than too little.
 */
import {
  BRACKETED,
  HARMLESS,
  FILED,
  HOME,
  NAMED,
  QUOTED,
  SHAPES,
  SPOKEN,
  SPOKEN_BARE,
  TOKEN,
  ARMOUR,
  YAML_BLOCK,
  COMMON_USERS,
  MORE,
  looksRandom,
} from "./scrubRules";
import { scrubTraces } from "./scrubTrace";
import { SecretSearch, type CountSteps } from "./secretSearch";

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
 * @param count told the steps it takes, which grow as the text does
 */
export function scrub(text: string, known: readonly string[] = [], count?: CountSteps): string {
  // UTF-16 read as bytes has a NUL after each letter, written in one of these ways.
  let out = text
    .replace(/[\ue000-\ue002]/g, "")
    .replaceAll(REMOVED, GONE)
    .replace(/\0|\\{1,4}(?:u0000|x00|0(?=[A-Za-z]))/g, "");
  const heads: string[] = [];
  out = scrubTraces(out, (head) => `${OPEN}${heads.push(head) - 1}${CLOSE}`);
  out = searchFor(out, known, count).remove(out, GONE);
  out = removeNamed(out, count);
  out = withoutArmour(out);
  for (const shape of SHAPES) out = out.replace(shape, GONE);
  out = out.replace(HOME, `$1${GONE}`);
  out = out.replace(TOKEN, (token) => (looksRandom(token) ? GONE : token));
  return out.replace(/\ue000(\d+)\ue001/g, (_, index: string) => heads[Number(index)] ?? "").replaceAll(GONE, REMOVED);
}

/** For everything that is known to be secret, by the caller or by the name it stands under. */
function searchFor(text: string, known: readonly string[], count: CountSteps | undefined): SecretSearch {
  const people = [...text.matchAll(HOME)].map(([whole, before = ""]) => whole.slice(before.length));
  const names = people.filter((name) => !COMMON_USERS.test(name));
  const secrets = new Set([...known, ...names, ...namedValues(text, count)].filter(isWorthLookingFor));
  const macs = new Set(
    [text, ...known]
      .flatMap((from) => from.match(MAC) ?? [])
      .map((mac) => mac.replace(/[^0-9a-f]/gi, "").toLowerCase()),
  );
  const real = [...macs].filter((mac) => !/^(?:00|ff)+$/.test(mac));
  return new SecretSearch(secrets, real, count);
}

/** Keys and certificates with their armour; one that does not end is no more than a line. */
function withoutArmour(text: string): string {
  const pieces: string[] = [];
  let from = 0;
  let end = -1;
  ARMOUR.lastIndex = 0;
  for (let begin = ARMOUR.exec(text); begin; begin = ARMOUR.exec(text)) {
    if (begin.index < from) continue;
    if (end < begin.index) end = text.indexOf("-----END", begin.index);
    if (end < 0) break;
    const line = /^-----END [A-Z ]{3,40}-----/.exec(text.slice(end, end + 64));
    if (!line) continue;
    pieces.push(text.slice(from, begin.index), GONE);
    from = end + line[0].length;
  }
  return [...pieces, text.slice(from)].join("");
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

/** As much is looked at for one value; a longer one goes to the end of its line. */
const HEAD = 460;

/** The value at `at`; undefined where there is none to hide. */
function valueAt(text: string, at: number, nameWasQuoted: boolean, lineEnd: number): Value | undefined {
  const rest = text.slice(at, at + HEAD);
  const quoted = QUOTED.exec(rest);
  if (quoted) return quotedValue(rest, quoted);
  const bracketed = BRACKETED.exec(rest);
  if (bracketed)
    return {
      length: bracketed[0].length,
      quote: "",
      content: bracketed[1] ?? bracketed[2] ?? bracketed[3] ?? "",
      bare: false,
    };
  const block = YAML_BLOCK.exec(rest);
  if (block) return { length: block[0].length, quote: "", content: (block[1] ?? "").trim(), bare: true };
  if (nameWasQuoted) {
    const word = /^[^\s,}\]{["'\\][^\s,}\]]*/.exec(rest);
    return word ? { length: word[0].length, quote: "", content: word[0], bare: true } : undefined;
  }
  if (at >= text.length || !/^[^\s{[]/.test(rest)) return undefined;
  return { length: lineEnd - at, quote: "", content: text.slice(at, Math.min(lineEnd, at + HEAD)).trim(), bare: true };
}

/** A quoted value with the pieces it goes on in: quotes doubled, `"hun" + "ter2"`, `"hun" "ter2"`, a line end between. */
function quotedValue(rest: string, first: RegExpExecArray): Value {
  const quote = `${first[1] ?? ""}${first[2] ?? ""}`;
  let { length } = first[0];
  let content = first[3] ?? "";
  for (let piece = MORE.exec(rest.slice(length)); piece; piece = MORE.exec(rest.slice(length))) {
    const [whole, joint = "", , , more = ""] = piece;
    if (joint === "" && piece[3] !== first[2]) break;
    content += `${joint === "" ? (first[2] ?? "") : ""}${more}`;
    length += whole.length;
  }
  return { length, quote, content, bare: false };
}

/** Calls `use` for every value under a telling name, with where it is. */
function eachNamed(text: string, count: CountSteps | undefined, use: (value: Value, at: number) => number): void {
  for (const name of [NAMED, SPOKEN, SPOKEN_BARE, FILED]) {
    name.lastIndex = 0;
    // Names come in order, so the ends of their lines do.
    let lineEnd = -1;
    for (let match = name.exec(text); match; match = name.exec(text)) {
      const at = match.index + match[0].length;
      if (lineEnd < at) lineEnd = endOfLine(text, at);
      count?.(HEAD);
      const value = name === FILED ? filed(match) : valueAt(text, at, match[1] !== undefined, lineEnd);
      const from = name === FILED ? at - (match[1] ?? "").length : at;
      name.lastIndex = value ? Math.max(at, use(value, from)) : at;
    }
    count?.(text.length);
  }
}

function endOfLine(text: string, from: number): number {
  let end = from;
  while (end < text.length && text[end] !== "\n" && text[end] !== "\r") end++;
  return end;
}

function filed([, word = ""]: RegExpExecArray): Value {
  return { length: word.length, quote: "", content: word, bare: false };
}

function namedValues(text: string, count: CountSteps | undefined): Set<string> {
  const found = new Set<string>();
  eachNamed(text, count, ({ content, bare }, at) => {
    const [first = ""] = content.split(/[,;&|"']|%26/);
    const [word = ""] = first.trim().split(/\s/);
    const parts = bare
      ? [content, first.trim(), ...(/^[a-z]*$/.test(word) ? [] : [word])]
      : [content, ...unescapings(content)];
    for (const part of parts) if (part.length <= MOST_GLOBAL) found.add(part).add(urlDecoded(part));
    // Another name may be inside a value that goes on to the end of the line.
    return at;
  });
  return found;
}

function removeNamed(text: string, count: CountSteps | undefined): string {
  const pieces: { readonly start: number; readonly end: number; readonly by: string }[] = [];
  eachNamed(text, count, ({ length, quote, content }, at) => {
    if (!HARMLESS.test(content)) pieces.push({ start: at, end: at + length, by: `${quote}${GONE}${quote}` });
    return at + length;
  });
  const out: string[] = [];
  let from = 0;
  for (const { start, end, by } of pieces.sort((a, b) => a.start - b.start)) {
    if (start < from) continue;
    out.push(text.slice(from, start), by);
    from = end;
  }
  return [...out, text.slice(from)].join("");
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
