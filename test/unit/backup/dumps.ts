/** Dumps, and the identities of the simulated chips they are of. */
import { identifyChip } from "../../../src/core/beken/chips/identify";
import type { ChipIdentity } from "../../../src/core/beken/chips/types";
import { inferKey } from "../../../src/core/beken/images/appKey";
import { createChip, type PresetId } from "../../../src/simulator/index";
import { SECTOR } from "../../flashUnits";

export const CALIBRATION = 0x1e0000;

/** What a fresh simulated chip holds. */
export function dumpOf(preset: PresetId): Uint8Array {
  return createChip(preset, { pace: "none" }).flash.slice();
}

/** Another device's dump: its MAC ends in `last`. */
export function withMac(dump: Uint8Array, at: number, last: number): Uint8Array {
  const copy = dump.slice();
  copy[at + 0x29] = last;
  return copy;
}

/** The chip that holds `flash`. */
export function identityOf(flash: Uint8Array, calibrationAt: number | null = CALIBRATION): ChipIdentity {
  const key = inferKey(flash.subarray(0x11000));
  return identifyChip({
    familyHint: "loader",
    bootCode: flash.subarray(0, 0x200),
    bootVersion: "BK7231S_1.0.5",
    sizeByWrap: flash.length,
    ...(calibrationAt !== null && {
      calibration: {
        address: calibrationAt,
        from: "known",
        sector: flash.subarray(calibrationAt, calibrationAt + SECTOR),
      },
    }),
    applicationKey: { ...key, from: "application" },
  });
}
