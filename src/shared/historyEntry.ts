/** What is kept of a job that has ended: one line of the history. */
import type { JobKind } from "../core/jobs/events";
import { figuresOf, type JobFigures } from "../core/plan/jobFigures";
import { tookMs, type JobState } from "./jobState";

/** One line of the session's history. */
export interface HistoryEntry {
  readonly id: string;
  readonly kind: JobKind;
  readonly title: string;
  readonly portLabel: string;
  readonly status: "succeeded" | "failed" | "cancelled";
  readonly startedAt: number;
  readonly durationMs: number;
  /** The title of the error, or where something was saved. */
  readonly remark?: string | undefined;
  /** What it did; of one that failed nothing is known in figures. */
  readonly figures?: JobFigures | undefined;
}

/** Undefined while the job runs. */
export function toHistoryEntry(state: JobState): HistoryEntry | undefined {
  const { id, kind, title, port, status, startedAt, error, outcome } = state;
  if (status !== "succeeded" && status !== "failed" && status !== "cancelled") return undefined;
  return {
    id,
    kind,
    title,
    portLabel: port.label,
    status,
    startedAt,
    durationMs: tookMs(state),
    remark: error?.title ?? outcome?.savedTo,
    figures: outcome && figuresOf(outcome),
  };
}
