/**
 * What nothing in a file settles, and a person may go on with all the same once it was said: which chip it is for, damage in
 * what would be restored. A contradiction is no doubt; it is refused.
 */
import { words, type Words } from "../base/words";
import type { ChipIdentity } from "../beken/chips/types";
import { chipsBySigns, signWords } from "../beken/images/chipSigns";
import type { FirmwareImage, ImageFormatId } from "../beken/images/firmwareImage";

export type DoubtCode = "image-chip-unknown" | "backup-unsound";

export interface Doubt {
  readonly code: DoubtCode;
  /** What is known, in one phrase. */
  readonly detail: Words;
}

/** Files that were made for, or read from, one chip as a whole: their content has to tell it. */
const OF_ONE_CHIP: readonly ImageFormatId[] = ["qio", "full-dump"];
/** An application alone holds less that could tell its chip: its name counts, and any sign that fits this chip and no other die. */
const APPLICATIONS: readonly ImageFormatId[] = ["rbl-partition", "crc-app", "rbl-ota"];

/**
 * A file of which nothing tells that it is for the chip at hand; undefined where something does, or the chip itself is not known.
 * @param image `chips` counts for applications alone
 */
export function chipDoubt(
  image: Pick<FirmwareImage, "format" | "signs"> & Partial<Pick<FirmwareImage, "chips">>,
  identity: ChipIdentity,
): Doubt | undefined {
  const { chip } = identity;
  const { signs = [] } = image;
  if (chip === undefined || isTold(image, identity)) return undefined;
  return {
    code: "image-chip-unknown",
    detail:
      signs.length === 0
        ? words`nothing in the file tells which chip it is for; this one is a ${chip.name}`
        : words`what the file holds is not enough to tell its chip (${signWords(signs)}); this one is a ${chip.name}`,
  };
}

function isTold(
  { format, signs = [], chips = "any" }: Parameters<typeof chipDoubt>[0],
  { chip, alternatives = [] }: ChipIdentity,
): boolean {
  if (OF_ONE_CHIP.includes(format)) return chipsBySigns(signs).chips.length > 0;
  if (!APPLICATIONS.includes(format) || chips !== "any") return true;
  const runs = [...(chip ? [chip] : []), ...alternatives].flatMap((each) => each.runs);
  return signs.some((sign) => sign.chips.every((id) => runs.includes(id)));
}
