/**
 * Watches an application start over the wires that flashed it. LibreTiny restarts into the loader when it hears the bare link check
 * `01 E0 FC 01 00` at 115200 baud, and passes over everything else (its `Serial.cpp`); loaders also answer a link check with bytes
 * behind it, boot ROMs the request to stay. So the loader can be looked for without disturbing the application: one that answers
 * before the bare check was sent has been restarted by something else.
 */
import { isPortLost } from "../../base/errors";
import { RETRIES, TIMING, type Clock } from "../../base/timing";
import { PhaseMeter } from "../../driver/jobContext";
import type { Steps } from "../../driver/driverEvents";
import { areAlike, type StartSigns } from "../../driver/startSigns";
import { encodeRequest } from "../protocol/commandTable";
import { START_BAUD, type BootLink } from "../protocol/link";

/** Wait, watch, ask, ask again, leave. */
const STEPS = 5;
/** Checks of a loader in one burst: about 10 ms on the wire, less than the shortest link window. */
const BURST = 6;
/** What LibreTiny waits for. */
const ASK = encodeRequest("linkCheck", {});
/** Not the person's signal: whatever comes, the application is started again. */
const NEVER = new AbortController().signal;

/** @see ChipLink.watchStart */
export async function* watchStart(link: BootLink, clock: Clock, signal: AbortSignal): Steps<StartSigns> {
  const meter = new PhaseMeter("starts", STEPS);
  yield meter.started();
  const started = clock.now();
  const watch = new StartWatch(link, clock, signal);
  try {
    if (link.transport.can.baudRate && link.baudRate !== START_BAUD) await link.setHostBaud(START_BAUD);
    await watch.quiet(TIMING.startQuietMs);
    yield meter.advance(0, 1);
    const unasked = await watch.unasked();
    const watchedMs = clock.now() - started;
    yield meter.advance(0, 1);
    const asked: (number | undefined)[] = [];
    if (unasked.length < RETRIES.unaskedRestarts) {
      asked.push(...(await watch.ask()));
      yield meter.advance(0, 1);
      // A busy computer, or what the adapter is plugged into, makes an answer late; then one more says which of them is right.
      for (let again = 1; again < RETRIES.startQuestions && isToAskAgain(asked); again++) {
        await watch.startAgain();
        asked.push(...((await watch.sawLoader()) ? [undefined] : await watch.ask()));
      }
    }
    const left = await watch.leave();
    yield meter.finished();
    return { unasked, asked, heldUpMs: watch.heldUpMs, watchedMs, left };
  } catch (error) {
    // It may be in its loader now, or on the way there.
    if (!isPortLost(error)) await link.reboot(NEVER);
    throw error;
  }
}

/** All of them answered, and no two yet alike. */
function isToAskAgain(asked: readonly (number | undefined)[]): boolean {
  return asked.length > 0 && asked.every((answer) => answer !== undefined) && !areAlike(asked);
}

class StartWatch {
  /** @see StartSigns.heldUpMs */
  heldUpMs = 0;

  constructor(
    private readonly link: BootLink,
    private readonly clock: Clock,
    private readonly signal: AbortSignal,
  ) {}

  /** Sends nothing; what comes meanwhile is no answer to what is asked later. */
  async quiet(ms: number): Promise<void> {
    await this.link.pause(ms + this.link.patienceMs, this.signal);
    await this.link.discardInput();
  }

  /** Restarts the chip and lets its application come up. */
  async startAgain(): Promise<void> {
    await this.link.reboot(this.signal);
    await this.quiet(TIMING.startAgainMs);
  }

  /** Looks for the loader until none was seen for long enough, or too often. */
  async unasked(): Promise<readonly number[]> {
    const seen: number[] = [];
    for (;;) {
      const after = await this.loaderWithin(TIMING.startWatchMs);
      if (after === undefined) return seen;
      seen.push(after);
      if (seen.length >= RETRIES.unaskedRestarts) return seen;
      await this.startAgain();
    }
  }

  private async loaderWithin(ms: number): Promise<number | undefined> {
    let looked = 0;
    while (looked < ms) {
      const look = await this.look(BURST);
      looked += look.ms;
      if (look.isThere) return this.asSentAfter(looked);
    }
    return (await this.link.listen(TIMING.startLateMs, this.signal)) ? this.asSentAfter(looked) : undefined;
  }

  /** A network's share of the time does not count: an answer that was sent at once is one. */
  private asSentAfter(ms: number): number {
    return Math.max(0, ms - this.link.patienceMs);
  }

  /** One look, and for how long it was one: while the host stands still it does not look. */
  private async look(
    frames: number,
  ): Promise<{ readonly isThere: boolean; readonly ms: number; readonly heldUp: boolean }> {
    const began = this.clock.now();
    const isThere = await this.link.probeLoader(frames, this.signal);
    const took = this.clock.now() - began;
    const ms = Math.min(took, TIMING.startLookMs);
    this.heldUpMs = Math.max(this.heldUpMs, took - ms);
    return { isThere, ms, heldUp: took > ms };
  }

  /** One look, and what comes late. */
  async sawLoader(): Promise<boolean> {
    return (await this.link.probeLoader(1, this.signal)) || (await this.link.listen(TIMING.startLateMs, this.signal));
  }

  /**
   * Asks the application to restart: how long the loader took to answer, in ms from the first request; undefined where it did not. A
   * request after which the host did not always look, so that the loader may have come and gone, is made once more.
   * @returns nothing where that was so of all of them
   */
  async ask(): Promise<readonly [] | readonly [number | undefined]> {
    const began = this.clock.now();
    let attended = 0;
    for (let attempt = 0; attempt < 2 * RETRIES.startRequest && attended < RETRIES.startRequest; attempt++) {
      let wasHeldUp = false;
      await this.link.sendRaw(ASK, this.signal);
      for (let looked = 0; looked < TIMING.startAnswerMs + this.link.patienceMs;) {
        const look = await this.look(1);
        if (look.isThere) return [this.asSentAfter(this.clock.now() - began)];
        looked += look.ms;
        wasHeldUp ||= look.heldUp;
      }
      if (!wasHeldUp) attended++;
    }
    return attended === 0 ? [] : [undefined];
  }

  /** Starts the application, and looks whether the loader is gone. */
  async leave(): Promise<boolean> {
    for (let attempt = 0; attempt < RETRIES.startRequest; attempt++) {
      await this.link.reboot(this.signal);
      await this.quiet(attempt === 0 ? TIMING.startAgainMs : TIMING.startQuietMs);
      if (!(await this.sawLoader())) return true;
    }
    await this.link.reboot(this.signal);
    return false;
  }
}
