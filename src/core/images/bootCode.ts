/** Recognises boot code at the start of some bytes, and reads what it tells about itself: RBL header, key, partition table. */
import { hexAddress } from "../base/bytes";
import { words, type Text } from "../base/words";
import type { KeyKind } from "../chips/types";
import { APP_PHYSICAL, inferKey, looksInterleaved, vectorsPointBelowApp } from "./appKey";
import { BLOCK_SIZE, stripCrcBlocks } from "./crcBlocks";
import { findFalTable, type FalPartition } from "./fal";
import type { ImageKey } from "./image";
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
}

function bootHeader(bytes: Uint8Array, at: number): RblHeader | undefined {
  if (at < 0 || !isFlashRblHeader(bytes, at)) return undefined;
  const header = parseRblHeader(stripCrcBlocks(bytes.subarray(at, at + RBL_HEADER_FLASH_SIZE)));
  return header.name === "bootloader" ? header : undefined;
}

/** Boot code at the start of `bytes`: by its RBL header, by the Tuya key at address 0, or by plain vectors that point below the application. */
export function findBootCode(bytes: Uint8Array): BootCode | undefined {
  const header = bootHeader(bytes, BOOT_HEADER_AT) ?? bootHeader(bytes, bytes.length - RBL_HEADER_FLASH_SIZE);
  const key = inferKey(bytes, 0);
  if (header !== undefined || key.kind === "tuya") return { key, header };
  const plain =
    key.kind === "zero" &&
    looksInterleaved(bytes) &&
    vectorsPointBelowApp(stripCrcBlocks(bytes.subarray(0, 3 * BLOCK_SIZE)));
  return plain ? { key, header } : undefined;
}

/** The partition table in clear text near a bootloader's end; empty when there is none. */
export function bootPartitions(bytes: Uint8Array): readonly FalPartition[] {
  return findFalTable(stripCrcBlocks(bytes.subarray(0, APP_PHYSICAL)));
}

/** Notes what boot code tells about itself. */
export function noteBootCode(report: ImageReport, bytes: Uint8Array, boot: BootCode): void {
  report.fact(words`Bootloader key`, KEY_WORDS[boot.key.kind]);
  if (boot.header !== undefined) {
    report.fact(words`Bootloader version`, boot.header.version);
    report.fact(words`Bootloader date`, isoTime(boot.header.timestamp));
  }
  for (const { name, flash, offset, length } of bootPartitions(bytes)) {
    report.fact(words`Bootloader partition`, words`${name} on ${flash}: ${hexAddress(offset)}+${hexAddress(length)}`);
  }
}
