/** A firmware file is looked at once: what it was recognised as goes with it, and counts for the same bytes, name and address only. */
import { detectImage } from "./detect";
import type { FirmwareImage } from "./firmwareImage";
import type { NamedFile, Recognised, RecognisedFile } from "./namedFile";

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
