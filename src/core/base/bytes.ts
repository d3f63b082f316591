/** Byte helpers shared by every layer. All integers on Beken wires and in its images are little-endian unless a name says otherwise. */

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Little-endian unsigned 32 bits at `offset`. Throws RangeError past the end. */
export function readU32(bytes: Uint8Array, offset: number): number {
  return viewOf(bytes).getUint32(offset, true);
}

/** Little-endian unsigned 16 bits at `offset`. Throws RangeError past the end. */
export function readU16(bytes: Uint8Array, offset: number): number {
  return viewOf(bytes).getUint16(offset, true);
}

/** Big-endian unsigned 32 bits at `offset`. Throws RangeError past the end. */
export function readU32be(bytes: Uint8Array, offset: number): number {
  return viewOf(bytes).getUint32(offset, false);
}

/** Four bytes, little-endian. */
export function u32(value: number): Uint8Array {
  const out = new Uint8Array(4);
  viewOf(out).setUint32(0, value, true);
  return out;
}

/** Two bytes, little-endian. */
export function u16(value: number): Uint8Array {
  const out = new Uint8Array(2);
  viewOf(out).setUint16(0, value, true);
  return out;
}

export function concat(...parts: readonly ArrayLike<number>[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** True when every byte of `bytes[start, end)` is `value`. */
export function isFilledWith(bytes: Uint8Array, value: number, start = 0, end = bytes.length): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== value) return false;
  return true;
}

/** Lower-case hex without separators. */
export function toHex(bytes: ArrayLike<number>): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += (bytes[i] ?? 0).toString(16).padStart(2, "0");
  return text;
}

/** Reads hex with or without spaces. Throws RangeError on anything else. */
export function fromHex(text: string): Uint8Array {
  const clean = text.replace(/\s+/g, "");
  if (clean.length % 2 !== 0 || /[^0-9a-f]/i.test(clean)) throw new RangeError("not hex");
  const out = new Uint8Array(clean.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = parseInt(clean.slice(2 * i, 2 * i + 2), 16);
  return out;
}

/** An address or length as people of this field write it: `0x011000`. */
export function hexAddress(value: number): string {
  return `0x${value.toString(16).toUpperCase().padStart(6, "0")}`;
}

/** A 32-bit value as eight upper-case hex digits, as fingerprints are quoted. */
export function hex32(value: number): string {
  return (value >>> 0).toString(16).toUpperCase().padStart(8, "0");
}

export function alignDown(value: number, unit: number): number {
  return value - (value % unit);
}

export function alignUp(value: number, unit: number): number {
  return alignDown(value + unit - 1, unit);
}

/** Text up to the first NUL, bytes outside printable ASCII dropped. */
export function textUntilNul(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    if (byte === 0) break;
    if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
  }
  return text;
}

/** One character for each byte, to look for readable text in; only the ASCII ones mean anything. */
export function asText(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

/** ASCII bytes of `text`. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0) & 0xff);
}
