/**
 * What a value in Tuya's storage says: JSON, the pin text under `user_param_key`, other text, or bytes. Knows nothing of secrets.
 * Source of the pin text's grammar: docs/formats.md ("Tuya settings").
 */
import { toHex } from "../base/bytes";

/** Anything JSON can hold. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain };
export type PlainObject = { readonly [name: string]: Plain };

export const PIN_TEXT_KEY = "user_param_key";

/** Deeper texts are no settings. */
const DEEPEST = 16;
const LONGEST_QUOTED = 400;

export function isPlainObject(value: unknown): value is PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value without its trailing NULs: parsed JSON, pin text as an object, text, or `HEX:` and bytes in hex. */
export function parseValue(name: string, raw: Uint8Array): Plain {
  let end = raw.length;
  while (end > 0 && raw[end - 1] === 0) end--;
  const bytes = raw.subarray(0, end);
  const text = readableText(bytes);
  if (text === undefined) return `HEX:${toHex(bytes)}`;
  const json = parseJson(text);
  if (json !== undefined) return json;
  return (name === PIN_TEXT_KEY ? parsePinText(text) : undefined) ?? text;
}

/** UTF-8 without control characters but for blanks between lines. */
function readableText(bytes: Uint8Array): string | undefined {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Not text but bytes, which are shown as such.
    return undefined;
  }
  // eslint-disable-next-line no-control-regex -- these tell bytes from text
  return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text) ? undefined : text;
}

/** JSON; but a number only as it would be written, so that a key of digits stays a text. */
function parseJson(text: string): Plain | undefined {
  let value: Plain;
  try {
    value = JSON.parse(text) as Plain;
  } catch {
    // Most values are no JSON: what they are instead is the caller's to find out.
    return undefined;
  }
  if (typeof value === "number") return String(value) === text ? value : undefined;
  return withinDepth(value, DEEPEST) ? value : undefined;
}

function withinDepth(value: Plain, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.values(value).every((inner) => withinDepth(inner, depth - 1));
}

/** A decimal number as pin texts write one; 007, -5 and 1.0.3 are texts. */
const NUMBER = /^(?:0|[1-9]\d{0,14})$/;

/**
 * Unquoted names and values in braces: `{rl1_pin:26,module:CBU,crc:57,}`. Numbers are plain decimals, empty values empty texts, blanks
 * around a name or value do not count. undefined for a text that is none, and for one that ends early.
 */
export function parsePinText(text: string): PlainObject | undefined {
  const reader = new PinReader(text.trim());
  const value = reader.value(DEEPEST);
  return value !== undefined && reader.isAtEnd && isPlainObject(value) ? value : undefined;
}

class PinReader {
  private at = 0;

  constructor(private readonly text: string) {}

  get isAtEnd(): boolean {
    return this.at === this.text.length;
  }

  value(depth: number): Plain | undefined {
    if (depth === 0) return undefined;
    const next = this.text[this.at];
    if (next === "{") return this.object(depth);
    if (next === "[") return this.list(depth);
    const word = this.word();
    return NUMBER.test(word) ? Number(word) : word;
  }

  private object(depth: number): PlainObject | undefined {
    const members: [string, Plain][] = [];
    this.at++;
    for (;;) {
      if (this.take("}")) return Object.fromEntries(members);
      const name = this.word();
      if (name === "" || !this.take(":")) return undefined;
      const value = this.value(depth - 1);
      if (value === undefined) return undefined;
      members.push([name, value]);
      if (!this.take(",") && this.text[this.at] !== "}") return undefined;
    }
  }

  private list(depth: number): readonly Plain[] | undefined {
    const items: Plain[] = [];
    this.at++;
    for (;;) {
      if (this.take("]")) return items;
      const value = this.value(depth - 1);
      if (value === undefined) return undefined;
      items.push(value);
      if (!this.take(",") && this.text[this.at] !== "]") return undefined;
    }
  }

  private take(char: string): boolean {
    while (/\s/.test(this.text[this.at] ?? "")) this.at++;
    if (this.text[this.at] !== char) return false;
    this.at++;
    return true;
  }

  private word(): string {
    const quoted = /^\s*"([^"]*)"\s*(?=[:,}\]])/.exec(this.text.slice(this.at, this.at + LONGEST_QUOTED));
    if (quoted) {
      this.at += quoted[0].length;
      return quoted[1] as string;
    }
    const from = this.at;
    while (this.at < this.text.length && !"{}[]:,".includes(this.text[this.at] as string)) this.at++;
    return this.text.slice(from, this.at).trim();
  }
}
