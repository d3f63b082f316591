/**
 * A real folder on a disk that is not to be trusted. What was not flushed is gone when the power is cut: contents that no `sync`
 * followed and, on a disk that keeps no journal of its names, names that came or went without their folder being flushed.
 */
import fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { nodeFiles } from "../../../src/storage/nodeFileSystem";
import { UntrustedDisk } from "./untrustedDisk";

/** One file, whatever its names: what of it is on the medium. */
interface Inode {
  flushed: Buffer;
}

type Call = (...args: readonly unknown[]) => Promise<unknown>;
type Handle = fs.promises.FileHandle;

const CHANGING = ["writeFile", "appendFile", "truncate", "rename", "link", "mkdir", "copyFile", "rm", "unlink"];
const HANDLE_CHANGES = ["write", "writeFile", "appendFile", "truncate", "sync", "datasync"];

export class NodeDisk extends UntrustedDisk {
  readonly files = nodeFiles;
  readonly storing = ["open", "writeFile", "sync", "link"];
  readonly folder = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "beken-disk-")));
  private readonly inodes = new Map<number, Inode>();
  private names = new Map<string, Inode | "folder">();
  /** By process; those of this very process under 0. */
  private readonly open = new Map<number, Handle[]>();
  private readonly restore: (() => void)[] = [];

  constructor() {
    super();
    const promises = fs.promises as unknown as Record<string, Call>;
    for (const [name, original] of Object.entries(promises)) {
      if (typeof original !== "function") continue;
      promises[name] = (...args) => this.call(name, original, args);
      this.restore.push(() => (promises[name] = original));
    }
  }

  dispose(): void {
    for (const restore of this.restore.splice(0)) restore();
    for (const pid of this.open.keys()) this.closeAll(pid);
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  protected override closeAll(pid: number): void {
    for (const handle of this.open.get(pid) ?? []) void handle.close().catch(() => undefined);
    this.open.delete(pid);
  }

  put(name: string, content: Uint8Array | string, modified = new Date()): string {
    const path = this.path(name);
    fs.writeFileSync(path, content);
    fs.utimesSync(path, modified, modified);
    const inode = { flushed: Buffer.from(content) };
    this.inodes.set(fs.statSync(path).ino, inode);
    this.names.set(path, inode);
    return path;
  }

  content(name: string): Buffer | undefined {
    const path = this.path(name);
    return fs.existsSync(path) ? fs.readFileSync(path) : undefined;
  }

  list(): string[] {
    return this.everything();
  }

  everything(): string[] {
    return this.entries()
      .filter(({ isFolder }) => !isFolder)
      .map(({ path }) => path.slice(this.folder.length + 1))
      .sort();
  }

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
