/**
 * What leaves the host, read as a chip would read it: which frames there are, and what those that change flash change.
 * The campaign's own reading of the protocol, which shares nothing with the encoder that it judges. Source: docs/protocol.md.
 */

export type FlashFrame =
  | { readonly kind: "erase"; readonly at: number; readonly length: number }
  | { readonly kind: "program"; readonly at: number; readonly data: Uint8Array }
  /** Register bits, first status byte lowest; the mask says which of them it sets. */
  | { readonly kind: "status"; readonly value: number }
  /** Nothing that a flasher needs. */
  | { readonly kind: "forbidden"; readonly what: string };

const HEAD = [0x01, 0xe0, 0xfc];
const LONG = [0xff, 0xf4];
const UNIT: Readonly<Record<number, number>> = { 0x20: 0x1000, 0x52: 0x8000, 0xd8: 0x10000 };
const EFUSE_CONTROL = 0x800074;
const BURN = 0x02;
const READING_SPI = [0x05, 0x15, 0x35, 0x4b, 0x5a, 0x90, 0x9f];

/** Frames come whole: what the host writes at once is frames one behind the other, filler between them. */
export function flashFrames(bytes: Uint8Array): FlashFrame[] {
  const found: FlashFrame[] = [];
  for (let at = 0; at + 5 <= bytes.length;) {
    if (!HEAD.every((byte, i) => bytes[at + i] === byte)) {
      at++;
      continue;
    }
    const long = LONG.every((byte, i) => bytes[at + 3 + i] === byte);
    const from = at + (long ? 7 : 4);
    const length = long ? (bytes[at + 5] as number) | ((bytes[at + 6] as number) << 8) : (bytes[at + 3] as number);
    const body = bytes.subarray(from, from + length);
    const frame = long ? longFrame(body) : shortFrame(body);
    if (frame) found.push(frame);
    at = from + length;
  }
  return found;
}

function shortFrame(body: Uint8Array): FlashFrame | undefined {
  if (body[0] !== 0x01 || body.length < 9) return undefined;
  const address = word(body, 1);
  const value = word(body, 5);
  if (address !== EFUSE_CONTROL) return { kind: "forbidden", what: `a write of register ${address.toString(16)}` };
  return (value & BURN) === 0 ? undefined : { kind: "forbidden", what: "a burned fuse" };
}

function longFrame(body: Uint8Array): FlashFrame | undefined {
  switch (body[0]) {
    case 0x06:
    case 0x07:
      return { kind: "program", at: word(body, 1), data: body.slice(5) };
    case 0x0a:
      return { kind: "forbidden", what: "an erase of the whole chip" };
    case 0x0b:
      return { kind: "erase", at: word(body, 1), length: 0x1000 };
    case 0x0d:
      return body[1] === 0x31
        ? { kind: "status", value: (body[2] ?? 0) << 8 }
        : { kind: "status", value: (body[2] ?? 0) | ((body[3] ?? 0) << 8) };
    case 0x0e:
      return READING_SPI.includes(body[1] as number)
        ? undefined
        : { kind: "forbidden", what: `the flash command ${body[1]?.toString(16)}` };
    case 0x0f: {
      const unit = UNIT[body[1] as number];
      if (unit === undefined) return { kind: "forbidden", what: `an erase of unit ${body[1]?.toString(16)}` };
      const address = word(body, 2);
      return { kind: "erase", at: address - (address % unit), length: unit };
    }
    default:
      return undefined;
  }
}

function word(bytes: Uint8Array, at: number): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).readUInt32LE(at);
}
