/** The person's files: read whole, written so that a good file is never lost or half made. */
import { FileError, ImageError, equalBytes, words, type FlasherErrorCode } from "../core/index";
import type { FileStat, FileSystem } from "./fileSystem";

/** Larger than any flash these chips can carry, times two: not a firmware file. */
export const LARGEST_FILE = 64 * 0x100000;

/**
 * A file to flash, verify or inspect; `beside` are the names in its folder.
 * @throws FileError `file-not-found`, `file-access`; ImageError `image-too-large`
 */
export async function readFirmware(
  files: FileSystem,
  path: string,
): Promise<{ name: string; bytes: Uint8Array; beside: readonly string[] }> {
  const name = files.nameOf(path);
  const doing = `read ${name}`;
  try {
    const { size, kind } = await files.stat(path);
    // A pipe or a device may never end.
    if (kind !== "file") throw new FileError("file-access", doing, { file: path, detail: words`it is not a file` });
    if (size > LARGEST_FILE) throw new ImageError("image-too-large", doing, { file: path, length: size });
    const bytes = await files.read(path);
    // Only for advice: a folder that cannot be listed has none to give.
    const beside = await files.list(files.folderOf(path)).catch(() => []);
    return { name, bytes, beside };
  } catch (error) {
    throw fileError(error, doing, path);
  }
}

/**
 * Fails early, before a chip is asked for anything, when `path` is something else than a folder; nothing may be there yet.
 * @throws FileError `file-access`
 */
export async function assertFolder(files: FileSystem, path: string): Promise<void> {
  const doing = `open ${files.nameOf(path)} as a folder`;
  const found = await files.stat(path).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return undefined;
    throw fileError(error, doing, path);
  });
  if (found === undefined || found.kind === "folder") return;
  throw new FileError("file-access", doing, { file: path, detail: words`it is a file, not a folder` });
}

/**
 * The folder and what is missing above it.
 * @throws FileError `file-access`, `file-not-found`
 */
export async function createFolder(files: FileSystem, path: string): Promise<void> {
  try {
    await files.createFolder(path);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw fileError(error, `create the folder ${files.nameOf(path)}`, path);
    await assertFolder(files, path);
  }
}

/** Fails early, before a chip is asked for anything, when a copy could not be stored under `path`. */
export async function assertCanCreate(files: FileSystem, path: string): Promise<void> {
  const doing = `create ${files.nameOf(path)}`;
  if (await exists(files, path)) throw new FileError("file-exists", doing, { file: path });
  try {
    await files.assertWritable(files.folderOf(path));
  } catch (error) {
    throw fileError(error, doing, path);
  }
}

/**
 * Writes a new file, whole or not at all. An existing file is never replaced, and a new one has mode 0600.
 * @throws FileError `file-exists`, `file-access`
 */
export async function createFile(files: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeBeside(files, path, bytes, (temporary) => files.publish(temporary, path));
  } catch (error) {
    throw fileError(error, `write ${files.nameOf(path)}`, path);
  }
}

/**
 * In place of what is there, whole or not at all, mode 0600.
 * @throws what the file system throws; FileError `file-access`
 */
export async function replaceFile(files: FileSystem, path: string, text: string): Promise<void> {
  await writeBeside(files, path, new TextEncoder().encode(text), (temporary) => files.replace(temporary, path));
}

/** Under a temporary name beside it, flushed, read back and compared; only then does it get its name. */
async function writeBeside(
  files: FileSystem,
  path: string,
  bytes: Uint8Array,
  rename: (temporary: string) => Promise<void>,
): Promise<void> {
  const name = files.nameOf(path);
  const temporary = files.join(files.folderOf(path), `.${name}.${runName()}.part`);
  try {
    await files.write(temporary, bytes);
    if (!equalBytes(await files.read(temporary), bytes)) {
      const detail = words`the disk did not keep what was written`;
      throw new FileError("file-access", `write ${name}`, { file: path, detail });
    }
    await rename(temporary);
  } finally {
    await files.remove(temporary);
  }
}

/** Whether a name is that of a temporary file of one of `names`: of a run that was killed while it wrote that, or writes it now. */
export function isTemporaryOf(name: string, names: readonly string[]): boolean {
  return names.some(
    (of) => name.startsWith(`.${of}.`) && /^[\da-f]{8}-[\da-f]{4}\.part$/.test(name.slice(of.length + 2)),
  );
}

/** Unlike that of any other run: process numbers repeat, in containers at once. */
export function runName(): string {
  return crypto.randomUUID().slice(0, 13);
}

export async function exists(files: FileSystem, path: string): Promise<boolean> {
  return (await statOf(files, path)) !== undefined;
}

/** undefined where nothing can be seen under that name. */
export async function statOf(files: FileSystem, path: string): Promise<FileStat | undefined> {
  return await files.stat(path).catch(() => undefined);
}

/** Of a file that is no text there is text too, which nothing will understand. */
export async function readText(files: FileSystem, path: string): Promise<string> {
  return new TextDecoder().decode(await files.read(path));
}

/** undefined where nothing is under that name, also where another program has just removed it. @throws what the file system throws */
export async function readIfThere(files: FileSystem, path: string): Promise<Uint8Array | undefined> {
  try {
    return await files.read(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** What lies beside a file under its name and a suffix. */
export function beside(files: FileSystem, path: string, suffix: string): string {
  return files.join(files.folderOf(path), `${files.nameOf(path)}${suffix}`);
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

/** In the words of POSIX; undefined where a failure has none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
