/**
 * How far a job is, how fast, and how long it will take: pure arithmetic over phases. Knows what phases cost relative to
 * each other, nothing of chips or views.
 */
import type { JobKind, Phase } from "../core/jobs/events";

export interface PhaseProgress {
  readonly phase: Phase;
  readonly done: number;
  readonly total: number;
  readonly state: "pending" | "active" | "done" | "failed" | "stopped";
  /** How often it ran: a verification comes again after a repair. */
  readonly rounds: number;
}

/** Speed of the phase that runs, measured between progress events. */
export interface Pace {
  readonly phase: Phase;
  /** Time and bytes where the running stretch of measurement began. */
  readonly at: number;
  readonly done: number;
  readonly bytesPerSecond?: number | undefined;
}

/** Milliseconds a byte usually takes on the chip, where the wire is idle meanwhile: typical 25-series flash, and its CRC loop. */
const ON_CHIP = { erase: 0.009, program: 0.004, hash: 0.0012 } as const;
/** Assumed until the chip and the program have agreed on a rate. */
const USUAL_BAUD = 921_600;

/** What a byte of each phase usually costs, in milliseconds. Phases at 0 count steps, not bytes. */
function costs(baudRate = USUAL_BAUD): Readonly<Record<Phase, number>> {
  const wire = 10_000 / baudRate;
  return {
    identify: 0,
    scan: wire,
    preserve: wire,
    compare: ON_CHIP.hash,
    erase: ON_CHIP.erase,
    write: wire + ON_CHIP.program,
    verify: ON_CHIP.hash,
    read: wire,
    check: ON_CHIP.hash,
    repair: wire + ON_CHIP.program + ON_CHIP.erase,
    reboot: 0,
    starts: 0,
    backup: wire,
    "backup-check": ON_CHIP.hash,
  };
}

/** Speeds measured over less time than this are noise. */
const MEASURE_MS = 250;
/** Older speeds count less and less: after this time about a third. */
const SMOOTH_MS = 2000;

const STEPS: readonly Phase[] = ["identify", "reboot", "starts"];

export const countsBytes = (phase: Phase): boolean => !STEPS.includes(phase);

/** What has begun, then the phases a plan announces; what costs nothing is left out. */
export function replan(
  phases: readonly PhaseProgress[],
  totals: Readonly<Record<"preserve" | "erase" | "write" | "verify", number>>,
): readonly PhaseProgress[] {
  const begun = phases.filter(({ state }) => state !== "pending");
  const announced = (["preserve", "erase", "write", "verify"] as const)
    .filter((phase) => totals[phase] > 0 && !begun.some((entry) => entry.phase === phase))
    .map((phase) => pending(phase, totals[phase]));
  return [...begun, ...announced];
}

/** The copy that comes before what is still to be done. */
export function announceBackup(phases: readonly PhaseProgress[], length: number): readonly PhaseProgress[] {
  const firstPending = phases.findIndex(({ state }) => state === "pending");
  const copy = (["backup", "backup-check"] as const).map((phase) => pending(phase, length));
  return phases.toSpliced(firstPending < 0 ? phases.length : firstPending, 0, ...copy);
}

const pending = (phase: Phase, total: number): PhaseProgress => ({
  phase,
  done: 0,
  total,
  state: "pending",
  rounds: 0,
});

/** A phase begins, or begins again. Phases without work are not shown. */
export function startPhase(
  phases: readonly PhaseProgress[],
  phase: Phase,
  total: number,
  kind: JobKind,
): readonly PhaseProgress[] {
  const known = phases.find((entry) => entry.phase === phase);
  if (total === 0 && known === undefined) return phases;
  const started: PhaseProgress = { phase, done: 0, total, state: "active", rounds: (known?.rounds ?? 0) + 1 };
  const begun = replaceOrAdd(phases, started);
  // A backup is proven against the chip's own checksums, which costs as many bytes again.
  const checkFollows = kind === "backup" && phase === "read" && !phases.some((entry) => entry.phase === "check");
  return checkFollows ? [...begun, pending("check", total)] : begun;
}

export function advancePhase(
  phases: readonly PhaseProgress[],
  phase: Phase,
  done: number,
  total: number,
): readonly PhaseProgress[] {
  return phases.map((entry) => (entry.phase === phase ? { ...entry, done: Math.min(done, total), total } : entry));
}

export function finishPhase(phases: readonly PhaseProgress[], phase: Phase): readonly PhaseProgress[] {
  return phases.map((entry) => (entry.phase === phase ? { ...entry, done: entry.total, state: "done" } : entry));
}

/** The job ended: what was going on goes no further. `culprit` is a phase that ended before its failure was known. */
export function endPhases(
  phases: readonly PhaseProgress[],
  how: "failed" | "stopped",
  culprit?: Phase,
): readonly PhaseProgress[] {
  return phases.map((entry) =>
    entry.state === "active" || entry.phase === culprit ? { ...entry, state: how } : entry,
  );
}

/** Boot code is read and repairs are made before what is still pending: kept in the order of the work. */
function replaceOrAdd(phases: readonly PhaseProgress[], next: PhaseProgress): readonly PhaseProgress[] {
  if (phases.some(({ phase }) => phase === next.phase))
    return phases.map((entry) => (entry.phase === next.phase ? next : entry));
  const firstPending = phases.findIndex(({ state }) => state === "pending");
  return firstPending < 0 ? [...phases, next] : phases.toSpliced(firstPending, 0, next);
}

/** Share of all known work that is done, 0..1, weighted by what a byte of each phase costs. */
export function shareDone(phases: readonly PhaseProgress[], baudRate: number | undefined): number {
  const perByte = costs(baudRate);
  const cost = (amount: (entry: PhaseProgress) => number): number =>
    phases.reduce((sum, entry) => sum + perByte[entry.phase] * amount(entry), 0);
  const total = cost((entry) => entry.total);
  return total === 0 ? 0 : cost((entry) => entry.done) / total;
}

/** What the phases to come usually take, in milliseconds: from typical figures, not from this chip's. */
export function usualTime(phases: readonly PhaseProgress[], baudRate: number | undefined): number {
  const perByte = costs(baudRate);
  const ahead = phases.filter(({ state }) => state === "pending");
  return ahead.reduce((sum, { phase, total }) => sum + perByte[phase] * total, 0);
}

/** Begins to measure when the phase changes, and takes a speed whenever enough time has passed. */
export function measure(pace: Pace | undefined, phase: Phase, done: number, now: number): Pace | undefined {
  if (!countsBytes(phase)) return undefined;
  if (pace?.phase !== phase || done < pace.done) return { phase, at: now, done };
  const elapsed = now - pace.at;
  if (elapsed < MEASURE_MS) return pace;
  const measured = (1000 * (done - pace.done)) / elapsed;
  const weight = Math.exp(-elapsed / SMOOTH_MS);
  const smoothed =
    pace.bytesPerSecond === undefined ? measured : weight * pace.bytesPerSecond + (1 - weight) * measured;
  return { phase, at: now, done, bytesPerSecond: smoothed };
}

/** Time left in milliseconds, the phases to come judged by the speed of the one that runs; undefined until there is one. */
export function timeLeft(
  phases: readonly PhaseProgress[],
  pace: Pace | undefined,
  baudRate: number | undefined,
): number | undefined {
  if (pace?.bytesPerSecond === undefined || pace.bytesPerSecond <= 0) return undefined;
  const perByte = costs(baudRate);
  const left = phases.reduce((sum, entry) => sum + perByte[entry.phase] * (entry.total - entry.done), 0);
  return (1000 * left) / (perByte[pace.phase] * pace.bytesPerSecond);
}
