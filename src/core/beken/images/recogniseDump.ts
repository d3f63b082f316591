/**
 * Files that start at flash address 0: bootloaders, QIO images, whole flashes read back, also those that were read
 * from 0x11000 with wrap-around. Of all of them only the application's area is offered for writing.
 */
import { hexAddress } from "../../base/bytes";
import { words } from "../../base/words";
import { findCalibration } from "../chips/calibration";
import { agreeOnFormat, agreeOnOffset, agreeOnSigns } from "./agreement";
import { checkAppBlocks, checkAppLength, noteKey } from "./appChecks";
import { APP_PHYSICAL, looksInterleaved } from "./appKey";
import { findBootCode, noteBootCode, type BootCode } from "./bootCode";
import { bootPartOf } from "./bootPart";
import { applicationSigns, bootCodeSigns, calibrationSigns } from "./chipSigns";
import { BLOCK_SIZE } from "./crcBlocks";
import type { NameClaims } from "./fileName";
import type { FirmwareImage, ImageFormatId } from "./firmwareImage";
import { labelFor, type DetectOptions } from "./label";
import { checkFlashRblHeader, describeRblHeader, RBL_HEADER_FLASH_SIZE } from "./rblHeader";
import { verifyPartition } from "./rblPartition";
import type { ImageReport } from "./report";
import { FLASH_SIZES, hasAppAt, shiftOf, straighten } from "./shift";
import { checkPrograms, mayBeSeveral } from "./severalPrograms";
import { judgeApplication, type AppVerdict } from "./soundCode";

/** Smallest flash ever read back whole by itself; a smaller file is an image. */
const SMALLEST_FLASH = 0x100000;

function isFlashSize(length: number): boolean {
  return length >= SMALLEST_FLASH && FLASH_SIZES.includes(length);
}

/** A file that starts at flash address 0 (or is such a one, shifted); undefined when it is none. */
export function recogniseDump(
  report: ImageReport,
  claims: NameClaims,
  options: DetectOptions,
): FirmwareImage | undefined {
  const { bytes } = report;
  const shift = shiftOf(bytes);
  if (shift !== undefined) {
    const flash = straighten(bytes);
    report.warn(
      "shifted-dump",
      shift === "wrapped"
        ? words`the file starts with flash address 0x011000 and ends with the bootloader; it was put right`
        : words`the file starts with flash address 0x011000 and has no bootloader; it was put right`,
    );
    return dump(report, claims, options, flash, findBootCode(flash));
  }
  const boot = findBootCode(bytes);
  const longer = bytes.length >= APP_PHYSICAL + 2 * BLOCK_SIZE;
  if (longer && (boot !== undefined || hasAppAt(bytes, APP_PHYSICAL)))
    return dump(report, claims, options, bytes, boot);
  return boot === undefined ? undefined : bootloader(report, claims, options, boot);
}

function bootloader(report: ImageReport, claims: NameClaims, options: DetectOptions, boot: BootCode): FirmwareImage {
  noteBootCode(report, boot);
  agreeOnFormat(report, claims, "bootloader");
  agreeOnOffset(report, claims, options.offset, 0);
  if (options.offset === undefined) {
    const detail = words`this is a bootloader; it is only written when its address, 0x000000, is given`;
    report.refuse("image-not-flashable", { address: 0, detail });
  }
  const signs = bootCodeSigns(boot, report.bytes);
  const chips = agreeOnSigns(report, claims, signs);
  return report.finish({
    format: "bootloader",
    label: labelFor(words`Bootloader`, chips),
    chips,
    signs,
    key: boot.key,
    bootCode: bootPartOf(report.bytes),
    segments: [{ address: 0, data: report.bytes, from: words`bootloader` }],
  });
}

function noteStart(report: ImageReport, boot: BootCode | undefined): void {
  if (boot !== undefined) noteBootCode(report, boot);
  else report.warn("bootloader-not-recognised", words`the bytes before 0x011000 are no boot code this program knows`);
}

/**
 * Builders leave nothing behind the application but FF and its header; a flash that was in use has its calibration there, and
 * the length of a flash.
 */
function formatOf(flash: Uint8Array, headerAt: number | undefined): "qio" | "full-dump" {
  if (headerAt === flash.length - RBL_HEADER_FLASH_SIZE) return "qio";
  const inUse = isFlashSize(flash.length) || findCalibration(flash, SMALLEST_FLASH) !== undefined;
  return inUse ? "full-dump" : "qio";
}

function dump(
  report: ImageReport,
  claims: NameClaims,
  options: DetectOptions,
  flash: Uint8Array,
  boot: BootCode | undefined,
): FirmwareImage {
  noteStart(report, boot);
  const key = noteKey(report, flash.subarray(APP_PHYSICAL));
  const app = judgeApplication(flash, key);
  const { header } = app;
  const format = formatOf(flash, header?.at);
  if (header !== undefined) report.facts(describeRblHeader(header.fields));
  const nothing = app.verdict === "none" && !looksInterleaved(flash, APP_PHYSICAL);
  const end = nothing
    ? noApplication(report, format)
    : mayBeSeveral(flash)
      ? checkPrograms(report, flash, format === "qio")
      : format === "qio"
        ? checkQio(report, flash, app)
        : checkFull(report, app);
  agreeOnFormat(report, claims, format);
  // Its first byte is for address 0, and its application for 0x11000: either is right.
  agreeOnOffset(report, claims, options.offset === 0 ? undefined : options.offset, APP_PHYSICAL);
  const signs = [
    ...(boot === undefined ? [] : bootCodeSigns(boot, flash)),
    ...(format === "full-dump" ? calibrationSigns(flash) : []),
    ...applicationSigns(flash.subarray(APP_PHYSICAL, app.scan.end), key, header?.fields.version),
  ];
  const chips = agreeOnSigns(report, claims, signs);
  checkAppLength(report, end, chips);
  if (!report.refused)
    report.warn(
      "application-area-only",
      words`of this file only ${hexAddress(APP_PHYSICAL)}..${hexAddress(end)} is written, not the bootloader`,
    );
  return report.finish({
    format,
    label: labelFor(format === "qio" ? words`Bootloader and application (QIO)` : words`Whole flash read back`, chips),
    chips,
    signs,
    key,
    bootCode: bootPartOf(flash),
    segments: [{ address: APP_PHYSICAL, data: flash.subarray(APP_PHYSICAL, end), from: words`application area` }],
  });
}

function noApplication(report: ImageReport, format: ImageFormatId): number {
  const detail =
    format === "qio"
      ? words`there is no application behind the bootloader`
      : words`the flash it was read from has no application`;
  report.refuse("image-not-flashable", { address: APP_PHYSICAL, detail });
  return APP_PHYSICAL;
}

/** Builders leave nothing but good blocks, FF and the header: anything else is damage. */
function checkQio(report: ImageReport, flash: Uint8Array, { header, scan }: AppVerdict): number {
  if (header === undefined) {
    report.add(checkAppBlocks(flash, APP_PHYSICAL, flash.length, APP_PHYSICAL));
    return scan.end;
  }
  report.add(checkAppBlocks(flash, APP_PHYSICAL, header.at, APP_PHYSICAL));
  report.add(...checkFlashRblHeader(flash.subarray(header.at), header.at));
  if (!report.refused)
    report.add(...verifyPartition(flash.subarray(APP_PHYSICAL, header.at), header.fields, APP_PHYSICAL));
  return header.at + RBL_HEADER_FLASH_SIZE;
}

/**
 * In a flash that was in use, older code and anything else may follow the application, and a header may belong to an
 * application that was replaced since: neither is damage.
 */
function checkFull(report: ImageReport, { verdict, findings, rest, header, scan }: AppVerdict): number {
  report.add(...findings);
  if (verdict === "proved" && header !== undefined) return header.at + RBL_HEADER_FLASH_SIZE;
  if (header !== undefined && verdict !== "damaged")
    report.warn(
      "rbl-header-stale",
      words`the RBL header at ${hexAddress(header.at)} describes another application than the one in front of it`,
    );
  if (verdict === "open")
    report.warn(
      "end-not-marked",
      rest === undefined
        ? words`something else follows the application from ${hexAddress(scan.end)}, and nothing marks its end`
        : words`${rest.end - rest.start} bytes at ${hexAddress(rest.start)} follow the last block that holds, and blank flash follows them: they are the application's last block, damaged, or something else; nothing tells which`,
    );
  return scan.end;
}
