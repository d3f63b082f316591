/** A saved log may be in UTF-16, as PowerShell and Notepad write it: turned into UTF-8 as it comes, anything else left as it is. */

type Width = "undecided" | "narrow" | "little" | "big";

/** Bytes that tell: a mark of two, and the first letter. */
const TELLING = 4;
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

/** A mark alone may be a glitch of the supply, and so may a NUL: both together are none. */
function widthOf(bytes: Uint8Array): Width {
  const [a, b, c, d] = bytes;
  const mayBe = a === undefined || (a === 0xff && (b ?? 0xfe) === 0xfe) || (a === 0xfe && (b ?? 0xff) === 0xff);
  if (!mayBe) return "narrow";
  if (bytes.length < TELLING || c === undefined || d === undefined) return "undecided";
  if (a === 0xff && isAscii(c) && d === 0) return "little";
  return a === 0xfe && c === 0 && isAscii(d) ? "big" : "narrow";
}
