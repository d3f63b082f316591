/**
 * Files that start at flash address 0: bootloaders, QIO images, whole flashes read back, also those that were read
 * from 0x11000 with wrap-around. Of all of them only the application's area is offered for writing.
 */
import { concat, hexAddress, readU32 } from "../base/bytes";
import { words } from "../base/words";
import { findBootloader, fingerprintOf } from "../chips/bootloaders";
import { agreeOnChips, agreeOnFormat, agreeOnOffset } from "./agreement";
import {
  brokenBlock,
  checkAppBlocks,
  checkAppLength,
  LARGEST_PARTITION,
  measureApp,
  noteKey,
  type AppExtent,
} from "./appChecks";
import { APP_LOGICAL, APP_PHYSICAL, keyOfCode, looksInterleaved } from "./appKey";
import { findBootCode, noteBootCode, type BootCode } from "./bootCode";
import { BLOCK_SIZE, stripCrcBlocks } from "./crcBlocks";
import { chipOfVersion, type NameClaims } from "./fileName";
import type { FirmwareImage, ImageFormatId } from "./image";
import { labelFor, type DetectOptions } from "./label";
import { flashHeaderAt } from "./recogniseApp";
import {
  checkFlashRblHeader,
  describeRblHeader,
  isFlashRblHeader,
  RBL_HEADER_FLASH_SIZE,
  type RblHeader,
} from "./rblHeader";
import { verifyPartition } from "./rblPartition";
import type { Finding, ImageReport } from "./report";

/** Smallest flash ever read back whole. */
const SMALLEST_FLASH = 0x100000;
const RBL_MAGIC = 0x004c4252;

function isFlashSize(length: number): boolean {
  return length >= SMALLEST_FLASH && (length & (length - 1)) === 0;
}

/** Known-key application vectors in CRC-16 blocks at `at`. */
function hasAppAt(bytes: Uint8Array, at: number): boolean {
  if (bytes.length < at + 2 * BLOCK_SIZE || !looksInterleaved(bytes, at)) return false;
  return keyOfCode(stripCrcBlocks(bytes.subarray(at, at + BLOCK_SIZE)), APP_LOGICAL) !== undefined;
}

/** A file that starts at flash address 0 (or is such a one, shifted); undefined when it is none. */
export function recogniseDump(
  report: ImageReport,
  claims: NameClaims,
  options: DetectOptions,
): FirmwareImage | undefined {
  const { bytes } = report;
  if (isFlashSize(bytes.length) && hasAppAt(bytes, 0)) {
    const head = bytes.length - APP_PHYSICAL;
    const boot = findBootCode(bytes.subarray(head));
    if (boot !== undefined) {
      const flash = concat(bytes.subarray(head), bytes.subarray(0, head));
      report.warn(
        "shifted-dump",
        words`the file starts with flash address 0x011000 and ends with the bootloader; it was put right`,
      );
      return dump(report, claims, options, flash, boot);
    }
  }
  const boot = findBootCode(bytes);
  const longer = bytes.length >= APP_PHYSICAL + 2 * BLOCK_SIZE;
  if (longer && (boot !== undefined || hasAppAt(bytes, APP_PHYSICAL)))
    return dump(report, claims, options, bytes, boot);
  return boot === undefined ? undefined : bootloader(report, claims, options, boot);
}

function bootloader(report: ImageReport, claims: NameClaims, options: DetectOptions, boot: BootCode): FirmwareImage {
  noteBootCode(report, report.bytes, boot);
  agreeOnFormat(report, claims, "bootloader");
  agreeOnOffset(report, claims, options.offset, 0);
  if (options.offset === undefined) {
    const detail = words`this is a bootloader; it is only written when its address, 0x000000, is given`;
    report.refuse("image-not-flashable", { address: 0, detail });
  }
  const chips = agreeOnChips(report, claims, []);
  return report.finish({
    format: "bootloader",
    label: labelFor(words`Bootloader`, chips),
    chips,
    key: boot.key,
    segments: [{ address: 0, data: report.bytes, from: words`bootloader` }],
  });
}

/** First intact application header behind 0x11000; its place depends on who packed the image, so it is searched. */
function findAppHeader(flash: Uint8Array): number | undefined {
  const end = Math.min(flash.length, APP_PHYSICAL + LARGEST_PARTITION) - RBL_HEADER_FLASH_SIZE;
  for (let at = flash.indexOf(0x52, APP_PHYSICAL); at >= 0 && at <= end; at = flash.indexOf(0x52, at + 1)) {
    if (readU32(flash, at) === RBL_MAGIC && isFlashRblHeader(flash, at) && flashHeaderAt(flash, at).name === "app")
      return at;
  }
  return undefined;
}

/** Boot code that tells nothing of itself may still be one that is known by its fingerprint. */
function noteStart(report: ImageReport, flash: Uint8Array, boot: BootCode | undefined): void {
  const known = findBootloader(fingerprintOf(flash));
  if (boot !== undefined) noteBootCode(report, flash, boot);
  else if (known !== undefined) report.fact(words`Bootloader`, known.name);
  else report.warn("bootloader-not-recognised", words`the bytes before 0x011000 are no boot code this program knows`);
}

function dump(
  report: ImageReport,
  claims: NameClaims,
  options: DetectOptions,
  flash: Uint8Array,
  boot: BootCode | undefined,
): FirmwareImage {
  const headerAt = findAppHeader(flash);
  const endsWithHeader = headerAt === flash.length - RBL_HEADER_FLASH_SIZE;
  const format: ImageFormatId = isFlashSize(flash.length) && !endsWithHeader ? "full-dump" : "qio";
  noteStart(report, flash, boot);
  const header = headerAt === undefined ? undefined : flashHeaderAt(flash, headerAt);
  const app = measureApp(flash, APP_PHYSICAL, headerAt);
  const key = noteKey(report, flash.subarray(APP_PHYSICAL));
  if (header !== undefined) report.facts(describeRblHeader(header));
  const end =
    app.blocks === 0 && !looksInterleaved(flash, APP_PHYSICAL)
      ? noApplication(report, format)
      : format === "qio"
        ? checkQio(report, flash, app, headerAt, header)
        : checkFull(report, flash, app, headerAt, header);
  agreeOnFormat(report, claims, format);
  agreeOnOffset(report, claims, options.offset, APP_PHYSICAL);
  const chip = chipOfVersion(header?.version ?? "");
  const chips = agreeOnChips(report, claims, chip === undefined ? [] : [chip]);
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
    key,
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
function checkQio(
  report: ImageReport,
  flash: Uint8Array,
  app: AppExtent,
  headerAt: number | undefined,
  header: RblHeader | undefined,
): number {
  if (headerAt === undefined || header === undefined) {
    report.add(checkAppBlocks(flash, APP_PHYSICAL, flash.length, APP_PHYSICAL));
    return app.end;
  }
  report.add(checkAppBlocks(flash, APP_PHYSICAL, headerAt, APP_PHYSICAL));
  report.add(...checkFlashRblHeader(flash.subarray(headerAt), headerAt));
  if (!report.refused) report.add(...verifyPartition(flash.subarray(APP_PHYSICAL, headerAt), header, APP_PHYSICAL));
  return headerAt + RBL_HEADER_FLASH_SIZE;
}

/**
 * In a flash that was in use, older code may follow the application and a header may belong to an application that
 * was replaced since, so a header that does not fit is no damage; a bad block in the middle of the application is.
 */
function checkFull(
  report: ImageReport,
  flash: Uint8Array,
  app: AppExtent,
  headerAt: number | undefined,
  header: RblHeader | undefined,
): number {
  if (headerAt !== undefined && header !== undefined) {
    const findings: readonly Finding[] = verifyPartition(flash.subarray(APP_PHYSICAL, app.end), header, APP_PHYSICAL);
    if (findings.every(({ verdict }) => verdict !== "bad")) {
      report.add({ name: words`CRC-16 blocks`, verdict: "ok", detail: words`${app.blocks} blocks` }, ...findings);
      return headerAt + RBL_HEADER_FLASH_SIZE;
    }
    report.warn(
      "rbl-header-stale",
      words`the RBL header at ${hexAddress(headerAt)} describes another application than the one in front of it`,
    );
  }
  if (app.endMarked || app.end + BLOCK_SIZE > flash.length) {
    report.add({ name: words`CRC-16 blocks`, verdict: "ok", detail: words`${app.blocks} blocks` });
  } else {
    report.add(brokenBlock(flash, app.blocks, app.end, app.end));
  }
  return app.end;
}
