/**
 * The person's files, through the editor's file system: so they may lie on another machine or in no file system at all.
 * Read whole; written so that a good file is never lost or half made. What needs a disk of this machine is in storage/.
 */
import * as vscode from "vscode";
import { archiveKind, fileNamed, openArchive, type ArchivedFile } from "../../archives/archive";
import { FileError, ImageError, words, type NamedFile } from "../../core/index";
import { nodeFiles } from "../../storage/nodeFileSystem";
import { LARGEST_FILE, createFile as createOnDisk, createFolder } from "../../storage/wholeFiles";
import { t } from "../text/l10n";
import { inform } from "./shownMessages";

export interface FirmwareFile extends NamedFile {
  readonly uri: vscode.Uri;
  /** Names of the files in the same folder. */
  readonly beside: readonly string[];
}

export function nameOf(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.lastIndexOf("/") + 1);
}

export function folderOf(uri: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(uri.with({ fragment: "" }), "..");
}

/**
 * A file, or one inside an archive: that stands behind a `#` in the URI, which so stays the same for the same bytes.
 * Throws FileError `file-not-found`, `file-access`; ImageError.
 */
export async function readFirmware(uri: vscode.Uri): Promise<FirmwareFile> {
  if (uri.fragment === "") return await readFile(uri);
  const file = await readFile(uri.with({ fragment: "" }));
  if (archiveKind(file.bytes) === undefined) return file;
  return insideOf(file, fileNamed(openArchive(file.bytes, file.name), file.name, uri.fragment));
}

/** A file of the archive that `outer` is. */
export function insideOf(outer: FirmwareFile, { path, name, bytes, recognised }: ArchivedFile): FirmwareFile {
  return { uri: outer.uri.with({ fragment: path }), name, bytes, ...(recognised && { recognised }), beside: [] };
}

async function readFile(uri: vscode.Uri): Promise<FirmwareFile> {
  const name = nameOf(uri);
  const doing = `read ${name}`;
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > LARGEST_FILE) throw new ImageError("image-too-large", doing, { file: name, length: size });
    return { uri, name, bytes: await vscode.workspace.fs.readFile(uri), beside: await namesIn(folderOf(uri)) };
  } catch (error) {
    throw fileError(error, doing, name);
  }
}

/** Files only; none where the folder cannot be listed. */
async function namesIn(folder: vscode.Uri): Promise<readonly string[]> {
  try {
    const entries = await vscode.workspace.fs.readDirectory(folder);
    return entries.filter(([, type]) => (type & vscode.FileType.File) !== 0).map(([name]) => name);
  } catch {
    return [];
  }
}

export async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}

/** Throws FileError `file-exists`: asked before a chip is, so that nobody waits for a copy that cannot be kept. */
export async function assertCanCreate(uri: vscode.Uri): Promise<void> {
  const name = nameOf(uri);
  if (await exists(uri)) throw new FileError("file-exists", `create ${name}`, { file: name });
}

/**
 * Writes a new file: under a temporary name beside it, read back and compared, then renamed. An existing file is never
 * replaced. On this machine's disk it is for nobody but its owner. Throws FileError `file-exists`, `file-access`.
 */
export async function createFile(uri: vscode.Uri, bytes: Uint8Array): Promise<void> {
  if (uri.scheme === "file") {
    await createFolder(nodeFiles, nodeFiles.folderOf(uri.fsPath));
    return await createOnDisk(nodeFiles, uri.fsPath, bytes);
  }
  const { fs } = vscode.workspace;
  const name = nameOf(uri);
  const doing = `write ${name}`;
  const temporary = vscode.Uri.joinPath(folderOf(uri), `.${name}.${Date.now().toString(36)}.part`);
  try {
    await fs.createDirectory(folderOf(uri));
    await fs.writeFile(temporary, bytes);
    const written = await fs.readFile(temporary);
    if (!sameBytes(written, bytes)) {
      throw new FileError("file-access", doing, { file: name, detail: words`the disk did not keep what was written` });
    }
    await fs.rename(temporary, uri, { overwrite: false });
  } catch (error) {
    await Promise.resolve(fs.delete(temporary)).catch(() => undefined);
    throw fileError(error, doing, name);
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function fileError(error: unknown, doing: string, file: string): Error {
  if (error instanceof FileError || error instanceof ImageError) return error;
  const code = error instanceof vscode.FileSystemError ? error.code : "";
  const detail = error instanceof Error ? error.message : String(error);
  const full = /\b(?:ENOSPC|EDQUOT|EROFS|EFBIG)\b/.test(detail);
  const others = full ? "file-not-stored" : "file-access";
  const which = code === "FileNotFound" ? "file-not-found" : code === "FileExists" ? "file-exists" : others;
  return new FileError(which, doing, { file, detail }, { cause: error });
}

/** @param place a path of this machine, or a URI */
export async function reveal(place: string): Promise<void> {
  const uri = place.includes("://") ? vscode.Uri.parse(place, true) : vscode.Uri.file(place);
  if (vscode.workspace.getWorkspaceFolder(uri) !== undefined) {
    await vscode.commands.executeCommand("revealInExplorer", uri);
  } else if (vscode.env.uiKind === vscode.UIKind.Desktop && uri.scheme === "file") {
    await vscode.commands.executeCommand("revealFileInOS", uri);
  } else {
    // A browser has no file manager of the machine where the file is.
    await vscode.env.clipboard.writeText(place);
    void inform(t("Copied: {0}", place));
  }
}
