/**
 * The host's disk: a real folder behind `node:fs/promises`, of which every call is one step. At a step the process can die,
 * or the disk refuse. Steps take no time and happen in order, so that a scenario is the same every time. Knows nothing of
 * what is stored.
 */
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FileSystem } from "../../src/storage/fileSystem";
import { nodeFiles } from "../../src/storage/nodeFileSystem";
import { DurableMemory, type Unsynced } from "./memory";
import type { Random } from "./random";

export interface DiskFaults {
  /** Asked before each step, counted from 1 over all processes of the scenario. */
  readonly onStep?: ((step: number, changes: boolean) => "die" | "refuse" | undefined) | undefined;
  /** How much of what was being written is there when the step fails, of `length` bytes. */
  readonly torn?: ((length: number) => number) | undefined;
  /** When the process dies, so does the machine: what was not synced may be gone. */
  readonly forgets?: { readonly names: boolean; readonly unsynced: Unsynced } | undefined;
}

const NEVER = new Promise<never>(() => undefined);
const CHANGING = new Set(["write", "writeFile", "appendFile", "truncate", "rename", "link", "mkdir", "copyFile"]);
/** Where programs keep what outlives them. */
export const BACKUPS = "backups";
export const JOURNALS = "state";
export const EDITOR_JOURNALS = "journals";
/** Of the command line, in the folder that it is told. */
export const COMMAND_STATE = "beken-flasher";
/** What people have there already. */
export const INPUT = "input";
const FOLDERS = [BACKUPS, JOURNALS, EDITOR_JOURNALS, COMMAND_STATE, INPUT];
const LARGE = 0x100000;
export const FIRST_PID = 5_000_000;

let running: HostProcess | undefined;
let folder: string | undefined;

/** What of a disk outlives its machine. */
export interface Durable {
  /** @param namesToo false: names changed since anything was flushed are there all the same */
  losePower(namesToo: boolean, unsynced: Unsynced): void;
  synced(fd: number): void;
  dispose(): void;
}

/** Where the programs of a scenario keep what outlives them. */
export interface HostDisk {
  readonly folder: string;
  /** As the process sees it that runs. */
  readonly fileSystem: FileSystem;
  /** Of all processes of the scenario. */
  readonly steps: number;
  /** A person's file, there for long. @returns its path */
  put(name: string, bytes: Uint8Array): string;
  /** Flips a bit in one of these files, as a disk does that goes bad; false where there is none. */
  damage(isMeant: (name: string) => boolean, random: Random): boolean;
  /** From now on the running code is another process, with these troubles. */
  begin(faults: DiskFaults, onDeath: () => void): HostProcess;
  /** Files as they are, by name, those in folders as `folder/name`. */
  files(): Map<string, Uint8Array>;
  empty(): void;
}

/** One folder, gone when this process ends, that each scenario finds empty. */
export class Disk implements HostDisk {
  readonly folder: string;
  readonly fileSystem = nodeFiles;
  steps = 0;
  private pids = FIRST_PID;
  private readonly large = new Map<string, Uint8Array>();

  constructor() {
    install();
    this.folder = folder ??= ownFolder();
    // Whatever other scenarios have left: each finds the same.
    for (const name of FOLDERS) fs.mkdirSync(join(this.folder, name), { recursive: true });
  }

  put(name: string, bytes: Uint8Array): string {
    const path = join(this.folder, INPUT, name);
    if (!fs.existsSync(path)) fs.writeFileSync(path, bytes);
    return path;
  }

  damage(isMeant: (name: string) => boolean, random: Random): boolean {
    const [name] = [...this.files().keys()].filter(isMeant);
    if (name === undefined) return false;
    const path = join(this.folder, name);
    const bytes = fs.readFileSync(path);
    if (bytes.length === 0) return false;
    flipABit(bytes, random);
    fs.writeFileSync(path, bytes);
    return true;
  }

  begin(faults: DiskFaults, onDeath: () => void): HostProcess {
    const memory = faults.forgets && new DurableMemory(["", ...FOLDERS].map((name) => join(this.folder, name)));
    running = new HostProcess(this, this.pids++, faults, onDeath, memory);
    return running;
  }

  files(folder = ""): Map<string, Uint8Array> {
    const found = new Map<string, Uint8Array>();
    for (const entry of fs.readdirSync(join(this.folder, folder), { withFileTypes: true })) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isFile()) found.set(name, this.content(join(this.folder, name)));
      else if (entry.isDirectory()) for (const [inside, bytes] of this.files(name)) found.set(inside, bytes);
    }
    return found;
  }

  empty(): void {
    if (this.steps === 0) return;
    for (const place of ["", ...FOLDERS])
      for (const entry of fs.readdirSync(join(this.folder, place), { withFileTypes: true }))
        if (entry.isFile()) fs.unlinkSync(join(this.folder, place, entry.name));
  }

  /** Large files are looked at again and again, and do not change once they have their name: the same bytes then. */
  private content(path: string): Uint8Array {
    const { ino, mtimeMs, size } = fs.statSync(path);
    const key = `${path} ${ino} ${mtimeMs} ${size}`;
    const bytes = this.large.get(key) ?? new Uint8Array(fs.readFileSync(path));
    if (size >= LARGE && !path.endsWith(".part")) this.large.set(key, bytes);
    return bytes;
  }
}

export function flipABit(bytes: Uint8Array, random: Random): void {
  const at = random.below(bytes.length);
  bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
}

/** A disk of memory, where the machine has one: what a process syncs there costs nothing. */
const MEMORY = "/dev/shm";

function ownFolder(): string {
  const made = fs.mkdtempSync(join(fs.existsSync(MEMORY) ? MEMORY : tmpdir(), "campaign-"));
  process.once("exit", () => fs.rmSync(made, { recursive: true, force: true }));
  return made;
}

export class HostProcess {
  private dead = false;
  private over = false;
  private dying = false;
  private readonly open = new Set<number>();

  constructor(
    private readonly disk: { steps: number },
    readonly pid: number,
    private readonly faults: DiskFaults,
    private readonly onDeath: () => void,
    private readonly memory: Durable | undefined,
  ) {}

  /** What it does next is the last that it does: code that waits for nothing cannot be stopped where it is. */
  dieNext(): void {
    this.dying = true;
  }

  get isDying(): boolean {
    return this.dying;
  }

  /** The system closes what it had open; nothing it was about to do happens. */
  die(): void {
    if (this.dead) return;
    const { forgets } = this.faults;
    if (forgets) this.memory?.losePower(forgets.names, forgets.unsynced);
    this.end();
    this.dead = true;
    this.onDeath();
  }

  /** It is over: the disk is everybody's again. */
  end(): void {
    for (const handle of this.open) fs.closeSync(handle);
    this.open.clear();
    this.over = true;
    this.memory?.dispose();
    if (running === this) running = undefined;
  }

  /** @param tear does a part of the work, where that can be told */
  async step<T>(
    name: string,
    changes: boolean,
    work: () => T,
    tear?: (keep: (length: number) => number) => void,
  ): Promise<T> {
    if (this.dead) return await NEVER;
    if (this.over) return work();
    this.disk.steps++;
    const verdict = this.dying ? "die" : this.faults.onStep?.(this.disk.steps, changes);
    if (verdict !== undefined) tear?.(this.faults.torn ?? (() => 0));
    if (verdict === "die") {
      this.die();
      return await NEVER;
    }
    if (verdict === "refuse" && changes)
      throw Object.assign(new Error(`ENOSPC: no space left on device, ${name}`), { code: "ENOSPC" });
    return work();
  }

  handle(path: string, flags: string | number | undefined, mode: number | undefined): object {
    const fd = fs.openSync(path, flags ?? "r", mode);
    this.open.add(fd);
    const write = (name: string, data: Uint8Array | string, at: number | null): Promise<{ bytesWritten: number }> => {
      const bytes = typeof data === "string" ? Buffer.from(data) : data;
      const put = (part: Uint8Array): { bytesWritten: number } => ({
        bytesWritten: fs.writeSync(fd, part, 0, part.length, at),
      });
      return this.step(
        name,
        true,
        () => put(bytes),
        (keep) => void put(bytes.subarray(0, keep(bytes.length))),
      );
    };
    return {
      fd,
      write: (data: Uint8Array, offset = 0, length = data.length - offset, position: number | null = null) =>
        write("write", data.subarray(offset, offset + length), position),
      writeFile: (data: Uint8Array | string) => write("writeFile", data, null),
      appendFile: (data: Uint8Array | string) => write("appendFile", data, null),
      readFile: (encoding?: BufferEncoding) => this.step("readFile", false, () => fs.readFileSync(fd, encoding)),
      stat: () => this.step("stat", false, () => fs.fstatSync(fd)),
      utimes: (accessed: Date | number, modified: Date | number) =>
        this.step("utimes", true, () => fs.futimesSync(fd, accessed, modified)),
      chmod: (mode: number) => this.step("chmod", true, () => fs.fchmodSync(fd, mode)),
      truncate: (length = 0) => this.step("truncate", true, () => fs.ftruncateSync(fd, length)),
      // What a process has written is there after its death, flushed or not; after that of its machine it is not.
      sync: () => this.step("sync", true, () => this.memory?.synced(fd)),
      datasync: () => this.step("datasync", true, () => this.memory?.synced(fd)),
      close: () =>
        this.step("close", false, () => {
          if (this.open.delete(fd)) fs.closeSync(fd);
        }),
    };
  }
}

type Call = (...args: readonly unknown[]) => unknown;

/** Puts the steps between the code under test and the disk, once; without a running process of ours nothing is different. */
function install(): void {
  if (installed) return;
  installed = true;
  const promises = fs.promises as unknown as Record<string, Call>;
  const sync = fs as unknown as Record<string, Call>;
  for (const [name, original] of Object.entries(promises)) {
    const now = sync[`${name}Sync`];
    if (typeof original !== "function" || now === undefined) continue;
    promises[name] = (...args) => {
      const host = running;
      if (!host) return original(...args);
      const [path, flags, mode] = args as [string, string | undefined, number | undefined];
      if (name === "open")
        return host.step(name, flags !== undefined && !flags.startsWith("r"), () => host.handle(path, flags, mode));
      return host.step(name, CHANGING.has(name), () => now(...args));
    };
  }
  const { pid } = process;
  Object.defineProperty(process, "pid", { get: () => running?.pid ?? pid, configurable: true, enumerable: true });
}
let installed = false;
