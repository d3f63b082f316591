/**
 * Frames out and their answers back, past the write guard, over a line whose turns line.ts gives: one request at
 * a time, several of a kind in a queue, a question with a link check behind it. It repeats nothing and mends nothing.
 */
import { ProtocolError, isTransmissionError } from "../../base/errors";
import { TIMING, throwIfAborted, wireTimeMs } from "../../base/timing";
import { words, type Text, type Words } from "../../base/words";
import type { CommandName } from "../chips/types";
import {
  COMMANDS,
  deadlineMs,
  effectOf,
  encodeRequest,
  isPrompt,
  matchReply,
  replyBytes,
  wireBytes,
  type CommandFields,
  type CommandValues,
} from "./commandTable";
import type { ReplyFrame } from "./frames";
import { assertCovered, type WriteGrant } from "./writeGuard";
import { AdapterLatency, NUDGE } from "./adapterLatency";
import { LONGEST_REQUEST, type Line, type LineDeps } from "./line";
import { failureOf } from "./replyFailure";
import { fillerAfter } from "./resyncFiller";
import { repeatsRegister } from "./replies";

export interface RequestEngineOptions {
  readonly signal: AbortSignal;
  /** Verb phrase for errors: "read 0x011000". */
  readonly doing: Text;
  /** Shorter than the table's deadline, for questions that silence answers too. */
  readonly timeoutMs?: number;
}

export interface QueueOptions extends Omit<RequestEngineOptions, "doing"> {
  /** Verb phrase for errors of the request at this index. */
  readonly doing: (index: number) => Text;
  /** Requests that may be out at once. */
  readonly window: number;
}

/** Their answers do not say what was asked, or may be others the next time. */
const ANSWERS_ALIKE: ReadonlySet<CommandName> = new Set(["checkCrc", "readRegister", "readStatusRegister"]);

const LINK_CHECK = encodeRequest("linkCheck", {});

export class RequestEngine {
  /** Erases and writes sent, whatever was answered. */
  mutations = 0;
  grant: WriteGrant | undefined;
  /** An erase or write went out and was not answered: the loader may be waiting for the rest of it. */
  unanswered = false;
  /** Answers that did not come, or came damaged. */
  lost = 0;
  private readonly latency = new AdapterLatency();
  /** An answer may still come: it would pass for that to a later question of its kind where they do not repeat what was asked. */
  private late = false;
  /** The chip answers register reads. */
  private hasRegisters = false;
  private fences = 0;
  /** Answers to link checks that were sent behind questions may still come: they answer no later one. */
  private unsettled = false;

  constructor(
    private readonly line: Line,
    private readonly deps: LineDeps,
  ) {}

  /**
   * One frame out, one matching frame back; replies to earlier requests are skipped.
   * @param pushed true where more link checks may follow a link check
   */
  async one<N extends CommandName>(
    name: N,
    fields: CommandFields[N],
    options: RequestEngineOptions,
    pushed = false,
  ): Promise<CommandValues[N]> {
    if (name === "linkCheck") await this.settle();
    else await this.fence(name, options);
    // With nothing outstanding, whatever came on its own answers nothing that is asked now.
    this.line.forgetReplies();
    const nudged = this.latency.needed && (pushed || mayBeFollowed(name, fields));
    const since = this.deps.clock.now();
    const ledMs = name === "writeRegister" ? await this.sendLead(replyBytes(name, fields), options.signal) : 0;
    await this.dispatch(name, fields, options.signal, nudged ? NUDGE : undefined);
    const timeoutMs = ledMs + (options.timeoutMs ?? deadlineMs(name, fields, this.line.baudRate));
    const value = await this.awaitReply(name, fields, options, timeoutMs);
    // Whatever was under way came before it.
    if (ledMs > 0) this.unsettled = false;
    if (nudged) await this.awaitNudge(options);
    else if (isPrompt(name)) this.noteTurn(since + ledMs, wireBytes(name, fields), ledMs > 0);
    return value;
  }

  /** What {@link AdapterLatency.lead} asks for. @returns its time on the wire, answers included, in ms */
  private async sendLead(answer: number, signal: AbortSignal): Promise<number> {
    const lead = this.latency.lead(answer);
    if (!lead || lead.frames.length === 0) return 0;
    this.latency.expect(lead.answers);
    await this.line.send(lead.frames, signal);
    return wireTimeMs(lead.frames.length + lead.answers, this.line.baudRate);
  }

  /**
   * One question with a link check right behind it, which nearly every chip answers, and in order.
   * @returns undefined when the chip passed the question over
   */
  async fenced<N extends CommandName>(
    name: N,
    fields: CommandFields[N],
    options: RequestEngineOptions,
  ): Promise<CommandValues[N] | undefined> {
    await this.settle();
    await this.fence(name, options);
    this.line.forgetReplies();
    const since = this.deps.clock.now();
    this.unsettled = this.latency.needed;
    await this.dispatch(name, fields, options.signal, this.latency.needed ? NUDGE : LINK_CHECK);
    let value: CommandValues[N] | undefined;
    const isFence = (reply: ReplyFrame): boolean => {
      const match = matchReply(name, fields, reply);
      if (match.kind === "failure") throw failureOf(name, match.failure, options.doing);
      if (match.kind === "match") value = match.value;
      return match.kind === "other" && isLinkAnswer(reply);
    };
    const { baudRate } = this.line;
    const timeoutMs = deadlineMs(name, fields, baudRate) + deadlineMs("linkCheck", {}, baudRate);
    try {
      await this.awaitFrame(isFence, options, timeoutMs);
    } catch (error) {
      if (!isTransmissionError(error)) throw error;
      // A chip that takes one command at a time passes the check over. Its answer is whole all the same.
      this.late ||= value === undefined;
      if (value === undefined) throw error;
      this.unsettled = true;
      if (this.latency.needed) this.latency.giveUp();
      if (name === "readRegister") this.hasRegisters = true;
      // How long it was waited for the check tells nothing of the adapter.
      return value;
    }
    if (name === "readRegister" && value !== undefined) this.hasRegisters = true;
    this.noteTurn(since, wireBytes("linkCheck", {}) + (value === undefined ? 0 : wireBytes(name, fields)));
    return value;
  }

  /** @see BootLink.requestMany */
  async *many<N extends CommandName>(
    name: N,
    list: readonly CommandFields[N][],
    { doing, window, ...rest }: QueueOptions,
  ): AsyncGenerator<CommandValues[N], void, void> {
    let sent = 0;
    let answered = 0;
    const { signal } = rest;
    /** An answer of which only the beginning of the next shows that it is whole. */
    const unproven: CommandValues[N][] = [];
    try {
      this.line.forgetReplies();
      for (let count = list.length; answered < count;) {
        // What is out already is waited for: after an abort the caller must know what the flash went through.
        if (signal.aborted) count = sent;
        let nudged = false;
        for (; sent < count && sent - answered < window; sent++) {
          const fields = list[sent] as CommandFields[N];
          // Answers push each other through an adapter; only what nothing else follows needs a nudge.
          const alone = window === 1 || sent + 1 === count;
          nudged = alone && this.latency.needed && mayBeFollowed(name, fields);
          await this.dispatch(name, fields, signal, nudged ? NUDGE : undefined);
        }
        if (answered === count) break;
        const fields = list[answered] as CommandFields[N];
        const options = { ...rest, doing: doing(answered) };
        // What is ahead of this reply in the queue has been answered; what is behind it only shares the wire.
        const waitMs =
          deadlineMs(name, fields, this.line.baudRate) +
          (sent - answered - 1) * wireTimeMs(LONGEST_REQUEST, this.line.baudRate);
        const value = await this.awaitReply(name, fields, options, waitMs, unproven.length > 0);
        answered++;
        yield* unproven.splice(0);
        if (sent > answered) {
          unproven.push(value);
          continue;
        }
        if (nudged) await this.awaitNudge(options);
        yield value;
      }
      yield* unproven;
      throwIfAborted(signal, doing(0));
    } finally {
      if (sent > answered) await this.line.drain(TIMING.quietMs, this.line.unstoppable);
    }
  }

  /**
   * One link check to a chip that should be linked.
   * @param pushed as in {@link one}; not to a loader that may be waiting for the rest of a frame
   */
  async check(signal: AbortSignal, pushed = false): Promise<boolean> {
    try {
      const options = { signal, doing: words`check the link`, timeoutMs: TIMING.linkCheckMs };
      await this.one("linkCheck", {}, options, pushed);
      return true;
    } catch (error) {
      if (isTransmissionError(error)) return false;
      throw error;
    }
  }

  /**
   * Whatever is sent after an unanswered erase or write, be it a link check or a change of speed, could become the address
   * of it. So filler that can only be refused goes first.
   */
  async completeUnanswered(): Promise<void> {
    if (!this.unanswered) return;
    await this.line.send(new Uint8Array(LONGEST_REQUEST).fill(this.line.filler), this.line.unstoppable);
    this.unanswered = false;
    await this.line.drain(TIMING.quietMs + wireTimeMs(LONGEST_REQUEST, this.line.baudRate), this.line.unstoppable);
  }

  /**
   * Before a question whose answer could be that to an earlier one: another, whose answer names it. The chip answers in order, so
   * what came late has come when that has, however long the line stood still.
   * @throws ProtocolError `reply-timeout`
   */
  private async fence(before: CommandName, { signal, doing }: RequestEngineOptions): Promise<void> {
    if (!this.late || !ANSWERS_ALIKE.has(before)) return;
    // A boot ROM's own code, or a place that loaders refuse to read: either costs a few bytes.
    const address = 4 * (this.fences++ % 0x400);
    const name = this.hasRegisters ? "readRegister" : "readFlash4k";
    await this.dispatch(name, { address }, signal, undefined);
    const { code, form } = COMMANDS[name];
    const isFence = (reply: ReplyFrame): boolean =>
      reply.code === code &&
      reply.form === form &&
      reply.payload.length >= 4 &&
      repeatsRegister(reply.payload, address);
    await this.awaitFrame(isFence, { signal, doing }, deadlineMs(name, { address }, this.line.baudRate));
    this.late = false;
  }

  /** Lets answers to earlier nudges in before a link check, or a change of speed, that they could pass for. */
  async settle(): Promise<void> {
    if (!this.unsettled) return;
    this.unsettled = false;
    await this.line.drain(TIMING.linkSettleMs, this.line.unstoppable);
    this.latency.settled();
  }

  /**
   * Puts one frame on the wire, if the guard lets it.
   * @param behind link checks for right behind it; never behind a frame that changes flash
   */
  private async dispatch<N extends CommandName>(
    name: N,
    fields: CommandFields[N],
    signal: AbortSignal,
    behind: Uint8Array | undefined,
  ): Promise<void> {
    assertCovered(this.grant, name, fields);
    const frame = encodeRequest(name, fields);
    const changes = changesFlash(name, fields);
    // Protection bits are not content: lifting them leaves the flash untouched.
    if (changes && effectOf(name, fields).kind !== "status") this.mutations++;
    // A frame that changes flash is never left half sent: the loader would wait for the rest of it.
    if (changes) this.unanswered = true;
    // Link checks look for the frame boundary after a request; the half frame is still that of the request.
    const inside = name === "eraseFlash" ? this.grant?.filler : undefined;
    if (name !== "linkCheck") this.line.filler = inside ?? fillerAfter(name);
    const checks = (behind?.length ?? 0) / LINK_CHECK.length;
    this.latency.expect(replyBytes(name, fields) + checks * replyBytes("linkCheck", {}));
    await this.line.send(frame, changes ? this.line.unstoppable : signal);
    if (behind) await this.line.send(behind, signal);
  }

  private async awaitReply<N extends CommandName>(
    name: N,
    fields: CommandFields[N],
    options: RequestEngineOptions,
    timeoutMs: number,
    follows = false,
  ): Promise<CommandValues[N]> {
    const signal = changesFlash(name, fields) ? this.line.unstoppable : options.signal;
    const found: CommandValues[N][] = [];
    const answers = (reply: ReplyFrame): boolean => {
      const match = matchReply(name, fields, reply);
      if (match.kind === "other") return false;
      this.unanswered = false;
      if (match.kind === "failure") throw failureOf(name, match.failure, options.doing);
      if (follows) assertFollows(reply, options.doing);
      found.push(match.value);
      return true;
    };
    try {
      const mayHearMore = name === "linkCheck" || mayBeFollowed(name, fields);
      await this.awaitFrame(answers, { ...options, signal }, timeoutMs, mayHearMore);
    } catch (error) {
      if (isTransmissionError(error) && name !== "linkCheck") {
        this.lost++;
        this.late = true;
      }
      throw error;
    }
    if (name === "readRegister") this.hasRegisters = true;
    return found[0] as CommandValues[N];
  }

  /**
   * Takes replies as they come until one is `wanted`, and skips the others.
   * @param mayHearMore whether a byte or two may be sent meanwhile, see {@link Line.nextReply}
   * @throws ProtocolError `reply-timeout`; what `wanted` throws
   */
  private async awaitFrame(
    wanted: (reply: ReplyFrame) => boolean,
    { signal, doing }: RequestEngineOptions,
    timeoutMs: number,
    mayHearMore = true,
  ): Promise<void> {
    const { clock } = this.deps;
    const waitMs = timeoutMs + this.line.patience.ms;
    const until = clock.now() + waitMs;
    let skipped: Words | undefined;
    for (;;) {
      for (let reply = await this.line.nextReply(until, signal, mayHearMore); reply; reply = this.line.waitingReply()) {
        if (wanted(reply)) return;
        skipped = words`reply to command ${reply.code.toString(16).padStart(2, "0")}`;
      }
      if (clock.now() < until) continue;
      const { pendingBytes } = this.line.diagnosis;
      throw new ProtocolError("reply-timeout", doing, {
        bytesSeen: pendingBytes,
        detail:
          pendingBytes > 0
            ? words`the reply stopped after ${pendingBytes} bytes`
            : skipped !== undefined
              ? words`only a ${skipped} came`
              : words`no reply within ${Math.round(waitMs)} ms`,
      });
    }
  }

  /**
   * Behind a whole answer begins the next: one that lost a byte, and took the first of what followed in its place, would
   * pass otherwise. A chip that answers nothing behind a question is not asked that way again.
   */
  private async awaitNudge(options: RequestEngineOptions): Promise<void> {
    this.unsettled = true;
    const next: ReplyFrame[] = [];
    const isNext = (reply: ReplyFrame): boolean => isLinkAnswer(reply) && next.push(reply) > 0;
    try {
      await this.awaitFrame(isNext, options, deadlineMs("linkCheck", {}, this.line.baudRate));
    } catch (error) {
      if (!isTransmissionError(error)) throw error;
      this.latency.giveUp();
    }
    for (const reply of next) assertFollows(reply, options.doing);
  }

  private noteTurn(since: number, bytes: number, led = false): void {
    const ms = this.deps.clock.now() - since - wireTimeMs(bytes, this.line.baudRate);
    this.line.patience.took(ms);
    this.latency.tookMs(ms - (this.line.transport.roundTripMs ?? 0), led);
  }
}

/** An answer was whole only if the next begins right behind it. */
function assertFollows({ skipped }: ReplyFrame, doing: Text): void {
  if (skipped === undefined) return;
  throw new ProtocolError("reply-invalid", doing, {
    detail: words`${skipped} bytes that belong to no answer behind it`,
  });
}

function isLinkAnswer(reply: ReplyFrame): boolean {
  return matchReply("linkCheck", {}, reply).kind === "match";
}

/**
 * Whether link checks may be sent right behind it. Never behind what changes flash: they could become its address. Nor behind
 * a register write, whose value they could complete.
 */
function mayBeFollowed<N extends CommandName>(name: N, fields: CommandFields[N]): boolean {
  return name !== "linkCheck" && name !== "writeRegister" && !changesFlash(name, fields);
}

/** After such a frame flash or its protection may be different, whatever is answered. */
export function changesFlash<N extends CommandName>(name: N, fields: CommandFields[N]): boolean {
  return effectOf(name, fields).kind !== "none";
}
