/** What an operation gets from the session that runs it, and the few small patterns every operation uses. */
import { ProtocolError, isPortLost, isTransientStatus, isTransmissionError, type ErrorContext } from "../base/errors";
import { RETRIES, TIMING } from "../base/timing";
import { words, type Words } from "../base/words";
import type { ChipIdentity, FlashGeometry } from "../beken/chips/types";
import type { ChipDevice } from "./chipDevice";
import type { DriverEvent, NoteCode, Phase, Steps } from "./driverEvents";
import type { Lifted, PutBack, Reprotect } from "./liftedProtection";
import { NOTE_WORDS } from "./noteWords";

export interface JobContext {
  readonly device: ChipDevice;
  readonly identity: ChipIdentity;
  /** Of this chip's flash; the strictest where the chip is in doubt. */
  readonly geometry: FlashGeometry;
  readonly signal: AbortSignal;
  /** Resets the chip, by command where that works, by a person where not, and links again at full speed. */
  reset(why: Words): Steps<void>;
  /**
   * After a lost reply: brings the line back, one speed lower when `again` says that this is not the first time; links
   * anew when the chip no longer answers, and waits for the adapter when that is what went away.
   */
  recoverLink(again: boolean): Steps<void>;
  /** @see ChipLink.unprotect */
  unprotect(remember: (undo: Reprotect) => void): Steps<void>;
  /**
   * Call where this job has lifted nothing: what puts back what interrupted ones had lifted; undefined where something is protected
   * already, or nothing tells that it was this chip.
   */
  protectAgain(lifted: Lifted): Steps<PutBack | undefined>;
}

/** Why a chip must be reset that was asked for a CRC. */
export const LOCKED = words`a CRC locked the flash until the next reset`;

export function note(level: "info" | "warning", code: NoteCode, context: ErrorContext): DriverEvent {
  return { type: "note", level, code, words: NOTE_WORDS[code], context };
}

/** How often one step of a job has failed, and whether that was once too often. */
export class RetryBudget {
  private lost = 0;
  private hesitated = false;

  /** @param most failures in all before the last one is passed on */
  constructor(private readonly most: number = RETRIES.sector) {}

  /** Failures since something was done. */
  get failures(): number {
    return this.lost;
  }

  /** Something was done: what failed before it counts no more. */
  forget(): void {
    this.lost = 0;
    this.hesitated = false;
  }

  /**
   * After the step failed: brings the line back, so that the step can be tried again. A chip that was busy is asked once
   * more after a pause; one that refuses is not.
   * @param again true where the link has repeated the request by itself already
   * @throws `error` itself when another try would not help, or there were enough
   */
  async *after(error: unknown, context: JobContext, again?: boolean): Steps<void> {
    const { device, signal } = context;
    // With a count in it, the link has asked again by itself.
    if (isTransientStatus(error) && !this.hesitated && error.context.attempts === undefined) {
      this.hesitated = true;
      yield note("warning", "retry", { attempts: 1, detail: error.words, ...error.context });
      await device.pause(TIMING.busyPauseMs, signal);
      return;
    }
    const lost = isTransmissionError(error) ? error : undefined;
    if ((!lost && !isPortLost(error)) || ++this.lost >= this.most) throw error;
    if (lost) yield note("warning", "retry", { attempts: this.lost, detail: lost.words, ...lost.context });
    yield* context.recoverLink(again ?? this.lost > 1);
  }
}

/** Runs one step again after the line was brought back; for steps that may be repeated. */
export async function* withRetries<T>(context: JobContext, step: () => Promise<T>): Steps<T> {
  const repeats = new RetryBudget();
  for (;;) {
    try {
      return await step();
    } catch (error) {
      yield* repeats.after(error, context, true);
    }
  }
}

/**
 * Runs a list of requests that may be queued, telling each answer to `take`, and goes on behind the last good answer
 * after a failure: first once more over the same line, then after {@link JobContext.recoverLink}.
 * @param start the queue for what is left, from index `from`, which has failed so many times
 * @param most failures of one before it is passed on
 */
export async function* withRetriesEach<T, E>(
  context: JobContext,
  count: number,
  start: (from: number, failures: number) => AsyncGenerator<T, void, void>,
  take: (answer: T, index: number) => E,
  most?: number,
): AsyncGenerator<DriverEvent | NonNullable<E>, void, void> {
  const repeats = new RetryBudget(most);
  for (let done = 0; done < count;) {
    try {
      for await (const answer of start(done, repeats.failures)) {
        const event = take(answer, done);
        done++;
        repeats.forget();
        if (event) yield event;
      }
    } catch (error) {
      yield* repeats.after(error, context);
    }
  }
}

/**
 * Runs `step` when the link was lost and found again since `gaps` was {@link ChipDevice.gaps}, and once more for as long as it is lost
 * while `step` runs.
 * @throws ProtocolError `reply-timeout` when that goes on and on
 */
export async function* afterGaps<E>(
  context: JobContext,
  gaps: number,
  step: () => AsyncGenerator<E, void, void>,
): AsyncGenerator<E, void, void> {
  const { device } = context;
  let seen = gaps;
  for (let times = 0; device.gaps > seen; times++) {
    if (times > RETRIES.replug) {
      const detail = words`the link was lost each time`;
      throw new ProtocolError("reply-timeout", words`read all of it over one link`, { attempts: times, detail });
    }
    seen = device.gaps;
    yield* step();
  }
}

/** Announces a phase with its total, counts what is done, closes it. */
export class PhaseMeter {
  private done = 0;

  constructor(
    readonly phase: Phase,
    readonly total: number,
  ) {}

  started(): DriverEvent {
    return { type: "phase-started", phase: this.phase, total: this.total };
  }

  /** `length` more bytes, at `address`, are done. */
  advance(address: number, length: number): DriverEvent {
    this.done += length;
    return { type: "progress", phase: this.phase, done: this.done, total: this.total, address, length };
  }

  finished(): DriverEvent {
    return { type: "phase-finished", phase: this.phase };
  }
}
