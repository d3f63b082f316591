/**
 * The line under a link: bytes out and in with a trace, reply frames in the order they came, one conversation at a time.
 * It knows no commands; what a frame means is the link's business.
 */
import type { CoreLog } from "../../base/coreLog";
import { TIMING, wireTimeMs, type Clock } from "../../base/timing";
import type { Transport } from "../../transport/transport";
import { ReplyDecoder, type DecoderDiagnosis } from "./decoder";
import type { ReplyFrame } from "./frames";
import { Patience } from "./patience";

/** Every loader and ROM starts at this rate, 8N1. */
export const START_BAUD = 115_200;

/** Longest frame a loader can be waiting for the rest of: a 4 KiB write with its head. */
export const LONGEST_REQUEST = 4_109;

export interface LineDeps {
  readonly clock: Clock;
  readonly log: CoreLog;
}

/** Told what crosses the line. */
export interface LineObserver {
  /** Bytes are waited for from now on; what came earlier and was read in time was told. @param at ms of the clock, in all calls */
  looking(at: number): void;
  sent(at: number): void;
  heard(bytes: Uint8Array, baudRate: number, at: number): void;
}

export class Line {
  observer: LineObserver | undefined;
  /** For what must not be cut off. Each line has its own: one for all would gather a listener of every line that waits. */
  readonly unstoppable: AbortSignal = new AbortController().signal;
  /** The rate of the host's side; START_BAUD until changed. */
  baudRate = START_BAUD;
  /** Bytes that came from the chip, whatever they were. */
  received = 0;
  /** When a byte last went either way, in the clock's ms. */
  lastTraffic = 0;
  /** What a network between adds to every wait. */
  readonly patience: Patience;
  /** What completes half a frame of the last request without harm. */
  filler = 0xff;
  private lastSent = -Infinity;
  private readonly decoder = new ReplyDecoder();
  /** Replies that came together with one that was waited for. */
  private readonly arrived: ReplyFrame[] = [];
  private queue: Promise<void> = Promise.resolve();
  private readonly opened: number;

  constructor(
    readonly transport: Transport,
    private readonly deps: LineDeps,
  ) {
    this.opened = deps.clock.now();
    this.patience = new Patience(transport);
  }

  get diagnosis(): DecoderDiagnosis {
    return this.decoder.diagnosis;
  }

  clearDiagnosis(): void {
    this.forgetInput();
    this.decoder.clearDiagnosis();
  }

  async send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    this.trace("tx", bytes);
    await this.transport.write(bytes, signal);
    this.lastTraffic = this.lastSent = this.deps.clock.now();
    this.observer?.sent(this.lastTraffic);
  }

  /**
   * The oldest reply not looked at yet; waits for bytes at most until `until`, undefined when they made no reply.
   * @param isLinked as of {@link read}
   */
  async nextReply(until: number, signal: AbortSignal, isLinked = false): Promise<ReplyFrame | undefined> {
    return this.arrived.shift() ?? (await this.receive(until, signal, isLinked));
  }

  /**
   * Bytes that come before `until`; none where none do.
   * @param isLinked a chip is: while a network lets it wait for the next request, a byte now and then keeps it from leaving
   */
  private async read(until: number, signal: AbortSignal, isLinked: boolean): Promise<Uint8Array> {
    const { clock } = this.deps;
    for (;;) {
      const left = Math.max(0, until - clock.now());
      const keeps = isLinked && this.patience.ms > TIMING.keepAliveEveryMs;
      const most = keeps ? TIMING.keepAliveEveryMs : this.observer ? TIMING.observedEveryMs : Infinity;
      this.observer?.looking(clock.now());
      const bytes = await this.transport.read(Math.min(left, most), signal);
      if (bytes.length > 0 || left <= most) return bytes;
      if (keeps) await this.transport.write(Uint8Array.of(this.filler), signal);
    }
  }

  /** A reply that is here already. */
  waitingReply(): ReplyFrame | undefined {
    return this.arrived.shift();
  }

  private async receive(until: number, signal: AbortSignal, isLinked: boolean): Promise<ReplyFrame | undefined> {
    const bytes = await this.read(until, signal, isLinked);
    if (bytes.length === 0) return undefined;
    this.trace("rx", bytes);
    this.received += bytes.length;
    this.lastTraffic = this.deps.clock.now();
    this.observer?.heard(bytes, this.baudRate, this.lastTraffic);
    this.arrived.push(...this.decoder.push(bytes));
    return this.arrived.shift();
  }

  /** Reads until nothing has come for `quietMs`, answers that a network may have on their way included, and forgets it all. */
  async drain(quietMs: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.deps;
    const answeredBy = this.lastSent + this.patience.onTheWayMs;
    const deadline =
      Math.max(clock.now(), answeredBy) + quietMs + wireTimeMs(2 * LONGEST_REQUEST, this.baudRate) + TIMING.drainMostMs;
    for (;;) {
      const bytes = await this.read(Math.max(clock.now(), answeredBy) + quietMs, signal, true);
      if (bytes.length === 0) break;
      this.trace("rx", bytes);
      this.decoder.push(bytes);
      // Running firmware can talk without end; what it says must not hold us.
      if (clock.now() > deadline) break;
    }
    this.forgetInput();
  }

  /** Replies that came on their own, and half a frame: they answer nothing that will be asked. */
  forgetInput(): void {
    this.decoder.reset();
    this.forgetReplies();
  }

  forgetReplies(): void {
    this.arrived.length = 0;
  }

  /** Changes the host's side. */
  async setBaudRate(baud: number): Promise<void> {
    await this.transport.setBaudRate(baud);
    this.baudRate = baud;
    this.forgetInput();
  }

  /** One exchange at a time: a caller waits until all earlier ones have their answers. */
  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    const release = await this.takeTurn();
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** Resolves when everyone before has finished; the caller must call what it gets. */
  async takeTurn(): Promise<() => void> {
    const before = this.queue;
    let release = (): void => undefined;
    this.queue = new Promise<void>((resolve) => {
      release = resolve;
    });
    await before;
    return release;
  }

  private trace(direction: "tx" | "rx", bytes: Uint8Array): void {
    this.deps.log.trace(direction, bytes, this.deps.clock.now() - this.opened);
  }
}
