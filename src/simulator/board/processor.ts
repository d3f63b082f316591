/**
 * Runs the chip's programs. A program is a generator that says what takes time: work, with interrupts served or not,
 * and waiting for the host. Knows nothing of what programs do.
 */
import type { ReceivePath } from "../uart/receivePath";
import type { SimTime, SimTimer } from "../clock/simTime";

export type Step =
  /**
   * The program is busy; `stalled`: so is the flash it runs from, and no interrupt is served; `waits`: it leaves
   * this time to something outside the processor, which passes also where work takes none.
   */
  | { readonly kind: "work"; readonly us: number; readonly stalled: boolean; readonly waits?: boolean }
  /** The program waits until the receive ring has a byte, or for `idleUs`; undefined waits for ever. */
  | { readonly kind: "receive"; readonly idleUs: number | undefined };

/** How a program ends: the chip resets, goes on to its application, or does nothing any more until it is reset. */
export type Ending = "reset" | "application" | "hang" | "crash";

export type Program = Generator<Step, Ending, void>;
/** A part of a program. */
export type Routine<Result = void> = Generator<Step, Result, void>;

export function* work(us: number): Routine {
  yield { kind: "work", us, stalled: false };
}

/** Time that a command promises to the host, such as a delay before its answer. */
export function* wait(us: number): Routine {
  yield { kind: "work", us, stalled: false, waits: true };
}

export class Processor {
  private program: Program | undefined;
  private onEnd: ((ending: Ending) => void) | undefined;
  private timer: SimTimer | undefined;
  private idleTimer: SimTimer | undefined;
  private idleTimerAt = 0;
  /** When the present wait is over, on the idle clock; undefined while working or waiting for ever. */
  private idleUntil: number | undefined;
  private waiting = false;

  constructor(
    private readonly time: SimTime,
    private readonly rx: ReceivePath,
  ) {}

  get running(): boolean {
    return this.program !== undefined;
  }

  start(program: Program, onEnd: (ending: Ending) => void): void {
    this.stop();
    this.program = program;
    this.onEnd = onEnd;
    this.run();
  }

  /** Stops dead, as power failing does: the program is not told. */
  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.idleTimer?.cancel();
    this.idleTimer = undefined;
    this.idleUntil = undefined;
    this.waiting = false;
    this.program = undefined;
    this.onEnd = undefined;
    this.rx.stalled = false;
  }

  /** Something is on its way to the receiver. */
  poke(): void {
    if (this.waiting) this.listen();
  }

  private run(): void {
    this.waiting = false;
    this.idleUntil = undefined;
    for (let program = this.program; program !== undefined; program = this.program) {
      const next = program.next();
      // The program itself may have made the chip stop or start over.
      if (this.program !== program) return;
      if (next.done === true) {
        const { onEnd } = this;
        this.stop();
        onEnd?.(next.value);
        return;
      }
      if (!this.take(next.value)) return;
    }
  }

  /** True when the program can go on at once. */
  private take(step: Step): boolean {
    this.rx.catchUp(this.time.now());
    if (step.kind === "work") {
      if (step.us <= 0) return true;
      this.rx.stalled = step.stalled;
      this.timer = this.time.schedule(step.us, step.waits === true ? "idle" : "busy", () => {
        this.rx.catchUp(this.time.now());
        this.rx.stalled = false;
        this.rx.catchUp(this.time.now());
        this.rx.resume();
        this.run();
      });
      return false;
    }
    this.rx.resume();
    if (this.rx.unread > 0) return true;
    this.waiting = true;
    if (step.idleUs !== undefined) this.waitIdle(step.idleUs);
    this.listen();
    return false;
  }

  private listen(): void {
    const at = this.rx.nextReadyAt();
    this.timer?.cancel();
    this.timer = undefined;
    if (at === undefined) return;
    this.timer = this.time.schedule(Math.max(0, at - this.time.now()), "busy", () => {
      this.rx.catchUp(this.time.now());
      if (this.rx.unread > 0) this.run();
      else this.listen();
    });
  }

  /** One timer serves many short waits: it looks at the deadline only when it fires. */
  private waitIdle(us: number): void {
    this.idleUntil = this.time.idleNow() + us;
    if (this.idleTimer !== undefined && this.idleTimerAt <= this.idleUntil) return;
    this.idleTimer?.cancel();
    this.idleTimerAt = this.idleUntil;
    this.idleTimer = this.time.schedule(us, "idle", () => {
      this.idleTimer = undefined;
      this.idleFired();
    });
  }

  private idleFired(): void {
    if (this.idleUntil === undefined) return;
    const left = this.idleUntil - this.time.idleNow();
    if (left > 1) {
      this.waitIdle(left);
      return;
    }
    this.rx.catchUp(this.time.now());
    this.run();
  }
}
