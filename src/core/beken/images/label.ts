/** Words that recognisers share, and what their caller may tell them. */
import { words, type Words } from "../../base/words";
import type { ChipId } from "../chips/types";

export interface DetectOptions {
  /** Flash address the person gave; needed for raw files, checked against the content for all others. */
  readonly offset?: number;
  /** Names of the files in the same folder. */
  readonly beside?: readonly string[];
}

export function labelFor(what: Words, chips: readonly ChipId[] | "any"): Words {
  return chips === "any" ? what : words`${what} for ${chips.map((chip) => chip.toUpperCase()).join("/")}`;
}
