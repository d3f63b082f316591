/**
 * The simulated chip's time, in microseconds: a queue of events and three ways to get through it. Work (bytes on the
 * wire, flash operations) is "busy" time; waiting for the host or a person (link window, idle reboot, power cycle) is "idle" time.
 * Knows nothing of what the events do.
 */

/** `loose` is busy time that need not be exact to a tenth of a millisecond. */
export type EventKind = "busy" | "loose" | "idle";

export interface SimTimer {
  cancel(): void;
}

export interface SimTime {
  /** Microseconds since the chip was made. Inside an event: exactly when it was due. */
  now(): number;
  /** The clock that idle events go by, in microseconds; differs from `now` only where work takes no time. */
  idleNow(): number;
  schedule(delayUs: number, kind: EventKind, run: () => void): SimTimer;
  /** Called before anything from outside reaches the chip: what was due by now happens first. */
  enter(): void;
  /** How many microseconds of transmitted bytes are handed to the host's line at once. */
  readonly txSliceUs: number;
  /** Shortest link window and idle wait worth having, in microseconds: longer where a busy host has no chance otherwise. */
  readonly shortestIdleUs: number;
  dispose(): void;
}

interface Event extends SimTimer {
  readonly at: number;
  readonly kind: EventKind;
  readonly run: () => void;
  live: boolean;
}

/** Events in order of due time, first come first served. Few at a time, so a sorted array does. */
class EventQueue {
  private readonly events: Event[] = [];

  add(at: number, kind: EventKind, run: () => void): Event {
    const event: Event = {
      at,
      kind,
      run,
      live: true,
      cancel: () => {
        if (!event.live) return;
        event.live = false;
        const index = this.events.indexOf(event);
        if (index >= 0) this.events.splice(index, 1);
      },
    };
    let index = this.events.length;
    while (index > 0 && (this.events[index - 1] as Event).at > at) index--;
    this.events.splice(index, 0, event);
    return event;
  }

  first(): Event | undefined {
    return this.events[0];
  }

  /** When the next event of busy time is due; Infinity when there is none. */
  nextBusyAt(): number {
    return this.events.find(({ kind }) => kind === "busy")?.at ?? Infinity;
  }

  /** Takes the first event out if it is due. */
  take(until: number): Event | undefined {
    const event = this.events[0];
    if (event === undefined || event.at > until) return undefined;
    this.events.shift();
    event.live = false;
    return event;
  }

  clear(): void {
    for (const event of this.events) event.live = false;
    this.events.length = 0;
  }
}

function wallUs(): number {
  return performance.now() * 1000;
}

/** Timers count whole milliseconds and may be one late: what is due sooner than this is waited for by sleeping. */
const SLEEP_BELOW_US = 2_000;
/** Longest sleep at once: the host's bytes wait meanwhile. */
const LONGEST_SLEEP_US = 500;
/** A sleep ends about this much too late, so it begins that much too early and the rest is waited out awake. */
const SLEEP_LATE_US = 100;

/** Pace "real": the chip's time is the wall's. */
export class RealTime implements SimTime {
  readonly txSliceUs = 2_000;
  readonly shortestIdleUs = 0;
  private readonly started = wallUs();
  private readonly queue = new EventQueue();
  private readonly sleeper: Int32Array | undefined;
  private current: number | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private timerAt = Infinity;
  private turn: ReturnType<typeof setImmediate> | undefined;
  private disposed = false;

  /**
   * @param exact busy events happen when they are due and not up to 2 ms later, which puts this thread to sleep for up to
   *   half a millisecond at a time: for processes that do nothing else
   */
  constructor(exact = false) {
    this.sleeper = exact ? new Int32Array(new SharedArrayBuffer(4)) : undefined;
  }

  now(): number {
    return this.current ?? wallUs() - this.started;
  }

  idleNow(): number {
    return this.now();
  }

  schedule(delayUs: number, kind: EventKind, run: () => void): SimTimer {
    if (this.disposed) return { cancel: () => undefined };
    const event = this.queue.add(this.now() + delayUs, kind, run);
    if (this.current === undefined) this.arm();
    return event;
  }

  enter(): void {
    if (this.current !== undefined) return;
    for (;;) {
      const event = this.queue.take(wallUs() - this.started);
      if (event === undefined) break;
      this.current = event.at;
      try {
        event.run();
      } finally {
        this.current = undefined;
      }
    }
    this.arm();
  }

  dispose(): void {
    this.disposed = true;
    this.queue.clear();
    clearTimeout(this.timer);
    this.timer = undefined;
    clearImmediate(this.turn);
    this.turn = undefined;
  }

  private arm(): void {
    const next = this.queue.first();
    if (next === undefined || this.disposed || this.turn !== undefined) return;
    let wakeAt = next.at;
    if (this.sleeper !== undefined) {
      const busyAt = this.queue.nextBusyAt();
      if (busyAt - this.now() < SLEEP_BELOW_US) {
        this.turn = setImmediate(() => {
          this.turn = undefined;
          this.sleep(this.queue.nextBusyAt());
          this.enter();
        });
        return;
      }
      wakeAt = Math.min(wakeAt, busyAt - SLEEP_BELOW_US);
    }
    if (this.timer !== undefined && this.timerAt <= wakeAt) return;
    clearTimeout(this.timer);
    this.timerAt = wakeAt;
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        this.enter();
      },
      Math.max(0, (wakeAt - this.now()) / 1000),
    );
  }

  /** Until `at`, or for as long as the host may be kept waiting. */
  private sleep(at: number): void {
    const us = Math.min(at - this.now(), LONGEST_SLEEP_US);
    if (this.sleeper === undefined || us <= 0) return;
    const until = this.now() + us;
    if (us > SLEEP_LATE_US) Atomics.wait(this.sleeper, 0, 0, (us - SLEEP_LATE_US) / 1000);
    while (this.now() < until);
  }
}

/** Pace "none": busy time is jumped over as soon as there is work; idle events keep to the wall clock. */
export class InstantClock implements SimTime {
  readonly txSliceUs = Infinity;
  /** A host program is scheduled in slices of milliseconds, more on a loaded machine; chip windows are shorter. */
  readonly shortestIdleUs = 50_000;
  private readonly queue = new EventQueue();
  private readonly idle = new Set<ReturnType<typeof setTimeout>>();
  private virtual = 0;
  private pumping = false;
  private disposed = false;

  now(): number {
    return this.virtual;
  }

  idleNow(): number {
    return wallUs();
  }

  schedule(delayUs: number, kind: EventKind, run: () => void): SimTimer {
    if (this.disposed) return { cancel: () => undefined };
    if (kind !== "idle") {
      const event = this.queue.add(this.virtual + delayUs, kind, run);
      this.wake();
      return event;
    }
    const timer = setTimeout(
      () => {
        this.idle.delete(timer);
        this.virtual += delayUs;
        run();
      },
      Math.ceil(delayUs / 1000),
    );
    this.idle.add(timer);
    return {
      cancel: () => {
        clearTimeout(timer);
        this.idle.delete(timer);
      },
    };
  }

  enter(): void {
    // Pending work runs in its own turn; bytes that come before it are simply part of the same moment.
  }

  dispose(): void {
    this.disposed = true;
    this.queue.clear();
    for (const timer of this.idle) clearTimeout(timer);
    this.idle.clear();
  }

  private wake(): void {
    if (this.pumping) return;
    this.pumping = true;
    queueMicrotask(() => {
      try {
        for (let event = this.queue.take(Infinity); event !== undefined; event = this.queue.take(Infinity)) {
          this.virtual = Math.max(this.virtual, event.at);
          event.run();
        }
      } finally {
        this.pumping = false;
      }
    });
  }
}

/** Time that passes only when told to: fully deterministic, for tests. */
export class ManualTime implements SimTime {
  readonly txSliceUs = Infinity;
  readonly shortestIdleUs = 0;
  private readonly queue = new EventQueue();
  private virtual = 0;

  now(): number {
    return this.virtual;
  }

  idleNow(): number {
    return this.virtual;
  }

  schedule(delayUs: number, kind: EventKind, run: () => void): SimTimer {
    return this.queue.add(this.virtual + delayUs, kind, run);
  }

  enter(): void {
    // Nothing is ever late here.
  }

  /** Lets `us` microseconds pass. */
  advance(us: number): void {
    const until = this.virtual + us;
    for (let event = this.queue.take(until); event !== undefined; event = this.queue.take(until)) {
      this.virtual = event.at;
      event.run();
    }
    this.virtual = until;
  }

  dispose(): void {
    this.queue.clear();
  }
}
