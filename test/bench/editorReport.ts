/** What jobs cost the editor, as a page; and what is in the flash of the chips they run on. Measures nothing. */
import { PRESETS, findPreset } from "../../src/simulator/index";
import { randomFlash } from "./chips";

/** One job inside the extension host. */
export interface EditorCost {
  /** Empty for the host without a job. */
  readonly chip: string;
  readonly job: string;
  /** How it ended. */
  readonly outcome: string;
  readonly seconds: number;
  /** Of one core, 0..1, the whole extension host. */
  readonly cpuShare: number;
  /** Highest above the start, bytes. */
  readonly heapGrowth: number;
  readonly rssGrowth: number;
  /** States published to the views, and snapshots posted to the dashboard. */
  readonly states: number;
  readonly snapshots: number;
  /** Whether the dashboard was on screen. */
  readonly visible: boolean;
}

/** A flash without blank stretches, so that every byte of it crosses the wire. */
export function fullFlash(chip: string): Uint8Array {
  return randomFlash(findPreset(chip) ?? PRESETS.bk7231t);
}

const HEAD = ["chip", "job", "seconds", "CPU of one core", "heap growth", "RSS growth", "states/s", "snapshots/s"];

/** @param activations what there is to say of it, a sentence each */
export function editorPage(costs: readonly EditorCost[], about: string, activations: readonly string[]): string {
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  const rows = costs.map((cost) => [
    cost.chip,
    cost.outcome === "succeeded" || cost.outcome === "" ? cost.job : `${cost.job} (${cost.outcome})`,
    cost.seconds.toFixed(1),
    `${(100 * cost.cpuShare).toFixed(1)} %`,
    megabytes(cost.heapGrowth),
    megabytes(cost.rssGrowth),
    (cost.states / cost.seconds).toFixed(1),
    (cost.snapshots / cost.seconds).toFixed(1),
  ]);
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const table = [HEAD, HEAD.map((_, i) => (i < 2 ? "---" : "---:")), ...rows].map(line);
  return [
    "# What a job costs the editor",
    "",
    about,
    "",
    ...activations.map((each) => `- ${each}`),
    "",
    ...table,
    "",
  ].join("\n");
}
