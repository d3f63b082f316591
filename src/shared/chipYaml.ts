/** What ESPHome must be told of a chip, from the board on: the same on the page, in the clipboard and on the command line. */
import type { ChipIdentity } from "../core/beken/chips/types";
import { boardFor } from "../core/passport/modules";
import { boardOverrides, optionLines } from "../core/plan/libreTinyYaml";

/** Lines of YAML; none where no board of LibreTiny's is for this chip. */
export function chipYaml({ chip, key, calibration }: ChipIdentity): readonly string[] {
  const board = boardFor(undefined, chip?.id)?.board;
  if (board === undefined) return [];
  const options = optionLines(boardOverrides({ key, calibrationAt: calibration?.address }, [board]));
  return [...(options.length > 0 ? [...options, ""] : []), "bk72xx:", `  board: ${board.board}`];
}
