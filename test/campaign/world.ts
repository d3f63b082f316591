/**
 * One clock for host and chip: time jumps from event to event, so that a job with all its timeouts takes as long as its
 * arithmetic. Deterministic: nothing here knows the wall clock. Knows neither jobs nor faults.
 */
import { CancelledError, TransportError } from "../../src/core/base/errors";
import type { Clock } from "../../src/core/base/timing";
import type { Transport } from "../../src/core/transport/transport";
import { garble, ratesMatch, type ChipUart, type SimTime } from "../../src/simulator/index";

interface Timer {
  readonly at: number;
  readonly run: () => void;
  live: boolean;
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
  wait<T>(
    signal: AbortSignal,
    doing: string,
  ): { readonly done: Promise<T>; wake(value: T): void; fail(error: Error): void } {
    this.waits++;
    let resolve: (value: T) => void = () => undefined;
    let reject: (error: Error) => void = () => undefined;
    const done = new Promise<T>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    const onAbort = (): void => settle(() => reject(new CancelledError(doing)));
    const settle = (how: () => void): void => {
      signal.removeEventListener("abort", onAbort);
      this.wakes++;
      how();
    };
    signal.addEventListener("abort", onAbort);
    return { done, wake: (value) => settle(() => resolve(value)), fail: (error) => settle(() => reject(error)) };
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
    for (;;) {
      const { waits } = this;
      for (let turn = 0; turn < TURNS && !isFinished() && (turn < 2 || this.waits === waits); turn++)
        await Promise.resolve();
      if (isFinished()) return await ended;
      if (this.us > limit) throw new OutOfTime(`not done within ${limitMs} ms`);
      const { wakes } = this;
      while (this.wakes === wakes) {
        const timer = this.queue.shift();
        if (!timer) throw new OutOfTime("nothing will ever happen again");
        timer.live = false;
        this.us = Math.max(this.us, timer.at);
        timer.run();
      }
    }
  }
}

/** What goes wrong at the host's end of the line. */
export interface LineFaults {
  /** Called for each frame the host sends; may change it, or end the port or the process. */
  readonly onWrite?: ((bytes: Uint8Array, line: VirtualLine) => Uint8Array) | undefined;
  /** Milliseconds by which bytes from the chip come late. */
  readonly delay?: ((received: number) => number) | undefined;
  /** What the adapter really runs at when it is asked for `baud`. */
  readonly realBaud?: ((baud: number) => number) | undefined;
}

/** A serial port in a {@link World}. */
export class VirtualLine implements Transport {
  readonly label = "virtual";
  readonly can = { baudRate: true, controlLines: false } as const;
  private held: Uint8Array[] = [];
  private reader: { wake(bytes: Uint8Array): void; fail(error: Error): void } | undefined;
  private baud: number;
  private received = 0;
  private quietUntil = 0;
  /** `gone`: the adapter was pulled out; `dead`: so was the process, to which nothing is told. */
  private state: "open" | "gone" | "dead" = "open";

  constructor(
    private readonly world: World,
    private readonly chip: ChipUart,
    initialBaud: number,
    private readonly faults: LineFaults,
    private readonly onKill: () => void,
  ) {
    this.baud = faults.realBaud?.(initialBaud) ?? initialBaud;
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
    this.baud = this.faults.realBaud?.(baud) ?? baud;
  }

  setControlLines(): Promise<void> {
    return Promise.reject(new TransportError("command-unsupported", "set control lines"));
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
    const heard = ratesMatch(this.baud, rate) ? Uint8Array.from(bytes) : garble(bytes, rate, this.baud);
    this.received += heard.length;
    const late = this.faults.delay?.(this.received) ?? 0;
    // Late or not, bytes come in the order in which they were sent.
    const at = Math.max(this.quietUntil, this.world.now() + late * 1000);
    this.quietUntil = at;
    if (at > this.world.now()) this.world.schedule(at - this.world.now(), "idle", () => this.deliver(heard));
    else this.deliver(heard);
  }

  private deliver(bytes: Uint8Array): void {
    if (this.state !== "open") return;
    this.held.push(bytes);
    this.reader?.wake(this.take());
    this.reader = undefined;
  }

  private take(): Uint8Array {
    const [first] = this.held;
    const all = this.held.length === 1 && first ? first : new Uint8Array(Buffer.concat(this.held));
    this.held = [];
    return all;
  }

  private lost(doing: string): TransportError {
    return new TransportError("port-lost", doing, { port: this.label });
  }
}

const NEVER = new Promise<never>(() => undefined);
