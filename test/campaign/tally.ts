/** How many scenarios of each fault, task and chip ended how; plain data, so that processes can add theirs up. */
import { COURSES, type Course, type Verdict, type Which } from "./scenario";

export interface Row {
  readonly courses: Record<Course, number>;
  readonly codes: Record<string, number>;
  violations: number;
  /** Processor time it took. */
  ms: number;
}

export interface Tally {
  readonly faults: Record<string, Row>;
  readonly tasks: Record<string, Row>;
  readonly chips: Record<string, Row>;
  /** The longest job, as part of what it might have taken in simulated time, and whose it was. */
  closest: { readonly part: number; readonly seed: number };
}

export function newTally(): Tally {
  return { faults: {}, tasks: {}, chips: {}, closest: { part: 0, seed: 0 } };
}

export function count(tally: Tally, { seed, fault, task, preset }: Which, verdict: Verdict, tookMs: number): void {
  for (const row of [rowOf(tally.faults, fault), rowOf(tally.tasks, task), rowOf(tally.chips, preset.id)]) {
    row.courses[verdict.course]++;
    row.violations += verdict.violations.length;
    row.ms += tookMs;
    if (verdict.code !== undefined) row.codes[verdict.code] = (row.codes[verdict.code] ?? 0) + 1;
  }
  const part = verdict.ms / verdict.limitMs;
  if (part > tally.closest.part) tally.closest = { part, seed };
}

function rowOf(rows: Record<string, Row>, name: string): Row {
  const none = Object.fromEntries(COURSES.map((course) => [course, 0])) as Record<Course, number>;
  return (rows[name] ??= { courses: none, codes: {}, violations: 0, ms: 0 });
}
