/**
 * Firmware inside an archive: opened in memory, each file told by its content, and the one that is meant. Bounded, archives in
 * archives and all together: so many files, so many bytes, so deep.
 */
import {
  FileError,
  ImageError,
  foreignContent,
  recogniseFile,
  tarFiles,
  visible,
  words,
  type ArchiveKind,
  type FirmwareImage,
  type NamedFile,
} from "../core/index";
import { gunzipped, gzipName } from "./gzip";
import { zipEntries } from "./zip";

/** Of all files of an archive together; a flash has 16 MiB at most. */
const MOST_BYTES = 64 * 0x100000;
const MOST_FILES = 2000;
/** Archives inside one another: a release in a download in a mail; one that holds itself ends here. */
const DEEPEST = 5;
/** As many names stand in a message. */
const MOST_NAMES = 12;

/** By its own name alone, without folders. */
export interface ArchivedFile extends NamedFile {
  /** With its folders in the archive; of an archive inside the archive behind that one's name and a `#`. */
  readonly path: string;
  readonly image: FirmwareImage;
}

export interface Archive {
  readonly kind: ArchiveKind;
  readonly files: readonly ArchivedFile[];
  /** Files that could not be read, with why. */
  readonly unread: readonly ImageError[];
}

/** The kind of archive that `bytes` are, of those that are opened. */
export function archiveKind(bytes: Uint8Array): ArchiveKind | undefined {
  return foreignContent(bytes)?.archive;
}

const baseName = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;

/** What macOS and Windows put beside a person's files. */
const isByTheWay = (path: string): boolean =>
  /(?:^|\/)(?:__MACOSX\/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/.test(path);

interface Reading {
  readonly files: ArchivedFile[];
  readonly unread: ImageError[];
  bytesLeft: number;
  filesLeft: number;
}

/**
 * @throws ImageError `image-corrupt`, `image-too-large`
 */
export function openArchive(bytes: Uint8Array, fileName: string): Archive {
  const kind = archiveKind(bytes);
  if (kind === undefined) throw new ImageError("internal", `open ${fileName}`, { file: fileName });
  const reading: Reading = { files: [], unread: [], bytesLeft: MOST_BYTES, filesLeft: MOST_FILES };
  read(reading, bytes, kind, fileName, "", DEEPEST - 1);
  return { kind, files: reading.files, unread: reading.unread };
}

/** @param depth how many archives may lie inside this one */
function read(
  reading: Reading,
  bytes: Uint8Array,
  kind: ArchiveKind,
  name: string,
  prefix: string,
  depth: number,
): void {
  const entries = entriesOf(reading, bytes, kind, name);
  if (entries.length > reading.filesLeft)
    throw new ImageError("image-too-large", `open ${name}`, {
      file: name,
      detail: words`it has ${entries.length} files`,
    });
  reading.filesLeft -= entries.length;
  for (const entry of entries) {
    if (isByTheWay(entry.name)) continue;
    try {
      if (entry.size > reading.bytesLeft)
        throw new ImageError("image-too-large", `unpack ${entry.name}`, { file: entry.name, length: entry.size });
      // Counted also where it then turns out to be damaged: unpacking it took as long.
      reading.bytesLeft -= entry.size;
      const content = entry.read();
      reading.bytesLeft -= content.length - entry.size;
      const path = `${prefix}${entry.name}`;
      const inner = archiveKind(content);
      // A tar in a gzip is one archive in two layers.
      const isLayer = kind === "gzip" && inner === "tar";
      if (inner !== undefined && (isLayer || depth > 0))
        read(reading, content, inner, baseName(entry.name), isLayer ? prefix : `${path}#`, isLayer ? depth : depth - 1);
      else reading.files.push(fileOf(path, content));
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      reading.unread.push(error);
    }
  }
}

function fileOf(path: string, bytes: Uint8Array): ArchivedFile {
  const name = baseName(path.split("#").at(-1) ?? path);
  const file = recogniseFile({ name, bytes });
  return { ...file, path, image: file.recognised.image };
}

interface Entry {
  readonly name: string;
  readonly size: number;
  readonly read: () => Uint8Array;
}

function entriesOf({ bytesLeft }: Reading, bytes: Uint8Array, kind: ArchiveKind, name: string): readonly Entry[] {
  if (kind === "zip") return zipEntries(bytes, name);
  if (kind === "gzip") return [{ name: gzipName(bytes, name), size: 0, read: () => gunzipped(bytes, name, bytesLeft) }];
  const { files, whole } = tarFiles(bytes);
  if (!whole)
    throw new ImageError("image-corrupt", `open ${name}`, {
      file: name,
      detail: words`the tar archive is damaged or cut short`,
    });
  return files.map(({ name: path, data }) => ({ name: path, size: 0, read: () => data }));
}

/** What a caller can make use of. */
export type Fits = (image: FirmwareImage) => boolean;

export const canBeFlashed: Fits = ({ refusal }) => refusal === undefined;
export const isWholeFlash: Fits = ({ format }) => format === "full-dump";
export const hasBootCode: Fits = ({ bootCode }) => bootCode !== undefined;

/** Files of one build: the same application for the same chips; the one that knows most about itself is taken. */
const RANK: readonly string[] = ["uf2", "rbl-partition", "crc-app", "qio", "full-dump"];

function sameBuild(a: FirmwareImage, b: FirmwareImage): boolean {
  const [one, two] = [a.segments[0], b.segments[0]];
  if (one === undefined || one.address !== two?.address || String(a.chips) !== String(b.chips)) return false;
  const length = Math.min(one.data.length, two.data.length);
  return one.data.subarray(0, length).every((byte, at) => byte === two.data[at]);
}

/**
 * Those to choose from: one where it is clear what is meant.
 * @throws ImageError the reason why none would do
 */
export function choicesIn({ files, unread }: Archive, fileName: string, fits: Fits): readonly ArchivedFile[] {
  const fitting = files.filter(({ image }) => fits(image));
  const [first, ...others] = [...fitting].sort((a, b) => RANK.indexOf(a.image.format) - RANK.indexOf(b.image.format));
  if (first !== undefined) return others.every(({ image }) => sameBuild(first.image, image)) ? [first] : fitting;
  const [only] = files;
  // One file alone is refused by itself, with its own reason.
  if (only !== undefined && files.length === 1 && unread.length === 0) return [only];
  if (unread[0] !== undefined && files.length === 0) throw unread[0];
  throw new ImageError("image-foreign", `open ${fileName}`, {
    file: fileName,
    detail:
      files.length === 0
        ? words`the archive is empty`
        : words`the archive has nothing in it that would do: ${namesOf(files)}`,
  });
}

export function namesOf(files: readonly ArchivedFile[]): string {
  const names = files.slice(0, MOST_NAMES).map(({ path }) => visible(path));
  return files.length > MOST_NAMES ? `${names.join(", ")}, ...` : names.join(", ");
}

/**
 * The file that a person names: by its whole path, or by the end of it where that is one file's alone.
 * @throws FileError `file-not-found`
 */
export function fileNamed({ files }: Archive, fileName: string, wanted: string): ArchivedFile {
  const exact = files.find(({ path }) => path === wanted);
  const ending = files.filter(({ path }) => path.endsWith(`/${wanted}`) || path.endsWith(`#${wanted}`));
  const found = exact ?? (ending.length === 1 ? ending[0] : undefined);
  if (found !== undefined) return found;
  throw new FileError("file-not-found", `open ${fileName}`, {
    file: `${fileName}#${wanted}`,
    detail: words`the archive has no file of that name, or several; it has ${namesOf(files)}`,
  });
}
