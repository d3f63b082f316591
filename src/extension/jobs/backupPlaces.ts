/** Where copies of flash are kept, and what they are called. Knows settings as text, and no chips beyond their names. */
import * as vscode from "vscode";
import { manifestName, type ChipIdentity } from "../../core/index";
import { exists } from "../platform/firmwareFiles";
import { folderFromSetting } from "../platform/folderSetting";
import { t } from "../text/l10n";

/** The folder of the setting; the workspace's own when it is empty. `~` and `${workspaceFolder}` are understood. */
export function backupFolder(setting: string): vscode.Uri | undefined {
  const workspace = vscode.workspace.workspaceFolders?.[0]?.uri;
  return setting === "" ? workspace : folderFromSetting(setting, workspace);
}

/** The folder of the setting on this machine's disk; undefined where there is none, or none that is on it. */
export function fileFolder(setting: string): string | undefined {
  const folder = setting === "" ? undefined : backupFolder(setting);
  return folder?.scheme === "file" ? folder.fsPath : undefined;
}

/** `20261122-091500`, local time. */
export function timeStamp(now: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const time = `${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
  return `${day}-${time}`;
}

/** `backup-bk7231t-c8478c420001-20261122-0915.bin`: chip, device, time. */
export function backupName(chip: ChipIdentity | undefined, now: Date): string {
  const parts = ["backup", chip?.chip?.id, chip?.mac?.replaceAll(":", "").toLowerCase(), timeStamp(now)];
  return `${parts.filter((part) => part !== undefined).join("-")}.bin`;
}

/** A new file in the folder of the setting without a question; a question when there is no such setting. */
export async function backupPlace(setting: string, name: string): Promise<vscode.Uri | undefined> {
  const folder = backupFolder(setting);
  if (setting !== "" && folder !== undefined) return await unusedName(folder, name);
  return await vscode.window.showSaveDialog({
    title: t("Save Backup"),
    saveLabel: t("Back Up"),
    filters: { [t("Flash backups")]: ["bin"] },
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, name) }),
  });
}

async function unusedName(folder: vscode.Uri, name: string): Promise<vscode.Uri> {
  const stem = name.slice(0, -".bin".length);
  for (let i = 2, uri = vscode.Uri.joinPath(folder, name); ; i++) {
    if (!(await exists(uri))) return uri;
    uri = vscode.Uri.joinPath(folder, `${stem}-${i}.bin`);
  }
}

/** What device a backup is of, and how to tell that it is undamaged, lies beside it. */
export function manifestOf(backup: vscode.Uri): vscode.Uri {
  return backup.with({ path: manifestName(backup.path) });
}
