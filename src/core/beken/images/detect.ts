/**
 * Tells what a firmware file is, by content and by name, and what of it goes where in flash. Pure and synchronous;
 * bad content never throws but comes back as checks and a refusal. What needs time is added by inspect.ts.
 */
import { hexAddress, isFilledWith } from "../../base/bytes";
import { words } from "../../base/words";
import { agreeOnChips } from "./agreement";
import { APP_PHYSICAL } from "./appKey";
import { parseFileName, type NameClaims, type NamedKind } from "./fileName";
import { contentOf } from "./contentEnd";
import type { FirmwareImage } from "./firmwareImage";
import { withInstead } from "./instead";
import type { DetectOptions } from "./label";
import { recogniseApp } from "./recogniseApp";
import { recogniseForeign } from "./recogniseForeign";
import { recogniseBareBoot } from "./recogniseBareBoot";
import { recogniseDump } from "./recogniseDump";
import { recogniseOta, recogniseOther } from "./recogniseOta";
import { recogniseUf2 } from "./recogniseUf2";
import { ADDRESS_LIMIT, ImageReport } from "./report";

/** The largest flash: longer files are refused unread. UF2 needs two bytes for each it writes, and carries OTA data too. */
const LARGEST_FILE = 4 * ADDRESS_LIMIT;

/** Names that promise a format with checks of its own: unrecognised content under such a name is damage. */
const CHECKED_KINDS: readonly (NamedKind | undefined)[] = [
  "rbl-partition",
  "rbl",
  "crc-app",
  "rbl-header",
  "rbl-ota",
  "ug",
  "uf2",
  "qio",
  "elf",
];

/**
 * @param bytes the whole file; segments are views into it, so it must not be changed afterwards
 * @param fileName with or without folders
 * @param options.offset flash address for files that do not tell theirs
 * @param options.beside names of the files in the same folder, to tell which of them to use instead
 */
export function detectImage(bytes: Uint8Array, fileName: string, options: DetectOptions = {}): FirmwareImage {
  const content = contentOf(bytes);
  const report = new ImageReport(fileName, content, bytes.length - content.length);
  const claims = parseFileName(fileName);
  const image =
    unreadable(report, options) ??
    recogniseForeign(report) ??
    recogniseUf2(report, claims, options) ??
    recogniseOta(report, claims, options) ??
    recogniseDump(report, claims, options) ??
    recogniseBareBoot(report, claims) ??
    recogniseApp(report, claims, options) ??
    recogniseOther(report, claims) ??
    raw(report, claims, options);
  return withInstead(image, claims, options.beside);
}

function unreadable(report: ImageReport, options: DetectOptions): FirmwareImage | undefined {
  const { bytes } = report;
  const first = bytes[0];
  if (first === undefined) {
    report.refuse("image-empty", { detail: words`the file has no bytes` });
    return report.finish({ format: "raw", label: words`Empty file` });
  }
  if (bytes.length > LARGEST_FILE) {
    report.refuse("image-too-large", { length: bytes.length, detail: words`no flash of these chips is that large` });
    return report.finish({ format: "raw", label: words`Oversized file` });
  }
  // A few blank bytes for a place the person names are theirs to write; a blank dump or image is a failed read.
  const deliberate = options.offset !== undefined && bytes.length < APP_PHYSICAL;
  if ((first === 0xff || first === 0) && bytes.length > 1 && !deliberate && isFilledWith(bytes, first)) {
    const value = first === 0 ? "00" : "FF";
    const detail = words`every byte is ${value}: nothing was read from the chip, or the flash was blank`;
    report.refuse("image-not-flashable", { detail });
    return report.finish({ format: "raw", label: words`Nothing but ${value}` });
  }
  return undefined;
}

function raw(report: ImageReport, claims: NameClaims, options: DetectOptions): FirmwareImage {
  const { bytes } = report;
  const chips = agreeOnChips(report, claims, []);
  const address = options.offset ?? 0;
  if (CHECKED_KINDS.includes(claims.kind)) {
    report.bad(
      words`Content`,
      words`the name stands for ${claims.kind ?? ""}, but nothing in the content is like that`,
    );
  } else if (claims.kind === "raw-app" || (claims.kind === "boot" && options.offset === undefined)) {
    const detail =
      claims.kind === "boot"
        ? words`by its name a bootloader, which is only written when its address is given`
        : words`plain linker output`;
    report.refuse("image-not-flashable", { detail });
  } else if (options.offset === undefined) {
    report.refuse("image-needs-offset", {
      length: bytes.length,
      detail: words`nothing in the content or the name tells where it belongs`,
    });
  } else if (!Number.isInteger(address) || address < 0 || address >= ADDRESS_LIMIT) {
    report.refuse("image-wrong-offset", { actual: String(address), expected: words`a flash address below 0x1000000` });
  } else if (address <= APP_PHYSICAL && address + bytes.length > APP_PHYSICAL) {
    report.refuse("image-wrong-offset", {
      address,
      detail: words`at 0x011000 the chip starts its application, and this is none`,
    });
  } else if (claims.offset !== undefined && claims.offset !== address) {
    const detail = words`the name says ${hexAddress(claims.offset)}`;
    report.refuse("image-name-mismatch", {
      address,
      expected: hexAddress(claims.offset),
      actual: hexAddress(address),
      detail,
    });
  } else {
    report.warn("raw-at-given-address", words`the content is not recognised and cannot be checked`);
  }
  return report.finish({
    format: "raw",
    label: words`Raw data`,
    chips,
    key: undefined,
    segments: [{ address, data: bytes, from: words`raw data` }],
  });
}
