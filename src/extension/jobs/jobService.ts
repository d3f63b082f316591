/** The owner of jobs, one per port: starts, runs and cancels them, holds the one state that every view draws. Knows no views. */
import {
  asFlasherError,
  runInSession,
  type ChipIdentity,
  type DumpJudgement,
  type FlasherSession,
  type JobEvent,
  type JobKind,
  type JobResult,
  type PassportSummary,
  type Phase,
  type RestorePlan,
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
import { knownAnswer, type AnswerParts } from "./knownAnswer";
import { PendingQuestions } from "./pendingQuestions";
import { withApproval, type Approval } from "./approval";
import type { SetContext } from "../platform/contextKeys";
import { Owner, disposableFrom } from "../platform/disposables";
import { Emitter } from "../platform/emitter";
import { errorView } from "../text/errorText";
import { say } from "../text/l10n";
import type { JobHistory } from "./jobHistory";
import { keptPort, type Held, type KeptPort } from "./keptPort";
import { logLine } from "./jobLog";
import { keepsLink, type Doubt, type JobEnd, type JobSpec, type Question, type Refused } from "./jobSpec";
import type { Keep, JobJournal } from "./jobJournal";
import type { OutputLog } from "../platform/outputLog";
import { builtForView } from "../text/planText";
import { NextSteps, type BackupOf } from "./nextSteps";
import type { PortRegistry } from "../ports/portRegistry";
import { reloadedSpec } from "./reloadedSpec";
import { rekeyedSpec } from "./rekeyedJob";
import { SeenChips } from "./seenChips";
import type { PortSessions } from "./portSessions";
import { realTimers, type Timers } from "../platform/timers";

interface Run extends Held {
  /** Of a job that runs again, with its file read anew before anything else. */
  spec: JobSpec;
  readonly ended: Promise<JobEnd>;
  restore: RestorePlan | undefined;
  backupFolder: string | undefined;
}

/** States are published at most this often while nothing but figures changes. */
const PUBLISH_EVERY_MS = 100;
const JOBS_KEPT = 40;
/** From here on the flash is not what it was. */
const CHANGES: readonly Phase[] = ["erase", "write"];

export interface JobServiceParts extends AnswerParts {
  readonly ports: Pick<PortRegistry, "onDidChange" | "find" | "remember">;
  readonly sessions: Pick<PortSessions, "take" | "putAway" | "release" | "releaseAll" | "openPorts">;
  readonly log: Pick<OutputLog, "info" | "error">;
  readonly journal: Pick<JobJournal, "forJob">;
  readonly past: Pick<JobHistory, "entries" | "add">;
  readonly rates: Pick<AdapterRates, "settle">;
  readonly setContext: SetContext;
  readonly backupOf?: BackupOf;
  readonly runJob?: typeof runInSession;
  readonly timers?: Timers;
}

export class JobService extends Owner {
  private readonly changed = this.emitter<JobState>();
  private readonly started = this.emitter<JobState>();
  private readonly finished = this.emitter<JobEnd>();
  /** A job has a new state. */
  readonly onDidChange = this.changed.event;
  readonly onDidStart = this.started.event;
  readonly onDidEnd = this.finished.event;
  private readonly asked = this.emitter<Question>();
  readonly onDidAsk = this.asked.event;
  private readonly doubted = this.emitter<Doubt>();
  readonly onDidDoubt = this.doubted.event;

  private readonly runs = new Map<string, Held>();
  private readonly specs = new Map<string, JobSpec>();
  private readonly chips = new SeenChips();
  readonly next = new NextSteps(async (chip) => await this.parts.backupOf?.(chip));
  private readonly answers = new PendingQuestions();
  private ended: readonly JobState[] = [];
  private count = 0;

  constructor(private readonly parts: JobServiceParts) {
    super();
    this.register(parts.ports.onDidChange(() => this.forgetLostPorts()));
    this.register(disposableFrom(() => void this.shutdown()));
  }

  /** Steps for ports that are on the other side of a remote window; none where they are this computer's. */
  describeSide(): readonly string[] {
    return this.parts.describeSide?.() ?? [];
  }

  private emitter<T>(): Emitter<T> {
    return this.register(new Emitter<T>((error) => this.parts.log.error("tell of a job", error)));
  }

  /** Running jobs first, then finished ones, each newest first. */
  get jobs(): readonly JobState[] {
    return [...[...this.runs.values()].map(({ state }) => state).reverse(), ...this.ended];
  }

  /** Of this workspace, also from before the window was reloaded. */
  get history(): readonly HistoryEntry[] {
    return this.parts.past.entries;
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

  /** What the flash of that chip held when a job read all of it; forgotten once something may have changed it. */
  passportOn(portId: string): PassportSummary | undefined {
    return this.chips.passportOn(portId);
  }

  /** The chip last seen on this port; forgotten when the port goes. */
  chipOn(portId: string): ChipIdentity | undefined {
    return this.chips.on(portId);
  }

  /**
   * Starts a job and returns how it ends; the promise never rejects. The port is the job's from this moment on: what else is
   * started on it is refused, and nothing comes of it.
   */
  start<K extends JobKind>(spec: JobSpec<K>): Promise<JobEnd<K> | Refused> {
    // The map holds jobs of all kinds; each keeps request, result and save of its own kind together.
    return this.begin(spec as unknown as JobSpec, false) as Promise<JobEnd<K> | Refused>;
  }

  /**
   * Keeps a port for work that is no job of this service: nothing else is started on it, and views show it as they show a job. Its end is
   * told by whoever does the work.
   * @param controller aborted when the person stops it, or everything ends; `ended` is waited for then
   * @returns undefined where a job is at work there
   */
  keepPort(state: JobState, controller: AbortController, ended: Promise<unknown>): KeptPort | undefined {
    if (this.disposed) return undefined;
    const met = (chip: ChipIdentity): void => this.chips.met(state.port.id, chip);
    return keptPort(this.runs, { state, controller, ended }, met, (now) => {
      if (now.plan) this.chips.willChange(now.port.id);
      this.parts.setContext("beken.jobRunning", this.runs.size > 0);
      this.changed.fire(now);
    });
  }

  /** @param again true where the file of the request is read anew first */
  private begin(spec: JobSpec, again: boolean): Promise<JobEnd | Refused> {
    const { port, request, title, fileName } = spec;
    const there = this.runs.get(port.id);
    if (there !== undefined) return Promise.resolve({ status: "refused", job: there.state });
    // Unlike every id that the history remembers.
    const id = `job-${Date.now().toString(36)}-${++this.count}`;
    const adapter = port.kind === "adapter" ? port.facts[0] : undefined;
    const jobPort = { id: port.id, label: port.label, adapter, practice: port.kind === "practice" };
    const state = newJob({ id, kind: request.kind, title, port: jobPort, fileName }, Date.now());
    const controller = new AbortController();
    if (this.disposed) controller.abort();
    const run: Run = {
      spec,
      controller,
      state,
      restore: undefined,
      backupFolder: undefined,
      ended: Promise.resolve().then(() => this.carryOut(run, again)),
    };
    const { log, setContext, ports } = this.parts;
    this.runs.set(port.id, run);
    this.specs.set(id, spec);
    log.info(`${port.label}: ${title}`);
    setContext("beken.jobRunning", true);
    void ports.remember(port).catch((error: unknown) => log.error("remember the port", error));
    this.started.fire(state);
    this.changed.fire(state);
    return run.ended;
  }

  /** What a job of this session was asked to do; undefined when it is forgotten. */
  specOf(jobId: string): JobSpec | undefined {
    return this.specs.get(jobId);
  }

  /** The same job once more; undefined when it is forgotten. */
  retry(jobId: string): Promise<JobEnd | Refused> | undefined {
    const spec = this.specs.get(jobId);
    return spec && this.begin(spec, true);
  }

  /** A flash that was refused for its key once more, with the file re-encrypted in memory; undefined where that cannot be. */
  rekey(jobId: string): Promise<JobEnd | Refused> | undefined {
    const job = this.find(jobId);
    const spec = job && rekeyedSpec(this.specs.get(jobId), this.chipOn(job.port.id), job.error?.code);
    return spec && this.start(spec);
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
    await this.parts.sessions.release(portId);
  }

  /** Ends everything; resolves when all ports are closed. */
  async shutdown(): Promise<void> {
    const runs = [...this.runs.values()];
    for (const { controller } of runs) controller.abort();
    await Promise.all(runs.map(({ ended }) => ended));
    await this.parts.sessions.releaseAll();
  }

  /** Ports that are open though no job runs. */
  get idlePorts(): readonly string[] {
    return this.parts.sessions.openPorts;
  }

  private async carryOut(run: Run, again: boolean): Promise<JobEnd> {
    const { port } = run.spec;
    const { sessions, rates } = this.parts;
    let keep: Keep | undefined;
    let session: FlasherSession | undefined;
    let end: JobEnd;
    try {
      if (again) {
        run.spec = await reloadedSpec(run.spec, run.controller.signal, this.parts.log);
        this.specs.set(run.state.id, run.spec);
      }
      keep = this.keepFor(run);
      session = await sessions.take(port, run.controller.signal);
      const result = await this.runEvents(run, session, keep);
      if (result.chip) this.chips.met(port.id, result.chip);
      if (result.kind === "backup") this.chips.read(port.id, result.data);
      const savedTo = await run.spec.save?.(result);
      run.state = await this.next.after(run.spec, succeed(run.state, result, Date.now(), say, savedTo), result);
      end = { status: "succeeded", job: run.state, result };
    } catch (error) {
      end = await this.failed(run, error);
    }
    await rates.settle(port, end.status === "succeeded");
    if (session !== undefined) await sessions.putAway(port, session, keepsLink(end, session.identity !== undefined));
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
    return this.parts.journal.forJob(run.spec, {
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
      this.parts.log.error("put the journal away", error);
    }
  }

  private async runEvents(run: Run, session: FlasherSession, keep: Keep | undefined): Promise<JobResult> {
    const { spec, controller } = run;
    const hooks = withApproval(spec, { ...spec.hooks, ...keep?.hooks }, this.asksFor(run));
    const { runJob = runInSession, timers = realTimers } = this.parts;
    const events = runJob(session, spec.request, hooks, controller.signal);
    let lastPublished = 0;
    try {
      for (;;) {
        const step = await events.next();
        if (step.done) return step.value;
        const event = step.value;
        await spec.store?.(event);
        await keep?.store(event);
        this.take(run, event);
        const now = timers.now();
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
    if (event.type === "phase-started" && CHANGES.includes(event.phase)) this.chips.willChange(run.spec.port.id);
    if (event.type === "identified") {
      this.chips.met(run.spec.port.id, event.chip);
      run.state = { ...run.state, builtFor: builtForView(run.spec.builtFor, event.chip) };
    } else if (event.type === "restore-planned") run.restore = event.restore;
    const line = logLine(event);
    if (line !== undefined) this.parts.log.info(`${run.spec.port.label}: ${line}`);
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
    if (failure.flash !== "untouched") this.chips.doubtStart(run.spec.port.id);
    if (failure.code === "cancelled") {
      run.state = cancel(run.state, failure.flash, Date.now());
      return { status: "cancelled", job: run.state };
    }
    this.parts.log.error(run.spec.title, failure);
    const chip = this.chipOn(run.spec.port.id);
    const { steps, actions } = await knownAnswer(this.parts, failure, run.spec.port, chip);
    const canRekey = rekeyedSpec(run.spec, chip, failure.code) !== undefined;
    const view = errorView(failure, steps, canRekey);
    const first = canRekey ? (["rekey"] as const) : [];
    run.state = fail(run.state, { ...view, actions: [...first, ...actions, ...view.actions] }, Date.now());
    return { status: "failed", job: run.state, error: failure };
  }

  private finish(run: Run, end: JobEnd): void {
    const { port } = run.spec;
    const { past, log } = this.parts;
    this.runs.delete(port.id);
    this.ended = [run.state, ...this.ended].slice(0, JOBS_KEPT);
    // A device that was met on the way has its own name from then on.
    const { label } = this.parts.ports.find(port.id) ?? port;
    const line = toHistoryEntry({ ...run.state, port: { ...run.state.port, label } });
    if (line !== undefined)
      void past.add(line).catch((error: unknown) => log.error("store the history of jobs", error));
    for (const id of this.specs.keys()) if (this.find(id) === undefined) this.specs.delete(id);
    this.parts.setContext("beken.jobRunning", this.runs.size > 0);
    this.parts.log.info(`${port.label}: ${run.spec.title}: ${run.state.status}`);
    if (this.disposed) return;
    this.changed.fire(run.state);
    this.finished.fire(end);
  }

  private forgetLostPorts(): void {
    this.chips.forgetLost((id) => this.parts.ports.find(id) !== undefined || this.runs.has(id));
    for (const id of this.parts.sessions.openPorts)
      if (this.parts.ports.find(id) === undefined) void this.parts.sessions.release(id);
  }
}
