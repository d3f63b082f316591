/**
 * What a person is to do now while a chip is not linked yet: the surest thing that is known comes first, on every surface
 * in the same order. Knows no surface.
 */
import type { WireState } from "../core/jobs/events";
import type { Strings } from "./strings";

/** After this share of the time, what is heard says more than that the chip was not reset yet. */
const LONG = 1 / 3;

export interface Waiting {
  readonly elapsedMs: number;
  readonly limitMs: number;
  readonly wire: WireState;
  readonly needsPerson: boolean;
  readonly adapterGone?: boolean | undefined;
}

/**
 * `joined`: the adapter hears itself, which no power cycle cures. `heard`: it takes long, and what is heard tells where to
 * look. `reset`: the chip is to be reset by hand.
 */
export type LinkTask = "replug" | "watch" | "joined" | "heard" | "reset" | "wait";

export function linkTask(link: Waiting | undefined, practice: boolean): LinkTask {
  if (link?.adapterGone === true) return "replug";
  if (practice) return "watch";
  if (link?.wire === "echo") return "joined";
  if (link?.needsPerson !== true) return "wait";
  return takesLong(link) ? "heard" : "reset";
}

export function takesLong({ elapsedMs, limitMs, needsPerson, adapterGone }: Waiting): boolean {
  return needsPerson && adapterGone !== true && elapsedMs > LONG * limitMs;
}

/** The task in one sentence or two, for the place that is read first. */
export function taskWords(link: Waiting | undefined, practice: boolean, strings: Strings): string {
  const { linking: words, wireLong } = strings;
  switch (linkTask(link, practice)) {
    case "replug":
      return words.replug;
    case "watch":
      return words.practice;
    case "joined":
      return link !== undefined && takesLong(link) ? wireLong.echo : words.joined;
    case "heard":
      return wireLong[link?.wire ?? "silence"];
    case "reset":
      return words.person;
    case "wait":
      return words.automatic;
  }
}
