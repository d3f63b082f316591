/**
 * A round as its page draws it, one file for device after device: plain data, whose sentences the host has put into the person's language.
 * And how far a port is with its device: a pure judgement.
 */
import type { Phase } from "../core/jobs/events";
import type { JobPort, JobState } from "./jobState";

/**
 * What a port is at, in words for eyes across a workbench. `next`: connect a device; `link`: one is heard and does not answer yet; `same`:
 * the device that answers was dealt with already; `trouble`: the port cannot be opened.
 */
export const ROUND_STAGES = [
  "next",
  "link",
  "checking",
  "asking",
  "backup",
  "flashing",
  "verifying",
  "starting",
  "running",
  "verified",
  "not-running",
  "failed",
  "refused",
  "stopped",
  "same",
  "trouble",
  "paused",
  "over",
] as const;
export type RoundStage = (typeof ROUND_STAGES)[number];

/** What the eye is to take it for; `busy`: leave it alone. */
export type RoundTone = "calm" | "busy" | "good" | "bad" | "ask";

const TONES = {
  next: "calm",
  link: "ask",
  checking: "busy",
  asking: "ask",
  backup: "busy",
  flashing: "busy",
  verifying: "busy",
  starting: "busy",
  running: "good",
  verified: "good",
  "not-running": "ask",
  failed: "bad",
  refused: "bad",
  stopped: "bad",
  same: "ask",
  trouble: "bad",
  paused: "calm",
  over: "calm",
} satisfies Record<RoundStage, RoundTone>;

export const toneOf = (stage: RoundStage): RoundTone => TONES[stage];

export interface RoundLaneView {
  readonly port: JobPort;
  readonly stage: RoundStage;
  /** 0..1, while a device is worked on. */
  readonly share?: number | undefined;
  /** Name or address of the device, and its chip. */
  readonly device?: string | undefined;
  /** Why, and what to do: each for itself. */
  readonly lines: readonly string[];
  /** The device that is there may be flashed once more: as the person pressed, or is offered to. */
  readonly again?: "offered" | "wanted" | undefined;
}

/** A device that was dealt with. */
export interface RoundDeviceView {
  readonly id: string;
  readonly name: string;
  readonly chip: string;
  readonly result: "begun" | "running" | "verified" | "not-running" | "failed" | "refused" | "stopped";
  readonly reason?: string | undefined;
  readonly port: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly tookMs: number;
  readonly backup?: string | undefined;
}

export interface RoundQuestionView {
  readonly title: string;
  /** The plan for the first device, a line each; empty ones part what belongs together. */
  readonly lines: readonly string[];
  /** What holds for all that follow. */
  readonly rules: readonly string[];
  readonly isGrave: boolean;
}

export interface RoundView {
  readonly fileName: string;
  /** Bytes. */
  readonly size: number;
  /** `ending`: what is being written is finished, then it is over. */
  readonly status: "running" | "paused" | "ending" | "over";
  readonly counts: { readonly good: number; readonly failed: number; readonly refused: number };
  /** How many devices are still to come, where the person has said how many there are. */
  readonly remaining?: number | undefined;
  readonly lanes: readonly RoundLaneView[];
  /** The latest first. */
  readonly devices: readonly RoundDeviceView[];
  /** Devices that are not in the list any more: it is cut. */
  readonly olderDevices: number;
  readonly question?: RoundQuestionView | undefined;
  /** Something is being written: to end at once stops it there. */
  readonly isWriting: boolean;
  /** Where the ledger is, as people read it; undefined as long as there is nothing in it. */
  readonly ledger?: string | undefined;
  /** What went wrong with the round itself. */
  readonly trouble?: string | undefined;
  /** The last thing that happened, for who listens: a screen reader says it, and a device that came to its end is heard. */
  readonly news?:
    { readonly id: number; readonly words: string; readonly sound?: "good" | "bad" | undefined } | undefined;
  /** As the setting says. */
  readonly sound: boolean;
}

const STAGE_OF_PHASE = {
  identify: "checking",
  scan: "checking",
  preserve: "checking",
  compare: "checking",
  read: "checking",
  check: "checking",
  backup: "backup",
  "backup-check": "backup",
  erase: "flashing",
  write: "flashing",
  repair: "flashing",
  verify: "verifying",
  reboot: "starting",
  starts: "starting",
} satisfies Record<Phase, RoundStage>;

/** How far the work on a device is. */
export function stageOfWork({ phases }: Pick<JobState, "phases">): RoundStage {
  const at = phases.findLast(({ state }) => state === "active") ?? phases.findLast(({ state }) => state === "done");
  return at === undefined ? "checking" : STAGE_OF_PHASE[at.phase];
}
