/**
 * The three checksums of Beken images and loaders.
 * Sources: CRC-32 is IEEE 802.3 (zlib); CRC-16/CMS and FNV-1a as described in docs/formats.md.
 */

const [T0, T1, T2, T3, T4, T5, T6, T7] = buildCrc32Tables() as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];
const CRC16_TABLE = buildCrc16Table();

/** Slicing-by-8: eight table look-ups for eight bytes; about eight times a byte loop. */
function buildCrc32Tables(): readonly Int32Array[] {
  const first = new Int32Array(256);
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    first[n] = c;
  }
  const tables = [first];
  for (let t = 1; t < 8; t++) {
    const previous = tables[t - 1] as Int32Array;
    tables.push(previous.map((c) => (c >>> 8) ^ (first[c & 0xff] as number)));
  }
  return tables;
}

function buildCrc16Table(): Uint16Array {
  return Uint16Array.from({ length: 256 }, (_, n) => {
    let c = n << 8;
    for (let k = 0; k < 8; k++) c = c & 0x8000 ? (c << 1) ^ 0x8005 : c << 1;
    return c & 0xffff;
  });
}

/** The value a CRC-32 starts from, and that a loader answers for an empty range. */
export const CRC32_START = 0xffffffff;

/**
 * Feeds bytes into a CRC-32 that is *not* inverted at the end: the form Beken loaders answer with.
 * @param raw value so far, {@link CRC32_START} to begin
 */
export function crc32Raw(bytes: Uint8Array, raw: number = CRC32_START, start = 0, end = bytes.length): number {
  let c = raw | 0;
  let i = start;
  for (const stop = end - 7; i < stop; i += 8) {
    const x =
      c ^
      ((bytes[i] as number) |
        ((bytes[i + 1] as number) << 8) |
        ((bytes[i + 2] as number) << 16) |
        ((bytes[i + 3] as number) << 24));
    c =
      (T7[x & 0xff] as number) ^
      (T6[(x >>> 8) & 0xff] as number) ^
      (T5[(x >>> 16) & 0xff] as number) ^
      (T4[x >>> 24] as number) ^
      (T3[bytes[i + 4] as number] as number) ^
      (T2[bytes[i + 5] as number] as number) ^
      (T1[bytes[i + 6] as number] as number) ^
      (T0[bytes[i + 7] as number] as number);
  }
  for (; i < end; i++) c = (c >>> 8) ^ (T0[(c ^ (bytes[i] as number)) & 0xff] as number);
  return c >>> 0;
}

/** The usual CRC-32 (zlib), unsigned. */
export function crc32(bytes: Uint8Array, start = 0, end = bytes.length): number {
  return ~crc32Raw(bytes, CRC32_START, start, end) >>> 0;
}

/** CRC-16/CMS over `bytes[start, end)`: polynomial 8005, start FFFF, not reflected, no final XOR. Stored big-endian in flash. */
export function crc16(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let c = 0xffff;
  for (let i = start; i < end; i++) {
    c = ((c << 8) & 0xffff) ^ (CRC16_TABLE[(c >>> 8) ^ (bytes[i] as number)] as number);
  }
  return c;
}

/** FNV-1a, 32 bits: the "hash" field of an RBL header. */
export function fnv1a(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let h = 0x811c9dc5;
  for (let i = start; i < end; i++) h = Math.imul(h ^ (bytes[i] as number), 0x01000193);
  return h >>> 0;
}
