/**
 * Files through the editor: on another machine, in a browser's storage, or in no file system at all. It reads and writes whole files
 * only; a file that grows, or is replaced, is whole at any moment by what lies beside it meanwhile (`additions.ts`). A path is
 * the text of a URI.
 */
import { FileError, ImageError, crc32, equalBytes, hex32 } from "../../core/index";
import type { FileStat, FileSystem, GrowingFile } from "../../storage/fileSystem";
import { runName } from "../../storage/wholeFiles";
import {
  additionName,
  formerName,
  readAddition,
  readFormer,
  wholeNames,
  withAdditions,
  type Addition,
} from "./additions";

/** What is used of a `vscode.Uri`. */
export interface UriLike<U> {
  readonly scheme: string;
  readonly path: string;
  with(change: { readonly path: string }): U;
  toString(): string;
}

/** What is used of `vscode.workspace.fs`. */
export interface WholeFileSystem<U> {
  stat(uri: U): PromiseLike<{ readonly type: number; readonly mtime: number; readonly size: number }>;
  readDirectory(uri: U): PromiseLike<readonly [string, number][]>;
  createDirectory(uri: U): PromiseLike<void>;
  readFile(uri: U): PromiseLike<Uint8Array>;
  writeFile(uri: U, content: Uint8Array): PromiseLike<void>;
  delete(uri: U, options: { readonly recursive: boolean; readonly useTrash: boolean }): PromiseLike<void>;
  rename(from: U, to: U, options: { readonly overwrite: boolean }): PromiseLike<void>;
  isWritableFileSystem(scheme: string): boolean | undefined;
}

/** `vscode.FileType`, of which a link has both. */
const FILE = 1;
const FOLDER = 2;
/** How often another program may come between before it counts as a failure. */
const TRIES = 20;

export class EditorFileSystem<U extends UriLike<U>> implements FileSystem {
  constructor(
    private readonly fs: WholeFileSystem<U>,
    /** The URI of a text that `toString` has made. */
    private readonly uri: (text: string) => U,
  ) {}

  join(folder: string, name: string): string {
    const uri = this.uri(folder);
    return uri.with({ path: `${uri.path.replace(/\/$/, "")}/${name}` }).toString();
  }

  folderOf(path: string): string {
    const uri = this.uri(path);
    return uri.with({ path: uri.path.slice(0, uri.path.lastIndexOf("/")) || "/" }).toString();
  }

  nameOf(path: string): string {
    const { path: whole } = this.uri(path);
    return whole.slice(whole.lastIndexOf("/") + 1);
  }

  async read(path: string): Promise<Uint8Array> {
    const base = await this.baseOf(path, (place) => this.readWhole(place));
    const names = await this.namesBeside(path);
    if (this.additionsTo(path, names).length === 0) return base;
    const checksum = hex32(crc32(base));
    const ours = this.additionsTo(path, names).filter((addition) => addition.base === checksum);
    const bytes = await Promise.all(ours.map(({ name }) => this.readWhole(this.beside(path, name))));
    return withAdditions(
      base,
      ours.map(({ at }, i) => ({ at, bytes: bytes[i] ?? new Uint8Array(0) })),
    );
  }

  async stat(path: string): Promise<FileStat> {
    const { type, size, mtime } = await this.baseOf(path, (place) => this.ask(() => this.fs.stat(this.uri(place))));
    const kind = (type & FOLDER) !== 0 ? "folder" : (type & FILE) !== 0 ? "file" : "other";
    if (kind !== "file") return { kind, size, changed: mtime };
    const added = await Promise.all(
      this.additionsTo(path, await this.namesBeside(path)).map(async ({ at, name }) => ({
        at,
        // Gone since: its file is being removed.
        ...(await this.ask(() => this.fs.stat(this.uri(this.beside(path, name)))).catch(() => ({ size: 0, mtime: 0 }))),
      })),
    );
    return {
      kind,
      size: added.reduce(
        (sum, each) => (each.at === undefined ? sum + each.size : Math.max(sum, each.at + each.size)),
        size,
      ),
      changed: Math.max(mtime, ...added.map((each) => each.mtime)),
    };
  }

  async list(folder: string): Promise<readonly string[]> {
    return wholeNames(await this.namesIn(folder));
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    await this.assertFree(path);
    await this.ask(() => this.fs.writeFile(this.uri(path), bytes));
  }

  /**
   * What the file system does of it alone differs: some look whether the name is free and then move, or copy and delete. So it is
   * read back, and a name that leads to something else is another's.
   */
  async publish(from: string, to: string): Promise<void> {
    const bytes = await this.readWhole(from);
    await this.assertFree(to);
    const former = this.additionsTo(to, await this.namesBeside(to));
    await this.move(from, to);
    if (!equalBytes(await this.readWhole(to), bytes)) throw failure("EEXIST", said("EEXIST", this.nameOf(to)));
    await this.removeAll(to, former);
    await this.settle(to);
  }

  /** A rename that overwrites deletes first: a kill between the two would leave neither. So what is there is moved aside. */
  async replace(from: string, to: string): Promise<void> {
    const names = await this.namesBeside(to);
    const former = [...this.additionsTo(to, names), ...this.formerOf(to, names)];
    const aside: string[] = [];
    for (let tries = 1; ; tries++) {
      const name = formerName(this.nameOf(to), runName());
      try {
        await this.move(to, this.beside(to, name));
        aside.push(name);
      } catch (error) {
        // Nothing is there, or no longer: another program has just moved it.
        if (codeOf(error) !== "ENOENT") throw error;
      }
      try {
        await this.move(from, to);
        break;
      } catch (error) {
        if (codeOf(error) === "EEXIST" && tries < TRIES) continue;
        const last = aside.at(-1);
        // Where that fails too it is read under the name that it has now.
        if (last !== undefined) await this.move(this.beside(to, last), to).catch(() => undefined);
        throw error;
      }
    }
    await this.settle(to);
    await this.removeAll(to, [...aside.map((name) => ({ name })), ...former]);
  }

  async openToAppend(path: string): Promise<GrowingFile> {
    if (!(await this.isThere(path))) await this.ask(() => this.fs.writeFile(this.uri(path), new Uint8Array(0)));
    return await this.open(path);
  }

  async openToPatch(path: string, isNew: boolean): Promise<GrowingFile> {
    if (!isNew) return await this.open(path);
    const left = this.additionsTo(path, await this.namesBeside(path));
    await this.write(path, new Uint8Array(0));
    await this.removeAll(path, left);
    return await this.open(path);
  }

  async remove(path: string): Promise<void> {
    const names = await this.namesBeside(path);
    await this.removeAll(path, [...this.additionsTo(path, names), ...this.formerOf(path, names)]);
    await this.delete(path);
  }

  async createFolder(path: string): Promise<void> {
    try {
      await this.ask(() => this.fs.createDirectory(this.uri(path)));
    } catch (error) {
      if (await this.isPlain(path)) throw failure("EEXIST", said("EEXIST", this.nameOf(path)), error);
      throw error;
    }
  }

  async assertWritable(folder: string): Promise<void> {
    const { scheme } = this.uri(folder);
    if (this.fs.isWritableFileSystem(scheme) === false) throw failure("EROFS", said("EROFS", scheme));
    await Promise.resolve();
  }

  private async open(path: string): Promise<GrowingFile> {
    const base = hex32(crc32(await this.baseOf(path, (place) => this.readWhole(place))));
    const of = this.nameOf(path);
    const run = runName();
    let last = Math.max(0, ...this.additionsTo(path, await this.namesBeside(path)).map(({ number }) => number));
    const place = (at: number | undefined): string =>
      this.beside(path, additionName({ of, base, number: ++last, at }, run));
    return new EditorFile(place, (name, bytes) => this.ask(() => this.fs.writeFile(this.uri(name), bytes)));
  }

  /** The file, or what it was while it is being replaced; `ENOENT` where there is neither. */
  private async baseOf<T>(path: string, get: (place: string) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await get(path);
      } catch (error) {
        if (codeOf(error) !== "ENOENT") throw error;
        const [former] = this.formerOf(path, await this.namesBeside(path));
        if (former === undefined && tries === 2) throw error;
        if (former === undefined) continue;
        try {
          return await get(this.beside(path, former.name));
        } catch (gone) {
          // It was replaced, or put back, meanwhile.
          if (codeOf(gone) !== "ENOENT" || tries === TRIES) throw gone;
        }
      }
    }
  }

  private async assertFree(path: string): Promise<void> {
    if (await this.isThere(path)) throw failure("EEXIST", said("EEXIST", this.nameOf(path)));
  }

  private async isThere(path: string): Promise<boolean> {
    return await this.stat(path).then(
      () => true,
      (error: unknown) => {
        if (codeOf(error) === "ENOENT") return false;
        throw error;
      },
    );
  }

  /** A file of that very name, whatever lies beside it. */
  private async isPlain(path: string): Promise<boolean> {
    return await this.ask(() => this.fs.stat(this.uri(path))).then(
      ({ type }) => (type & FOLDER) === 0,
      () => false,
    );
  }

  private async readWhole(path: string): Promise<Uint8Array> {
    return await this.ask(() => this.fs.readFile(this.uri(path)));
  }

  private async move(from: string, to: string): Promise<void> {
    await this.ask(() => this.fs.rename(this.uri(from), this.uri(to), { overwrite: false }));
  }

  /** The editor flushes what it writes to a disk, and with it the names that were given before. */
  private async settle(path: string): Promise<void> {
    const last = this.beside(path, `.${this.nameOf(path)}.${runName()}.part`);
    await this.ask(() => this.fs.writeFile(this.uri(last), new Uint8Array(0)));
    await this.delete(last);
  }

  private async delete(path: string): Promise<void> {
    try {
      await this.ask(() => this.fs.delete(this.uri(path), { recursive: false, useTrash: false }));
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
    }
  }

  private async removeAll(path: string, all: readonly { readonly name: string }[]): Promise<void> {
    await Promise.all(all.map(({ name }) => this.delete(this.beside(path, name))));
  }

  private beside(path: string, name: string): string {
    return this.join(this.folderOf(path), name);
  }

  private additionsTo(path: string, names: readonly string[]): readonly Addition[] {
    const of = this.nameOf(path);
    return names
      .flatMap((name) => readAddition(name) ?? [])
      .filter((addition) => addition.of === of)
      .sort((a, b) => a.number - b.number || (a.name < b.name ? -1 : 1));
  }

  private formerOf(path: string, names: readonly string[]): readonly { readonly name: string }[] {
    const of = this.nameOf(path);
    return names.flatMap((name) => readFormer(name) ?? []).filter((former) => former.of === of);
  }

  /** None where there is no such folder. */
  private async namesBeside(path: string): Promise<readonly string[]> {
    return await this.namesIn(this.folderOf(path)).catch((error: unknown) => {
      if (codeOf(error) === "ENOENT") return [];
      throw error;
    });
  }

  private async namesIn(folder: string): Promise<readonly string[]> {
    return (await this.ask(() => this.fs.readDirectory(this.uri(folder)))).map(([name]) => name);
  }

  private async ask<T>(work: () => PromiseLike<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw inPosixWords(error);
    }
  }
}

/** What is added while one addition is on its way goes with the next: what need not be flushed is not waited for. */
class EditorFile implements GrowingFile {
  private waiting: { readonly at: number | undefined; readonly bytes: Uint8Array }[] = [];
  private work: Promise<void> | undefined;
  private failed: { readonly error: unknown } | undefined;
  private touched: string | undefined;

  constructor(
    /** A new place for an addition. */
    private readonly place: (at: number | undefined) => string,
    private readonly put: (place: string, bytes: Uint8Array) => Promise<void>,
  ) {}

  async write(bytes: Uint8Array, flush: boolean, at?: number): Promise<void> {
    this.assertSound();
    this.waiting.push({ at, bytes: bytes.slice() });
    const done = (this.work ??= this.drain());
    if (flush) await done;
    this.assertSound();
  }

  async touch(): Promise<void> {
    await this.put((this.touched ??= this.place(undefined)), new Uint8Array(0));
  }

  async close(): Promise<void> {
    await this.work;
  }

  private async drain(): Promise<void> {
    try {
      while (this.waiting.length > 0) {
        const patch = this.waiting.findIndex(({ at }) => at !== undefined);
        const count = patch === 0 ? 1 : patch < 0 ? this.waiting.length : patch;
        const next = this.waiting.splice(0, count);
        await this.put(
          this.place(next[0]?.at),
          withAdditions(
            new Uint8Array(0),
            next.map(({ bytes }) => ({ at: undefined, bytes })),
          ),
        );
      }
    } catch (error) {
      this.failed = { error };
      this.waiting = [];
    } finally {
      this.work = undefined;
    }
  }

  private assertSound(): void {
    if (this.failed) throw this.failed.error;
  }
}

/** Names of `vscode.FileSystemError`, and what a browser or a disk says in the text of one without a name. */
const CODES: Readonly<Partial<Record<string, string>>> = {
  FileNotFound: "ENOENT",
  FileExists: "EEXIST",
  FileNotADirectory: "ENOTDIR",
  FileIsADirectory: "EISDIR",
  NoPermissions: "EACCES",
  FileExceedsStorageQuota: "ENOSPC",
};

/** What the editor throws, with a `code` as a disk has it; what is no failure of a file system stays as it is. */
export function inPosixWords(error: unknown): Error {
  if (error instanceof FileError || error instanceof ImageError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const named = CODES[codeOf(error) ?? ""];
  const word = /\b(?:ENOENT|EEXIST|ENOSPC|EDQUOT|EROFS|EFBIG|ENAMETOOLONG|EACCES|EPERM)\b/.exec(message)?.[0];
  const full = /quota/i.test(message) ? "ENOSPC" : undefined;
  return failure(named ?? word ?? full ?? "EIO", message, error);
}

/** As a system says it, in no language. */
function said(code: string, name: string): string {
  return `${code}: ${name}`;
}

function failure(code: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
