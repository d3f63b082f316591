/** Tasks that write a build or erase: what they are asked, and what the flash holds when they are done. */
import type { JobRequest } from "../../src/core/index";
import { NONE, TUYA, type ChipKey } from "../../src/simulator/flash/codeInFlash";
import type { FirmwareKind } from "../../src/simulator/index";
import { noise } from "../../src/simulator/prng";
import { APP_AT } from "../component/flash/builds";
import type { Device } from "./devices";
import { firmware, type Firmware } from "./firmware";
import { Footprint, NOWHERE } from "./footprint";
import { Content, SECTOR } from "./medium";
import { inTheEditor } from "./editorPrograms";
import { inARound, ledgerClaims } from "./roundPrograms";
import { only, write, type Caution } from "./programs";
import type { Random } from "./random";
import type { MakeTask, Task } from "./tasks";

type Flash = Extract<JobRequest, { readonly kind: "flash" }>;

/** How often each is drawn; the last is long enough for whole 64 KiB blocks, and takes as long as all the others together. */
const SIZES: readonly number[] = [
  ...new Array<number>(11).fill(0x1a50),
  ...new Array<number>(6).fill(0x4650),
  ...[0xfa50, 0xfa50, 0x24650],
];
const PLAIN = { verify: true, reboot: false, dryRun: false } as const;

export const flash: MakeTask = (device, random) => writing(device, random, pick(device, random), {});
export const flashAll: MakeTask = (device, random) => writing(device, random, pick(device, random), { full: true });

const FIRMWARE: readonly FirmwareKind[] = [
  ...(["libretiny", "libretiny", "libretiny", "libretiny-loops", "libretiny-loops"] as const),
  ...(["libretiny-hangs", "openbeken", "none"] as const),
];

/** With whatever runs afterwards: whether it does is looked at, and told as it is. */
export const flashAndLook: MakeTask = (device, random) => {
  const task = writing(device, random, firmware(device.preset, random.pick([0x1a50, 0x4650]), "uf2"), {
    reboot: true,
    checkStart: true,
  });
  const runs = random.pick(FIRMWARE);
  return { ...task, firmware: runs, describe: `${task.describe ?? ""}, ${runs}` };
};

/** With the journals, the copy before and the list of interrupted jobs that the extension keeps. */
export const flashInTheEditor: MakeTask = (device, random) => {
  const backUp = random.chance(10);
  return { ...writing(device, random, short(device, random), {}, { backUp }, inTheEditor), backsUpFirst: backUp };
};

/** As one of many devices, with the ledger of a round. */
export const flashInARound: MakeTask = (device, random) => {
  const backUp = random.chance(10);
  const by = inARound(random.chance(50) ? inTheEditor : write);
  const task = writing(device, random, short(device, random), {}, { backUp }, by);
  // It is met, flashed, and met again.
  return { ...task, backsUpFirst: backUp, sessions: 3, claimedOnDisk: ledgerClaims };
};

export const flashUnverified: MakeTask = (device, random) => ({
  ...writing(device, random, pick(device, random), { verify: false, full: random.chance(50) }),
  claims: (result) => result.kind === "flash" && result.verified,
});

/** Made for another key, a file may tell nothing of its chip: that is agreed to. */
export const rekeyAndFlash: MakeTask = (device, random) => {
  const { preset } = device;
  const size = random.pick(SIZES);
  const form = random.pick(["crc", "crc", "uf2"] as const);
  const key = another(preset.key);
  const { patches } = firmware(preset, size, form);
  return writing(
    device,
    random,
    { file: firmware(preset, size, form, key).file, patches },
    { rekey: true, evenIfChipUnknown: true },
  );
};

/** The usual way of the command line and of the editor. Long ones are left to the other tasks: the copy takes long enough. */
export const backUpAndFlash: MakeTask = (device, random) => ({
  ...writing(device, random, short(device, random), {}, { backUp: true }),
  backsUpFirst: true,
});

export const erase: MakeTask = (device, random) =>
  eraseOf(device, { start: 0x20000 + SECTOR * random.below(16), length: SECTOR * random.between(1, 20) });

/** Of a place beside the application. */
export function eraseOf(device: Device, { start, length }: { readonly start: number; readonly length: number }): Task {
  const before = new Content(device.base);
  return {
    flash: before,
    expected: before.with([{ at: start, bytes: new Uint8Array(length).fill(0xff) }]),
    footprint: new Footprint([{ start, end: start + length }]),
    program: write({ kind: "erase", start, length, dryRun: false }),
    changesFlash: true,
    ...(device.refusal === undefined && { starts: device.cannotStart !== true }),
    ...(device.refusal && { mustFail: device.refusal }),
  };
}

/** By the address at which it is, as asked: it is not to be said of such a device that it starts. */
export const eraseApplication: MakeTask = (device, random) => {
  const length = SECTOR * random.between(1, 3);
  const before = new Content(device.base);
  return {
    flash: before,
    expected: before.with([{ at: APP_AT, bytes: new Uint8Array(length).fill(0xff) }]),
    footprint: new Footprint([{ start: APP_AT, end: APP_AT + length }]),
    program: write({ kind: "erase", start: APP_AT, length, dryRun: false }),
    changesFlash: true,
    ...(device.refusal === undefined && { starts: false }),
    ...(device.refusal && { mustFail: device.refusal }),
  };
};

/** What must be refused whatever happens on the line: boot code, calibration, past the end, a build for another key. */
export const refused: MakeTask = (device, random) => {
  const { preset, base } = device;
  const content = new Content(base);
  const nothing = { flash: content, expected: content, footprint: NOWHERE, changesFlash: true } as const;
  const eraseAt = (start: number): Task["program"] => only({ kind: "erase", start, length: SECTOR, dryRun: false });
  switch (random.below(4)) {
    case 0:
      return { ...nothing, program: eraseAt(SECTOR * random.below(0x11)), mustFail: "plan-touches-bootloader" };
    case 1:
      return { ...nothing, program: eraseAt(preset.calibrationAt), mustFail: "plan-touches-calibration" };
    case 2:
      return { ...nothing, program: eraseAt(base.length), mustFail: "plan-out-of-range" };
    default: {
      const { file } = firmware(preset, 0x1a50, "crc", another(preset.key));
      return { ...nothing, program: write({ kind: "flash", file, ...PLAIN }), mustFail: "image-wrong-key" };
    }
  }
};

export function short({ preset }: Device, random: Random): Firmware {
  return firmware(preset, random.pick([0x1a50, 0x4650]), random.pick(["crc", "crc", "uf2"]));
}

/** Makes a program of a request. */
export type WriteBy = typeof write;

function pick({ preset }: Device, random: Random): Firmware {
  return firmware(preset, random.pick(SIZES), random.pick(["crc", "crc", "uf2"]));
}

export function another(key: ChipKey): ChipKey {
  return key.every((word) => word === 0) ? TUYA : NONE;
}

export function writing(
  device: Device,
  random: Random,
  { file, patches }: Firmware,
  how: Partial<Flash>,
  caution: Caution = {},
  by: WriteBy = write,
): Task {
  const [application] = patches;
  const bytes = application?.bytes ?? new Uint8Array(0);
  // Part of the file may be there already.
  const some = random.chance(40) ? SECTOR * random.below(bytes.length / SECTOR) : 0;
  const held = device.refusal === "flash-dead" ? 0 : some;
  const agrees = device.cannotStart === true && random.chance(50);
  const before = new Content(device.base, [{ at: APP_AT, bytes: bytes.subarray(0, held) }]);
  const task: Task = {
    flash: before,
    expected: before.with(patches),
    footprint: Footprint.of(patches),
    program: by({ kind: "flash", file, ...PLAIN, ...how, ...(agrees && { evenIfItCannotStart: true }) }, caution),
    changesFlash: true,
    ...(device.refusal === undefined && { starts: device.cannotStart !== true }),
    ...(caution.backUp === true && { mayRead: device.base.length }),
    describe: `${file.name} of ${bytes.length}, ${held} held`,
    // What is kept counts as it is: what somebody else has put there since is not to be written over with what was there before.
    meddle(again) {
      const kept = [...task.footprint.edges].reverse().flatMap((sector) => task.footprint.keptIn(sector))[0];
      if (kept && again.chance(50)) {
        const patch = { at: kept.start, bytes: noise(8, kept.end - kept.start) };
        return { patch, then: { ...task, flash: before.with([patch]), expected: task.expected.with([patch]) } };
      }
      const at = APP_AT + SECTOR * again.below(Math.floor(bytes.length / SECTOR));
      const patch = { at, bytes: noise(6, SECTOR) };
      return { patch, then: { ...task, flash: before.with([patch]) } };
    },
    ...(device.cannotStart === true && !agrees && { mustFail: "plan-would-not-start" as const }),
    ...(device.refusal && { mustFail: device.refusal }),
  };
  return task;
}
