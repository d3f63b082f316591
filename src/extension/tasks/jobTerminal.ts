/** The terminal of a task that runs jobs: what a job is at, line by line, how it ended, and the exit code that other tasks wait for. */
import * as vscode from "vscode";
import { visible } from "../../core/index";
import { isFinished, type JobState } from "../../shared/jobState";
import type { JobEnd } from "../jobs/jobSpec";
import type { JobService } from "../jobs/jobService";
import { jobLine } from "../text/statusText";
import { t } from "../text/l10n";

/** As the command line has them. */
export const TASK_EXIT = { done: 0, failed: 1, cancelled: 130 } as const;

/** The editor misses the end of a terminal that ends before it is drawn, and the task would never end. (Seen in VS Code 1.100.) */
const LEAST_MS = 500;

const CTRL_C = "\u0003";

/** How a task ends: with a job, with nothing left to do, or without a job, and why; undefined where nothing was started. */
export type TaskEnd =
  JobEnd | { readonly status: "there" } | { readonly status: "refused"; readonly why: string } | undefined;

export class JobTerminal implements vscode.Pseudoterminal {
  private readonly writes = new vscode.EventEmitter<string>();
  private readonly closes = new vscode.EventEmitter<number>();
  readonly onDidWrite = this.writes.event;
  readonly onDidClose = this.closes.event;
  private job: JobState | undefined;
  private last = "";
  private listener: vscode.Disposable | undefined;

  /**
   * @param work one job on that port
   */
  constructor(
    private readonly jobs: Pick<JobService, "onDidChange" | "cancel">,
    private readonly work: (onPort: (portId: string) => void) => Promise<TaskEnd>,
  ) {}

  open(): void {
    void this.run();
  }

  /** The editor ends the task. */
  close(): void {
    this.stop();
  }

  handleInput(keys: string): void {
    if (keys.includes(CTRL_C)) this.stop();
  }

  private stop(): void {
    if (this.job !== undefined && !isFinished(this.job)) this.jobs.cancel(this.job.id);
  }

  private async run(): Promise<void> {
    const began = Date.now();
    let end: TaskEnd;
    try {
      end = await this.work((portId) => this.watch(portId));
    } catch (error) {
      end = { status: "refused", why: error instanceof Error ? error.message : String(error) };
    }
    this.listener?.dispose();
    const code = this.tellEnd(end);
    setTimeout(() => this.closes.fire(code), Math.max(0, began + LEAST_MS - Date.now()));
  }

  private watch(portId: string): void {
    this.listener?.dispose();
    const listener = this.jobs.onDidChange((job) => {
      if (job.port.id !== portId) return;
      this.job = job;
      const { text } = jobLine(job);
      // Without its figures: a line for each step is enough.
      const step = text.replace(/\s*\d+\s?%$/, "");
      if (step !== this.last && !isFinished(job)) this.line(step);
      this.last = step;
    });
    this.listener = listener;
  }

  private tellEnd(end: TaskEnd): number {
    if (end === undefined) {
      this.line(t("Nothing was done."));
      return TASK_EXIT.failed;
    }
    if (end.status === "there") return TASK_EXIT.done;
    if (end.status === "refused") {
      this.line(end.why);
      return TASK_EXIT.failed;
    }
    const { job, status } = end;
    const { error, title } = job;
    this.line(`${title}: ${jobLine(job).text}`);
    if (error !== undefined) for (const text of [error.title, ...error.steps]) this.line(text);
    if (status === "succeeded") return TASK_EXIT.done;
    return status === "cancelled" ? TASK_EXIT.cancelled : TASK_EXIT.failed;
  }

  private line(text: string): void {
    this.writes.fire(`${visible(text)}\r\n`);
  }
}
