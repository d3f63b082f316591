/** Where a file goes on the flash, before any port is opened. Looks at the file once and hands on what it is. Knows no editor. */
import { recogniseFile, type FirmwareImage, type NamedFile } from "../../core/index";

export interface PlacedFile<F extends NamedFile> {
  readonly file: F;
  /** Nothing for files that tell it themselves. */
  readonly where: { readonly at?: number };
}

/**
 * @param askAddress for raw data; undefined where the person gave up
 * @param refuse told of a file that is not for a serial flash
 * @returns what `refuse` offers instead; undefined when the file is refused or the person gave up
 */
export async function placeFile<F extends NamedFile, R>(
  file: F,
  askAddress: () => Promise<number | undefined>,
  refuse: (image: FirmwareImage) => Promise<R | undefined>,
): Promise<PlacedFile<F> | R | undefined> {
  const looked = recogniseFile(file);
  const { image } = looked.recognised;
  if (image.refusal === undefined) return { file: looked, where: {} };
  if (image.refusal.code !== "image-needs-offset") return await refuse(image);
  const at = await askAddress();
  if (at === undefined) return undefined;
  const placed = recogniseFile(file, at);
  if (placed.recognised.image.refusal === undefined) return { file: placed, where: { at } };
  return await refuse(placed.recognised.image);
}
