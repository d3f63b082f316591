/**
 * What callers of the core do around a job, the way the command line does it, in a folder of the scenario's: journals to
 * resume by, destination files, the copy of the boot code. Knows no faults.
 */
import {
  manifestName,
  type BootloaderConsent,
  type JobEvent,
  type JobHooks,
  type JobRequest,
  type JobResult,
  type SessionDeps,
} from "../../src/core/index";
import { BackupBeforeWrite } from "../../src/storage/firstBackup";
import { createBackup } from "../../src/storage/backups";
import type { FileSystem } from "../../src/storage/fileSystem";
import { assertCanCreate, createFile } from "../../src/storage/wholeFiles";
import { PartialBackup } from "../../src/storage/partialBackup";
import { WriteJournal } from "../../src/storage/writeJournalStore";
import { BACKUPS, JOURNALS } from "./disk";
import { manifestProblem } from "./manifests";

export type Store = (event: JobEvent) => Promise<void>;

export interface Host {
  readonly folder: string;
  readonly files: FileSystem;
  /** Its own number among those of the scenario. */
  readonly pid: number;
  /** The scenario's line and clock, for programs that bring all else. */
  readonly openLine: SessionDeps["open"];
  readonly clock: SessionDeps["clock"];
  /** A person's file on disk, there before anything happens. @returns its path */
  readonly put: (name: string, bytes: Uint8Array) => string;
  /** Told how many interrupted jobs a program offers to go on with, before it runs another. */
  readonly offers: (jobs: number) => void;
  /** Told what a program prints: it may be killed at any line. */
  readonly printed: (line: string) => void;
  /** Told of a journal that may be of this device, or of another that nothing tells from it: a person is told of it. */
  readonly leavesAlone: (path: string) => void;
  /** Told the name of the file in which a copy of the boot code is about to be stored. */
  readonly savesBoot: (name: string) => void;
  run<K extends JobRequest["kind"]>(
    request: Extract<JobRequest, { readonly kind: K }>,
    hooks: JobHooks,
    store?: Store,
  ): Promise<Extract<JobResult, { readonly kind: K }>>;
}

/** @returns the job's result; undefined where there was nothing left to do */
export type Program = (host: Host) => Promise<JobResult | undefined>;

type Write = Extract<JobRequest, { readonly kind: "flash" | "restore" | "erase" }>;

export const DUMP = "backup.bin";
export const READING = "read.bin";
export const BOOT = "bootloader.bin";

export const backUp: Program = async (host) => {
  const path = host.files.join(host.folder, DUMP);
  const partial = await PartialBackup.prepare(host.files, path);
  if (!(partial instanceof PartialBackup)) return undefined;
  try {
    const hooks = { resumeBackup: partial.resume.bind(partial) };
    const result = await host.run({ kind: "backup" }, hooks, (event) => partial.store(event));
    await createBackup(host.files, path, result.chip, result.data, "0");
    await partial.remove();
    return result;
  } finally {
    await partial.close();
  }
};

export function readTo(request: Extract<JobRequest, { kind: "read" }>): Program {
  return async (host) => {
    const path = host.files.join(host.folder, READING);
    await assertCanCreate(host.files, path);
    const result = await host.run(request, {});
    await createFile(host.files, path, result.data);
    return result;
  };
}

export interface Caution {
  /** Write boot code too, once a copy of what is there is stored. */
  readonly boot?: boolean;
  /** Have the whole flash copied first, where no copy of the device is at hand. */
  readonly backUp?: boolean;
}

export function write(request: Write, { boot, backUp: backsUp }: Caution = {}): Program {
  return async (host) => {
    // As a program has it that nobody is asked by.
    const backUpFirst =
      backsUp === true
        ? new BackupBeforeWrite({
            files: host.files,
            folder: host.files.join(host.folder, BACKUPS),
            toolVersion: "0",
            accept: ({ verdict }) => Promise.resolve(verdict !== "worthless"),
          })
        : undefined;
    const journal = new WriteJournal({
      files: host.files,
      // Each run is a process of its own, and one is over before the next begins.
      programs: { own: host.pid, isAlive: () => false },
      folder: host.files.join(host.folder, JOURNALS),
      fileName: request.kind === "erase" ? "erase" : request.file.name,
      warn: () => undefined,
      leftAlone: (path) => host.leavesAlone(path),
    });
    const bootloader: BootloaderConsent = {
      confirm: ({ name }) => Promise.resolve(name),
      async save(bytes) {
        // Another run has another name, as it has another time.
        const name = `${host.pid}-${BOOT}`;
        host.savesBoot(name);
        await createFile(host.files, host.files.join(host.folder, name), bytes);
        return await host.files.read(host.files.join(host.folder, name));
      },
    };
    try {
      const allowed: Write = boot === true && request.kind !== "erase" ? { ...request, bootloader: "wanted" } : request;
      const hooks = {
        resumeWrite: journal.resume.bind(journal),
        bootloader,
        ...(backUpFirst && { backUpFirst }),
      };
      const result = await host.run(allowed, hooks, async (event) => {
        await backUpFirst?.store(event);
        await journal.store(event);
      });
      await journal.remove();
      return result;
    } finally {
      await backUpFirst?.close();
      await journal.close();
    }
  };
}

export function only(request: JobRequest): Program {
  return (host) => host.run(request, {});
}

/** Dumps that were held against their manifests already. */
const sound = new WeakSet<Uint8Array>();

/** What is wrong with the files a person asked for: each is absent, or complete and right. */
export function judgeFiles(files: ReadonlyMap<string, Uint8Array>, right: ReadonlyMap<string, Uint8Array>): string[] {
  const wrong: string[] = [];
  for (const [name, bytes] of files) {
    const expected = right.get(name);
    if (expected && Buffer.compare(bytes, expected) !== 0)
      wrong.push(`${name} has ${bytes.length} bytes and is not what it should be`);
  }
  const dumps = [...files.keys()].filter((name) => name === DUMP || isCopy(name));
  const manifests = [...files.keys()].filter((name) => name.endsWith(manifestName("")));
  for (const name of dumps) if (!files.has(manifestName(name))) wrong.push(`${name} is without its manifest`);
  for (const name of manifests) {
    const dump = files.get(name.slice(0, -manifestName("").length));
    if (!dump || sound.has(dump)) continue;
    const problem = manifestProblem(new TextDecoder().decode(files.get(name)), dump);
    if (problem === undefined) sound.add(dump);
    else wrong.push(`${name} ${problem}`);
  }
  return wrong;
}

/** One made before a write. */
export function isCopy(name: string): boolean {
  return name.startsWith(`${BACKUPS}/`) && name.endsWith(".bin") && !name.startsWith(`${BACKUPS}/.`);
}
