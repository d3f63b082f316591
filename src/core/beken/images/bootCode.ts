/** Recognises boot code at the start of some bytes, and reads what it tells about itself: RBL header, key, partition table. */
import { asText, hexAddress } from "../../base/bytes";
import { words, type Text } from "../../base/words";
import { findBootloader, fingerprintOf } from "../chips/bootloaders";
import type { BootloaderProfile, Coefficients, KeyKind } from "../chips/types";
import { APP_PHYSICAL, inferKey, vectorsPointBelowApp } from "./appKey";
import { isApplicationAtZero } from "./applicationAtZero";
import { scramble } from "./cipher";
import { BLOCK_SIZE, stripCrcBlocks } from "./crcBlocks";
import { findFalTable, type FalPartition } from "./fal";
import type { ImageKey } from "./firmwareImage";
import { isFlashRblHeader, isoTime, parseRblHeader, RBL_HEADER_FLASH_SIZE, type RblHeader } from "./rblHeader";
import type { ImageReport } from "./report";

/** Where a bootloader's RBL header lies in flash. */
const BOOT_HEADER_AT = APP_PHYSICAL - RBL_HEADER_FLASH_SIZE;

const KEY_WORDS: Readonly<Record<KeyKind, Text>> = {
  tuya: "tuya",
  zero: words`none`,
  other: words`other`,
  unknown: words`unknown`,
};

export interface BootCode {
  readonly key: ImageKey;
  /** undefined when no valid header named "bootloader" ends it. */
  readonly header: RblHeader | undefined;
  /** Its row in the table of fingerprints. */
  readonly profile: BootloaderProfile | undefined;
  /** What it says of itself when it starts, "BK7231S_1.0.5". */
  readonly says: string | undefined;
  readonly partitions: readonly FalPartition[];
}

function bootHeader(bytes: Uint8Array, at: number): RblHeader | undefined {
  if (at < 0 || !isFlashRblHeader(bytes, at)) return undefined;
  const header = parseRblHeader(stripCrcBlocks(bytes.subarray(at, at + RBL_HEADER_FLASH_SIZE)));
  return header.name === "bootloader" ? header : undefined;
}

/** True when boot code's RBL header is where it lies in flash. */
export function hasBootHeader(flash: Uint8Array): boolean {
  return bootHeader(flash, BOOT_HEADER_AT) !== undefined;
}

/**
 * Boot code at the start of `bytes`: by its fingerprint, its RBL header, the Tuya key at address 0, or plain vectors that point
 * below the application.
 */
export function findBootCode(bytes: Uint8Array): BootCode | undefined {
  const header = bootHeader(bytes, BOOT_HEADER_AT) ?? bootHeader(bytes, bytes.length - RBL_HEADER_FLASH_SIZE);
  const key = inferKey(bytes, 0);
  const profile = findBootloader(fingerprintOf(bytes));
  const plain = (): boolean =>
    key.kind === "zero" && vectorsPointBelowApp(stripCrcBlocks(bytes.subarray(0, 3 * BLOCK_SIZE)));
  const isBootCode = header !== undefined || profile !== undefined || key.kind === "tuya" || plain();
  if (!isBootCode) return undefined;
  const isKnown = header !== undefined || profile !== undefined;
  if (!isKnown && isApplicationAtZero(bytes, key.coefficients ? [key.coefficients] : [])) return undefined;
  return { ...describeCode(stripCrcBlocks(bytes.subarray(0, APP_PHYSICAL)), key.coefficients), key, header, profile };
}

/** @param code as the processor sees it, but for the key */
export function describeCode(
  code: Uint8Array,
  coefficients: Coefficients | undefined,
): Pick<BootCode, "says" | "partitions"> {
  const plain = coefficients === undefined ? code : scramble(code, coefficients, 0);
  return { says: versionIn(plain), partitions: findFalTable(code) };
}

/** The version line of boot code: the chip's name, an underscore, three numbers. Source: docs/protocol.md ("Boot logs"). */
function versionIn(code: Uint8Array): string | undefined {
  return /BK\d{4}[A-Za-z]{0,2}_\d+\.\d+\.\d+/.exec(asText(code))?.[0];
}

/** Notes what boot code tells about itself. */
export function noteBootCode(report: ImageReport, { key, header, profile, says, partitions }: BootCode): void {
  if (profile !== undefined)
    report.fact(
      words`Bootloader`,
      profile.version === undefined ? profile.name : words`${profile.name} ${profile.version}`,
    );
  report.fact(words`Bootloader key`, KEY_WORDS[key.kind]);
  if (says !== undefined) report.fact(words`Bootloader says`, says);
  if (header !== undefined) {
    report.fact(words`Bootloader version`, header.version);
    report.fact(words`Bootloader date`, isoTime(header.timestamp));
  }
  for (const { name, flash, offset, length } of partitions) {
    report.fact(words`Bootloader partition`, words`${name} on ${flash}: ${hexAddress(offset)}+${hexAddress(length)}`);
  }
}
