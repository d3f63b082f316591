/** A folder as a setting names it. */
import { homedir } from "node:os";
import * as vscode from "vscode";

const WORKSPACE = "${workspaceFolder}";

/** `~` and `${workspaceFolder}` are understood, and paths below the workspace; undefined for these where there is none. */
export function folderFromSetting(setting: string, workspace: vscode.Uri | undefined): vscode.Uri | undefined {
  if (/^~(?:[\\/]|$)/.test(setting)) return vscode.Uri.joinPath(vscode.Uri.file(homedir()), setting.slice(1));
  if (setting.startsWith(WORKSPACE))
    return workspace && vscode.Uri.joinPath(workspace, setting.slice(WORKSPACE.length));
  const isAbsolute = setting.startsWith("/") || /^[A-Za-z]:[\\/]|^\\\\/.test(setting);
  if (isAbsolute) return vscode.Uri.file(setting);
  return workspace && vscode.Uri.joinPath(workspace, setting);
}
