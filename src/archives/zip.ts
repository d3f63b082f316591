/**
 * ZIP archives in memory: what their directory lists, and one file of it unpacked and checked. Format: PKWARE's APPNOTE; what is
 * compressed is unpacked by a library. Sizes are believed only as far as there is room for them.
 */
import { inflateSync } from "fflate/browser";
import { ImageError, crc32, words } from "../core/index";

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
/** Marks a size or place that stands in a field of ZIP64, which no archive of a firmware needs. */
const ZIP64 = 0xffffffff;
const ENCRYPTED = 1;
const UTF8 = 0x800;

export interface ZipEntry {
  readonly name: string;
  readonly size: number;
  readonly read: () => Uint8Array;
}

const damaged = (name: string, detail: ReturnType<typeof words>): ImageError =>
  new ImageError("image-corrupt", `open ${name}`, { file: name, detail });

/** @throws ImageError `image-corrupt` where the directory is damaged or cut off */
export function zipEntries(bytes: Uint8Array, fileName: string): readonly ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endOfDirectory(view);
  const broken = damaged(
    fileName,
    words`the ZIP archive is damaged or cut short: its directory is not where it should be`,
  );
  if (end === undefined) throw broken;
  const entries: ZipEntry[] = [];
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== ENTRY) throw broken;
    const flags = view.getUint16(at + 8, true);
    const nameEnd = at + 46 + view.getUint16(at + 28, true);
    const next = nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > end) throw broken;
    const name = new TextDecoder((flags & UTF8) !== 0 ? "utf-8" : "latin1").decode(bytes.subarray(at + 46, nameEnd));
    const entry = {
      name,
      flags,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      place: view.getUint32(at + 42, true),
    };
    if (!name.endsWith("/")) entries.push({ name, size: entry.size, read: () => unpack(view, bytes, entry) });
    at = next;
  }
  return entries;
}

/** The record is the last thing but for a comment of at most 65535 bytes. */
function endOfDirectory(view: DataView): number | undefined {
  const least = Math.max(0, view.byteLength - 22 - 0xffff);
  for (let at = view.byteLength - 22; at >= least; at--) if (view.getUint32(at, true) === END) return at;
  return undefined;
}

interface Packed {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly place: number;
}

/** @throws ImageError `image-foreign` where only another program could unpack it, `image-corrupt` */
function unpack(
  view: DataView,
  bytes: Uint8Array,
  { name, flags, method, crc, packed, size, place }: Packed,
): Uint8Array {
  const refuse = (detail: ReturnType<typeof words>): ImageError =>
    new ImageError("image-foreign", `unpack ${name}`, { file: name, detail });
  if ((flags & ENCRYPTED) !== 0)
    throw refuse(words`it is encrypted: unpack the archive with its password, then use the file itself`);
  if (method !== 0 && method !== 8)
    throw refuse(
      words`it is compressed in a way (${method}) that is not known here: unpack the archive, then use the file itself`,
    );
  const isHere =
    size !== ZIP64 && packed !== ZIP64 && place + 30 <= bytes.length && view.getUint32(place, true) === LOCAL;
  if (!isHere) throw damaged(name, words`the archive does not hold it where its directory says`);
  const start = place + 30 + view.getUint16(place + 26, true) + view.getUint16(place + 28, true);
  const data = bytes.subarray(start, start + packed);
  const out = data.length < packed ? undefined : method === 0 ? data : inflated(data, size);
  if (out?.length !== size || crc32(out) !== crc)
    throw damaged(name, words`it is damaged in the archive: its checksum does not hold`);
  return out;
}

function inflated(data: Uint8Array, size: number): Uint8Array | undefined {
  try {
    return inflateSync(data, { out: new Uint8Array(size) });
  } catch {
    return undefined;
  }
}
