/**
 * The bench's jobs in simulated time: chip, adapter and host share one clock that jumps from event to event, so a figure is
 * the same on every machine and under any load. The host itself costs no time here. Measures what the real-time bench does.
 */
import {
  FlasherSession,
  runInSession,
  silentLog,
  type CoreLog,
  type JobEvent,
  type JobRequest,
} from "../../src/core/index";
import { START_BAUD } from "../../src/core/beken/protocol/link";
import { createChip, withLatency, type Behaviour, type Preset, type SimulatedChip } from "../../src/simulator/index";
import { VirtualLine, World } from "../campaign/world";
import { takeTimes, type TimedJob } from "./jobs";
import type { Trace } from "./trace";

/** Longer than any stall. */
const LINK_TIMEOUT_MS = 60_000;
/** Simulated ms after which a job counts as hung. */
const BOUND_MS = 600_000;

export interface VirtualOptions {
  readonly flash: Uint8Array;
  /** The adapter's latency timer, in ms; 0 for an adapter without one. */
  readonly latencyMs: number;
  /** What hashing a byte takes, in microseconds, instead of what is assumed of the chip. */
  readonly hashUs?: number | undefined;
  /** In every job the chip is not heard for so long, in seconds, in the middle of what it sends. */
  readonly stallS?: number | undefined;
}

/** In the middle of a backup of 2 MiB. */
const STALL_AT_BYTE = 1_000_000;

/** A chip that stays between jobs, as it does on a desk. */
export class VirtualChip {
  readonly chip: SimulatedChip;
  private readonly world = new World();

  /** Of the job at hand. */
  private sent = 0;

  constructor(
    preset: Preset,
    private readonly options: VirtualOptions,
  ) {
    const { flash, hashUs, stallS } = options;
    const stalls: Behaviour = {
      onChipByte: (_byte, _count, around) => {
        if (++this.sent === STALL_AT_BYTE) around.pause("from-chip", 1000 * (stallS ?? 0), "held");
        return undefined;
      },
    };
    this.chip = createChip(preset, {
      time: this.world,
      person: "auto",
      personWaitMs: 400,
      flash,
      ...(stallS !== undefined && { behaviours: [stalls] }),
      ...(hashUs !== undefined && { hashUsPerByte: hashUs }),
    });
  }

  /**
   * One job in a session of its own, on a chip that has just been switched on.
   * @param trace told what crosses the line, and the job's phases
   */
  run(baudRate: number | "auto", request: JobRequest, trace?: Trace): Promise<TimedJob> {
    this.chip.powerCycle();
    this.sent = 0;
    return this.world.until(this.job(baudRate, request, trace), BOUND_MS);
  }

  dispose(): void {
    this.chip.dispose();
  }

  private async job(baudRate: number | "auto", request: JobRequest, trace: Trace | undefined): Promise<TimedJob> {
    const { world } = this;
    const { latencyMs } = this.options;
    const uart =
      latencyMs > 0
        ? withLatency(this.chip, latencyMs, {
            now: () => world.now() / 1000,
            after: (ms, run) => {
              const timer = world.schedule(ms * 1000, "busy", run);
              return () => timer.cancel();
            },
          })
        : this.chip;
    const now = (): number => world.now() / 1000;
    let baud = START_BAUD;
    const log: CoreLog = trace
      ? { ...silentLog, trace: (direction, bytes) => trace.bytes(direction, bytes, now(), baud) }
      : silentLog;
    const signal = new AbortController().signal;
    const session = await FlasherSession.open(
      { port: { kind: "serial", path: "virtual" }, baudRate, linkTimeoutMs: LINK_TIMEOUT_MS },
      {
        open: (_ref, { baudRate: initial }) =>
          Promise.resolve(new VirtualLine(world, uart, initial, { realBaud: (rate) => (baud = rate) })),
        clock: { now, sleep: (ms, signal) => sleepAside(world, ms, signal) },
        log,
      },
      signal,
    );
    try {
      const job = runInSession(session, request, {}, signal);
      return await takeTimes(request, trace ? traced(job, trace) : job, now);
    } finally {
      await session.close();
    }
  }
}

async function* traced<T>(job: AsyncGenerator<JobEvent, T, void>, trace: Trace): AsyncGenerator<JobEvent, T, void> {
  for (;;) {
    const step = await job.next();
    if (step.done) return step.value;
    const event = step.value;
    if (event.type === "phase-started") trace.event(event.phase);
    else if (event.type === "linked" || event.type === "identified" || event.type === "planned")
      trace.event(event.type);
    yield event;
  }
}

/** More turns than a job's end takes: what goes on beside a job, as keeping a chip awake, is not to be waited for. */
const TURNS_ASIDE = 50;

async function sleepAside(world: World, ms: number, signal: AbortSignal): Promise<void> {
  for (let turn = 0; turn < TURNS_ASIDE; turn++) await Promise.resolve();
  await world.hostClock.sleep(ms, signal);
}
