/**
 * Everything package.json contributes, declared once: ids of commands, views, settings and context keys, with the types
 * that go with them. A manifest test holds package.json to this file. Knows no behaviour.
 */

/** Ids of commands. `inPalette: false` marks those that need an argument and are hidden from the palette. */
export const COMMANDS = {
  flashFile: "beken.flashFile",
  flashLatestBuild: "beken.flashLatestBuild",
  flashLastFile: "beken.flashLastFile",
  flashEach: "beken.flashEach",
  showChipInfo: "beken.showChipInfo",
  copyEspHomeConfiguration: "beken.copyEspHomeConfiguration",
  backUpFlash: "beken.backUpFlash",
  readRange: "beken.readRange",
  verifyFile: "beken.verifyFile",
  eraseRange: "beken.eraseRange",
  restoreBackup: "beken.restoreBackup",
  bringBackBootCode: "beken.bringBackBootCode",
  rebootDevice: "beken.rebootDevice",
  openMonitor: "beken.openMonitor",
  monitorOptions: "beken.monitorOptions",
  chooseLogPort: "beken.chooseLogPort",
  buildAndFlash: "beken.buildAndFlash",
  inspectImage: "beken.inspectImage",
  createEspHomeProject: "beken.createEspHomeProject",
  showConfiguration: "beken.showConfiguration",
  copyOpenBekenTemplate: "beken.copyOpenBekenTemplate",
  checkUpdates: "beken.checkUpdates",
  runEspHomeConfig: "beken.runEspHomeConfig",
  selectPort: "beken.selectPort",
  selectBaudRate: "beken.selectBaudRate",
  forgetAdapters: "beken.forgetAdapters",
  addPort: "beken.addPort",
  startPracticeDevice: "beken.startPracticeDevice",
  stopPracticeDevice: "beken.stopPracticeDevice",
  stopJob: "beken.stopJob",
  openDashboard: "beken.openDashboard",
  showLog: "beken.showLog",
  copyDiagnostics: "beken.copyDiagnostics",
  resumeJob: "beken.resumeJob",
  refreshPorts: "beken.refreshPorts",
  refreshBuilds: "beken.refreshBuilds",
  refreshBackups: "beken.refreshBackups",
  openWalkthrough: "beken.openWalkthrough",
  openGuide: "beken.openGuide",
  // With an argument: from menus, trees, tooltips and notifications.
  flashToDevice: "beken.flashToDevice",
  flashBuild: "beken.flashBuild",
  buildAndFlashBuild: "beken.buildAndFlashBuild",
  flashLatestBuildOnDevice: "beken.flashLatestBuildOnDevice",
  usePort: "beken.usePort",
  renameDevice: "beken.renameDevice",
  renameAdapter: "beken.renameAdapter",
  removePort: "beken.removePort",
  copyFact: "beken.copyFact",
  dismissInterrupted: "beken.dismissInterrupted",
  compareBackup: "beken.compareBackup",
  revealBackup: "beken.revealBackup",
  renameBackup: "beken.renameBackup",
  deleteBackup: "beken.deleteBackup",
} as const;

export type CommandId = (typeof COMMANDS)[keyof typeof COMMANDS];

/** Commands that make no sense without an argument. */
export const ARGUMENT_COMMANDS: readonly CommandId[] = [
  COMMANDS.flashToDevice,
  COMMANDS.flashBuild,
  COMMANDS.buildAndFlashBuild,
  COMMANDS.flashLatestBuildOnDevice,
  COMMANDS.usePort,
  COMMANDS.renameDevice,
  COMMANDS.renameAdapter,
  COMMANDS.removePort,
  COMMANDS.copyFact,
  COMMANDS.dismissInterrupted,
  COMMANDS.compareBackup,
  COMMANDS.revealBackup,
  COMMANDS.renameBackup,
  COMMANDS.deleteBackup,
];

/**
 * Commands that the rows of views have and the views' titles do not. Called with an argument that is undefined, they were
 * about a row that the editor cannot find any more.
 */
export const ROW_COMMANDS: readonly CommandId[] = [
  ...ARGUMENT_COMMANDS,
  COMMANDS.flashFile,
  COMMANDS.flashEach,
  COMMANDS.verifyFile,
  COMMANDS.showChipInfo,
  COMMANDS.copyEspHomeConfiguration,
  COMMANDS.backUpFlash,
  COMMANDS.restoreBackup,
  COMMANDS.bringBackBootCode,
  COMMANDS.readRange,
  COMMANDS.eraseRange,
  COMMANDS.rebootDevice,
  COMMANDS.openMonitor,
  COMMANDS.monitorOptions,
  COMMANDS.chooseLogPort,
  COMMANDS.stopJob,
  COMMANDS.resumeJob,
  COMMANDS.inspectImage,
  COMMANDS.checkUpdates,
];

export const VIEW_CONTAINER = "beken";

export const VIEWS = {
  devices: "beken.devices",
  firmware: "beken.firmware",
  backups: "beken.backups",
} as const;

export const WALKTHROUGH = "firstFlash";

/** The read-only viewer of firmware files: what `.rbl` and `.uf2` open with. */
export const IMAGE_EDITOR = "beken.firmwareImage";

/** The same viewer as a choice, for names that need not be firmware: a contribution has one priority only. */
export const OPTIONAL_IMAGE_EDITOR = `${IMAGE_EDITOR}.optional`;

export function imageEditorFor(path: string): string {
  return /\.(rbl|uf2)$/i.test(path) ? IMAGE_EDITOR : OPTIONAL_IMAGE_EDITOR;
}

export interface SettingTypes {
  readonly baudRate: string;
  readonly linkTimeout: number;
  readonly autoReset: boolean;
  readonly resetSequence: string;
  readonly keepLinked: number;
  readonly verifyAfterFlash: boolean;
  readonly rebootAfterFlash: boolean;
  readonly checkAfterFlash: boolean;
  readonly confirmBeforeFlash: boolean;
  readonly offerFlashAfterBuild: boolean;
  readonly backUpBeforeFirstWrite: boolean;
  readonly backupFolder: string;
  readonly extraPorts: readonly string[];
  readonly buildFolders: readonly string[];
  readonly monitorBaudRate: number;
  readonly monitorTimestamps: boolean;
  readonly roundSound: boolean;
  readonly esphomePath: string;
  readonly platformioPath: string;
  readonly terminalCommand: boolean;
  readonly offerMcpServer: boolean;
}

export type SettingName = keyof SettingTypes;

export const SETTINGS_SECTION = "beken";

/** Defaults; package.json has the same (tested). Times in seconds. */
export const SETTING_DEFAULTS: SettingTypes = {
  baudRate: "auto",
  linkTimeout: 60,
  autoReset: true,
  resetSequence: "auto",
  keepLinked: 20,
  verifyAfterFlash: true,
  rebootAfterFlash: true,
  checkAfterFlash: true,
  confirmBeforeFlash: true,
  offerFlashAfterBuild: true,
  backUpBeforeFirstWrite: true,
  backupFolder: "",
  extraPorts: [],
  buildFolders: [],
  monitorBaudRate: 115_200,
  monitorTimestamps: false,
  roundSound: false,
  esphomePath: "",
  platformioPath: "",
  terminalCommand: true,
  offerMcpServer: false,
};

export interface Bounds {
  readonly minimum: number;
  readonly maximum: number;
}

/** What numbers are held to, in the settings editor and in code. */
export const SETTING_BOUNDS = {
  baudRate: { minimum: 9_600, maximum: 4_000_000 },
  linkTimeout: { minimum: 5, maximum: 600 },
  keepLinked: { minimum: 0, maximum: 300 },
  monitorBaudRate: { minimum: 9_600, maximum: 4_000_000 },
} as const satisfies Partial<Record<SettingName, Bounds>>;

/**
 * What names ports or folders of the machine, guards its devices or acts on them is not taken from a workspace that is not
 * trusted. A new setting does not compile without a decision.
 */
const NEEDS_TRUST: Readonly<Record<SettingName, boolean>> = {
  baudRate: false,
  linkTimeout: false,
  autoReset: true,
  resetSequence: true,
  keepLinked: false,
  verifyAfterFlash: true,
  rebootAfterFlash: true,
  checkAfterFlash: true,
  confirmBeforeFlash: true,
  offerFlashAfterBuild: false,
  backUpBeforeFirstWrite: true,
  backupFolder: true,
  extraPorts: true,
  buildFolders: true,
  monitorBaudRate: false,
  monitorTimestamps: false,
  roundSound: false,
  esphomePath: true,
  platformioPath: true,
  terminalCommand: false,
  offerMcpServer: false,
};

export const RESTRICTED_SETTINGS: readonly SettingName[] = (Object.keys(NEEDS_TRUST) as SettingName[]).filter(
  (name) => NEEDS_TRUST[name],
);

export interface ContextTypes {
  /** A port is selected and there. */
  "beken.portSelected": boolean;
  /** At least one job is running. */
  "beken.jobRunning": boolean;
  /** At least one port is known. */
  "beken.hasPorts": boolean;
  /** Ports have been listed once: before that an empty view says nothing. */
  "beken.portsListed": boolean;
  "beken.practiceRunning": boolean;
  /** A job was stopped on its way and can go on. */
  "beken.hasInterrupted": boolean;
  /** At least one build was found. */
  "beken.hasBuilds": boolean;
  /** The extension host is a browser's worker. */
  "beken.inBrowser": boolean;
  /** It is one without Web Serial. */
  "beken.withoutSerial": boolean;
  "beken.buildsSearched": boolean;
  /** Backups have been looked for once: before that an empty view says nothing. */
  "beken.backupsListed": boolean;
  /** Paths of files among the builds that a flash could start from; for menus on names that say nothing. */
  "beken.firmwareFiles": readonly string[];
  /** Paths of open YAMLs that are configurations for these chips. */
  "beken.buildableYamls": readonly string[];
  /** Paths of backups that were saved under a name of the person's choice. */
  "beken.backupFiles": readonly string[];
  /** Paths of copies of a whole flash in the workspace, by their content. */
  "beken.dumpFiles": readonly string[];
  /** Paths of files that were looked at and are none, whatever their names say. */
  "beken.noDumps": readonly string[];
  // The five steps of the walkthrough.
  "beken.step.port": boolean;
  "beken.step.chip": boolean;
  "beken.step.backup": boolean;
  "beken.step.flash": boolean;
  "beken.step.verify": boolean;
  "beken.step.run": boolean;
}

export type ContextKey = keyof ContextTypes;

export const CONTEXT_KEYS: readonly ContextKey[] = [
  "beken.portSelected",
  "beken.jobRunning",
  "beken.hasPorts",
  "beken.portsListed",
  "beken.practiceRunning",
  "beken.hasInterrupted",
  "beken.hasBuilds",
  "beken.inBrowser",
  "beken.withoutSerial",
  "beken.buildsSearched",
  "beken.backupsListed",
  "beken.firmwareFiles",
  "beken.buildableYamls",
  "beken.backupFiles",
  "beken.dumpFiles",
  "beken.noDumps",
  "beken.step.port",
  "beken.step.chip",
  "beken.step.backup",
  "beken.step.flash",
  "beken.step.verify",
  "beken.step.run",
];

/** Those that run programs, or are about ports that are known by a name: no browser has either, and none of them is there. */
export const MACHINE_COMMANDS = [
  COMMANDS.buildAndFlash,
  COMMANDS.buildAndFlashBuild,
  COMMANDS.runEspHomeConfig,
  COMMANDS.addPort,
  COMMANDS.removePort,
] as const;

/** What a tree item, a link or the dashboard hands a command that is about a port. */
export interface PortArgument {
  readonly portId: string;
}

/** What a tree item, a notification or the dashboard hands a command that is about an interrupted job. */
export interface InterruptedArgument {
  readonly interruptedId: string;
}

/** `contextValue` of tree items, as menus match them (`viewItem =~ /^port/`). */
export const ITEM_CONTEXT = {
  port: "port",
  portBusy: "port.busy",
  practice: "port.practice",
  practiceBusy: "port.practice.busy",
  extraPort: "port.extra",
  extraPortBusy: "port.extra.busy",
  fact: "fact",
  job: "job",
  interrupted: "interrupted",
  verdict: "verdict",
  build: "build",
  artefact: "artefact",
  artefactFlashable: "artefact.flashable",
  backupDevice: "backups",
  backup: "backup",
} as const;
