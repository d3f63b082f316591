/** Files on this machine's disk, and the programs that are at work on them, through Node: the only file of this room that needs it. */
import { constants } from "node:fs";
import {
  access,
  chmod,
  link,
  lstat,
  mkdir,
  open,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  utimes,
  type FileHandle,
} from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { FileStat, FileSystem, GrowingFile, Modes } from "./fileSystem";
import type { Programs } from "./interrupted";

/** What is read from a chip holds passwords and keys: it is the person's own, as are its folders. */
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** The bits by which group and others may read, write or enter. */
const FOR_OTHERS = 0o077;

/** Where backups go when no other folder is named; a place that people find. */
export function usualBackupsFolder(): string {
  return join(homedir(), ".beken-flasher", "backups");
}

const modes: Modes = { head, close, isOurs: (folder) => folder === usualBackupsFolder() };

export const nodeFiles: FileSystem = {
  // Windows keeps a person's folders from others by inheritance; modes say nothing there.
  ...(process.platform !== "win32" && { modes }),
  join,
  folderOf: dirname,
  nameOf: basename,
  read: async (path) => new Uint8Array(await readFile(path)),
  stat: statOf,
  list: (folder) => readdir(folder),
  write,
  publish,
  replace: async (from, to) => {
    await rename(from, to);
    await syncFolder(dirname(to));
  },
  openToAppend: async (path) => new NodeFile(path, await open(path, "a", PRIVATE_FILE)),
  openToPatch: async (path, isNew) => {
    const file = await open(path, isNew ? "wx" : "r+", PRIVATE_FILE);
    await syncFolder(dirname(path));
    return new NodeFile(path, file);
  },
  remove: (path) => rm(path, { force: true }),
  createFolder,
  assertWritable: (folder) => access(folder, constants.W_OK),
};

async function statOf(path: string): Promise<FileStat> {
  const found = await stat(path);
  return {
    kind: found.isFile() ? "file" : found.isDirectory() ? "folder" : "other",
    size: found.size,
    changed: found.mtimeMs,
  };
}

async function head(path: string, length: number): Promise<Uint8Array> {
  try {
    if (!(await lstat(path)).isFile()) return new Uint8Array(0);
    const file = await open(path, "r");
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return new Uint8Array(0);
  }
}

async function close(path: string): Promise<void> {
  // What a link leads to lies in a folder of its own.
  if ((await lstat(path)).isSymbolicLink()) return;
  const { mode } = await stat(path);
  if ((mode & FOR_OTHERS) !== 0) await chmod(path, mode & PRIVATE_FOLDER);
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, "wx", PRIVATE_FILE);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * A hard link fails where a rename would overwrite. Where there are no links the name is claimed by an empty file, which only one
 * of several that race gets, and that is what the rename replaces.
 */
async function publish(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw error;
    await (await open(to, "wx", PRIVATE_FILE)).close();
    try {
      await rename(from, to);
    } catch (failed) {
      await rm(to, { force: true });
      throw failed;
    }
  }
  await syncFolder(dirname(to));
}

/** Step by step: where nothing can be created, Node's own way may try for ever. */
async function createFolder(path: string): Promise<void> {
  const make = async (): Promise<void> => {
    try {
      await mkdir(path, { mode: PRIVATE_FOLDER });
    } catch (error) {
      if (codeOf(error) !== "EEXIST" || !(await stat(path)).isDirectory()) throw error;
      return;
    }
    await syncFolder(dirname(path));
  };
  try {
    await make();
  } catch (error) {
    if (codeOf(error) !== "ENOENT" || dirname(path) === path) throw error;
    await createFolder(dirname(path));
    await make();
  }
}

/** What systems say that cannot flush a folder: Windows opens none, some network drives flush none. */
const CANNOT_FLUSH: readonly (string | undefined)[] = ["EISDIR", "EPERM", "EACCES", "EINVAL", "ENOTSUP", "EBADF"];

/** A new name, or one that stands for another file now, survives a power cut only once its folder is flushed too. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    if (!CANNOT_FLUSH.includes(codeOf(error))) throw error;
  }
}

class NodeFile implements GrowingFile {
  constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
  ) {}

  async write(bytes: Uint8Array, flush: boolean, at?: number): Promise<void> {
    if (at === undefined) await this.handle.appendFile(bytes);
    else await this.handle.write(bytes, 0, bytes.length, at);
    if (flush) await this.handle.datasync();
  }

  async touch(): Promise<void> {
    const now = Date.now() / 1000;
    await utimes(this.path, now, now);
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

export const runningPrograms: Programs = {
  own: process.pid,
  isAlive(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      return codeOf(error) === "EPERM";
    }
  },
};
