/** The five steps of the walkthrough, each completed by the real event it is about, once and for all on this machine. */
import type * as vscode from "vscode";
import { setContext } from "./contextKeys";
import type { ContextKey } from "./contributions";
import { Owner } from "./disposables";
import type { JobEnd, JobService } from "./jobs";
import type { PortRegistry } from "./ports";

type Step = Extract<ContextKey, `beken.step.${string}`>;

const STEPS: readonly Step[] = ["beken.step.port", "beken.step.chip", "beken.step.backup", "beken.step.flash", "beken.step.verify"];

export class Walkthrough extends Owner {
  constructor(
    private readonly ports: PortRegistry,
    jobs: JobService,
    private readonly memory: vscode.Memento,
  ) {
    super();
    for (const step of STEPS) setContext(step, memory.get<boolean>(step) === true);
    this.register(ports.onDidChange(() => this.seePort()));
    this.register(jobs.onDidEnd((end) => this.learn(end)));
    this.seePort();
  }

  private seePort(): void {
    if (this.ports.selected !== undefined) this.complete("beken.step.port");
  }

  private learn(end: JobEnd): void {
    // A chip that was identified was seen, whatever became of the job.
    if (end.job.chip !== undefined) this.complete("beken.step.chip");
    if (end.status !== "succeeded") return;
    const { result } = end;
    if (result.kind === "backup") this.complete("beken.step.backup");
    if (result.kind === "verify") this.complete("beken.step.verify");
    if (result.kind === "flash" && !result.dryRun) {
      this.complete("beken.step.flash");
      if (result.verified) this.complete("beken.step.verify");
    }
  }

  private complete(step: Step): void {
    setContext(step, true);
    if (this.memory.get<boolean>(step) !== true) void this.memory.update(step, true);
  }
}
