/**
 * A real folder on a disk that is not to be trusted: every change is a step, before which a process can be held up or killed and
 * after which it can be watched; and the power can be cut. What was not flushed is gone then: contents that no `sync` followed
 * and, on a disk that keeps no journal of its names, names that came or went without their folder being flushed.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface Step {
  readonly call: string;
  readonly path: string;
}

/** One file, whatever its names: what of it is on the medium. */
interface Inode {
  flushed: Buffer;
}

type Call = (...args: readonly unknown[]) => Promise<unknown>;
type Handle = fs.promises.FileHandle;

const NEVER = new Promise<never>(() => undefined);
const CHANGING = ["writeFile", "appendFile", "truncate", "rename", "link", "mkdir", "copyFile", "rm", "unlink"];
const HANDLE_CHANGES = ["write", "writeFile", "appendFile", "truncate", "sync", "datasync"];
const FIRST_PID = 100_000;

export class Disk {
  readonly folder = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "beken-disk-")));
  /** Before each step; a promise holds it up, what it throws the step throws. */
  before: ((step: Step) => void | Promise<void>) | undefined;
  /** After each step. */
  after: ((step: Step) => void) | undefined;
  /** What the medium makes of bytes that are written. */
  spoil: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes;

  private readonly inodes = new Map<number, Inode>();
  private names = new Map<string, Inode | "folder">();
  private readonly process = new AsyncLocalStorage<number>();
  private readonly deaths = new Map<number, () => void>();
  /** By process; those of this very process under 0. */
  private readonly open = new Map<number, Handle[]>();
  private readonly restore: (() => void)[] = [];
  private pids = FIRST_PID;

  constructor() {
    const promises = fs.promises as unknown as Record<string, Call>;
    for (const [name, original] of Object.entries(promises)) {
      if (typeof original !== "function") continue;
      promises[name] = (...args) => this.call(name, original, args);
      this.restore.push(() => (promises[name] = original));
    }
    const own = Object.getOwnPropertyDescriptor(process, "pid") as PropertyDescriptor;
    const { pid } = process;
    const get = (): number => this.process.getStore() ?? pid;
    Object.defineProperty(process, "pid", { get, configurable: true, enumerable: true });
    this.restore.push(() => Object.defineProperty(process, "pid", own));
  }

  dispose(): void {
    for (const restore of this.restore.splice(0)) restore();
    for (const pid of this.open.keys()) this.closeAll(pid);
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  /** As the system does when a process ends. */
  private closeAll(pid: number): void {
    for (const handle of this.open.get(pid) ?? []) void handle.close().catch(() => undefined);
    this.open.delete(pid);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** A file that has been there for long. */
  put(name: string, content: Uint8Array | string, modified = new Date()): string {
    const path = this.path(name);
    fs.writeFileSync(path, content);
    fs.utimesSync(path, modified, modified);
    const inode = { flushed: Buffer.from(content) };
    this.inodes.set(fs.statSync(path).ino, inode);
    this.names.set(path, inode);
    return path;
  }

  /** Undefined where there is no such file. */
  content(name: string): Buffer | undefined {
    const path = this.path(name);
    return fs.existsSync(path) ? fs.readFileSync(path) : undefined;
  }

  /** Of all that is below the folder, but folders themselves. */
  list(): string[] {
    return this.entries()
      .filter(({ isFolder }) => !isFolder)
      .map(({ path }) => path.slice(this.folder.length + 1))
      .sort();
  }

  /** Another process, with a number of its own. */
  run<T>(work: () => Promise<T>, pid = this.pids++): Promise<T | "killed"> {
    return new Promise((resolve, reject) => {
      this.deaths.set(pid, () => resolve("killed"));
      this.process.run(pid, () => {
        work().then(resolve, reject);
      });
    });
  }

  /** Ends the process that asks: nothing it was about to do happens. */
  kill(): Promise<never> {
    const pid = this.process.getStore() as number;
    this.deaths.get(pid)?.();
    this.deaths.delete(pid);
    this.closeAll(pid);
    return NEVER;
  }

  /**
   * Runs `work` again and again, each time on a disk prepared anew, killed before its first step, its second, and so on, until
   * it is through; `look` sees what every one of these leaves.
   */
  async killedAnywhere(
    prepare: () => void,
    work: () => Promise<unknown>,
    look: (where: string) => void,
  ): Promise<void> {
    for (let last = 0; ; last++) {
      this.clear();
      prepare();
      let steps = 0;
      let where = "at its end";
      this.before = (step) => {
        if (steps++ < last) return undefined;
        where = `before ${step.call} of ${step.path}`;
        return this.kill();
      };
      const end = await this.run(work);
      this.before = undefined;
      look(where);
      if (end !== "killed") return;
    }
  }

  /** @param names whether those are there that nothing has flushed; contents that nothing has flushed never are */
  cutPower(names: "kept" | "forgotten"): void {
    const left = new Map<string, Inode | "folder">(
      names === "forgotten"
        ? this.names
        : this.entries().map(({ path, ino, isFolder }) => [path, isFolder ? "folder" : this.inode(ino)]),
    );
    for (const name of fs.readdirSync(this.folder)) fs.rmSync(join(this.folder, name), { recursive: true });
    this.inodes.clear();
    this.names = new Map();
    for (const [path, inode] of [...left].sort(([a], [b]) => a.length - b.length)) {
      if (!fs.existsSync(dirname(path))) continue;
      if (inode === "folder") {
        fs.mkdirSync(path);
        this.names.set(path, "folder");
      } else this.put(path.slice(this.folder.length + 1), inode.flushed);
    }
  }

  clear(): void {
    this.names = new Map();
    this.cutPower("forgotten");
  }

  private async call(name: string, original: Call, args: readonly unknown[]): Promise<unknown> {
    const [path] = args;
    if (typeof path !== "string" || !path.startsWith(this.folder)) return await original(...args);
    const flags = name === "open" && typeof args[1] === "string" ? args[1] : "";
    const changes = CHANGING.includes(name) || /[wa]/.test(flags);
    const existed = fs.existsSync(path);
    const step = async (): Promise<unknown> => {
      if (name !== "writeFile" && name !== "appendFile") return await original(...args);
      const [, data, options] = args as [string, Uint8Array | string, { readonly flush?: boolean } | undefined];
      return await original(path, this.spoil(Buffer.from(data)), options);
    };
    const result = await this.step({ call: name, path }, changes, step);
    if (changes && (name === "open" || name === "writeFile" || name === "appendFile")) {
      const { ino } = fs.statSync(path);
      // Emptied is emptied: what it held before is not to be had again.
      const isAnew = !existed || name === "writeFile" || flags.startsWith("w");
      if (isAnew) this.inodes.set(ino, { flushed: Buffer.alloc(0) });
      if ((args[2] as { readonly flush?: boolean } | undefined)?.flush === true) this.flush(ino, path);
    }
    return name === "open" ? this.handle(result as Handle, path) : result;
  }

  private async step<T>(step: Step, changes: boolean, work: () => Promise<T>): Promise<T> {
    const pid = this.process.getStore();
    const isDead = (): boolean => pid !== undefined && !this.deaths.has(pid);
    if (isDead()) return await NEVER;
    if (!changes) return await work();
    await this.before?.(step);
    if (isDead()) return await NEVER;
    const result = await work();
    this.after?.(step);
    return result;
  }

  private handle(handle: Handle, path: string): Handle {
    const pid = this.process.getStore() ?? 0;
    this.open.set(pid, [...(this.open.get(pid) ?? []), handle]);
    const { ino } = fs.fstatSync(handle.fd);
    return new Proxy(handle, {
      get: (target, name: string) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        if (!HANDLE_CHANGES.includes(name)) return member.bind(target) as unknown;
        return (data?: Uint8Array | string, ...more: readonly unknown[]) =>
          this.step({ call: name, path }, true, async () => {
            if (name === "sync" || name === "datasync") {
              this.flush(ino, path);
              return;
            }
            const given = typeof data === "string" || data instanceof Uint8Array ? this.spoil(Buffer.from(data)) : data;
            await (member as Call).call(target, given, ...more);
          });
      },
    });
  }

  private flush(ino: number, path: string): void {
    const entries = this.entries();
    if (fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
      for (const known of this.names.keys()) if (dirname(known) === path) this.names.delete(known);
      for (const entry of entries)
        if (dirname(entry.path) === path) this.names.set(entry.path, entry.isFolder ? "folder" : this.inode(entry.ino));
      return;
    }
    const found = entries.find((entry) => entry.ino === ino);
    if (found) this.inode(ino).flushed = fs.readFileSync(found.path);
  }

  private inode(ino: number): Inode {
    const inode = this.inodes.get(ino) ?? { flushed: Buffer.alloc(0) };
    this.inodes.set(ino, inode);
    return inode;
  }

  private entries(): { readonly path: string; readonly ino: number; readonly isFolder: boolean }[] {
    return fs.readdirSync(this.folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      // Steps of several processes are under way at once: what was there a moment ago may be gone.
      const found = fs.statSync(path, { throwIfNoEntry: false });
      return found ? [{ path, ino: found.ino, isFolder: entry.isDirectory() }] : [];
    });
  }
}
