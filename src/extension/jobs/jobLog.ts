/** What of a job's events goes into the log, in words for those who read logs. Pure. */
import type { JobEvent } from "../../core/index";

/** A line for the log, without the port; undefined for events that are not worth one. */
export function logLine(event: JobEvent): string | undefined {
  switch (event.type) {
    case "note":
      return `${event.code} ${JSON.stringify(event.context)}`;
    case "linked":
      return `linked after ${Math.round(event.afterMs)} ms, ${event.by}`;
    case "identified":
      return `${event.chip.chip?.id ?? "unknown chip"} at ${event.baudRate} baud`;
    default:
      return undefined;
  }
}
