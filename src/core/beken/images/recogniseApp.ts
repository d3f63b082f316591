/** Applications by themselves: LibreTiny's container with RBL header, CRC-16 blocks alone, and code without CRC-16s. */
import { hexAddress } from "../../base/bytes";
import { words } from "../../base/words";
import type { ChipId } from "../chips/types";
import { agreeOnChips, agreeOnFormat, agreeOnOffset, agreeOnSigns } from "./agreement";
import { checkAppBlocks, checkAppLength, measureApp, noteKey } from "./appChecks";
import { APP_LOGICAL, APP_PHYSICAL, keyOfCode, looksInterleaved, vectorsPointBelowApp } from "./appKey";
import { applicationSigns } from "./chipSigns";
import { scramble } from "./cipher";
import { BLOCK_DATA, BLOCK_SIZE, stripCrcBlocks, toPhysical } from "./crcBlocks";
import { thumbVectors } from "../chips/thumbVectors";
import { chipOfVersion, type NameClaims } from "./fileName";
import type { FirmwareImage, Segment } from "./firmwareImage";
import { labelFor, type DetectOptions } from "./label";
import {
  checkFlashRblHeader,
  describeRblHeader,
  hasRblMagic,
  parseRblHeader,
  RBL_HEADER_FLASH_SIZE,
  type RblHeader,
} from "./rblHeader";
import { APP_CONTAINER, APP_CONTAINER_7252, flashSizeOf, verifyPartition } from "./rblPartition";
import type { Finding, ImageReport } from "./report";

/** Index of an RBL header that ends the file, damaged or not; undefined when there is none. */
function headerAtEnd(bytes: Uint8Array): number | undefined {
  const at = bytes.length - RBL_HEADER_FLASH_SIZE;
  return at > 0 && hasRblMagic(bytes, at) ? at : undefined;
}

/** Header fields of the 102 bytes at `at`. */
export function flashHeaderAt(bytes: Uint8Array, at: number): RblHeader {
  return parseRblHeader(stripCrcBlocks(bytes.subarray(at, at + RBL_HEADER_FLASH_SIZE)));
}

/** An application that starts at the file's first byte, or undefined when the file is nothing like one. */
export function recogniseApp(
  report: ImageReport,
  claims: NameClaims,
  options: DetectOptions,
): FirmwareImage | undefined {
  const { bytes } = report;
  const interleaved = looksInterleaved(bytes);
  const namesOne = claims.kind === "crc-app" || claims.kind === "rbl-partition" || claims.kind === "rbl";
  const vectors = keyOfCode(stripCrcBlocks(bytes.subarray(0, BLOCK_SIZE)), APP_LOGICAL) !== undefined;
  const headerAt = headerAtEnd(bytes);
  if (!interleaved && vectors && !namesOne) return rawApp(report, claims);
  if (!interleaved && !(vectors && namesOne) && headerAt === undefined) return undefined;
  checkLinkedForApp(report);
  if (claims.kind === "rbl-partition" || claims.kind === "rbl" || headerAt !== undefined) {
    return container(report, claims, options, headerAt);
  }
  return blocksAlone(report, claims, options);
}

/** Code that is linked for address 0 runs in the place of boot code only; where applications go it would not start. */
function checkLinkedForApp(report: ImageReport): void {
  const { bytes } = report;
  const start = stripCrcBlocks(bytes.subarray(0, 3 * BLOCK_SIZE));
  const thumb = thumbVectors(start);
  const size = (bytes.length / BLOCK_SIZE) * BLOCK_DATA;
  if (thumb && thumb.start >= APP_LOGICAL + size) {
    const detail = words`it is linked to start at ${hexAddress(toPhysical(thumb.start))} in flash, as the program of another core is: at 0x011000 it would not run`;
    report.refuse("image-not-flashable", { address: toPhysical(thumb.start), detail });
    return;
  }
  const coefficients = keyOfCode(start, 0);
  if (coefficients === undefined || !vectorsPointBelowApp(scramble(start, coefficients, 0))) return;
  const detail = words`it is linked for address 0, in the place of the boot code: at 0x011000, where applications start, it would not run`;
  report.refuse("image-not-flashable", { address: 0, detail });
}

function rawApp(report: ImageReport, claims: NameClaims): FirmwareImage {
  agreeOnFormat(report, claims, "raw-app");
  report.refuse("image-not-flashable", {
    detail: words`plain linker output: the CRC-16 after every 32 bytes, without which the chip reads nothing, is missing`,
  });
  return report.finish({ format: "raw-app", label: words`Plain ARM code`, chips: agreeOnChips(report, claims, []) });
}

function container(
  report: ImageReport,
  claims: NameClaims,
  options: DetectOptions,
  headerAt: number | undefined,
): FirmwareImage {
  const { bytes } = report;
  const key = noteKey(report, bytes);
  let header: RblHeader | undefined;
  if (headerAt === undefined) {
    const blocks = checkAppBlocks(bytes, 0, bytes.length, APP_PHYSICAL);
    if (blocks.verdict === "bad") report.add(blocks);
    const detail = words`the container must end with an RBL header; the file ends after ${bytes.length} bytes without one`;
    report.bad(words`RBL header`, detail, {
      address: APP_PHYSICAL + Math.max(0, bytes.length - RBL_HEADER_FLASH_SIZE),
    });
  } else {
    header = flashHeaderAt(bytes, headerAt);
    report.add(...checkFlashRblHeader(bytes.subarray(headerAt), APP_PHYSICAL + headerAt));
    report.add(checkAppBlocks(bytes, 0, headerAt, APP_PHYSICAL));
    if (!report.refused) report.add(...verifyPartition(bytes.subarray(0, headerAt), header, APP_PHYSICAL));
    report.facts(describeRblHeader(header));
    report.fact(words`RBL header at`, hexAddress(APP_PHYSICAL + headerAt));
    if (!report.refused && header.name !== "app") {
      report.refuse("image-not-flashable", {
        detail: words`the container is for partition "${header.name}", not for the application`,
      });
    }
  }
  agreeOnFormat(report, claims, "rbl-partition");
  agreeOnOffset(report, claims, options.offset, APP_PHYSICAL);
  const chip = chipOfVersion(header?.version ?? "");
  const signs = applicationSigns(bytes.subarray(0, headerAt ?? bytes.length), key, header?.version);
  const chips = agreeOnSigns(report, claims, signs);
  const glued = headerAt !== undefined && !report.refused && isGlued(bytes, headerAt, header?.dataSize ?? 0);
  if (glued) {
    const segments = unglued(report, headerAt, chip);
    checkAppLength(report, APP_PHYSICAL + headerAt, chips);
    return report.finish({
      format: "rbl-partition",
      label: labelFor(words`Application with its RBL header behind it`, chips),
      chips,
      signs,
      key,
      segments,
    });
  }
  checkAppLength(report, APP_PHYSICAL + bytes.length, chips);
  return report.finish({
    format: "rbl-partition",
    label: labelFor(words`Application container with RBL header`, chips),
    chips,
    signs,
    key,
    segments: [{ address: APP_PHYSICAL, data: bytes, from: words`application container` }],
  });
}

/** Where containers of every known builder end, counted from 0x11000. */
const CONTAINER_ENDS: readonly number[] = [
  toPhysical(APP_CONTAINER),
  toPhysical(APP_CONTAINER_7252),
  0x100000 - APP_PHYSICAL,
  0x132000 - APP_PHYSICAL,
];

/** A `.crc` and its `.rblh` one behind the other: the header follows the application's last block, at no container's end. */
function isGlued(bytes: Uint8Array, headerAt: number, dataSize: number): boolean {
  return headerAt === flashSizeOf(dataSize) && !CONTAINER_ENDS.includes(bytes.length);
}

/**
 * The header goes to the container's end, which a glued file does not tell. LibreTiny's ends at the same address in every
 * build; of any other only the application is written, which starts without.
 * @param chip in the header's version, as LibreTiny alone writes it
 */
function unglued(report: ImageReport, headerAt: number, chip: ChipId | undefined): Segment[] {
  const { bytes } = report;
  const application: Segment = { address: APP_PHYSICAL, data: bytes.subarray(0, headerAt), from: words`application` };
  if (chip === undefined) {
    report.warn(
      "rbl-header-without-place",
      words`the RBL header follows the application directly, and nothing tells where it belongs: it is not written`,
    );
    return [application];
  }
  const container = chip === "bk7251" || chip === "bk7252" ? APP_CONTAINER_7252 : APP_CONTAINER;
  const address = APP_PHYSICAL + toPhysical(container) - RBL_HEADER_FLASH_SIZE;
  report.warn(
    "rbl-header-placed",
    words`the RBL header follows the application directly; it is written to ${hexAddress(address)}, where LibreTiny has it`,
  );
  return [application, { address, data: bytes.subarray(headerAt), from: words`RBL header` }];
}

function blocksAlone(report: ImageReport, claims: NameClaims, options: DetectOptions): FirmwareImage {
  const { bytes } = report;
  const key = noteKey(report, bytes);
  report.add(checkAppBlocks(bytes, 0, bytes.length, APP_PHYSICAL));
  if (!report.refused) report.add(checkEnd(report, claims));
  agreeOnFormat(report, claims, "crc-app");
  agreeOnOffset(report, claims, options.offset, APP_PHYSICAL);
  const signs = applicationSigns(bytes, key, undefined);
  const chips = agreeOnSigns(report, claims, signs);
  checkAppLength(report, APP_PHYSICAL + bytes.length, chips);
  return report.finish({
    format: "crc-app",
    label: labelFor(words`Application with checksums`, chips),
    chips,
    signs,
    key,
    segments: [{ address: APP_PHYSICAL, data: bytes, from: words`application` }],
  });
}

/** LibreTiny's packager always ends the application with FF; without that a cut between two blocks goes unnoticed. */
function checkEnd(report: ImageReport, claims: NameClaims): Finding {
  const { bytes } = report;
  const app = measureApp(bytes, 0);
  const name = words`End of application`;
  const context = { address: APP_PHYSICAL + app.end };
  if (/\.crc$/i.test(claims.name)) {
    if (app.lastIsFiller) return { name, verdict: "ok" };
    return {
      name,
      verdict: "bad",
      detail: words`the block of FF that ends every .crc file is missing: the file is cut short`,
      context,
    };
  }
  if (app.end < bytes.length) {
    report.warn(
      "filler-without-header",
      words`FF follows the application from ${hexAddress(app.end)}, but no RBL header`,
    );
  }
  if (app.endMarked) return { name, verdict: "ok" };
  return {
    name,
    verdict: "skipped",
    detail: words`the end is not marked: a file cut between two blocks cannot be told from a whole one`,
  };
}
