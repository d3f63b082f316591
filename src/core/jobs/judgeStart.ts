/**
 * Whether an application that was just flashed runs, judged by when the loader answered while it was watched. Pure. An application
 * that runs goes to the loader when it is asked, and only then; one that crashes again and again goes there by itself.
 */
import { isCancelled, type FlasherError } from "../base/errors";
import { TIMING } from "../base/timing";
import { words, type Words } from "../base/words";
import { areAlike, type StartSigns } from "../driver/startSigns";

/** Stable: JSON output keys on it. */
export type StartCheckKind =
  /** It restarted into the loader each time it was asked to, and at no other time. */
  | "running"
  /** Something restarts it again and again. */
  | "restarting"
  /** The loader is not left: the application is never started. */
  | "in-loader"
  /** It does not hear the request: it hangs, does not start, or uses this UART for something else. */
  | "no-answer"
  /** What was seen does not go together, or could not be seen. */
  | "unknown";

export interface StartCheck {
  readonly kind: StartCheckKind;
  /** A sentence. */
  readonly summary: Words;
  /** What to do now, most promising first. */
  readonly next: readonly Words[];
  /** What it cost, in milliseconds. */
  readonly tookMs: number;
  /** How long the application had run by itself when it was asked, in milliseconds; of "running" alone. */
  readonly ranMs?: number;
}

const WATCH_LOG = words`Open the serial monitor: its log says more. On most boards that is another wire, TX2 (P0).`;
const CUT_POWER = words`Cut the power of the device for a second: it may be waiting in its loader.`;

const INSPECT = words`Show the chip's information to see what its boot code and application lack.`;
const SUPPLY = words`Check the supply: 3.3 V, 500 mA or more.`;
const TOO_BUSY = words`This computer was too busy to see whether the application runs.`;
const OTHER_USE = words`One that uses UART1 for something else does not answer, and may run all the same.`;

/** @param tookMs of the whole check */
export function judgeStart(signs: StartSigns, tookMs: number): StartCheck {
  return { ...judged(signs), tookMs };
}

function judged({ unasked, asked, heldUpMs, watchedMs, left }: StartSigns): Omit<StartCheck, "tookMs"> {
  const later = unasked.filter((afterMs) => afterMs > TIMING.startAtOnceMs);
  if (unasked.length > 1 && later.length > 0)
    return {
      kind: "restarting",
      summary: words`The device restarts again and again.`,
      next: [WATCH_LOG, SUPPLY],
    };
  // It was left in the end, and before it may have been while nobody looked.
  if (unasked.length > 1 && left && heldUpMs > 0) return { kind: "unknown", summary: TOO_BUSY, next: [WATCH_LOG] };
  if (unasked.length > 1 || !left)
    return {
      kind: "in-loader",
      summary: words`The application is not started: the chip stays in its loader.`,
      next: [...(left ? [] : [CUT_POWER]), INSPECT],
    };
  const answers = asked.filter((answer) => answer !== undefined);
  if (asked.length === 0) return { kind: "unknown", summary: TOO_BUSY, next: [WATCH_LOG] };
  if (answers.length === 0)
    return {
      kind: "no-answer",
      summary: words`The application was not seen to run: it did not answer on the wires that flash.`,
      next: [WATCH_LOG, OTHER_USE],
    };
  if (later.length === 0 && answers.length === asked.length && areAlike(answers))
    return { kind: "running", summary: words`The application runs.`, next: [], ranMs: watchedMs };
  const summary =
    later.length > 0
      ? words`The application restarted by itself once while it was watched.`
      : answersInWords(asked, heldUpMs);
  return { kind: "unknown", summary, next: [WATCH_LOG] };
}

/** At least one answer, and no two that are alike, or one that did not come. */
function answersInWords(asked: readonly (number | undefined)[], heldUpMs: number): Words {
  if (asked.includes(undefined)) return words`The application answered, and not each time.`;
  // What held it up for so long can be all that two answers differ by.
  if (heldUpMs > TIMING.startSpreadMs - TIMING.startLookMs) return TOO_BUSY;
  return asked.length > 1
    ? words`The application answered each time after another while, as one does that restarts by itself.`
    : words`The application answered once, and was not asked again.`;
}

/** The check itself did not come to its end. */
export function notChecked(error: FlasherError, tookMs: number): StartCheck {
  const { words: why } = error;
  const stopped = isCancelled(error);
  return {
    kind: "unknown",
    summary: stopped
      ? words`Whether the application runs was not looked at to the end.`
      : words`Whether the application runs could not be seen: ${why}.`,
    next: stopped ? [] : [CUT_POWER],
    tookMs,
  };
}
