/**
 * One port and the chip of Beken behind it: links, recognises, keeps the rate that holds, restarts. What a job does with the chip,
 * and whether it is still the same one, is the session's. The one implementation of {@link ChipLink}.
 */
import { ProtocolError, isTransmissionError } from "../../base/errors";
import { RETRIES, TIMING } from "../../base/timing";
import { words } from "../../base/words";
import type {
  ChipLink,
  DriverDeps,
  FirstLink,
  IdentityOptions,
  LinkOptions,
  LoaderEvidence,
  NewLink,
} from "../../driver/chipDriver";
import type { DriverEvent, Steps } from "../../driver/driverEvents";
import { note, type JobContext } from "../../driver/jobContext";
import type { Lifted, PutBack, Reprotect } from "../../driver/liftedProtection";
import type { StartSigns } from "../../driver/startSigns";
import type { Transport } from "../../transport/transport";
import type { ChipIdentity } from "../chips/types";
import { BootLink, START_BAUD } from "../protocol/link";
import { untilSilent } from "./answering";
import { whyNot } from "./attempts";
import { ChipAccess } from "./chipAccess";
import { collectIdentity } from "./identification";
import { LineNotes } from "./lineNotes";
import { linkUp, type Linked } from "./linkUp";
import { ResetLearner } from "./resetLearner";
import { protectAgain, unprotect } from "./protection";
import { BootCode, ChipIdRegisters, greet, notesOn, recogniseLoader, recognisedAnew } from "./recogniseLoader";
import { Speed } from "./speed";
import { watchStart } from "./startWatch";

/** A link, how it came about, and whose it is. */
type RecognisedLink = Linked & { readonly evidence: LoaderEvidence };

export class BekenLink implements ChipLink {
  private readonly link: BootLink;
  private readonly speed: Speed;
  private readonly notes: LineNotes;
  private readonly resets: ResetLearner;
  private readonly registers = new ChipIdRegisters();
  private connected: ChipAccess | undefined;
  /** Nothing was sent yet in this session. */
  private fresh = true;
  /** A job is under way with this chip: it may be busy with its flash. */
  private inJob = false;

  constructor(
    transport: Transport,
    private readonly options: LinkOptions,
    private readonly deps: DriverDeps,
  ) {
    this.link = new BootLink(transport, deps);
    this.speed = new Speed(this.link, options, deps.rateProven);
    this.notes = new LineNotes(deps.line, deps.log);
    this.resets = new ResetLearner(deps.resets, options.resets, deps.log);
  }

  get baudRate(): number {
    return this.link.baudRate;
  }

  private get device(): ChipAccess {
    if (!this.connected) throw new Error("no chip was linked yet");
    return this.connected;
  }

  get mutations(): number {
    return this.link.mutations;
  }

  async *connect(signal: AbortSignal): Steps<FirstLink> {
    this.inJob = false;
    const { evidence } = yield* this.linkAndRecognise(undefined, signal);
    this.connected = new ChipAccess(this.link, evidence.profile);
    return { device: this.connected, evidence, notes: notesOn(evidence) };
  }

  async *reconnect(before: LoaderEvidence | undefined, signal: AbortSignal): Steps<NewLink> {
    const rates = this.link.chipMayBeAt;
    const { evidence, baudRate, restarted } = yield* this.linkAndRecognise(before, signal);
    await this.notes.movedTo(this.link.baudRate);
    // No request has set the start rate: the chip has restarted.
    const started = baudRate === START_BAUD && rates.length > 0 && !rates.includes(START_BAUD);
    return { evidence, restarted: restarted || started };
  }

  async *restart(before: LoaderEvidence | undefined, signal: AbortSignal): Steps<NewLink> {
    const { evidence } = (yield* this.restartByCommand(before, signal)) ?? (yield* this.restartByHand(before, signal));
    await this.notes.movedTo(this.link.baudRate);
    return { evidence, restarted: true };
  }

  /** @returns undefined where the chip has not heard the command, or goes on without a reset */
  private async *restartByCommand(
    before: LoaderEvidence | undefined,
    signal: AbortSignal,
  ): Steps<RecognisedLink | undefined> {
    const { device } = this;
    const { resetsOnReboot } = device;
    for (let attempt = 1; attempt <= RETRIES.request && resetsOnReboot !== false; attempt++) {
      await this.link.tell("reboot", {}, signal);
      if (this.link.baudRate !== START_BAUD) await this.link.setHostBaud(START_BAUD);
      // Until the watchdog bites it still answers; one that misses no check has only begun again, with the lock as it was.
      const until = this.deps.clock.now() + TIMING.rebootTakesMs;
      let hasMissed = false;
      while (this.deps.clock.now() < until) hasMissed = !(await this.link.probe(2, signal)) || hasMissed;
      if (resetsOnReboot === undefined && !hasMissed) break;
      const link = yield* this.linkAndRecognise(before, signal);
      // A chip that is where it was has not heard the command.
      if (link.baudRate !== START_BAUD) continue;
      device.wasReset = !link.restarted;
      return link;
    }
    return undefined;
  }

  /**
   * The chip is taken to another rate and waited for at the one with which it starts, where it can be only after a reset or without
   * power. A line without rates shows that by silence. @throws OperationError `flash-protected` when the power is not cut in time
   */
  private async *restartByHand(before: LoaderEvidence | undefined, signal: AbortSignal): Steps<RecognisedLink> {
    const { clock } = this.deps;
    const moved = await this.speed.leaveStart(this.device, signal);
    if (!moved) yield* untilSilent(this.link, clock, this.options.linkTimeoutMs, signal);
    const link = yield* this.linkAndRecognise(before, signal, true);
    this.device.wasReset = false;
    return link;
  }

  /**
   * A link at full speed, and whose it is. A plug that bounces, or a loader that leaves again, looks like a link at first:
   * then another one is made.
   * @param restarted only a chip that has just started counts
   */
  private async *linkAndRecognise(
    before: LoaderEvidence | undefined,
    signal: AbortSignal,
    restarted = false,
  ): Steps<RecognisedLink> {
    let first: Linked | undefined;
    for (let attempt = 1; ; attempt++) {
      const by = yield* this.linkFromStart(signal, restarted && first === undefined);
      first ??= by;
      try {
        return { ...first, evidence: yield* this.recogniseAtFullSpeed(before, signal) };
      } catch (error) {
        if (!isTransmissionError(error) || attempt >= RETRIES.recognise) throw error;
        yield note("warning", "retry", { attempts: attempt, detail: error.words, ...error.context });
      }
    }
  }

  /** Boot code takes longest of all that tells a chip at the rate it starts with, so the rate is raised as soon as can be. */
  private async *recogniseAtFullSpeed(before: LoaderEvidence | undefined, signal: AbortSignal): Steps<LoaderEvidence> {
    const relink = (): Steps<Linked> => this.linkFromStart(signal);
    const greeting = await greet(this.link, this.registers, signal);
    // After a reset it is the same chip, most likely; should it be another, its boot code tells.
    const asBefore = greeting.profile.isProvisional && before?.profile.bootloaderIsLifeline === true;
    const device = new ChipAccess(this.link, asBefore ? before.profile : greeting.profile);
    const bootCode = new BootCode();
    yield* this.speed.start(device, bootCode, relink, signal);
    await bootCode.read(device, signal);
    const evidence = await recogniseLoader(this.link, this.registers, greeting, bootCode.bytes, signal);
    yield* this.speed.raise(new ChipAccess(this.link, evidence.profile), bootCode, relink, signal);
    return evidence;
  }

  /** @param restarted only a chip that has just started counts */
  private async *linkFromStart(signal: AbortSignal, restarted = false): Steps<Linked> {
    const { clock } = this.deps;
    const mayBeAt = this.link.chipMayBeAt;
    if (this.link.baudRate !== START_BAUD) await this.link.setHostBaud(START_BAUD);
    const { linkTimeoutMs: timeoutMs, autoReset = true } = this.options;
    if (this.fresh && autoReset) yield* this.tellImpossible();
    const opening = this.fresh && { opening: { left: await this.notes.recall() } };
    this.fresh = false;
    const { link } = this;
    const ways = this.inJob && !restarted ? await this.resets.inJob() : await this.resets.all();
    const linked = yield* linkUp({ link, clock, timeoutMs, autoReset, ways, mayBeAt, restarted, ...opening }, signal);
    await this.resets.linked(linked);
    if (link.transport.can.raisesLines === true && autoReset && (await this.resets.isToTell()))
      yield note("info", "lines-raised", {});
    return linked;
  }

  /** What a person has chosen is not passed over in silence where this port cannot do it. */
  private *tellImpossible(): Generator<DriverEvent, void> {
    for (const reset of this.options.resets ?? []) {
      const why = whyNot(reset, this.link.transport);
      if (why) yield note("warning", "control-lines-unavailable", { detail: words`${reset.name}: ${why}` });
    }
  }

  async recognise(signal: AbortSignal): Promise<LoaderEvidence | undefined> {
    const bootCode = new BootCode();
    try {
      const greeting = await greet(this.link, this.registers, signal);
      await bootCode.read(this.device, signal);
      return await recogniseLoader(this.link, this.registers, greeting, bootCode.bytes, signal);
    } catch (error) {
      if (!isTransmissionError(error)) throw error;
      return undefined;
    }
  }

  recogniseAnew(before: LoaderEvidence, signal: AbortSignal): Promise<LoaderEvidence> {
    return recognisedAnew(this.link, this.registers, this.device, before, signal);
  }

  identify(evidence: LoaderEvidence, options: IdentityOptions, signal: AbortSignal): Steps<ChipIdentity> {
    return collectIdentity(this.device, evidence, options, signal);
  }

  isLinked(signal: AbortSignal): Promise<boolean> {
    return this.link.isLinked(signal);
  }

  async recover(signal: AbortSignal): Promise<boolean> {
    try {
      await this.link.recover(signal);
      return true;
    } catch (error) {
      if (error instanceof ProtocolError) return false;
      throw error;
    }
  }

  get rateOnTrial(): boolean {
    return this.speed.onTrial;
  }

  async *slowDown(signal: AbortSignal): Steps<void> {
    yield* this.speed.lower(this.device, () => this.linkFromStart(signal), signal);
    await this.notes.movedTo(this.link.baudRate);
  }

  async *unprotect(context: JobContext, remember: (undo: Reprotect) => void): Steps<void> {
    const { device, notes } = this;
    yield* unprotect({ ...context, device, notes }, remember);
    const { filler } = device.grant ?? {};
    if (filler !== undefined) await notes.sends(filler);
  }

  protectAgain(context: JobContext, lifted: Lifted): Steps<PutBack | undefined> {
    return protectAgain({ ...context, device: this.device, notes: this.notes }, lifted);
  }

  jobBegins(): Promise<void> {
    this.inJob = true;
    return this.notes.linked(this.link.baudRate, this.device.profile);
  }

  keepAwake(): void {
    if (this.device.profile.rebootsWhenIdle) this.link.keepAwake();
  }

  letSleep(): void {
    this.link.letSleep();
  }

  async reboot(signal: AbortSignal): Promise<void> {
    await this.link.reboot(signal);
    await this.notes.over();
  }

  watchStart(signal: AbortSignal): Steps<StartSigns> {
    return watchStart(this.link, this.deps.clock, signal);
  }

  async leave(signal: AbortSignal): Promise<void> {
    if (await this.speed.restore(this.device, signal)) await this.notes.over();
  }
}
