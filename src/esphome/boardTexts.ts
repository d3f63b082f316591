/** A board in words: its chip, key, flash, partitions and pins, and whether the chip at hand takes it as it is. */
import {
  BOARDS,
  CHIPS,
  boardFor,
  boardOverrides,
  findLayout,
  hexAddress,
  words,
  type BoardProfile,
  type Text,
  type Words,
} from "../core/index";
import { FAMILIES, pinsOfBoard } from "./boardPins";
import { overridesFrom } from "./chipRules";
import type { KnownChip } from "./knownChip";

const MIB = 0x100000;

/** In one line: "BK7231N, Tuya's key, 2 MiB". */
export function boardLine({ chip, keyKind, layout }: BoardProfile): Words {
  const size = (findLayout(layout)?.flashSize ?? 0) / MIB;
  return keyKind === "zero"
    ? words`${CHIPS[chip].name}, no key, ${size} MiB of flash`
    : words`${CHIPS[chip].name}, Tuya's key, ${size} MiB of flash`;
}

export function boardTexts(board: BoardProfile, chip: KnownChip | undefined): readonly Text[] {
  const partitions = (findLayout(board.layout)?.partitions ?? [])
    .map(({ name, offset, length }) => `${name} ${hexAddress(offset)}-${hexAddress(offset + length)}`)
    .join(", ");
  const pins = [...(pinsOfBoard(board.board) ?? [])].map((pin) => `P${pin}`).join(" ");
  const fit = chip && fitOf(board, chip);
  return [
    boardLine(board),
    words`Partitions: ${partitions}`,
    words`Pins that are led out: ${pins}`,
    ...(fit ? [fit] : []),
  ];
}

/** Whether a build for it starts on the chip; undefined where too little is known of the chip. */
function fitOf(board: BoardProfile, known: KnownChip): Words | undefined {
  const { chip } = known;
  if (chip === undefined) return undefined;
  const { name } = CHIPS[chip];
  if (!isForChip(board, known)) return words`Not for the ${name} at hand.`;
  const lines = boardOverrides(overridesFrom(known), [board]);
  return lines.length === 0
    ? words`Fits the ${name} at hand as it is.`
    : words`Fits the ${name} at hand together with options for its key or its calibration.`;
}

export function isForChip(board: BoardProfile, { chip, module }: KnownChip): boolean {
  if (chip === undefined) return false;
  const choice = boardFor(module, chip);
  return FAMILIES[board.chip] === FAMILIES[choice?.board.chip ?? chip];
}

/** All boards, that of the chip or its module first. */
export function boardsFor(
  chip: KnownChip | undefined,
): readonly { readonly board: BoardProfile; readonly fits: boolean }[] {
  const best = chip && boardFor(chip.module, chip.chip)?.board;
  const rank = (board: BoardProfile): number => (board === best ? 0 : chip && isForChip(board, chip) ? 1 : 2);
  return BOARDS.map((board) => ({ board, fits: rank(board) < 2 })).sort((a, b) => rank(a.board) - rank(b.board));
}
