/** What of this workspace and of this chip answers a failure: the build that fits, the board to build for. Runs nothing. */
import { BOARDS, boardFor, type ChipIdentity, type FlasherError } from "../../core/index";
import type { KnownAnswer } from "../jobs/knownAnswer";
import { t } from "../text/l10n";
import type { FittedBuild } from "../builds/buildFits";

/** As many as can be compared with the print on a module. */
const BOARDS_NAMED = 6;

/** Another file is what helps. */
const WANTS_FILE: ReadonlySet<string> = new Set([
  "image-wrong-chip",
  "image-wrong-key",
  "image-ota-only",
  "image-not-flashable",
  "image-foreign",
  "image-corrupt",
]);
const WANTS_BOARD: ReadonlySet<string> = new Set(["image-wrong-chip", "image-wrong-key"]);

export async function answerTo(
  bestBuild: () => Promise<FittedBuild | undefined>,
  { code, job, context }: FlasherError,
  chip: ChipIdentity | undefined,
): Promise<KnownAnswer> {
  if (job !== "flash" || chip?.chip === undefined || !WANTS_FILE.has(code)) return { steps: [], actions: [] };
  const best = await bestBuild();
  const isOther = best !== undefined && best.file.artefact.name !== context.file;
  const boards = WANTS_BOARD.has(code) ? boardsOf(chip) : [];
  const name = chip.chip.name;
  return {
    steps: [
      ...(isOther
        ? [t("{0} is for this {1}: Flash Latest Build takes it.", `${best.build.project.name} (${best.facts})`, name)]
        : []),
      ...(boards.length > 0
        ? [t("To build for this {0}, name one of these boards: {1}.", name, boards.join(", "))]
        : []),
    ],
    actions: isOther ? ["flashLatestBuild"] : [],
  };
}

/** Of this chip and its key; the general one first, then those of modules. */
function boardsOf({ chip, key }: ChipIdentity): readonly string[] {
  const fitting = BOARDS.filter(
    (board) => chip?.runs.includes(board.chip) === true && (key.kind === "unknown" || board.keyKind === key.kind),
  );
  const general = boardFor(undefined, chip?.id)?.board;
  const sorted = [...fitting].sort((a, b) => Number(b === general) - Number(a === general));
  return sorted.slice(0, BOARDS_NAMED).map(({ board }) => board);
}
