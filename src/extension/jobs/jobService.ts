/**
 * The owner of jobs: starts, runs and cancels them, one per port and several ports at once, and holds the one state that
 * every view draws. Knows no views and asks no questions; what needs words comes from errorText.ts.
 */
import * as vscode from "vscode";
import {
  asFlasherError,
  openTransport,
  portFinder,
  runInSession,
  systemClock,
  type ChipIdentity,
  type DumpJudgement,
  type FlasherSession,
  type JobEvent,
  type JobKind,
  type JobResult,
  type RestorePlan,
  type SessionDeps,
  type SessionOptions,
  type TransportFactory,
} from "../../core/index";
import {
  approved,
  askApproval,
  cancel,
  fail,
  newJob,
  reduceJob,
  succeed,
  withBackup,
  type JobState,
} from "../../shared/jobState";
import { toHistoryEntry, type HistoryEntry } from "../../shared/historyEntry";
import type { AdapterRates } from "../ports/adapterRates";
import { PendingQuestions } from "./pendingQuestions";
import { withApproval, type Approval } from "./approval";
import { setContext } from "../platform/contextKeys";
import { Owner, disposableFrom } from "../platform/disposables";
import { errorView } from "../text/errorText";
import { say } from "../text/l10n";
import type { JobHistory } from "./jobHistory";
import { logLine } from "./jobLog";
import { keepsLink, type Doubt, type JobEnd, type JobSpec, type Question } from "./jobSpec";
import type { Keep, JobJournal } from "./jobJournal";
import type { OutputLog } from "../platform/outputLog";
import { builtForView } from "../text/planText";
import type { PortEntry } from "../ports/portEntry";
import type { PortRegistry } from "../ports/portRegistry";
import { rekeyedSpec } from "./rekeyedJob";
import { SessionPool } from "./sessionPool";
import type { Settings } from "../platform/settings";

interface Run {
  readonly spec: JobSpec;
  readonly controller: AbortController;
  readonly ended: Promise<JobEnd>;
  state: JobState;
  restore: RestorePlan | undefined;
  backupFolder: string | undefined;
}

/** States are published at most this often while nothing but figures changes. */
const PUBLISH_EVERY_MS = 100;
const JOBS_KEPT = 40;

export class JobService extends Owner {
  private readonly changed = this.register(new vscode.EventEmitter<JobState>());
  private readonly started = this.register(new vscode.EventEmitter<JobState>());
  private readonly finished = this.register(new vscode.EventEmitter<JobEnd>());
  /** A job has a new state. */
  readonly onDidChange = this.changed.event;
  readonly onDidStart = this.started.event;
  readonly onDidEnd = this.finished.event;
  private readonly asked = this.register(new vscode.EventEmitter<Question>());
  readonly onDidAsk = this.asked.event;
  private readonly doubted = this.register(new vscode.EventEmitter<Doubt>());
  readonly onDidDoubt = this.doubted.event;

  private readonly runs = new Map<string, Run>();
  private readonly specs = new Map<string, JobSpec>();
  private readonly chips = new Map<string, ChipIdentity>();
  private readonly sessions = new SessionPool();
  private readonly answers = new PendingQuestions();
  private ended: readonly JobState[] = [];
  private count = 0;

  constructor(
    private readonly ports: PortRegistry,
    private readonly settings: Settings,
    private readonly log: OutputLog,
    private readonly keeping: JobJournal,
    private readonly past: JobHistory,
    private readonly rates: AdapterRates,
    private readonly describeHolder: (port: PortEntry) => Promise<readonly string[]>,
    private readonly open: TransportFactory = openTransport,
  ) {
    super();
    this.register(ports.onDidChange(() => this.forgetLostPorts()));
    this.register(
      settings.onDidChange((names) => {
        // These are fixed when a session opens.
        if (names.has("baudRate") || names.has("linkTimeout") || names.has("autoReset"))
          void this.sessions.releaseAll();
      }),
    );
    this.register(disposableFrom(() => void this.shutdown()));
  }

  /** Running jobs first, then finished ones, each newest first. */
  get jobs(): readonly JobState[] {
    return [...[...this.runs.values()].map(({ state }) => state).reverse(), ...this.ended];
  }

  /** Of this workspace, also from before the window was reloaded. */
  get history(): readonly HistoryEntry[] {
    return this.past.entries;
  }

  get running(): readonly JobState[] {
    return [...this.runs.values()].map(({ state }) => state);
  }

  runningOn(portId: string): JobState | undefined {
    return this.runs.get(portId)?.state;
  }

  find(jobId: string): JobState | undefined {
    return this.jobs.find(({ id }) => id === jobId);
  }

  /** The chip last seen on this port; forgotten when the port goes. */
  chipOn(portId: string): ChipIdentity | undefined {
    return this.chips.get(portId);
  }

  /**
   * Starts a job and returns how it ends; the promise never rejects.
   * The caller has made sure that nothing runs on the port.
   */
  start<K extends JobKind>(spec: JobSpec<K>): Promise<JobEnd<K>> {
    const { port, request, title, fileName } = spec;
    if (this.runs.has(port.id)) throw new Error(`a job is running on ${port.id} already`);
    // Unlike every id that the history remembers.
    const id = `job-${Date.now().toString(36)}-${++this.count}`;
    const adapter = port.kind === "adapter" ? port.facts[0] : undefined;
    const jobPort = { id: port.id, label: port.label, adapter, practice: port.kind === "practice" };
    const state = newJob({ id, kind: request.kind, title, port: jobPort, fileName }, Date.now());
    const controller = new AbortController();
    const run: Run = {
      // The map holds jobs of all kinds; each keeps request, result and save of its own kind together.
      spec: spec as unknown as JobSpec,
      controller,
      state,
      restore: undefined,
      backupFolder: undefined,
      ended: Promise.resolve().then(() => this.carryOut(run)),
    };
    this.runs.set(port.id, run);
    this.specs.set(id, run.spec);
    this.log.info(`${port.label}: ${title}`);
    setContext("beken.jobRunning", true);
    void this.ports.remember(port);
    this.started.fire(state);
    this.changed.fire(state);
    return run.ended as Promise<JobEnd<K>>;
  }

  /** What a job of this session was asked to do; undefined when it is forgotten. */
  specOf(jobId: string): JobSpec | undefined {
    return this.specs.get(jobId);
  }

  /** The same job once more; undefined when it cannot be because the port is in use or gone. */
  retry(jobId: string): Promise<JobEnd> | undefined {
    const spec = this.specs.get(jobId);
    if (spec === undefined || this.runs.has(spec.port.id)) return undefined;
    return this.startAnew(spec);
  }

  /** A flash that was refused for its key once more, with the file re-encrypted in memory. */
  rekey(jobId: string): Promise<JobEnd> | undefined {
    const job = this.find(jobId);
    const spec = job && rekeyedSpec(this.specs.get(jobId), this.chipOn(job.port.id), job.error?.code);
    return spec === undefined || this.runs.has(spec.port.id) ? undefined : this.start(spec);
  }

  private async startAnew(spec: JobSpec): Promise<JobEnd> {
    const { request, reload } = spec;
    if (!reload || !("file" in request)) return await this.start(spec);
    try {
      const bytes = await reload();
      return await this.start({ ...spec, request: { ...request, file: { ...request.file, bytes } } });
    } catch (error) {
      // The file is gone; what was read of it before is still what the person chose.
      this.log.info(`${spec.fileName ?? ""}: ${String(error)}`);
      return await this.start(spec);
    }
  }

  /** Ends a running job within its current packet. */
  cancel(jobId: string): void {
    for (const { state, controller } of this.runs.values()) if (state.id === jobId) controller.abort();
  }

  /** Answers a {@link Question} or a {@link Doubt}; later answers count for nothing. */
  decide(jobId: string, yes: boolean): void {
    this.answers.give(jobId, yes);
  }

  /** Resolves when the job on this port, if any, has ended and the port is closed. */
  async release(portId: string): Promise<void> {
    const run = this.runs.get(portId);
    run?.controller.abort();
    await run?.ended;
    await this.sessions.release(portId);
  }

  /** Ends everything; resolves when all ports are closed. */
  async shutdown(): Promise<void> {
    const runs = [...this.runs.values()];
    for (const { controller } of runs) controller.abort();
    await Promise.all(runs.map(({ ended }) => ended));
    await this.sessions.releaseAll();
  }

  /** Ports that are open though no job runs. */
  get idlePorts(): readonly string[] {
    return this.sessions.openPorts;
  }

  private async carryOut(run: Run): Promise<JobEnd> {
    const { spec } = run;
    const { port } = spec;
    const keep = this.keepFor(run);
    let session: FlasherSession | undefined;
    let end: JobEnd;
    try {
      session = await this.sessions.take(port.id, this.sessionOptions(port), this.deps(port), run.controller.signal);
      const result = await this.runEvents(run, session, keep);
      const savedTo = await spec.save?.(result);
      run.state = succeed(run.state, result, Date.now(), savedTo);
      end = { status: "succeeded", job: run.state, result };
    } catch (error) {
      end = await this.failed(run, error);
    }
    await this.rates.settle(port, end.status === "succeeded");
    if (session !== undefined) await this.putAway(port, session, end);
    await this.letGo(run, keep, end);
    this.finish(run, end);
    return end;
  }

  /** What a job of this kind leaves on disk, and the questions that come with it. */
  private keepFor(run: Run): Keep | undefined {
    const accept = async (judgement: DumpJudgement): Promise<boolean> =>
      await this.answers.ask(run.state.id, run.controller.signal, () =>
        this.doubted.fire({ job: run.state, judgement }),
      );
    return this.keeping.forJob(run.spec, {
      accept,
      backupGoesTo: (folder) => (run.backupFolder = folder),
      backedUp: (savedTo) => this.publish(run, withBackup(run.state, { savedTo })),
    });
  }

  private async letGo({ spec }: Run, keep: Keep | undefined, end: JobEnd): Promise<void> {
    try {
      await spec.close?.();
      await keep?.end(end);
    } catch (error) {
      // The job has its end; what is left on disk is looked at again by the next one.
      this.log.error("put the journal away", error);
    }
  }

  private async runEvents(run: Run, session: FlasherSession, keep: Keep | undefined): Promise<JobResult> {
    const { spec, controller } = run;
    const request = withApproval(spec, keep?.request ?? spec.request, this.asksFor(run));
    const events = runInSession(session, request, controller.signal);
    let lastPublished = 0;
    try {
      for (;;) {
        const step = await events.next();
        if (step.done) return step.value;
        const event = step.value;
        await spec.store?.(event);
        await keep?.store(event);
        this.take(run, event);
        const now = performance.now();
        const isFigure = (event.type === "progress" && event.done < event.total) || event.type === "linking";
        if (isFigure && now - lastPublished < PUBLISH_EVERY_MS) continue;
        lastPublished = now;
        this.changed.fire(run.state);
      }
    } finally {
      // Does nothing unless what the job told could not be stored: then it ends here.
      await events.return(undefined as never);
    }
  }

  private take(run: Run, event: JobEvent): void {
    if (event.type === "identified") {
      this.chips.set(run.spec.port.id, event.chip);
      run.state = { ...run.state, builtFor: builtForView(run.spec.builtFor, event.chip) };
    } else if (event.type === "restore-planned") run.restore = event.restore;
    const line = logLine(event);
    if (line !== undefined) this.log.info(`${run.spec.port.label}: ${line}`);
    run.state = reduceJob(run.state, event, Date.now(), say);
    if (event.type === "backup-planned") run.state = withBackup(run.state, { folder: run.backupFolder });
  }

  /** The person's yes is part of the state: views show the plan that waits for it. */
  private asksFor(run: Run): Approval {
    return {
      asking: () => this.publish(run, askApproval(run.state, Date.now())),
      answered: () => this.publish(run, approved(run.state, Date.now())),
      approve: (plan, chip, image) => {
        const { spec, restore, state } = run;
        const question = { job: state, plan, chip, image, builtFor: spec.builtFor, restore, backup: state.backup };
        return this.answers.ask(state.id, run.controller.signal, () => this.asked.fire(question));
      },
    };
  }

  private publish(run: Run, state: JobState): void {
    run.state = state;
    this.changed.fire(state);
  }

  private async failed(run: Run, error: unknown): Promise<JobEnd> {
    const failure = asFlasherError(error, run.spec.request.kind);
    if (failure.code === "cancelled") {
      run.state = cancel(run.state, failure.flash, Date.now());
      return { status: "cancelled", job: run.state };
    }
    this.log.error(run.spec.title, failure);
    const extra = failure.code === "port-busy" ? await this.describeHolder(run.spec.port) : [];
    const view = errorView(failure, extra);
    const canRekey = rekeyedSpec(run.spec, this.chipOn(run.spec.port.id), failure.code) !== undefined;
    run.state = fail(run.state, { ...view, actions: canRekey ? ["rekey", ...view.actions] : view.actions }, Date.now());
    return { status: "failed", job: run.state, error: failure };
  }

  /** Keeps the link where the next job can use it; a port nobody needs is closed at once. */
  private async putAway(port: PortEntry, session: FlasherSession, end: JobEnd): Promise<void> {
    if (keepsLink(end, session.identity !== undefined) && !this.disposed) {
      this.sessions.keep(port.id, session, this.settings.keepLinkedMs);
      return;
    }
    await this.sessions.close(port.id, session).catch((error: unknown) => this.log.error("close the port", error));
  }

  private finish(run: Run, end: JobEnd): void {
    const { port } = run.spec;
    this.runs.delete(port.id);
    this.ended = [run.state, ...this.ended].slice(0, JOBS_KEPT);
    const line = toHistoryEntry(run.state);
    if (line !== undefined)
      void this.past.add(line).catch((error: unknown) => this.log.error("store the history of jobs", error));
    for (const id of this.specs.keys()) if (this.find(id) === undefined) this.specs.delete(id);
    setContext("beken.jobRunning", this.runs.size > 0);
    this.log.info(`${port.label}: ${run.spec.title}: ${run.state.status}`);
    if (this.disposed) return;
    this.changed.fire(run.state);
    this.finished.fire(end);
  }

  private sessionOptions(port: PortEntry): SessionOptions {
    return {
      port: port.ref,
      baudRate: this.settings.baudRate,
      linkTimeoutMs: this.settings.linkTimeoutMs,
      autoReset: this.settings.autoReset,
      ...(port.maxBaud === undefined ? {} : { adapterMaxBaud: port.maxBaud }),
      ...this.rates.hint(port),
    };
  }

  private deps(port: PortEntry): SessionDeps {
    return {
      open: this.open,
      finder: portFinder(),
      clock: systemClock,
      log: this.log.forCore(port.label),
      rateProven: (rate) => this.rates.note(port, rate),
      line: this.rates.line(port),
    };
  }

  private forgetLostPorts(): void {
    for (const id of this.chips.keys())
      if (this.ports.find(id) === undefined && !this.runs.has(id)) this.chips.delete(id);
    for (const id of this.sessions.openPorts) if (this.ports.find(id) === undefined) void this.sessions.release(id);
  }
}
