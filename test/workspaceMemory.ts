/**
 * What `vscode.workspace.fs` is over a file system in memory, call by call as VS Code does it: parents are made, a rename looks at
 * its target first and deletes it where it may, errors bear the names of `FileSystemError`. Each change is a step, at which whoever
 * owns the memory can hold it up, refuse it, or end it half way. Knows nothing of what is stored.
 */
import { EditorFileSystem, type UriLike, type WholeFileSystem } from "../src/extension/platform/editorFileSystem";
import { readAddition, readFormer, withAdditions } from "../src/extension/platform/additions";
import { crc32, hex32 } from "../src/core/index";

export class MemoryUri implements UriLike<MemoryUri> {
  readonly scheme = "memory";

  constructor(readonly path: string) {}

  static parse(this: void, text: string): MemoryUri {
    return new MemoryUri(decodeURIComponent(text.slice("memory:".length)));
  }

  with({ path }: { readonly path: string }): MemoryUri {
    return new MemoryUri(path);
  }

  toString(): string {
    return `memory:${this.path.split("/").map(encodeURIComponent).join("/")}`;
  }
}

/** Never changed: another one takes its place. */
interface Entry {
  readonly bytes: Uint8Array;
  readonly changed: number;
}

interface Held {
  tree: Map<string, Entry | "folder">;
  /** Names that were there, with what they led to, when anything was last flushed: VS Code flushes what it writes. */
  flushed: ReadonlyMap<string, Entry | "folder">;
}

/**
 * @param changes whether anything is different after it
 * @param begin does the first of it, `length` of so many bytes; undefined where it is done at once
 */
type TakeStep = <T>(
  call: string,
  path: string,
  changes: boolean,
  work: () => T,
  begin?: { readonly length: number; readonly part: (length: number) => void },
) => Promise<T>;

const atOnce: TakeStep = async (_call, _path, _changes, work) => {
  await Promise.resolve();
  return work();
};

export class WorkspaceMemory implements WholeFileSystem<MemoryUri> {
  readonly files = new EditorFileSystem(this, MemoryUri.parse);
  private held: Held = { tree: new Map([["/", "folder"]]), flushed: new Map() };
  /** What the medium makes of bytes that are written. */
  spoil: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes;

  constructor(private readonly take: TakeStep = atOnce) {}

  /** The same files to another program, whose steps are taken otherwise. */
  seenBy(take: TakeStep): WorkspaceMemory {
    const other = new WorkspaceMemory(take);
    other.held = this.held;
    return other;
  }

  stat(uri: MemoryUri): Promise<{ type: number; mtime: number; size: number }> {
    return this.take("stat", uri.path, false, () => {
      const found = this.entry(uri.path);
      if (found === "folder") return { type: 2, mtime: 0, size: 0 };
      return { type: 1, mtime: found.changed, size: found.bytes.length };
    });
  }

  readDirectory(uri: MemoryUri): Promise<[string, number][]> {
    return this.take("readDirectory", uri.path, false, () => {
      if (this.entry(uri.path) !== "folder") throw failure("FileNotADirectory", uri.path);
      return this.namesIn(uri.path).map((name) => [
        name,
        this.held.tree.get(inFolder(uri.path, name)) === "folder" ? 2 : 1,
      ]);
    });
  }

  readFile(uri: MemoryUri): Promise<Uint8Array> {
    return this.take("readFile", uri.path, false, () => {
      const found = this.entry(uri.path);
      if (found === "folder") throw failure("FileIsADirectory", uri.path);
      return found.bytes.slice();
    });
  }

  createDirectory(uri: MemoryUri): Promise<void> {
    return this.take("createDirectory", uri.path, true, () => this.makeFolder(uri.path));
  }

  writeFile(uri: MemoryUri, content: Uint8Array): Promise<void> {
    const bytes = this.spoil(content.slice());
    const put = (length: number): void => {
      if (this.held.tree.get(uri.path) === "folder") throw failure("FileIsADirectory", uri.path);
      this.makeFolder(parentOf(uri.path));
      this.held.tree.set(uri.path, { bytes: bytes.subarray(0, length), changed: Date.now() });
    };
    const work = (): void => {
      put(bytes.length);
      this.held.flushed = new Map(this.held.tree);
    };
    return this.take("writeFile", uri.path, true, work, { length: bytes.length, part: put });
  }

  delete(uri: MemoryUri, { recursive }: { readonly recursive: boolean }): Promise<void> {
    return this.take("delete", uri.path, true, () => {
      if (this.entry(uri.path) === "folder" && !recursive && this.namesIn(uri.path).length > 0)
        throw new Error(`Unable to delete non-empty folder ${uri.path}`);
      for (const path of [...this.held.tree.keys()])
        if (path === uri.path || path.startsWith(`${uri.path}/`)) this.held.tree.delete(path);
    });
  }

  async rename(from: MemoryUri, to: MemoryUri, { overwrite }: { readonly overwrite: boolean }): Promise<void> {
    const taken = await this.take("stat", to.path, false, () => this.held.tree.has(to.path));
    if (taken && !overwrite) throw failure("FileExists", to.path);
    if (taken) await this.delete(to, { recursive: true });
    await this.take("rename", to.path, true, () => {
      const moved = this.entry(from.path);
      if (moved === "folder") throw new Error("only files are moved here");
      if (this.held.tree.has(to.path) && !overwrite) throw failure("FileExists", to.path);
      this.makeFolder(parentOf(to.path));
      this.held.tree.delete(from.path);
      this.held.tree.set(to.path, moved);
    });
  }

  isWritableFileSystem(): boolean {
    return true;
  }

  /** As somebody else leaves a file: in place of whatever was there, with all that lay beside it. */
  put(path: string, content: Uint8Array, changed = Date.now()): void {
    for (const name of this.namesIn(parentOf(path)))
      if ((readAddition(name) ?? readFormer(name))?.of === nameOf(path))
        this.held.tree.delete(inFolder(parentOf(path), name));
    this.makeFolder(parentOf(path));
    this.held.tree.set(path, { bytes: content.slice(), changed });
    this.held.flushed = new Map(this.held.tree);
  }

  /** What is read under a path, whatever it is made of; undefined where there is nothing. */
  content(path: string): Uint8Array | undefined {
    const folder = parentOf(path);
    const former = this.namesIn(folder).find((name) => readFormer(name)?.of === nameOf(path));
    const base =
      this.held.tree.get(path) ?? (former === undefined ? undefined : this.held.tree.get(inFolder(folder, former)));
    if (base === undefined || base === "folder") return undefined;
    const checksum = hex32(crc32(base.bytes));
    const additions = this.namesIn(folder)
      .flatMap((name) => readAddition(name) ?? [])
      .filter(({ of, base: to }) => of === nameOf(path) && to === checksum)
      .sort((a, b) => a.number - b.number || (a.name < b.name ? -1 : 1));
    const bytesOf = (name: string): Uint8Array => (this.held.tree.get(inFolder(folder, name)) as Entry).bytes;
    if (additions.length === 0) return base.bytes;
    return withAdditions(
      base.bytes,
      additions.map(({ at, name }) => ({ at, bytes: bytesOf(name) })),
    );
  }

  /** Paths of all files, and of all that lies beside them. */
  paths(): string[] {
    return [...this.held.tree].filter(([, entry]) => entry !== "folder").map(([path]) => path);
  }

  /** @param names whether those are there that nothing has flushed */
  cutPower(names: "kept" | "forgotten"): void {
    if (names === "forgotten") this.held.tree = new Map(this.held.flushed);
  }

  clear(): void {
    for (const path of this.paths()) this.held.tree.delete(path);
    this.held.flushed = new Map(this.held.tree);
  }

  private namesIn(folder: string): string[] {
    return [...this.held.tree.keys()].filter((path) => path !== "/" && parentOf(path) === folder).map(nameOf);
  }

  private makeFolder(path: string): void {
    const found = this.held.tree.get(path);
    if (found === "folder") return;
    if (found) throw failure("FileNotADirectory", path);
    this.makeFolder(parentOf(path));
    this.held.tree.set(path, "folder");
  }

  private entry(path: string): Entry | "folder" {
    const found = this.held.tree.get(path);
    if (found === undefined) throw failure("FileNotFound", path);
    return found;
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function inFolder(folder: string, name: string): string {
  return folder === "/" ? `/${name}` : `${folder}/${name}`;
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code} (FileSystemError): ${path}`), { code });
}
