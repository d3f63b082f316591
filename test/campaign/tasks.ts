/** What the campaign has chips do: small jobs of every kind, with everything that is known about their right outcome. */
import {
  PlanError,
  buildManifest,
  type BackupManifest,
  type ChipIdentity,
  type FlashPlan,
  type JobRequest,
  type JobResult,
} from "../../src/core/index";
import { createChip, type Preset } from "../../src/simulator/index";
import { noise } from "../../src/simulator/noise";
import { APP_AT, packaged, rawFirmware } from "../component/flash/builds";
import type { Journals } from "./journals";
import type { Random } from "./random";

export interface Task {
  readonly name: string;
  /** What the flash holds at first. */
  readonly flash: Uint8Array;
  request(journals: Journals): JobRequest;
  /** What a success claims, against what is so. @returns what is wrong with it */
  judge(result: JobResult, flash: Uint8Array): string | undefined;
  /** The only failure that is right even on a sound line. */
  readonly mustFail?: string;
}

const SECTOR = 0x1000;
const NOISE_END = 0x40000;

const contents = new Map<string, Uint8Array>();

/** A device in use: something in every sector around the application, so that nothing is kept by chance. */
export function usedFlash(preset: Preset): Uint8Array {
  let content = contents.get(preset.id);
  if (!content) {
    const chip = createChip(preset, { pace: "none" });
    content = chip.flash.slice();
    chip.dispose();
    content.set(noise(77, NOISE_END - 0x1c000), 0x1c000);
    contents.set(preset.id, content);
  }
  return content;
}

export const TASKS = {
  flash: (preset, random) => write(preset, random, false),
  "flash all": (preset, random) => write(preset, random, true),
  erase(preset, random) {
    const start = 0x20000 + SECTOR * random.below(16);
    const length = SECTOR * random.between(1, 20);
    return {
      name: "erase",
      flash: usedFlash(preset),
      request: () => ({ kind: "erase", start, length, dryRun: false }),
      judge: (_result, flash) =>
        flash.subarray(start, start + length).some((byte) => byte !== 0xff) ? "not blank" : undefined,
    };
  },
  restore(preset, random, chip) {
    const dump = usedFlash(preset);
    const flash = dump.slice();
    const harmed = random.between(1, 4);
    for (let i = 0; i < harmed; i++) {
      const at = APP_AT + SECTOR * random.below(40);
      flash.set(noise(i + 1, 0x900), at + random.below(0x600));
    }
    const file = { name: "dump.bin", bytes: dump };
    const manifest = manifestOf(preset, chip, dump);
    return {
      name: "restore",
      flash,
      request: (journals) => ({
        kind: "restore",
        file,
        manifest,
        verify: true,
        reboot: false,
        dryRun: false,
        resume: journals.resumeWrite,
      }),
      judge: (_result, now) => (Buffer.compare(now, dump) === 0 ? undefined : "not what the dump holds"),
    };
  },
  backup(preset) {
    return {
      name: "backup",
      flash: usedFlash(preset),
      request: (journals) => ({ kind: "backup", resume: journals.resumeRead }),
      judge: (result, flash) =>
        result.kind === "backup" && Buffer.compare(result.data, flash) === 0 ? undefined : "not what the chip holds",
    };
  },
  read(preset, random) {
    const start = random.below(0x30000);
    const length = random.between(1, 0x9000);
    return {
      name: "read",
      flash: usedFlash(preset),
      request: () => ({ kind: "read", start, length }),
      judge: (result, flash) =>
        result.kind === "read" && Buffer.compare(result.data, flash.subarray(start, start + length)) === 0
          ? undefined
          : "not what the chip holds",
    };
  },
  verify(preset, random) {
    const { file } = build(preset, 0x8a50);
    const flash = usedFlash(preset).slice();
    flash.set(file.bytes, APP_AT);
    const differs = random.chance(40);
    if (differs) {
      const at = APP_AT + random.below(file.bytes.length);
      flash[at] = (flash[at] as number) ^ (1 << random.below(8));
    }
    return {
      name: "verify",
      flash,
      request: () => ({ kind: "verify", file }),
      judge: () => (differs ? "the chip holds something else" : undefined),
      ...(differs && { mustFail: "verify-failed" }),
    };
  },
} as const satisfies Record<string, (preset: Preset, random: Random, chip: ChipIdentity) => Task>;

export type TaskName = keyof typeof TASKS;

interface Built {
  readonly file: { readonly name: string; readonly bytes: Uint8Array };
}
const builds = new Map<string, Built>();

function build(preset: Preset, size: number): Built {
  const key = `${preset.id} ${size}`;
  let built = builds.get(key);
  if (!built) builds.set(key, (built = { file: packaged(preset, rawFirmware(size)).crc }));
  return built;
}

function write(preset: Preset, random: Random, full: boolean): Task {
  const { file } = build(preset, random.pick([0x1a50, 0x4650, 0xfa50]));
  const before = usedFlash(preset);
  const flash = before.slice();
  // Part of the file may be there already.
  const held = random.chance(40) ? SECTOR * random.below(file.bytes.length / SECTOR) : 0;
  flash.set(file.bytes.subarray(0, held), APP_AT);
  const expected = flash.slice();
  expected.set(file.bytes, APP_AT);
  return {
    name: full ? "flash all" : "flash",
    flash,
    request: (journals) => ({
      kind: "flash",
      file,
      verify: true,
      reboot: false,
      dryRun: false,
      full,
      resume: journals.resumeWrite,
    }),
    judge: (result, now) => {
      if (result.kind !== "flash" || !result.verified) return "not verified";
      return Buffer.compare(now, expected) === 0 ? undefined : "not the file with what was to stay around it";
    },
  };
}

const manifests = new Map<string, BackupManifest>();

function manifestOf(preset: Preset, chip: ChipIdentity, dump: Uint8Array): BackupManifest {
  let manifest = manifests.get(preset.id);
  if (!manifest) manifests.set(preset.id, (manifest = buildManifest(chip, dump, "0", new Date(0))));
  return manifest;
}

/** What of the flash a job may have changed. */
export function mayChange(plan: FlashPlan | undefined, address: number): boolean {
  return plan !== undefined && plan.sectors.some(({ start, end }) => address >= start && address < end);
}

export { PlanError };
