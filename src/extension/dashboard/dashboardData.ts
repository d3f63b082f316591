/** What the dashboard shows and does, from the services: the seam between the webview's host and the rest of the extension. */
import * as vscode from "vscode";
import {
  DASHBOARD_COMMANDS,
  jobsToShow,
  type BuildView,
  type DashboardCommand,
  type DashboardState,
  type PageTexts,
  type PortView,
} from "../../shared/messages";
import { toChipView } from "../../shared/views";
import type { FittedBuild } from "../builds/buildFits";
import { isFinished } from "../../shared/jobState";
import { COMMANDS, type CommandId } from "../platform/contributions";
import type { DashboardActions, DashboardSource } from "./dashboard";
import { Owner, type Disposable } from "../platform/disposables";
import { copyLines } from "../platform/copyLines";
import { urisIn, type DroppedFiles } from "../platform/droppedFiles";
import { reveal } from "../platform/firmwareFiles";
import { showError } from "../platform/showError";
import { newestByMac } from "../../storage/backups";
import { jobArgument } from "../jobs/jobArgument";
import { say } from "../text/l10n";
import type { Services } from "../services";
import type { PortEntry } from "../ports/portEntry";

export class DashboardData extends Owner implements DashboardSource {
  private readonly changed = this.register(new vscode.EventEmitter<void>());
  readonly onDidChange = this.changed.event;
  private backedUp: ReadonlyMap<string, number> = new Map();
  /** By port; under no port, what is offered where no chip is known. */
  private latest: ReadonlyMap<string | undefined, BuildView | undefined> = new Map();

  constructor(private readonly services: Services) {
    super();
    const { ports, jobs, builds, journal } = services;
    const tell = (): void => this.changed.fire();
    this.register(ports.onDidChange(tell));
    this.register(
      jobs.onDidChange((job) => {
        if (isFinished(job)) {
          void this.chooseBuilds();
          void this.lookForBackups();
        }
        tell();
      }),
    );
    this.register(builds.onDidChange(() => void this.chooseBuilds()));
    this.register(journal.onDidChange(tell));
  }

  get state(): Omit<DashboardState, keyof PageTexts> {
    const { ports, jobs, journal } = this.services;
    const known = ports.ports.map((port) => this.portView(port));
    // A port that is gone is still shown for what happened on it.
    const lost = jobsToShow(jobs.jobs).flatMap(({ port }): readonly PortView[] =>
      known.some(({ id }) => id === port.id) ? [] : [{ ...port, present: false }],
    );
    return {
      ports: [...known, ...lost],
      selectedPortId: ports.selectedId,
      jobs: jobsToShow(jobs.jobs),
      history: jobs.history,
      interrupted: journal.interrupted
        .filter(({ portId }) => jobs.runningOn(portId) === undefined)
        .map(({ id, request: { kind }, title, portLabel, startedAt }) => ({ id, kind, title, portLabel, startedAt })),
      latestBuild: this.latest.get(undefined),
    };
  }

  private async lookForBackups(): Promise<void> {
    try {
      this.backedUp = newestByMac(await this.services.shelf.all());
      this.changed.fire();
    } catch (error) {
      this.services.log.error("look for backups", error);
    }
  }

  /** Files are read for it: what was chosen is what is shown until the next choice is made. */
  private async chooseBuilds(): Promise<void> {
    const { ports, jobs, fits, builds } = this.services;
    const chosen = await Promise.all(
      [undefined, ...ports.ports.map(({ id }) => id)].map(async (id) => {
        const best = await fits.best(builds.all, id === undefined ? undefined : jobs.chipOn(id));
        return [id, best && buildView(best)] as const;
      }),
    );
    this.latest = new Map(chosen);
    this.changed.fire();
  }

  watch(): Disposable {
    return this.services.ports.watch();
  }

  private portView({ id, label, kind, facts }: PortEntry): PortView {
    const chip = this.services.jobs.chipOn(id);
    const passport = this.services.jobs.passportOn(id);
    return {
      id,
      label,
      adapter: kind === "adapter" ? facts[0] : undefined,
      practice: kind === "practice",
      description: facts.join(", "),
      present: true,
      latestBuild: chip && (this.latest.has(id) ? (this.latest.get(id) ?? "none") : undefined),
      chip: chip && toChipView(chip, say),
      passport: passport && {
        ...passport,
        line: passport.line && say(passport.line),
        private: passport.private.map(say),
      },
      backedUpAt: chip?.mac === undefined ? undefined : this.backedUp.get(chip.mac),
    };
  }
}

function buildView({ build, file, facts }: FittedBuild): BuildView {
  const about = [`${build.project.name}, ${file.artefact.name}`, facts].filter((part) => part !== "");
  return { label: about.join(" \u00b7 "), uri: file.uri.toString() };
}

/** The names a webview may run, as commands. */
const DASHBOARD_COMMAND_IDS: Readonly<Record<DashboardCommand, CommandId>> = Object.fromEntries(
  DASHBOARD_COMMANDS.map((name) => [name, COMMANDS[name]]),
) as Readonly<Record<DashboardCommand, CommandId>>;

export function dashboardActions({ jobs, journal }: Services, dropped: DroppedFiles): DashboardActions {
  const flash = async (uris: readonly vscode.Uri[], portId: string | undefined): Promise<void> => {
    if (uris.length === 0) return;
    const port = portId === undefined ? [] : [{ portId }];
    await vscode.commands.executeCommand(COMMANDS.flashToDevice, uris[0], uris, ...port);
  };
  return {
    cancel: (jobId) => jobs.cancel(jobId),
    retry: (jobId) => void jobs.retry(jobId),
    rekey: (jobId) => void jobs.rekey(jobId),
    approve: (jobId, yes) => jobs.decide(jobId, yes),
    guide: (jobId) => void vscode.commands.executeCommand(COMMANDS.openGuide, jobs.find(jobId)?.error?.code),
    reveal: (jobId) => {
      const job = jobs.find(jobId);
      const place = job?.backup?.savedTo ?? job?.outcome?.savedTo;
      if (place !== undefined) void reveal(place);
    },
    copyYaml: (jobId) => void copyLines(jobs.find(jobId)?.advice?.yaml ?? []),
    resume: (interruptedId) => void vscode.commands.executeCommand(COMMANDS.resumeJob, { interruptedId }),
    dismiss: (interruptedId) => void journal.dismiss(interruptedId),
    drop: (list, portId) => void flash(urisIn(list), portId),
    dropFile: (name, size, bytes, portId) =>
      void dropped.keep(name, size, bytes).then((uri) => flash([uri], portId), showError),
    run: (name, portId, jobId) => {
      const command = DASHBOARD_COMMAND_IDS[name];
      const spec = jobId === undefined ? undefined : jobs.specOf(jobId);
      const args = portId === undefined ? [] : [jobArgument(command, { id: portId }, spec)];
      void vscode.commands.executeCommand(command, ...args);
    },
  };
}
