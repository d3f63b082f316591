/**
 * The one confirmation before flash is changed: a short dialog that leads to the whole plan in the dashboard, unless that
 * is in sight and shows it with its own buttons. And the one about a backup that is not good. Answers what jobs ask; decides nothing itself.
 */
import * as vscode from "vscode";
import { Owner } from "../platform/disposables";
import type { Doubt, Question } from "../jobs/jobSpec";
import type { JobService } from "../jobs/jobService";
import { say, t } from "../text/l10n";
import { ask, inform } from "../platform/shownMessages";
import { doubtTitle, planText } from "../text/planText";

/** Where plans are on screen anyway, with buttons. */
export interface PlanSurface {
  readonly isVisible: boolean;
  /** In sight, but beside the editor in use: a question there may be overlooked. */
  readonly isAside: boolean;
  /** Brings it up at a device, in sight from then on, and gives it the focus. */
  show(at: { readonly portId: string }): void;
}

export class Confirmation extends Owner {
  /** Questions that are left to the dashboard. */
  private readonly open = new Map<string, Question>();

  constructor(
    private readonly jobs: Pick<JobService, "onDidAsk" | "onDidDoubt" | "onDidChange" | "decide">,
    private readonly dashboard: PlanSurface,
  ) {
    super();
    this.register(jobs.onDidAsk((question) => this.handle(question)));
    this.register(jobs.onDidDoubt((doubt) => void this.askAbout(doubt)));
    this.register(
      jobs.onDidChange(({ id, status }) => {
        if (status !== "approval") this.open.delete(id);
      }),
    );
    // A dashboard that goes out of sight takes its buttons with it.
    this.register(vscode.window.tabGroups.onDidChangeTabs(() => this.handleOpen()));
  }

  private handle(question: Question): void {
    if (!this.dashboard.isVisible) {
      void this.ask(question);
      return;
    }
    const { isAside } = this.dashboard;
    // As a dialog would: who works by keyboard must not have to look for the question.
    this.leaveToDashboard(question);
    if (isAside) void this.tell(question);
  }

  /** For whoever was at something else: the plan in short, and where it is no more than that, the yes. */
  private async tell(question: Question): Promise<void> {
    const { job } = question;
    const { title, lines, button, isPlain } = planText(question, job.port.label);
    const show = t("Show Plan");
    const text = isPlain ? [title, ...lines].join(" ") : title;
    const answer = await inform(text, ...(isPlain ? [button] : []), show);
    // The editor cannot take a message back: it may have been answered, and the job may ask something else now.
    if (answer === undefined || this.open.get(job.id) !== question) return;
    if (answer === show) this.dashboard.show({ portId: job.port.id });
    else this.jobs.decide(job.id, answer === button);
  }

  private leaveToDashboard(question: Question): void {
    const { job } = question;
    this.open.set(job.id, question);
    this.dashboard.show({ portId: job.port.id });
  }

  private handleOpen(): void {
    if (this.dashboard.isVisible) return;
    const questions = [...this.open.values()];
    this.open.clear();
    for (const question of questions) void this.ask(question);
  }

  private async ask(question: Question): Promise<void> {
    const { job } = question;
    const { title, lines, button, isGrave } = planText(question, job.port.label);
    const details = t("Show Details");
    const answer = await ask(isGrave, title, lines.join("\n"), button, details);
    if (answer === details) this.leaveToDashboard(question);
    else this.jobs.decide(job.id, answer === button);
  }

  /** Nothing was touched yet: the copy that was made first is not what a whole flash looks like. */
  private async askAbout({ job, judgement }: Doubt): Promise<void> {
    const button = t("Write All the Same");
    const detail = [
      ...judgement.findings.map(({ words }) => say(words)),
      "",
      t("It is equal to the chip by its own checksum. If you stop here, nothing is touched."),
    ].join("\n");
    const answer = await ask(true, doubtTitle(judgement), detail, button);
    this.jobs.decide(job.id, answer === button);
  }
}
