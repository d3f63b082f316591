/** Says once, in the window it was started from, that a job was interrupted before this window was there, and offers to go on. */
import * as vscode from "vscode";
import type { InterruptedJob } from "../../storage/interrupted";
import { COMMANDS, type InterruptedArgument } from "../platform/contributions";
import { Owner } from "../platform/disposables";
import { runningPrograms } from "../platform/hostMachine";
import type { JobJournal } from "../jobs/jobJournal";
import { t } from "../text/l10n";
import { warn } from "../platform/shownMessages";

export class ResumeOffers extends Owner {
  private readonly offered = new Set<string>();

  constructor(private readonly journal: JobJournal) {
    super();
    this.register(journal.onDidChange(() => this.look()));
  }

  private look(): void {
    const workspace = vscode.workspace.workspaceFolders?.[0]?.uri.toString() ?? null;
    for (const job of this.journal.interrupted) {
      // What this window has run, it has told about when it ended.
      if (job.pid === runningPrograms.own || this.offered.has(job.id) || job.workspace !== workspace) continue;
      this.offered.add(job.id);
      void this.offer(job);
    }
  }

  private async offer({ id, request, title, portLabel }: InterruptedJob): Promise<void> {
    const resume = t("Resume");
    const dismiss = t("Dismiss");
    const text =
      request.kind === "backup"
        ? t("{0} on {1} was interrupted. What was read of it is kept.", title, portLabel)
        : t("{0} on {1} was interrupted: the device may not start until it is finished.", title, portLabel);
    const answer = await warn(text, resume, dismiss);
    const argument: InterruptedArgument = { interruptedId: id };
    if (answer === resume) await vscode.commands.executeCommand(COMMANDS.resumeJob, argument);
    else if (answer === dismiss) await this.journal.dismiss(id);
  }
}
