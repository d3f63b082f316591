/**
 * One job as every surface draws it: plain data made from the job's events by one pure reducer. The host owns the state
 * and supplies what needs words (title, error); views only read. Times are milliseconds since 1970.
 */
import type { ErrorContext, FlashCondition, FlasherErrorCode } from "../core/base/errors";
import type { Say, Text } from "../core/base/words";
import type { JobEvent, JobKind, JobResult, LinkReading, NoteCode } from "../core/jobs/events";
import type { StartCheck, StartCheckKind } from "../core/jobs/judgeStart";
import type { FirstSteps } from "../core/passport/firstSteps";
import { figuresOf, type JobFigures } from "../core/plan/jobFigures";
import { toAdviceView, type AdviceView } from "./buildAdviceView";
import { hex32 } from "./figures";
import { createMap, markRange, remark, type FlashMap } from "./flashMap";
import { drawn, markFailure } from "./jobMap";
import {
  advancePhase,
  announceBackup,
  endPhases,
  finishPhase,
  measure,
  replan,
  shareDone,
  startPhase,
  timeLeft,
  type Pace,
  type PhaseProgress,
} from "./progress";
import { toChipView, toPlanView, toRestoreView, type ChipView, type PlanView, type RestoreView } from "./views";

/** `approval`: the plan is on the table and the chip waits for the person's yes. */
export type JobStatus = "queued" | "linking" | "running" | "approval" | "succeeded" | "failed" | "cancelled";

export interface LinkView extends LinkReading {
  readonly elapsedMs: number;
  readonly limitMs: number;
  readonly needsPerson: boolean;
  /** The adapter went away: it is what is waited for, not the chip. */
  readonly adapterGone?: boolean | undefined;
}

export interface NoteView {
  readonly level: "info" | "warning";
  readonly code: NoteCode;
  /** What is noticed, localised by the host. */
  readonly text: string;
  /** The facts of it, likewise. */
  readonly detail?: string | undefined;
  readonly address?: number | undefined;
  /** How often it came in a row. */
  readonly times: number;
  readonly at: number;
}

/** A failure as people read it; title and steps are localised by the host. */
export interface ErrorView {
  readonly code: FlasherErrorCode;
  readonly title: string;
  /** What was expected and what was found, in one sentence; undefined unless both are known. */
  readonly compared?: string | undefined;
  /** What was seen, one fact a line. */
  readonly evidence: readonly string[];
  readonly steps: readonly string[];
  readonly flash: FlashCondition;
  readonly address?: number | undefined;
  /** Buttons, the most helpful first. */
  readonly actions: readonly ErrorAction[];
}

/** `retry` runs the same job again, `rekey` with the file re-encrypted; the others are commands of the extension. */
export const ERROR_ACTIONS = [
  "retry",
  "rekey",
  "selectPort",
  "selectBaudRate",
  "addPort",
  "showLog",
  "copyDiagnostics",
  "flashFile",
  "flashLatestBuild",
  "inspectImage",
  "showChipInfo",
  "bringBackBootCode",
] as const;

export type ErrorAction = (typeof ERROR_ACTIONS)[number];

/** What a finished job did. */
export interface OutcomeView extends JobFigures {
  /** CRC-32 of what was backed up, eight hex digits. */
  readonly crc32?: string | undefined;
  /** Where the host put what was read. */
  readonly savedTo?: string | undefined;
  /** Whether the application was seen to run; localised by the host. */
  readonly started?: StartedView | undefined;
  readonly steps?: FirstStepsView | undefined;
}

/** What the person sees of the device now, and does next; localised by the host. */
export interface FirstStepsView {
  readonly see: readonly string[];
  readonly log: readonly string[];
  readonly adopt: readonly string[];
  /** The UART that carries the log. */
  readonly logUart: 1 | 2;
}

export interface StartedView {
  readonly kind: StartCheckKind;
  readonly text: string;
  readonly next: readonly string[];
  /** What looking cost, and how long the application had run by then, in ms. */
  readonly tookMs: number;
  readonly ranMs?: number | undefined;
}

/** What the file's build says it was made for; localised by the host. */
export interface BuiltForView {
  readonly words: string;
  /** The chip on the wire is another one. */
  readonly careful?: string | undefined;
}

/** The copy of the flash that is made before the plan is carried out. */
export interface BackupView {
  /** Bytes of flash. */
  readonly length: number;
  /** After it the chip must be reset by hand. */
  readonly needsReset: boolean;
  /** Where the host keeps it: a folder before, a file once it is there. */
  readonly folder?: string | undefined;
  readonly savedTo?: string | undefined;
}

export interface JobPort {
  /** How the host tells ports apart; `/dev/ttyUSB0`, `tcp://host:port`. */
  readonly id: string;
  readonly label: string;
  /** The adapter chip, when known: "CH340". */
  readonly adapter?: string | undefined;
  /** A simulated chip. */
  readonly practice?: boolean | undefined;
}

/** Whether an adapter of this machine is plugged in for it: no server on the network, and no simulated chip. */
export function hasPlug({ id, practice }: Pick<JobPort, "id" | "practice">): boolean {
  return practice !== true && !/^(?:tcp|rfc2217):\/\//.test(id);
}

export interface JobState {
  readonly id: string;
  readonly kind: JobKind;
  /** Localised by the host: "Flash kitchen.rbl". */
  readonly title: string;
  readonly port: JobPort;
  readonly fileName?: string | undefined;
  readonly status: JobStatus;
  readonly startedAt: number;
  readonly endedAt?: number | undefined;
  /** Since when a person is asked something. */
  readonly askedAt?: number | undefined;
  /** How long answers took, in ms: no time of the job's. */
  readonly askedMs: number;
  /** The latest news of linking; kept after it ended. */
  readonly link?: LinkView | undefined;
  readonly linked?: { readonly afterMs: number; readonly by: string } | undefined;
  readonly baudRate?: number | undefined;
  readonly chip?: ChipView | undefined;
  readonly plan?: PlanView | undefined;
  readonly restore?: RestoreView | undefined;
  readonly backup?: BackupView | undefined;
  readonly builtFor?: BuiltForView | undefined;
  readonly advice?: AdviceView | undefined;
  readonly phases: readonly PhaseProgress[];
  /** 0..1, never decreases; 1 only after success. */
  readonly overall: number;
  readonly pace?: Pace | undefined;
  readonly etaMs?: number | undefined;
  readonly map?: FlashMap | undefined;
  readonly notes: readonly NoteView[];
  readonly outcome?: OutcomeView | undefined;
  readonly error?: ErrorView | undefined;
  /** What a cancelled job left of the flash. */
  readonly flash?: FlashCondition | undefined;
}

export interface NewJob {
  readonly id: string;
  readonly kind: JobKind;
  readonly title: string;
  readonly port: JobPort;
  readonly fileName?: string | undefined;
}

/** Sends as many notes as anyone reads; older ones are in the log. */
const NOTES_KEPT = 20;
/** A job that has done all its bytes has still to say so. */
const ALMOST = 0.99;

export function newJob(job: NewJob, now: number): JobState {
  return { ...job, status: "queued", startedAt: now, askedMs: 0, phases: [], overall: 0, notes: [] };
}

export const isFinished = ({ status }: Pick<JobState, "status">): boolean =>
  status === "succeeded" || status === "failed" || status === "cancelled";

/**
 * The state after one more event. Events after the end change nothing.
 * @param say puts the core's texts into the reader's language
 */
export function reduceJob(state: JobState, event: JobEvent, now: number, say: Say): JobState {
  if (isFinished(state)) return state;
  switch (event.type) {
    case "linking": {
      const { elapsedMs, limitMs, wire, bytesSeen, needsPerson, firmware, rate } = event;
      const read = { wire, bytesSeen, ...(firmware !== undefined && { firmware }), ...(rate && { rate }) };
      return {
        ...state,
        status: "linking",
        link: { elapsedMs, limitMs, needsPerson, ...read },
        etaMs: undefined,
      };
    }
    case "replugging": {
      const { elapsedMs, limitMs } = event;
      const link = { elapsedMs, limitMs, wire: "silence", bytesSeen: 0, needsPerson: true, adapterGone: true } as const;
      return { ...state, status: "linking", link, etaMs: undefined };
    }
    case "linked":
      return { ...state, status: "running", linked: { afterMs: event.afterMs, by: event.by } };
    case "identified": {
      const chip = toChipView(event.chip, say);
      const map = state.map ?? createMap(chip.flash.size, chip.layout?.partitions ?? []);
      return { ...state, status: "running", chip, baudRate: event.baudRate, map };
    }
    case "restore-planned":
      return { ...state, restore: toRestoreView(event.restore, say) };
    case "planned":
      return planned(state, event, say);
    case "backup-planned": {
      const { length, needsReset } = event;
      return { ...state, backup: { length, needsReset }, phases: announceBackup(state.phases, length) };
    }
    case "narrowed":
      return narrowed(state, event);
    case "phase-started":
      return progressed({
        ...state,
        status: "running",
        phases: startPhase(state.phases, event.phase, event.total, state.kind),
        pace: measure(undefined, event.phase, 0, now),
        etaMs: undefined,
      });
    case "progress": {
      const { phase, done, total } = event;
      const pace = measure(state.pace, phase, done, now);
      const phases = advancePhase(state.phases, phase, done, total);
      const map = state.map && drawn(state.map, event, state.plan !== undefined);
      return progressed({
        ...state,
        status: "running",
        phases,
        pace,
        etaMs: timeLeft(phases, pace, state.baudRate),
        map,
      });
    }
    case "phase-finished": {
      const phases = finishPhase(state.phases, event.phase);
      // What was erased and not written needed no writing: the file is blank there.
      const map =
        event.phase === "write" && state.plan?.kind === "write" && state.map
          ? remark(state.map, ["erased"], "skipped")
          : state.map;
      return progressed({ ...state, phases, pace: undefined, map });
    }
    case "note":
      return noted(state, event, now, say);
    // For whoever stores what an interrupted job needs to go on; progress tells the same in figures.
    case "kept":
    case "erasing":
    case "unprotecting":
    case "sector-done":
    case "block":
      return state;
  }
}

/** The plan waits for a yes; the job goes on with its next event. */
export function askApproval(state: JobState, now: number): JobState {
  return isFinished(state) ? state : { ...state, status: "approval", etaMs: undefined, askedAt: now };
}

/** The person said yes. */
export function approved(state: JobState, now: number): JobState {
  return state.status === "approval" ? { ...answered(state, now), status: "running" } : state;
}

function answered(state: JobState, now: number): JobState {
  const { askedAt = now, askedMs } = state;
  return { ...state, askedAt: undefined, askedMs: askedMs + now - askedAt };
}

/** How long an ended job took, in ms, without the time a person thought about it; 0 while it runs. */
export function tookMs({ startedAt, endedAt = startedAt, askedMs }: JobState): number {
  return Math.max(0, endedAt - startedAt - askedMs);
}

/** Where the copy goes, and whether it is there: the host's own knowledge. */
export function withBackup(state: JobState, where: Pick<BackupView, "folder" | "savedTo">): JobState {
  return state.backup === undefined ? state : { ...state, backup: { ...state.backup, ...where } };
}

export function succeed(state: JobState, result: JobResult, now: number, say: Say, savedTo?: string): JobState {
  const outcome: OutcomeView = { ...outcomeOf(result, say), savedTo };
  return { ...ended(state, "succeeded", now), overall: 1, outcome };
}

/** What comes after a flash. */
export function withFirstSteps(state: JobState, { see, log, adopt }: FirstSteps, say: Say): JobState {
  const steps = { see: see.map(say), log: log.words.map(say), adopt: adopt.map(say), logUart: log.uart };
  return { ...state, outcome: { ...state.outcome, steps } };
}

export function fail(state: JobState, error: ErrorView, now: number): JobState {
  const map =
    state.map && error.address !== undefined
      ? markFailure(state.map, state.kind, error.address, error.code)
      : state.map;
  const phases = endPhases(state.phases, "failed", error.code === "verify-failed" ? "verify" : undefined);
  return { ...ended(state, "failed", now), error, flash: error.flash, map, phases };
}

export function cancel(state: JobState, flash: FlashCondition, now: number): JobState {
  return { ...ended(state, "cancelled", now), flash, phases: endPhases(state.phases, "stopped") };
}

function ended(state: JobState, status: JobStatus, now: number): JobState {
  return { ...answered(state, now), status, endedAt: now, pace: undefined, etaMs: undefined };
}

function planned(state: JobState, event: Extract<JobEvent, { readonly type: "planned" }>, say: Say): JobState {
  const plan = toPlanView(event.plan, event.image, say);
  const empty = createMap(plan.flashSize, state.map?.partitions ?? []);
  const map = plan.erased.reduce((flash, range) => markRange(flash, range, "planned"), empty);
  const advice = event.advice && toAdviceView(event.advice, say);
  const phases = replan(state.phases, event.plan.totals);
  return progressed({ ...state, status: "running", plan, advice, map, phases });
}

/** The plan as approved stays in view; map and phases show what is left of it. */
function narrowed(state: JobState, { plan, skipped }: Extract<JobEvent, { readonly type: "narrowed" }>): JobState {
  const map = state.map && skipped.reduce((flash, range) => markRange(flash, range, "skipped"), state.map);
  const nothing = { preserve: 0, erase: 0, write: 0, verify: 0 };
  return progressed({ ...state, map, phases: replan(state.phases, plan.sectors.length === 0 ? nothing : plan.totals) });
}

function progressed(state: JobState): JobState {
  return { ...state, overall: Math.max(state.overall, Math.min(ALMOST, shareDone(state.phases, state.baudRate))) };
}

function noted(state: JobState, event: Extract<JobEvent, { readonly type: "note" }>, now: number, say: Say): JobState {
  const { level, code, context } = event;
  const facts = detailOf(context);
  const detail = facts === undefined ? undefined : say(facts);
  const last = state.notes.at(-1);
  const repeats = last?.code === code && last.detail === detail;
  const note: NoteView = {
    level,
    code,
    text: say(event.words),
    detail,
    address: context.address,
    times: repeats ? last.times + 1 : 1,
    at: now,
  };
  const notes = [...(repeats ? state.notes.slice(0, -1) : state.notes), note].slice(-NOTES_KEPT);
  const isRepair =
    code === "repair" && state.kind !== "backup" && context.address !== undefined && state.map !== undefined;
  const map = isRepair ? markFailure(state.map, state.kind, context.address, "verify-failed") : state.map;
  const link = code === "adapter-back" ? undefined : state.link;
  return { ...state, notes, map, link };
}

function detailOf({ detail, actual, file }: ErrorContext): Text | undefined {
  return detail ?? actual ?? file;
}

function outcomeOf(result: JobResult, say: Say): OutcomeView {
  if (result.kind === "info" || result.kind === "reboot") return {};
  const started = result.kind === "flash" && result.started ? { started: toStartedView(result.started, say) } : {};
  return { ...figuresOf(result), ...started, ...(result.kind === "backup" && { crc32: hex32(result.crc32) }) };
}

function toStartedView({ kind, summary, next, tookMs, ranMs }: StartCheck, say: Say): StartedView {
  return { kind, text: say(summary), next: next.map(say), tookMs, ranMs };
}
