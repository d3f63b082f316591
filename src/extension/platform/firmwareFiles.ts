/**
 * The person's files, through the editor's file system: so they may lie on another machine or in no file system at all.
 * Read whole; written so that a good file is never lost or half made.
 */
import { HOST } from "./hostMachine";
import { assertEmpty, fillLone, isLone } from "./loneFile";
import * as vscode from "vscode";
import { archiveKind, fileNamed, openArchive, type ArchivedFile } from "../../archives/archive";
import { FileError, ImageError, type NamedFile } from "../../core/index";
import { LARGEST_FILE, createFile as createWhole, createFolder, fileError } from "../../storage/wholeFiles";
import { t } from "../text/l10n";
import { inPosixWords } from "./editorFileSystem";
import { files, placeOf, uriOf } from "./places";
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
    throw fileError(inPosixWords(error), doing, name);
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

/** Whether it is a file of its own that the browser's dialog gave this page. */
export async function isLoneFile(uri: vscode.Uri): Promise<boolean> {
  return HOST === "browser" && (await isLone(vscode.workspace.fs, uri));
}

/** Throws FileError `file-exists`: asked before a chip is, so that no copy is made that cannot be stored. */
export async function assertCanCreate(uri: vscode.Uri): Promise<void> {
  if (await isLoneFile(uri)) return await assertEmpty(vscode.workspace.fs, uri);
  const name = nameOf(uri);
  if (await exists(uri)) throw new FileError("file-exists", `create ${name}`, { file: name });
}

/** Writes a new file, whole or not at all; an existing one is never replaced. Throws FileError `file-exists`, `file-access`. */
export async function createFile(uri: vscode.Uri, bytes: Uint8Array): Promise<void> {
  if (await isLoneFile(uri)) return await fillLone(vscode.workspace.fs, uri, bytes);
  const place = placeOf(uri);
  await createFolder(files, files.folderOf(place));
  await createWhole(files, place, bytes);
}

/** The scheme of what the editor keeps where there is no server. */
const BROWSER_STORAGE = "vscode-userdata";

/** @param place a path of this machine, or a URI */
export async function reveal(place: string): Promise<void> {
  const uri = uriOf(place);
  if (vscode.workspace.getWorkspaceFolder(uri) !== undefined) {
    await vscode.commands.executeCommand("revealInExplorer", uri);
  } else if (vscode.env.uiKind === vscode.UIKind.Desktop && uri.scheme === "file") {
    await vscode.commands.executeCommand("revealFileInOS", uri);
  } else if (uri.scheme === BROWSER_STORAGE) {
    // Nobody sees into it: what is in there is handed out by a dialog.
    const to = await vscode.window.showSaveDialog({
      title: t("Save a Copy"),
      defaultUri: vscode.Uri.file(nameOf(uri)),
    });
    if (to !== undefined) await createFile(to, await vscode.workspace.fs.readFile(uri));
  } else {
    // A browser has no file manager of the machine where the file is.
    await vscode.env.clipboard.writeText(place);
    void inform(t("Copied: {0}", place));
  }
}
