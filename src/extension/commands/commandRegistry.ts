/**
 * The table of commands: id to handler. Arguments come from menus, trees, links, webviews and other extensions, so they are
 * narrowed here before a flow sees them; failures of handlers end here, in words.
 */
import * as vscode from "vscode";
import type { NamedFile } from "../../core/index";
import {
  COMMANDS,
  ROW_COMMANDS,
  WALKTHROUGH,
  imageEditorFor,
  type CommandId,
  type PortArgument,
} from "../platform/contributions";
import { diagnostics } from "./diagnostics";
import { Owner } from "../platform/disposables";
import { forgetAdapters } from "./forgetAdapters";
import { selectBaudRate } from "./selectBaudRate";
import { compareKept, deleteKept, renameKept, revealKept } from "./backupFiles";
import { backUpFlash } from "./backUpFlash";
import { bringBackBootCode } from "./bringBackBootCode";
import { eraseRange, readRange, rebootDevice, showChipInfo } from "./chipJobs";
import { choosePort, startPractice } from "./choosePort";
import { flashEach, goOnWithRound } from "./flashEach";
import { flashFile, flashLastFile, flashLatestBuild, verifyFile } from "./flashFile";
import { browse, chooseOne } from "./pickFile";
import { renameAdapter, renameDevice } from "./renameDevice";
import { restoreBackup } from "./restoreBackup";
import { monitorOptions } from "./monitorOptions";
import { checkUpdates } from "./checkUpdates";
import {
  copyEspHomeConfiguration,
  copyOpenBekenTemplate,
  createEspHomeProject,
  showConfiguration,
  type Remember,
} from "./configurations";
import { chooseLogPort, openMonitor } from "./openMonitor";
import type { Handler } from "./handler";
import { machineCommands } from "./machineCommands";
import { openWalkthrough } from "./openWalkthrough";
import { resumeJob } from "./resumeJob";
import type { Services } from "../services";
import { t } from "../text/l10n";
import { fail, inform, warn } from "../platform/shownMessages";
import { labelText } from "../text/plainText";
import type { OutputLog } from "../platform/outputLog";
import { factOf, filesOf, interruptedOf, isLostRow, portOf, wantsToGoOn } from "./commandArguments";

export interface Surfaces {
  /** @param portId of the device to show; the page's own choice where there is none */
  openDashboard(portId: string | undefined): Promise<void> | void;
  /** @param about an error code, or nothing */
  openGuide(about: unknown): Promise<void>;
  /** Shows a file in the image viewer, compared with another. */
  compareFiles(uri: vscode.Uri, other: NamedFile): Promise<void>;
  readonly extensionId: string;
  /** A passport that is open. */
  readonly remember: Remember;
}

/** Without those that cannot be where this runs. */
export function commandTable(services: Services, surfaces: Surfaces): Readonly<Partial<Record<CommandId, Handler>>> {
  const { ports, jobs, builds, practice, log } = services;
  const { remember } = surfaces;
  return {
    ...machineCommands(services),
    [COMMANDS.flashFile]: (...args) => flashFile(services, [], portOf(args[0])),
    [COMMANDS.flashToDevice]: (...args) => flashFile(services, filesOf(args), portOf(args[0]) ?? portOf(args[2])),
    [COMMANDS.flashBuild]: (...args) => flashFile(services, filesOf(args)),
    [COMMANDS.flashLatestBuildOnDevice]: (...args) => flashLatestBuild(services, portOf(args[0])),
    [COMMANDS.flashLastFile]: (...args) => flashLastFile(services, portOf(args[0])),
    [COMMANDS.flashEach]: (...args) =>
      wantsToGoOn(args[0]) ? goOnWithRound(services) : flashEach(services, filesOf(args), portOf(args[0])),
    [COMMANDS.flashLatestBuild]: (...args) => flashLatestBuild(services, portOf(args[0])),
    [COMMANDS.verifyFile]: (...args) => verifyFile(services, filesOf(args), portOf(args[0])),
    [COMMANDS.showChipInfo]: (...args) => showChipInfo(services, portOf(args[0])),
    [COMMANDS.copyEspHomeConfiguration]: (...args) => copyEspHomeConfiguration(services, portOf(args[0])),
    [COMMANDS.createEspHomeProject]: (...args) => createEspHomeProject(services, remember, dumpsOf(args)),
    [COMMANDS.showConfiguration]: (...args) => showConfiguration(services, remember, dumpsOf(args)),
    [COMMANDS.copyOpenBekenTemplate]: (...args) => copyOpenBekenTemplate(services, remember, dumpsOf(args)),
    [COMMANDS.checkUpdates]: (...args) => checkUpdates(services, filesOf(args)),
    [COMMANDS.backUpFlash]: (...args) => backUpFlash(services, portOf(args[0])),
    [COMMANDS.readRange]: (...args) => readRange(services, portOf(args[0])),
    [COMMANDS.eraseRange]: (...args) => eraseRange(services, portOf(args[0])),
    [COMMANDS.restoreBackup]: (...args) => restoreBackup(services, filesOf(args), portOf(args[0])),
    [COMMANDS.bringBackBootCode]: (...args) => bringBackBootCode(services, filesOf(args), portOf(args[0])),
    [COMMANDS.rebootDevice]: (...args) => rebootDevice(services, portOf(args[0])),
    [COMMANDS.openMonitor]: (...args) => openMonitor(services, portOf(args[0])),
    [COMMANDS.monitorOptions]: (...args) => monitorOptions(services, portOf(args[0])),
    [COMMANDS.chooseLogPort]: (...args) => chooseLogPort(services, portOf(args[0])),
    [COMMANDS.inspectImage]: (...args) => inspect(filesOf(args)),
    [COMMANDS.selectPort]: () => choosePort(services),
    [COMMANDS.usePort]: (...args) => usePort(services, portOf(args[0])),
    [COMMANDS.renameDevice]: (...args) => renameDevice(services, portOf(args[0])),
    [COMMANDS.renameAdapter]: (...args) => renameAdapter(services, portOf(args[0])),
    [COMMANDS.selectBaudRate]: () => selectBaudRate(services),
    [COMMANDS.forgetAdapters]: () => forgetAdapters(services),
    [COMMANDS.startPracticeDevice]: (...args) =>
      startPractice(services, typeof args[0] === "string" ? args[0] : undefined),
    [COMMANDS.stopPracticeDevice]: async (...args) => {
      // A view's title passes the row that has the focus, whatever it is.
      const port = ports.find(portOf(args[0])?.portId ?? "");
      await (port?.kind === "practice" ? practice.stop(port.id) : practice.stopAll());
    },
    [COMMANDS.stopJob]: (...args) => stopJob(services, portOf(args[0])),
    [COMMANDS.resumeJob]: (...args) => resumeJob(services, interruptedOf(args[0])),
    [COMMANDS.dismissInterrupted]: async (...args) => {
      const id = interruptedOf(args[0]);
      if (id !== undefined) await services.journal.dismiss(id);
    },
    [COMMANDS.openDashboard]: async (...args) => surfaces.openDashboard(portOf(args[0])?.portId),
    [COMMANDS.showLog]: () => log.show(),
    [COMMANDS.copyDiagnostics]: async () => {
      await vscode.env.clipboard.writeText(diagnostics(services));
      void inform(t("Diagnostics copied. MAC addresses, keys and names were taken out; read it before you paste it."));
    },
    [COMMANDS.refreshPorts]: () => ports.refresh(),
    [COMMANDS.refreshBuilds]: () => builds.refresh(),
    [COMMANDS.refreshBackups]: () => services.journal.backupsChanged(),
    [COMMANDS.compareBackup]: (...args) =>
      aboutBackup(args, (uri) => compareKept(services, uri, (one, other) => surfaces.compareFiles(one, other))),
    [COMMANDS.revealBackup]: (...args) => aboutBackup(args, revealKept),
    [COMMANDS.renameBackup]: (...args) => aboutBackup(args, (uri) => renameKept(services, uri)),
    [COMMANDS.deleteBackup]: (...args) => aboutBackup(args, (uri) => deleteKept(services, uri)),
    [COMMANDS.openWalkthrough]: () => openWalkthrough(`${surfaces.extensionId}#${WALKTHROUGH}`),
    [COMMANDS.openGuide]: (about) => surfaces.openGuide(about),
    [COMMANDS.copyFact]: async (...args) => {
      const fact = factOf(args[0]);
      if (fact !== undefined) await vscode.env.clipboard.writeText(fact);
    },
  };

  async function aboutBackup(args: readonly unknown[], act: (uri: vscode.Uri) => Promise<void>): Promise<void> {
    const [uri] = filesOf(args);
    if (uri !== undefined) await act(uri);
  }

  async function inspect(uris: readonly vscode.Uri[]): Promise<void> {
    const title = t("Inspect Firmware Image");
    const uri =
      (await chooseOne(uris, title)) ?? (uris.length === 0 ? (activeFile() ?? (await browse(title))) : undefined);
    if (uri !== undefined) await vscode.commands.executeCommand("vscode.openWith", uri, imageEditorFor(uri.path));
  }

  async function stopJob({ jobs: all }: Services, port: PortArgument | undefined): Promise<void> {
    const running = port === undefined ? all.running : all.running.filter((job) => job.port.id === port.portId);
    const [only] = running;
    if (only !== undefined && running.length === 1) {
      jobs.cancel(only.id);
      return;
    }
    const items = running.map((job) => ({
      label: labelText(job.title),
      description: labelText(job.port.label),
      id: job.id,
    }));
    const picked = await vscode.window.showQuickPick(items, { title: t("Stop Job"), canPickMany: true });
    for (const { id } of picked ?? []) jobs.cancel(id);
  }
}

async function usePort({ ports }: Services, argument: PortArgument | undefined): Promise<void> {
  const port = argument && ports.find(argument.portId);
  if (port !== undefined) await ports.select(port);
}

/** The files that are meant, else the one that is shown. */
function dumpsOf(args: readonly unknown[]): readonly vscode.Uri[] {
  const named = filesOf(args);
  const shown = named.length > 0 ? undefined : activeFile();
  return shown ? [shown] : named;
}

/** The firmware file in front, when the active tab shows one. */
function activeFile(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const hasUri = input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom;
  return hasUri && /\.(rbl|uf2|bin|crc|rblh)$/i.test(input.uri.path) ? input.uri : undefined;
}

/** The handler as the editor calls it: nothing is done about a row that is gone, and failures end in words. */
export function callable(
  log: OutputLog,
  id: CommandId,
  handler: Handler,
): (...args: readonly unknown[]) => Promise<unknown> {
  const isOfRow = ROW_COMMANDS.includes(id);
  return async (...args) => {
    if (isOfRow && isLostRow(args)) {
      // Without its argument the command would be about another device: the selected one.
      void warn(t("The row you clicked was just being drawn again. Nothing was done: click once more."));
      return undefined;
    }
    try {
      return await handler(...args);
    } catch (error) {
      log.error(id, error);
      const show = t("Show Log");
      const answer = await fail(t("That did not work; the log says why."), show);
      if (answer === show) log.show();
      return undefined;
    }
  };
}

/** Registers every command of the table, and no other. */
export class Commands extends Owner {
  constructor(services: Services, surfaces: Surfaces) {
    super();
    const table = commandTable(services, surfaces);
    for (const id of Object.values(COMMANDS)) {
      const handler = table[id];
      if (handler !== undefined)
        this.register(vscode.commands.registerCommand(id, callable(services.log, id, handler)));
    }
  }
}
