/** ESPHome's own check of a configuration, which has the last word: as a task in a terminal. */
import * as vscode from "vscode";
import { toolFor } from "../builds/machineTools";
import { folderOf, nameOf } from "../platform/firmwareFiles";
import { warn } from "../platform/shownMessages";
import { t } from "../text/l10n";
import type { Services } from "../services";

/** @returns the task that was started; undefined where nothing was */
export async function runEspHomeConfig(
  { settings }: Services,
  uris: readonly vscode.Uri[],
): Promise<vscode.TaskExecution | undefined> {
  const uri = uris[0] ?? vscode.window.activeTextEditor?.document.uri;
  if (uri?.scheme !== "file" || !/\.ya?ml$/i.test(uri.path)) {
    await warn(t("Open an ESPHome configuration that is a file of this machine first."));
    return undefined;
  }
  // A workspace may bring the program that would be started.
  if (!vscode.workspace.isTrusted) {
    await warn(t("Programs are started in trusted workspaces only."));
    return undefined;
  }
  const folder = folderOf(uri).fsPath;
  const program = await toolFor("esphome", folder, settings);
  if (program === undefined) {
    const open = t("Open Setting");
    const answer = await warn(
      t("ESPHome was not found on this machine. Install it, or name it in the settings."),
      open,
    );
    if (answer === open) await vscode.commands.executeCommand("workbench.action.openSettings", "beken.esphomePath");
    return undefined;
  }
  const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
  if (document?.isDirty === true && !(await document.save())) return undefined;
  const task = new vscode.Task(
    { type: "process" },
    vscode.workspace.getWorkspaceFolder(uri) ?? vscode.TaskScope.Workspace,
    ["esphome", "config", nameOf(uri)].join(" "),
    "Beken Flasher",
    new vscode.ProcessExecution(program, ["config", uri.fsPath], { cwd: folder }),
  );
  return await vscode.tasks.executeTask(task);
}
