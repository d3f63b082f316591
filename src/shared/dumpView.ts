/**
 * What the image viewer shows of the bytes of a file: its map, its passport, what was searched and compared. Plain data, for the page;
 * the bytes themselves are asked for a piece at a time.
 */
import type { Range } from "../core/base/ranges";

export interface PartView extends Range {
  /** From 1, as it is drawn. */
  readonly number: number;
  readonly name: string;
  readonly holds: string;
  readonly from: "boot-code" | "content" | "layout" | "rest";
  readonly isBlank: boolean;
  /** What it would be saved as, made readable; undefined where it is readable as it lies there, or cannot be. */
  readonly opens: "decrypt" | "unpack" | undefined;
  /** Not below the application: boot code is brought back by a command of its own. */
  readonly canWrite: boolean;
  readonly isPrivate: boolean;
}

/** As core has it. */
export type ConfidenceView = "proven" | "likely" | "hint";

export interface FactView {
  readonly name: string;
  readonly value: string;
  readonly evidence: string;
  readonly confidence: ConfidenceView;
}

/** Whether updates over the air will be unpacked, for each firmware. */
export type UpdatesView = readonly {
  readonly firmware: string;
  readonly works: "yes" | "no" | "unknown";
  readonly why: string;
}[];

export interface PassportView {
  readonly facts: readonly FactView[];
  readonly contradictions: readonly string[];
  readonly updates: UpdatesView;
  /** Why there is no configuration to be had, and what to do; undefined where there is one. */
  readonly noSettings: { readonly why: string; readonly todo: string } | undefined;
  /** Why the file must not be given away as it is. */
  readonly private: readonly string[];
  /** Dots until secrets are shown. */
  readonly secrets: readonly { readonly name: string; readonly value: string }[];
}

export interface SearchView {
  readonly text: string;
  readonly as: "hex" | "text";
  readonly status: "running" | "done" | "stopped" | "unreadable";
  /** Why it cannot be looked for. */
  readonly problem?: string | undefined;
  readonly count: number;
  /** There are more than were counted. */
  readonly more: boolean;
  /** The place that is shown, from 0; undefined where there is none. */
  readonly index?: number | undefined;
  /** 0..1. */
  readonly share: number;
}

export interface ComparisonView {
  /** What it was compared with, by name. */
  readonly with: string;
  readonly isChip: boolean;
  readonly differences: readonly (Range & { readonly bytes?: number | undefined; readonly parts: string })[];
  /** Of both sides, where they are not the same. */
  readonly lengths?: readonly [number, number] | undefined;
}

/** Where the page is to go; another `turn` is another wish. */
export interface Destination extends Range {
  readonly turn: number;
}

/** What can be done with a file on a device, by its content. */
export interface FileVerbsView {
  readonly flash: boolean;
  readonly restore: boolean;
  readonly verify: boolean;
}

export interface DumpView {
  /** Changes with the bytes, and with what of them is shown: what a page has kept of them is void. */
  readonly generation: number;
  /** Bytes there are to see. */
  readonly size: number;
  /** Offsets are addresses in flash. */
  readonly isFlash: boolean;
  readonly parts: readonly PartView[];
  readonly passport: PassportView | undefined;
  /** Some bytes are hidden until secrets are shown. */
  readonly hidesBytes: boolean;
  readonly secretsShown: boolean;
  /** The editor's own hex editor is there and can open this file. */
  readonly hexEditor: boolean;
  readonly search?: SearchView | undefined;
  readonly comparison?: ComparisonView | undefined;
  readonly goTo?: Destination | undefined;
}
