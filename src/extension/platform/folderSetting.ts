/** A folder as a setting names it. */
import * as vscode from "vscode";
import { home } from "./hostMachine";

const WORKSPACE = "${workspaceFolder}";

/** `~` and `${workspaceFolder}` are understood, and paths below the workspace; undefined for these where there is none. */
export function folderFromSetting(setting: string, workspace: vscode.Uri | undefined): vscode.Uri | undefined {
  if (/^~(?:[\\/]|$)/.test(setting)) {
    const own = home();
    return own && vscode.Uri.joinPath(own, setting.slice(1));
  }
  if (setting.startsWith(WORKSPACE))
    return workspace && vscode.Uri.joinPath(workspace, setting.slice(WORKSPACE.length));
  const isAbsolute = setting.startsWith("/") || /^[A-Za-z]:[\\/]|^\\\\/.test(setting);
  if (isAbsolute) return vscode.Uri.file(setting);
  return workspace && vscode.Uri.joinPath(workspace, setting);
}
