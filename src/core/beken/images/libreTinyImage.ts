/** Whether the application in an image is LibreTiny's, by the banner that every build of it has. Pure. */
import { asText } from "../../base/bytes";
import { APP_LOGICAL, APP_PHYSICAL } from "./appKey";
import { BANNER } from "./chipSigns";
import { scramble } from "./cipher";
import { stripCrcBlocks } from "./crcBlocks";
import type { FirmwareImage } from "./firmwareImage";

/** False also where the application cannot be read, its key not being known. */
export function isLibreTiny({ segments, key }: Pick<FirmwareImage, "segments" | "key">): boolean {
  const application = segments.find(
    ({ address, data }) => address <= APP_PHYSICAL && address + data.length > APP_PHYSICAL,
  );
  if (application === undefined || key?.coefficients === undefined) return false;
  const code = stripCrcBlocks(application.data.subarray(APP_PHYSICAL - application.address));
  return BANNER.test(asText(scramble(code.subarray(0, code.length & ~3), key.coefficients, APP_LOGICAL)));
}
