/**
 * One clock for host and chip: time jumps from event to event, so that a job with all its timeouts takes as long as its
 * arithmetic. Deterministic: nothing here knows the wall clock. Knows neither jobs nor faults.
 */
import { CancelledError, TransportError } from "../../src/core/base/errors";
import type { Clock } from "../../src/core/base/timing";
import type { ControlLines, Transport } from "../../src/core/transport/transport";
import { ratesMatch, sampledAt, type ChipUart, type SimTime } from "../../src/simulator/index";

interface Timer {
  readonly at: number;
  readonly run: () => void;
  live: boolean;
}

/** Something the host waits for. */
interface Wait<T> {
  readonly done: Promise<T>;
  wake(value: T): void;
  fail(error: Error): void;
}

/** More turns than any chain of awaits in the core takes from one wait to the next. */
const TURNS = 2_000;
const EMPTY = new Uint8Array(0);

export class OutOfTime extends Error {}

export class World implements SimTime {
  readonly txSliceUs = Infinity;
  readonly shortestIdleUs = 0;
  private readonly queue: Timer[] = [];
  private us = 0;
  /** Counts what the host began to wait for, and what it was woken from. */
  private waits = 0;
  private wakes = 0;
  private isOver = false;
  /** Takes back what each wait has put to its signal. */
  private readonly listening = new Set<() => void>();
  /** The host does nothing before, whatever happens. */
  private standsUntil = 0;

  /** Microseconds as a SimTime; the same clock in milliseconds is {@link hostClock}. */
  now(): number {
    return this.us;
  }

  idleNow(): number {
    return this.us;
  }

  enter(): void {
    // Nothing is ever late here.
  }

  dispose(): void {
    this.queue.length = 0;
    // Whoever still waits waits for ever; signals outlive this world.
    for (const forget of this.listening) forget();
    this.listening.clear();
    this.isOver = true;
  }

  schedule(delayUs: number, _kind: string, run: () => void): { cancel(): void } {
    const timer: Timer = { at: this.us + Math.max(0, delayUs), run, live: true };
    let index = this.queue.length;
    while (index > 0 && (this.queue[index - 1] as Timer).at > timer.at) index--;
    this.queue.splice(index, 0, timer);
    return {
      cancel: () => {
        if (!timer.live) return;
        timer.live = false;
        const at = this.queue.indexOf(timer);
        if (at >= 0) this.queue.splice(at, 1);
      },
    };
  }

  readonly hostClock: Clock = { now: () => this.us / 1000, sleep: (ms, signal) => this.sleep(ms, signal) };

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new CancelledError("wait");
    const wait = this.wait<void>(signal, "wait");
    const timer = this.schedule(ms * 1000, "idle", () => wait.wake(undefined));
    try {
      await wait.done;
    } finally {
      timer.cancel();
    }
  }

  /** Something the host waits for, until it is woken or gives up. */
  wait<T>(signal: AbortSignal, doing: string): Wait<T> {
    this.waits++;
    let resolve: (value: T) => void = () => undefined;
    let reject: (error: Error) => void = () => undefined;
    const done = new Promise<T>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    const onAbort = (): void => settle(() => reject(new CancelledError(doing)));
    let settled = false;
    const forget = (): void => signal.removeEventListener("abort", onAbort);
    const wake = (how: () => void): void => {
      forget();
      this.listening.delete(forget);
      this.wakes++;
      how();
    };
    const settle = (how: () => void): void => {
      if (settled) return;
      settled = true;
      const later = this.standsUntil - this.us;
      if (later > 0) this.schedule(later, "idle", () => wake(how));
      else wake(how);
    };
    if (!this.isOver) {
      signal.addEventListener("abort", onAbort);
      this.listening.add(forget);
    }
    return { done, wake: (value) => settle(() => resolve(value)), fail: (error) => settle(() => reject(error)) };
  }

  /** From now on the host stands still for so long, as one that is put to sleep or swapped out; the chip does not. */
  standStill(ms: number): void {
    this.standsUntil = this.us + ms * 1000;
  }

  /**
   * Lets time pass until `work` is done.
   * @throws OutOfTime after `limitMs` of simulated time, or when nothing will ever happen again
   */
  async until<T>(work: Promise<T>, limitMs: number): Promise<T> {
    const limit = this.us + limitMs * 1000;
    let finished = false;
    const ended = work.finally(() => (finished = true));
    ended.catch(() => undefined);
    const isFinished = (): boolean => finished;
    const proceed = async (least: number): Promise<boolean> => {
      const { waits } = this;
      for (let turn = 0; turn < TURNS && !isFinished() && (turn < least || this.waits === waits); turn++)
        await Promise.resolve();
      return this.waits !== waits;
    };
    for (;;) {
      await proceed(2);
      if (isFinished()) return await ended;
      if (this.us > limit) throw new OutOfTime(`not done within ${limitMs} ms`);
      // Who does not wait is at work: no time passes, or a chip that restarts for ever would run on alone.
      if (!this.hostWaits && (await this.letWork(isFinished))) continue;
      // Who began to wait may have been somebody else than who was woken, and that one is still at work.
      if (!this.runToNextWake(limit) && !(await proceed(0)) && !isFinished())
        throw new OutOfTime(`nothing that is waited for happens within ${limitMs} ms, or ever`);
    }
  }

  /**
   * Lets things happen until something the host waits for has; false when nothing is left to happen, or nothing before `limitUs`: a
   * chip that restarts for ever is never out of things to do.
   */
  protected runToNextWake(limitUs = Infinity): boolean {
    const { wakes } = this;
    while (this.wakes === wakes) {
      const timer = this.queue.shift();
      if (!timer) return false;
      if (timer.at > limitUs) {
        this.queue.unshift(timer);
        return false;
      }
      timer.live = false;
      this.us = Math.max(this.us, timer.at);
      timer.run();
    }
    return true;
  }

  /** Lets the host work on. @returns false where it came to nothing: neither to its end nor to a wait */
  private async letWork(isFinished: () => boolean): Promise<boolean> {
    for (let turn = 0; turn < TURNS && !isFinished() && !this.hostWaits; turn++)
      await new Promise((resolve) => setImmediate(resolve));
    return isFinished() || this.hostWaits;
  }

  /** True while the host can do nothing but wait. */
  protected get hostWaits(): boolean {
    return this.waits > this.wakes;
  }
}

/** A world that runs by itself as soon as somebody waits in it, and stands still while nobody does. */
export class SelfRunningWorld extends World {
  private due = false;

  override schedule(delayUs: number, kind: string, run: () => void): { cancel(): void } {
    const timer = super.schedule(delayUs, kind, run);
    this.wakeUp();
    return timer;
  }

  override wait<T>(signal: AbortSignal, doing: string): Wait<T> {
    const wait = super.wait<T>(signal, doing);
    this.wakeUp();
    return wait;
  }

  private wakeUp(): void {
    if (this.due) return;
    this.due = true;
    // Whatever the host does at once, it does before.
    setImmediate(() => {
      this.due = false;
      if (this.hostWaits && this.runToNextWake()) this.wakeUp();
    });
  }
}

/** What goes wrong at the host's end of the line. */
export interface LineFaults {
  /** Called for each frame the host sends; may change it, or end the port or the process. */
  readonly onWrite?: ((bytes: Uint8Array, line: VirtualLine) => Uint8Array) | undefined;
  /** Milliseconds by which bytes from the chip come late. */
  readonly delay?: ((received: number) => number) | undefined;
  /** What becomes of bytes from the chip on their way; pieces are handed on as they are. */
  readonly received?: ((bytes: Uint8Array, line: VirtualLine) => readonly Uint8Array[]) | undefined;
  /** How long a change of the rate takes, and which rate is set then; none: the one before stays. */
  readonly onRate?: ((baud: number) => { readonly waitMs: number; readonly baud?: number }) | undefined;
  /** What the adapter really runs at when it is asked for `baud`. */
  readonly realBaud?: ((baud: number) => number) | undefined;
  /** It leads over a network, which took so many ms there and back when it was opened. */
  readonly roundTripMs?: number | undefined;
  /** Most bytes that a read delivers. */
  readonly chunk?: number | undefined;
  /** The line has no rate of its own, as over a network: the chip hears the host at any. */
  readonly withoutRate?: boolean | undefined;
  /** The adapter has DTR and RTS, as they are wired to the chip. */
  readonly controlLines?: boolean | undefined;
  /** It is a bridge that resets the chip by a command of its own. */
  readonly resetsByCommand?: boolean | undefined;
}

/** A serial port in a {@link World}. */
export class VirtualLine implements Transport {
  readonly label = "virtual";
  readonly can: Transport["can"];
  readonly resetByCommand: Transport["resetByCommand"];
  readonly roundTripMs: number | undefined;
  private held: Uint8Array[] = [];
  private reader: { wake(bytes: Uint8Array): void; fail(error: Error): void } | undefined;
  private baud: number | undefined;
  private received = 0;
  private quietUntil = 0;
  /** `gone`: the adapter was pulled out; `dead`: so was the process, to which nothing is told. */
  private state: "open" | "gone" | "dead" = "open";

  constructor(
    private readonly world: World,
    private readonly chip: ChipUart,
    initialBaud: number,
    private readonly faults: LineFaults,
    private readonly onKill: () => void = () => undefined,
  ) {
    const baudRate = faults.withoutRate !== true;
    this.roundTripMs = faults.roundTripMs;
    this.can = { baudRate, controlLines: faults.controlLines === true };
    if (faults.resetsByCommand === true) this.resetByCommand = () => Promise.resolve(chip.resetByBridge?.());
    if (baudRate) this.baud = faults.realBaud?.(initialBaud) ?? initialBaud;
    chip.onTransmit((bytes, rate) => this.hear(bytes, rate));
    chip.hostPresent(true);
  }

  async read(timeoutMs: number, signal: AbortSignal): Promise<Uint8Array> {
    const doing = "read from the line";
    if (this.state === "dead") return await NEVER;
    if (signal.aborted) throw new CancelledError(doing);
    if (this.held.length > 0) return this.take();
    if (this.state === "gone") throw this.lost(doing);
    const wait = this.world.wait<Uint8Array>(signal, doing);
    this.reader = wait;
    const timer = this.world.schedule(timeoutMs * 1000, "idle", () => wait.wake(EMPTY));
    try {
      return await wait.done;
    } finally {
      timer.cancel();
      this.reader = undefined;
    }
  }

  async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    if (this.state === "dead") return await NEVER;
    if (signal.aborted) throw new CancelledError("write");
    if (this.state === "gone") throw this.lost("write");
    const sent = this.faults.onWrite?.(bytes, this) ?? bytes;
    if (sent.length > 0) this.chip.hostSends(Uint8Array.from(sent), this.baud);
    if (this.isIn("dead")) return await NEVER;
    if (this.isIn("gone")) throw this.lost("write");
  }

  async setBaudRate(baud: number): Promise<void> {
    if (this.state === "dead") return await NEVER;
    if (this.state === "gone") throw this.lost("change the speed");
    const { waitMs, baud: set = this.baud } = this.faults.onRate?.(baud) ?? { waitMs: 0, baud };
    if (waitMs > 0) await this.world.hostClock.sleep(waitMs, new AbortController().signal);
    if (set !== undefined) this.baud = this.faults.realBaud?.(set) ?? set;
  }

  async setControlLines(lines: ControlLines): Promise<void> {
    if (this.state === "dead") return await NEVER;
    if (this.state === "gone") throw this.lost("set control lines");
    if (!this.can.controlLines) throw new TransportError("command-unsupported", "set control lines");
    this.chip.setControlLines(lines);
  }

  discardInput(): Promise<void> {
    this.held = [];
    return Promise.resolve();
  }

  close(): Promise<void> {
    if (this.state !== "dead") this.chip.hostPresent(false);
    return Promise.resolve();
  }

  unplug(): void {
    if (this.state !== "open") return;
    this.state = "gone";
    this.chip.hostPresent(false);
    this.reader?.fail(this.lost("read"));
  }

  /** The process dies over this frame. */
  kill(): void {
    this.cut();
    this.onKill();
  }

  /** The process is no more: nothing it was about to do happens. */
  cut(): void {
    this.state = "dead";
    this.chip.hostPresent(false);
  }

  private isIn(state: VirtualLine["state"]): boolean {
    return this.state === state;
  }

  private hear(bytes: Uint8Array, rate: number): void {
    const { baud = rate } = this;
    const heard = ratesMatch(baud, rate) ? Uint8Array.from(bytes) : sampledAt(bytes, rate, baud);
    this.received += heard.length;
    const late = this.faults.delay?.(this.received) ?? 0;
    // Late or not, bytes come in the order in which they were sent.
    const at = Math.max(this.quietUntil, this.world.now() + late * 1000);
    this.quietUntil = at;
    if (at > this.world.now()) this.world.schedule(at - this.world.now(), "idle", () => this.deliver(heard));
    else this.deliver(heard);
  }

  private deliver(bytes: Uint8Array): void {
    for (const piece of this.faults.received?.(bytes, this) ?? [bytes]) {
      if (this.state !== "open") return;
      if (piece.length === 0) continue;
      this.held.push(piece);
      this.reader?.wake(this.take());
      this.reader = undefined;
    }
  }

  private take(): Uint8Array {
    const [first] = this.held;
    const all = this.held.length === 1 && first ? first : new Uint8Array(Buffer.concat(this.held));
    const { chunk = all.length } = this.faults;
    this.held = chunk < all.length ? [all.subarray(chunk)] : [];
    return all.subarray(0, chunk);
  }

  private lost(doing: string): TransportError {
    return new TransportError("port-lost", doing, { port: this.label });
  }
}

const NEVER = new Promise<never>(() => undefined);
