/** What is measured on a chip: each job with its request, the limit it is held against, and how often it is run. */
import type { FlashPlan, JobRequest } from "../../src/core/index";
import { changedInThreeSectors, APP_AT } from "./chips";
import { APP_CONTAINER } from "../../src/core/beken/images/rblPartition";
import type { Build } from "../component/flash/builds";
import { backupLimit, hashLimit, infoLimit, writeLimit, type ChipSpeed, type Limit, type WriteWork } from "./limits";
import type { TimedJob } from "./jobs";
import { BLOCK, SECTOR } from "../flashUnits";

export const MEASURES = [
  "info",
  "backup-random",
  "stall-3",
  "stall-30",
  "write-rbl",
  "changed-rbl",
  "write-uf2",
  "changed-uf2",
  "backup-typical",
  "write",
  "verify",
  "unchanged",
  "changed",
] as const;

export type MeasureId = (typeof MEASURES)[number];

export const TITLES: Readonly<Record<MeasureId, string>> = {
  info: "info",
  "backup-random": "full backup, random content",
  "stall-3": "the same, the chip unheard for 3 s in the middle",
  "stall-30": "the same, unheard for 30 s",
  "write-rbl": "flash an .rbl, all of it different",
  "changed-rbl": "flash an .rbl, 3 sectors changed",
  "write-uf2": "flash a UF2, all of it different",
  "changed-uf2": "flash a UF2, 3 sectors changed",
  "backup-typical": "full backup, typical dump",
  write: "full write of an application, verified",
  verify: "verify",
  unchanged: "reflash, unchanged",
  changed: "reflash, 3 sectors changed",
};

/** Short jobs are run more than once and give their median. */
export const RUNS: Readonly<Record<MeasureId, number>> = {
  info: 3,
  "backup-random": 1,
  "stall-3": 1,
  "stall-30": 1,
  "write-rbl": 1,
  "changed-rbl": 1,
  "write-uf2": 1,
  "changed-uf2": 1,
  "backup-typical": 1,
  write: 1,
  verify: 3,
  unchanged: 3,
  changed: 3,
};

const CHANGED_SECTORS = 3;

/** The application that the chip holds, as far as the bench has put it there. */
export interface Content {
  app: Uint8Array;
  /** An application that differs from it everywhere, packaged as builds are, and the same with three sectors changed. */
  readonly builds: readonly [Build, Build];
}

/** Bytes of a whole partition, and of the application in it, of which the rest is blank. */
const CONTAINER = APP_CONTAINER;

/** For how long a chip that stalls is not heard, in seconds. */
export const STALLS: Readonly<Partial<Record<MeasureId, number>>> = { "stall-3": 3, "stall-30": 30 };

/** The request of one run; `content` follows what it will leave on the chip. */
export function requestOf(id: MeasureId, content: Content, fresh: Uint8Array, run: number): JobRequest {
  switch (id) {
    case "info":
      return { kind: "info" };
    case "backup-random":
    case "backup-typical":
    case "stall-3":
    case "stall-30":
      return { kind: "backup" };
    case "write-rbl":
    case "changed-rbl":
    case "write-uf2":
    case "changed-uf2": {
      const { rbl, uf2 } = content.builds[id.startsWith("write") ? 0 : 1];
      const file = id.endsWith("rbl") ? rbl : (uf2 ?? rbl);
      return { kind: "flash", file, verify: true, reboot: false, dryRun: false };
    }
    case "verify":
      return { kind: "verify", file: { name: FILE, bytes: content.app }, at: APP_AT };
    case "write":
      content.app = fresh;
      return flashOf(content.app, true);
    case "unchanged":
      return flashOf(content.app, false);
    case "changed":
      content.app = changedInThreeSectors(content.app, 0x1000 + run);
      return flashOf(content.app, false);
  }
}

const FILE = "application.crc";

function flashOf(bytes: Uint8Array, full: boolean): JobRequest {
  return {
    kind: "flash",
    file: { name: FILE, bytes },
    at: APP_AT,
    // Measured on every chip: nothing in it tells one.
    evenIfChipUnknown: true,
    verify: true,
    reboot: false,
    dryRun: false,
    full,
  };
}

/** @param baud the rate the chip really makes */
export function limitOf(
  id: MeasureId,
  flashSize: number,
  { app: present, builds }: Content,
  baud: number,
  chip: ChipSpeed,
): Limit {
  const app = id.endsWith("rbl") || id.endsWith("uf2") ? builds[0].crc.bytes : present;
  const sectors = Math.ceil((APP_AT + app.length) / SECTOR) - APP_AT / SECTOR;
  switch (id) {
    case "info":
      return infoLimit(baud, chip);
    case "backup-random":
    case "backup-typical":
      return backupLimit(flashSize, baud, chip);
    case "stall-3":
    case "stall-30": {
      const { ms, chipMs } = backupLimit(flashSize, baud, chip);
      const stallMs = 1000 * (STALLS[id] ?? 0);
      return { ms: ms + stallMs, chipMs: chipMs + stallMs };
    }
    case "write-rbl":
      // What is blank behind the application is blank on the chip already, and only hashed.
      return writeLimit({ ...wholeWrite(app, sectors), hashed: CONTAINER }, baud, chip);
    case "write-uf2":
      return writeLimit(wholeWrite(app, sectors), baud, chip);
    case "changed-rbl":
      return writeLimit({ ...CHANGE, hashed: CONTAINER + CHANGED_SECTORS * SECTOR }, baud, chip);
    case "changed-uf2":
      return writeLimit({ ...CHANGE, hashed: app.length + CHANGED_SECTORS * SECTOR }, baud, chip);
    case "verify":
      return hashLimit(app.length, baud, chip);
    case "write":
      return writeLimit(wholeWrite(app, sectors), baud, chip);
    case "unchanged":
      return hashLimit(app.length, baud, chip);
    case "changed":
      return writeLimit({ ...CHANGE, hashed: app.length + CHANGED_SECTORS * SECTOR }, baud, chip);
  }
}

const CHANGE = { blocks: 0, sectors: CHANGED_SECTORS, programmed: CHANGED_SECTORS, preserved: 0 } as const;

function wholeWrite(app: Uint8Array, sectors: number): WriteWork {
  const end = APP_AT + app.length;
  const blocks = Math.max(0, Math.floor(end / BLOCK) - Math.ceil(APP_AT / BLOCK));
  return {
    blocks,
    sectors: sectors - blocks * (BLOCK / SECTOR),
    programmed: sectors,
    preserved: end % SECTOR === 0 ? 0 : 1,
    hashed: sectors * SECTOR,
  };
}

/** What a finished job shows about how it got there; the plan's totals are bytes. */
export function traitsOf({ notes, plan, setupMs, cpuMs, baudRate }: TimedJob): Readonly<Record<string, unknown>> {
  return { setupMs: round(setupMs), cpuMs: round(cpuMs), baudRate, notes, ...(plan && { totals: totalsOf(plan) }) };
}

function totalsOf({ totals }: FlashPlan): FlashPlan["totals"] {
  return totals;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
