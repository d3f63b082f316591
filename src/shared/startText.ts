/** Whether a chip starts, in sentences: the same in dialogs, notifications and on the dashboard. Pure. */
import { fill } from "./figures";
import type { JobState } from "./jobState";
import type { Strings } from "./strings";
import type { StartView } from "./views";

/** As a fact of a chip. */
export function startFact({ starts, reasons }: StartView, { start: words }: Strings): string {
  const head = words.fact[starts];
  return reasons.length === 0 ? head : `${head}: ${reasons.join("; ")}`;
}

/** Of a plan: what is worth a word. */
export function startWarnings(start: StartView | undefined, { start: words }: Strings): readonly string[] {
  if (start === undefined) return [];
  const why = start.reasons.join("; ");
  const told = start.starts === "yes" ? [] : [fill(start.starts === "no" ? words.planNo : words.planUnknown, why)];
  return start.calibration ? told : [...told, words.noCalibration];
}

/** Of a job that has ended, or of the chip that it was about. */
export function startOf({ plan, chip }: Pick<JobState, "plan" | "chip">): StartView | undefined {
  return plan?.start ?? chip?.start;
}

/** After the end: undefined where nothing speaks against it. */
export function startedText(start: StartView | undefined, { start: words }: Strings): string | undefined {
  if (start === undefined || start.starts === "yes") return undefined;
  return fill(start.starts === "no" ? words.doneNo : words.doneUnknown, start.reasons.join("; "));
}
