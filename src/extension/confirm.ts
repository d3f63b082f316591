/**
 * The one confirmation before flash is changed: a dialog with the plan, unless the dashboard is in sight and shows it
 * with its own buttons. Answers what jobs ask; decides nothing itself.
 */
import * as vscode from "vscode";
import { Owner } from "./disposables";
import type { JobService, Question } from "./jobs";
import { planText } from "./planText";

export class Confirmation extends Owner {
  constructor(
    private readonly jobs: JobService,
    /** True when the plan is on screen already, with buttons. */
    private readonly isShown: (jobId: string) => boolean,
  ) {
    super();
    this.register(jobs.onDidAsk((question) => void this.ask(question)));
  }

  private async ask(question: Question): Promise<void> {
    const { job } = question;
    if (this.isShown(job.id)) return;
    const { title, lines, button } = planText(question, job.port.label);
    const answer = await vscode.window.showInformationMessage(title, { modal: true, detail: lines.join("\n") }, button);
    this.jobs.decide(job.id, answer === button);
  }
}
