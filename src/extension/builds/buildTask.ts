/** Builds as the editor's own task: its output in a terminal, its errors in the list of problems, its end by the exit code. */
import * as vscode from "vscode";
import { t } from "../text/l10n";
import type { BuildTarget } from "./buildTargets";

/** As package.json contributes them. */
const ESPHOME_MATCHERS = ["$esphome-yaml", ...Array.from({ length: 13 }, (_, lines) => `$esphome-${lines}`)];
const GCC_MATCHERS = ["$libretiny-gcc", "$libretiny-ld"];

/** What is started for a target, and where. */
export function commandFor({ source, uri }: BuildTarget): { readonly args: readonly string[]; readonly cwd: string } {
  if (source.kind === "platformio") return { args: ["run", "-e", source.environment], cwd: uri.fsPath };
  // By its whole path: so it is named in errors, which then lead to it from whatever folder is open.
  return { args: ["compile", uri.fsPath], cwd: vscode.Uri.joinPath(uri, "..").fsPath };
}

/**
 * Runs it and waits for its end.
 * @param tool path of the program
 * @returns the exit code; undefined where it was stopped, or never began
 */
export async function runBuild(target: BuildTarget, tool: string): Promise<number | undefined> {
  const { args, cwd } = commandFor(target);
  const isEsphome = target.source.kind === "esphome";
  const folder = vscode.workspace.getWorkspaceFolder(target.uri);
  const task = new vscode.Task(
    { type: "process", id: `${target.id} ${Date.now()}` },
    folder ?? vscode.TaskScope.Workspace,
    t("Build {0}", target.name),
    "Beken",
    new vscode.ProcessExecution(tool, [...args], { cwd }),
    [...(isEsphome ? ESPHOME_MATCHERS : []), ...GCC_MATCHERS],
  );
  task.group = vscode.TaskGroup.Build;
  task.presentationOptions = {
    reveal: vscode.TaskRevealKind.Always,
    panel: vscode.TaskPanelKind.Dedicated,
    clear: true,
  };
  const isOurs = ({ execution }: { readonly execution: vscode.TaskExecution }): boolean =>
    execution.task.definition["id"] === task.definition["id"];
  const listeners: vscode.Disposable[] = [];
  try {
    return await new Promise<number | undefined>((resolve, reject) => {
      listeners.push(
        vscode.tasks.onDidEndTaskProcess((end) => {
          if (isOurs(end)) resolve(end.exitCode);
        }),
        // A program that cannot be started has a task and no process.
        vscode.tasks.onDidEndTask((end) => {
          if (isOurs(end)) setTimeout(() => resolve(undefined), 0);
        }),
      );
      vscode.tasks.executeTask(task).then(undefined, reject);
    });
  } finally {
    for (const listener of listeners) listener.dispose();
  }
}
