/**
 * The forms in which one known secret can be met in a text: as it is, escaped, as hex with or without separators, in
 * UTF-16, base64 at any alignment, as decimal bytes. Makes patterns; finds no secrets itself.
 */
import { concat } from "../base/bytes";

/** Between two bytes of a hex form: `41 42`, `41:42`, `0x41, 0x42`, `\x41\x42`, `%41%42`. */
const BETWEEN = String.raw`(?:\\+x|0x|%|[\s:,;_-]){0,5}`;
/** Fewer base64 digits than these would be found in too much that is no secret. */
const LEAST_BASE64 = 6;

/** A pattern that finds `value` in every form, letter case ignored. */
export function patternOf(value: string): RegExp {
  const bytes = new TextEncoder().encode(value);
  // Without halves of surrogate pairs, which cannot be URL-encoded.
  const secret = new TextDecoder().decode(bytes);
  const wide = [utf16(secret, true), utf16(secret, false)];
  const escaped = jsonInner(secret);
  const url = encodeURIComponent(secret);
  const texts = [
    secret,
    escaped,
    jsonInner(escaped),
    url,
    url.replaceAll("%20", "+"),
    url.replaceAll("%", "%25"),
    Array.from(secret, unicodeEscape).join(""),
    secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;"),
    ...[bytes, ...wide].flatMap(base64Cores),
  ];
  const sources = [
    ...new Set(texts.map(literal)),
    ...[bytes, ...wide].map(hexSource),
    Array.from(bytes, String).join(String.raw`\s*,\s*`),
  ];
  return new RegExp(sources.sort((a, b) => b.length - a.length).join("|"), "giu");
}

/** A pattern for a MAC address, given as twelve hex digits: whole in either byte order, and its device half alone. */
export function patternOfMac(digits: string): RegExp {
  const bytes = digits.match(/../g) ?? [];
  const any = (part: readonly string[]): string => part.join(BETWEEN);
  const decimal = bytes.map((byte) => parseInt(byte, 16)).join(String.raw`\s*,\s*`);
  return new RegExp([any(bytes), any(bytes.toReversed()), decimal, any(bytes.slice(3))].join("|"), "giu");
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`).replace(/\\-/g, String.raw`\x2d`);
}

function jsonInner(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function unicodeEscape(char: string): string {
  return Array.from({ length: char.length }, (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, "0")}`).join(
    "",
  );
}

function utf16(text: string, littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * text.length));
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), littleEndian);
  return new Uint8Array(view.buffer);
}

function hexSource(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(BETWEEN);
}

/** What of the base64 of anything around `bytes` depends on these alone, for the three places they can begin at. */
function base64Cores(bytes: Uint8Array): string[] {
  return [0, 1, 2].flatMap((before) => {
    const all = base64(concat(new Uint8Array(before), bytes));
    const core = all.slice(Math.ceil((8 * before) / 6), Math.floor((8 * (before + bytes.length)) / 6));
    return core.length < LEAST_BASE64 ? [] : [core, core.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
