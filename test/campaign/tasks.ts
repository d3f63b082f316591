/** What the campaign has chips do: small jobs of every kind, with everything that is known about their right outcome. */
import type { ChipIdentity, FlasherErrorCode, JobResult } from "../../src/core/index";
import type { FirmwareKind } from "../../src/simulator/index";
import type { Device } from "./devices";
import type { Footprint } from "./footprint";
import type { Content, Patch } from "./medium";
import type { Program } from "./programs";
import type { Random } from "./random";
import * as commands from "./commandTasks";
import * as reading from "./readingTasks";
import * as restoring from "./restoringTasks";
import * as several from "./severalDevices";
import * as writing from "./writingTasks";

export interface Task {
  /** What runs on the chip behind its loader; what it comes with where left out. */
  readonly firmware?: FirmwareKind;
  /** What the flash holds at first. */
  readonly flash: Content;
  /** What it holds after a success. */
  readonly expected: Content;
  /** What of it may be erased and written, and what of that must be kept. */
  readonly footprint: Footprint;
  readonly program: Program;
  /** False where a success says itself that nothing was proven. */
  claims?(result: JobResult): boolean;
  /** What is wrong with a result, beside what the flash holds. */
  judge?(result: JobResult): string | undefined;
  /** What the files that it makes must hold, by name. */
  readonly files?: ReadonlyMap<string, Uint8Array>;
  /** Bytes that it may have to read one by one where damage hides that they are blank. */
  readonly mayRead?: number;
  readonly changesFlash: boolean;
  readonly mayTouchBoot?: boolean;
  /** Nothing may change before a copy of this device is on disk. */
  readonly backsUpFirst?: boolean;
  /** Whether the device starts by itself after a success; undefined where nothing is to be said of it. */
  readonly starts?: boolean;
  /** Nothing on the chip tells this device from all others. */
  readonly hasTwins?: boolean;
  /** This one in place of the drawn one. */
  readonly device?: Device;
  /** Another device on the same machine, before: its job is done, or was killed and is to go on afterwards. */
  readonly prelude?: { readonly device: Device; readonly task: Task; readonly killed: boolean };
  /** How many sessions it takes one after the other, where it is more than one: each has its waits for a link. */
  readonly sessions?: number;
  /** Whether what is on disk says that the chip holds what is expected. */
  claimedOnDisk?(files: ReadonlyMap<string, Uint8Array>): boolean;
  /** The only failure that is right even on a sound line. */
  readonly mustFail?: FlasherErrorCode;
  /** A change by somebody else between two attempts, and the task as it is from then on. */
  meddle?(random: Random): { readonly patch: Patch; readonly then: Task };
  readonly describe?: string;
}

/** @param chip as a sound job identifies it */
export type MakeTask = (device: Device, random: Random, chip: ChipIdentity) => Task;

interface Row {
  readonly make: MakeTask;
  /** How often it is drawn. Restores and whole backups take longest, and are most alike. */
  readonly weight: number;
}

export const TASKS = {
  flash: { make: writing.flash, weight: 22 },
  "flash and look": { make: writing.flashAndLook, weight: 5 },
  "flash in the editor": { make: writing.flashInTheEditor, weight: 7 },
  "flash in a round": { make: writing.flashInARound, weight: 3 },
  "flash by command": { make: commands.flash, weight: 5 },
  "erase by command": { make: commands.erase, weight: 3 },
  "backup by command": { make: commands.backup, weight: 1 },
  "flash all": { make: writing.flashAll, weight: 8 },
  "flash unverified": { make: writing.flashUnverified, weight: 6 },
  "re-key and flash": { make: writing.rekeyAndFlash, weight: 7 },
  erase: { make: writing.erase, weight: 16 },
  "erase the application": { make: writing.eraseApplication, weight: 2 },
  info: { make: reading.info, weight: 14 },
  refused: { make: writing.refused, weight: 4 },
  "back up and flash": { make: writing.backUpAndFlash, weight: 2 },
  "after another device": { make: several.afterAnother, weight: 1 },
  "after a clone": { make: several.afterAClone, weight: 2 },
  "after one like it, without MAC": { make: several.withoutMac, weight: 2 },
  restore: { make: restoring.own, weight: 1 },
  "restore, keep calibration": { make: restoring.keepCalibration, weight: 1 },
  "restore, replace calibration": { make: restoring.replaceCalibration, weight: 1 },
  bootloader: { make: restoring.bootloader, weight: 2 },
  backup: { make: reading.backup, weight: 2 },
  read: { make: reading.read, weight: 18 },
  verify: { make: reading.verify, weight: 14 },
} as const satisfies Record<string, Row>;

export type TaskName = keyof typeof TASKS;
