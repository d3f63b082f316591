/** gzip files in memory, unpacked by a library in pieces, so that a small file never becomes more than there is room for. */
import { Gunzip } from "fflate/browser";
import { ImageError, concat, crc32, words } from "../core/index";

const PIECE = 0x10000;
const SHORTEST_HEADER = 10;
/** Checksum and length behind each member. */
const TRAILER = 8;

/** The name that the file had before, where its header tells. */
export function gzipName(bytes: Uint8Array, fileName: string): string {
  const flags = bytes[3] ?? 0;
  const inName = fileName.replace(/\.tgz$/i, ".tar").replace(/\.gz$/i, "");
  if ((flags & 8) === 0) return inName;
  const extra = (flags & 4) === 0 ? 0 : 2 + (bytes[10] ?? 0) + 0x100 * (bytes[11] ?? 0);
  const start = 10 + extra;
  const end = bytes.indexOf(0, start);
  return end > start && end - start < 256 ? new TextDecoder("latin1").decode(bytes.subarray(start, end)) : inName;
}

/**
 * What a gzip holds, of all its members, each held to its own checksum and length: the library looks at neither.
 * @throws ImageError `image-too-large` past `most` bytes, `image-corrupt`
 */
export function gunzipped(bytes: Uint8Array, fileName: string, most: number): Uint8Array {
  const doing = `open ${fileName}`;
  const parts: Uint8Array[] = [];
  let length = 0;
  /** Where the member begins that is being unpacked, and which part is its first. */
  let [memberAt, firstPart] = [0, 0];
  const stream = new Gunzip((part) => {
    length += part.length;
    if (length > most) throw new ImageError("image-too-large", doing, { file: fileName, length });
    parts.push(part);
  });
  stream.onmember = (at) => {
    const member = concat(...parts.slice(firstPart));
    if (!isTrailer(bytes, at - TRAILER, crc32(member), member.length)) throw broken(doing, fileName);
    [memberAt, firstPart] = [at, parts.length];
  };
  try {
    for (let at = 0; at < bytes.length; at += PIECE)
      stream.push(bytes.subarray(at, at + PIECE), at + PIECE >= bytes.length);
  } catch (error) {
    if (error instanceof ImageError) throw error;
    // What follows the last member may be none: it is the last one's checksum that tells.
  }
  const last = concat(...parts.slice(firstPart));
  const crc = crc32(last);
  for (let at = bytes.length - TRAILER; at >= memberAt + SHORTEST_HEADER; at--)
    if (isTrailer(bytes, at, crc, last.length)) return concat(...parts);
  throw broken(doing, fileName);
}

/** Checksum and length of what was packed; behind the last member's something else may follow: a line end, padding. */
function isTrailer(bytes: Uint8Array, at: number, crc: number, length: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint32(at, true) === crc && view.getUint32(at + 4, true) === length;
}

function broken(doing: string, file: string): ImageError {
  return new ImageError("image-corrupt", doing, {
    file,
    detail: words`the gzip archive is damaged or cut short: its checksum does not hold`,
  });
}
