/** What the guide needs to be made in a language: its texts, and how the core's are said in it. Holds no text itself. */
import type { RestoreWarningCode } from "../core/backup/restorePlan";
import type { FlasherErrorCode } from "../core/base/errors";
import type { Say } from "../core/base/words";
import type { NoteCode } from "../core/jobs/events";
import type { Explanation } from "./explanation";
import type { IMAGE_WARNINGS } from "./notes";

export interface GuideLanguage {
  /** Of the guide in this language, from the project's folder. */
  readonly path: string;
  /** The core's texts in this language; plain strings are the same in all. */
  readonly say: Say;
  /** A sentence of the core's advice, which is keyed by its English. */
  readonly advise: (sentence: string) => string;
  readonly explanations: Readonly<Record<FlasherErrorCode, Explanation>>;
  readonly notes: Readonly<Record<NoteCode, string>>;
  readonly imageWarnings: Readonly<Record<keyof typeof IMAGE_WARNINGS, string>>;
  readonly restoreWarnings: Readonly<Record<RestoreWarningCode, string>>;
  /** By status byte or fault report. */
  readonly statusMeanings: Readonly<Record<number, string>>;
  readonly labels: GuideLabels;
}

/** Heads of tables and the few words between them. */
export interface GuideLabels {
  readonly seen: string;
  readonly means: string;
  /** Between whole sentences, and before what is added to a name. */
  readonly betweenSentences: string;
  readonly beforeRemark: string;
  readonly statusHead: readonly [value: string, seen: string, means: string, todo: string];
  readonly nothingToDo: string;
  readonly report: string;
  readonly fillHead: readonly [of: string, blank: string, zeros: string];
  /** The five lengths whose CRCs are worth knowing, shortest first. */
  readonly lengths: readonly [page: string, fingerprint: string, sector: string, block: string, whole: string];
  readonly crcHead: readonly [crc: string, means: string];
  readonly nothingHashed: string;
  readonly ofBlank: string;
  readonly ofZeros: string;
  readonly bootCodeHead: readonly [crc256: string, crc257: string, name: string, chips: string];
  readonly noteHead: readonly [note: string, means: string];
  readonly warningHead: readonly [warning: string, means: string];
}
