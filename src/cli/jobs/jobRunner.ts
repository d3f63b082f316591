/** From command-line options to a running job: port, session, Ctrl-C, events to the output. */
import {
  CancelledError,
  adapterKey,
  formatPort,
  isWorthKeeping,
  runJob,
  type JobEvent,
  type JobHooks,
  type JobPlace,
  type JobRequest,
  type JobResult,
  type ProvenRate,
  type ResetStrategy,
} from "../../core/index";
import type { Machine } from "./machine";
import { interrupted } from "../terminal/interrupt";
import type { Output } from "../terminal/output";
import { adapterAt, choosePort } from "./namedPort";
import { LineStore } from "../../storage/lineStore";
import { nodeFiles } from "../../storage/nodeFileSystem";
import { RateStore } from "../../storage/rateStore";
import { ResetStore } from "../../storage/resetStore";
import { stateFolder } from "./dataFolders";

export interface ConnectionOptions {
  readonly port?: string;
  readonly baud: number | "auto";
  readonly linkTimeout: number;
  /** False with `--no-reset`; what `--reset` names; undefined: as it is learnt. */
  readonly reset?: boolean | readonly ResetStrategy[];
  readonly machine: Machine;
  /** Ends the job as Ctrl-C does; what a program gives that runs several. */
  readonly signal?: AbortSignal;
}

export interface Outcome<K extends JobRequest["kind"]> {
  readonly result: Extract<JobResult, { readonly kind: K }>;
  readonly port: string;
  readonly elapsedMs: number;
}

/** Sees each event before the job goes on. */
export type StoreEvent = (event: JobEvent) => Promise<void>;

/** Runs one job, printing its events; Ctrl-C ends it within the current packet. */
export async function runCommandJob<K extends JobRequest["kind"]>(
  request: Extract<JobRequest, { readonly kind: K }>,
  hooks: JobHooks,
  options: ConnectionOptions,
  output: Output,
  store?: StoreEvent,
): Promise<Outcome<K>> {
  return await connected(
    options,
    output,
    async (place, started) =>
      await printed(request, runJob(request, hooks, place), output, formatPort(place.session.port), started, store),
  );
}

async function connected<T>(
  options: ConnectionOptions,
  output: Output,
  work: (place: JobPlace, started: number) => Promise<T>,
): Promise<T> {
  const started = performance.now();
  const { place, settle } = await placeOn(options, output);
  let succeeded = false;
  try {
    const result = await work(place, started);
    succeeded = true;
    return result;
  } finally {
    await settle(succeeded);
  }
}

/** A port with what is known of its adapter: where sessions are opened, and what is to be called after the last job in one. */
export async function placeOn(
  options: ConnectionOptions,
  output: Output,
): Promise<{ readonly place: JobPlace; readonly settle: (succeeded: boolean) => Promise<void> }> {
  const { machine } = options;
  const port = await choosePort(options.port, machine);
  const isAuto = options.baud === "auto";
  const adapter = await adapterAt(port, machine);
  const key = adapterKey(port, adapter);
  const rates = new RateStore(nodeFiles, key, stateFolder());
  const session = {
    port,
    baudRate: options.baud,
    linkTimeoutMs: options.linkTimeout * 1000,
    autoReset: options.reset !== false,
    ...(typeof options.reset === "object" && { resets: options.reset }),
    ...(adapter?.maxBaud !== undefined && { adapterMaxBaud: adapter.maxBaud }),
    ...(isAuto && (await rates.hint())),
  };
  let proven: ProvenRate | undefined;
  const rateProven = (rate: ProvenRate): void => void (proven = rate);
  const line = new LineStore(nodeFiles, key, stateFolder());
  const resets = new ResetStore(nodeFiles, key, stateFolder());
  const { open, finder, clock } = machine;
  const deps = { open, finder, clock, log: output.log, rateProven, line, resets };
  const settle = async (succeeded: boolean): Promise<void> => {
    if (isAuto && proven && isWorthKeeping(proven, succeeded)) await keep(rates, proven, output);
  };
  const signal = options.signal === undefined ? interrupted : AbortSignal.any([interrupted, options.signal]);
  return { place: { session, deps, signal }, settle };
}

/** The job has its end already; the next one finds its rate by itself. */
async function keep(rates: RateStore, proven: ProvenRate, { log }: Output): Promise<void> {
  try {
    await rates.store(proven);
  } catch (error) {
    log.debug(`the rate was not remembered: ${String(error)}`);
  }
}

/** Runs a job that was begun, printing its events. */
export async function printed<K extends JobRequest["kind"]>(
  { kind }: Extract<JobRequest, { readonly kind: K }>,
  job: AsyncGenerator<JobEvent, JobResult, void>,
  output: Output,
  port: string,
  started: number,
  store: StoreEvent | undefined,
): Promise<Outcome<K>> {
  try {
    for (;;) {
      const step = await job.next();
      if (!step.done) {
        await store?.(step.value);
        output.event(step.value);
        continue;
      }
      if (step.value.kind !== kind) throw new CancelledError(kind);
      return { result: step.value as Outcome<K>["result"], port, elapsedMs: Math.round(performance.now() - started) };
    }
  } finally {
    // Where something could not be stored the job is still in the middle: it ends here, and lets go of the line.
    await job.return(undefined as never);
  }
}
