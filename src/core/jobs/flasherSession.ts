/**
 * One open port and, once it answers, one identified chip, kept linked across any number of jobs: one reset, many
 * actions. Owns the link's life: linking, speeding up, resetting, finding the chip again, leaving it as it was found.
 */
import { deviceMark, isMarked } from "../backup/manifest";
import { SECTOR } from "../base/bytes";
import { crc32 } from "../base/checksum";
import { isCancelled, isFlasherError, isPortLost, isTransmissionError } from "../base/errors";
import { rangeOf } from "../base/ranges";
import { RETRIES, TIMING, throwIfAborted } from "../base/timing";
import type { Words } from "../base/words";
import type { ChipIdentity } from "../beken/chips/types";
import { BootLink, START_BAUD } from "../beken/protocol/link";
import { ReplaceableTransport } from "../transport/replaceable";
import type { Transport } from "../transport/transport";
import { note, type JobContext } from "./jobContext";
import { ChipAccess, readTwice } from "./chipAccess";
import type { Run, SessionDeps, SessionOptions } from "./events";
import { collectIdentity } from "./identification";
import { LineNotes } from "./lineMemory";
import { linkUp, type Linked as LinkedBy } from "./linkUp";
import { BootCode, greet, notesOn, recogniseLoader, recognisedAnew, type LoaderEvidence } from "./recogniseLoader";
import { Replug } from "./replug";
import { assertHoldsTheSame, assertSameDevice, assertSameLoader } from "./deviceIdentity";
import { Speed } from "./speed";
import { isStillThere, stillAnswers, untilSilent } from "./answering";

interface Linked {
  readonly device: ChipAccess;
  evidence: LoaderEvidence;
  identity: ChipIdentity | undefined;
  /** True once the slow search for calibration was made, so that it is made once. */
  searched: boolean;
  /** Frames sent by then that may have changed the flash: after more of them it is looked at anew. */
  mutations: number;
}

/** A link, how it came about, and whose it is. */
type NewLink = LinkedBy & { readonly evidence: LoaderEvidence };

export class FlasherSession {
  private readonly transport: ReplaceableTransport;
  private readonly link: BootLink;
  private linked: Linked | undefined;
  private readonly speed: Speed;
  private readonly replug: Replug;
  private readonly notes: LineNotes;
  /** Nothing was sent yet in this session. */
  private fresh = true;
  /** Replies lost or damaged since the speed last changed. */
  private troubles = 0;

  private constructor(
    line: Transport,
    private readonly options: SessionOptions,
    private readonly deps: SessionDeps,
  ) {
    this.transport = new ReplaceableTransport(line);
    this.link = new BootLink(this.transport, deps);
    this.speed = new Speed(this.link, options, deps.rateProven);
    this.replug = new Replug(this.transport, options, deps);
    this.notes = new LineNotes(deps.line, deps.log);
  }

  /**
   * Opens the port; the chip is not needed yet.
   * @throws TransportError `port-not-found`, `port-busy`, `port-permission`, `host-unreachable`, `serial-driver-missing`
   */
  static async open(options: SessionOptions, deps: SessionDeps, signal: AbortSignal): Promise<FlasherSession> {
    const transport = await deps.open(options.port, { baudRate: START_BAUD }, signal);
    return new FlasherSession(transport, options, deps);
  }

  /** Frames sent so far that may have changed flash. */
  get mutations(): number {
    return this.link.mutations;
  }

  /** The chip as last identified; undefined before the first link. */
  get identity(): ChipIdentity | undefined {
    return this.linked?.identity;
  }

  /**
   * Links if need be, identifies the chip, and returns what operations work with.
   * @param thorough search the whole tail of the flash for calibration when it is at no known address
   */
  async *ready(thorough: boolean, signal: AbortSignal): Run<JobContext> {
    this.link.letSleep();
    const linked = yield* this.throughReplugs((replugged) => this.linkedChip(replugged, signal), signal);
    linked.device.seen.clear();
    linked.device.known.clear();
    await this.notes.linked(this.link.baudRate, linked.evidence.profile);
    const changed = linked.mutations !== this.mutations;
    if (!linked.identity || changed || (thorough && !linked.searched)) {
      linked.identity = yield* this.identify(linked, thorough && !linked.searched, signal);
      linked.searched ||= thorough;
      linked.mutations = this.mutations;
    }
    yield { type: "identified", chip: linked.identity, baudRate: this.link.baudRate };
    return this.contextFor(linked, linked.identity, signal);
  }

  /** The chip that is linked already, or a new link. */
  private async *linkedChip(replugged: boolean, signal: AbortSignal): Run<Linked> {
    if (this.linked && (replugged || !(await isStillThere(this.link, this.linked, signal)))) this.linked = undefined;
    if (this.linked) this.forgetUnmarked(this.linked);
    return this.linked ?? (yield* this.connect(signal));
  }

  /**
   * Opened at the rate of the link: a chip with a supply of its own is still there, perhaps waiting for the rest of a
   * frame, and filler must reach it as filler.
   */
  private throughReplugs<T>(step: (replugged: boolean) => Run<T>, signal: AbortSignal): Run<T> {
    return this.replug.through(step, () => this.link.baudRate, signal);
  }

  /** What has nothing of its own to be told by is asked anew who it is. */
  private forgetUnmarked(linked: Linked): void {
    if (linked.identity && !isMarked(deviceMark(linked.identity))) {
      linked.identity = undefined;
      linked.searched = false;
    }
  }

  /** True while the chip ignores every erase and write until it is reset, because it was asked for a CRC. */
  get lockedByCrc(): boolean {
    return this.linked?.device.lockedByCrc ?? false;
  }

  /** Changes nothing on the chip, so it is simply done again after the line was brought back. */
  private async *identify(linked: Linked, thorough: boolean, signal: AbortSignal): Run<ChipIdentity> {
    const { device, identity } = linked;
    const options = { thorough, calibrationAt: identity?.calibration?.address };
    for (let attempt = 1; ; attempt++) {
      try {
        if (linked.mutations !== this.mutations)
          linked.evidence = await recognisedAnew(this.link, device, linked.evidence, signal);
        return yield* collectIdentity(device, linked.evidence, options, signal);
      } catch (error) {
        const lost = isTransmissionError(error) ? error : undefined;
        if ((!lost && !isPortLost(error)) || attempt >= RETRIES.recognise) throw error;
        if (lost) yield note("warning", "retry", { attempts: attempt, detail: lost.words, ...lost.context });
        yield* this.recoverLink(device, attempt > 1, signal);
      }
    }
  }

  private contextFor({ device }: Linked, identity: ChipIdentity, signal: AbortSignal): JobContext {
    return {
      device,
      identity,
      signal,
      reset: (why) => this.resetAndRelink(device, why, signal),
      recoverLink: (again) => this.recoverLink(device, again, signal),
      sends: (filler) => this.notes.sends(filler),
    };
  }

  private async *connect(signal: AbortSignal): Run<Linked> {
    const { evidence } = yield* this.linkAndRecognise(signal);
    const device = new ChipAccess(this.link, evidence.profile);
    this.linked = { device, evidence, identity: undefined, searched: false, mutations: this.mutations };
    yield* notesOn(evidence);
    return this.linked;
  }

  /**
   * A link at full speed, and whose it is. A plug that bounces, or a loader that leaves again, looks like a link at first:
   * then another one is made.
   * @param restarted only a chip that has just started counts
   */
  private async *linkAndRecognise(signal: AbortSignal, restarted = false): Run<NewLink> {
    let first: LinkedBy | undefined;
    for (let attempt = 1; ; attempt++) {
      const by = yield* this.linkFromStart(signal, restarted && first === undefined);
      first ??= by;
      try {
        return { ...first, evidence: yield* this.recognise(signal) };
      } catch (error) {
        if (!isTransmissionError(error) || attempt >= RETRIES.recognise) throw error;
        yield note("warning", "retry", { attempts: attempt, detail: error.words, ...error.context });
      }
    }
  }

  /** Boot code takes longest of all that tells a chip at the rate it starts with, so the rate is raised as soon as can be. */
  private async *recognise(signal: AbortSignal): Run<LoaderEvidence> {
    const relink = (): Run<LinkedBy> => this.linkFromStart(signal);
    const greeting = await greet(this.link, signal);
    const before = this.linked?.device.profile;
    // After a reset it is the same chip, most likely; should it be another, its boot code tells.
    const asBefore = greeting.profile.isProvisional && before?.bootloaderIsLifeline === true;
    const device = new ChipAccess(this.link, asBefore ? before : greeting.profile);
    const bootCode = new BootCode();
    yield* this.speed.start(device, bootCode, relink, signal);
    await bootCode.read(device, signal);
    const evidence = await recogniseLoader(this.link, greeting, bootCode.bytes, signal);
    yield* this.speed.raise(new ChipAccess(this.link, evidence.profile), bootCode, relink, signal);
    return evidence;
  }

  /** @param restarted only a chip that has just started counts */
  private async *linkFromStart(signal: AbortSignal, restarted = false): Run<LinkedBy> {
    const { clock } = this.deps;
    const mayBeAt = this.link.chipMayBeAt;
    if (this.link.baudRate !== START_BAUD) await this.link.setHostBaud(START_BAUD);
    const { linkTimeoutMs: timeoutMs, autoReset = true } = this.options;
    const opening = this.fresh && { opening: { left: await this.notes.recall() } };
    this.fresh = false;
    return yield* linkUp({ link: this.link, clock, timeoutMs, autoReset, mayBeAt, restarted, ...opening }, signal);
  }

  /** @see JobContext.reset */
  private async *resetAndRelink(device: ChipAccess, why: Words, signal: AbortSignal): Run<void> {
    yield note("info", "needs-reset", { detail: why });
    yield* this.throughReplugs(() => this.resetOnce(device, signal), signal);
  }

  private async *resetOnce(device: ChipAccess, signal: AbortSignal): Run<void> {
    const { resetsOnReboot } = device;
    for (let attempt = 1; attempt <= RETRIES.request && resetsOnReboot !== false; attempt++) {
      await this.link.tell("reboot", {}, signal);
      if (this.link.baudRate !== START_BAUD) await this.link.setHostBaud(START_BAUD);
      // Until the watchdog bites it still answers; one that misses no check has only begun again, with the lock as it was.
      const until = this.deps.clock.now() + TIMING.rebootTakesMs;
      let hasMissed = false;
      while (this.deps.clock.now() < until) hasMissed = !(await this.link.probe(2, signal)) || hasMissed;
      if (resetsOnReboot === undefined && !hasMissed) break;
      const link = yield* this.linkAndRecognise(signal);
      // A chip that is where it was has not heard the command.
      if (link.baudRate !== START_BAUD) continue;
      device.wasReset = !link.restarted;
      return yield* this.goOnOver(device, { ...link, restarted: true }, signal);
    }
    yield* this.resetByHand(device, signal);
  }

  /**
   * The chip is taken to another rate and waited for at the one with which it starts, where it can be only after a reset or without
   * power. A line without rates shows that by silence. @throws OperationError `flash-protected` when nobody does it
   */
  private async *resetByHand(device: ChipAccess, signal: AbortSignal): Run<void> {
    const { clock } = this.deps;
    const moved = await this.speed.leaveStart(device, signal);
    if (!moved) yield* untilSilent(this.link, clock, this.options.linkTimeoutMs, signal);
    const link = yield* this.linkAndRecognise(signal, true);
    device.wasReset = false;
    yield* this.goOnOver(device, { ...link, restarted: true }, signal);
  }

  /** @see JobContext.recoverLink */
  private async *recoverLink(device: ChipAccess, again: boolean, signal: AbortSignal): Run<void> {
    throwIfAborted(signal, "find the link again");
    yield* this.throughReplugs((replugged) => this.recoverOnce(device, again, replugged, signal), signal);
  }

  private async *recoverOnce(device: ChipAccess, again: boolean, replugged: boolean, signal: AbortSignal): Run<void> {
    if (!(await stillAnswers(this.link, signal))) return yield* this.relink(device, signal);
    // The adapter may hang on another chip now, and one that waits for a link answers as well.
    if (replugged) return yield* this.goOnAfterReplug(device, signal);
    this.troubles++;
    if (!again && !this.speed.onTrial && this.troubles < RETRIES.atOneSpeed) return;
    this.troubles = 0;
    yield* this.lowerSpeed(device, signal);
  }

  private async *lowerSpeed(device: ChipAccess, signal: AbortSignal): Run<void> {
    yield* this.speed.lower(device, () => this.linkFromStart(signal), signal);
    await this.notes.movedTo(this.link.baudRate);
  }

  private async *goOnAfterReplug(device: ChipAccess, signal: AbortSignal): Run<void> {
    const bootCode = new BootCode();
    let now: LoaderEvidence;
    try {
      const greeting = await greet(this.link, signal);
      await bootCode.read(device, signal);
      now = await recogniseLoader(this.link, greeting, bootCode.bytes, signal);
    } catch (error) {
      if (!isTransmissionError(error)) throw error;
      return yield* this.relink(device, signal);
    }
    yield* this.goOnWith(device, now, signal);
  }

  /** A new link to the same chip: its loader must be the one the job began with. */
  private async *relink(device: ChipAccess, signal: AbortSignal): Run<void> {
    const rates = this.link.chipMayBeAt;
    const link = yield* this.linkAndRecognise(signal);
    // Nobody has sent it there: it has started anew.
    const started = link.baudRate === START_BAUD && rates.length > 0 && !rates.includes(START_BAUD);
    yield* this.goOnOver(device, { ...link, restarted: link.restarted || started }, signal);
  }

  private async *goOnOver(device: ChipAccess, { evidence, restarted }: NewLink, signal: AbortSignal): Run<void> {
    await this.notes.movedTo(this.link.baudRate);
    // Only power or a reset ends what a CRC has locked.
    if (restarted) device.lockedByCrc = false;
    device.seen.clear();
    this.troubles = 0;
    yield* this.goOnWith(device, evidence, signal);
  }

  /**
   * Goes on with the chip that answers, if it is the one the job began with.
   * @throws ProtocolError `chip-changed`
   */
  private async *goOnWith(device: ChipAccess, now: LoaderEvidence, signal: AbortSignal): Run<void> {
    const { evidence, identity } = this.linked ?? {};
    device.gaps++;
    try {
      if (evidence) assertSameLoader(evidence, now);
      if (!identity) return;
      const { calibration } = identity;
      // Where the plan under way writes, the flash is no evidence of who it is.
      const stays = calibration && !device.mayChange(rangeOf(calibration.address, SECTOR));
      if (stays)
        assertSameDevice(identity, yield* this.readSurely(device, calibration.address, signal), device.inDoubt);
      if (!stays || !isMarked(deviceMark(identity))) yield* this.tellByContent(device, identity, signal);
    } catch (error) {
      if (isFlasherError(error) && error.code === "chip-changed") this.linked = undefined;
      throw error;
    }
  }

  /**
   * Nothing of its own tells this chip from others of its kind: what the job has read and written must still be there.
   * @throws ProtocolError `chip-changed`
   */
  private async *tellByContent(device: ChipAccess, { flash }: ChipIdentity, signal: AbortSignal): Run<void> {
    yield note("warning", "chip-unmarked", {});
    const known = device.known.witnesses(flash.size);
    const now = new Map<number, number>();
    for (const { address } of known) now.set(address, crc32(yield* this.readSurely(device, address, signal)));
    assertHoldsTheSame(known, now);
  }

  /** As two readings agree, over a line that has just been brought back and is not sure to stay. */
  private async *readSurely(device: ChipAccess, address: number, signal: AbortSignal): Run<Uint8Array> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await readTwice(device, address, signal);
      } catch (error) {
        if (!isTransmissionError(error) || attempt >= RETRIES.sector) throw error;
        yield note("warning", "retry", { attempts: attempt, detail: error.words, ...error.context });
        if (!(await stillAnswers(this.link, signal))) throw error;
        yield* this.lowerSpeed(device, signal);
      }
    }
  }

  /** Restarts the chip into its application; the next job needs a new link. */
  async *reboot(signal: AbortSignal): Run<void> {
    yield* this.throughReplugs(() => this.rebootOnce(signal), signal);
  }

  // eslint-disable-next-line require-yield -- a step like the others, which has nothing to tell
  private async *rebootOnce(signal: AbortSignal): Run<void> {
    // Nothing answers this command, so it is sent more than once; a chip that has gone already does not hear the rest.
    for (let i = 0; i < 3; i++) {
      await this.link.tell("reboot", {}, signal);
      await this.deps.clock.sleep(TIMING.rebootRepeatMs, signal);
    }
    this.linked = undefined;
    await this.notes.over();
  }

  /** Between jobs: loaders that give up when nobody talks are talked to. */
  rest(): void {
    if (this.linked?.device.profile.rebootsWhenIdle) this.link.keepAwake();
  }

  /** Leaves a chip that is still linked at its start speed, so that the next program finds it, and closes the port. */
  async close(): Promise<void> {
    this.link.letSleep();
    try {
      if (this.linked && (await this.speed.restore(this.linked.device, AbortSignal.timeout(TIMING.closeMs))))
        await this.notes.over();
    } catch (error) {
      // The job has its result already; a chip that does not follow is found at its speed by the next link.
      if (!isFlasherError(error) && !isCancelled(error)) throw error;
      this.deps.log.debug(`could not go back to ${START_BAUD} baud: ${error.message}`);
    } finally {
      await this.transport.close();
    }
  }
}
