/**
 * A firmware file as it was read, and what it was recognised as: looked at once, and handed on from the click or the command to the
 * plan. Plain data.
 */
import { detectImage } from "./detect";
import type { FirmwareImage } from "./firmwareImage";

export interface NamedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The names in its folder, to tell which of them to use where this one cannot be. */
  readonly beside?: readonly string[];
  /** What somebody has made of it already; counts only for these very bytes, name and address. */
  readonly recognised?: Recognised;
}

interface Recognised extends Omit<NamedFile, "recognised"> {
  /** The address that a person gave. */
  readonly at?: number;
  readonly image: FirmwareImage;
}

export interface RecognisedFile extends NamedFile {
  readonly recognised: Recognised;
}

/** Without what a host knows of it besides: what goes into a request. */
export function fileAlone({ name, bytes, beside, recognised }: NamedFile): NamedFile {
  return { name, bytes, ...(beside && { beside }), ...(recognised && { recognised }) };
}

/**
 * The file with what it is; looked at unless it was, for the same address.
 * @param at flash address for bytes that do not tell theirs
 */
export function recogniseFile<F extends NamedFile>(file: F, at?: number): F & RecognisedFile {
  const { recognised: known } = file;
  if (known && isOf(known, file, at)) return { ...file, recognised: known };
  const { name, bytes, beside } = file;
  const given = { ...(at !== undefined && { at }), ...(beside && { beside }) };
  const image = detectImage(bytes, name, { ...(at !== undefined && { offset: at }), ...(beside && { beside }) });
  return { ...file, recognised: { name, bytes, ...given, image } };
}

/** What the file is. @see recogniseFile */
export function imageOf(file: NamedFile, at?: number): FirmwareImage {
  return recogniseFile(file, at).recognised.image;
}

function isOf(known: Recognised, { name, bytes, beside }: NamedFile, at: number | undefined): boolean {
  // Only a file that is refused is told by what lies beside it.
  const isAlone = known.image.refusal === undefined || known.beside === beside;
  return known.bytes === bytes && known.name === name && known.at === at && isAlone;
}
