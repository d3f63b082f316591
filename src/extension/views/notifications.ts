/**
 * Jobs in the editor's own notifications: progress that can be cancelled there, and one message at the end with what to do
 * next. Reads job states; runs nothing but what a button asks for.
 */
import { fill, formatBytes, formatTook } from "../../shared/figures";
import { startOf, startedText } from "../../shared/startText";
import { isFinished, tookMs, type ErrorAction, type JobState, type OutcomeView } from "../../shared/jobState";
import { COMMANDS, type CommandId } from "../platform/contributions";
import { Owner, disposableFrom, type Disposable } from "../platform/disposables";
import { actionLabel } from "../text/errorText";
import type { jobArgument } from "../jobs/jobArgument";
import type { JobEnd } from "../jobs/jobSpec";
import type { JobService } from "../jobs/jobService";
import { localised, t } from "../text/l10n";
import type { fail, inform, warn } from "../platform/shownMessages";
import type { OutputLog } from "../platform/outputLog";
import { jobLine } from "../text/statusText";
import { READ_EVERY_MS, throttle } from "../platform/throttle";
import { realTimers, type Timers } from "../platform/timers";
import { kindChangesFlash } from "../../shared/jobKinds";

export type NotifiedJobs = Pick<
  JobService,
  "onDidStart" | "onDidChange" | "onDidEnd" | "jobs" | "find" | "specOf" | "cancel" | "retry" | "rekey"
>;

/** A notification that shows how far a job is, until its work resolves. */
export interface ProgressShown {
  report(message: string, increment: number): void;
  onCancel(cancel: () => void): void;
}

/** Where notifications are shown and their buttons lead: the editor. */
export interface NotificationSurface {
  readonly inform: typeof inform;
  readonly warn: typeof warn;
  readonly fail: typeof fail;
  progress(title: string, work: (shown: ProgressShown) => Promise<void>): void;
  run(command: CommandId, argument: unknown): Promise<void>;
  reveal(place: string): Promise<void>;
  readonly argumentFor: typeof jobArgument;
}

/** A page that shows every job, where it is in sight. */
export interface Sight {
  readonly isVisible: boolean;
  readonly onDidChangeVisibility: (listener: () => void) => Disposable;
}

const NOWHERE: Sight = { isVisible: false, onDidChangeVisibility: () => disposableFrom(() => undefined) };

export class Notifications extends Owner {
  constructor(
    private readonly jobs: NotifiedJobs,
    private readonly log: Pick<OutputLog, "error">,
    /** True while a job is on screen anyway, with its end and what comes next. */
    private readonly isShown: (job: JobState) => boolean,
    private readonly surface: NotificationSurface,
    private readonly timers: Timers = realTimers,
    /** Where progress is on screen anyway. */
    private readonly page: Sight = NOWHERE,
  ) {
    super();
    this.register(jobs.onDidStart((job) => this.showProgress(job)));
    this.register(jobs.onDidEnd((end) => void this.showEnd(end)));
  }

  /** As long as no page shows it: it would cover what it says. */
  private showProgress(started: JobState): void {
    let close: (() => void) | undefined;
    const follow = (): void => {
      const now = this.jobs.find(started.id);
      const isOver = now === undefined || isFinished(now);
      if (isOver || this.page.isVisible) {
        close?.();
        close = undefined;
      } else close ??= this.openProgress(now);
      if (isOver) listening.forEach((listener) => listener.dispose());
    };
    const listening = [
      this.jobs.onDidChange((job) => {
        if (job.id === started.id) follow();
      }),
      this.page.onDidChangeVisibility(follow),
    ];
    follow();
  }

  /** @returns closes it, also before the editor has come to open it */
  private openProgress(started: JobState): () => void {
    let isClosed = false;
    let close = (): void => undefined;
    this.surface.progress(`${started.title} (${started.port.label})`, (progress) => {
      let shown = 0;
      let latest = this.jobs.find(started.id) ?? started;
      const report = (): void => {
        const { text, detail, share } = jobLine(latest);
        const percent = Math.floor(100 * share);
        progress.report([text, detail].filter((part) => part !== undefined).join(", "), percent - shown);
        shown = percent;
      };
      return new Promise<void>((resolve) => {
        if (isClosed) {
          resolve();
          return;
        }
        const reporting = throttle(READ_EVERY_MS, report, this.timers);
        const listener = this.jobs.onDidChange((job) => {
          if (job.id !== started.id) return;
          latest = job;
          reporting.request();
        });
        close = () => {
          listener.dispose();
          reporting.dispose();
          resolve();
        };
        progress.onCancel(() => this.jobs.cancel(started.id));
        reporting.request();
      });
    });
    return () => {
      isClosed = true;
      close();
    };
  }

  private async showEnd(end: JobEnd): Promise<void> {
    if (this.isShown(end.job)) return;
    try {
      switch (end.status) {
        case "succeeded":
          await this.showSuccess(end);
          return;
        case "cancelled":
          await this.showCancelled(end.job);
          return;
        case "failed":
          await this.showFailure(end);
          return;
      }
    } catch (error) {
      this.log.error("tell how a job ended", error);
    }
  }

  private async showSuccess({ job, result }: Extract<JobEnd, { readonly status: "succeeded" }>): Promise<void> {
    const details = t("Show Details");
    const copy = job.backup?.savedTo;
    const place = copy ?? (result.kind === "backup" || result.kind === "read" ? job.outcome?.savedTo : undefined);
    const next = copy === undefined ? t("Reveal File") : t("Reveal Backup");
    const start = startOf(job);
    const bringBack =
      start?.lacksBootCode === true && TELLS_START.includes(job.kind) ? actionLabel("bringBackBootCode") : undefined;
    const buttons = [bringBack, details, place === undefined ? undefined : next].filter((label) => label !== undefined);
    const text = [successText(job), copy && t("The chip as it was before is in {0}.", copy)].filter(Boolean).join(" ");
    const show = start?.starts === "no" && TELLS_START.includes(job.kind) ? "warn" : "inform";
    const answer = await this.surface[show](text, ...buttons);
    if (answer === details) await this.showDetails(job);
    else if (answer !== undefined && answer === bringBack) await this.act("bringBackBootCode", job);
    else if (answer === next && place !== undefined) await this.surface.reveal(place);
  }

  private async showCancelled(job: JobState): Promise<void> {
    const words = localised();
    if (job.flash === undefined || job.flash === "untouched") {
      void this.surface.inform(t("{0}: stopped. {1}", job.title, words.flash.untouched));
      return;
    }
    const again = againLabel(job);
    const answer = await this.surface.warn(t("{0}: stopped. {1}", job.title, words.flash[job.flash]), again);
    if (answer === again) await this.act("retry", job);
  }

  private async showFailure(end: Extract<JobEnd, { readonly status: "failed" }>): Promise<void> {
    const { job } = end;
    const { error } = job;
    if (error === undefined) return;
    // More than three buttons, and none of them can be read; the others are behind the details.
    const buttons = new Map(error.actions.slice(0, 1).map((action) => [actionLabel(action), action]));
    const details = t("Show Details");
    const guide = t("Open Guide");
    const answer = await this.surface.fail(failureText(end), ...buttons.keys(), guide, details);
    if (answer === undefined) return;
    if (answer === guide) {
      await this.surface.run(COMMANDS.openGuide, error.code);
      return;
    }
    const action = buttons.get(answer);
    if (action === undefined) await this.showDetails(job);
    else await this.act(action, job);
  }

  private async showDetails({ port }: JobState): Promise<void> {
    await this.surface.run(COMMANDS.openDashboard, { portId: port.id });
  }

  private async act(action: ErrorAction, job: JobState): Promise<void> {
    if (action !== "retry" && action !== "rekey") {
      const command = ACTION_COMMANDS[action];
      await this.surface.run(command, this.surface.argumentFor(command, job.port, this.jobs.specOf(job.id)));
      return;
    }
    const since = this.changedSince(job);
    if (since !== undefined) {
      const { title, port } = since;
      void this.surface.inform(t("That message is out of date: {0} came after it on {1}.", title, port.label));
    } else if (action === "retry") void this.jobs.retry(job.id);
    else void this.jobs.rekey(job.id);
  }

  /** The editor cannot take a message back: its buttons outlive what they are about. */
  private changedSince({ id, port }: JobState): JobState | undefined {
    const there = this.jobs.jobs.filter((job) => job.port.id === port.id);
    const index = there.findIndex((job) => job.id === id);
    const later = index === -1 ? there : there.slice(0, index);
    return later.find((job) => !isFinished(job) || kindChangesFlash(job.kind));
  }
}

function againLabel({ kind }: JobState): string {
  if (kind === "erase") return t("Erase Again");
  return kind === "restore" ? t("Restore Again") : t("Flash Again");
}

const ACTION_COMMANDS: Readonly<Record<Exclude<ErrorAction, "retry" | "rekey">, CommandId>> = {
  selectPort: COMMANDS.selectPort,
  selectBaudRate: COMMANDS.selectBaudRate,
  addPort: COMMANDS.addPort,
  showLog: COMMANDS.showLog,
  copyDiagnostics: COMMANDS.copyDiagnostics,
  flashFile: COMMANDS.flashFile,
  flashLatestBuild: COMMANDS.flashLatestBuild,
  inspectImage: COMMANDS.inspectImage,
  showChipInfo: COMMANDS.showChipInfo,
  bringBackBootCode: COMMANDS.bringBackBootCode,
};

/** What failed, what was expected and found when both are known, what became of the flash, and the first thing to do. */
function failureText({ job, error }: Extract<JobEnd, { readonly status: "failed" }>): string {
  const left = error.flash === "untouched" ? undefined : localised().flash[error.flash];
  return [`${job.title}: ${job.error?.title ?? ""}`, job.error?.compared, left, job.error?.steps[0]]
    .filter((part) => part !== undefined)
    .join(" ");
}

/** After these a person expects the device to start, or wants to know whether it does. */
const TELLS_START: readonly JobState["kind"][] = ["info", "flash", "restore", "verify", "erase", "reboot"];

/** What a finished job did, and where that is in question, whether the device starts. */
export function successText(job: JobState): string {
  const start = TELLS_START.includes(job.kind) ? startedText(startOf(job), localised()) : undefined;
  const { started } = job.outcome ?? {};
  const seen = started === undefined || started.kind === "running" ? undefined : started.text;
  const done = doneText(job, start === undefined);
  return [done, leftAlone(job), start, seen].filter((part) => part !== undefined).join(" ");
}

/** In the words of the plan and of the dashboard. */
function sentText({ bytesWritten = 0 }: OutcomeView): string {
  return fill(localised().done.sent, formatBytes(bytesWritten));
}

/** What took no time is no part of what took some. */
function leftAlone({ kind, outcome = {} }: JobState): string | undefined {
  const { bytesSkipped = 0 } = outcome;
  if (bytesSkipped === 0 || (kind !== "flash" && kind !== "restore")) return undefined;
  return `${fill(localised().done.skipped, formatBytes(bytesSkipped))}.`;
}

function doneText(job: JobState, starts: boolean): string {
  const { outcome = {}, chip, fileName = "" } = job;
  const took = formatTook(tookMs(job));
  const amount = formatBytes(outcome.bytesRead ?? 0);
  const sent = sentText(outcome);
  switch (job.kind) {
    case "info":
      return t("{0} on {1}.", chip?.name ?? t("A chip that is in no table"), job.port.label);
    case "flash": {
      const name = chip?.name ?? t("the chip");
      if (outcome.verified === true && outcome.started?.kind === "running")
        return t("{0} is on the {1}: {2} in {3}, verified on the chip, and running.", fileName, name, sent, took);
      return outcome.verified === true
        ? t("{0} is on the {1}: {2} in {3}, verified on the chip.", fileName, name, sent, took)
        : t("{0} is on the {1}: {2} in {3}, not verified.", fileName, name, sent, took);
    }
    case "restore":
      return outcome.verified === true
        ? t("The backup {0} is back on the chip: {1} in {2}, verified on the chip.", fileName, sent, took)
        : t("The backup {0} is back on the chip: {1} in {2}, not verified.", fileName, sent, took);
    case "backup":
      return t("Backup saved: {0} in {1}, equal to the chip by its own checksum.", amount, took);
    case "read":
      return t("{0} read in {1} and saved.", amount, took);
    case "verify": {
      const held = t("The chip holds {0}: {1} compared in {2}.", fileName, amount, took);
      return starts && chip?.start ? `${held} ${localised().start.doneYes}` : held;
    }
    case "erase":
      return t("{0} erased in {1}, blank by the chip's own checksum.", formatBytes(outcome.bytesErased ?? 0), took);
    case "reboot":
      return starts
        ? t("The chip on {0} was told to start its firmware.", job.port.label)
        : t("The chip on {0} was reset.", job.port.label);
  }
}
