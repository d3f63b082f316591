/**
 * Which jobs were stopped on their way and can go on, in a folder: one small record for each, worth something only as long as
 * the journal it points at is there. Several windows share the folder; what another one is busy with is not offered.
 */
import { readFile, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { crc32, hex32 } from "../core/index";
import { createFolder, exists, replaceFile } from "./wholeFiles";

export interface InterruptedJob {
  readonly id: string;
  readonly kind: "flash" | "restore" | "backup";
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
  readonly at: number | null;
  readonly rekey: boolean;
  readonly replaceCalibration: boolean;
  /** Where it was started: the first folder of the workspace, as a URI. */
  readonly workspace: string | null;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** The process that ran it. */
  readonly pid: number;
}

/** A journal that is not written to for so long has nobody at work on it, whatever has its process number now. */
const AT_WORK_MS = 60_000;

export interface InterruptedJobs {
  /** Newest first. */
  readonly jobs: readonly InterruptedJob[];
  /** True while one seems to be at work in another process: worth another look. */
  readonly busyElsewhere: boolean;
}

export function interruptedId(journal: string): string {
  return hex32(crc32(new TextEncoder().encode(journal)));
}

export async function rememberJob(folder: string, job: Omit<InterruptedJob, "id">): Promise<void> {
  const id = interruptedId(job.journal);
  await createFolder(folder);
  const path = pathOf(folder, id);
  await replaceFile(path, JSON.stringify({ ...job, id }));
}

/** The offer is gone; the journal stays, and the same job still goes on from it. */
export async function forgetJob(folder: string, id: string): Promise<void> {
  await rm(pathOf(folder, id), { force: true });
}

/** Records without a journal are tidied away. */
export async function interruptedJobs(folder: string): Promise<InterruptedJobs> {
  const names = (await exists(folder)) ? await readdir(folder) : [];
  const jobs: InterruptedJob[] = [];
  let busyElsewhere = false;
  for (const name of names.filter((each) => /^job-[0-9A-F]{8}\.json$/.test(each))) {
    const job = jobFrom(await readFile(join(folder, name), "utf8").catch(() => ""));
    const touched = job && (await stat(job.journal).catch(() => undefined))?.mtimeMs;
    if (job === undefined || touched === undefined) {
      await rm(join(folder, name), { force: true });
    } else if (job.pid !== process.pid && Date.now() - touched < AT_WORK_MS && isAlive(job.pid)) {
      busyElsewhere = true;
    } else jobs.push(job);
  }
  return { jobs: jobs.sort((a, b) => b.startedAt - a.startedAt), busyElsewhere };
}

function pathOf(folder: string, id: string): string {
  return join(folder, `job-${id}.json`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

const KINDS: readonly string[] = ["flash", "restore", "backup"] satisfies readonly InterruptedJob["kind"][];

/** undefined for what is no record of this version. */
function jobFrom(text: string): InterruptedJob | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const job = value as Readonly<Record<keyof InterruptedJob, unknown>>;
  const isText = (field: unknown): boolean => typeof field === "string" && field.length > 0 && field.length < 4096;
  const isSound =
    [job.id, job.journal, job.title, job.portId, job.portLabel, job.file].every(isText) &&
    KINDS.includes(String(job.kind)) &&
    [job.chip, job.workspace].every((field) => field === null || isText(field)) &&
    (job.at === null || Number.isSafeInteger(job.at)) &&
    [job.rekey, job.replaceCalibration].every((field) => typeof field === "boolean") &&
    [job.startedAt, job.pid].every((field) => Number.isSafeInteger(field));
  return isSound ? (value as InterruptedJob) : undefined;
}
