/**
 * What a comparison of a file with a chip is about: everything the file holds, and how differences are told, by partition and with
 * the calibration apart from the rest: that of another device is no sign of damage. Pure.
 */
import { hexAddress } from "../base/bytes";
import { lengthOf, overlaps, rangeOf, split, type Range } from "../base/ranges";
import { listed, words, type Text, type Words } from "../base/words";
import { CALIBRATION_LENGTH, findCalibration } from "../beken/chips/calibration";
import { partitionAt, usualLayout } from "../beken/chips/layouts";
import { geometryOf } from "../beken/chips/strictGeometry";
import type { ChipIdentity } from "../beken/chips/types";
import { APP_PHYSICAL } from "../beken/images/appKey";
import type { FirmwareImage, Segment } from "../beken/images/firmwareImage";
import { shiftOf, straighten } from "../beken/images/shift";

/** A partition, and what of it. */
export interface ComparedPart {
  /** Its name in the chip's layout; `other` for what lies in none. */
  readonly partition: string;
  readonly calibration: boolean;
  readonly ranges: readonly Range[];
}

/** True for what was read from a flash, or is made for one from address 0 on. */
export function isOfAFlash({ format }: Pick<FirmwareImage, "format">): boolean {
  return format === "qio" || format === "full-dump";
}

/**
 * The parts of a file that a comparison looks at: of a backup or a QIO image all of it, boot code included; of any other what
 * flashing it writes.
 */
export function comparedSegments(image: FirmwareImage, file: Uint8Array): readonly Segment[] {
  if (!isOfAFlash(image)) return image.segments;
  const address = shiftOf(file) === "headless" ? APP_PHYSICAL : 0;
  return [{ address, data: straighten(file).subarray(address), from: words`whole file` }];
}

/** Where calibration lies: on the chip, and in the file. */
export function calibrationIn(segments: readonly Segment[], { calibration }: ChipIdentity): readonly Range[] {
  const inFile = segments.flatMap(({ address, data }) => {
    const at = findCalibration(data);
    return at === undefined ? [] : [address + at];
  });
  return [...new Set([...(calibration ? [calibration.address] : []), ...inFile])].map((at) =>
    rangeOf(at, CALIBRATION_LENGTH),
  );
}

/** Ranges sorted into the chip's partitions, in the order of the flash. */
export function byPartition(
  ranges: readonly Range[],
  chip: ChipIdentity,
  calibration: readonly Range[],
): readonly ComparedPart[] {
  const layout = chip.layout ?? (chip.chip && usualLayout(chip.chip.id));
  const parts = new Map<string, { calibration: boolean; ranges: Range[] }>();
  for (const range of split(ranges, geometryOf(chip).sector)) {
    const isCalibration = calibration.some((own) => overlaps(own, range));
    const name = isCalibration ? "calibration" : ((layout && partitionAt(layout, range.start)?.name) ?? "other");
    const part = parts.get(name) ?? { calibration: isCalibration, ranges: [] };
    const last = part.ranges.at(-1);
    if (last?.end === range.start) part.ranges[part.ranges.length - 1] = { start: last.start, end: range.end };
    else part.ranges.push(range);
    parts.set(name, part);
  }
  return [...parts].map(([partition, part]) => ({ partition, ...part }));
}

/** Ranges named for each partition. */
const NAMED = 3;

/** "bootloader 0x000000-0x011000, app ...": for people. */
export function partWords(parts: readonly ComparedPart[]): Words {
  return listed(
    parts.map(({ partition, ranges }): Words => {
      const shown: Text[] = ranges.slice(0, NAMED).map(({ start, end }) => `${hexAddress(start)}-${hexAddress(end)}`);
      const rest = ranges.slice(NAMED);
      if (rest.length > 0) shown.push(words`${lengthOf(rest)} bytes in ${rest.length} more places`);
      return words`${partition} ${listed(shown)}`;
    }),
    "; ",
  );
}

/** What differs, and what it means where that is the calibration. */
export function differenceWords(parts: readonly ComparedPart[]): Words {
  const calibration = parts.some((part) => part.calibration);
  if (!calibration) return words`different: ${partWords(parts)}`;
  if (parts.length === 1)
    return words`nothing but the calibration differs, which every device has for itself: ${partWords(parts)}`;
  return words`different: ${partWords(parts)}; the calibration is one every device has for itself`;
}
