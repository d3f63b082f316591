/**
 * The conversation with one chip: one request in flight, bounded retries, resynchronising after a lost reply the way
 * that cannot harm, speed changes, keeping an idle loader awake, and the write guard every erase and write passes.
 * It does not know chips, files or plans, and it never decides what to do about a failure.
 */
import { CancelledError, ProtocolError, isTransmissionError } from "../base/errors";
import { concat } from "../base/bytes";
import { RETRIES, TIMING, throwIfAborted, wireTimeMs } from "../base/timing";
import type { CommandName } from "../chips/types";
import type { Transport } from "../transport/transport";
import { deadlineMs, effectOf, encodeRequest, matchReply, type CommandFields, type CommandValues } from "./commands";
import type { DecoderDiagnosis } from "./decoder";
import { assertCovered, type WriteGrant } from "./guard";
import { LONGEST_REQUEST, Line, type LineDeps } from "./line";
import { addressEchoed, burnsFuse, fillerAfter } from "./misunderstood";

export { START_BAUD } from "./line";

const NEVER = new AbortController().signal;

export interface RequestOptions {
  readonly signal: AbortSignal;
  /** Verb phrase for errors: "read 0x011000". */
  readonly doing: string;
  /** Tries in all; a repeat follows a resynchronisation. Commands that change flash are tried once by the link. */
  readonly attempts?: number;
  /** Shorter than the table's deadline, for questions that silence answers too. */
  readonly timeoutMs?: number;
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
  /** Erases and writes sent, whatever was answered. */
  mutations = 0;
  private readonly line: Line;
  private grant: WriteGrant | undefined;
  /** An erase or write went out and was not answered: the loader may be waiting for the rest of it. */
  private unanswered = false;
  /** What completes half a frame of the last request without harm. */
  private filler: 0x00 | 0xff = 0xff;
  private keeper: AbortController | undefined;

  constructor(
    readonly transport: Transport,
    private readonly deps: LineDeps,
  ) {
    this.line = new Line(transport, deps);
  }

  /** The rate of the host's side. */
  get baudRate(): number {
    return this.line.baudRate;
  }

  /** What went past since {@link forgetEvidence}: for telling silence, noise and echo apart. */
  get evidence(): DecoderDiagnosis {
    return this.line.diagnosis;
  }

  forgetEvidence(): void {
    this.line.clearDiagnosis();
  }

  /** From now on erases and writes inside `grant` may leave; without one, none. */
  allow(grant: WriteGrant | undefined): void {
    this.grant = grant;
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
    return this.conversation(() => this.attempt(name, fields, options));
  }

  private async attempt<N extends CommandName>(
    name: N,
    fields: CommandFields[N],
    options: RequestOptions,
  ): Promise<CommandValues[N]> {
    const attempts = changesFlash(name, fields) ? 1 : (options.attempts ?? RETRIES.request);
    for (let attempt = 1; ; attempt++) {
      throwIfAborted(options.signal, options.doing);
      try {
        return await this.exchange(name, fields, options);
      } catch (error) {
        if (!isTransmissionError(error) || attempt >= attempts) throw error;
        this.deps.log.debug(`${options.doing}: ${error.message}, try ${attempt + 1} of ${attempts}`);
        await this.resynchronise(options.signal);
      }
    }
  }

  /** One frame out, one matching frame back; replies to earlier requests are skipped. */
  private async exchange<N extends CommandName>(
    name: N,
    fields: CommandFields[N],
    options: RequestOptions,
  ): Promise<CommandValues[N]> {
    // With nothing outstanding, whatever came on its own answers nothing that is asked now.
    this.line.forgetReplies();
    await this.dispatch(name, fields, options.signal);
    return await this.awaitReply(name, fields, options, options.timeoutMs ?? deadlineMs(name, fields, this.baudRate));
  }

  /** Puts one frame on the wire, if the guard lets it. */
  private async dispatch<N extends CommandName>(name: N, fields: CommandFields[N], signal: AbortSignal): Promise<void> {
    assertCovered(this.grant, name, fields);
    const frame = encodeRequest(name, fields);
    const changes = changesFlash(name, fields);
    // Protection bits are not content: lifting them leaves the flash untouched.
    if (changes && effectOf(name, fields).kind !== "status") this.mutations++;
    // A frame that changes flash is never left half sent: the loader would wait for the rest of it.
    if (changes) this.unanswered = true;
    // Link checks look for the frame boundary after a request; the half frame is still that of the request.
    if (name !== "linkCheck") this.filler = fillerAfter(name);
    await this.line.send(frame, changes ? NEVER : signal);
  }

  /**
   * One conversation, begun at a frame boundary of the loader's: whatever is sent after an unanswered erase or write, be it
   * a link check or a change of speed, could become the address of it. So filler that can only be refused goes first.
   */
  private conversation<T>(work: () => Promise<T>): Promise<T> {
    return this.line.exclusive(async () => {
      await this.completeUnanswered();
      return await work();
    });
  }

  private async completeUnanswered(): Promise<void> {
    if (!this.unanswered) return;
    await this.line.send(new Uint8Array(LONGEST_REQUEST).fill(this.filler), NEVER);
    this.unanswered = false;
    await this.line.drain(TIMING.quietMs + wireTimeMs(LONGEST_REQUEST, this.baudRate), NEVER);
  }

  private async awaitReply<N extends CommandName>(
    name: N,
    fields: CommandFields[N],
    options: RequestOptions,
    timeoutMs: number,
  ): Promise<CommandValues[N]> {
    const signal = changesFlash(name, fields) ? NEVER : options.signal;
    const until = this.deps.clock.now() + timeoutMs;
    let skipped: string | undefined;
    for (;;) {
      for (let reply = await this.line.nextReply(until, signal); reply; reply = this.line.waitingReply()) {
        const match = matchReply(name, fields, reply);
        if (match.kind === "other") {
          skipped = `reply to command ${reply.code.toString(16).padStart(2, "0")}`;
          continue;
        }
        this.unanswered = false;
        if (match.kind === "match") return match.value;
        const { code, reason, status, echoed } = match.failure;
        if (echoed && burnsFuse(name, echoed))
          throw new ProtocolError("stray-write", options.doing, { detail: `${reason}: a fuse may have been burned` });
        const elsewhere = echoed && addressEchoed(name, echoed);
        throw new ProtocolError(code, options.doing, {
          detail: reason,
          ...(status !== undefined && { status }),
          ...(elsewhere !== undefined && { elsewhere }),
        });
      }
      if (this.deps.clock.now() >= until) {
        const { pendingBytes } = this.line.diagnosis;
        throw new ProtocolError("reply-timeout", options.doing, {
          bytesSeen: pendingBytes,
          detail:
            pendingBytes > 0
              ? `the reply stopped after ${pendingBytes} bytes`
              : skipped !== undefined
                ? `only a ${skipped} came`
                : `no reply within ${Math.round(timeoutMs)} ms`,
        });
      }
    }
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
    options: Omit<RequestOptions, "attempts"> & { readonly window: number },
  ): AsyncGenerator<CommandValues[N], void, void> {
    const release = await this.line.takeTurn();
    let sent = 0;
    let answered = 0;
    try {
      await this.completeUnanswered();
      this.line.forgetReplies();
      for (let count = list.length; answered < count;) {
        // What is out already is waited for: after an abort the caller must know what the flash went through.
        if (options.signal.aborted) count = sent;
        for (; sent < count && sent - answered < options.window; sent++) {
          await this.dispatch(name, list[sent] as CommandFields[N], options.signal);
        }
        if (answered === count) break;
        const fields = list[answered] as CommandFields[N];
        // What is ahead of this reply in the queue has been answered; what is behind it only shares the wire.
        const waitMs =
          deadlineMs(name, fields, this.baudRate) + (sent - answered - 1) * wireTimeMs(LONGEST_REQUEST, this.baudRate);
        const value = await this.awaitReply(name, fields, options, waitMs);
        answered++;
        yield value;
      }
      throwIfAborted(options.signal, options.doing);
    } finally {
      try {
        if (sent > answered) await this.line.drain(TIMING.quietMs, NEVER);
      } finally {
        release();
      }
    }
  }

  /** Several link checks at once, then a listen of about their time on the wire. True when one was answered. */
  probe(frames: number, signal: AbortSignal): Promise<boolean> {
    return this.conversation(async () => {
      const check = encodeRequest("linkCheck", {});
      await this.line.send(concat(...Array.from({ length: frames }, () => check)), signal);
      const until = this.deps.clock.now() + wireTimeMs(frames * check.length, this.baudRate);
      do {
        const reply = await this.line.nextReply(until, signal);
        if (reply && matchReply("linkCheck", {}, reply).kind === "match") return true;
      } while (this.deps.clock.now() < until);
      return false;
    });
  }

  /** After the first answer: lets late answers of earlier probes in and forgets them. */
  settle(signal: AbortSignal): Promise<void> {
    return this.line.exclusive(() => this.line.drain(TIMING.linkSettleMs, signal));
  }

  /** One link check to a chip that should be linked. */
  async isLinked(signal: AbortSignal): Promise<boolean> {
    return this.conversation(() => this.check(signal));
  }

  private async check(signal: AbortSignal): Promise<boolean> {
    try {
      await this.exchange("linkCheck", {}, { signal, doing: "check the link", timeoutMs: TIMING.linkCheckMs });
      return true;
    } catch (error) {
      if (isTransmissionError(error)) return false;
      throw error;
    }
  }

  /**
   * Brings the loader's parser and ours back to a frame boundary without being able to harm: filler completes
   * whatever half frame the loader waits for ({@link fillerAfter}), then link checks.
   * Link checks alone could become the address of a half-received erase (docs/protocol.md, "Resynchronising").
   * @throws ProtocolError `reply-timeout` when the chip stays silent
   */
  private async resynchronise(signal: AbortSignal): Promise<void> {
    await this.line.drain(TIMING.quietMs, signal);
    if (await this.fillAndCheck(64, signal)) return;
    if (await this.fillAndCheck(LONGEST_REQUEST, signal)) return;
    throw new ProtocolError("reply-timeout", "find the link again", {
      detail: "the chip no longer answers link checks",
    });
  }

  private async fillAndCheck(length: number, signal: AbortSignal): Promise<boolean> {
    await this.line.send(new Uint8Array(length).fill(this.filler), NEVER);
    this.unanswered &&= length < LONGEST_REQUEST;
    await this.line.drain(TIMING.quietMs + wireTimeMs(length, this.baudRate), signal);
    for (let tries = 0; tries < RETRIES.request; tries++) {
      if (!(await this.check(signal))) continue;
      this.unanswered = false;
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
      const before = this.baudRate;
      const { hostBaud } = to;
      const fields = { baud: to.request, delay: TIMING.baudDelayTicks, tickMs: to.tickMs };
      const frame = encodeRequest("setBaudRate", fields);
      throwIfAborted(signal, `change to ${hostBaud} baud`);
      await this.line.send(frame, NEVER);
      await this.deps.clock.sleep(wireTimeMs(frame.length, before), NEVER);
      await this.line.setBaudRate(hostBaud);
      const until = this.deps.clock.now() + TIMING.baudReplyMs;
      let answered = false;
      while (!answered && this.deps.clock.now() < until) {
        const reply = await this.line.nextReply(until, signal);
        answered = reply !== undefined && matchReply("setBaudRate", fields, reply).kind === "match";
      }
      if ((await this.check(signal)) && (await this.check(signal))) return true;
      await this.line.setBaudRate(before);
      await this.line.drain(TIMING.quietMs, signal);
      if ((await this.check(signal)) || (await this.check(signal))) return false;
      throw new ProtocolError("baud-change-failed", `change to ${hostBaud} baud`, {
        expected: `an answer at ${hostBaud} or ${before} baud`,
        actual: answered ? "one answer, then silence" : "silence",
      });
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

  /** Sends a link check whenever nothing else was sent for a while, until {@link letSleep}. */
  keepAwake(): void {
    if (this.keeper) return;
    const keeper = new AbortController();
    this.keeper = keeper;
    void this.keepAwakeUntil(keeper.signal);
  }

  letSleep(): void {
    this.keeper?.abort();
    this.keeper = undefined;
  }

  private async keepAwakeUntil(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.deps.clock.sleep(TIMING.keepAliveEveryMs / 2, signal);
        await this.conversation(async () => {
          if (!signal.aborted && this.deps.clock.now() - this.line.lastTraffic >= TIMING.keepAliveEveryMs)
            await this.check(NEVER);
        });
      } catch (error) {
        // The next request meets the same failure and reports it; here it only ends the keeping.
        if (!(error instanceof CancelledError)) this.deps.log.debug(`keep-alive ended: ${String(error)}`);
        return;
      }
    }
  }

  /** Lets the chip finish something it answers before it is done. */
  pause(ms: number, signal: AbortSignal): Promise<void> {
    return this.conversation(() => this.deps.clock.sleep(ms, signal));
  }
}

/** After such a frame flash or its protection may be different, whatever is answered. */
function changesFlash<N extends CommandName>(name: N, fields: CommandFields[N]): boolean {
  return effectOf(name, fields).kind !== "none";
}
