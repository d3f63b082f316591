/** What is asked of the job service and what it answers: plain types, and judgements on them. Pure. */
import type {
  ChipIdentity,
  DumpJudgement,
  FirmwareImage,
  FlashPlan,
  FlasherError,
  JobEvent,
  JobHooks,
  JobKind,
  JobRequest,
  JobResult,
  KeptRequest,
  LogSettings,
  RestorePlan,
} from "../../core/index";
import type { BackupView, JobState } from "../../shared/jobState";
import type { BuiltFor } from "../text/planText";
import type { PortEntry } from "../ports/portEntry";
import { kindChangesFlash, type ChangingKind } from "../../shared/jobKinds";

export type RequestOf<K extends JobKind> = Extract<JobRequest, { readonly kind: K }>;
/** What is kept of a request that can go on. */
export type KeptOf<K extends JobKind> = Extract<KeptRequest, { readonly kind: K }>;
export type ResultOf<K extends JobKind> = Extract<JobResult, { readonly kind: K }>;

/** Everything needed to run a job, and to run it again. */
export interface JobSpec<K extends JobKind = JobKind> {
  readonly port: PortEntry;
  readonly request: RequestOf<K>;
  /** What the person is asked on the way; the job service adds the plan's question, journals and the copy that comes first. */
  readonly hooks?: JobHooks;
  /** Localised: "Flash kitchen.rbl". */
  readonly title: string;
  readonly fileName?: string;
  /** URI of the file of the request: what an interrupted job is offered again with. */
  readonly source?: string;
  /** Reads the file of the request anew: between a failure and the next try it may have been built again. */
  readonly reload?: () => Promise<Uint8Array>;
  /** What the file's build says it was made for. */
  readonly builtFor?: BuiltFor | undefined;
  /** What the file's build says of its log. */
  readonly logSettings?: () => Promise<LogSettings | undefined>;
  /** The plan is shown and waits for a yes before anything is touched. */
  readonly confirm?: boolean;
  /** Stores what was read, as part of the job; says where. */
  readonly save?: (result: ResultOf<K>) => Promise<string>;
  /** Keeps what the job tells, before it goes on. */
  readonly store?: (event: JobEvent) => Promise<void>;
  /** After the job, however it ended. */
  readonly close?: () => Promise<void>;
}

export type JobEnd<K extends JobKind = JobKind> =
  | { readonly status: "succeeded"; readonly job: JobState; readonly result: ResultOf<K> }
  | { readonly status: "failed"; readonly job: JobState; readonly error: FlasherError }
  | { readonly status: "cancelled"; readonly job: JobState };

/** Nothing was started: `job` is at work on the port. */
export interface Refused {
  readonly status: "refused";
  readonly job: JobState;
}

/** A plan that waits for a yes, from whichever surface gives it first: {@link JobService.decide}. */
export interface Question {
  readonly job: JobState;
  readonly plan: FlashPlan;
  readonly chip: ChipIdentity;
  readonly image: FirmwareImage | undefined;
  readonly builtFor: BuiltFor | undefined;
  /** Of a restore: what it means for the device at hand. */
  readonly restore: RestorePlan | undefined;
  /** The copy that comes before it, if one does. */
  readonly backup: BackupView | undefined;
}

/** A copy of the flash that is not good: write all the same? {@link JobService.decide} answers. */
export interface Doubt {
  readonly job: JobState;
  readonly judgement: DumpJudgement;
}

/** Requests that show their plan and can wait for a yes. */
export function changesFlash(request: JobRequest): request is RequestOf<ChangingKind> {
  return kindChangesFlash(request.kind);
}

/** Whether the link is worth keeping for the next job: not after a reboot, and not when it may be what went wrong. */
export function keepsLink(end: JobEnd, isLinked: boolean): boolean {
  switch (end.status) {
    case "succeeded":
      return end.result.kind !== "reboot" && !wasRebooted(end.result);
    case "cancelled":
      return isLinked && end.job.flash === "untouched";
    case "failed":
      // A wrong file, a plan that cannot be, a copy that was not saved: nothing against link and chip.
      return end.error.flash === "untouched" && /^(image|plan|file)-/.test(end.error.code);
  }
}

function wasRebooted(result: JobResult): boolean {
  return (result.kind === "flash" || result.kind === "restore") && result.rebooted;
}
