/** What an operation gets from the session that runs it, and the two small patterns every operation uses. */
import { isCancelled, isTransmissionError, type ErrorContext } from "../base/errors";
import { RETRIES } from "../base/timing";
import type { ChipIdentity } from "../chips/types";
import type { Device } from "./device";
import type { JobEvent, NoteCode, Phase } from "./events";

export interface JobContext {
  readonly device: Device;
  readonly identity: ChipIdentity;
  readonly signal: AbortSignal;
  /** Resets the chip, by command where that works, by a person where not, and links again at full speed. */
  reset(why: string): AsyncGenerator<JobEvent, void, void>;
  /**
   * After a lost reply: brings the line back, one speed lower when `again` says that this is not the first time; links
   * anew when the chip no longer answers.
   */
  regain(again: boolean): AsyncGenerator<JobEvent, void, void>;
}

export function note(level: "info" | "warning", code: NoteCode, context: ErrorContext): JobEvent {
  return { type: "note", level, code, context };
}

/** Runs one step again after the line was brought back; for steps that may be repeated. */
export async function* persist<T>(
  context: JobContext,
  step: (attempt: number) => Promise<T>,
): AsyncGenerator<JobEvent, T, void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await step(attempt);
    } catch (error) {
      if (isCancelled(error) || !isTransmissionError(error) || attempt >= RETRIES.sector) throw error;
      yield note("warning", "retry", { attempts: attempt, detail: error.message, ...error.context });
      // The link has repeated the request by itself already.
      yield* context.regain(true);
    }
  }
}

/**
 * Runs a list of requests that may be queued, telling each answer to `take`, and goes on behind the last good answer
 * after a failure: first once more over the same line, then after {@link JobContext.regain}.
 * @param start the queue for what is left, from index `from`
 */
export async function* persistMany<T>(
  context: JobContext,
  count: number,
  start: (from: number) => AsyncGenerator<T, void, void>,
  take: (answer: T, index: number) => JobEvent | undefined,
): AsyncGenerator<JobEvent, void, void> {
  let done = 0;
  for (let failures = 0; done < count;) {
    try {
      for await (const answer of start(done)) {
        const event = take(answer, done);
        done++;
        failures = 0;
        if (event) yield event;
      }
    } catch (error) {
      if (isCancelled(error) || !isTransmissionError(error) || ++failures >= RETRIES.sector) throw error;
      yield note("warning", "retry", { attempts: failures, detail: error.message, ...error.context });
      yield* context.regain(failures > 1);
    }
  }
}

/** Announces a phase with its total, counts what is done, closes it. */
export class PhaseMeter {
  private done = 0;

  constructor(
    readonly phase: Phase,
    readonly total: number,
  ) {}

  started(): JobEvent {
    return { type: "phase-started", phase: this.phase, total: this.total };
  }

  /** `length` more bytes, at `address`, are done. */
  advance(address: number, length: number): JobEvent {
    this.done += length;
    return { type: "progress", phase: this.phase, done: this.done, total: this.total, address, length };
  }

  finished(): JobEvent {
    return { type: "phase-finished", phase: this.phase };
  }
}
