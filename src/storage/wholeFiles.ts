/** The person's files: read whole, written so that a good file is never lost or half made. */
import { constants, statSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { access, link, mkdir, open, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FileError, ImageError, words, type FlasherErrorCode } from "../core/index";

/** Larger than any flash these chips can carry, times two: not a firmware file. */
export const LARGEST_FILE = 64 * 0x100000;

/** What is read from a chip holds passwords and keys: it is the person's own, as are its folders. */
export const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/**
 * A file to flash, verify or inspect; `beside` are the names in its folder.
 * @throws FileError `file-not-found`, `file-access`; ImageError `image-too-large`
 */
export async function readFirmware(path: string): Promise<{ name: string; bytes: Uint8Array; beside: string[] }> {
  const doing = `read ${basename(path)}`;
  try {
    const { size, isFile } = await kindOf(path);
    // A pipe or a device may never end.
    if (!isFile) throw new FileError("file-access", doing, { file: path, detail: words`it is not a file` });
    if (size > LARGEST_FILE) throw new ImageError("image-too-large", doing, { file: path, length: size });
    const bytes = new Uint8Array(await readFile(path));
    // Only for advice: a folder that cannot be listed has none to give.
    const beside = await readdir(dirname(path)).catch(() => []);
    return { name: basename(path), bytes, beside };
  } catch (error) {
    throw fileError(error, doing, path);
  }
}

async function kindOf(path: string): Promise<{ readonly size: number; readonly isFile: boolean }> {
  const found = await stat(path);
  return { size: found.size, isFile: found.isFile() };
}

/**
 * Fails early, before a chip is asked for anything, when `path` is something else than a folder; nothing may be there yet.
 * @throws FileError `file-access`
 */
export function assertFolder(path: string): void {
  const doing = `open ${basename(path)} as a folder`;
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== false) return;
  } catch (error) {
    throw fileError(error, doing, path);
  }
  throw new FileError("file-access", doing, { file: path, detail: words`it is a file, not a folder` });
}

/**
 * The folder and what is missing above it. Step by step: where nothing can be created, Node's own way may try for ever.
 * @throws FileError `file-access`, `file-not-found`
 */
export async function createFolder(path: string): Promise<void> {
  const make = async (): Promise<void> => {
    await mkdir(path, { mode: PRIVATE_FOLDER });
    await syncFolder(dirname(path));
  };
  try {
    await make();
  } catch (error) {
    if (codeOf(error) === "ENOENT" && dirname(path) !== path) {
      await createFolder(dirname(path));
      await make().catch((again: unknown) => {
        if (codeOf(again) !== "EEXIST") throw fileError(again, `create the folder ${basename(path)}`, path);
      });
      return;
    }
    if (codeOf(error) !== "EEXIST") throw fileError(error, `create the folder ${basename(path)}`, path);
    assertFolder(path);
  }
}

/** Fails early, before a chip is asked for anything, when a copy could not be stored under `path`. */
export async function assertCanCreate(path: string): Promise<void> {
  const doing = `create ${basename(path)}`;
  if (await exists(path)) throw new FileError("file-exists", doing, { file: path });
  try {
    await access(dirname(path), constants.W_OK);
  } catch (error) {
    throw fileError(error, doing, path);
  }
}

/**
 * Writes a new file: under a temporary name beside it, flushed, read back and compared, then renamed. An existing file
 * is never replaced, and what is new is for nobody but its owner.
 * @throws FileError `file-exists`, `file-access`
 */
export async function createFile(path: string, bytes: Uint8Array): Promise<void> {
  const doing = `write ${basename(path)}`;
  const temporary = join(dirname(path), `.${basename(path)}.${runName()}.part`);
  try {
    const handle = await open(temporary, "wx", PRIVATE_FILE);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (!(await readFile(temporary)).equals(bytes)) {
      throw new FileError("file-access", doing, { file: path, detail: words`the disk did not keep what was written` });
    }
    await publish(temporary, path);
  } catch (error) {
    throw fileError(error, doing, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * A hard link fails where a rename would overwrite. Where there are no links the name is claimed by an empty file, which only one
 * of several that race gets, and that is what the rename replaces.
 */
async function publish(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw error;
    await (await open(path, "wx", PRIVATE_FILE)).close();
    try {
      await rename(temporary, path);
    } catch (failed) {
      await rm(path, { force: true });
      throw failed;
    }
  }
  await syncFolder(dirname(path));
}

/** What systems say that cannot flush a folder: Windows opens none, some network drives flush none. */
const CANNOT_FLUSH: readonly (string | undefined)[] = ["EISDIR", "EPERM", "EACCES", "EINVAL", "ENOTSUP", "EBADF"];

/** A new name, or one that stands for another file now, survives a power cut only once its folder is flushed too. */
export async function syncFolder(path: string): Promise<void> {
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

/** In place of what is there, whole or not at all, for nobody but its owner. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${runName()}.new`;
  try {
    await writeFile(temporary, text, { mode: PRIVATE_FILE, flag: "wx", flush: true });
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Unlike that of any other run: process numbers repeat, in containers at once. */
export function runName(): string {
  return randomUUID().slice(0, 13);
}

export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

/** Whatever reading or writing `path` threw, as one of the family. */
export function fileError(error: unknown, doing: string, path: string): FileError | ImageError {
  if (error instanceof FileError || error instanceof ImageError) return error;
  const cause = codeOf(error) ?? "";
  const detail = cause === "ENAMETOOLONG" ? NAME_TOO_LONG : error instanceof Error ? error.message : String(error);
  return new FileError(CODES[cause] ?? "file-access", doing, { file: path, detail }, { cause: error });
}

const NAME_TOO_LONG = words`the name is too long for this disk: give a shorter one; most take 255 bytes, and what is written beside the file needs some of them`;

/** What the operating system's answers mean to a person; all others are `file-access`. */
const CODES: Readonly<Partial<Record<string, FlasherErrorCode>>> = {
  ENOENT: "file-not-found",
  EEXIST: "file-exists",
  ENOSPC: "file-not-stored",
  EDQUOT: "file-not-stored",
  EFBIG: "file-not-stored",
  EROFS: "file-not-stored",
};

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
