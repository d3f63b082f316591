/** The editor's file system as builds are looked for in it. Knows no builds. */
import * as vscode from "vscode";
import type { BuildFiles, Entry } from "./discover";

/** The text files that are read are small; anything larger is not what it seems. */
const LARGEST_TEXT = 1024 * 1024;

/** Paths are relative to `root` and start with a slash; the root itself is the empty path. */
export function editorFiles(root: vscode.Uri): BuildFiles {
  return {
    async list(path) {
      try {
        const entries = await vscode.workspace.fs.readDirectory(uriAt(root, path));
        return entries.flatMap(([name, type]): readonly Entry[] => {
          if ((type & vscode.FileType.Directory) !== 0) {
            // Links to folders may lead anywhere, even back up.
            return (type & vscode.FileType.SymbolicLink) !== 0 ? [] : [{ name, kind: "folder" }];
          }
          return (type & vscode.FileType.File) !== 0 ? [{ name, kind: "file" }] : [];
        });
      } catch {
        return [];
      }
    },
    async stat(path) {
      try {
        const { size, mtime } = await vscode.workspace.fs.stat(uriAt(root, path));
        return { size, modified: mtime };
      } catch {
        return undefined;
      }
    },
    async text(path) {
      try {
        const uri = uriAt(root, path);
        if ((await vscode.workspace.fs.stat(uri)).size > LARGEST_TEXT) return undefined;
        return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
      } catch {
        return undefined;
      }
    },
  };
}

/** Where a path of {@link editorFiles} is. */
export function uriAt(root: vscode.Uri, path: string): vscode.Uri {
  return path === "" ? root : vscode.Uri.joinPath(root, ...path.split("/").filter((part) => part !== ""));
}
