/** The view "Backups": devices, each with its backups, newest first, and what is in each. Reads files only while it is seen; changes none. */
import * as vscode from "vscode";
import { visible } from "../../core/index";
import { formatBytes } from "../../shared/figures";
import { dayOf } from "../../shared/times";
import type { KnownBackup } from "../../storage/backups";
import type { SetContext } from "../platform/contextKeys";
import { COMMANDS, ITEM_CONTEXT, VIEWS } from "../platform/contributions";
import { Owner, type Disposable } from "../platform/disposables";
import type { OutputLog } from "../platform/outputLog";
import { files, uriOf } from "../platform/places";
import { byDevice, type BackupDetails, type BackupShelf, type DeviceBackups } from "../jobs/backupShelf";
import { deviceKey, type DeviceNames } from "../ports/deviceNames";
import { say, t } from "../text/l10n";
import { doubtTitle } from "../text/planText";

export type BackupNode =
  | { readonly type: "device"; readonly device: DeviceBackups }
  | { readonly type: "backup"; readonly backup: KnownBackup; readonly resourceUri: vscode.Uri };

export interface BackupsViewParts {
  readonly shelf: BackupShelf;
  /** What people call their devices. */
  readonly names: Pick<DeviceNames, "of">;
  readonly log: Pick<OutputLog, "info" | "error">;
  readonly setContext: SetContext;
  /** Tells that there may be others now. */
  readonly onDidChange: (listener: () => void) => Disposable;
}

export class BackupsView extends Owner implements vscode.TreeDataProvider<BackupNode> {
  private readonly changed = this.register(new vscode.EventEmitter<BackupNode | undefined>());
  readonly onDidChangeTreeData = this.changed.event;
  private readonly told = new Map<string, BackupDetails>();

  constructor(private readonly parts: BackupsViewParts) {
    super();
    const view = this.register(
      vscode.window.createTreeView(VIEWS.backups, { treeDataProvider: this, showCollapseAll: true }),
    );
    const look = (): void => {
      if (view.visible) this.refresh();
    };
    this.register(parts.onDidChange(look));
    this.register(view.onDidChangeVisibility(look));
  }

  refresh(): void {
    this.changed.fire(undefined);
  }

  async getChildren(node?: BackupNode): Promise<BackupNode[]> {
    if (node === undefined) {
      const devices = byDevice(await this.parts.shelf.all());
      this.parts.setContext("beken.backupsListed", true);
      return devices.map((device) => ({ type: "device", device }));
    }
    if (node.type === "backup") return [];
    return node.device.backups.map((backup) => ({ type: "backup", backup, resourceUri: uriOf(backup.path) }));
  }

  getTreeItem(node: BackupNode): vscode.TreeItem {
    if (node.type === "device") return deviceItem(node.device, this.parts.names.of(deviceKey(node.device)));
    const { backup } = node;
    const details = this.told.get(backup.path);
    void this.look(node, details);
    return backupItem(node.resourceUri, backup, details);
  }

  /** Draws the row again once more is known of it. */
  private async look(node: Extract<BackupNode, { type: "backup" }>, before: BackupDetails | undefined): Promise<void> {
    const { path } = node.backup;
    try {
      const details = await this.parts.shelf.detailsOf(node.backup);
      if (details === before || this.disposed) return;
      this.told.set(path, details);
      this.changed.fire(node);
    } catch (error) {
      this.parts.log.info(`${path} cannot be looked into: ${String(error)}`);
    }
  }
}

/** @param given by its person */
function deviceItem({ id, chipName, mac, backups }: DeviceBackups, given: string | undefined): vscode.TreeItem {
  const name = chipName ?? t("Unknown chip");
  const told = mac === undefined ? t("{0} without a MAC address", name) : `${name} ${mac}`;
  const label = given === undefined ? told : `${given}, ${told}`;
  const item = new vscode.TreeItem(visible(label), vscode.TreeItemCollapsibleState.Expanded);
  item.id = `device ${id}`;
  item.iconPath = new vscode.ThemeIcon("circuit-board");
  item.description = String(backups.length);
  item.contextValue = ITEM_CONTEXT.backupDevice;
  item.accessibilityInformation = { label: t("{0}, backups: {1}", visible(label), backups.length) };
  return item;
}

/** A click shows what is inside. */
function backupItem(
  uri: vscode.Uri,
  { path, manifest }: KnownBackup,
  details: BackupDetails | undefined,
): vscode.TreeItem {
  const when = dayOf(Date.parse(manifest.date), vscode.env.language);
  const item = new vscode.TreeItem(when);
  item.id = `backup ${path}`;
  const facts = details === undefined ? [t("being looked into")] : factsOf(details);
  item.description = facts.map(visible).join(" \u00b7 ");
  item.tooltip = [files.nameOf(path), when, ...facts, ...warningsOf(details), path].map(visible).join("\n");
  item.accessibilityInformation = { label: [when, ...facts, files.nameOf(path)].map(visible).join(", ") };
  item.iconPath = iconOf(details);
  item.contextValue = ITEM_CONTEXT.backup;
  item.command = { command: COMMANDS.inspectImage, title: "", arguments: [uri] };
  return item;
}

function factsOf({ passport, judgement, isUnchanged, size }: BackupDetails): readonly string[] {
  const worth = { good: t("good"), suspicious: t("suspicious"), worthless: t("worthless") };
  return [
    passport.line === undefined ? t("nothing recognised") : say(passport.line),
    isUnchanged ? worth[judgement.verdict] : t("changed since it was read"),
    formatBytes(size),
  ];
}

function warningsOf(details: BackupDetails | undefined): readonly string[] {
  if (details === undefined) return [];
  const { judgement, passport } = details;
  const doubts = judgement.verdict === "good" ? [] : [doubtTitle(judgement)];
  const privacy = passport.private.length === 0 ? [] : [t("Private: do not give this file away as it is")];
  return [...doubts, ...judgement.findings.map(({ words }) => say(words)), ...privacy, ...passport.private.map(say)];
}

function iconOf(details: BackupDetails | undefined): vscode.ThemeIcon {
  if (details === undefined) return new vscode.ThemeIcon("archive");
  const isGood = details.isUnchanged && details.judgement.verdict === "good";
  return isGood
    ? new vscode.ThemeIcon("archive")
    : new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground"));
}
