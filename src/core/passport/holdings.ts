/** What lies in a stretch of flash, by its content. */
import { ascii, equalBytes, isFilledWith, readU32be } from "../base/bytes";
import { words, type Words } from "../base/words";
import { isCalibrationSector } from "../beken/chips/calibration";
import { APP_PHYSICAL, looksInterleaved } from "../beken/images/appKey";
import { RBL_HEADER_SIZE, hasRblMagic, isRblHeader, parseRblHeader } from "../beken/images/rblHeader";
import { hasUgMagic, parseOta, parseUg, UG_HEADER_SIZE } from "../beken/images/rblOta";

export type HoldingKind =
  | "outside"
  | "blank"
  | "boot-code"
  | "application"
  | "package"
  | "part-of-package"
  | "calibration"
  | "tuya-settings"
  | "tuya-protected"
  | "openbeken-settings"
  | "preferences"
  | "files"
  | "code"
  | "data";

export interface Holding {
  readonly kind: HoldingKind;
  readonly words: Words;
}

const LITTLEFS = ascii("littlefs");
const LITTLEFS_AT = 8;
/** Start of the files that Tuya's BK7231N keeps beside its settings. */
const TUYA_FILES = Uint8Array.of(0x21, 0x43, 0x76, 0x98);

/** @param start physical; the stretch may reach past the end of the file */
export function holdingOf(flash: Uint8Array, start: number, end: number): Holding {
  const bytes = flash.subarray(start, Math.min(end, flash.length));
  if (bytes.length === 0) return { kind: "outside", words: words`not in the file` };
  if (isFilledWith(bytes, 0xff)) return { kind: "blank", words: words`blank` };
  if (hasRblMagic(bytes)) return packageIn(bytes);
  if (hasUgMagic(bytes)) return wrapperIn(bytes);
  if (isCalibrationSector(bytes)) return { kind: "calibration", words: words`calibration and MAC address` };
  if (equalBytes(bytes.subarray(LITTLEFS_AT, LITTLEFS_AT + LITTLEFS.length), LITTLEFS))
    return { kind: "files", words: words`a file system (littlefs)` };
  if (equalBytes(bytes.subarray(0, TUYA_FILES.length), TUYA_FILES))
    return { kind: "files", words: words`Tuya's file store` };
  if (looksInterleaved(bytes))
    return start < APP_PHYSICAL
      ? { kind: "boot-code", words: words`boot code` }
      : { kind: "code", words: words`code in CRC-16 blocks` };
  if (isFilledWith(bytes, 0)) return { kind: "data", words: words`zeros` };
  return { kind: "data", words: words`data that is not recognised` };
}

/** A package for boot code to unpack: whole where its own sum holds. */
function packageIn(bytes: Uint8Array): Holding {
  if (!isRblHeader(bytes)) return { kind: "part-of-package", words: words`the damaged start of an update package` };
  const { version, dataSize } = parseRblHeader(bytes);
  const { findings } = parseOta(bytes.subarray(0, RBL_HEADER_SIZE + dataSize));
  return findings.every(({ verdict }) => verdict === "ok")
    ? { kind: "package", words: words`a whole update package, version ${version}` }
    : { kind: "part-of-package", words: words`part of an update package, version ${version}` };
}

function wrapperIn(bytes: Uint8Array): Holding {
  const length = bytes.length >= UG_HEADER_SIZE ? readU32be(bytes, 16) : 0;
  const { version, findings } = parseUg(bytes.subarray(0, UG_HEADER_SIZE + length));
  return findings.every(({ verdict }) => verdict === "ok")
    ? { kind: "package", words: words`a whole update package of Tuya's, version ${version}` }
    : { kind: "part-of-package", words: words`part of an update package of Tuya's` };
}
