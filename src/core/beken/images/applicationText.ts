/** The application in an image as its own texts tell of it: one character for each byte, as the processor sees them. Pure. */
import { asText } from "../../base/bytes";
import { APP_LOGICAL, APP_PHYSICAL } from "./appKey";
import { BANNER } from "./chipSigns";
import { scramble } from "./cipher";
import { stripCrcBlocks } from "./crcBlocks";
import type { FirmwareImage } from "./firmwareImage";

/** undefined where there is no application at 0x11000, or it cannot be read, its key not being known. */
export function applicationText({ segments, key }: Pick<FirmwareImage, "segments" | "key">): string | undefined {
  const part = segments.find(({ address, data }) => address <= APP_PHYSICAL && address + data.length > APP_PHYSICAL);
  if (part === undefined || key?.coefficients === undefined) return undefined;
  const code = stripCrcBlocks(part.data.subarray(APP_PHYSICAL - part.address));
  return asText(scramble(code.subarray(0, code.length & ~3), key.coefficients, APP_LOGICAL));
}

/** Files that only LibreTiny's packager writes. */
const PACKAGED: readonly FirmwareImage["format"][] = ["uf2", "rbl-partition"];

/** Whether it is LibreTiny's: by its file, or by the banner that every build of it has. */
export function isLibreTiny(image: Pick<FirmwareImage, "format" | "segments" | "key">): boolean {
  return PACKAGED.includes(image.format) || BANNER.test(applicationText(image) ?? "");
}
