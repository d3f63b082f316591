/** Tasks that write a dump back: this device's own, another device's with either calibration, and one with boot code. */
import { buildManifest, type ChipIdentity } from "../../src/core/index";
import { application } from "../../src/simulator/index";
import { noise } from "../../src/simulator/prng";
import { APP_AT } from "../component/flash/builds";
import { isRom, type Device } from "./devices";
import { Footprint, NOWHERE } from "./footprint";
import { Content, SECTOR, type Patch } from "./medium";
import { write } from "./programs";
import type { Random } from "./random";
import type { MakeTask, Task } from "./tasks";

const PLAIN = { verify: true, reboot: false, dryRun: false } as const;
const MAC_AT = 0x24;
const OTHER_MAC = Uint8Array.of(0xc8, 0x47, 0x8c, 0x42, 0x00, 0xf7);
const OTHER_MAC_TEXT = "C8:47:8C:42:00:F7";
/** Where another device's firmware may have its calibration instead, from this one's. */
const MOVED_BY = -0x3000;

export const own: MakeTask = (device, random, chip) => {
  const dump = new Content(device.base);
  return restoring(device, { dump, before: dump.with(harm(random)), expected: dump, chip }, random);
};

export const keepCalibration: MakeTask = (device, random, chip) => {
  const { dump, at, identity } = foreign(device, random, chip);
  const before = new Content(device.base);
  const calibration = before.sector(device.preset.calibrationAt);
  const expected = dump.with([
    { at: device.preset.calibrationAt, bytes: calibration },
    { at, bytes: calibration },
  ]);
  return restoring(device, { dump, before, expected, chip: identity }, random, { mayTouchBoot: false });
};

export const replaceCalibration: MakeTask = (device, random, chip) => {
  const { dump, identity } = foreign(device, random, chip);
  const before = new Content(device.base);
  return restoring(device, { dump, before, expected: dump, chip: identity }, random, { mayTouchCalibration: true });
};

/** With the token for boot code: on chips whose ROM answers it is written, on others the job must be refused. */
export const bootloader: MakeTask = (device, random, chip) => {
  const dump = new Content(device.base);
  const first = random.chance(30) ? 0 : SECTOR * random.between(1, 8);
  const before = dump.with([{ at: first, bytes: noise(9, SECTOR * random.between(1, 3)) }, ...harm(random)]);
  const task = restoring(device, { dump, before, expected: dump, chip }, random, { mayTouchBoot: true });
  return isRom(device.preset)
    ? task
    : { ...task, mustFail: "plan-touches-bootloader", expected: before, footprint: NOWHERE };
};

interface Given {
  readonly dump: Content;
  readonly before: Content;
  readonly expected: Content;
  /** Of which the dump was made. */
  readonly chip: ChipIdentity;
}

function restoring(
  device: Device,
  { dump, before, expected, chip }: Given,
  random: Random,
  may: { readonly mayTouchBoot?: boolean; readonly mayTouchCalibration?: boolean } = {},
): Task {
  const bytes = dump.whole();
  const request = {
    kind: "restore",
    file: { name: "dump.bin", bytes },
    ...(random.chance(35) && { manifest: buildManifest(chip, bytes, "0", new Date(0)) }),
    ...(may.mayTouchCalibration === true && { keepCalibration: false }),
    ...PLAIN,
  } as const;
  const mayTouchBoot = may.mayTouchBoot === true;
  return {
    flash: before,
    expected,
    footprint: Footprint.between(
      mayTouchBoot ? 0 : APP_AT,
      bytes.length,
      may.mayTouchCalibration === true ? [] : [device.preset.calibrationAt],
    ),
    program: write(request, { boot: mayTouchBoot }),
    changesFlash: true,
    starts: true,
    mayTouchBoot,
    ...(device.refusal && { mustFail: device.refusal }),
  };
}

/** Something else in a few sectors of the application. */
function harm(random: Random): Patch[] {
  return Array.from({ length: random.between(1, 4) }, (_, i) => ({
    at: APP_AT + SECTOR * random.below(40) + random.below(0x600),
    bytes: noise(i + 1, 0x900),
  }));
}

/** The dump of another device of the same kind, with its calibration at `at`. */
function foreign(
  { preset, base }: Device,
  random: Random,
  chip: ChipIdentity,
): { readonly dump: Content; readonly at: number; readonly identity: ChipIdentity } {
  const { calibrationAt } = preset;
  const at = random.chance(50) ? calibrationAt : calibrationAt + MOVED_BY;
  const calibration = base.slice(calibrationAt, calibrationAt + SECTOR);
  calibration.set(OTHER_MAC, MAC_AT);
  calibration.set(noise(random.below(100), 0x100), 0x40);
  const blank: Patch = { at: calibrationAt, bytes: new Uint8Array(SECTOR).fill(0xff) };
  // Its application is another one, and sound.
  const other: Patch = {
    at: APP_AT,
    bytes: application(preset.key, 100 + random.below(4), undefined, undefined, preset.core),
  };
  const dump = new Content(base, [blank, { at, bytes: calibration }, other]);
  return { dump, at, identity: { ...chip, mac: OTHER_MAC_TEXT, calibration: { address: at, from: "scan" } } };
}
