/**
 * One port of a round in the editor: a session for each device, the journals and the backup that every flash has here, and how far it is
 * as the state of a job. Knows no page.
 */
import {
  asFlasherError,
  flashedOf,
  isCancelled,
  isFlasherError,
  runInSession,
  type Approve,
  type ChipIdentity,
  type FlashRequest,
  type FlasherSession,
  type JobEvent,
  type JobHooks,
  type JobRequest,
  type JobResult,
  type RoundFlashed,
  type RoundLine,
} from "../../core/index";
import { cancel, fail, newJob, reduceJob, succeed, withBackup, type JobState } from "../../shared/jobState";
import type { JobJournal, Keep } from "../jobs/jobJournal";
import { logLine } from "../jobs/jobLog";
import type { JobEnd, JobSpec, ResultOf } from "../jobs/jobSpec";
import type { PortSessions } from "../jobs/portSessions";
import type { OutputLog } from "../platform/outputLog";
import type { AdapterRates } from "../ports/adapterRates";
import type { PortEntry } from "../ports/portEntry";
import { errorView } from "../text/errorText";
import { say } from "../text/l10n";
import type { BuiltFor } from "../text/planText";
import type { RoundPause } from "./roundPause";

/** What every device of a round gets. */
export interface RoundOrder {
  readonly request: FlashRequest;
  /** Localised: "Flash kitchen.rbl". */
  readonly title: string;
  readonly fileName: string;
  /** URI of the file. */
  readonly source: string;
  readonly builtFor?: BuiltFor | undefined;
}

export interface RoundLaneParts {
  readonly sessions: Pick<PortSessions, "take" | "putAway">;
  readonly journal: Pick<JobJournal, "forJob">;
  readonly rates: Pick<AdapterRates, "settle">;
  readonly log: Pick<OutputLog, "info" | "error">;
}

export class RoundLane implements RoundLine {
  readonly port: string;
  job: JobState;
  /** A device is being flashed, or asked about. */
  isAtWork = false;
  /** The device that is there, as the last job has seen and left it. */
  chip: ChipIdentity | undefined;
  /** Its plan waits for the person. */
  isAsking = false;
  private session: FlasherSession | undefined;
  private succeeded = false;
  private backupFolder: string | undefined;

  /** @param changed told of every event, and of other news without one */
  constructor(
    readonly entry: PortEntry,
    private readonly order: RoundOrder,
    private readonly pause: RoundPause,
    private readonly parts: RoundLaneParts,
    private readonly changed: (lane: RoundLane, event: JobEvent | undefined) => void,
  ) {
    this.port = entry.id;
    this.job = this.newJob(`round-${Date.now().toString(36)}-${entry.id}`);
  }

  async identify(watch: (event: JobEvent) => void, signal: AbortSignal): Promise<ChipIdentity> {
    for (;;) {
      await this.pause.wait(signal);
      try {
        return await this.identifyNow(watch, AbortSignal.any([signal, this.pause.signal]));
      } catch (error) {
        if (!isCancelled(error) || signal.aborted) throw error;
        await this.close();
      }
    }
  }

  async flash(approve: Approve, backedUp: (name: string) => void, signal: AbortSignal): Promise<RoundFlashed> {
    const { title, fileName, source, request } = this.order;
    const spec: JobSpec = { port: this.entry, request, title, fileName, source };
    const backup = (path: string): void => {
      backedUp(path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1));
      this.become(withBackup(this.job, { savedTo: path }));
    };
    const keep = this.parts.journal.forJob(spec, {
      // Nobody looks at each: one that may be of a chip without application goes on, one that is worthless ends it.
      accept: ({ verdict }) => Promise.resolve(verdict !== "worthless"),
      backupGoesTo: (folder) => (this.backupFolder = folder),
      backedUp: backup,
      backupFound: backup,
    });
    const hooks: JobHooks = { ...keep?.hooks, approve: (...question) => this.asking(() => approve(...question)) };
    const store = async (event: JobEvent): Promise<void> => keep?.store(event);
    this.isAtWork = true;
    try {
      const result = await this.run<"flash">(request, hooks, signal, store);
      this.chip = result.chip;
      this.become(succeed(this.job, result, Date.now(), say));
      await this.letGo(keep, { status: "succeeded", job: this.job, result });
      this.succeeded = true;
      return flashedOf(result);
    } catch (error) {
      const failure = asFlasherError(error, "flash a device");
      if (isCancelled(failure)) {
        this.become(cancel(this.job, failure.flash, Date.now()));
        await this.letGo(keep, { status: "cancelled", job: this.job });
      } else {
        this.parts.log.error(title, failure);
        this.become(fail(this.job, errorView(failure), Date.now()));
        await this.letGo(keep, { status: "failed", job: this.job, error: failure });
      }
      throw failure;
    } finally {
      this.isAtWork = false;
    }
  }

  async holdsFile(signal: AbortSignal): Promise<boolean> {
    const { file, at, rekey } = this.order.request;
    const request = { kind: "verify", file, ...(at !== undefined && { at }), rekey: rekey === true } as const;
    try {
      return (await this.run<"verify">(request, {}, signal, () => Promise.resolve())).verified;
    } catch (error) {
      if (isFlasherError(error) && error.code === "verify-failed") return false;
      throw error;
    }
  }

  async restart(signal: AbortSignal): Promise<void> {
    // No job: that would look for the chip anew, and find the next one.
    for await (const event of this.linked().reboot(signal)) this.take(event);
  }

  async close(): Promise<void> {
    const { session, succeeded, entry, parts } = this;
    if (session === undefined) return;
    this.session = undefined;
    this.succeeded = false;
    await parts.rates.settle(entry, succeeded);
    await parts.sessions.putAway(entry, session, false);
  }

  private async identifyNow(watch: (event: JobEvent) => void, signal: AbortSignal): Promise<ChipIdentity> {
    await this.close();
    this.become(this.newJob(this.job.id));
    this.session = await this.parts.sessions.take(this.entry, signal);
    const told = (event: JobEvent): Promise<void> => Promise.resolve(watch(event));
    this.chip = (await this.run<"info">({ kind: "info" }, {}, signal, told)).chip;
    return this.chip;
  }

  private newJob(id: string): JobState {
    const { entry, order } = this;
    const { label, kind, facts } = entry;
    const adapter = kind === "adapter" ? facts[0] : undefined;
    const port = { id: entry.id, label, adapter, practice: kind === "practice" };
    return newJob({ id, kind: "flash", title: order.title, port, fileName: order.fileName }, Date.now());
  }

  private linked(): FlasherSession {
    if (this.session === undefined) throw new Error("no device is linked");
    return this.session;
  }

  private async asking(ask: () => Promise<boolean>): Promise<boolean> {
    this.isAsking = true;
    try {
      return await ask();
    } finally {
      this.isAsking = false;
      this.changed(this, undefined);
    }
  }

  private async run<K extends "info" | "flash" | "verify">(
    request: Extract<JobRequest, { readonly kind: K }>,
    hooks: JobHooks,
    signal: AbortSignal,
    store: (event: JobEvent) => Promise<void>,
  ): Promise<ResultOf<K>> {
    const events: AsyncGenerator<JobEvent, JobResult, void> = runInSession(this.linked(), request, hooks, signal);
    try {
      for (;;) {
        const step = await events.next();
        // A job of a kind ends in a result of that kind.
        if (step.done) return step.value as ResultOf<K>;
        await store(step.value);
        this.take(step.value);
      }
    } finally {
      // Does nothing unless what the job told could not be stored: then it ends here.
      await events.return(undefined as never);
    }
  }

  private take(event: JobEvent): void {
    const line = logLine(event);
    if (line !== undefined) this.parts.log.info(`${this.entry.label}: ${line}`);
    this.job = reduceJob(this.job, event, Date.now(), say);
    if (event.type === "backup-planned") this.job = withBackup(this.job, { folder: this.backupFolder });
    this.changed(this, event);
  }

  private become(job: JobState): void {
    this.job = job;
    this.changed(this, undefined);
  }

  private async letGo(keep: Keep | undefined, end: JobEnd): Promise<void> {
    try {
      await keep?.end(end);
    } catch (error) {
      // The device has its end; what is left on disk is looked at again by the next one.
      this.parts.log.error("put the journal away", error);
    }
  }
}
