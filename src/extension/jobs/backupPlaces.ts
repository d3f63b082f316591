/** Where copies of flash are kept. Knows settings as text, and no chips. */
import * as vscode from "vscode";
import { manifestName } from "../../core/index";
import { unusedPath } from "../../storage/backupNames";
import { folderFromSetting } from "../platform/folderSetting";
import { home } from "../platform/hostMachine";
import { files, placeOf, uriOf } from "../platform/places";
import { t } from "../text/l10n";

/** The folder of the setting; the workspace's own when it is empty. `~` and `${workspaceFolder}` are understood. */
export function backupFolder(setting: string): vscode.Uri | undefined {
  const workspace = firstWorkspace();
  return setting === "" ? workspace : folderFromSetting(setting, workspace);
}

/** The place of the setting, wherever the editor keeps files; undefined where it is empty, or below a workspace that there is not. */
export function chosenFolder(setting: string, workspace = firstWorkspace()): string | undefined {
  const folder = setting === "" ? undefined : folderFromSetting(setting, workspace);
  return folder && placeOf(folder);
}

function firstWorkspace(): vscode.Uri | undefined {
  return vscode.workspace.workspaceFolders?.[0]?.uri;
}

/** A new file in the folder of the setting without a question; a question when there is no such setting. */
export async function backupPlace(setting: string, name: string): Promise<vscode.Uri | undefined> {
  const folder = backupFolder(setting);
  if (setting !== "" && folder !== undefined) return uriOf(await unusedPath(files, files.join(placeOf(folder), name)));
  return await vscode.window.showSaveDialog({
    title: t("Save Backup"),
    saveLabel: t("Back Up"),
    filters: { [t("Flash backups")]: ["bin"] },
    defaultUri: suggestedPlace(folder, name),
  });
}

/** What a dialog for a new file begins with; without a name in it, it asks for a folder and takes one for a file. */
export function suggestedPlace(folder: vscode.Uri | undefined, name: string): vscode.Uri {
  return vscode.Uri.joinPath(folder ?? home() ?? vscode.Uri.file("/"), name);
}

/** What device a backup is of, and how to tell that it is undamaged, lies beside it. */
export function manifestOf(backup: vscode.Uri): vscode.Uri {
  return backup.with({ path: manifestName(backup.path) });
}
