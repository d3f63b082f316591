/**
 * Tells by content what is no firmware of these chips, or firmware inside something else: archives, pages, texts, encoded
 * or mangled copies, programs and pictures, other makers' images. Names count for nothing here.
 */
import { looksInterleaved } from "./appKey";
import { magicOf } from "./foreignMagic";
import type { ForeignContent } from "./foreignKinds";
import { makerOf } from "./foreignMakers";
import { mangledBy } from "./foreignMangled";
import { textKind } from "./foreignText";

/** undefined for everything that may be firmware of these chips, or raw data. */
export function foreignContent(bytes: Uint8Array): ForeignContent | undefined {
  const sure = magicOf(bytes) ?? textKind(bytes);
  if (sure !== undefined) return sure;
  // Blocks that hold their CRC-16s are in Beken's format, whatever they begin with.
  if (looksInterleaved(bytes)) return undefined;
  return makerOf(bytes) ?? mangledBy(bytes);
}
