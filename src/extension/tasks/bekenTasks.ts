/**
 * Tasks of type `beken`: flash, backup, verify and monitor for tasks.json, where a build can come before them (`dependsOn`). They run what the
 * commands run, with the same questions; the exit code tells how it ended.
 */
import * as vscode from "vscode";
import { ImageError, asFlasherError, fileAlone, recogniseFile, type BootVerdict } from "../../core/index";
import { archiveKind } from "../../archives/archive";
import { backupName } from "../../storage/backupNames";
import { startBackup } from "../commands/backUpFlash";
import { portFor, portMeant } from "../commands/choosePort";
import { flashFile, verifyFile } from "../commands/flashFile";
import { backupPlace } from "../jobs/backupPlaces";
import { Owner } from "../platform/disposables";
import { readFirmware } from "../platform/firmwareFiles";
import { uriOf } from "../platform/places";
import { errorView } from "../text/errorText";
import type { PortArgument } from "../platform/contributions";
import { t } from "../text/l10n";
import type { Services } from "../services";
import { JobTerminal, type TaskEnd } from "./jobTerminal";
import { MonitorTerminal } from "./monitorTerminal";
import { TASKS, TASK_TYPE, parseTask, type BekenTask } from "./taskDefinition";

export class BekenTasks extends Owner implements vscode.TaskProvider {
  constructor(private readonly services: Services) {
    super();
    this.register(vscode.tasks.registerTaskProvider(TASK_TYPE, this));
  }

  /** What can be run without a definition of one's own: about the selected device and the latest build. */
  provideTasks(): vscode.Task[] {
    return TASKS.filter((task) => task !== "verify").map((task) =>
      this.taskFor({ type: TASK_TYPE, task }, vscode.TaskScope.Workspace),
    );
  }

  /** The very definition that came from tasks.json, now with what runs it. */
  resolveTask({ definition, scope }: vscode.Task): vscode.Task {
    return this.taskFor(definition, scope ?? vscode.TaskScope.Workspace);
  }

  private taskFor(
    definition: vscode.TaskDefinition,
    scope: vscode.WorkspaceFolder | vscode.TaskScope.Global | vscode.TaskScope.Workspace,
  ): vscode.Task {
    const folder = typeof scope === "object" ? scope.uri : vscode.workspace.workspaceFolders?.[0]?.uri;
    // With variables such as ${workspaceFolder} filled in.
    const execution = new vscode.CustomExecution((resolved) => this.terminalFor(resolved, folder));
    const task = new vscode.Task(definition, scope, nameOf(definition), TASK_TYPE, execution, []);
    task.presentationOptions = { reveal: vscode.TaskRevealKind.Always };
    return task;
  }

  private async terminalFor(
    definition: vscode.TaskDefinition,
    folder: vscode.Uri | undefined,
  ): Promise<vscode.Pseudoterminal> {
    const task = parseTask(definition);
    const { jobs, monitors } = this.services;
    if (typeof task === "string") return new JobTerminal(jobs, () => Promise.resolve(refused(task)));
    const { task: kind } = task;
    if (kind !== "monitor")
      return new JobTerminal(jobs, (onPort) => runTask(this.services, { ...task, task: kind }, folder, onPort));
    const port = await portMeant(this.services, argumentOf(task));
    if (port === undefined) return new JobTerminal(jobs, () => Promise.resolve(refused(t("No device was chosen."))));
    let judged: (verdict: BootVerdict) => void = () => undefined;
    const pty = await monitors.inTerminal(port, (verdict) => judged(verdict));
    const terminal = new MonitorTerminal(pty, task.untilVerdict);
    judged = (verdict) => terminal.judge(verdict);
    return terminal;
  }
}

function refused(why: string): TaskEnd {
  return { status: "refused", why };
}

type JobTask = Omit<BekenTask, "task"> & { readonly task: Exclude<BekenTask["task"], "monitor"> };

async function runTask(
  services: Services,
  task: JobTask,
  folder: vscode.Uri | undefined,
  onPort: (portId: string) => void,
): Promise<TaskEnd> {
  const file = task.file === undefined ? await latestBuild(services, task) : fileAt(task.file, folder);
  if (file === undefined && task.task !== "backup")
    return refused(t("There is no build in this workspace that can be flashed."));
  const against = file === undefined || task.task === "backup" ? undefined : await refusalOf(file, task.at);
  if (against !== undefined) return refused(against);
  const port = await portFor(services, argumentOf(task));
  if (port === undefined) return refused(t("No device was chosen."));
  onPort(port.id);
  const about = { portId: port.id };
  const uris = file === undefined ? [] : [file];
  switch (task.task) {
    case "flash":
      return await flashFile(services, uris, about, task.at);
    case "verify":
      return await verifyFile(services, uris, about, task.at);
    case "backup": {
      const { settings, jobs } = services;
      const name = backupName(jobs.chipOn(port.id), new Date());
      const place = file ?? (await backupPlace(settings.backupFolder, name));
      const end = place && (await startBackup(services, port, place));
      return end === "there" ? { status: end } : end;
    }
  }
}

/** Why a file is not for a serial port: a task ends with that, where a command would offer another file. */
async function refusalOf(uri: vscode.Uri, at: number | undefined): Promise<string | undefined> {
  try {
    const file = await readFirmware(uri);
    if (archiveKind(file.bytes) !== undefined) return undefined;
    const { refusal } = recogniseFile(fileAlone(file), at).recognised.image;
    if (refusal === undefined || refusal.code === "image-needs-offset") return undefined;
    throw new ImageError(refusal.code, `check ${file.name}`, { file: file.name, ...refusal.context });
  } catch (error) {
    const { title, steps } = errorView(asFlasherError(error, "read the file"));
    return [title, ...steps].join(" ");
  }
}

/** A task before this one may have just made it. */
async function latestBuild({ builds }: Services, { task }: JobTask): Promise<vscode.Uri | undefined> {
  if (task !== "flash") return undefined;
  await builds.refresh();
  return builds.latest?.recommended?.uri;
}

function fileAt(path: string, folder: vscode.Uri | undefined): vscode.Uri {
  const isWhole = path.startsWith("/") || /^[a-z][a-z\d+.-]*:/i.test(path) || path.startsWith("\\\\");
  return isWhole || folder === undefined ? uriOf(path) : vscode.Uri.joinPath(folder, path);
}

function argumentOf({ port }: Pick<BekenTask, "port">): PortArgument | undefined {
  return port === undefined ? undefined : { portId: port };
}

function nameOf(definition: vscode.TaskDefinition): string {
  const task = TASKS.find((known) => known === definition["task"]);
  const names = { flash: t("flash"), backup: t("back up"), verify: t("verify"), monitor: t("monitor") };
  const file: unknown = definition["file"];
  return [task === undefined ? TASK_TYPE : names[task], typeof file === "string" ? file : undefined]
    .filter((part) => part !== undefined)
    .join(" ");
}
