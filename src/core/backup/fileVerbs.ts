/** What can be done with a file on a device, by what is in it and never by its name. */
import type { NamedFile } from "../beken/images/namedFile";
import { imageOf } from "../beken/images/recogniseFile";
import { shiftOf } from "../beken/images/shift";
import { judgeDump } from "./judgeDump";
import { notADump } from "./notADump";

export interface FileVerbs {
  /** It is firmware for a serial flash. A copy of a flash is none: of it, a flash would write the application alone. */
  readonly flash: boolean;
  /** It is a copy of a whole flash. */
  readonly restore: boolean;
  /** The chip can be held against it. */
  readonly verify: boolean;
}

export function verbsOf(file: NamedFile): FileVerbs {
  const { format, refusal } = imageOf(file);
  const isUnrefused = refusal === undefined;
  const isCopy = format !== "qio" && notADump(file) === undefined && judgeDump(file.bytes).verdict !== "worthless";
  if (isCopy || format === "full-dump" || shiftOf(file.bytes) !== undefined)
    return { flash: false, restore: isCopy, verify: isUnrefused };
  return { flash: isUnrefused, restore: false, verify: isUnrefused };
}
