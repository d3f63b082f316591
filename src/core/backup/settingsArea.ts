/**
 * Where devices keep what they were set up with, and whether a chip holds what a backup has there. Devices that were given one MAC
 * address and one calibration, as clones are, differ there at least. Firmware writes there as well, so that a difference is no
 * more than a doubt; what is known to change from one backup of a device to the next is left out. Pure.
 */
import { equalBytes, isFilledWith } from "../base/bytes";
import { CALIBRATION_LENGTH } from "../beken/chips/calibration";
import { join, rangeOf, split, subtract, type Range } from "../base/ranges";

/** Behind the calibration, and at the end of the flash: that much, in bytes. Source: the layouts in docs/formats.md. */
const AREA = 0x30000;
/** What firmware keeps its settings in, and so what is compared: the sectors of Tuya's storage, EasyFlash and FlashDB (docs/formats.md). */
const SETTINGS_SECTOR = 0x1000;
/** Sectors that change anyway of which so many are asked for. */
const ASKED = 12;

export interface Stretch {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** What to ask the chip of `dump`. */
export interface SettingsQuestion {
  /** All of these must be there, in whole sectors. */
  readonly stable: readonly Stretch[];
  /** How many sectors of them are not blank. */
  readonly stableWithContent: number;
  /** Sectors that other backups of the device have otherwise: of these and the stable ones with content more than half must be. */
  readonly changing: readonly Stretch[];
}

/**
 * @param dump a whole flash
 * @param others more backups with the same marks
 * @param calibrationAt where the device has its calibration
 */
export function askForSettings(
  dump: Uint8Array,
  others: readonly Uint8Array[],
  calibrationAt: number | undefined,
): SettingsQuestion {
  const area = settingsArea(dump.length, calibrationAt);
  const sectors = split(area, SETTINGS_SECTOR);
  const at = (bytes: Uint8Array, { start, end }: Range): Uint8Array => bytes.subarray(start, end);
  const isBlank = (sector: Range): boolean => isFilledWith(dump, 0xff, sector.start, sector.end);
  const isStable = (sector: Range): boolean => others.every((other) => equalBytes(at(other, sector), at(dump, sector)));
  const filled = sectors.filter((sector) => !isBlank(sector));
  const stretch = (range: Range): Stretch => ({ start: range.start, bytes: at(dump, range) });
  return {
    stable: join(sectors.filter(isStable)).map(stretch),
    stableWithContent: filled.filter(isStable).length,
    changing: spread(filled.filter((sector) => !isStable(sector))).map(stretch),
  };
}

/**
 * Some sectors of a stretch to tell it by where each costs a reading: those with content, and a blank one.
 * @returns places in `bytes`
 */
export function samplesOf(bytes: Uint8Array): readonly Range[] {
  const sectors = split([rangeOf(0, bytes.length)], SETTINGS_SECTOR);
  const isBlank = ({ start, end }: Range): boolean => isFilledWith(bytes, 0xff, start, end);
  return [...spread(sectors.filter((sector) => !isBlank(sector))), ...sectors.filter(isBlank).slice(0, 1)];
}

/** @param held what the chip said, of the stable stretches first */
export function settingsAgree(
  { stable, stableWithContent, changing }: SettingsQuestion,
  held: readonly boolean[],
): boolean {
  if (!stable.every((_, i) => held[i] === true)) return false;
  if (changing.length === 0) return true;
  const agreeing = stableWithContent + changing.filter((_, i) => held[stable.length + i] === true).length;
  return 2 * agreeing > stableWithContent + changing.length;
}

function settingsArea(size: number, calibrationAt: number | undefined): Range[] {
  const end = { start: Math.max(0, size - AREA), end: size };
  if (calibrationAt === undefined) return [end];
  const behind = { start: calibrationAt, end: Math.min(size, calibrationAt + AREA) };
  const both = join([behind, end]);
  return subtract(both, [rangeOf(calibrationAt, CALIBRATION_LENGTH)]);
}

function spread(sectors: readonly Range[]): Range[] {
  const step = Math.max(1, Math.ceil(sectors.length / ASKED));
  return sectors.filter((_, i) => i % step === 0);
}
