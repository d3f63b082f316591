/** What is known of a chip once a plan is carried out: what it says of the flash follows what the plan put there. Pure. */
import { alignUp } from "../base/bytes";
import { emptinessOf, findBootloader, fingerprintOf } from "../beken/chips/bootloaders";
import { CALIBRATION_LENGTH, calibrationMark, isCalibrationSector, macOf } from "../beken/chips/calibration";
import { geometryOf } from "../beken/chips/strictGeometry";
import type { ChipIdentity } from "../beken/chips/types";
import { crc32 } from "../base/checksum";
import { FlashAfter } from "./flashAfter";
import type { FlashPlan } from "./flashPlan";

/** Bytes of boot code that its fingerprint is taken of. */
const FINGERPRINT = 256;

/** Key and what depends on it stay as they were read: the next identification tells. */
export function identityAfter(chip: ChipIdentity, plan: FlashPlan): ChipIdentity {
  const { samples = [] } = chip;
  const flash = new FlashAfter(chip.flash.size, samples, plan);
  const after = samples.map(({ address, data }) => ({ address, data: flash.at(address, data.length) ?? data }));
  return {
    ...chip,
    ...bootloaderOf(chip, flash),
    ...calibrationOf(chip, plan),
    samples: after,
    ...(plan.start && { start: plan.start }),
  };
}

function bootloaderOf(chip: ChipIdentity, flash: FlashAfter): Partial<ChipIdentity> {
  const { sector, bootCodeEnd } = geometryOf(chip);
  const start = flash.changes({ start: 0, end: bootCodeEnd }) ? flash.at(0, sector) : undefined;
  if (!start) return {};
  const profile = findBootloader(fingerprintOf(start));
  const crc256 = crc32(start, 0, FINGERPRINT);
  return { bootloader: { profile, crc256, version: chip.bootloader.version, empty: emptinessOf(start) } };
}

/** Only what a plan writes as a whole: a part of it is kept, and so is what it holds. */
function calibrationOf(chip: ChipIdentity, { writes }: FlashPlan): Partial<ChipIdentity> {
  for (const { address, data } of writes) {
    const aligned = alignUp(address, CALIBRATION_LENGTH) - address;
    for (let at = aligned; at + CALIBRATION_LENGTH <= data.length; at += CALIBRATION_LENGTH) {
      const sector = data.subarray(at, at + CALIBRATION_LENGTH);
      if (!isCalibrationSector(sector)) continue;
      const calibration = { address: address + at, from: chip.calibration?.from ?? "scan" } as const;
      return { calibration, calibrationMark: calibrationMark(sector), mac: macOf(sector) ?? chip.mac };
    }
  }
  return {};
}
