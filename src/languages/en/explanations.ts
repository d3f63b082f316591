/**
 * For the user guide: of each failure, what was seen when it was recognised, and what it means. What to do is the remedy's.
 * Nothing at run time reads this; `npm run guide` does. Knows codes only.
 */
import type { FlasherErrorCode } from "../../core/base/errors";
import type { Explanation } from "../explanation";
import { FILE_EXPLANATIONS } from "./explanationsFile";
import { WIRE_EXPLANATIONS } from "./explanationsWire";

/** One row for every code: a new code does not compile without an explanation. */
export const EXPLANATIONS: Readonly<Record<FlasherErrorCode, Explanation>> = {
  ...WIRE_EXPLANATIONS,
  ...FILE_EXPLANATIONS,
};
