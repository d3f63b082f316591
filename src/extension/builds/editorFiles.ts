/** The editor's file system as builds are looked for in it. Knows no builds. */
import * as vscode from "vscode";
import type { BuildFiles, Entry } from "../../builds/buildFiles";
import { headOnDisk, realOnDisk } from "./diskFiles";

/** The text files that are read are small; anything larger is not what it seems. */
const LARGEST_TEXT = 1024 * 1024;
/** Read whole for its first bytes, where a file cannot be had in part. */
const LARGEST_WHOLE = 8 * 1024 * 1024;

/** Paths are those of the URIs on the machine and file system of `root`. */
export function editorFiles(root: vscode.Uri): BuildFiles {
  const { fs } = vscode.workspace;
  return {
    list: (path) => orElse([], async () => (await fs.readDirectory(root.with({ path }))).flatMap(entryOf)),
    stat: (path) =>
      orElse(undefined, async () => {
        const { size, mtime } = await fs.stat(root.with({ path }));
        return { size, modified: mtime };
      }),
    text: (path) =>
      orElse(undefined, async () => {
        const uri = root.with({ path });
        if ((await fs.stat(uri)).size > LARGEST_TEXT) return undefined;
        return new TextDecoder().decode(await fs.readFile(uri));
      }),
    head: (path, length) =>
      orElse(undefined, async () => {
        const uri = root.with({ path });
        if (uri.scheme === "file") return await headOnDisk(uri.fsPath, length);
        if ((await fs.stat(uri)).size > LARGEST_WHOLE) return undefined;
        return (await fs.readFile(uri)).subarray(0, length);
      }),
    real: (path) =>
      orElse(undefined, async () => {
        if (root.scheme !== "file") return undefined;
        const real = await realOnDisk(root.with({ path }).fsPath);
        return real === undefined ? undefined : vscode.Uri.file(real).path;
      }),
  };
}

function entryOf([name, type]: [string, vscode.FileType]): readonly Entry[] {
  const isLink = (type & vscode.FileType.SymbolicLink) !== 0;
  if ((type & vscode.FileType.Directory) !== 0) return [{ name, kind: "folder", isLink }];
  return (type & vscode.FileType.File) !== 0 ? [{ name, kind: "file", isLink }] : [];
}

/** What cannot be read is not there: files come and go while a build runs. */
async function orElse<T>(otherwise: T, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch {
    return otherwise;
  }
}
