/**
 * Files that are no copy of a flash though parts of them look like one: firmware, which lies at another address than a
 * dump's bytes do, and dumps that were cut. Restored, they would be verified and not start.
 */
import { hexAddress } from "../base/bytes";
import { APP_PHYSICAL } from "../beken/images/appKey";
import { words } from "../base/words";
import type { NamedFile } from "../beken/images/namedFile";
import { imageOf } from "../beken/images/recogniseFile";
import type { ImageFormatId, Refusal } from "../beken/images/firmwareImage";
import { FLASH_SIZES, shiftOf } from "../beken/images/shift";

/** What a flash that was read back may look like: all of it, its boot code and application, or nothing known. */
const OF_A_FLASH: readonly ImageFormatId[] = ["full-dump", "qio", "bootloader", "raw"];

export function notADump(file: NamedFile): Refusal | undefined {
  const { bytes } = file;
  // Read from 0x11000 on, a flash begins as an application does; its length tells.
  if (shiftOf(bytes) !== undefined) return undefined;
  const { format, label } = imageOf(file);
  const isWhole = FLASH_SIZES.includes(bytes.length);
  // Boot code that is not known reads as an application does; no application is exactly as long as a flash.
  if (!OF_A_FLASH.includes(format) && !(isWhole && format === "crc-app"))
    return { code: "backup-not-a-dump", context: { detail: label } };
  if (isWhole) return undefined;
  return {
    code: "backup-not-a-dump",
    context: {
      length: bytes.length,
      detail: words`no flash has ${hexAddress(bytes.length)} bytes, with or without the boot code below ${hexAddress(APP_PHYSICAL)}`,
    },
  };
}
