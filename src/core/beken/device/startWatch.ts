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
import type { StartSigns } from "../../driver/startSigns";
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
      asked.push(await watch.ask());
      yield meter.advance(0, 1);
      if (asked[0] !== undefined) {
        await watch.startAgain();
        asked.push((await watch.sawLoader()) ? undefined : await watch.ask());
      }
    }
    const left = await watch.leave();
    yield meter.finished();
    return { unasked, asked, watchedMs, left };
  } catch (error) {
    // It may be in its loader now, or on the way there.
    if (!isPortLost(error)) await link.reboot(NEVER);
    throw error;
  }
}

class StartWatch {
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
    const began = this.clock.now();
    // While the host stands still it does not look.
    for (let looked = 0, last = began; looked < ms;) {
      if (await this.link.probeLoader(BURST, this.signal)) return this.since(began);
      const now = this.clock.now();
      looked += Math.min(now - last, TIMING.startLookMs);
      last = now;
    }
    return (await this.link.listen(TIMING.startLateMs, this.signal)) ? this.since(began) : undefined;
  }

  /** A network's share does not count: an answer that was sent at once is one. */
  private since(began: number): number {
    return Math.max(0, this.clock.now() - began - this.link.patienceMs);
  }

  /** One look. */
  async sawLoader(): Promise<boolean> {
    return (await this.link.probeLoader(1, this.signal)) || (await this.link.listen(TIMING.startLateMs, this.signal));
  }

  /** Asks the application to restart; how long the loader took to answer, in ms. */
  async ask(): Promise<number | undefined> {
    for (let attempt = 0; attempt < RETRIES.startRequest; attempt++) {
      const asked = this.clock.now();
      await this.link.sendRaw(ASK, this.signal);
      while (this.clock.now() - asked < TIMING.startAnswerMs + this.link.patienceMs)
        if (await this.link.probeLoader(1, this.signal)) return this.since(asked);
    }
    return undefined;
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
