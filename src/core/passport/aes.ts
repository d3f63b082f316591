/**
 * AES-128 in ECB mode, decryption alone: what Tuya's storage is encrypted with. Web Crypto has no ECB and answers later; this runs in
 * a browser and at once. Source: FIPS 197.
 */
import { AES_BLOCK } from "./tuyaFormat";

const ROUNDS = 10;

/** Multiplication by two in GF(2^8) with the polynomial 0x11B. */
function twice(value: number): number {
  return ((value << 1) ^ (value & 0x80 ? 0x11b : 0)) & 0xff;
}

function times(a: number, b: number): number {
  let product = 0;
  for (let power = a, rest = b; rest > 0; rest >>>= 1, power = twice(power)) if (rest & 1) product ^= power;
  return product;
}

interface Tables {
  readonly sbox: Uint8Array;
  readonly inverse: Uint8Array;
  /** InvMixColumns of one byte in the first place of a column, most significant byte first; the others are its rotations. */
  readonly mix: Uint32Array;
}

function buildTables(): Tables {
  const sbox = new Uint8Array(256);
  const inverse = new Uint8Array(256);
  const mix = new Uint32Array(256);
  let p = 1;
  let q = 1;
  // p runs through all values but zero in powers of three, q through their inverses.
  do {
    p = p ^ twice(p);
    q ^= q << 1;
    q ^= q << 2;
    q ^= q << 4;
    q &= 0xff;
    if (q & 0x80) q ^= 0x09;
    const rotated = q ^ rotate8(q, 1) ^ rotate8(q, 2) ^ rotate8(q, 3) ^ rotate8(q, 4);
    sbox[p] = rotated ^ 0x63;
  } while (p !== 1);
  sbox[0] = 0x63;
  for (let value = 0; value < 256; value++) inverse[sbox[value] as number] = value;
  for (let value = 0; value < 256; value++)
    mix[value] =
      ((times(value, 14) << 24) | (times(value, 9) << 16) | (times(value, 13) << 8) | times(value, 11)) >>> 0;
  return { sbox, inverse, mix };
}

function rotate8(value: number, by: number): number {
  return ((value << by) | (value >>> (8 - by))) & 0xff;
}

const { sbox: SBOX, inverse: INVERSE, mix: MIX } = buildTables();

function mixed(word: number): number {
  const at = (shift: number): number => MIX[(word >>> shift) & 0xff] as number;
  const turned = (value: number, by: number): number => (value >>> by) | (value << (32 - by));
  return (at(24) ^ turned(at(16), 8) ^ turned(at(8), 16) ^ turned(at(0), 24)) >>> 0;
}

function substituted(word: number): number {
  const at = (shift: number): number => (SBOX[(word >>> shift) & 0xff] as number) << shift;
  return (at(24) | at(16) | at(8) | at(0)) >>> 0;
}

/** Round keys as words, most significant byte first, in the order in which decryption uses them, mixed already. */
function roundKeys(key: Uint8Array): Uint32Array {
  const words = new Uint32Array(4 * (ROUNDS + 1));
  for (let i = 0; i < 4; i++) {
    const at = 4 * i;
    words[i] =
      ((key[at] as number) << 24) |
      ((key[at + 1] as number) << 16) |
      ((key[at + 2] as number) << 8) |
      (key[at + 3] as number);
  }
  let constant = 1;
  for (let i = 4; i < words.length; i++) {
    let word = words[i - 1] as number;
    if (i % 4 === 0) {
      word = substituted((word << 8) | (word >>> 24)) ^ (constant << 24);
      constant = twice(constant);
    }
    words[i] = (words[i - 4] as number) ^ word;
  }
  const order = new Uint32Array(words.length);
  for (let round = 0; round <= ROUNDS; round++)
    for (let column = 0; column < 4; column++) {
      const word = words[4 * (ROUNDS - round) + column] as number;
      order[4 * round + column] = round === 0 || round === ROUNDS ? word : mixed(word);
    }
  return order;
}

/** Decrypts with one key; made once for many sectors. */
export class AesDecryptor {
  private readonly keys: Uint32Array;

  /** @param key 16 bytes; RangeError otherwise */
  constructor(key: Uint8Array) {
    if (key.length !== AES_BLOCK) throw new RangeError("an AES-128 key has 16 bytes");
    this.keys = roundKeys(key);
  }

  /** The whole blocks of `bytes[start, end)`, decrypted into a new array; a rest of less than 16 bytes is left out. */
  decrypt(bytes: Uint8Array, start = 0, end = bytes.length): Uint8Array {
    const out = new Uint8Array(Math.max(0, Math.floor((Math.min(end, bytes.length) - start) / AES_BLOCK)) * AES_BLOCK);
    for (let at = 0; at < out.length; at += AES_BLOCK) this.block(bytes, start + at, out, at);
    return out;
  }

  private block(from: Uint8Array, fromAt: number, to: Uint8Array, toAt: number): void {
    const keys = this.keys;
    const load = (column: number): number => {
      const at = fromAt + 4 * column;
      const word =
        ((from[at] as number) << 24) |
        ((from[at + 1] as number) << 16) |
        ((from[at + 2] as number) << 8) |
        (from[at + 3] as number);
      return word ^ (keys[column] as number);
    };
    let a = load(0);
    let b = load(1);
    let c = load(2);
    let d = load(3);
    const unshift = (w: number, x: number, y: number, z: number): number =>
      ((INVERSE[w >>> 24] as number) << 24) |
      ((INVERSE[(x >>> 16) & 0xff] as number) << 16) |
      ((INVERSE[(y >>> 8) & 0xff] as number) << 8) |
      (INVERSE[z & 0xff] as number);
    for (let round = 1; round <= ROUNDS; round++) {
      // InvShiftRows: row r of a column comes from the column r places before it.
      const columns = [unshift(a, d, c, b), unshift(b, a, d, c), unshift(c, b, a, d), unshift(d, c, b, a)];
      const next = (column: number): number => {
        const word = columns[column] as number;
        return (round === ROUNDS ? word : mixed(word)) ^ (keys[4 * round + column] as number);
      };
      a = next(0);
      b = next(1);
      c = next(2);
      d = next(3);
    }
    [a, b, c, d].forEach((word, column) => {
      const at = toAt + 4 * column;
      to[at] = word >>> 24;
      to[at + 1] = (word >>> 16) & 0xff;
      to[at + 2] = (word >>> 8) & 0xff;
      to[at + 3] = word & 0xff;
    });
  }
}
