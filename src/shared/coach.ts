/**
 * What a person is to do now while a chip is not linked yet: the surest thing that is known comes first, on every surface
 * in the same order. Knows no surface.
 */
import type { LinkReading, WireState } from "../core/jobs/events";
import { fill } from "./figures";
import type { Strings } from "./strings";

/** After this share of the time, what is heard says more than that the chip was not reset yet. */
const LONG = 1 / 3;

export interface Waiting extends Omit<LinkReading, "bytesSeen"> {
  readonly elapsedMs: number;
  readonly limitMs: number;
  readonly needsPerson: boolean;
  readonly adapterGone?: boolean | undefined;
}

/**
 * `joined`: the adapter hears itself, which no power cycle cures; `crossed`: nothing drives its RX; `speed`, `held`, `prints`: what else
 * the wire shows for sure. `heard`: it takes long, and what is heard tells where to
 * look. `reset`: the chip is to be reset by hand.
 */
export type LinkTask =
  "replug" | "watch" | "joined" | "crossed" | "speed" | "held" | "prints" | "heard" | "reset" | "wait";

/** What is sure whoever has been asked for what. */
const SURE: Readonly<Partial<Record<WireState, LinkTask>>> = {
  echo: "joined",
  crossed: "crossed",
  "other-speed": "speed",
  held: "held",
};

export function linkTask(link: Waiting | undefined, practice: boolean): LinkTask {
  if (link?.adapterGone === true) return "replug";
  if (practice) return "watch";
  const sure = link && SURE[link.wire];
  if (sure !== undefined) return sure;
  if (link?.needsPerson !== true) return "wait";
  if (takesLong(link)) return "heard";
  return link.firmware === undefined ? "reset" : "prints";
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
    case "crossed":
      return words.crossed;
    case "held":
      return words.held;
    case "speed":
      return fill(link?.rate?.orSlower === true ? words.slower : words.speed, String(link?.rate?.baud ?? ""));
    case "prints":
      return fill(words.prints, link?.firmware ?? "");
    case "heard":
      return wireLong[link?.wire ?? "silence"];
    case "reset":
      return words.person;
    case "wait":
      return words.automatic;
  }
}
