/**
 * The view "Devices": ports, what is known of the chip on each, and the job that runs there. Reads the registry and the
 * jobs, asks neither chip nor person.
 */
import * as vscode from "vscode";
import { describeIdentity, visible } from "../../core/index";
import { isFinished, type JobState } from "../../shared/jobState";
import type { InterruptedJob } from "../../storage/interrupted";
import { dayOf } from "../../shared/times";
import { toChipView } from "../../shared/views";
import { chipFacts, chipName, type ChipFact } from "../text/chipFacts";
import { COMMANDS, ITEM_CONTEXT, VIEWS, type InterruptedArgument, type PortArgument } from "../platform/contributions";
import { Owner, Slot, type Disposable } from "../platform/disposables";
import { urisIn } from "../platform/droppedFiles";
import type { JobService } from "../jobs/jobService";
import type { JobJournal } from "../jobs/jobJournal";
import { say, t } from "../text/l10n";
import type { Monitors } from "../monitor/monitors";
import { portIcon, type PortEntry } from "../ports/portEntry";
import type { PortRegistry } from "../ports/portRegistry";
import { jobLine } from "../text/statusText";
import { READ_EVERY_MS, throttle } from "../platform/throttle";

export type DeviceNode =
  | (PortArgument & { readonly type: "port"; readonly port: PortEntry })
  | (PortArgument & { readonly type: "job"; readonly jobId: string })
  | (PortArgument & { readonly type: "fact"; readonly fact: ChipFact })
  | (PortArgument & { readonly type: "hint" })
  | (PortArgument & { readonly type: "verdict" })
  | (PortArgument & InterruptedArgument & { readonly type: "interrupted"; readonly job: InterruptedJob });

export class DevicesView extends Owner implements vscode.TreeDataProvider<DeviceNode> {
  private readonly changed = this.register(new vscode.EventEmitter<DeviceNode[] | undefined>());
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<DeviceNode>;
  private readonly watching = this.register(new Slot<Disposable>());
  /** The same objects every time: the editor tells nodes apart by identity. */
  private readonly nodes = new Map<string, DeviceNode>();
  /** What the tree looks like: the rows of its top level together, and what stands on and below each port. */
  private drawnTop = "";
  private readonly drawn = new Map<string, string>();
  /** Ports whose jobs have news that are not drawn yet. */
  private readonly news = new Set<string>();
  private readonly drawing = this.register(throttle(READ_EVERY_MS, () => this.drawNews()));

  constructor(
    private readonly ports: PortRegistry,
    private readonly jobs: JobService,
    private readonly journal: JobJournal,
    private readonly monitors: Pick<Monitors, "onDidChange" | "verdictOn">,
  ) {
    super();
    this.view = this.register(
      vscode.window.createTreeView(VIEWS.devices, {
        treeDataProvider: this,
        dragAndDropController: DROPPED_ON_DEVICES,
        showCollapseAll: false,
      }),
    );
    this.register(this.view.onDidChangeVisibility(() => this.watchWhileVisible()));
    this.register(ports.onDidChange(() => this.redraw()));
    this.register(journal.onDidChange(() => this.redraw()));
    this.register(monitors.onDidChange(() => this.redraw()));
    this.register(
      jobs.onDidChange((job) => {
        this.news.add(job.port.id);
        if (isFinished(job)) this.drawNews();
        else this.drawing.request();
      }),
    );
    this.watchWhileVisible();
  }

  getChildren(node?: DeviceNode): DeviceNode[] {
    if (node === undefined) {
      const ports = this.ports.ports.map((port) =>
        this.keep(`port ${port.id}`, { type: "port", portId: port.id, port }),
      );
      // Of a device that is elsewhere now, or nowhere.
      return [...ports, ...this.interruptedElsewhere().map((job) => this.interruptedNode(job))];
    }
    if (node.type !== "port") return [];
    const { portId } = node;
    const job = this.jobs.runningOn(portId);
    const chip = this.jobs.chipOn(portId);
    const facts = chip === undefined ? [] : chipFacts(toChipView(chip, say));
    return [
      // While something runs there, it cannot be resumed, and may be what finishes it.
      ...(job === undefined ? this.interruptedOn(portId).map((left) => this.interruptedNode(left)) : []),
      ...(job === undefined ? [] : [this.keep(`job ${portId}`, { type: "job", portId, jobId: job.id })]),
      ...(this.monitors.verdictOn(portId) === undefined
        ? []
        : [this.keep(`verdict ${portId}`, { type: "verdict", portId })]),
      ...facts.map((fact) => this.keep(`fact ${portId} ${fact.id}`, { type: "fact", portId, fact })),
      ...(job === undefined && chip === undefined ? [this.keep(`hint ${portId}`, { type: "hint", portId })] : []),
    ];
  }

  getParent(node: DeviceNode): DeviceNode | undefined {
    const isRoot = node.type === "port" || this.ports.find(node.portId) === undefined;
    return isRoot ? undefined : this.nodes.get(`port ${node.portId}`);
  }

  getTreeItem(node: DeviceNode): vscode.TreeItem {
    switch (node.type) {
      case "port":
        return this.portItem(node.port);
      case "job":
        return this.jobItem(node.portId);
      case "fact":
        return factItem(node.fact);
      case "hint":
        return hintItem(node.portId);
      case "verdict":
        return this.verdictItem(node.portId);
      case "interrupted":
        return interruptedItem(node.job);
    }
  }

  private interruptedOn(portId: string): readonly InterruptedJob[] {
    return this.journal.interrupted.filter((job) => job.portId === portId);
  }

  private interruptedElsewhere(): readonly InterruptedJob[] {
    return this.journal.interrupted.filter(({ portId }) => this.ports.find(portId) === undefined);
  }

  private interruptedNode(job: InterruptedJob): DeviceNode {
    return this.keep(`interrupted ${job.id}`, { type: "interrupted", portId: job.portId, interruptedId: job.id, job });
  }

  private portItem(port: PortEntry): vscode.TreeItem {
    const job = this.jobs.runningOn(port.id);
    const chip = this.jobs.chipOn(port.id);
    const isSelected = this.ports.selected?.id === port.id;
    const item = new vscode.TreeItem(visible(port.label), vscode.TreeItemCollapsibleState.Expanded);
    item.id = `port ${port.id}`;
    item.contextValue = contextOf(port, job !== undefined);
    item.iconPath = iconOf(port, isSelected, job);
    const name = chip === undefined ? undefined : chipName(toChipView(chip, say));
    const parts = [isSelected ? t("selected") : undefined, name, ...port.facts];
    item.description = parts.filter((part) => part !== undefined).join(" \u00b7 ");
    item.tooltip = [port.id, ...port.facts].map(visible).join("\n");
    item.accessibilityInformation = { label: [port.label, item.description].join(", ") };
    return item;
  }

  private jobItem(portId: string): vscode.TreeItem {
    const job = this.jobs.runningOn(portId);
    const line = job && jobLine(job);
    // What changes stands first: titles are long and views are narrow.
    const item = new vscode.TreeItem(line?.text ?? "");
    item.id = `job ${portId}`;
    item.contextValue = ITEM_CONTEXT.job;
    item.iconPath = new vscode.ThemeIcon("sync~spin");
    item.description = [line?.detail, job?.title].filter((part) => part !== undefined).join(" \u00b7 ");
    item.tooltip = [job?.title, line?.text, line?.detail]
      .filter((part) => part !== undefined)
      .map(visible)
      .join("\n");
    const argument: PortArgument = { portId };
    item.command = { command: COMMANDS.openDashboard, title: t("Open Dashboard"), arguments: [argument] };
    return item;
  }

  /** Whether its firmware runs, by the log. */
  private verdictItem(portId: string): vscode.TreeItem {
    const verdict = this.monitors.verdictOn(portId);
    const summary = verdict === undefined ? "" : say(verdict.summary);
    const item = new vscode.TreeItem(visible(summary));
    item.id = `verdict ${portId}`;
    item.contextValue = ITEM_CONTEXT.verdict;
    item.iconPath = new vscode.ThemeIcon(verdict?.kind === "running" ? "pass" : "pulse");
    item.tooltip = [summary, ...(verdict?.next.map(say) ?? [])].map(visible).join("\n");
    const argument: PortArgument = { portId };
    item.command = { command: COMMANDS.openMonitor, title: t("Serial Monitor"), arguments: [argument] };
    return item;
  }

  private watchWhileVisible(): void {
    this.watching.set(this.view.visible ? this.ports.watch() : undefined);
  }

  private drawNews(): void {
    this.redraw([...this.news]);
    this.news.clear();
  }

  /**
   * Only what differs is drawn again: while it is, a click on a row is lost, and drawing the top level takes all rows
   * away for a moment.
   * @param busy ports whose jobs have news
   */
  private redraw(busy: readonly string[] = []): void {
    const { ports } = this.ports;
    const top = JSON.stringify([ports, this.interruptedElsewhere()]);
    const changed = ports.filter((port) => {
      const shape = this.shapeOf(port);
      const isNew = this.drawn.get(port.id) !== shape;
      this.drawn.set(port.id, shape);
      return isNew;
    });
    if (this.drawnTop !== top) {
      this.drawnTop = top;
      this.changed.fire(undefined);
      return;
    }
    const rows = changed.map(({ id }) => `port ${id}`);
    const lines = busy.filter((id) => !changed.some((port) => port.id === id)).map((id) => `job ${id}`);
    const nodes = [...rows, ...lines].map((key) => this.nodes.get(key)).filter((node) => node !== undefined);
    if (nodes.length > 0) this.changed.fire(nodes);
  }

  /** Everything of a port's row and of those below it but a running job's figures. */
  private shapeOf({ id }: PortEntry): string {
    const chip = this.jobs.chipOn(id);
    return JSON.stringify([
      this.ports.selected?.id === id,
      this.jobs.runningOn(id)?.id,
      chip && describeIdentity(chip),
      this.interruptedOn(id).map((job) => job.id),
      this.monitors.verdictOn(id)?.summary,
    ]);
  }

  private keep(key: string, node: DeviceNode): DeviceNode {
    const known = this.nodes.get(key);
    if (known !== undefined && JSON.stringify(known) === JSON.stringify(node)) return known;
    this.nodes.set(key, node);
    return node;
  }
}

/** Files from the explorer, a view or the desktop. */
const URI_LIST = "text/uri-list";

/** A file that is dropped on a device, or on anything below it, is flashed to that device; the plan asks as ever. */
const DROPPED_ON_DEVICES: vscode.TreeDragAndDropController<DeviceNode> = {
  dragMimeTypes: [],
  dropMimeTypes: [URI_LIST],
  async handleDrop(target, data) {
    const list = await data.get(URI_LIST)?.asString();
    const files = urisIn(list ?? "");
    if (target === undefined || files.length === 0) return;
    await vscode.commands.executeCommand(COMMANDS.flashToDevice, files[0], files, { portId: target.portId });
  },
};

function contextOf({ kind, isAdded }: PortEntry, isBusy: boolean): string {
  // What runs a practice device from the settings is not ours to stop: it can be removed there.
  switch (isAdded === true ? "extra" : kind) {
    case "adapter":
      return isBusy ? ITEM_CONTEXT.portBusy : ITEM_CONTEXT.port;
    case "practice":
      return isBusy ? ITEM_CONTEXT.practiceBusy : ITEM_CONTEXT.practice;
    case "extra":
      return isBusy ? ITEM_CONTEXT.extraPortBusy : ITEM_CONTEXT.extraPort;
  }
}

function iconOf(port: PortEntry, isSelected: boolean, job: JobState | undefined): vscode.ThemeIcon {
  if (job !== undefined) return new vscode.ThemeIcon("sync~spin");
  const icon = portIcon(port);
  return isSelected ? new vscode.ThemeIcon(icon, new vscode.ThemeColor("charts.green")) : new vscode.ThemeIcon(icon);
}

function factItem({ name, value, detail }: ChipFact): vscode.TreeItem {
  const item = new vscode.TreeItem(name);
  item.description = value;
  item.tooltip = [`${name}: ${value}`, detail]
    .filter((part) => part !== undefined)
    .map(visible)
    .join("\n");
  item.contextValue = ITEM_CONTEXT.fact;
  item.accessibilityInformation = { label: `${name}: ${value}` };
  return item;
}

function hintItem(portId: string): vscode.TreeItem {
  const item = new vscode.TreeItem(t("Show what chip is connected"));
  item.iconPath = new vscode.ThemeIcon("info");
  const argument: PortArgument = { portId };
  item.command = { command: COMMANDS.showChipInfo, title: t("Show Chip Info"), arguments: [argument] };
  return item;
}

/** A device that may not start until this is finished. */
function interruptedItem({ id, request, title, portLabel, startedAt }: InterruptedJob): vscode.TreeItem {
  const item = new vscode.TreeItem(visible(t("Interrupted: {0}", title)));
  item.id = `interrupted ${id}`;
  item.contextValue = ITEM_CONTEXT.interrupted;
  item.iconPath = new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground"));
  item.description = portLabel;
  const what =
    request.kind === "backup" ? t("What was read of it is kept.") : t("The device may not start until it is finished.");
  item.tooltip = [title, portLabel, dayOf(startedAt, vscode.env.language), what].map(visible).join("\n");
  const argument: InterruptedArgument = { interruptedId: id };
  item.command = { command: COMMANDS.resumeJob, title: t("Resume"), arguments: [argument] };
  return item;
}
