/** The chip, its line and the host's disk through all attempts of a scenario; runs one attempt and says what came of it. */
import {
  FlasherSession,
  TransportError,
  isFlasherError,
  runInSession,
  silentLog,
  type FlasherError,
  type FlashPlan,
  type JobEvent,
  type JobHooks,
  type JobRequest,
  type JobResult,
  type LineMemory,
  type LineState,
  type SessionDeps,
} from "../../src/core/index";
import { createChip, type SimulatedChip } from "../../src/simulator/index";
import type { Device } from "./devices";
import { Disk, type HostDisk, type HostProcess } from "./disk";
import type { Fault } from "./fault";
import { Medium } from "./medium";
import { force } from "./forcing";
import { isCopy, type Host, type Program, type Store } from "./programs";
import { Random } from "./random";
import type { Task } from "./tasks";
import { Watch } from "./watch";
import { VirtualLine, World } from "./world";

const EMPTY = new Uint8Array(0);
const LOCKED_UNTIL_POWER_UP = 0x0100;
const BOOTLOADER_END = 0x11000;
const LINK_TIMEOUT_MS = 8_000;
/** Events at which frames are forced. */
const TURNS: readonly JobEvent["type"][] = ["identified", "planned", "kept", "phase-started", "erasing", "sector-done"];
/** Notes by which a person knows that the flash may be without its protection. */
const UNPROTECTED = ["reprotect-failed", "protection-in-doubt"];
const TROUBLE = ["retry", "repair", "baud-fallback", "adapter-lost"];

export interface Attempt {
  readonly result: JobResult | undefined;
  readonly error: FlasherError | undefined;
  readonly killed: boolean;
  readonly plan: FlashPlan | undefined;
  readonly events: number;
  readonly troubled: boolean;
  /** Said that the protection could not be put back, or that it may have been lifted by an interrupted job. */
  readonly leftUnprotected: boolean;
  /** Places of which a success has said that something else may have been written there. */
  readonly possible: readonly { readonly address: number; readonly length: number }[];
  /** Bytes stored for good: blocks of a backup, sectors of a write. */
  readonly stored: number;
  readonly ms: number;
  readonly trace: readonly string[];
}

export class Bench {
  readonly world = new World();
  readonly medium: Medium;
  readonly chip: SimulatedChip;
  /** The plan as first made. */
  plan: FlashPlan | undefined;
  /** Journals that a person was told of, and of which nothing was used. */
  readonly leftAlone = new Set<string>();
  /** A journal is not what it was: bytes that only it had may be gone, and nothing else may have come in their place. */
  journalDamaged = false;
  /** How many interrupted jobs the program offers to go on with; undefined where it does no such thing. */
  offered: number | undefined;
  hostBytes = 0;
  hostWrites = 0;
  /** What copies of boot code must hold, by file name: what the chip held when they were made. */
  readonly bootCopies = new Map<string, Uint8Array>();
  /** What a session leaves word of for the next. */
  readonly line: LineMemory = {
    recall: () => Promise.resolve(this.left),
    keep: (state) => Promise.resolve(void (this.left = state)),
  };
  private left: LineState | undefined;
  private portBackAt = 0;
  readonly fault: Fault | undefined;
  readonly watch: Watch;

  /** @param task another one from the moment at which somebody else has written to the chip */
  constructor(
    readonly device: Device,
    public task: Task,
    makeFault: (bench: Bench) => Fault | undefined = () => undefined,
    readonly disk: HostDisk = new Disk(),
  ) {
    this.medium = new Medium(task.flash, device.status);
    this.watch = new Watch({
      device,
      task: () => this.task,
      statusRegister: () => this.chip.statusRegister,
      bootIsStored: () => this.bootIsStored(),
      isBackedUp: () => this.isBackedUp(),
    });
    this.fault = makeFault(this);
    this.chip = createChip(device.preset, {
      time: this.world,
      person: "auto",
      ...(task.firmware !== undefined && { firmware: task.firmware }),
      personWaitMs: 400,
      cells: this.medium.cells,
      jedecId: device.jedecId,
      ...(device.claimsJedecId !== undefined && { claimsJedecId: device.claimsJedecId }),
      statusRegister: device.status,
      behaviours: [this.medium.watch, ...(this.fault?.behaviour ? [this.fault.behaviour] : [])],
    });
  }

  powerOnIn(ms: number): void {
    this.world.schedule(ms * 1000, "idle", () => this.chip.powerOn());
  }

  /** As another tool may have left it: no status register write takes until the chip was without power. */
  lockStatus(): void {
    this.chip.statusRegister |= LOCKED_UNTIL_POWER_UP;
    this.medium.allowLock(LOCKED_UNTIL_POWER_UP);
  }

  /** Nobody does anything for so long. */
  async pass(ms: number): Promise<void> {
    const { world } = this;
    await world.until(world.hostClock.sleep(ms, new AbortController().signal), 2 * ms);
  }

  unplug(line: VirtualLine, ms: number): void {
    this.portBackAt = this.world.now() / 1000 + ms;
    line.unplug();
  }

  dispose(): void {
    this.chip.dispose();
    this.disk.empty();
  }

  /** Boot code may be touched where the job is for that, and only once a copy of it is on disk. */
  bootIsStored(): boolean {
    return this.task.mayTouchBoot === true && [...this.bootCopies.keys()].some((name) => this.disk.files().has(name));
  }

  private isBackedUp(): boolean {
    const whole = this.task.flash.whole();
    const files = this.disk.files();
    return [...files].some(
      ([name, bytes]) => isCopy(name) && files.has(`${name}.json`) && Buffer.compare(bytes, whole) === 0,
    );
  }

  /**
   * @param number counted from 0
   * @throws OutOfTime when it takes longer than `limitMs`
   */
  async attempt(number: number, limitMs: number): Promise<Attempt> {
    this.medium.beginAttempt();
    this.watch.beginAttempt();
    const began = this.world.now();
    const run = new Run(this, this.task.program, this.fault, number);
    try {
      const end = await this.world.until(run.outcome(), limitMs);
      return { ...end, ms: (this.world.now() - began) / 1000 };
    } finally {
      run.end();
    }
  }

  /** @param isDying asked before each write: true kills the process there */
  openLine(baudRate: number, onKill: () => void, isDying: () => boolean): VirtualLine {
    if (this.world.now() / 1000 < this.portBackAt)
      throw new TransportError("port-not-found", "open virtual", { port: "virtual" });
    const faults = {
      ...this.fault?.line,
      onWrite: (bytes: Uint8Array, line: VirtualLine): Uint8Array => {
        this.hostWrites++;
        this.hostBytes += bytes.length;
        if (isDying()) {
          line.kill();
          return EMPTY;
        }
        this.watch.sent(bytes);
        return this.fault?.line?.onWrite?.(bytes, line) ?? bytes;
      },
    };
    return new VirtualLine(this.world, this.chip, baudRate, faults, onKill);
  }

  /** The next run begins with everything plugged in. */
  plugIn(): void {
    this.portBackAt = 0;
  }
}

/** One run of a program, in a process of its own. */
class Run {
  private events = 0;
  private killed = false;
  private troubled = false;
  private leftUnprotected = false;
  private readonly possible: { readonly address: number; readonly length: number }[] = [];
  private stored = 0;
  private plan: FlashPlan | undefined;
  private line: VirtualLine | undefined;
  private readonly trace: string[] = [];
  private readonly process: HostProcess;
  private readonly madness: Random;
  private readonly death: Promise<"killed">;

  constructor(
    private readonly bench: Bench,
    private readonly program: Program,
    private readonly fault: Fault | undefined,
    private readonly number: number,
  ) {
    this.madness = new Random(bench.task.flash.base.length + number);
    let die: (how: "killed") => void = () => undefined;
    this.death = new Promise((resolve) => (die = resolve));
    this.process = bench.disk.begin(fault?.disk ?? {}, () => {
      this.killed = true;
      this.line?.cut();
      die("killed");
    });
  }

  end(): void {
    this.process.end();
  }

  async outcome(): Promise<Omit<Attempt, "ms">> {
    try {
      const result = await Promise.race([this.program(this.host()), this.death]);
      return this.attempt(result === "killed" ? undefined : result, undefined);
    } catch (error) {
      if (!isFlasherError(error)) throw error;
      this.trace.push(error.message);
      return this.attempt(undefined, error);
    }
  }

  private attempt(result: JobResult | undefined, error: FlasherError | undefined): Omit<Attempt, "ms"> {
    const { killed, plan, events, troubled, leftUnprotected, possible, stored, trace } = this;
    return { result, error, killed, plan, events, troubled, leftUnprotected, possible, stored, trace };
  }

  private host(): Host {
    const { world } = this.bench;
    return {
      folder: this.bench.disk.folder,
      files: this.bench.disk.fileSystem,
      pid: this.process.pid,
      openLine: (_port, { baudRate }) => this.open(baudRate),
      clock: world.hostClock,
      put: (name, bytes) => this.bench.disk.put(name, bytes),
      offers: (jobs) => void (this.bench.offered = jobs),
      printed: (line) => {
        this.trace.push(line);
        this.events++;
        if (this.isDue()) this.process.dieNext();
      },
      leavesAlone: (path) => void this.bench.leftAlone.add(path),
      savesBoot: (name) => void this.bench.bootCopies.set(name, this.bench.medium.cells.slice(0, BOOTLOADER_END)),
      run: async <K extends JobRequest["kind"]>(
        request: Extract<JobRequest, { readonly kind: K }>,
        hooks: JobHooks,
        store?: Store,
      ): Promise<Extract<JobResult, { readonly kind: K }>> =>
        (await this.job(request, hooks, store)) as Extract<JobResult, { readonly kind: K }>,
    };
  }

  private async job(request: JobRequest, hooks: JobHooks, store: Store | undefined): Promise<JobResult> {
    const { world } = this.bench;
    const open: SessionDeps["open"] = (_port, { baudRate }) => this.open(baudRate);
    const options = {
      port: { kind: "serial", path: "virtual" },
      baudRate: "auto",
      linkTimeoutMs: LINK_TIMEOUT_MS,
    } as const;
    const { signal } = new AbortController();
    // Back under its old name, as soon as it is plugged in again: until then it does not open.
    const finder = { remember: () => Promise.resolve(() => Promise.resolve(options.port)) };
    const { line } = this.bench;
    const deps = { open, finder, clock: world.hostClock, log: silentLog, line };
    const session = await FlasherSession.open(options, deps, signal);
    const job = runInSession(session, request, hooks, signal);
    try {
      for (;;) {
        const step = await job.next();
        if (step.done) return step.value;
        await store?.(step.value);
        await this.forceFrames(session, step.value);
        await this.see(step.value);
      }
    } finally {
      await job.return(undefined as never);
      await session.close();
    }
  }

  private async open(baudRate: number): Promise<VirtualLine> {
    const { process } = this;
    this.line = this.bench.openLine(
      baudRate,
      () => process.die(),
      () => process.isDying,
    );
    return await Promise.resolve(this.line);
  }

  /** At every turn of the job, with whatever it is allowed just then. */
  private async forceFrames(session: FlasherSession, { type }: JobEvent): Promise<void> {
    if (!TURNS.includes(type)) return;
    const { device, task, watch, hostBytes } = this.bench;
    const wrong = await force(session, device, task.footprint, this.madness);
    if (wrong !== undefined) watch.violations.push(wrong);
    if (this.bench.hostBytes > hostBytes) watch.violations.push("a frame that was forced has left");
  }

  private see(event: JobEvent): Promise<void> {
    if (event.type === "planned") {
      this.plan = event.plan;
      this.bench.plan ??= event.plan;
    }
    if (event.type === "note") {
      this.troubled ||= TROUBLE.includes(event.code);
      const { address, length = 0 } = event.context;
      if (event.code === "stray-possible" && address !== undefined) this.possible.push({ address, length });
      this.leftUnprotected ||= UNPROTECTED.includes(event.code);
    }
    const { changesFlash } = this.bench.task;
    if (event.type === "block" && !changesFlash) this.stored += event.data.length;
    if (event.type === "sector-done" && changesFlash) this.stored += 0x1000;
    this.trace.push(traceOf(event));
    this.events++;
    if (!this.isDue()) return Promise.resolve();
    this.process.die();
    return new Promise(() => undefined);
  }

  /** It is to be killed at what has just happened. */
  private isDue(): boolean {
    return this.fault?.killAtEvent?.[this.number] === this.events;
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
