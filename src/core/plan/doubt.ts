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

/** Files that were made for, or read from, one chip as a whole; an application alone may be for any of its family. */
const OF_ONE_CHIP: readonly ImageFormatId[] = ["qio", "full-dump"];

/**
 * A file of a whole chip whose content does not tell the chip, whatever its name says; undefined where it is told, or there is
 * nothing to compare it with.
 */
export function chipDoubt(
  { format, signs = [] }: Pick<FirmwareImage, "format" | "signs">,
  { chip }: ChipIdentity,
): Doubt | undefined {
  if (chip === undefined || !OF_ONE_CHIP.includes(format) || chipsBySigns(signs).chips.length > 0) return undefined;
  return {
    code: "image-chip-unknown",
    detail:
      signs.length === 0
        ? words`nothing in the file tells which chip it is for; this one is a ${chip.name}`
        : words`what the file holds is not enough to tell its chip (${signWords(signs)}); this one is a ${chip.name}`,
  };
}
