/** Words that recognisers share, and what their caller may tell them. */
import type { ChipId } from "../chips/types";

export interface DetectOptions {
  /** Flash address the person gave; needed for raw files, checked against the content for all others. */
  readonly offset?: number;
}

export function labelFor(what: string, chips: readonly ChipId[] | "any"): string {
  return chips === "any" ? what : `${what} for ${chips.map((chip) => chip.toUpperCase()).join("/")}`;
}
