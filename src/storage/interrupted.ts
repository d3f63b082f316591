/**
 * Which jobs were stopped on their way and can go on, in a folder: one small record for each, worth something only as long as
 * the journal it points at is there. Several windows share the folder; what another one is busy with is not offered.
 */
import { crc32, hex32, keptRequest, type KeptRequest } from "../core/index";
import type { FileSystem } from "./fileSystem";
import { codeOf, createFolder, exists, readText, replaceFile } from "./wholeFiles";

export interface InterruptedJob {
  readonly id: string;
  /** What is asked for, but for the file. */
  readonly request: KeptRequest;
  /** The journal without which there is nothing to go on from. */
  readonly journal: string;
  /** For people: "Flash kitchen.rbl". */
  readonly title: string;
  readonly portId: string;
  readonly portLabel: string;
  /** Name of the chip, where it is known. */
  readonly chip: string | null;
  /** What is written, as a URI; of a backup, the path of the dump. */
  readonly file: string;
  /** Where it was started: the first folder of the workspace, as a URI. */
  readonly workspace: string | null;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** The process that ran it. */
  readonly pid: number;
}

/** A journal that is not written to for so long has no program at work on it, whatever process has its number now. */
const AT_WORK_MS = 60_000;

/** Whether another process, of the number that is given, may be at work on a journal that was last written to then. */
export async function isBusyElsewhere(programs: Programs, pid: number, changed: number): Promise<boolean> {
  return pid !== programs.own && Date.now() - changed < AT_WORK_MS && (await programs.isAlive(pid));
}

/** The programs of this computer that may be at work on a job. */
export interface Programs {
  /** The number of this one. */
  readonly own: number;
  /** Whether there is one of that number, as far as can be told. */
  isAlive(pid: number): boolean | Promise<boolean>;
}

export interface InterruptedJobs {
  /** Newest first. */
  readonly jobs: readonly InterruptedJob[];
  /** True while one seems to be at work in another process: worth another look. */
  readonly busyElsewhere: boolean;
}

export function interruptedId(journal: string): string {
  return hex32(crc32(new TextEncoder().encode(journal)));
}

export async function rememberJob(files: FileSystem, folder: string, job: Omit<InterruptedJob, "id">): Promise<void> {
  const id = interruptedId(job.journal);
  await createFolder(files, folder);
  await replaceFile(files, pathOf(files, folder, id), JSON.stringify({ ...job, id }));
}

/** The offer is gone; the journal stays, and the same job still goes on from it. */
export async function forgetJob(files: FileSystem, folder: string, id: string): Promise<void> {
  await files.remove(pathOf(files, folder, id));
}

/** Records without a journal are tidied away. */
export async function interruptedJobs(files: FileSystem, folder: string, programs: Programs): Promise<InterruptedJobs> {
  const names = (await exists(files, folder)) ? await files.list(folder) : [];
  const jobs: InterruptedJob[] = [];
  let busyElsewhere = false;
  for (const name of names.filter((each) => /^job-[0-9A-F]{8}\.json$/.test(each))) {
    const path = files.join(folder, name);
    const text = await readText(files, path).catch(() => undefined);
    // Another window has just taken it away, or nothing can be read now: its time comes.
    if (text === undefined) continue;
    const job = jobFrom(text);
    const touched = job === undefined ? "gone" : await touchedAt(files, job.journal);
    // Its journal may lie on a machine that this window does not see.
    if (touched === "unknown") continue;
    if (job === undefined || touched === "gone") {
      await files.remove(path);
    } else if (await isBusyElsewhere(programs, job.pid, touched)) {
      busyElsewhere = true;
    } else jobs.push(job);
  }
  return { jobs: jobs.sort((a, b) => b.startedAt - a.startedAt), busyElsewhere };
}

async function touchedAt(files: FileSystem, journal: string): Promise<number | "gone" | "unknown"> {
  try {
    return (await files.stat(journal)).changed;
  } catch (error) {
    return codeOf(error) === "ENOENT" ? "gone" : "unknown";
  }
}

function pathOf(files: FileSystem, folder: string, id: string): string {
  return files.join(folder, `job-${id}.json`);
}

/** A record as it may have been stored: earlier versions kept fields of their own in place of the request. */
type Stored = Readonly<
  Record<keyof InterruptedJob | "kind" | "at" | "rekey" | "replaceCalibration" | "onlyBootCode", unknown>
>;

/** undefined for what is no record. */
function jobFrom(text: string): InterruptedJob | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const job = value as Stored;
  const request = keptRequest(job.request ?? earlierRequest(job));
  const { id, journal, title, portId, portLabel, chip, file, workspace, startedAt, pid } = job;
  const isSound =
    [id, journal, title, portId, portLabel, file].every(isText) &&
    [chip, workspace].every((field) => field === null || isText(field)) &&
    [startedAt, pid].every((field) => Number.isSafeInteger(field));
  if (!isSound || !request) return undefined;
  return { id, request, journal, title, portId, portLabel, chip, file, workspace, startedAt, pid } as InterruptedJob;
}

function isText(field: unknown): boolean {
  return typeof field === "string" && field.length > 0 && field.length < 4096;
}

function earlierRequest({ kind, at, rekey, replaceCalibration, onlyBootCode = false }: Stored): object | undefined {
  if (![rekey, replaceCalibration, onlyBootCode].every((flag) => typeof flag === "boolean")) return undefined;
  return {
    kind,
    at,
    rekey,
    only: onlyBootCode === true ? "boot-code" : null,
    keepCalibration: replaceCalibration === true ? false : null,
  };
}
