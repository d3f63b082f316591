/**
 * A file that the browser's own dialog let this page have, and nothing around it: no folder to list, no name beside it. What is written
 * under a name beside it elsewhere is written into it at once here, and read back.
 */
import { FileError, equalBytes, words } from "../../core/index";
import type { UriLike, WholeFileSystem } from "./editorFileSystem";

type Files<U> = Pick<WholeFileSystem<U>, "stat" | "readDirectory" | "readFile" | "writeFile">;

/** Of a local file in a browser; one in a folder that was opened has the folder around it. */
export async function isLone<U extends UriLike<U>>(fs: Files<U>, uri: U): Promise<boolean> {
  if (uri.scheme !== "file") return false;
  const folder = uri.with({ path: uri.path.slice(0, uri.path.lastIndexOf("/")) || "/" });
  return await Promise.resolve(fs.readDirectory(folder)).then(
    () => false,
    () => true,
  );
}

/**
 * The dialog has made a new one already, and empty.
 * @throws FileError `file-exists` where something is in it, `file-access` where that cannot be told
 */
export async function assertEmpty<U extends UriLike<U>>(fs: Files<U>, uri: U): Promise<void> {
  const name = nameOf(uri);
  const doing = `create ${name}`;
  const { size } = await orFileError(fs.stat(uri), doing, name);
  if (size > 0) throw new FileError("file-exists", doing, { file: name });
}

/** @throws FileError `file-exists`, `file-access` */
export async function fillLone<U extends UriLike<U>>(fs: Files<U>, uri: U, bytes: Uint8Array): Promise<void> {
  await assertEmpty(fs, uri);
  const name = nameOf(uri);
  const doing = `write ${name}`;
  await orFileError(fs.writeFile(uri, bytes), doing, name);
  const kept = await orFileError(fs.readFile(uri), doing, name);
  if (!equalBytes(kept, bytes)) {
    const detail = words`the disk did not keep what was written`;
    throw new FileError("file-access", doing, { file: name, detail });
  }
}

/** @throws FileError `file-access` with what the browser says */
async function orFileError<T>(work: PromiseLike<T>, doing: string, file: string): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new FileError("file-access", doing, { file, detail }, { cause });
  }
}

function nameOf({ path }: { readonly path: string }): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
