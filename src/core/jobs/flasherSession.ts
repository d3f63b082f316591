/**
 * One open port and, once it answers, one identified chip, kept linked across any number of jobs: one reset, many
 * actions. Owns the link's life: linking, speeding up, resetting, finding the chip again, leaving it as it was found.
 */
import { deviceMark, isMarked } from "../backup/manifest";
import { equalBytes } from "../base/bytes";
import { crc32 } from "../base/checksum";
import { ProtocolError, isCancelled, isFlasherError, isPortLost, isTransmissionError } from "../base/errors";
import { rangeOf } from "../base/ranges";
import { RETRIES, TIMING, throwIfAborted } from "../base/timing";
import { english, type Words } from "../base/words";
import { CALIBRATION_LENGTH } from "../beken/chips/calibration";
import type { ChipIdentity } from "../beken/chips/types";
import { geometryOf } from "../beken/chips/strictGeometry";
import { BEKEN_DRIVER } from "../beken/bekenDriver";
import type { ChipDevice } from "../driver/chipDevice";
import type { ChipLink, LoaderEvidence, NewLink } from "../driver/chipDriver";
import type { Steps } from "../driver/driverEvents";
import { note, type JobContext } from "../driver/jobContext";
import { readTwice } from "../driver/readings";
import { startability } from "../plan/startability";
import { ReplaceableTransport } from "../transport/replaceable";
import type { PortRef, Transport } from "../transport/transport";
import { assertHoldsTheSame, assertSameDevice, assertSameLoader, holdsCalibrationOf } from "./deviceIdentity";
import type { Run, SessionDeps, SessionOptions } from "./events";
import { judgeStart, notChecked, type StartCheck } from "./judgeStart";
import { Replug } from "./replug";

interface Linked {
  readonly device: ChipDevice;
  evidence: LoaderEvidence;
  identity: ChipIdentity | undefined;
  /** True once the slow search for calibration was made, so that it is made once. */
  searched: boolean;
  /** Frames sent by then that may have changed the flash: after more of them it is looked at anew. */
  mutations: number;
}

export class FlasherSession {
  private readonly transport: ReplaceableTransport;
  private readonly link: ChipLink;
  private linked: Linked | undefined;
  private readonly replug: Replug;
  /** Replies lost or damaged since the speed last changed. */
  private troubles = 0;

  private constructor(
    line: Transport,
    private readonly options: SessionOptions,
    private readonly deps: SessionDeps,
  ) {
    this.transport = new ReplaceableTransport(line);
    this.link = (deps.driver ?? BEKEN_DRIVER).over(this.transport, options, deps);
    this.replug = new Replug(this.transport, options, deps);
  }

  /**
   * Opens the port; the chip is not needed yet.
   * @throws TransportError `port-not-found`, `port-busy`, `port-permission`, `host-unreachable`, `serial-driver-missing`
   */
  static async open(options: SessionOptions, deps: SessionDeps, signal: AbortSignal): Promise<FlasherSession> {
    const { startBaud } = deps.driver ?? BEKEN_DRIVER;
    const warn = (what: Words): void => deps.log.debug(english(what));
    const transport = await deps.open(options.port, { baudRate: startBaud, warn }, signal);
    return new FlasherSession(transport, options, deps);
  }

  /** Where the chip was looked for. */
  get port(): PortRef {
    return this.options.port;
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
    await this.link.jobBegins();
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
  private async *linkedChip(replugged: boolean, signal: AbortSignal): Steps<Linked> {
    if (this.linked && (replugged || !(await this.isStillThere(this.linked, signal)))) this.linked = undefined;
    if (this.linked) this.forgetUnmarked(this.linked);
    return this.linked ?? (yield* this.connect(signal));
  }

  /**
   * Between jobs a chip may have been unplugged, and another plugged in: the one that answers must hold the same calibration,
   * which no two share, or else the same boot code.
   */
  private async isStillThere({ device, evidence, identity }: Linked, signal: AbortSignal): Promise<boolean> {
    if (!(await this.link.isLinked(signal)) && !(await this.link.recover(signal))) return false;
    try {
      // What the chip refused to show before it refuses now.
      if (!identity?.calibration && !evidence.bootCode) return true;
      const place = identity?.calibration?.address ?? 0;
      // Where the last job has written, the flash is not what it was when the chip was identified.
      const written = device.known.written(place);
      const sector = await device.readSector(place, signal);
      if (written !== undefined) return crc32(sector) === written;
      if (identity?.calibration) return holdsCalibrationOf(identity, sector);
      return evidence.bootCode !== undefined && equalBytes(sector, evidence.bootCode);
    } catch (error) {
      if (error instanceof ProtocolError) return false;
      throw error;
    }
  }

  /**
   * Opened at the rate of the link: a chip with a supply of its own is still there, perhaps waiting for the rest of a
   * frame, and filler must reach it as filler.
   */
  private throughReplugs<T>(step: (replugged: boolean) => Steps<T>, signal: AbortSignal): Steps<T> {
    return this.replug.through(step, () => this.link.baudRate, signal);
  }

  /** A chip without a MAC or calibration of its own is identified again: it may be another one. */
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
  private async *identify(linked: Linked, thorough: boolean, signal: AbortSignal): Steps<ChipIdentity> {
    const { device, identity } = linked;
    const options = { thorough, calibrationAt: identity?.calibration?.address };
    for (let attempt = 1; ; attempt++) {
      try {
        if (linked.mutations !== this.mutations)
          linked.evidence = await this.link.recogniseAnew(linked.evidence, signal);
        const found = yield* this.link.identify(linked.evidence, options, signal);
        return { ...found, start: startability(found) };
      } catch (error) {
        const lost = isTransmissionError(error) ? error : undefined;
        if ((!lost && !isPortLost(error)) || attempt >= RETRIES.recognise) throw error;
        if (lost) yield note("warning", "retry", { attempts: attempt, detail: lost.words, ...lost.context });
        yield* this.recoverLink(device, attempt > 1, signal);
      }
    }
  }

  private contextFor({ device }: Linked, identity: ChipIdentity, signal: AbortSignal): JobContext {
    const context: JobContext = {
      device,
      identity,
      geometry: geometryOf(identity),
      signal,
      reset: (why) => this.resetAndRelink(device, why, signal),
      recoverLink: (again) => this.recoverLink(device, again, signal),
      unprotect: (remember) => this.link.unprotect(context, remember),
      protectAgain: (earlier) => this.link.protectAgain(context, earlier),
    };
    return context;
  }

  private async *connect(signal: AbortSignal): Steps<Linked> {
    const { device, evidence, notes } = yield* this.link.connect(signal);
    this.linked = { device, evidence, identity: undefined, searched: false, mutations: this.mutations };
    yield* notes;
    return this.linked;
  }

  /** @see JobContext.reset */
  private async *resetAndRelink(device: ChipDevice, why: Words, signal: AbortSignal): Steps<void> {
    yield note("info", "needs-reset", { detail: why });
    yield* this.throughReplugs(() => this.resetOnce(device, signal), signal);
  }

  private async *resetOnce(device: ChipDevice, signal: AbortSignal): Steps<void> {
    yield* this.goOnOver(device, yield* this.link.restart(this.linked?.evidence, signal), signal);
  }

  /** @see JobContext.recoverLink */
  private async *recoverLink(device: ChipDevice, again: boolean, signal: AbortSignal): Steps<void> {
    throwIfAborted(signal, "find the link again");
    yield* this.throughReplugs((replugged) => this.recoverOnce(device, again, replugged, signal), signal);
  }

  private async *recoverOnce(device: ChipDevice, again: boolean, replugged: boolean, signal: AbortSignal): Steps<void> {
    if (!(await this.link.recover(signal))) return yield* this.relink(device, signal);
    // The adapter may hang on another chip now, and one that waits for a link answers as well.
    if (replugged) return yield* this.goOnAfterReplug(device, signal);
    this.troubles++;
    if (!again && !this.link.rateOnTrial && this.troubles < RETRIES.atOneSpeed) return;
    this.troubles = 0;
    yield* this.link.slowDown(signal);
  }

  private async *goOnAfterReplug(device: ChipDevice, signal: AbortSignal): Steps<void> {
    const now = await this.link.recognise(signal);
    yield* now ? this.goOnWith(device, now, signal) : this.relink(device, signal);
  }

  /** A new link to the same chip: its loader must be the one the job began with. */
  private async *relink(device: ChipDevice, signal: AbortSignal): Steps<void> {
    yield* this.goOnOver(device, yield* this.link.reconnect(this.linked?.evidence, signal), signal);
  }

  private async *goOnOver(device: ChipDevice, { evidence, restarted }: NewLink, signal: AbortSignal): Steps<void> {
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
  private async *goOnWith(device: ChipDevice, now: LoaderEvidence, signal: AbortSignal): Steps<void> {
    const { evidence, identity } = this.linked ?? {};
    device.gaps++;
    try {
      if (evidence) assertSameLoader(evidence, now);
      if (!identity) return;
      const { calibration } = identity;
      // Where the plan under way writes, the flash is no evidence of who it is.
      const stays = calibration && !device.mayChange(rangeOf(calibration.address, CALIBRATION_LENGTH));
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
  private async *tellByContent(device: ChipDevice, { flash }: ChipIdentity, signal: AbortSignal): Steps<void> {
    yield note("warning", "chip-unmarked", {});
    const known = device.known.witnesses(flash.size);
    const now = new Map<number, number>();
    for (const { address } of known) now.set(address, crc32(yield* this.readSurely(device, address, signal)));
    assertHoldsTheSame(known, now);
  }

  /** As two readings agree, over a line that has just been brought back and is not sure to stay. */
  private async *readSurely(device: ChipDevice, address: number, signal: AbortSignal): Steps<Uint8Array> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await readTwice(device, address, signal);
      } catch (error) {
        if (!isTransmissionError(error) || attempt >= RETRIES.sector) throw error;
        yield note("warning", "retry", { attempts: attempt, detail: error.words, ...error.context });
        if (!(await this.link.recover(signal))) throw error;
        yield* this.link.slowDown(signal);
      }
    }
  }

  /** Restarts the chip into its application; the next job needs a new link. */
  async *reboot(signal: AbortSignal): Steps<void> {
    yield* this.throughReplugs(() => this.rebootOnce(signal), signal);
  }

  // eslint-disable-next-line require-yield -- a step like the others, which has nothing to tell
  private async *rebootOnce(signal: AbortSignal): Steps<void> {
    await this.link.reboot(signal);
    this.linked = undefined;
  }

  /**
   * Right after {@link reboot} into an application of LibreTiny: whether it runs. Fails at nothing but its own: what is written stays
   * proven.
   */
  async *checkStart(signal: AbortSignal): Steps<StartCheck> {
    const { clock, log } = this.deps;
    const began = clock.now();
    try {
      const signs = yield* this.link.watchStart(signal);
      log.debug(`the start as it was seen: ${JSON.stringify(signs)}`);
      return judgeStart(signs, clock.now() - began);
    } catch (error) {
      if (!isFlasherError(error)) throw error;
      log.debug(`could not see whether the application runs: ${error.message}`);
      return notChecked(error, clock.now() - began);
    }
  }

  /** Between jobs: keep-alive requests, for loaders that leave after silence. */
  rest(): void {
    if (this.linked) this.link.keepAwake();
  }

  /** Leaves a chip that is still linked at its start speed, so that the next program finds it, and closes the port. */
  async close(): Promise<void> {
    this.link.letSleep();
    try {
      if (this.linked) await this.link.leave(AbortSignal.timeout(TIMING.closeMs));
    } catch (error) {
      // The job has its result already; a chip that does not follow is found at its speed by the next link.
      if (!isFlasherError(error) && !isCancelled(error)) throw error;
      this.deps.log.debug(`could not go back to the rate it starts with: ${error.message}`);
    } finally {
      await this.transport.close();
    }
  }
}
