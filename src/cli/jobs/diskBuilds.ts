/** This machine's disk as builds are looked for in it. Paths are as URIs have them. */
import { open, readFile, readdir, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { BuildFiles, Entry } from "../../builds/buildFiles";
import { discoverBuilds } from "../../builds/discover";
import { normalised } from "../../builds/paths";
import type { Project } from "../../builds/project";
import { fileError } from "../../storage/wholeFiles";

/** The text files that are read are small; anything larger is not what it seems. */
const LARGEST_TEXT = 1024 * 1024;

/**
 * Newest first.
 * @param folder on this machine
 * @throws FileError where that is none, or cannot be read; what is below it and cannot be read is left out
 */
export async function buildsBelow(folder: string, signal: AbortSignal): Promise<readonly Project[]> {
  await readdir(folder).catch((error: unknown) => {
    throw fileError(error, `look for builds in ${folder}`, folder);
  });
  const surroundings = { isTrusted: true, variables: process.env, home: uriPath(homedir()) };
  return (await discoverBuilds(diskFiles, normalised(uriPath(resolve(folder))), surroundings, signal)).projects;
}

export function nativePathOf(path: string): string {
  const url = new URL("file:///");
  url.pathname = path.split("/").map(encodeURIComponent).join("/");
  return fileURLToPath(url);
}

function uriPath(path: string): string {
  return decodeURIComponent(pathToFileURL(path).pathname);
}

const diskFiles: BuildFiles = {
  list: (path) =>
    orElse([], async () =>
      (await readdir(nativePathOf(path), { withFileTypes: true })).map((entry): Entry => {
        const kind = entry.isDirectory() ? "folder" : "file";
        return { name: entry.name, kind, isLink: entry.isSymbolicLink() };
      }),
    ),
  stat: (path) =>
    orElse(undefined, async () => {
      const { size, mtimeMs } = await stat(nativePathOf(path));
      return { size, modified: mtimeMs };
    }),
  text: (path) =>
    orElse(undefined, async () => {
      const file = nativePathOf(path);
      return (await stat(file)).size > LARGEST_TEXT ? undefined : await readFile(file, "utf8");
    }),
  head: (path, length) =>
    orElse(undefined, async () => {
      const file = await open(nativePathOf(path));
      try {
        const { bytesRead, buffer } = await file.read(new Uint8Array(length), 0, length, 0);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    }),
  real: (path) => orElse(undefined, async () => uriPath(await realpath(nativePathOf(path)))),
};

/** What cannot be read is not there: files come and go while a build runs. */
async function orElse<T>(otherwise: T, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch {
    return otherwise;
  }
}
