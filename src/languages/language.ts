/**
 * What there is of a language: everything of it lies in a folder of its own, with texts.json (what the editor says), manifest.json
 * (what package.json says) and the TypeScript below. Holds no text itself.
 */
import type { RestoreWarningCode } from "../core/backup/restorePlan";
import type { FlasherErrorCode } from "../core/base/errors";
import type { Say } from "../core/base/words";
import type { NoteCode } from "../core/jobs/events";
import type { Explanation } from "./explanation";
import type { IMAGE_WARNINGS } from "./en/notes";

export interface Language {
  /** As editors name it: "zh-cn". Also the name of its folder. */
  readonly id: string;
  /** One word for one thing, where a translation would have a choice. */
  readonly terms: readonly Term[];
  /** What a text in it has, and most others have not. */
  readonly letters: RegExp;
  /** A whole sentence of its prose. */
  readonly sentence: RegExp;
  readonly guide: GuideLanguage;
}

export interface Term {
  readonly english: string;
  readonly word: string;
  /** Other words for the same, which are not used. */
  readonly not: readonly string[];
}

export interface GuideLanguage {
  /** Of the guide in this language, from the project's folder. */
  readonly path: string;
  /** How it names a command of the editor, with the title for a group; all of them. */
  readonly command: RegExp;
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
