/**
 * Text of every kind: pages, data, settings, pointers, and binary written as text. Flash content never is text all over: in 64
 * bytes of it there are control characters or FF, in a sector of settings mostly FF.
 */
import { isFilledWith } from "../../base/bytes";
import { words, type Words } from "../../base/words";
import { DECODE, DOWNLOAD_AGAIN, NOT_A_FILE_OF_A_BUILD, type ForeignContent } from "./foreignKinds";

/** Fewer characters may be bytes that a person wants somewhere. */
const LEAST = 4;
/** From here on eight-bit characters and a few strange bytes are text still. */
const LONG = 64;
/** As much is looked at for what kind of text it is. */
const HEAD = 0x10000;

const TEXT = 0;
const EIGHT_BIT = 1;
const CONTROL = 2;

/** What each byte is in a text; FF stands in no encoding. */
const CLASS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0xff) return CONTROL;
  if (byte >= 0x80) return EIGHT_BIT;
  if (byte >= 0x20 && byte !== 0x7f) return TEXT;
  return byte === 9 || byte === 10 || byte === 13 || byte === 12 || byte === 27 ? TEXT : CONTROL;
});

export function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** The text a file is, as far as its kind is told by; undefined for what is no text. */
export function textOf(bytes: Uint8Array): string | undefined {
  // One byte over and over is a filling that a person made, whatever letter it is.
  if (bytes.length < LEAST || isFilledWith(bytes, bytes[0] as number)) return undefined;
  const wide = utf16(bytes);
  if (wide !== undefined) return wide;
  const few = bytes.length >= LONG ? 0.05 * bytes.length : 0;
  let control = 0;
  let eightBit = 0;
  for (const byte of bytes) {
    const kind = CLASS[byte];
    if (kind === CONTROL) control++;
    else if (kind === EIGHT_BIT) eightBit++;
    // Of binary a small part is enough.
    if (control > 0 && control + eightBit > few) return undefined;
  }
  const pure = eightBit === 0 || (eightBit < bytes.length && isUtf8(bytes));
  // Other encodings have no rules that bytes could break: much of such a text is ASCII, and all of it printable.
  const coded = bytes.length >= LONG && (bytes.length - eightBit) * 4 >= bytes.length;
  return control > 0 || pure || coded ? new TextDecoder().decode(bytes.subarray(0, HEAD)) : undefined;
}

/** With a byte-order mark, or with nothing but zeros in every other byte. */
function utf16(bytes: Uint8Array): string | undefined {
  const marked = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : undefined;
  const swapped = bytes[0] === 0xfe && bytes[1] === 0xff;
  const head = bytes.subarray(0, HEAD & ~1);
  const printable = (first: number): boolean => {
    let zeros = 0;
    for (let at = 0; at + 1 < head.length; at += 2) {
      if (head[at + 1 - first] !== 0 || CLASS[head[at + first] as number] !== TEXT) continue;
      zeros++;
    }
    return zeros >= 4 && zeros >= 0.9 * Math.floor(head.length / 2);
  };
  if (marked === undefined && !swapped && !printable(0) && !printable(1)) return undefined;
  const big = swapped || (marked === undefined && printable(1));
  const text = new TextDecoder(big ? "utf-16be" : "utf-16le").decode(head);
  const broken = text.split("").filter((char) => CLASS[char.charCodeAt(0) & 0x7f] === CONTROL).length;
  return broken > 0.05 * text.length ? undefined : text;
}

interface TextRow {
  readonly is: (text: string, head: string) => boolean;
  readonly label: Words;
  readonly cure: Words;
}

const lines = (text: string): string[] => text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== "");

/** Most of the first lines are of the form. */
function mostLines(text: string, form: RegExp, least = 1): boolean {
  const first = lines(text).slice(0, 40);
  const fitting = first.filter((line) => form.test(line)).length;
  return fitting >= least && fitting >= 0.8 * first.length;
}

function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return /^\s*[{[]\s*(?:"|\{|\[|\})/.test(text);
  }
}

/** Lines of base64 alone, long enough to be no word, or the armour around it. */
function isBase64(text: string): boolean {
  if (/^\s*-----BEGIN [A-Z0-9 ]+-----/.test(text) || /^\s*data:[\w/+.-]*;base64,/.test(text)) return true;
  const all = text.trim();
  if (all.length < 24 || !/^[A-Za-z0-9+/_\s-]+={0,2}\s*$/.test(all) || /[a-z] [a-z]/.test(all)) return false;
  const digits = all.replace(/\s/g, "");
  return (
    digits.length >= 24 && (digits.length >= 64 || /\d/.test(digits)) && /[A-Z]/.test(digits) && /[a-z]/.test(digits)
  );
}

const HEX_LINE =
  /^\s*(?:(?:0x)?[0-9a-f]{4,16}[:\s]\s*)?(?:(?:0x|\\x)?[0-9a-f]{2,8}[\s,:;-]*){2,}(?:\|.*\||\s{2,}.*|[^\s]{1,16})?\s*$/i;

/** The first that fits is told. */
const KINDS: readonly TextRow[] = [
  {
    is: (text) => /^version https:\/\/(?:git-lfs\.github\.com|hawser\.github\.com)\/spec\//.test(text),
    label: words`Git LFS pointer`,
    cure: words`it stands for a file that was not fetched: run git lfs pull, or use the download link of the page`,
  },
  {
    is: (_, head) => /^(?:<!--[\s\S]*?-->\s*)?<(?:!doctype html|html|head|body|title|script|meta)\b/i.test(head),
    label: words`web page (HTML)`,
    cure: DOWNLOAD_AGAIN,
  },
  { is: (_, head) => /^<(?:\?xml|[a-z][\w:.-]*[\s/>])/i.test(head), label: words`XML text`, cure: DOWNLOAD_AGAIN },
  { is: (text) => isJson(text), label: words`JSON text`, cure: NOT_A_FILE_OF_A_BUILD },
  {
    is: (text) => mostLines(text, /^:[0-9a-f]{10,}\s*$/i),
    label: words`Intel HEX text`,
    cure: DECODE,
  },
  { is: (text) => mostLines(text, /^S[0-9][0-9a-f]{6,}\s*$/i), label: words`Motorola S-record text`, cure: DECODE },
  {
    is: (text) => /^\s*begin(?:-base64)? [0-7]{3,4} /.test(text),
    label: words`uuencoded text`,
    cure: DECODE,
  },
  {
    is: (text) => /\b(?:char|uint8_t|byte|u8)\b[^;={}]{0,80}\[[^\]]*\]\s*(?:PROGMEM\s*)?=\s*\{/.test(text),
    label: words`program source with the bytes as an array`,
    cure: DECODE,
  },
  {
    is: (text) =>
      /^[^\n]*(?:0x[0-9a-f]{1,2}\s*,\s*){4}/i.test(text) ||
      mostLines(text, HEX_LINE) ||
      /^\s*[0-9a-f]{16,}\s*$/i.test(text),
    label: words`hex dump`,
    cure: DECODE,
  },
  { is: (text) => isBase64(text), label: words`base64 text`, cure: DECODE },
  {
    is: (text) =>
      mostLines(text, /^(?:\s*#.*|---\s*|\s*-\s.*|\s*-?\s*["']?[\w.-]+["']?:(?:\s.*)?)$/, 1) &&
      /^\s*[\w"'.-]+:/m.test(text),
    label: words`YAML text`,
    cure: words`it is what a build is made from: build it, and take firmware.uf2`,
  },
];

export function textKind(bytes: Uint8Array): ForeignContent | undefined {
  const text = textOf(bytes);
  if (text === undefined) return undefined;
  const head = text.replace(/^\ufeff?\s*/, "");
  const found = KINDS.find(({ is }) => is(text.replace(/^\ufeff/, ""), head));
  if (found !== undefined) return { label: found.label, cure: found.cure };
  return { label: words`plain text`, cure: DOWNLOAD_AGAIN };
}
