/**
 * Finds many secrets in one text at once, each in every form it can be met in, in steps that grow with the text and not with how many
 * secrets there are: all forms hang on one tree, and one walk over the text tells where any of them ends (Aho and Corasick).
 */
import { decimalForm, hexForms, macForms, textForms } from "./secretForms";

/** Longer trees are no log's: what comes after is removed under its name only. */
const MOST_NODES = 1 << 20;
/** In one node's key the lower part is the character. */
const CHARACTERS = 0x10000;
/** Matches nothing. */
const BREAK = 0;

/** Called with how many steps were made: tests hold them against the length of the text. */
export type CountSteps = (steps: number) => void;

class Tree {
  private readonly children = new Map<number, number>();
  private readonly parent: number[] = [0];
  private readonly char: number[] = [0];
  private readonly depth: number[] = [0];
  private readonly ends: boolean[] = [false];
  private fallback = new Uint32Array(0);
  /** Length of the longest form that ends at a node, by itself or as its tail. */
  private longest = new Uint32Array(0);

  add(form: string): void {
    if (form.length === 0 || this.depth.length + form.length > MOST_NODES) return;
    let node = 0;
    for (let i = 0; i < form.length; i++) {
      const key = node * CHARACTERS + form.charCodeAt(i);
      let child = this.children.get(key);
      if (child === undefined) {
        child = this.depth.length;
        this.children.set(key, child);
        this.parent.push(node);
        this.char.push(form.charCodeAt(i));
        this.depth.push((this.depth[node] as number) + 1);
        this.ends.push(false);
      }
      node = child;
    }
    this.ends[node] = true;
  }

  get isEmpty(): boolean {
    return this.depth.length === 1;
  }

  /**
   * Links every node with the longest tail of it that is the start of another form.
   * @returns how many nodes there are
   */
  link(): number {
    const size = this.depth.length;
    this.fallback = new Uint32Array(size);
    this.longest = new Uint32Array(size);
    const byDepth: number[][] = [];
    for (let node = 1; node < size; node++) (byDepth[this.depth[node] as number] ??= []).push(node);
    for (const node of byDepth.flat()) {
      const parent = this.parent[node] as number;
      const tail = parent === 0 ? 0 : this.step(this.fallback[parent] as number, this.char[node] as number);
      this.fallback[node] = tail;
      this.longest[node] = this.ends[node] === true ? (this.depth[node] as number) : (this.longest[tail] as number);
    }
    return size;
  }

  private step(from: number, char: number): number {
    let node = from;
    for (;;) {
      const child = this.children.get(node * CHARACTERS + char);
      if (child !== undefined) return child;
      if (node === 0) return 0;
      node = this.fallback[node] as number;
    }
  }

  /** Calls `found` with the place of the first and last character of what ends somewhere. */
  walk(chars: Uint16Array, length: number, found: (first: number, last: number) => void): void {
    let node = 0;
    for (let i = 0; i < length; i++) {
      node = this.step(node, chars[i] as number);
      const reach = this.longest[node] as number;
      if (reach > 0) found(i - reach + 1, i);
    }
  }
}

/** Characters of a text that are left when a form's own separators are gone, and where each came from. */
class Stream {
  private readonly chars: Uint16Array;
  private readonly places: Uint32Array;
  private length = 0;

  constructor(most: number) {
    this.chars = new Uint16Array(most);
    this.places = new Uint32Array(most);
  }

  push(char: number, place: number): void {
    this.chars[this.length] = char;
    this.places[this.length++] = place;
  }

  /** Once for each run of what matches nothing. */
  cut(place: number): void {
    if (this.length > 0 && this.chars[this.length - 1] !== BREAK) this.push(BREAK, place);
  }

  search(tree: Tree, marks: Int32Array): void {
    if (tree.isEmpty) return;
    tree.walk(this.chars, this.length, (first, last) => {
      marks[this.places[first] as number] = (marks[this.places[first] as number] as number) + 1;
      const behind = (this.places[last] as number) + 1;
      marks[behind] = (marks[behind] as number) - 1;
    });
  }
}

const code = (char: string): number => char.charCodeAt(0);
const isHex = (char: number): boolean => (char >= 48 && char <= 57) || (char >= 97 && char <= 102);
const isDigit = (char: number): boolean => char >= 48 && char <= 57;
const isSpace = (char: number): boolean => char === 32 || (char >= 9 && char <= 13) || char === 0xa0;
const OPEN = 0xe000;
const CLOSE = 0xe001;
const HEX_SEPARATORS = new Set([":", ",", ";", "_", "-", "%", "\\"].map(code));
const JOINTS = new Set(["+", ".", ",", "\\"].map(code));
const QUOTES = new Set(['"', "'"].map(code));

/** Lower case without a change of length. */
function folded(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  return Array.from({ length: text.length }, (_, i) => {
    const char = (text[i] as string).toLowerCase();
    return char.length === 1 ? char : (text[i] as string);
  }).join("");
}

export class SecretSearch {
  private readonly texts = new Tree();
  private readonly hex = new Tree();
  private readonly decimal = new Tree();

  /** @param macs each as twelve hex digits in lower case */
  constructor(
    secrets: Iterable<string>,
    macs: Iterable<string>,
    private readonly count: CountSteps = () => undefined,
  ) {
    // What a person would read first, and short before long: room that runs out must not cost a password.
    const inOrder = [...secrets].sort((a, b) => a.length - b.length);
    for (const secret of inOrder) this.texts.add(folded(secret));
    for (const secret of inOrder) {
      for (const form of textForms(secret)) this.texts.add(folded(form));
      for (const form of hexForms(secret)) this.hex.add(form);
      this.decimal.add(decimalForm(secret));
    }
    for (const mac of macs) {
      const { hex, decimal } = macForms(mac);
      for (const form of hex) this.hex.add(form);
      this.decimal.add(decimal);
    }
    for (const tree of [this.texts, this.hex, this.decimal]) this.count(tree.link());
  }

  /** The text with everything that was found replaced, neighbours and what overlaps as one. */
  remove(text: string, by: string): string {
    const marks = new Int32Array(text.length + 1);
    const lower = folded(text);
    for (const stream of [plain(lower), joined(lower)]) stream.search(this.texts, marks);
    hexDigits(lower).search(this.hex, marks);
    decimals(lower).search(this.decimal, marks);
    this.count(5 * text.length);
    const pieces: string[] = [];
    let depth = 0;
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const before = depth;
      depth += marks[at] as number;
      if (before === 0 && depth > 0) pieces.push(text.slice(from, at));
      if (before > 0 && depth === 0) {
        pieces.push(by);
        from = at;
      }
    }
    return [...pieces, depth > 0 ? by : text.slice(from)].join("");
  }
}

function plain(text: string): Stream {
  const stream = new Stream(text.length);
  for (let at = 0; at < text.length; at++) stream.push(text.charCodeAt(at), at);
  return stream;
}

/** Without line ends and the blanks around them, and without what joins two quoted pieces: `"hun" + "ter2"`. */
function joined(text: string): Stream {
  const stream = new Stream(text.length);
  let at = 0;
  while (at < text.length) {
    const char = text.charCodeAt(at);
    const next = QUOTES.has(char)
      ? overJoint(text, at, char)
      : isLineEnd(char) || char === 0x5c
        ? overLineEnd(text, at)
        : at;
    if (next === at) {
      stream.push(char, at);
      at++;
    } else at = next;
  }
  return stream;
}

const isLineEnd = (char: number): boolean => char === 10 || char === 13;

/** Behind a line end with its backslash and the next line's blanks; `at` where there is none. */
function overLineEnd(text: string, at: number): number {
  let end = text.charCodeAt(at) === 0x5c ? at + 1 : at;
  if (!isLineEnd(text.charCodeAt(end))) return at;
  while (end < text.length && isSpace(text.charCodeAt(end))) end++;
  return end;
}

/** Behind the second quote of a joint, at most 64 characters on; `at` where there is none. */
function overJoint(text: string, at: number, quote: number): number {
  for (let end = at + 1; end < text.length && end < at + 64; end++) {
    const char = text.charCodeAt(end);
    if (char === quote) return end + 1;
    if (!isSpace(char) && !JOINTS.has(char)) return at;
  }
  return at;
}

/** Digits of `41 42`, `41:42`, `0x41, 0x42`, `\x41\x42`, `%41%42` alone. */
function hexDigits(text: string): Stream {
  const stream = new Stream(text.length);
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    const next = text.charCodeAt(at + 1);
    if (char === OPEN) at = overHead(text, at, stream);
    else if (next === 120 && (char === 48 || char === 0x5c)) at++;
    else if (isHex(char)) stream.push(char, at);
    else if (!isSpace(char) && !HEX_SEPARATORS.has(char)) stream.cut(at);
  }
  return stream;
}

/** Numbers with commas between, blanks left out. */
function decimals(text: string): Stream {
  const stream = new Stream(text.length);
  let blank = false;
  let last = BREAK;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (isSpace(char)) {
      blank = true;
      continue;
    }
    // Two numbers with nothing but blanks between are no list.
    if (blank && isDigit(char) && isDigit(last)) stream.cut(at);
    blank = false;
    last = char;
    if (char === OPEN) at = overHead(text, at, stream);
    else if (isDigit(char) || char === 44) stream.push(char, at);
    else stream.cut(at);
  }
  return stream;
}

/** A held place has digits of its own, which are no secret's. */
function overHead(text: string, at: number, stream: Stream): number {
  stream.cut(at);
  let end = at;
  while (end < text.length && text.charCodeAt(end) !== CLOSE) end++;
  return end;
}
