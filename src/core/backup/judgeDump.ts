/**
 * Whether a dump is worth keeping, told by what it holds: a read that went wrong looks like a file and restores nothing.
 * Pure; says nothing about whether it fits a chip (planRestore.ts) or is still what was read (manifest.ts).
 */
import { hexAddress, isFilledWith } from "../base/bytes";
import { words, type Words } from "../base/words";
import { findCalibration } from "../beken/chips/calibration";
import { APP_PHYSICAL, inferKey, looksInterleaved } from "../beken/images/appKey";
import { findBootCode } from "../beken/images/bootCode";
import { brokenBlock } from "../beken/images/appChecks";
import { BLOCK_SIZE } from "../beken/images/crcBlocks";
import { whereBad, type Finding } from "../beken/images/report";
import { FLASH_SIZES, shiftOf, straighten } from "../beken/images/shift";
import { damageInBootCode, judgeApplication } from "../beken/images/soundCode";
import { FlashAfter } from "../plan/flashAfter";

export type DumpFindingCode =
  | "empty"
  | "all-zeros"
  | "all-ones"
  | "one-value"
  | "repeated"
  | "nothing-recognised"
  | "short"
  | "long"
  | "odd-size"
  | "shifted"
  | "no-bootloader"
  | "no-calibration"
  | "no-application"
  | "damaged-bootloader"
  | "damaged-application"
  | "open-application";

export interface DumpFinding {
  readonly code: DumpFindingCode;
  readonly weight: "suspicious" | "worthless";
  /** One sentence for people. */
  readonly words: Words;
}

export interface DumpJudgement {
  /** `suspicious`: something a whole flash has is not there; `worthless`: no device could run on it. */
  readonly verdict: "good" | "suspicious" | "worthless";
  readonly findings: readonly DumpFinding[];
}

const SMALLEST_FLASH = 0x80000;
/** Fewer bytes that come again are chance. */
const LEAST_REPEATED = 0x1000;

/**
 * @param data the dump, meant to begin at flash address 0
 * @param flashSize of the chip it is of, bytes, where known
 */
export function judgeDump(data: Uint8Array, flashSize?: number): DumpJudgement {
  const fatal = worthless(data);
  const findings = fatal ? [fatal] : [...sizeFindings(straighten(data).length, flashSize), ...contentFindings(data)];
  const verdict = findings.some(({ weight }) => weight === "worthless")
    ? "worthless"
    : findings.length > 0
      ? "suspicious"
      : "good";
  return { verdict, findings };
}

/** True when boot code is at the start, by what it holds or by the sound CRC-16 blocks that all code is in. */
export function hasBootCode(data: Uint8Array): boolean {
  return findBootCode(data) !== undefined || looksInterleaved(data);
}

function worthless(data: Uint8Array): DumpFinding | undefined {
  const found = (code: DumpFindingCode, why: Words): DumpFinding => ({ code, weight: "worthless", words: why });
  const [first] = data;
  if (first === undefined) return found("empty", words`It has no bytes.`);
  if (isFilledWith(data, first)) {
    if (first === 0x00) return found("all-zeros", words`It is all zeros: the flash did not answer while it was read.`);
    if (first === 0xff)
      return found("all-ones", words`It is blank: the flash was empty, or did not answer while it was read.`);
    return found(
      "one-value",
      words`It is one and the same byte throughout: the flash did not answer while it was read.`,
    );
  }
  const period = periodOf(data);
  if (period !== undefined) {
    return found(
      "repeated",
      words`It repeats itself every ${hexAddress(period)} bytes: the flash is that small, and was read as if it were larger.`,
    );
  }
  const upright = straighten(data);
  const anything =
    hasBootCode(upright) || looksInterleaved(upright, APP_PHYSICAL) || findCalibration(upright) !== undefined;
  return anything
    ? undefined
    : found(
        "nothing-recognised",
        words`Nothing in it is what a Beken flash holds: no boot code, no application, no calibration.`,
      );
}

/** The size of flash after which everything comes again. */
function periodOf(data: Uint8Array): number | undefined {
  return FLASH_SIZES.find((size) => {
    const again = data.length - size;
    // A blank stretch is no sign of repetition.
    if (again < LEAST_REPEATED || isFilledWith(data, data[0] ?? 0, 0, again)) return false;
    for (let at = 0; at < again; at++) if (data[at] !== data[at + size]) return false;
    return true;
  });
}

function sizeFindings(length: number, flashSize: number | undefined): DumpFinding[] {
  const suspicious = (code: DumpFindingCode, why: Words): DumpFinding => ({ code, weight: "suspicious", words: why });
  const expected = flashSize ?? SMALLEST_FLASH;
  if (length < expected) {
    return [
      suspicious(
        "short",
        flashSize === undefined
          ? words`It is short: ${hexAddress(length)} bytes of at least ${hexAddress(expected)}.`
          : words`It is short: ${hexAddress(length)} bytes of ${hexAddress(expected)}.`,
      ),
    ];
  }
  if (flashSize !== undefined && length > flashSize) {
    return [
      suspicious(
        "long",
        words`It is longer than the flash: ${hexAddress(length)} bytes, not ${hexAddress(flashSize)}.`,
      ),
    ];
  }
  if (!FLASH_SIZES.includes(length)) return [suspicious("odd-size", words`No flash has ${hexAddress(length)} bytes.`)];
  return [];
}

function brokenBootCode(bytes: Uint8Array): Finding | undefined {
  const flash = new FlashAfter(bytes.length, [{ address: 0, data: bytes }], undefined);
  const at = damageInBootCode(flash, bytes.length);
  return at === undefined ? undefined : brokenBlock(bytes, at / BLOCK_SIZE, at, at);
}

function contentFindings(data: Uint8Array): DumpFinding[] {
  const findings: DumpFinding[] = [];
  const add = (code: DumpFindingCode, why: Words): void => {
    findings.push({ code, weight: "suspicious", words: why });
  };
  const shift = shiftOf(data);
  if (shift === "wrapped") add("shifted", words`It begins with flash address 0x011000 and ends with the boot code.`);
  if (shift === "headless") add("shifted", words`It begins with flash address 0x011000; the boot code is missing.`);
  const upright = straighten(data);
  if (!hasBootCode(upright)) add("no-bootloader", words`There is no boot code below 0x011000.`);
  if (!looksInterleaved(upright, APP_PHYSICAL)) add("no-application", words`There is no application at 0x011000.`);
  const bootDamage = hasBootCode(upright) ? brokenBootCode(upright.subarray(0, APP_PHYSICAL)) : undefined;
  if (bootDamage) add("damaged-bootloader", words`Its boot code is damaged: ${whereBad(bootDamage)}.`);
  const application = judgeApplication(upright, inferKey(upright.subarray(APP_PHYSICAL)));
  const [damage] = application.verdict === "damaged" ? application.findings : [];
  if (damage) add("damaged-application", words`Its application is damaged: ${whereBad(damage)}.`);
  const { rest } = application;
  if (rest)
    add(
      "open-application",
      words`Whether its application is whole cannot be told: the ${rest.end - rest.start} bytes at ${hexAddress(rest.start)} behind the last block that holds are a damaged last block, or something else.`,
    );
  if (findCalibration(upright) === undefined)
    add("no-calibration", words`There is no calibration in it, which the radio needs and no other file has.`);
  return findings;
}
