/** The six steps of the walkthrough, each completed by the real event it is about, once and for all on this machine. */
import * as vscode from "vscode";
import { setContext } from "../platform/contextKeys";
import type { ContextKey } from "../platform/contributions";
import { Owner, disposableFrom } from "../platform/disposables";
import type { JobEnd } from "../jobs/jobSpec";
import type { JobService } from "../jobs/jobService";
import type { Monitors } from "../monitor/monitors";
import type { PortRegistry } from "../ports/portRegistry";

type Step = Extract<ContextKey, `beken.step.${string}`>;

const STEPS: readonly Step[] = [
  "beken.step.port",
  "beken.step.chip",
  "beken.step.backup",
  "beken.step.flash",
  "beken.step.verify",
  "beken.step.run",
];

/**
 * The editor's walkthrough completes a step when its context key turns true, and never for a key that was true before the
 * walkthrough was first looked at. So a key is true only for a moment, and again whenever a walkthrough may have opened.
 */
const PULSE_MS = 200;
const OPENING_MS = 500;

export class Walkthrough extends Owner {
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(
    private readonly ports: PortRegistry,
    jobs: JobService,
    monitors: Monitors,
    private readonly memory: vscode.Memento,
  ) {
    super();
    for (const step of STEPS) setContext(step, false);
    this.register(disposableFrom(() => this.timers.forEach((timer) => clearTimeout(timer))));
    this.register(ports.onDidChange(() => this.seePort()));
    this.register(jobs.onDidEnd((end) => this.learn(end)));
    this.register(
      monitors.onDidChange((portId) => {
        if (monitors.verdictOn(portId)?.kind === "running") this.complete("beken.step.run");
      }),
    );
    this.register(
      vscode.window.tabGroups.onDidChangeTabs(({ opened, changed }) => {
        // Walkthroughs are editors without an input that extensions know.
        if ([...opened, ...changed].some(({ input }) => input === undefined))
          this.later(OPENING_MS, () => this.repeat());
      }),
    );
    this.seePort();
  }

  get done(): readonly Step[] {
    return STEPS.filter((step) => this.memory.get<boolean>(step) === true);
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
      if (result.started?.kind === "running") this.complete("beken.step.run");
    }
  }

  private complete(step: Step): void {
    if (this.memory.get<boolean>(step) === true) return;
    void this.memory.update(step, true);
    this.pulse(step);
  }

  private repeat(): void {
    for (const step of this.done) this.pulse(step);
  }

  private pulse(step: Step): void {
    setContext(step, true);
    this.later(PULSE_MS, () => setContext(step, false));
  }

  private later(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      run();
    }, ms);
    this.timers.add(timer);
  }
}
