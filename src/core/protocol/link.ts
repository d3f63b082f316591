/**
 * The conversation with one chip: one request in flight, bounded retries, resynchronising after a lost reply the way
 * that cannot harm, speed changes, keeping an idle loader awake, and the write guard every erase and write passes.
 * It does not know chips, files or plans, and it never decides what to do about a failure.
 */
import { CancelledError, ProtocolError, isTransmissionError } from "../base/errors";
import { concat } from "../base/bytes";
import { RETRIES, TIMING, throwIfAborted, wireTimeMs, type Clock } from "../base/timing";
import type { CoreLog } from "../base/log";
import type { CommandName } from "../chips/types";
import type { Transport } from "../transport/transport";
import { deadlineMs, effectOf, encodeRequest, matchReply, type CommandFields, type CommandValues } from "./commands";
import { ReplyDecoder, type DecoderDiagnosis } from "./decoder";
import { assertCovered, type WriteGrant } from "./guard";
import type { ReplyFrame } from "./frames";

/** Every loader and ROM starts at this rate, 8N1. */
export const START_BAUD = 115_200;

/** Longest frame a loader can be waiting for the rest of: a 4 KiB write with its head. */
const LONGEST_REQUEST = 4_109;
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

export interface LinkDeps {
  readonly clock: Clock;
  readonly log: CoreLog;
  readonly onRetry?: (doing: string, error: ProtocolError) => void;
}

export class BootLink {
  /** The rate of the host's side; START_BAUD until changed. */
  baudRate = START_BAUD;
  /** Frames sent that may have changed flash, whatever was answered. */
  mutations = 0;
  private readonly decoder = new ReplyDecoder();
  private queue: Promise<unknown> = Promise.resolve();
  private grant: WriteGrant | undefined;
  private readonly opened: number;
  private lastTraffic = 0;
  private keeper: AbortController | undefined;

  constructor(
    readonly transport: Transport,
    private readonly deps: LinkDeps,
  ) {
    this.opened = deps.clock.now();
  }

  /** What went past since {@link forgetEvidence}: for telling silence, noise and echo apart. */
  get evidence(): DecoderDiagnosis {
    return this.decoder.diagnosis;
  }

  forgetEvidence(): void {
    this.decoder.reset();
    this.decoder.clearDiagnosis();
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
  request<N extends CommandName>(name: N, fields: CommandFields[N], options: RequestOptions): Promise<CommandValues[N]> {
    return this.exclusive(() => this.attempt(name, fields, options));
  }

  private async attempt<N extends CommandName>(name: N, fields: CommandFields[N], options: RequestOptions): Promise<CommandValues[N]> {
    const attempts = changesFlash(name, fields) ? 1 : (options.attempts ?? RETRIES.request);
    for (let attempt = 1; ; attempt++) {
      throwIfAborted(options.signal, options.doing);
      try {
        return await this.exchange(name, fields, options);
      } catch (error) {
        if (!isTransmissionError(error) || attempt >= attempts) throw error;
        this.deps.log.debug(`${options.doing}: ${error.message}, try ${attempt + 1} of ${attempts}`);
        this.deps.onRetry?.(options.doing, error);
        await this.resynchronise(options.signal);
      }
    }
  }

  /** One frame out, one matching frame back; replies to earlier requests are skipped. */
  private async exchange<N extends CommandName>(name: N, fields: CommandFields[N], options: RequestOptions): Promise<CommandValues[N]> {
    assertCovered(this.grant, name, fields);
    const frame = encodeRequest(name, fields);
    const changes = changesFlash(name, fields);
    // A frame that changes flash is never left half sent or unanswered: the loader would wait for the rest of it.
    const signal = changes ? NEVER : options.signal;
    if (changes) this.mutations++;
    await this.send(frame, signal);
    const timeoutMs = options.timeoutMs ?? deadlineMs(name, fields, this.baudRate);
    const until = this.deps.clock.now() + timeoutMs;
    let skipped: string | undefined;
    for (;;) {
      for (const reply of await this.receive(until, signal)) {
        const match = matchReply(name, fields, reply);
        if (match.kind === "match") return match.value;
        if (match.kind === "failure") {
          const { code, reason, status } = match.failure;
          throw new ProtocolError(code, options.doing, { detail: reason, ...(status === undefined ? {} : { status }) });
        }
        skipped = `reply to command ${reply.code.toString(16).padStart(2, "0")}`;
      }
      if (this.deps.clock.now() >= until) {
        const { pendingBytes } = this.decoder.diagnosis;
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

  /** Several link checks at once, then a listen of about their time on the wire. True when one was answered. */
  probe(frames: number, signal: AbortSignal): Promise<boolean> {
    return this.exclusive(async () => {
      const check = encodeRequest("linkCheck", {});
      await this.send(concat(...Array.from({ length: frames }, () => check)), signal);
      const until = this.deps.clock.now() + wireTimeMs(frames * check.length, this.baudRate);
      do {
        for (const reply of await this.receive(until, signal)) {
          if (matchReply("linkCheck", {}, reply).kind === "match") return true;
        }
      } while (this.deps.clock.now() < until);
      return false;
    });
  }

  /** After the first answer: lets late answers of earlier probes in and forgets them. */
  settle(signal: AbortSignal): Promise<void> {
    return this.exclusive(() => this.drain(TIMING.linkSettleMs, signal));
  }

  /** One link check to a chip that should be linked. */
  async isLinked(signal: AbortSignal): Promise<boolean> {
    return this.exclusive(() => this.check(signal));
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
   * Brings the loader's parser and ours back to a frame boundary without being able to harm: FF filler completes
   * whatever half frame the loader waits for (an address of FFs is refused or means nothing), then link checks.
   * Link checks alone could become the address of a half-received erase (docs/protocol.md, "Resynchronising").
   * @throws ProtocolError `reply-timeout` when the chip stays silent
   */
  private async resynchronise(signal: AbortSignal): Promise<void> {
    await this.drain(TIMING.quietMs, signal);
    if (await this.fillAndCheck(64, signal)) return;
    if (await this.fillAndCheck(LONGEST_REQUEST, signal)) return;
    throw new ProtocolError("reply-timeout", "find the link again", { detail: "the chip no longer answers link checks" });
  }

  private async fillAndCheck(length: number, signal: AbortSignal): Promise<boolean> {
    await this.send(new Uint8Array(length).fill(0xff), signal);
    await this.drain(TIMING.quietMs + wireTimeMs(length, this.baudRate), signal);
    for (let tries = 0; tries < RETRIES.request; tries++) {
      if (await this.check(signal)) return true;
    }
    return false;
  }

  /** Brings the line back after a failed erase or write, whose repeat only the caller can decide. */
  recover(signal: AbortSignal): Promise<void> {
    return this.exclusive(() => this.resynchronise(signal));
  }

  /**
   * Asks the chip for `request` baud and follows with the host's side.
   * @returns false when the chip is still at the old rate
   * @throws ProtocolError `baud-change-failed` when it answers at neither rate
   */
  changeBaud(to: BaudChange, signal: AbortSignal): Promise<boolean> {
    return this.exclusive(async () => {
      const before = this.baudRate;
      const { hostBaud } = to;
      const fields = { baud: to.request, delay: TIMING.baudDelayTicks, tickMs: to.tickMs };
      const frame = encodeRequest("setBaudRate", fields);
      await this.send(frame, signal);
      await this.deps.clock.sleep(wireTimeMs(frame.length, before), signal);
      await this.switchHost(hostBaud);
      const until = this.deps.clock.now() + TIMING.baudReplyMs;
      let answered = false;
      while (!answered && this.deps.clock.now() < until) {
        for (const reply of await this.receive(until, signal)) {
          const match = matchReply("setBaudRate", fields, reply);
          if (match.kind === "match") answered = true;
        }
      }
      if ((await this.check(signal)) && (await this.check(signal))) return true;
      await this.switchHost(before);
      await this.drain(TIMING.quietMs, signal);
      if ((await this.check(signal)) || (await this.check(signal))) return false;
      throw new ProtocolError("baud-change-failed", `change to ${hostBaud} baud`, {
        expected: `an answer at ${hostBaud} or ${before} baud`,
        actual: answered ? "one answer, then silence" : "silence",
      });
    });
  }

  /** Changes the host's side alone, for looking for a chip that was left at another rate. */
  setHostBaud(baud: number): Promise<void> {
    return this.exclusive(() => this.switchHost(baud));
  }

  private async switchHost(baud: number): Promise<void> {
    await this.transport.setBaudRate(baud);
    this.baudRate = baud;
    this.decoder.reset();
  }

  /** Bytes that are not a request: text for running firmware. Nothing is expected back. */
  sendRaw(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.exclusive(() => this.send(bytes, signal));
  }

  /** Sends a command no loader answers (reboot). */
  tell<N extends "reboot" | "resetRom">(name: N, fields: CommandFields[N], signal: AbortSignal): Promise<void> {
    return this.exclusive(() => this.send(encodeRequest(name, fields), signal));
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
        await this.exclusive(async () => {
          if (!signal.aborted && this.deps.clock.now() - this.lastTraffic >= TIMING.keepAliveEveryMs) await this.check(NEVER);
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
    return this.exclusive(() => this.deps.clock.sleep(ms, signal));
  }

  private async drain(quietMs: number, signal: AbortSignal): Promise<void> {
    const deadline = this.deps.clock.now() + quietMs + wireTimeMs(2 * LONGEST_REQUEST, this.baudRate) + 1_000;
    for (;;) {
      const bytes = await this.transport.read(quietMs, signal);
      if (bytes.length === 0) break;
      this.trace("rx", bytes);
      this.decoder.push(bytes);
      // Running firmware can talk without end; what it says must not hold us.
      if (this.deps.clock.now() > deadline) break;
    }
    this.decoder.reset();
  }

  private async send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    this.trace("tx", bytes);
    await this.transport.write(bytes, signal);
    this.lastTraffic = this.deps.clock.now();
  }

  private async receive(until: number, signal: AbortSignal): Promise<ReplyFrame[]> {
    const bytes = await this.transport.read(Math.max(0, until - this.deps.clock.now()), signal);
    if (bytes.length === 0) return [];
    this.trace("rx", bytes);
    this.lastTraffic = this.deps.clock.now();
    return this.decoder.push(bytes);
  }

  private trace(direction: "tx" | "rx", bytes: Uint8Array): void {
    this.deps.log.trace(direction, bytes, this.deps.clock.now() - this.opened);
  }

  /** One conversation at a time: whoever asks waits until everyone before has an answer. */
  private exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(work);
    this.queue = turn.catch(() => undefined);
    return turn;
  }
}

/** After such a frame flash or its protection may be different, whatever is answered. */
function changesFlash<N extends CommandName>(name: N, fields: CommandFields[N]): boolean {
  return effectOf(name, fields).kind !== "none";
}
