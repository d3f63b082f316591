/**
 * What speaks against the boot code of a chip as a plan leaves it: is it there, of this chip, for its key, whole? Boot code that
 * answers us runs, and needs no proof; a boot ROM answers without any.
 */
import { hexAddress, isFilledWith, textUntilNul } from "../base/bytes";
import { oneOf, words, type Words } from "../base/words";
import { findBootloaders, fingerprintOf, protocolOf } from "../beken/chips/bootloaders";
import { bearsRomName, CHIPS } from "../beken/chips/chips";
import { TUYA_KEY, ZERO_KEY } from "../beken/chips/keys";
import type { StartReason, StartReasonCode } from "../beken/chips/startVerdict";
import { geometryOf } from "../beken/chips/strictGeometry";
import type { BootloaderProfile, ChipIdentity, ChipProfile } from "../beken/chips/types";
import { looksInterleaved } from "../beken/images/appKey";
import { damageInBootCode } from "../beken/images/soundCode";
import type { FlashAfter } from "./flashAfter";
import { isApplicationAtZero } from "../beken/images/applicationAtZero";
import { keyOfChip, runsUnder } from "./startKey";

/** Where a boot ROM looks for the name of its chip before it leaves (docs/protocol.md, "Boot ROM"). */
const ROM_NAME_AT = 0x110;
const ROM_NAME_LENGTH = 6;

/** What such a chip needs to start is known. Loaders in flash are those of known chips. */
export function isKnownToStart({ chip, protocol }: ChipIdentity): boolean {
  return protocol.bootloaderIsLifeline || chip !== undefined;
}

export function bootCodeReasons(chip: ChipIdentity, flash: FlashAfter): readonly StartReason[] {
  const { sector, bootCodeEnd } = geometryOf(chip);
  const runs = chip.protocol.bootloaderIsLifeline && !flash.changes({ start: 0, end: bootCodeEnd });
  const known = flash.knownUntil(0, sector);
  const start = flash.at(0, known);
  if (!start || known === 0) {
    return runs ? [] : [reason("boot-code-unread", "open", words`the boot code cannot be read`)];
  }
  const gone = empty(chip, start) ?? application(chip, start);
  if (gone) return [gone];
  if (runs || !isKnownToStart(chip)) return [];
  const candidates = [chip.chip, ...(chip.alternatives ?? [])].filter((one) => one !== undefined);
  return [
    none(start) ??
      ofOtherChip(candidates, start) ??
      forOtherKey(chip, start) ??
      damaged(chip, flash) ??
      unknownToUs(candidates, start),
  ].filter((found) => found !== undefined);
}

function reason(code: StartReasonCode, weight: StartReason["weight"], told: Words): StartReason {
  return { code, weight, words: told };
}

/** A flash that reads as zeros altogether does not answer: the first erase tells that for sure, and boot code would not help. */
function empty({ samples = [] }: ChipIdentity, start: Uint8Array): StartReason | undefined {
  if (isFilledWith(start, 0xff))
    return reason("boot-code-missing", "no", words`there is no boot code, the flash is blank below 0x011000`);
  if (!isFilledWith(start, 0x00)) return undefined;
  if (samples.every(({ data }) => isFilledWith(data, 0x00)))
    return reason("boot-code-silent", "open", words`the flash reads as zeros, as one that does not answer does`);
  return reason("boot-code-missing", "no", words`there is no boot code, the flash reads as zeros below 0x011000`);
}

function application({ key }: ChipIdentity, start: Uint8Array): StartReason | undefined {
  const keys = [...(key.coefficients ? [key.coefficients] : []), TUYA_KEY, ZERO_KEY];
  if (!looksInterleaved(start) || !isApplicationAtZero(start, keys)) return undefined;
  return reason("boot-code-application", "no", words`an application lies at 0x000000, where the boot code belongs`);
}

function none(start: Uint8Array): StartReason | undefined {
  if (looksInterleaved(start)) return undefined;
  return reason("boot-code-none", "no", words`what lies below 0x011000 is no boot code`);
}

function ofOtherChip(candidates: readonly ChipProfile[], start: Uint8Array): StartReason | undefined {
  const rows = findBootloaders(fingerprintOf(start));
  const [chip] = candidates;
  if (!chip || rows.some((row) => fits(row, candidates))) return undefined;
  const refuse = (other: Words | string): StartReason =>
    reason("boot-code-other-chip", "no", words`the boot code is that of ${other}, and the chip is a ${chip.name}`);
  if (rows.length > 0)
    return refuse(oneOf([...new Set(rows.flatMap(({ chips }) => chips.map((id) => CHIPS[id].name)))]));
  const name = romName(start);
  return name === undefined || candidates.some((one) => bearsRomName(one, name)) ? undefined : refuse(name);
}

/** A ROM chip starts no boot code that was made for chips without a ROM, whatever it is called. */
function fits(row: BootloaderProfile, candidates: readonly ChipProfile[]): boolean {
  return !protocolOf(row).bootloaderIsLifeline && candidates.some(({ id }) => row.chips.includes(id));
}

/** "BK7231": the name that a boot ROM reads; undefined where there is none. */
function romName(start: Uint8Array): string | undefined {
  const name = textUntilNul(start.subarray(ROM_NAME_AT, ROM_NAME_AT + ROM_NAME_LENGTH));
  return /^BK\d{4}$/.test(name) ? name : undefined;
}

function forOtherKey(chip: ChipIdentity, start: Uint8Array): StartReason | undefined {
  // A key that only this boot code shows is no evidence against it.
  if (chip.key.from === "bootloader") return undefined;
  const needed = keyOfChip(chip);
  if (runsUnder(start, 0, needed) !== false) return undefined;
  const weight = needed.isCertain ? "no" : "doubt";
  return reason("boot-code-other-key", weight, words`the boot code is scrambled for another key than this chip's`);
}

function damaged(chip: ChipIdentity, flash: FlashAfter): StartReason | undefined {
  const at = damageInBootCode(flash, geometryOf(chip).bootCodeEnd);
  if (at === undefined) return undefined;
  return reason("boot-code-damaged", "no", words`the boot code is damaged or cut off at ${hexAddress(at)}`);
}

function unknownToUs(candidates: readonly ChipProfile[], start: Uint8Array): StartReason | undefined {
  const named = romName(start) !== undefined;
  if (named || findBootloaders(fingerprintOf(start)).some((row) => fits(row, candidates))) return undefined;
  return reason("boot-code-unknown", "open", words`the boot code is in no table, so it may be that of another chip`);
}
