/**
 * The conversation with one chip: one request in flight, bounded retries, resynchronising after a lost reply the way
 * that cannot harm, speed changes, keeping an idle loader awake, and the write guard every erase and write passes.
 * It does not know chips, files or plans, and it never decides what to do about a failure.
 */
import { ProtocolError, isTransientStatus, isTransmissionError } from "../../base/errors";
import { concat } from "../../base/bytes";
import { RETRIES, TIMING, throwIfAborted, wireTimeMs } from "../../base/timing";
import { english, words } from "../../base/words";
import type { CommandName } from "../chips/types";
import type { Transport } from "../../transport/transport";
import { encodeRequest, matchReply, type CommandFields, type CommandValues } from "./commandTable";
import type { DecoderDiagnosis } from "./decoder";
import type { ReplyFrame } from "./frames";
import { RequestEngine, changesFlash, type RequestEngineOptions, type QueueOptions } from "./requestEngine";
import type { WriteGrant } from "./writeGuard";
import { KeepAlive } from "./keepAlive";
import { LONGEST_REQUEST, Line, START_BAUD, type LineDeps, type LineObserver } from "./line";

export { START_BAUD } from "./line";

const REBOOTS = 3;
const LINK_CHECK = encodeRequest("linkCheck", {});
/** Flash loaders answer the first and pass over the second; boot ROMs are known to answer the second. */
const LOADER_CHECK = concat(encodeRequest("linkCheck", { padded: true }), encodeRequest("stayRom", {}));

function answersCheck(reply: ReplyFrame): boolean {
  return matchReply("linkCheck", {}, reply).kind === "match" || matchReply("stayRom", {}, reply).kind === "match";
}

export interface RequestOptions extends RequestEngineOptions {
  /** Tries in all; a repeat follows a resynchronisation. Commands that change flash are tried once by the link. */
  readonly attempts?: number;
}

export interface BaudChange {
  /** The value sent: chips divide their own way, so it may differ from the host's rate. */
  readonly request: number;
  /** Rate of the host's side, close to what the chip really makes of the request. */
  readonly hostBaud: number;
  /** Length of one tick of the delay the chip waits before it answers. */
  readonly tickMs: number;
}

export class BootLink {
  private readonly line: Line;
  private readonly engine: RequestEngine;
  private readonly idleKeepAlive: KeepAlive;
  private possibleRates: readonly number[] = [];

  constructor(
    readonly transport: Transport,
    private readonly deps: LineDeps,
  ) {
    this.line = new Line(transport, deps);
    this.engine = new RequestEngine(this.line, deps);
    this.idleKeepAlive = new KeepAlive({ ...deps, say: (quietMs, signal) => this.sayHello(quietMs, signal) });
  }

  /** Erases and writes sent, whatever was answered. */
  get mutations(): number {
    return this.engine.mutations;
  }

  /** Bytes that came from the chip, and answers that did not or were damaged; since the line was opened. */
  get traffic(): { readonly received: number; readonly lost: number } {
    return { received: this.line.received, lost: this.engine.lost };
  }

  /** What completes half a frame of the last request without harm. */
  get filler(): number {
    return this.line.filler;
  }

  /** Rates of the host's side at which the chip may be, should it be silent for a while and not have been reset. */
  get chipMayBeAt(): readonly number[] {
    return this.possibleRates;
  }

  /** The rate of the host's side. */
  get baudRate(): number {
    return this.line.baudRate;
  }

  /** What a network between may add to the time that an answer takes, in ms. */
  get patienceMs(): number {
    return this.line.patience.ms;
  }

  /**
   * Link checks flow as fast as this. A network may be slower than the port behind it: what it is given faster waits in it, and
   * what comes behind waits with it.
   */
  get floodBaud(): number {
    return this.transport.roundTripMs === undefined ? this.baudRate : Math.min(this.baudRate, START_BAUD);
  }

  /** What went past since {@link forgetEvidence}: for telling silence, noise and echo apart. */
  get evidence(): DecoderDiagnosis {
    return this.line.diagnosis;
  }

  forgetEvidence(): void {
    this.line.clearDiagnosis();
  }

  /** From now on; undefined: nobody any more. */
  observe(observer: LineObserver | undefined): void {
    this.line.observer = observer;
  }

  /** From now on erases and writes inside `grant` may leave; without one, none. */
  allow(grant: WriteGrant | undefined): void {
    this.engine.grant = grant;
  }

  /**
   * Sends one request and returns the checked reply.
   * @throws ProtocolError `reply-timeout`, `reply-invalid` after the last attempt, `chip-status`, `command-unsupported`,
   *   `frame-refused` before anything is sent
   * @throws TransportError `port-lost`
   * @throws CancelledError before the request, or while waiting for a reply that changes nothing
   */
  request<N extends CommandName>(
    name: N,
    fields: CommandFields[N],
    options: RequestOptions,
  ): Promise<CommandValues[N]> {
    const attempts = changesFlash(name, fields) ? 1 : options.attempts;
    return this.conversation(() =>
      this.attempt({ ...options, ...(attempts !== undefined && { attempts }) }, () =>
        this.engine.one(name, fields, options),
      ),
    );
  }

  /**
   * A question that some chips pass over in silence. A link check right behind it is answered by all of them and in order, so
   * that no time is spent on an answer that does not come.
   * @returns undefined when the chip passed the question over
   * @throws as {@link request}
   */
  ask<N extends CommandName>(
    name: N,
    fields: CommandFields[N],
    options: RequestOptions,
  ): Promise<CommandValues[N] | undefined> {
    return this.conversation(() => this.attempt(options, () => this.engine.fenced(name, fields, options)));
  }

  private async attempt<T>(options: RequestOptions, exchange: () => Promise<T>): Promise<T> {
    const attempts = options.attempts ?? RETRIES.request;
    let hesitated = false;
    for (let attempt = 1; ; attempt++) {
      throwIfAborted(options.signal, options.doing);
      try {
        return await exchange();
      } catch (error) {
        if (isTransientStatus(error) && attempts > 1) {
          if (hesitated) throw new ProtocolError(error.code, error.doing, { ...error.context, attempts: 2 });
          hesitated = true;
          this.deps.log.debug(`${english(options.doing)}: ${error.message}, once more`);
          await this.deps.clock.sleep(TIMING.busyPauseMs, options.signal);
          continue;
        }
        if (!isTransmissionError(error) || attempt >= attempts) throw error;
        this.deps.log.debug(`${english(options.doing)}: ${error.message}, try ${attempt + 1} of ${attempts}`);
        await this.resynchronise(options.signal);
      }
    }
  }

  /** One conversation, begun at a frame boundary of the loader's. */
  private conversation<T>(work: () => Promise<T>): Promise<T> {
    return this.line.exclusive(async () => {
      await this.engine.completeUnanswered();
      return await work();
    });
  }

  /**
   * Requests of one kind with up to `window` of them out at once, answered in order; yields each reply as it comes.
   * The first reply that is lost or wrong ends it: how many came before is what the caller counted.
   * Abandoning it waits for the answers still under way. For commands that a loader is known to queue.
   * @throws as {@link request}, without repeats
   */
  async *requestMany<N extends CommandName>(
    name: N,
    list: readonly CommandFields[N][],
    options: QueueOptions,
  ): AsyncGenerator<CommandValues[N], void, void> {
    const release = await this.line.takeTurn();
    try {
      await this.engine.completeUnanswered();
      yield* this.engine.many(name, list, options);
    } finally {
      release();
    }
  }

  /** Several link checks at once, then a listen of about their time on the wire. True when one was answered. */
  probe(frames: number, signal: AbortSignal): Promise<boolean> {
    return this.conversation(() => this.flood(LINK_CHECK, frames, signal));
  }

  /** As {@link probe}, with what loaders and boot ROMs answer and an application that waits for link checks passes over. */
  probeLoader(frames: number, signal: AbortSignal): Promise<boolean> {
    return this.conversation(() => this.flood(LOADER_CHECK, frames, signal));
  }

  private async flood(check: Uint8Array, frames: number, signal: AbortSignal): Promise<boolean> {
    await this.engine.settle();
    await this.line.send(concat(...Array.from({ length: frames }, () => check)), signal);
    return this.hear(wireTimeMs(frames * check.length, this.floodBaud), signal);
  }

  /** True when a link check is answered within `ms`, and what a network may add. */
  listen(ms: number, signal: AbortSignal): Promise<boolean> {
    return this.conversation(() => this.hear(ms + this.patienceMs, signal));
  }

  /** What a network has on its way is waited for. @returns whether an answer to a link check was among it */
  answersLate(signal: AbortSignal): Promise<boolean> {
    return this.patienceMs === 0 ? Promise.resolve(false) : this.listen(0, signal);
  }

  private async hear(ms: number, signal: AbortSignal): Promise<boolean> {
    const until = this.deps.clock.now() + ms;
    do {
      const reply = await this.line.nextReply(until, signal);
      if (reply && answersCheck(reply)) {
        this.possibleRates = [this.baudRate];
        return true;
      }
    } while (this.deps.clock.now() < until);
    return false;
  }

  /** What came and was not read answers nothing that will be asked. */
  discardInput(): Promise<void> {
    return this.conversation(async () => {
      await this.transport.discardInput();
      this.line.forgetInput();
    });
  }

  /** After the first answer: lets late answers of earlier probes in and forgets them. */
  settle(signal: AbortSignal): Promise<void> {
    return this.line.exclusive(() => this.line.drain(TIMING.linkSettleMs, signal));
  }

  /** One link check to a chip that should be linked. */
  async isLinked(signal: AbortSignal): Promise<boolean> {
    return this.conversation(() => this.engine.check(signal));
  }

  /**
   * Brings the loader's parser and ours back to a frame boundary without being able to harm: filler completes
   * whatever half frame the loader waits for ({@link Line.filler}), then link checks.
   * Link checks alone could become the address of a half-received erase (docs/protocol.md, "Resynchronising").
   * @throws ProtocolError `reply-timeout` when the chip stays silent
   */
  private async resynchronise(signal: AbortSignal): Promise<void> {
    this.line.patience.missed();
    await this.line.drain(TIMING.quietMs, signal);
    if (await this.fillAndCheck(64, signal)) return;
    if (await this.fillAndCheck(LONGEST_REQUEST, signal)) return;
    throw new ProtocolError("reply-timeout", words`find the link again`, {
      detail: words`the chip no longer answers link checks`,
    });
  }

  private async fillAndCheck(length: number, signal: AbortSignal): Promise<boolean> {
    await this.line.send(new Uint8Array(length).fill(this.line.filler), this.line.unstoppable);
    this.engine.unanswered &&= length < LONGEST_REQUEST;
    await this.line.drain(TIMING.quietMs + wireTimeMs(length, this.baudRate), signal);
    for (let tries = 0; tries < RETRIES.request; tries++) {
      if (!(await this.engine.check(signal))) continue;
      this.engine.unanswered = false;
      return true;
    }
    return false;
  }

  /** Brings the line back after a failed erase or write, whose repeat only the caller can decide. */
  recover(signal: AbortSignal): Promise<void> {
    return this.line.exclusive(() => this.resynchronise(signal));
  }

  /**
   * Asks the chip for `request` baud and follows with the host's side. Once the chip was asked, the host follows even
   * when the caller gives up: ends at two rates would have to be looked for.
   * @returns false when the chip is still at the old rate
   * @throws ProtocolError `baud-change-failed` when it answers at neither rate
   */
  changeBaud(to: BaudChange, signal: AbortSignal): Promise<boolean> {
    return this.conversation(async () => {
      await this.engine.settle();
      const before = this.baudRate;
      const { hostBaud } = to;
      const fields = { baud: to.request, delay: Math.ceil(TIMING.baudDelayMs / to.tickMs), tickMs: to.tickMs };
      const frame = encodeRequest("setBaudRate", fields);
      throwIfAborted(signal, words`change to ${hostBaud} baud`);
      this.possibleRates = [hostBaud, before];
      await this.line.send(frame, this.line.unstoppable);
      await this.deps.clock.sleep(wireTimeMs(frame.length, before), this.line.unstoppable);
      await this.line.setBaudRate(hostBaud);
      const until = this.deps.clock.now() + TIMING.baudReplyMs + this.patienceMs;
      let answered = false;
      while (!answered && this.deps.clock.now() < until) {
        const reply = await this.line.nextReply(until, signal);
        answered = reply !== undefined && matchReply("setBaudRate", fields, reply).kind === "match";
      }
      const again = (): Promise<boolean> => (answered ? Promise.resolve(true) : this.engine.check(signal));
      if ((await this.engine.check(signal, answered)) && (await again())) {
        this.possibleRates = [hostBaud];
        return true;
      }
      await this.line.setBaudRate(before);
      await this.line.drain(TIMING.quietMs, signal);
      if ((await this.engine.check(signal)) || (await this.engine.check(signal))) {
        this.possibleRates = [before];
        return false;
      }
      throw new ProtocolError("baud-change-failed", words`change to ${hostBaud} baud`, {
        expected: words`an answer at ${hostBaud} or ${before} baud`,
        actual: answered ? words`one answer, then silence` : words`silence`,
      });
    });
  }

  /**
   * Whether the host's side can be at this rate: it goes there and back, with the chip asked nothing meanwhile.
   * @throws TransportError `baud-change-failed` when the adapter's driver refuses
   */
  tryHostBaud(baud: number): Promise<void> {
    return this.conversation(async () => {
      await this.engine.settle();
      const before = this.baudRate;
      await this.line.setBaudRate(baud);
      await this.line.setBaudRate(before);
    });
  }

  /** Changes the host's side alone, for looking for a chip that was left at another rate. */
  setHostBaud(baud: number): Promise<void> {
    return this.conversation(() => this.line.setBaudRate(baud));
  }

  /** Bytes that are not a request: text for running firmware. Nothing is expected back. */
  sendRaw(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.conversation(() => this.line.send(bytes, signal));
  }

  /** Sends a command no loader answers (reboot). */
  tell<N extends "reboot" | "resetRom">(name: N, fields: CommandFields[N], signal: AbortSignal): Promise<void> {
    return this.conversation(() => this.line.send(encodeRequest(name, fields), signal));
  }

  /** Nothing answers a reboot, so it is sent more than once; a chip that has gone already does not hear the rest. */
  async reboot(signal: AbortSignal): Promise<void> {
    for (let i = 0; i < REBOOTS; i++) {
      await this.tell("reboot", {}, signal);
      await this.deps.clock.sleep(TIMING.rebootRepeatMs, signal);
    }
  }

  /** Sends a link check whenever nothing else was sent for a while, until {@link letSleep}. */
  keepAwake(): void {
    this.idleKeepAlive.keepAwake();
  }

  letSleep(): void {
    this.idleKeepAlive.letSleep();
  }

  private async sayHello(quietMs: number, signal: AbortSignal): Promise<void> {
    await this.conversation(async () => {
      if (!signal.aborted && this.deps.clock.now() - this.line.lastTraffic >= quietMs)
        await this.engine.check(this.line.unstoppable);
    });
  }

  /** Lets the chip finish something it answers before it is done. */
  pause(ms: number, signal: AbortSignal): Promise<void> {
    return this.conversation(() => this.deps.clock.sleep(ms, signal));
  }
}
