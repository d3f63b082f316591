/** One port of a round, as the command line serves it: a session for each device, from the link to the restart. */
import { basename } from "node:path";
import {
  FlasherSession,
  flashedOf,
  formatPort,
  isFlasherError,
  runInSession,
  type Approve,
  type ChipIdentity,
  type FlashRequest,
  type JobEvent,
  type JobHooks,
  type JobRequest,
  type JobPlace,
  type RoundFlashed,
  type RoundLine,
} from "../../core/index";
import type { Output } from "../terminal/output";
import type { BackupOptions } from "./backupQuestion";
import { placeOn, printed, type ConnectionOptions, type Outcome, type StoreEvent } from "./jobRunner";
import { withJournal } from "./writeJobs";

interface Open {
  readonly place: JobPlace;
  readonly session: FlasherSession;
  readonly settle: (succeeded: boolean) => Promise<void>;
}

export class CommandRoundLine implements RoundLine {
  readonly port: string;
  private open: Open | undefined;
  private succeeded = false;

  /** @param request what every device gets */
  constructor(
    private readonly request: FlashRequest,
    private readonly options: ConnectionOptions & BackupOptions & { readonly port: string },
    private readonly output: Output,
  ) {
    this.port = options.port;
  }

  async identify(watch: (event: JobEvent) => void, signal: AbortSignal): Promise<ChipIdentity> {
    await this.close();
    const { place, settle } = await placeOn(this.options, this.output);
    this.open = { place, settle, session: await FlasherSession.open(place.session, place.deps, signal) };
    const store = (event: JobEvent): Promise<void> => Promise.resolve(watch(event));
    return (await this.run<"info">({ kind: "info" }, {}, signal, store)).result.chip;
  }

  async flash(approve: Approve, backedUp: (name: string) => void, signal: AbortSignal): Promise<RoundFlashed> {
    const options = { ...this.options, backedUp: (file: string) => backedUp(basename(file)) };
    const { result } = await withJournal<"flash">(
      (hooks, store) => this.run(this.request, { ...hooks, approve }, signal, store),
      this.request.file.name,
      options,
      this.output,
    );
    this.succeeded = true;
    return flashedOf(result);
  }

  async holdsFile(signal: AbortSignal): Promise<boolean> {
    const { file, at, rekey } = this.request;
    const request = { kind: "verify", file, ...(at !== undefined && { at }), rekey: rekey === true } as const;
    try {
      return (await this.run<"verify">(request, {}, signal)).result.verified;
    } catch (error) {
      if (isFlasherError(error) && error.code === "verify-failed") return false;
      throw error;
    }
  }

  async restart(signal: AbortSignal): Promise<void> {
    // No job: that would look for the chip anew, and find the next one.
    for await (const event of this.opened().session.reboot(signal)) this.output.event(event);
  }

  async close(): Promise<void> {
    const { open } = this;
    this.open = undefined;
    try {
      await open?.session.close();
    } finally {
      await open?.settle(this.succeeded);
      this.succeeded = false;
    }
  }

  private opened(): Open {
    if (this.open === undefined) throw new Error("no device is linked");
    return this.open;
  }

  private async run<K extends JobRequest["kind"]>(
    request: Extract<JobRequest, { readonly kind: K }>,
    hooks: JobHooks,
    signal: AbortSignal,
    store?: StoreEvent,
  ): Promise<Outcome<K>> {
    const { place, session } = this.opened();
    const job = runInSession(session, request, hooks, signal);
    return await printed(request, job, this.output, formatPort(place.session.port), performance.now(), store);
  }
}
