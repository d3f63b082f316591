/** Looks for bytes or text in a file, a piece at a time, so that whoever asks can stop it. */
import { words, type Words } from "../base/words";

/** What is looked for. */
export interface Needle {
  readonly bytes: Uint8Array;
  /** Letters of ASCII count as the same, large or small. */
  readonly foldsCase: boolean;
}

export interface SearchStep {
  /** Places found in this piece, ascending. */
  readonly found: readonly number[];
  /** Up to where it has been looked, bytes. */
  readonly done: number;
}

/** Bytes looked through between two steps: some milliseconds. */
const STEP = 0x40000;
const LONGEST_NEEDLE = 4096;

/**
 * @param text of `hex`: pairs of digits, with or without spaces, colons or a leading 0x; of `text`: itself, as UTF-8
 * @returns why not, where it is neither
 */
export function needleOf(text: string, as: "hex" | "text"): Needle | Words {
  if (as === "text") {
    const bytes = new TextEncoder().encode(text);
    return fits(bytes.length) ? { bytes, foldsCase: true } : words`There is nothing to look for, or too much.`;
  }
  const digits = text.replace(/0x/gi, "").replace(/[\s:,_-]/g, "");
  if (!/^(?:[0-9a-f]{2})+$/i.test(digits) || !fits(digits.length / 2))
    return words`Bytes are pairs of hex digits, such as 54 4C 56.`;
  const pairs = digits.match(/../g) ?? [];
  return { bytes: Uint8Array.from(pairs, (pair) => parseInt(pair, 16)), foldsCase: false };
}

const fits = (length: number): boolean => length > 0 && length <= LONGEST_NEEDLE;

const lower = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);

/** Every place where the needle begins, overlapping ones too. */
export function* searchBytes(
  bytes: Uint8Array,
  { bytes: wanted, foldsCase }: Needle,
  step = STEP,
): Generator<SearchStep> {
  const fold = foldsCase ? lower : (byte: number): number => byte;
  const needle = wanted.map(fold);
  const [first] = needle;
  const last = bytes.length - needle.length;
  // A place belongs to the piece it begins in; its end may lie in the next.
  for (let start = 0; start <= last; start += step) {
    const end = Math.min(last + 1, start + step);
    const found: number[] = [];
    for (let at = start; at < end; at++) {
      if (fold(bytes[at] as number) !== first) continue;
      let length = 1;
      while (length < needle.length && fold(bytes[at + length] as number) === needle[length]) length++;
      if (length === needle.length) found.push(at);
    }
    yield { found, done: end };
  }
}
