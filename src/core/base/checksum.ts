/**
 * The three checksums of Beken images and loaders.
 * Sources: CRC-32 is IEEE 802.3 (zlib); CRC-16/CMS and FNV-1a as described in docs/formats.md.
 */

const CRC32_TABLES = buildCrc32Tables();
const CRC16_TABLE = buildCrc16Table();

/** Slicing-by-4: four table look-ups a word; about four times a byte loop. */
function buildCrc32Tables(): readonly Uint32Array[] {
  const first = new Uint32Array(256);
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    first[n] = c;
  }
  const tables = [first];
  for (let t = 1; t < 4; t++) {
    const previous = tables[t - 1] as Uint32Array;
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
  const [t0, t1, t2, t3] = CRC32_TABLES as unknown as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  let c = raw | 0;
  let i = start;
  for (const stop = end - 3; i < stop; i += 4) {
    c ^=
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24);
    c =
      (t3[c & 0xff] as number) ^
      (t2[(c >>> 8) & 0xff] as number) ^
      (t1[(c >>> 16) & 0xff] as number) ^
      (t0[c >>> 24] as number);
  }
  for (; i < end; i++) c = (c >>> 8) ^ (t0[(c ^ (bytes[i] as number)) & 0xff] as number);
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
