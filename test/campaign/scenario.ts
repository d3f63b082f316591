/**
 * One scenario: a chip, a job, a fault somewhere in it, and then, where the job did not succeed, the same job over a sound
 * line. After each attempt the chip's flash is looked at directly: what must hold whatever happened is checked here.
 */
import {
  FLASHER_ERROR_CODES,
  FlasherSession,
  isFlasherError,
  remedyFor,
  runInSession,
  silentLog,
} from "../../src/core/index";
import type { ChipIdentity, FlasherError, FlashPlan, JobEvent, JobResult } from "../../src/core/index";
import { createChip, type Preset, type SimulatedChip } from "../../src/simulator/index";
import { FAULTS, type Extent, type Fault, type FaultName } from "./faults";
import { Journals } from "./journals";
import { Random } from "./random";
import { TASKS, mayChange, usedFlash, type Task, type TaskName } from "./tasks";
import { OutOfTime, VirtualLine, World } from "./world";

/** Simulated ms after which a job counts as hung: the longest link wait several times over, and the slowest operations. */
const BOUND_MS = 240_000;
const LINK_TIMEOUT_MS = 8_000;
const BOOTLOADER_END = 0x11000;
const SECTOR = 0x1000;

/** How it went: nothing was noticed, repaired within the job, a clean failure after which the job succeeded, a killed job that was resumed. */
export type Course = "unharmed" | "repaired" | "failed" | "resumed";

export interface Verdict {
  readonly course: Course;
  readonly code: string | undefined;
  readonly violations: readonly string[];
  readonly fault: string;
  readonly trace: readonly string[];
}

interface Attempt {
  readonly result: JobResult | undefined;
  readonly error: FlasherError | undefined;
  readonly killed: boolean;
  readonly plan: FlashPlan | undefined;
  readonly events: number;
  readonly troubled: boolean;
  readonly trace: readonly string[];
}

export class Scenario {
  readonly preset: Preset;
  private readonly random: Random;
  private readonly violations: string[] = [];
  /** Places that a job has said to be changed outside of its plan: address and length. */
  private readonly strays: (readonly [number, number])[] = [];

  constructor(
    readonly seed: number,
    preset: Preset,
    readonly taskName: TaskName,
    readonly faultName: FaultName,
  ) {
    this.preset = preset;
    this.random = new Random(seed);
  }

  async run(): Promise<Verdict> {
    const known = await knownChip(this.preset);
    const task: Task = TASKS[this.taskName](this.preset, this.random, known.chip);
    const extent = await extentOf(this.preset, this.taskName, task);
    const bench = new Bench(this.preset, task);
    let active = true;
    const fault: Fault = FAULTS[this.faultName]({
      extent,
      random: this.random,
      world: bench.world,
      active: () => active,
      powerOnIn: (ms) => bench.powerOnIn(ms),
    });
    bench.start(fault);
    const first = await this.attempt(bench, fault);
    this.check(bench, task, first, true);
    let course: Course = first.killed ? "resumed" : first.error ? "failed" : first.troubled ? "repaired" : "unharmed";
    const trace = [...first.trace];
    if (first.error || first.killed) {
      active = false;
      bench.chip.powerOn();
      const again = await this.attempt(bench, undefined);
      this.check(bench, task, again, false);
      trace.push("-- again", ...again.trace);
      if (again.error && again.error.code !== task.mustFail)
        this.violate(`the next run failed: ${again.error.message}`);
    }
    bench.chip.dispose();
    const asItShould = first.error !== undefined && first.error.code === task.mustFail;
    if (asItShould) course = first.troubled ? "repaired" : "unharmed";
    return {
      course,
      code: asItShould ? undefined : first.error?.code,
      violations: this.violations,
      fault: fault.describe,
      trace,
    };
  }

  private async attempt(bench: Bench, fault: Fault | undefined): Promise<Attempt> {
    try {
      return await bench.attempt(fault);
    } catch (error) {
      const what =
        error instanceof OutOfTime
          ? `it hangs: ${error.message}`
          : `it crashes: ${error instanceof Error ? error.stack : String(error)}`;
      this.violate(what);
      return {
        result: undefined,
        error: undefined,
        killed: true,
        plan: undefined,
        events: 0,
        troubled: false,
        trace: [what],
      };
    }
  }

  private check(bench: Bench, task: Task, { result, error, plan }: Attempt, faulty: boolean): void {
    const original = task.flash;
    // A frame carries no checksum: what the chip did with a damaged one can be told, not prevented. Told, it is no violation.
    if (error?.code === "stray-write") this.strays.push([error.context.address ?? 0, error.context.length ?? 0]);
    const flash = this.strays.length > 0 ? bench.chip.flash.slice() : bench.chip.flash;
    for (const [at, length] of this.strays) flash.set(original.subarray(at, at + length), at);
    const calibration = this.preset.calibrationAt;
    if (differs(flash, original, 0, BOOTLOADER_END)) this.violate("the boot code was touched");
    if (differs(flash, original, calibration, calibration + SECTOR)) this.violate("the calibration was touched");
    const widest = plan ?? bench.plan;
    const stray = firstChange(flash, original, (address) => mayChange(widest, address));
    if (stray !== undefined) this.violate(`0x${stray.toString(16)} was changed, outside the plan`);
    if (result) {
      const wrong = task.judge(result, flash);
      if (wrong !== undefined) this.violate(`success was claimed${faulty ? "" : " by the next run"}: ${wrong}`);
    }
    if (error) this.checkError(error, bench);
  }

  private checkError(error: FlasherError, bench: Bench): void {
    const { steps, title } = remedyFor(error);
    if (!FLASHER_ERROR_CODES.includes(error.code)) this.violate(`no code: ${error.message}`);
    if (error.code === "internal" || error.code === "frame-refused")
      this.violate(`our own fault: ${error.message} ${String(error.stack)}`);
    if (title === "" || steps.length === 0) this.violate(`no advice for ${error.code}`);
    if (error.flash === "untouched" && Buffer.compare(bench.chip.flash, bench.before) !== 0)
      this.violate(`said to be untouched and is not (${error.code})`);
  }

  private violate(what: string): void {
    this.violations.push(what);
  }
}

/** The chip, its line and what the host keeps on disk, through all attempts of a scenario. */
class Bench {
  readonly world = new World();
  readonly journals: Journals;
  chip!: SimulatedChip;
  /** The flash at the start of the running attempt. */
  before: Uint8Array;
  /** The plan as first made. */
  plan: FlashPlan | undefined;
  hostBytes = 0;
  hostWrites = 0;
  private fault: Fault | undefined;

  constructor(
    private readonly preset: Preset,
    private readonly task: Task,
  ) {
    this.journals = new Journals(task.flash.length);
    this.before = task.flash;
  }

  start(fault: Fault | undefined): void {
    this.fault = fault;
    this.chip = createChip(this.preset, {
      time: this.world,
      person: "auto",
      personWaitMs: 400,
      flash: this.task.flash,
      behaviours: fault?.behaviour ? [fault.behaviour] : [],
    });
  }

  powerOnIn(ms: number): void {
    this.world.schedule(ms * 1000, "idle", () => this.chip.powerOn());
  }

  async attempt(kill: Fault | undefined): Promise<Attempt> {
    this.before = this.chip.flash.slice();
    return await this.world.until(this.job(kill), BOUND_MS);
  }

  private async job(kill: Fault | undefined): Promise<Attempt> {
    let events = 0;
    let killed = false;
    let troubled = false;
    let plan: FlashPlan | undefined;
    const trace: string[] = [];
    let die: () => void = () => undefined;
    const death = new Promise<"killed">((resolve) => {
      die = () => {
        killed = true;
        resolve("killed");
      };
    });
    const counted = (bytes: Uint8Array, line: VirtualLine): Uint8Array => {
      this.hostWrites++;
      this.hostBytes += bytes.length;
      return this.fault?.line?.onWrite?.(bytes, line) ?? bytes;
    };
    const faults = { ...this.fault?.line, onWrite: counted };
    let line: VirtualLine | undefined;
    const open = (_ref: unknown, { baudRate }: { readonly baudRate: number }): Promise<VirtualLine> =>
      Promise.resolve((line = new VirtualLine(this.world, this.chip, baudRate, faults, die)));
    const options = {
      port: { kind: "serial", path: "virtual" },
      baudRate: "auto",
      linkTimeoutMs: LINK_TIMEOUT_MS,
    } as const;
    const deps = { open, clock: this.world.hostClock, log: silentLog };
    const signal = new AbortController().signal;
    const end = (result: JobResult | undefined, error: FlasherError | undefined): Attempt => ({
      result,
      error,
      killed,
      plan,
      events,
      troubled,
      trace,
    });
    try {
      const session = await FlasherSession.open(options, deps, signal);
      const job = runInSession(session, this.task.request(this.journals), signal);
      try {
        for (;;) {
          const step = await Promise.race([job.next(), death]);
          if (step === "killed") return end(undefined, undefined);
          if (step.done) {
            const closed = await Promise.race([session.close(), death]);
            return closed === "killed" ? end(undefined, undefined) : end(step.value, undefined);
          }
          const event = step.value;
          if (event.type === "planned") {
            plan = event.plan;
            this.plan ??= plan;
          }
          if (event.type === "note") troubled ||= ["retry", "repair", "baud-fallback"].includes(event.code);
          trace.push(traceOf(event));
          this.journals.store(event);
          if (kill?.killAtEvent === events++) {
            line?.kill();
            this.journals.tear(kill.tornJournal ?? 0);
            return end(undefined, undefined);
          }
        }
      } catch (error) {
        await Promise.race([session.close(), death]);
        throw error;
      }
    } catch (error) {
      if (!isFlasherError(error)) throw error;
      trace.push(error.message);
      return end(undefined, error);
    }
  }
}

function traceOf(event: JobEvent): string {
  switch (event.type) {
    case "progress":
      return `${event.phase} ${event.address.toString(16)}+${event.length.toString(16)}`;
    case "note":
      return `note ${event.code} ${JSON.stringify(event.context)}`;
    case "erasing":
      return `erasing ${event.range.start.toString(16)}`;
    case "sector-done":
      return `sector-done ${event.address.toString(16)}`;
    case "phase-started":
      return `phase ${event.phase}`;
    default:
      return event.type;
  }
}

interface Known {
  readonly chip: ChipIdentity;
}

const knownChips = new Map<string, Promise<Known>>();

/** The chip as a sound job identifies it. */
function knownChip(preset: Preset): Promise<Known> {
  let known = knownChips.get(preset.id);
  if (!known) knownChips.set(preset.id, (known = identify(preset)));
  return known;
}

async function identify(preset: Preset): Promise<Known> {
  const task: Task = {
    name: "info",
    flash: usedFlash(preset),
    request: () => ({ kind: "info" }),
    judge: () => undefined,
  };
  const bench = new Bench(preset, task);
  bench.start(undefined);
  const { result, error } = await bench.attempt(undefined);
  bench.chip.dispose();
  if (result?.kind !== "info") throw error ?? new Error("no identity");
  return { chip: result.chip };
}

const extents = new Map<string, Promise<Extent>>();

/** What the undisturbed job needs; of the first of its kind, which is near enough. */
function extentOf(preset: Preset, name: TaskName, task: Task): Promise<Extent> {
  const key = `${preset.id} ${name}`;
  let extent = extents.get(key);
  if (!extent) extents.set(key, (extent = measure(preset, task)));
  return extent;
}

async function measure(preset: Preset, task: Task): Promise<Extent> {
  const bench = new Bench(preset, task);
  bench.start(undefined);
  let commands = 0;
  let flashOperations = 0;
  bench.chip.onEvent(({ type }) => {
    if (type === "command") commands++;
    if (type === "flash") flashOperations++;
  });
  const { events } = await bench.attempt(undefined);
  const { hostBytes, hostWrites } = bench;
  const chipBytes = bench.chip.counters.sent;
  bench.chip.dispose();
  return { hostBytes, hostWrites, chipBytes, commands, flashOperations: Math.max(1, flashOperations), events };
}

function differs(a: Uint8Array, b: Uint8Array, start: number, end: number): boolean {
  return Buffer.compare(a.subarray(start, end), b.subarray(start, end)) !== 0;
}

function firstChange(a: Uint8Array, b: Uint8Array, allowed: (address: number) => boolean): number | undefined {
  for (let at = 0; at < a.length; at += SECTOR) {
    if (!allowed(at) && differs(a, b, at, at + SECTOR)) return at;
  }
  return undefined;
}
