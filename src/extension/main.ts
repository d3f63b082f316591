/**
 * What the extension is: builds every service once, hands each what it needs, and takes all of it down again. Activation
 * opens no port and loads no native module.
 */
import * as vscode from "vscode";
import type { BekenFlasherExports } from "../../api/index";
import { AdapterRates } from "./ports/adapterRates";
import { BackupsView } from "./views/backupsView";
import { BekenTasks } from "./tasks/bekenTasks";
import { BuildableYamls } from "./views/buildableYamls";
import { BuildOffers } from "./views/buildOffers";
import { answerTo } from "./commands/knownAnswers";
import { BuildFits } from "./builds/buildFits";
import { CrashBuilds } from "./builds/crashBuilds";
import { Builds } from "./builds/workspaceBuilds";
import { Commands } from "./commands/commandRegistry";
import { Confirmation } from "./views/confirmation";
import { LanguageModelTools } from "./assistants/languageModelTools";
import { offerMcpServer } from "./assistants/mcpDefinition";
import { publicApi } from "./api/publicApi";
import { forgetContext, setContext } from "./platform/contextKeys";
import { isChipProject } from "./platform/chipProject";
import { COMMANDS } from "./platform/contributions";
import { Dashboard } from "./dashboard/dashboard";
import { DashboardData, dashboardActions } from "./dashboard/dashboardData";
import { DumpFiles } from "./platform/dumpFiles";
import { DeviceNames, deviceKey } from "./ports/deviceNames";
import { DevicesView } from "./views/devicesView";
import { FirmwareView } from "./views/firmwareView";
import { chooseOther, compareWithChip, hasHexEditor, onPart, openInHexEditor } from "./commands/dumpParts";
import { flashFile } from "./commands/flashFile";
import { backupFolder, chosenFolder } from "./jobs/backupPlaces";
import { BackupShelf } from "./jobs/backupShelf";
import type { Services } from "./services";
import { openGuide } from "./commands/openGuide";
import { registerImageViewer } from "./imageViewer/imageViewer";
import { JobHistory } from "./jobs/jobHistory";
import { JobService } from "./jobs/jobService";
import { JobJournal } from "./jobs/jobJournal";
import { useTranslation } from "./text/l10n";
import { tellIgnoredSettings } from "./platform/ignoredSettings";
import { HOST, hasSerialPorts, runningPrograms } from "./platform/hostMachine";
import type { JobState } from "../shared/jobState";
import { OutputLog } from "./platform/outputLog";
import { Monitors } from "./monitor/monitors";
import { PortLeases, logWire } from "../core/index";
import { Notifications } from "./views/notifications";
import { editorSurface } from "./views/notificationSurface";
import { otherSide } from "./ports/otherSide";
import { askToStop } from "./ports/askToStop";
import { EclipseMonitor } from "./ports/eclipseMonitor";
import { EditorTerminals } from "./ports/editorTerminals";
import { IS_TOLD, endProgram, hasPrograms, isOpenHere, programHolding } from "./ports/holdingProgram";
import { MicrosoftMonitor } from "./ports/microsoftMonitor";
import { OtherMonitors } from "./ports/otherMonitors";
import { TerminalMonitors } from "./ports/terminalMonitors";
import { describeHolder } from "./ports/portHolder";
import { PortSessions } from "./jobs/portSessions";
import { PortStatusBar } from "./views/portStatusBar";
import { PortRegistry } from "./ports/portRegistry";
import { eclipseMonitorApi, serialMonitorApi } from "./ports/serialMonitorApi";
import { PracticeDevices } from "./practice/practiceDevices";
import { DroppedFiles } from "./platform/droppedFiles";
import { readFirmware } from "./platform/firmwareFiles";
import { starBeside } from "./platform/starred";
import { PracticeFiles } from "./practice/practiceFiles";
import { ResumeOffers } from "./views/resumeOffers";
import { Rounds } from "./rounds/rounds";
import { realTimers } from "./platform/timers";
import { Settings } from "./platform/settings";
import { TerminalCommand } from "./platform/terminalCommand";
import { Walkthrough } from "./views/walkthrough";
import { files, placeOf } from "./platform/places";
import { ChipAtHand } from "./yaml/chipAtHand";
import { YamlHelp } from "./yaml/yamlHelp";

/** What `activate` returns. Only `getApi` is for other extensions; the parts themselves are for tests inside the editor. */
export interface Api extends BekenFlasherExports {
  readonly services: Services;
  readonly statusBar: PortStatusBar;
  readonly devices: DevicesView;
  readonly firmware: FirmwareView;
  readonly backups: BackupsView;
  readonly walkthrough: Walkthrough;
  readonly dashboard: Dashboard;
  /** How long `activate` took. */
  readonly activationMs: number;
  /** Ends all jobs, closes all ports, stops practice devices: what deactivation does. */
  shutdown(): Promise<void>;
}

/** What is read of the extension's own manifest. */
interface Manifest {
  readonly version: string;
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
}

/** As the host's own clock keeps it, for measurements from outside. */
const ACTIVATION = "beken-flasher.activation";

let shutdown: (() => Promise<void>) | undefined;

export function activate(context: vscode.ExtensionContext): BekenFlasherExports | Api {
  const began = performance.now();
  useTranslation((message, ...values) => vscode.l10n.t(message, ...values));
  forgetContext();
  setContext("beken.inBrowser", HOST === "browser");
  setContext("beken.withoutSerial", !hasSerialPorts());
  const own = <T extends vscode.Disposable>(thing: T): T => {
    context.subscriptions.push(thing);
    return thing;
  };

  const log = own(new OutputLog());
  const settings = own(new Settings());
  const names = new DeviceNames(context.globalState, (error) => log.error("tell of a name", error));
  const ports = own(
    new PortRegistry({
      settings,
      names,
      memories: { workspace: context.workspaceState, machine: context.globalState },
      log,
      setContext,
    }),
  );
  const { version, capabilities } = context.extension.packageJSON as Manifest;
  const folder = placeOf(context.globalStorageUri);
  const journal = own(
    new JobJournal({
      files,
      programs: runningPrograms,
      folder,
      memory: context.globalState,
      settings,
      chosenFolder: () => chosenFolder(settings.backupFolder),
      workspace: () => vscode.workspace.workspaceFolders?.[0]?.uri.toString() ?? null,
      version,
      log,
      setContext,
    }),
  );
  const shelf = new BackupShelf({
    files,
    folders: () => {
      const chosen = backupFolder(settings.backupFolder);
      return [journal.backupsFolder, ...(chosen === undefined ? [] : [placeOf(chosen)])];
    },
    saved: () => journal.savedBackups,
    ignored: (path, error) => log.info(`${path} is not used: ${String(error)}`),
    breathe: () => new Promise((resolve) => setImmediate(resolve)),
  });
  const past = new JobHistory(context.workspaceState);
  const rates = own(new AdapterRates(context.globalState, settings, log, files, files.join(folder, "lines")));
  const leases = new PortLeases();
  const terminals = own(new EditorTerminals());
  const baudRate = (): number => settings.monitorBaudRate;
  const others = new OtherMonitors(
    [
      new MicrosoftMonitor({ apiOf: (version) => serialMonitorApi(version, context), baudRate, log }),
      new EclipseMonitor({
        api: eclipseMonitorApi,
        terminals: () => terminals.ofExtensions,
        isOpenHere,
        baudRate,
        ask: askToStop,
        log,
      }),
      new TerminalMonitors({
        terminals: () => terminals.all(),
        holding: programHolding,
        hasPrograms,
        isTold: IS_TOLD,
        kill: endProgram,
        ask: askToStop,
        log,
      }),
    ],
    (portId) => leases.isHeld(portId),
  );
  const sessions = own(new PortSessions({ settings, rates, log, leases, others }));
  const describeSide = (): readonly string[] =>
    otherSide(vscode.env.remoteName, context.extension.extensionKind === vscode.ExtensionKind.Workspace);
  const jobs = own(
    new JobService({
      ports,
      sessions,
      log,
      journal,
      past,
      rates,
      describeHolder,
      describeSide,
      backupOf: async ({ mac }) => {
        try {
          return mac === undefined ? undefined : await shelf.newestOf(mac);
        } catch (error) {
          log.error("look into a backup", error);
          return undefined;
        }
      },
      answerTo: (failure, chip) => answerTo(() => fits.best(builds.all, chip), failure, chip),
      setContext,
    }),
  );
  const practice = own(
    new PracticeDevices(ports, log, async (portId) => {
      await monitors.close(portId);
      await jobs.release(portId);
    }),
  );
  const monitors = own(
    new Monitors({
      settings,
      leases,
      log,
      memory: context.globalState,
      practiceLog: (portId) => practice.logOf(portId),
      logWire: (portId) => jobs.next.logWireOn(portId) ?? logWire(jobs.chipOn(portId)?.chip?.id, undefined),
      nameCrash: (crash, firmware) => crashes.linesFor(crash, firmware),
      release: (portId) => sessions.release(portId),
      others,
      describeHolder,
      linesAtRest: async (portId) => {
        const port = ports.find(portId);
        return port === undefined ? { dtr: false, rts: false } : await rates.linesAtRest(port);
      },
    }),
  );
  const rounds = own(
    new Rounds({
      extensionUri: context.extensionUri,
      folder: context.globalStorageUri,
      memory: context.workspaceState,
      settings,
      sessions,
      journal,
      rates,
      names,
      jobs,
      log,
    }),
  );
  if (HOST === "node") own(new TerminalCommand(context, settings));
  own(new PracticeFiles());
  const builds = own(new Builds(settings, log));
  const crashes = new CrashBuilds(builds, log);
  const fits = new BuildFits(readFirmware);
  const services: Services = {
    settings,
    ports,
    names,
    jobs,
    monitors,
    others,
    rounds,
    journal,
    shelf,
    rates,
    builds,
    fits,
    practice,
    log,
    version,
    memory: context.workspaceState,
  };

  const aboutChips = isChipProject().catch((error: unknown) => {
    log.error("look for a project", error);
    return true;
  });
  const devices = own(new DevicesView(ports, jobs, journal, monitors));
  const backups = own(
    new BackupsView({ shelf, names, log, setContext, onDidChange: (listener) => journal.onDidChangeBackups(listener) }),
  );
  const firmware = own(new FirmwareView(builds));
  const statusBar = own(new PortStatusBar(ports, jobs, { builds, looked: aboutChips }));
  const dashboard = own(
    new Dashboard(
      context.extensionUri,
      own(new DashboardData(services)),
      dashboardActions(services, new DroppedFiles(vscode.Uri.joinPath(context.globalStorageUri, "dropped"))),
    ),
  );
  const dumpFiles = own(
    new DumpFiles({ setContext, ignored: (path, error) => log.info(`${path} is not looked at: ${String(error)}`) }),
  );
  const viewers = own(
    registerImageViewer(context.extensionUri, {
      flash: (uri) => void vscode.commands.executeCommand(COMMANDS.flashToDevice, uri),
      restore: (uri) => void vscode.commands.executeCommand(COMMANDS.restoreBackup, uri),
      createProject: (uri) => void vscode.commands.executeCommand(COMMANDS.createEspHomeProject, uri),
      showConfiguration: (uri) => void vscode.commands.executeCommand(COMMANDS.showConfiguration, uri),
      verify: (uri) => void vscode.commands.executeCommand(COMMANDS.verifyFile, uri),
      part: (action, part) => onPart(services, action, part),
      chooseOther,
      compareWithChip: (file) => compareWithChip(services, file),
      openInHexEditor: (uri, offset) => void openInHexEditor(uri, offset),
      hasHexEditor,
      star: (uri) => starBeside(builds, uri),
      target: () => ports.selected?.label,
      onDidChangeTarget: (listener) => ports.onDidChange(listener),
    }),
  );
  own(
    jobs.onDidChange(({ port }) => {
      const chip = jobs.chipOn(port.id);
      if (chip !== undefined) ports.meet(port.id, deviceKey(chip));
    }),
  );
  own(new Confirmation(jobs, dashboard));
  const isShown = ({ port }: JobState): boolean => dashboard.isShowing(port.id);
  own(new Notifications(jobs, log, isShown, editorSurface, realTimers, dashboard));
  own(new ResumeOffers(journal));
  own(new BuildableYamls());
  own(new BekenTasks(services));
  own(new LanguageModelTools(services));
  if (HOST === "node") own(offerMcpServer(context.extensionUri, version, settings));
  const walkthrough = own(new Walkthrough(ports, jobs, monitors, context.globalState));
  own(new BuildOffers(builds, ports, jobs, settings, (uri, port) => flashFile(services, [uri], port)));
  const atHand = own(
    new ChipAtHand({
      selected: () => (ports.selected === undefined ? undefined : jobs.chipOn(ports.selected.id)),
      watch: [ports.onDidChange, jobs.onDidEnd],
      failed: (error) => log.error("tell which chip is at hand", error),
    }),
  );
  own(new YamlHelp(atHand, (error) => log.error("check a configuration", error)));

  own(
    new Commands(services, {
      openDashboard: (portId) => dashboard.show(portId === undefined ? {} : { portId }),
      openGuide: (about) => openGuide(context.extensionUri, about),
      compareFiles: (uri, other) => viewers.compare(uri, other),
      extensionId: context.extension.id,
      remember: (passport) => atHand.remember(passport),
    }),
  );

  // Menus and the offer after a build need to know what is there; nothing waits for it.
  void builds.ready();
  void dumpFiles.lookAtAll();
  void rounds.offer().catch((error: unknown) => log.error("offer to go on with a round", error));
  void journal.refresh();
  void tellIgnoredSettings(capabilities.untrustedWorkspaces.restrictedConfigurations, log).catch((error: unknown) =>
    log.error("tell which settings are ignored", error),
  );
  log.info(`Beken Flasher ${version}, settings ${JSON.stringify(settings.changes)}`);
  const end = async (): Promise<void> => {
    await monitors.closeAll();
    await rounds.shutdown();
    await jobs.shutdown();
    await practice.stopAll();
  };
  shutdown = end;
  const given = publicApi(services);
  // Other extensions get what asks the person, and nothing that could say yes for them.
  if (context.extensionMode !== vscode.ExtensionMode.Test) return given;
  return {
    ...given,
    services,
    statusBar,
    devices,
    firmware,
    backups,
    walkthrough,
    dashboard,
    activationMs: performance.measure(ACTIVATION, { start: began }).duration,
    shutdown: end,
  };
}

export async function deactivate(): Promise<void> {
  await shutdown?.();
  shutdown = undefined;
}
