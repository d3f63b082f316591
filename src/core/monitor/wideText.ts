/** A saved log may be in UTF-16, as PowerShell and Notepad write it: turned into UTF-8 as it comes, anything else left as it is. */

type Width = "undecided" | "narrow" | "little" | "big";

/** Bytes that tell: a mark of two and the first letter, or four letters. */
const TELLING_WITH_MARK = 4;
const TELLING = 8;
/** The first letter of a log is one of these. */
const isAscii = (byte: number): boolean => byte > 0 && byte < 0x80;

export class WideText {
  private width: Width = "undecided";
  private held = new Uint8Array(0);
  private decoder: InstanceType<typeof TextDecoder> | undefined;

  /** @returns bytes of UTF-8, or the very bytes where they are none of UTF-16; what tells comes later than its bytes */
  push(bytes: Uint8Array): Uint8Array {
    if (this.width === "narrow") return bytes;
    if (this.width !== "undecided") return this.narrow(bytes);
    const all = new Uint8Array(this.held.length + bytes.length);
    all.set(this.held);
    all.set(bytes, this.held.length);
    this.width = widthOf(all);
    this.held = this.width === "undecided" ? all : new Uint8Array(0);
    if (this.width === "undecided") return this.held.subarray(0, 0);
    return this.width === "narrow" ? all : this.narrow(all);
  }

  /** What was held back and told nothing. */
  end(): Uint8Array {
    const rest = this.held;
    this.held = new Uint8Array(0);
    return rest;
  }

  private narrow(bytes: Uint8Array): Uint8Array {
    this.decoder ??= new TextDecoder(this.width === "little" ? "utf-16le" : "utf-16be");
    return new TextEncoder().encode(this.decoder.decode(bytes, { stream: true }));
  }
}

/** A mark alone may be a glitch of the supply, and so may a NUL: a mark and a letter, or four letters, are none. The mark may have been cut off. */
function widthOf(bytes: Uint8Array): Width {
  const width = (["little", "big"] as const).find((one) => mayBe(bytes.subarray(0, TELLING), one));
  if (width === undefined) return "narrow";
  return bytes.length < (isMark(bytes, width) ? TELLING_WITH_MARK : TELLING) ? "undecided" : width;
}

function mayBe(bytes: Uint8Array, width: "little" | "big"): boolean {
  const isLetter = (byte: number, i: number): boolean =>
    (i % 2 === 0) === (width === "little") ? isAscii(byte) : byte === 0;
  if (!isMark(bytes, width)) return bytes.every(isLetter);
  return bytes.subarray(2, TELLING_WITH_MARK).every(isLetter);
}

/** Whether bytes begin with the mark, as far as they go. */
function isMark(bytes: Uint8Array, width: "little" | "big"): boolean {
  const mark = width === "little" ? [0xff, 0xfe] : [0xfe, 0xff];
  return bytes.subarray(0, 2).every((byte, i) => byte === mark[i]);
}
