/** A file that is looked at, taken apart once: what it is, its bytes as they lie in flash, what they tell, and what of them is hidden. Pure. */
import {
  FLASH_SIZES,
  fileAlone,
  passportOf,
  privateRanges,
  shiftOf,
  straighten,
  type FirmwareImage,
  type NamedFile,
  type Passport,
  type Range,
} from "../../core/index";
import type { PartView } from "../../shared/dumpView";
import { toPartViews } from "../../shared/toDumpView";
import { say, t } from "../text/l10n";

export interface DumpContent {
  readonly file: NamedFile;
  readonly image: FirmwareImage;
  /** Of a flash from its address 0; of anything else as in the file. */
  readonly bytes: Uint8Array;
  /** Offsets are addresses in flash. */
  readonly isFlash: boolean;
  /** undefined of files that are made by builders. */
  readonly passport: Passport | undefined;
  readonly parts: readonly PartView[];
  /** Not shown unasked, ascending. */
  readonly hidden: readonly Range[];
}

const OF_A_FLASH: readonly FirmwareImage["format"][] = ["full-dump", "qio", "bootloader"];

/** @param image what `file` was recognised as */
export function contentOf(file: NamedFile, image: FirmwareImage): DumpContent {
  const { format } = image;
  const isFlash = OF_A_FLASH.includes(format) || (format === "raw" && FLASH_SIZES.includes(file.bytes.length));
  const bytes = isFlash ? straighten(file.bytes) : file.bytes;
  const passport = isFlash || format === "raw" ? passportOf(bytes) : undefined;
  const whole = { start: 0, end: bytes.length };
  return {
    file: fileAlone(file),
    image,
    bytes,
    isFlash,
    passport,
    parts: passport ? toPartViews(passport, bytes.length, say) : [wholePart(image, bytes.length)],
    // What is in other files is not known.
    hidden: passport ? privateRanges(passport) : format === "foreign" ? [whole] : [],
  };
}

/** Files of builders have one thing in them. */
function wholePart({ format, label }: FirmwareImage, length: number): PartView {
  const opens = format === "rbl-ota" || format === "ug" ? "unpack" : isApplication(format) ? "decrypt" : undefined;
  return {
    number: 1,
    name: t("The whole file"),
    start: 0,
    end: length,
    from: "content",
    holds: say(label),
    isBlank: false,
    opens,
    canWrite: false,
    isPrivate: format === "foreign",
  };
}

const isApplication = (format: FirmwareImage["format"]): boolean =>
  format === "rbl-partition" || format === "crc-app" || format === "uf2";

/** Where in the file that a dump was read from a byte of its flash is; undefined where the file lacks it. */
export function fileOffsetOf(
  { file, isFlash }: Pick<DumpContent, "file" | "isFlash">,
  address: number,
): number | undefined {
  const shift = isFlash ? shiftOf(file.bytes) : undefined;
  if (shift === undefined) return address;
  // It begins with the application; boot code is at its end, or missing.
  const applicationAt = 0x11000;
  if (address >= applicationAt) return address - applicationAt;
  return shift === "wrapped" ? file.bytes.length - applicationAt + address : undefined;
}
