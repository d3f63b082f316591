/**
 * A simulated chip on a carrier and the core's jobs run against it: what happened comes back as data. Knows no single
 * case; the builds that fit each preset are in builds.ts.
 */
import assert from "node:assert/strict";
import { setMaxListeners } from "node:events";
import {
  FlasherSession,
  isFlasherError,
  openTransport,
  runInSession,
  runJob,
  silentLog,
  systemClock,
  type Clock,
  type FlasherError,
  type FlasherErrorCode,
  type FlashPlan,
  type JobEvent,
  type JobHooks,
  type JobRequest,
  type JobResult,
  type LineMemory,
  type ProvenRate,
  type ResetMemory,
  type SessionDeps,
  type SessionOptions,
  type Transport,
  type TransportFactory,
} from "../../../src/core/index";
import {
  createChip,
  memoryTransport,
  serveOnPty,
  type ChipEvent,
  type ChipOptions,
  type MemoryOptions,
  type MemoryTransport,
  type Preset,
  type SimulatedChip,
} from "../../../src/simulator/index";

import { SelfRunningWorld, VirtualLine } from "../../campaign/world";

export const never = new AbortController().signal;
// Rigs that run at the same time all wait with it, each with one listener, which goes when its wait ends.
setMaxListeners(0, never);

export interface Outcome<R = JobResult> {
  readonly events: readonly JobEvent[];
  readonly result: R | undefined;
  readonly error: FlasherError | undefined;
}

export type ResultOf<K extends JobRequest["kind"]> = Extract<JobResult, { readonly kind: K }>;

/** Runs a job to its end, however it ends. `onEvent` sees each event before the job goes on. */
export async function collect(
  job: AsyncGenerator<JobEvent, JobResult, void>,
  onEvent?: (event: JobEvent) => void,
): Promise<Outcome> {
  const events: JobEvent[] = [];
  try {
    for (;;) {
      const step = await job.next();
      if (step.done) return { events, result: step.value, error: undefined };
      events.push(step.value);
      onEvent?.(step.value);
    }
  } catch (error) {
    if (!isFlasherError(error)) throw error;
    return { events, result: undefined, error };
  }
}

/** The result of a job of this kind; fails the test with the job's own error when there is none. */
export function resultOf<K extends JobRequest["kind"]>(kind: K, outcome: Outcome): ResultOf<K> {
  if (outcome.error) throw outcome.error;
  assert.equal(outcome.result?.kind, kind);
  return outcome.result as ResultOf<K>;
}

export function failedWith(code: FlasherErrorCode, { error, result }: Outcome): FlasherError {
  assert.equal(result, undefined, `ended well, expected ${code}`);
  assert.equal(error?.code, code, error?.message);
  return error;
}

export interface RigOptions extends ChipOptions {
  /** Time that jumps from event to event, the same on every machine; for whatever needs no real carrier. */
  readonly simulated?: boolean;
  readonly memory?: MemoryOptions;
  /** In simulated time: a network between, which delays each answer, and what was measured of it when the port was opened. */
  readonly network?: { readonly delayMs: () => number; readonly roundTripMs: number };
  readonly baudRate?: number | "auto";
  readonly linkTimeoutMs?: number;
  readonly session?: Pick<SessionOptions, "speedHint" | "adapterMaxBaud">;
  /** What outlives a session of how it left the line. */
  readonly line?: LineMemory;
  /** What outlives it of how the adapter resets its chip. */
  readonly resets?: ResetMemory;
  /** Puts something between the core and the chip. */
  readonly wrap?: (transport: Transport) => Transport;
}

/** A chip in memory without pace; somebody power-cycles it when a job waits, unless `person` is "manual". */
export class Rig {
  readonly chip: SimulatedChip;
  /** Flash operations and commands since the last {@link forget}. */
  readonly log: ChipEvent[] = [];
  /** Rates that sessions said they work at. */
  readonly rates: ProvenRate[] = [];
  /** The latest transport opened. */
  transport: MemoryTransport | VirtualLine | undefined;
  /** What jobs and people here measure time by. */
  readonly clock: Clock;
  private readonly options: RigOptions;
  private readonly world: SelfRunningWorld | undefined;

  constructor(preset: string | Preset, options: RigOptions = {}) {
    this.options = options;
    this.world = options.simulated === true ? new SelfRunningWorld() : undefined;
    this.clock = this.world?.hostClock ?? systemClock;
    const time = this.world && { time: this.world };
    this.chip = createChip(preset, { pace: "none", person: "auto", personWaitMs: 400, ...time, ...options });
    this.chip.onEvent((event) => this.log.push(event));
  }

  get flashOperations(): readonly Extract<ChipEvent, { type: "flash" }>[] {
    return this.log.filter((event) => event.type === "flash");
  }

  /** Resolves once the boot stage is over and the chip's firmware runs, which no link check reaches. */
  async untilStarted(): Promise<void> {
    while (this.chip.state !== "app") await this.clock.sleep(5, never);
  }

  /** In simulated time: the host does nothing for so long, whatever comes. */
  standStill(ms: number): void {
    this.world?.standStill(ms);
  }

  forget(): void {
    this.log.length = 0;
  }

  snapshot(): Uint8Array {
    return this.chip.flash.slice();
  }

  get open(): TransportFactory {
    return (_ref, { baudRate }) => {
      this.transport = this.world ? this.lineIn(this.world, baudRate) : this.inMemory(baudRate);
      return Promise.resolve(this.options.wrap?.(this.transport) ?? this.transport);
    };
  }

  private inMemory(initialBaud: number): MemoryTransport {
    return memoryTransport(this.chip, { initialBaud, controlLines: false, ...this.options.memory });
  }

  private lineIn(world: SelfRunningWorld, initialBaud: number): VirtualLine {
    const { chunk, baudRate, controlLines, resetsByCommand } = this.options.memory ?? {};
    assert.ok(typeof chunk !== "function", "chunks have one size in simulated time");
    const { network } = this.options;
    return new VirtualLine(world, this.chip, initialBaud, {
      chunk,
      withoutRate: baudRate === false,
      controlLines,
      resetsByCommand,
      ...(network && { delay: network.delayMs, roundTripMs: network.roundTripMs }),
    });
  }

  get deps(): SessionDeps {
    const rateProven = (rate: ProvenRate): void => void this.rates.push(rate);
    const { line, resets } = this.options;
    const memories = { ...(line && { line }), ...(resets && { resets }) };
    return { open: this.open, clock: this.clock, log: silentLog, rateProven, ...memories };
  }

  get sessionOptions(): SessionOptions {
    const { baudRate = "auto", linkTimeoutMs = 20_000, session } = this.options;
    return { port: { kind: "serial", path: "memory" }, baudRate, linkTimeoutMs, ...session };
  }

  run(request: JobRequest, signal: AbortSignal = never, onEvent?: (event: JobEvent) => void): Promise<Outcome> {
    return this.answering({}).run(request, signal, onEvent);
  }

  /** {@link run} and {@link inSession} with somebody who is asked on the way. */
  answering(hooks: JobHooks): Pick<Rig, "run" | "inSession"> {
    return {
      run: (request, signal = never, onEvent) =>
        collect(runJob(request, hooks, { session: this.sessionOptions, deps: this.deps, signal }), onEvent),
      inSession: (session, request, signal = never, onEvent) =>
        collect(runInSession(session, request, hooks, signal), onEvent),
    };
  }

  openSession(options: Partial<SessionOptions> = {}): Promise<FlasherSession> {
    return FlasherSession.open({ ...this.sessionOptions, ...options }, this.deps, never);
  }

  inSession(
    session: FlasherSession,
    request: JobRequest,
    signal: AbortSignal = never,
    onEvent?: (event: JobEvent) => void,
  ): Promise<Outcome> {
    return this.answering({}).inSession(session, request, signal, onEvent);
  }

  dispose(): void {
    this.chip.dispose();
  }
}

/** Runs `work` with a rig that is taken apart whatever happens. */
export async function withRig(
  preset: string | Preset,
  options: RigOptions,
  work: (rig: Rig) => Promise<void>,
): Promise<void> {
  const rig = new Rig(preset, options);
  try {
    await work(rig);
  } finally {
    rig.dispose();
  }
}

/** {@link withRig} in simulated time. */
export function withSimulatedRig(
  preset: string | Preset,
  options: RigOptions,
  work: (rig: Rig) => Promise<void>,
): Promise<void> {
  return withRig(preset, { ...options, simulated: true }, work);
}

/** True when the loader ignores erases after a CRC until it is reset. */
export function locksUntilReset({ answers }: Preset): boolean {
  return answers.kind === "loader" && answers.loader.statusSticks;
}

/** True when the chip's reboot command brings it back to its link window. */
export function resetsByCommand({ answers }: Preset): boolean {
  return answers.kind === "rom" || answers.loader.reboot === "resets";
}

/**
 * Somebody who cycles the power when the job asks for it and the chip's firmware runs; where a command can reset the chip
 * nobody is there, and its firmware listens instead, so that a link window missed on a busy machine comes again.
 */
export class Hand {
  /** Times the power was cycled. */
  cycles = 0;

  constructor(private readonly rig: Rig) {}

  static firmwareFor(preset: Preset): "none" | "openbeken" {
    return resetsByCommand(preset) ? "openbeken" : "none";
  }

  readonly onEvent = (event: JobEvent): void => {
    const { chip } = this.rig;
    if (event.type !== "linking" || !event.needsPerson || resetsByCommand(chip.preset) || chip.state !== "app") return;
    this.cycles++;
    chip.powerCycle();
  };
}

/** One job over a pseudo-terminal, through the serial transport that people use. */
export async function runOnPty(rig: Rig, request: JobRequest, options: Partial<SessionOptions> = {}): Promise<Outcome> {
  const server = await serveOnPty(rig.chip);
  try {
    const port = { kind: "serial", path: server.port } as const;
    const session = { ...rig.sessionOptions, ...options, port };
    const deps = { ...rig.deps, open: openTransport };
    return await collect(runJob(request, {}, { session, deps, signal: never }));
  } finally {
    await server.close();
  }
}

export interface FlashFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export function flashRequest(
  file: FlashFile,
  more: Partial<Extract<JobRequest, { kind: "flash" }>> = {},
): Extract<JobRequest, { kind: "flash" }> {
  return { kind: "flash", file, verify: true, reboot: false, dryRun: false, ...more };
}

/** Index of the first byte that differs; -1 when there is none. */
export function firstDifference(a: Uint8Array, b: Uint8Array): number {
  if (Buffer.compare(a, b) === 0) return -1;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i;
  return length;
}

/** `after` holds every write of the plan, FF in the rest of what it erases but keeps nothing of, and `before` elsewhere. */
export function assertCarriedOut(plan: FlashPlan, before: Uint8Array, after: Uint8Array): void {
  const expected = before.slice();
  for (const { start, end } of plan.sectors) expected.fill(0xff, start, end);
  for (const { start, end } of plan.preserved) expected.set(before.subarray(start, end), start);
  for (const { address, data } of plan.writes) expected.set(data, address);
  assert.equal(firstDifference(expected, after), -1, "flash differs from what the plan makes of it");
}

/** Nothing was erased, programmed or protected differently, and the flash holds what it held. */
export function assertUntouched(rig: Rig, before: Uint8Array): void {
  assert.deepEqual(rig.flashOperations, []);
  assert.equal(firstDifference(before, rig.chip.flash), -1);
}

export function notes(events: readonly JobEvent[], level?: "info" | "warning"): readonly string[] {
  return events.flatMap((event) =>
    event.type === "note" && (level === undefined || event.level === level) ? [event.code] : [],
  );
}
