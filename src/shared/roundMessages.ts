/** What crosses between the host and the page of a round: the whole state to the page, intents from a closed list back. */
import { isFields, isName, isOneOf, isSnapshot, isVersion, type Fields, type PageTexts } from "./messages";
import type { RoundView } from "./roundView";

export interface RoundPageState extends PageTexts {
  readonly round: RoundView;
}

/** Texts are long, and told once to a page that says it is ready. */
export type RoundSnapshot = Omit<RoundPageState, keyof PageTexts> & Partial<PageTexts>;

/** Host to page. A revision that is not newer than the last one is dropped. */
export interface ToRoundPage {
  readonly type: "round";
  readonly version: number;
  readonly revision: number;
  readonly state: RoundSnapshot;
}

/** What a person can do with a round, in one word. */
const DEEDS = [
  "pause",
  "resume",
  "end",
  "endNow",
  "goOn",
  "openTable",
  "openLedger",
  "revealLedger",
  "soundOn",
  "soundOff",
] as const;
export type RoundDeed = (typeof DEEDS)[number];

export type FromRoundPage =
  | { readonly type: "ready"; readonly version: number }
  /** Whether all devices are to be flashed like the first. */
  | { readonly type: "agree"; readonly yes: boolean }
  /** The device that is on this port once more, though it was dealt with. */
  | { readonly type: "again"; readonly portId: string }
  | { readonly type: "do"; readonly deed: RoundDeed };

export function isFromRoundPage(message: unknown): message is FromRoundPage {
  if (!isFields(message)) return false;
  switch (message["type"]) {
    case "ready":
      return isVersion(message["version"]);
    case "agree":
      return typeof message["yes"] === "boolean";
    case "again":
      return isName(message["portId"]);
    case "do":
      return isOneOf(DEEDS, message["deed"]);
    default:
      return false;
  }
}

/** The envelope only: what is inside comes from our own host, of the same version. */
export function isToRoundPage(message: unknown): message is ToRoundPage {
  return isSnapshot(message, "round") && isFields((message["state"] as Fields)["round"]);
}
