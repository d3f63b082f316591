/** The status bar item: selected port and chip, or the job on it. A click opens the port picker; the tooltip has the rest. */
import * as vscode from "vscode";
import { isFinished } from "../../shared/jobState";
import { toChipView } from "../../shared/views";
import { chipFacts } from "../text/chipFacts";
import type { Builds } from "../builds/workspaceBuilds";
import { COMMANDS, type CommandId } from "../platform/contributions";
import { Owner, disposableFrom } from "../platform/disposables";
import type { JobService } from "../jobs/jobService";
import { say, t } from "../text/l10n";
import { markdownText } from "../text/plainText";
import { portIcon } from "../ports/portEntry";
import type { PortRegistry } from "../ports/portRegistry";
import { concerns, jobLine, statusText } from "../text/statusText";
import { READ_EVERY_MS, throttle } from "../platform/throttle";

const PRIORITY = 40;
/** A workspace that is still looked through after this long may be about anything. */
const LATE_MS = 5_000;

/** What tells whether a window is about these chips. */
export interface WorkspaceFacts {
  readonly builds: Pick<Builds, "all" | "cut" | "onDidChange">;
  /** Resolves with whether a project for these chips is open. */
  readonly looked: Promise<boolean>;
}

export class PortStatusBar extends Owner {
  private readonly item = this.register(
    vscode.window.createStatusBarItem("beken.port", vscode.StatusBarAlignment.Left, PRIORITY),
  );

  private readonly drawing = this.register(throttle(READ_EVERY_MS, () => this.draw()));

  private isProject: boolean | undefined;
  private isLate = false;

  /** @param workspace without it, the item is in every window */
  constructor(
    private readonly ports: PortRegistry,
    private readonly jobs: JobService,
    private readonly workspace?: WorkspaceFacts,
  ) {
    super();
    this.item.name = t("Beken Port");
    this.register(ports.onDidChange(() => this.draw()));
    this.register(
      jobs.onDidChange((job) => {
        if (isFinished(job)) this.draw();
        else this.drawing.request();
      }),
    );
    if (workspace !== undefined) this.follow(workspace);
    this.draw();
  }

  private follow({ builds, looked }: WorkspaceFacts): void {
    this.register(builds.onDidChange(() => this.draw()));
    const timer = setTimeout(() => {
      this.isLate = this.isProject === undefined;
      this.draw();
    }, LATE_MS);
    this.register(disposableFrom(() => clearTimeout(timer)));
    void looked.then((isProject) => {
      this.isProject = isProject;
      this.isLate = false;
      if (!this.disposed) this.draw();
    });
  }

  private get isWanted(): boolean {
    if (this.workspace === undefined) return true;
    const { builds } = this.workspace;
    return concerns({
      ports: this.ports.ports,
      isSelected: this.ports.selectedName !== undefined,
      isRunning: this.jobs.running.length > 0,
      hasBuilds: builds.all.length > 0,
      isProject: this.isProject,
      isSlow: this.isLate || builds.cut.length > 0,
    });
  }

  /** For tests: what is drawn. */
  get text(): string {
    return this.item.text;
  }

  private draw(): void {
    if (this.isWanted) this.item.show();
    else this.item.hide();
    const { selected } = this.ports;
    const job = selected && this.jobs.runningOn(selected.id);
    const chip = selected && this.jobs.chipOn(selected.id);
    const others = this.jobs.running.length - (job === undefined ? 0 : 1);
    this.item.text = statusText({
      port: selected && { label: selected.label, icon: portIcon(selected) },
      lost: this.ports.lost,
      chip: chip?.chip?.name,
      job,
      others,
    });
    const waits = job?.status === "linking" && job.link?.needsPerson === true;
    this.item.backgroundColor = waits ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    this.item.command = COMMANDS.selectPort;
    this.item.tooltip = this.tooltip();
    this.item.accessibilityInformation = {
      label: t("Beken port: {0}", this.item.text.replace(/\$\([^)]*\)\s*/g, "")),
      role: "button",
    };
  }

  private tooltip(): vscode.MarkdownString {
    const { selected } = this.ports;
    const job = selected && this.jobs.runningOn(selected.id);
    const identity = selected && this.jobs.chipOn(selected.id);
    const tooltip = new vscode.MarkdownString("", true);
    tooltip.isTrusted = { enabledCommands: [...Object.values(COMMANDS)] };
    tooltip.appendMarkdown(
      `**${markdownText(selected?.label ?? this.ports.selectedName ?? t("No port selected"))}**\n\n`,
    );
    if (selected !== undefined)
      tooltip.appendMarkdown(`${markdownText([selected.id, ...selected.facts].join(", "))}\n\n`);
    if (job !== undefined) {
      const { text, detail } = jobLine(job);
      tooltip.appendMarkdown(
        `${markdownText([job.title, text, detail].filter((part) => part !== undefined).join(", "))}\n\n`,
      );
    }
    if (identity !== undefined) {
      const rows = chipFacts(toChipView(identity, say)).map(
        ({ name, value }) => `| ${markdownText(name)} | ${markdownText(value)} |`,
      );
      tooltip.appendMarkdown(`| | |\n|---|---|\n${rows.join("\n")}\n\n`);
    }
    const query = selected === undefined ? "" : `?${encodeURIComponent(JSON.stringify([{ portId: selected.id }]))}`;
    const links = (job === undefined ? IDLE_LINKS : BUSY_LINKS).map(
      ([command, icon, label]) => `[$(${icon}) ${label()}](command:${command}${query})`,
    );
    tooltip.appendMarkdown(links.join(" &nbsp; "));
    return tooltip;
  }
}

type Link = readonly [CommandId, string, () => string];

const IDLE_LINKS: readonly Link[] = [
  [COMMANDS.selectPort, "plug", () => t("Select Port")],
  [COMMANDS.flashFile, "zap", () => t("Flash File")],
  [COMMANDS.showChipInfo, "info", () => t("Chip Info")],
  [COMMANDS.backUpFlash, "archive", () => t("Back Up")],
  [COMMANDS.openMonitor, "output", () => t("Serial Monitor")],
  [COMMANDS.openDashboard, "dashboard", () => t("Dashboard")],
];

const BUSY_LINKS: readonly Link[] = [
  [COMMANDS.stopJob, "stop-circle", () => t("Stop")],
  [COMMANDS.openDashboard, "dashboard", () => t("Dashboard")],
];
