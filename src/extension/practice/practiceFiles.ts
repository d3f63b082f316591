/**
 * Practice firmware as files that are nowhere: made when they are read, so that a flash, a second try, the viewer and a
 * comparison find them as they find any file. Loads the simulator when it is asked.
 */
import * as vscode from "vscode";
import { Owner, disposableFrom } from "../platform/disposables";

export const PRACTICE_SCHEME = "beken-practice";

/** The file for a preset of the simulator. */
export async function practiceFile(presetId: string): Promise<vscode.Uri | undefined> {
  const { findPreset, practiceFirmware } = await import("../../simulator/index");
  const preset = findPreset(presetId);
  if (preset === undefined) return undefined;
  return vscode.Uri.from({ scheme: PRACTICE_SCHEME, path: `/${preset.id}/${practiceFirmware(preset).name}` });
}

export const isPracticeFile = ({ scheme }: vscode.Uri): boolean => scheme === PRACTICE_SCHEME;

export class PracticeFiles extends Owner implements vscode.FileSystemProvider {
  readonly onDidChangeFile = this.register(new vscode.EventEmitter<vscode.FileChangeEvent[]>()).event;

  constructor() {
    super();
    this.register(vscode.workspace.registerFileSystemProvider(PRACTICE_SCHEME, this, { isReadonly: true }));
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const { findPreset, practiceFirmware } = await import("../../simulator/index");
    const [, presetId = "", name] = uri.path.split("/");
    const preset = findPreset(presetId);
    const file = preset && practiceFirmware(preset);
    if (file === undefined || file.name !== name) throw vscode.FileSystemError.FileNotFound(uri);
    return file.bytes;
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const { length: size } = await this.readFile(uri);
    return { type: vscode.FileType.File, ctime: 0, mtime: 0, size, permissions: vscode.FilePermission.Readonly };
  }

  watch(): vscode.Disposable {
    return disposableFrom(() => undefined);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  writeFile(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
}
