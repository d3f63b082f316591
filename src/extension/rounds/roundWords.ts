/** What is said of a round and its devices, in the person's language. */
import type { ChipIdentity, RoundEntry, RoundResult } from "../../core/index";
import { localised, t } from "../text/l10n";

/** What holds for all devices after the first; the person agrees to it with the plan. */
export function roundRules(backsUp: boolean, { chip }: ChipIdentity): readonly string[] {
  const each = backsUp
    ? t("Every device that is connected from now on gets this, after a backup of its own, without another question.")
    : t(
        "Every device that is connected from now on gets this without another question. No backup is made: that is turned off.",
      );
  return [
    each,
    t(
      "Refused: every other chip than {0}, another key, and a device for which anything else would be written.",
      chip?.name ?? "?",
    ),
    t("A device that has the file already is left alone, unless you say that it is to be flashed again."),
  ];
}

export function resultWords(result: RoundResult): string {
  const { stage, begun } = localised().round;
  return result === "begun" ? begun : stage[result];
}

/** Why it ended as it did, and what to do with the device; behind the last one of a round no other comes. */
export function entryLines({ result }: RoundEntry, reason: string | undefined, isLast: boolean): readonly string[] {
  const why = reason === undefined ? [] : [reason];
  if (isLast) return why;
  switch (result) {
    case "failed":
      return [...why, t("Take it off: connected again, it is tried once more. Or connect the next device.")];
    case "stopped":
    case "begun":
      return why;
    case "running":
    case "verified":
    case "not-running":
    case "refused":
      return [...why, t("Take it off and connect the next device.")];
  }
}

/** The device that answers was dealt with before. */
export function repeatedWords({ result, time }: RoundEntry, name: string): string {
  const at = new Date(time).toLocaleTimeString();
  return t("This is {0} again: {1}, {2}. Connect another device.", name, resultWords(result), at);
}
