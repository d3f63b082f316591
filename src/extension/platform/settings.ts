/**
 * The settings as typed values held to their bounds, read when asked so that a change counts at once. The only file
 * that reads or writes configuration.
 */
import * as vscode from "vscode";
import { shownPort } from "../../core/index";
import {
  SETTINGS_SECTION,
  SETTING_BOUNDS,
  SETTING_DEFAULTS,
  type Bounds,
  type SettingName,
  type SettingTypes,
} from "./contributions";
import { Owner } from "./disposables";
import { HOST } from "./hostMachine";
import { boundedNumber, parseBaudRate } from "./settingValues";

export class Settings extends Owner {
  private readonly changed = this.register(new vscode.EventEmitter<ReadonlySet<SettingName>>());
  /** Tells which settings have other values now. */
  readonly onDidChange = this.changed.event;

  constructor() {
    super();
    this.register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        const names = (Object.keys(SETTING_DEFAULTS) as SettingName[]).filter((name) =>
          event.affectsConfiguration(`${SETTINGS_SECTION}.${name}`),
        );
        if (names.length > 0) this.changed.fire(new Set(names));
      }),
    );
  }

  get baudRate(): number | "auto" {
    return parseBaudRate(this.read("baudRate"));
  }

  get linkTimeoutMs(): number {
    return 1000 * this.number("linkTimeout", SETTING_BOUNDS.linkTimeout);
  }

  /** Whether to reset the chip without a person, by control lines and reboot requests. */
  get autoReset(): boolean {
    return this.read("autoReset") !== false;
  }

  /** How to reset it, as written; empty where nothing is. */
  get resetSequence(): string {
    return this.text("resetSequence");
  }

  /** How long a port stays open and its chip linked after a job. */
  get keepLinkedMs(): number {
    return 1000 * this.number("keepLinked", SETTING_BOUNDS.keepLinked);
  }

  get verifyAfterFlash(): boolean {
    return this.read("verifyAfterFlash") !== false;
  }

  get rebootAfterFlash(): boolean {
    return this.read("rebootAfterFlash") !== false;
  }

  /** Whether to look, after a reboot, if the application runs. */
  get checkAfterFlash(): boolean {
    return this.read("checkAfterFlash") !== false;
  }

  get confirmBeforeFlash(): boolean {
    return this.read("confirmBeforeFlash") !== false;
  }

  get offerFlashAfterBuild(): boolean {
    return this.read("offerFlashAfterBuild") !== false;
  }

  get backUpBeforeFirstWrite(): boolean {
    return this.read("backUpBeforeFirstWrite") !== false;
  }

  /** As written; empty when the person is to be asked. */
  get backupFolder(): string {
    return this.text("backupFolder");
  }

  /** Whether the editor's terminals find the command line. */
  get terminalCommand(): boolean {
    return this.read("terminalCommand") !== false;
  }

  /** Whether the editor is offered the MCP server as well, whose tools it has by other names already. */
  get offerMcpServer(): boolean {
    return this.read("offerMcpServer") === true;
  }

  /** As written; empty where the program is to be looked for. */
  get esphomePath(): string {
    return this.text("esphomePath");
  }

  /** As written; empty where the program is to be looked for. */
  get platformioPath(): string {
    return this.text("platformioPath");
  }

  /** None in a browser, which reaches no port by its name; settings may come along from a desktop. */
  get extraPorts(): readonly string[] {
    return HOST === "browser" ? [] : this.list("extraPorts");
  }

  /** Of logs, in baud. */
  get monitorBaudRate(): number {
    return this.number("monitorBaudRate", SETTING_BOUNDS.monitorBaudRate);
  }

  get monitorTimestamps(): boolean {
    return this.read("monitorTimestamps") === true;
  }

  /** Whether the page of a round is heard when a device has come to its end. */
  get roundSound(): boolean {
    return this.read("roundSound") === true;
  }

  /** As written. */
  get buildFolders(): readonly string[] {
    return this.list("buildFolders");
  }

  /** Writes where the person set it last; for everyone on this machine when nowhere. */
  async update<K extends SettingName>(name: K, value: SettingTypes[K]): Promise<void> {
    const configuration = vscode.workspace.getConfiguration(SETTINGS_SECTION);
    const places = configuration.inspect(name);
    const target =
      places?.workspaceValue === undefined ? vscode.ConfigurationTarget.Global : vscode.ConfigurationTarget.Workspace;
    await configuration.update(name, value, target);
  }

  /** Every setting that differs from its default, for the log. */
  get changes(): Readonly<Record<string, unknown>> {
    const names = Object.keys(SETTING_DEFAULTS) as SettingName[];
    const shown = (name: SettingName): unknown =>
      name === "extraPorts" ? this.extraPorts.map(shownPort) : this.read(name);
    const entries = names.map((name) => [name, shown(name)] as const);
    return Object.fromEntries(
      entries.filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(SETTING_DEFAULTS[name])),
    );
  }

  private read(name: SettingName): unknown {
    return vscode.workspace.getConfiguration(SETTINGS_SECTION).get<unknown>(name, SETTING_DEFAULTS[name]);
  }

  private text(name: "resetSequence" | "backupFolder" | "esphomePath" | "platformioPath"): string {
    const value = this.read(name);
    return typeof value === "string" ? value.trim() : "";
  }

  private list(name: "extraPorts" | "buildFolders"): readonly string[] {
    const value = this.read(name);
    if (!Array.isArray(value)) return [];
    const texts = value.filter((entry): entry is string => typeof entry === "string").map((entry) => entry.trim());
    return [...new Set(texts.filter((text) => text !== ""))];
  }

  private number(name: "linkTimeout" | "keepLinked" | "monitorBaudRate", bounds: Bounds): number {
    return boundedNumber(this.read(name), SETTING_DEFAULTS[name], bounds);
  }
}
