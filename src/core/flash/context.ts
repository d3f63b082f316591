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
  /** After replies were lost for good: goes one speed down when the chip still answers, else links again. */
  regain(): AsyncGenerator<JobEvent, void, void>;
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
      yield* context.regain();
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
