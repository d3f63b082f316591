/**
 * Tasks on a machine that has had another device before: one of its own, a clone with the same MAC address, or one that like this
 * one has none. Nothing that was kept for the one may ever reach the other, and each has its own backup.
 */
import { noise } from "../../src/simulator/prng";
import type { Device } from "./devices";
import { SECTOR } from "./medium";
import type { Random } from "./random";
import type { MakeTask } from "./tasks";
import { short, writing } from "./writingTasks";

const MAC_AT = 0x24;
const MAC_LENGTH = 6;
/** Of calibration data behind the MAC address: every device has its own. */
const OWN_AT = 0x2a;
const OWN_LENGTH = 0x100;
const USED_FROM = 0x11000;
const USED_END = 0x40000;
/** Many devices were never given an address of their own. */
const DEFAULT_MACS = ["c8478c428848", "c8478c000000"] as const;

/** With an address of its own: those that end in 48 are an SDK's default. */
export const afterAnother: MakeTask = (device, random) =>
  after(device, other(device, [0xc8, 0x47, 0x8c, 0x42, 0x01, random.below(0x40)]), random, false);

export const afterAClone: MakeTask = (device, random) => {
  const mac = random.chance(60) ? [...Buffer.from(random.pick(DEFAULT_MACS), "hex")] : device.preset.mac;
  return after(withMac(device, mac), other(device, mac), random, true);
};

export const withoutMac: MakeTask = (device, random) =>
  after(blankCalibration(device), blankCalibration(other(device, [])), random, true);

function after(device: Device, before: Device, random: Random, hasTwins: boolean): ReturnType<MakeTask> {
  const backUp = random.chance(35);
  const firmware = short(device, random);
  // The same file, so that the plans are alike, or another.
  const otherFirmware = random.chance(60) ? firmware : short(device, random);
  return {
    ...writing(device, random, firmware, {}, { backUp }),
    backsUpFirst: backUp,
    device,
    hasTwins,
    prelude: {
      device: before,
      task: { ...writing(before, random, otherFirmware, {}, { backUp }), backsUpFirst: backUp, hasTwins },
      killed: random.chance(60),
    },
  };
}

/** A device of the same kind that was used for something else. */
function other(device: Device, mac: readonly number[]): Device {
  const made = withMac(device, mac);
  made.base.set(noise(78, USED_END - USED_FROM), USED_FROM);
  made.base.set(noise(79, OWN_LENGTH), device.preset.calibrationAt + OWN_AT);
  return made;
}

function withMac(device: Device, mac: readonly number[]): Device {
  const base = device.base.slice();
  base.set(mac.slice(0, MAC_LENGTH), device.preset.calibrationAt + MAC_AT);
  return { ...device, base };
}

function blankCalibration(device: Device): Device {
  const base = device.base.slice();
  base.fill(0xff, device.preset.calibrationAt, device.preset.calibrationAt + SECTOR);
  return { ...device, base };
}
