/**
 * What a plan comes to, in two sentences: how much is erased, sent and kept, and how long that usually takes. Every surface
 * says it with these, in the figures that the outcome is told in.
 */
import { fill, formatBytes, formatDuration } from "./figures";
import type { JobState } from "./jobState";
import { usualTime } from "./progress";
import type { Strings } from "./strings";
import type { PlanView } from "./views";

/** Of the job that asks; what a plan without one takes is not known. */
export type PlannedJob = Pick<JobState, "phases" | "baudRate" | "port">;

export function planSummary(plan: PlanView, job: PlannedJob | undefined, strings: Strings): readonly string[] {
  const time = job === undefined ? undefined : timeSentence(job, strings);
  return [amountSentence(plan, strings), time].filter((sentence) => sentence !== undefined);
}

/** Bytes of flash that the plan leaves as they are. */
export function keptBytes({ flashSize, figures }: PlanView): number {
  return flashSize - figures.bytesErased;
}

function amountSentence(plan: PlanView, { plan: words }: Strings): string {
  const erased = formatBytes(plan.figures.bytesErased);
  const kept = formatBytes(keptBytes(plan));
  if (plan.kind === "erase") return fill(words.summaryErase, erased, kept);
  const isProtected = (what: "bootloader" | "calibration"): boolean => plan.protected.some(({ why }) => why === what);
  const areSafe = plan.bootCode === undefined && isProtected("bootloader") && isProtected("calibration");
  return fill(areSafe ? words.summarySafe : words.summary, erased, formatBytes(plan.figures.bytesWritten), kept);
}

/** A practice device keeps a time of its own. */
function timeSentence({ phases, baudRate, port }: PlannedJob, { plan: words }: Strings): string | undefined {
  const usual = usualTime(phases, baudRate);
  if (port.practice === true || usual === 0 || baudRate === undefined) return undefined;
  return fill(words.usualTime, formatDuration(roundedUp(usual)), baudRate);
}

/** No more exact than it is known: to 5 s below a minute, to half a minute above. */
function roundedUp(ms: number): number {
  const step = ms <= 60_000 ? 5_000 : 30_000;
  return step * Math.ceil(ms / step);
}
