/** Tar archives: which files are in them and where. Format: POSIX ustar, with GNU's long names and pax headers. */
import { textUntilNul } from "../../base/bytes";

const RECORD = 512;
const CHECKSUM_AT = 148;

export interface TarFile {
  readonly name: string;
  readonly data: Uint8Array;
}

/** A number in octal digits, or in GNU's base 256 form; undefined where it is neither. */
function numberAt(header: Uint8Array, at: number, length: number): number | undefined {
  const field = header.subarray(at, at + length);
  const first = field[0] ?? 0;
  if (first === 0x80) return field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
  const text = String.fromCharCode(...field)
    .replace(/\0.*$/s, "")
    .trim();
  return /^[0-7]*$/.test(text) ? parseInt(text === "" ? "0" : text, 8) : undefined;
}

/** The header's own sum holds, counting its eight bytes as blanks; undefined for anything else. */
function checkedHeader(bytes: Uint8Array, at: number): Uint8Array | undefined {
  if (at + RECORD > bytes.length) return undefined;
  const header = bytes.subarray(at, at + RECORD);
  if (header[0] === 0) return undefined;
  let sum = 0;
  for (let i = 0; i < RECORD; i++) sum += i >= CHECKSUM_AT && i < CHECKSUM_AT + 8 ? 0x20 : (header[i] as number);
  return numberAt(header, CHECKSUM_AT, 8) === sum ? header : undefined;
}

export function isTar(bytes: Uint8Array): boolean {
  return checkedHeader(bytes, 0) !== undefined;
}

/** The `path` of a pax header: records of `LENGTH KEY=VALUE`, each ended by a line feed. */
function paxPath(data: Uint8Array): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(new TextDecoder().decode(data))?.[1];
}

/**
 * The plain files of an archive, in its order, as views into it. Ends at the first header that does not hold.
 * @returns `whole` false where the archive is cut or damaged before its end
 */
export function tarFiles(bytes: Uint8Array): { readonly files: readonly TarFile[]; readonly whole: boolean } {
  const files: TarFile[] = [];
  let longName: string | undefined;
  let at = 0;
  while (at < bytes.length) {
    const header = checkedHeader(bytes, at);
    if (header === undefined) return { files, whole: bytes[at] === 0 };
    const size = numberAt(header, 124, 12) ?? Number.MAX_SAFE_INTEGER;
    const data = bytes.subarray(at + RECORD, at + RECORD + size);
    if (data.length < size) return { files, whole: false };
    const kind = String.fromCharCode(header[156] as number);
    const isUstar = textUntilNul(header.subarray(257, 262)) === "ustar";
    const prefix = isUstar && header[263] === 0x30 ? textUntilNul(header.subarray(345, 500)) : "";
    if (kind === "L") longName = textUntilNul(data);
    else if (kind === "x") longName = paxPath(data) ?? longName;
    else if (kind !== "g") {
      const name = longName ?? `${prefix === "" ? "" : `${prefix}/`}${textUntilNul(header.subarray(0, 100))}`;
      longName = undefined;
      if ((kind === "0" || kind === "\0" || kind === "7") && !name.endsWith("/")) files.push({ name, data });
    }
    at += RECORD + Math.ceil(size / RECORD) * RECORD;
  }
  return { files, whole: true };
}
