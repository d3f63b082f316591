/**
 * The forms in which one known secret can be met in a text: as it is, escaped, as hex with or without separators, in
 * UTF-16, base64 at any alignment, as decimal bytes. Makes forms; finds no secrets itself.
 */
import { concat, toHex } from "../base/bytes";

/** Fewer base64 digits than these would be found in too much that is no secret. */
const LEAST_BASE64 = 6;

/** How `value` stands in a text as text: as it is, escaped, in base64 at any alignment. */
export function textForms(value: string): string[] {
  const bytes = new TextEncoder().encode(value);
  // Without halves of surrogate pairs, which cannot be URL-encoded.
  const secret = new TextDecoder().decode(bytes);
  const escaped = jsonInner(secret);
  const url = encodeURIComponent(secret);
  return [
    secret,
    escaped,
    jsonInner(escaped),
    url,
    url.replaceAll("%20", "+"),
    url.replaceAll("%", "%25"),
    Array.from(secret, unicodeEscape).join(""),
    secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;"),
    // Quotes doubled, as YAML, SQL and CSV do.
    secret.replaceAll("'", "''"),
    secret.replaceAll('"', '""'),
    ...[bytes, utf16(secret, true), utf16(secret, false)].flatMap(base64Cores),
  ];
}

/** Its bytes in hex digits of lower case, nothing between: in UTF-8 and UTF-16. */
export function hexForms(value: string): string[] {
  const bytes = new TextEncoder().encode(value);
  const secret = new TextDecoder().decode(bytes);
  return [bytes, utf16(secret, true), utf16(secret, false)].map(toHex);
}

/** Its bytes in decimal, a comma between. */
export function decimalForm(value: string): string {
  return Array.from(new TextEncoder().encode(value), String).join(",");
}

/** A MAC address, given as twelve hex digits: whole in either byte order, its device half alone, and in decimal. */
export function macForms(digits: string): { readonly hex: readonly string[]; readonly decimal: string } {
  const bytes = digits.match(/../g) ?? [];
  return {
    hex: [digits, bytes.toReversed().join(""), bytes.slice(3).join("")],
    decimal: bytes.map((byte) => parseInt(byte, 16)).join(","),
  };
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
