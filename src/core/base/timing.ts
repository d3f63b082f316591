/**
 * Every wait in the flasher: the clock it is measured by, sleeps that obey an AbortSignal,
 * and one table of deadlines and retry counts. Nothing else in the core holds a number of milliseconds.
 */
import { CancelledError } from "./errors";
import type { Text } from "./words";

export interface Clock {
  /** Milliseconds from an arbitrary start; never goes back. */
  now(): number;
  /** Throws CancelledError as soon as the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(new CancelledError("wait"));
        return;
      }
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(new CancelledError("wait"));
      };
      const timer = setTimeout(() => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      }, ms);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  },
};

/** Throws CancelledError, naming what was being done, once the signal has aborted. */
export function throwIfAborted(signal: AbortSignal, doing: Text): void {
  if (signal.aborted) throw new CancelledError(doing);
}

/** Time for `bytes` on the wire, in ms: start bit, eight data bits, stop bit. */
export function wireTimeMs(bytes: number, baud: number): number {
  return (bytes * 10_000) / baud;
}

/**
 * Deadlines in ms, on top of the time the bytes themselves need on the wire. Floors and figures follow
 * docs/protocol.md ("Timeouts"); the margins cover USB latency timers (16 ms on common adapters) and a busy host.
 */
export const TIMING = {
  /** Between two link checks while waiting for a reset; loaders leave after a few ms of silence. */
  linkProbeEveryMs: 4,
  /** How often `linking` events report that a chip is waited for. */
  linkingToldEveryMs: 250,
  /** A chip that waits already answers within this; then the ways to reset it are tried. */
  firstListenMs: 300,
  /** After the first link answer: late answers of earlier probes are let in before anything else is sent. */
  linkSettleMs: 20,
  /** One link check to a chip that is known to be linked. */
  linkCheckMs: 120,
  /** While a linked chip would otherwise hear nothing: older loaders give up after about 0.3 s. */
  keepAliveEveryMs: 80,
  /**
   * While a chip is silent that was linked: how often, and for how long, it is looked for at the rate it was at. Short beside the
   * time at the rate it starts with, so that its link window is not missed; rarer once it has been silent for long.
   */
  whereItWasEveryMs: 700,
  whereItWasRarelyMs: 2_000,
  whereItWasLongMs: 10_000,
  whereItWasListenMs: 40,
  registerMs: 150,
  statusRegisterMs: 200,
  /** How often the eFuse is asked whether it is done; each question takes about 2 ms at the start speed. */
  efusePolls: 50,
  /** A status register write needs up to 30 ms in the flash before it reads back. */
  statusSettleMs: 30,
  /** How often it is looked at meanwhile. */
  statusPollMs: 5,
  readMs: 400,
  /** A few bytes of flash, over a line on which waiting for what was lost is most of the time. */
  pieceMs: 100,
  writeMs: 1_000,
  erase4kMs: 1_500,
  erase64kMs: 6_000,
  crcBaseMs: 1_000,
  /** Loaders hash at an unknown speed: at least 5 s/MiB are allowed before giving up. */
  crcMsPerMiB: 5_500,
  versionMs: 200,
  /** `SetBaudRate` carries a delay; the chip answers that much later, at the new rate, so that the host can follow first. */
  baudDelayMs: 20,
  /** After the request the host switches its own rate within the chip's delay. */
  baudSwitchMs: 10,
  baudReplyMs: 300,
  /** Control-line reset: how long CEN is held low, and how long the chip gets to start. */
  resetHoldMs: 120,
  /** The same where CEN has a capacitor of its own: boards of 10 kOhm and 47 uF need half a second. */
  resetLongMs: 600,
  /** No answer for this long after a control-line reset: the next way is tried. Loaders answer within 50 ms of their start. */
  resetListenMs: 400,
  /** The same after a reboot request, which firmware and bridges carry out when they get round to it. */
  rebootListenMs: 700,
  /** While a chip is silent and a person is waited for, the lines are tried again so often: power may have come only now. */
  resetAgainEveryMs: 6_000,
  /** The opened port's lines are released for so long until a chip that answers with one asserted counts as held by the other state. */
  heldShownMs: 120,
  /** While somebody wants to know when bytes came, one wait for them is at most so long. */
  observedEveryMs: 10,
  /** Nothing is sent for so long, a few times, when unreadable bytes come: whether they come by themselves. */
  quietListenMs: 240,
  /** Between two "please reboot" messages to firmware that may be running. */
  rebootRequestEveryMs: 1_500,
  /** Between the reboot command and the watchdog's reset, during which the loader goes on answering. */
  rebootTakesMs: 100,
  rebootRepeatMs: 10,
  /** From the reboot command until an application hears; loaders that receive a byte meanwhile stay for 800 ms. */
  startQuietMs: 900,
  /** The same, once the line was shown to work. */
  startAgainMs: 600,
  /** How long a start is watched for restarts that were not asked for, behind {@link startQuietMs}. */
  startWatchMs: 2_000,
  /** One look for the loader takes no longer, unless the host stood still. */
  startLookMs: 50,
  /** Behind the last question to a loader its answer may still be on the way. */
  startLateMs: 40,
  /** A loader that answers so soon had not been left; later, something has restarted the chip. */
  startAtOnceMs: 80,
  /** From the request to restart until the loader answers. */
  startAnswerMs: 500,
  /** A request that is heard each time is answered after much the same time; what is busy on the way can make it later, never sooner. */
  startSpreadMs: 120,
  /** What a reset by command costs until the chip is linked again at full speed; for deciding, not for waiting. */
  typicalResetMs: 1_000,
  /** How long an adapter that went away is waited for, at most; less when the person gave less time for linking. */
  replugMs: 60_000,
  /** How often it is looked for: listing the ports starts a program on some systems. */
  replugEveryMs: 500,
  /** How long a log may say nothing until whoever watches it is told. */
  logQuietMs: 250,
  /** One speed is listened at for as long, where the right one is looked for: logs that say something each second or so. */
  logSpeedMs: 3_000,
  /** A log that never pauses is judged so often: soon enough to be read, and next to no work. */
  logJudgeEveryMs: 200,
  /**
   * In a round, between one device and the wait for the next: a person takes one off and puts one on, and firmware that was just
   * restarted is past its boot code, which link checks would stop it in.
   */
  roundPauseMs: 2_000,
  /** In a round, a chip that is there answers well before this; after so long without an answer the last one is gone. */
  roundGoneMs: 1_500,
  /** Before a chip that said "busy" or "timed out" is asked once more. */
  busyPauseMs: 300,
  /** Going back to the start speed before the port is closed. */
  closeMs: 1_500,
  /** Longest wait for a line to fall quiet, beyond what may be under way. */
  drainMostMs: 1_000,
  /** Quiet line means: nothing arrived for this long. */
  quietMs: 30,
} as const;

/** How often one thing is tried before the failure is passed on. */
export const RETRIES = {
  /** One request, when its reply was lost or damaged. */
  request: 3,
  /** So many losses of the same sector, and it is asked for in pieces where the chip can do that. */
  beforePieces: 4,
  /** Reading one sector over a line that loses bytes now and then: two of three answers are whole where it loses one byte in 10,000. */
  reading: 24,
  /** Finding out whose a link is: a new link each time. */
  recognise: 4,
  /** Rewriting a sector whose content came out wrong. */
  sector: 3,
  /** Reset, relink and rewrite rounds when verification fails. */
  repairRounds: 2,
  /** One step of a job, each time after the adapter went away and came back. */
  replug: 3,
  /** Restarts that were not asked for, until a start is given up. */
  unaskedRestarts: 2,
  /** Telling an application to restart, and a loader to leave. */
  startRequest: 3,
  /** So many questions to a started application, until two were answered alike. */
  startQuestions: 4,
  /** Lost or damaged replies that one speed may cost before the next lower one is taken. */
  atOneSpeed: 3,
} as const;
