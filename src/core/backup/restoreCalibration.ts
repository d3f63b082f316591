/**
 * Which calibration and MAC address a device has after a restore. Another device's values cost radio range and make two
 * devices share an address, so this device's own stay unless the person chose otherwise.
 */
import { hexAddress, isFilledWith } from "../base/bytes";
import { describeRange } from "../base/ranges";
import { words } from "../base/words";
import {
  CALIBRATION_LENGTH,
  calibrationMark,
  findCalibration,
  isCalibrationSector,
  macOf,
} from "../beken/chips/calibration";
import type { Refusal, Segment } from "../beken/images/firmwareImage";
import type { LeftOut, RestorePlan, RestoreTarget, RestoreWarning, Warn } from "./restorePlan";

export interface CalibrationOutcome {
  readonly outcome: RestorePlan["calibration"];
  readonly mac: string | undefined;
  readonly leftOut: readonly LeftOut[];
  readonly segments: readonly Segment[];
  readonly refusals: readonly Refusal[];
}

/**
 * Which calibration the device has afterwards, and where. The restored firmware looks where the dump had its own, so
 * this device's is copied there when that is another place.
 */
export function placeCalibration(
  bytes: Uint8Array,
  target: RestoreTarget,
  device: RestorePlan["device"],
  keep: boolean | undefined,
  warnings: RestoreWarning[],
): CalibrationOutcome {
  const warn: Warn = (code, told) => void warnings.push({ code, words: told });
  const inDump = calibrationSectors(bytes);
  const onChip = target.identity.calibration?.address;
  const nothing = { leftOut: [], segments: [], refusals: [] } as const;
  if (onChip === undefined) {
    if (keep === true && device !== "same") {
      warn(
        "calibration-missing",
        words`The chip has no calibration that could be found, and that of the backup is left out, as asked.`,
      );
      return { ...nothing, outcome: "none", mac: target.identity.mac, leftOut: inDump.map(foreignAt) };
    }
    if (inDump.length === 0) {
      warn(
        "calibration-missing",
        words`Neither the chip nor the backup has calibration: the radio will work badly or not at all.`,
      );
      return { ...nothing, outcome: "none", mac: target.identity.mac };
    }
    if (device !== "same")
      warn(
        "calibration-missing",
        words`The chip has no calibration that could be found; it gets that of the backup, with its MAC address.`,
      );
    return { ...nothing, outcome: "written", mac: dumpMarks(bytes).mac };
  }
  if (keep === false) {
    if (inDump.length === 0) {
      const detail = words`the backup has no calibration that could take its place`;
      return {
        ...nothing,
        outcome: "none",
        mac: undefined,
        refusals: [
          { code: "plan-touches-calibration", context: { address: onChip, length: CALIBRATION_LENGTH, detail } },
        ],
      };
    }
    warn(
      "calibration-replaced",
      device === "same"
        ? words`This device's calibration is replaced.`
        : words`This device's calibration is replaced by another device's, with its MAC address.`,
    );
    return { ...nothing, outcome: "written", mac: dumpMarks(bytes).mac };
  }
  return keepOwn(bytes, target, onChip, device === "same" ? [] : inDump.filter((at) => at !== onChip), warn);
}

/** @param elsewhere where the dump has another device's calibration, other than where this device's is */
function keepOwn(
  bytes: Uint8Array,
  target: RestoreTarget,
  onChip: number,
  elsewhere: readonly number[],
  warn: Warn,
): CalibrationOutcome {
  const own: LeftOut = { start: onChip, end: onChip + CALIBRATION_LENGTH, why: words`this device's calibration` };
  const ends = Math.min(own.end, bytes.length);
  if (
    onChip < bytes.length &&
    !isCalibrationSector(bytes.subarray(onChip)) &&
    !isFilledWith(bytes, 0xff, onChip, ends)
  ) {
    warn(
      "calibration-place-in-use",
      words`The backup has something else at ${describeRange(own)}, where this device's calibration is; it is left out.`,
    );
  }
  const foreign = elsewhere.map(foreignAt);
  const copy = ownCalibration(target);
  for (const at of elsewhere) {
    if (copy)
      warn(
        "calibration-copied",
        words`The backup's firmware expects calibration at ${hexAddress(at)}: this device's is copied there.`,
      );
    else
      warn(
        "calibration-left-out",
        words`The backup's firmware expects calibration at ${hexAddress(at)}, and this device's is at ${hexAddress(onChip)}.`,
      );
  }
  return {
    outcome: "kept",
    mac: target.identity.mac ?? (copy && macOf(copy)),
    leftOut: [own, ...foreign],
    segments: copy ? elsewhere.map((at) => ({ address: at, data: copy, from: words`this device's calibration` })) : [],
    refusals: [],
  };
}

function foreignAt(start: number): LeftOut {
  return { start, end: start + CALIBRATION_LENGTH, why: words`another device's calibration` };
}

/** Every calibration sector in the dump. */
function calibrationSectors(bytes: Uint8Array): number[] {
  const found: number[] = [];
  for (let at = findCalibration(bytes); at !== undefined; at = findCalibration(bytes, at + CALIBRATION_LENGTH))
    found.push(at);
  return found;
}

function ownCalibration({ calibration }: RestoreTarget): Uint8Array | undefined {
  return calibration && calibration.length === CALIBRATION_LENGTH && isCalibrationSector(calibration)
    ? calibration
    : undefined;
}

/** What the dump's own calibration says of its device; nothing where there is none. */
export function dumpMarks(bytes: Uint8Array): { readonly mac?: string; readonly calibration?: string } {
  const at = findCalibration(bytes);
  if (at === undefined) return {};
  const sector = bytes.subarray(at, at + CALIBRATION_LENGTH);
  const mac = macOf(sector);
  return { ...(mac !== undefined && { mac }), calibration: calibrationMark(sector) };
}
