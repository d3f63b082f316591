/**
 * Which pins each LibreTiny board has led out, and the name of its family in ESPHome's `family:`.
 * Source: LibreTiny 1.13.0, boards/ (pin maps resolved for every board).
 */
import type { ChipId } from "../core/index";

const PINS: readonly (readonly [boards: string, pins: string])[] = [
  ["cb1s wb2s", "0 1 6 7 8 9 10 11 20 21 22 23 24 26"],
  ["cb2l", "0 6 7 8 10 11 21 24 26"],
  ["cb2s", "0 1 6 7 8 10 11 21 23 24 26"],
  ["cb3l", "0 6 7 8 9 10 11 14 21 23 24 26"],
  ["cb3s", "0 6 7 8 9 10 11 14 20 21 22 23 24 26"],
  ["cb3se", "0 1 6 7 8 9 10 11 14 15 16 17 20 22 23 24 26"],
  ["cblc5", "0 1 6 10 11 21 24 26"],
  [
    "cbu generic-bk7231n-qfn32-tuya generic-bk7231n-qfn32 generic-bk7231t-qfn32-tuya generic-bk7238-tuya generic-bk7238 xh-wb3s",
    "0 1 6 7 8 9 10 11 14 15 16 17 20 21 22 23 24 26 28",
  ],
  [
    "generic-bk7252",
    "0 1 2 3 4 5 6 7 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39",
  ],
  ["lsc-lma35-t lsc-lma35", "0 1 6 7 8 9 10 11 14 16 21 22 23 24 26"],
  ["t1-2s t1-m", "0 1 6 8 9 10 11 24 26"],
  ["t1-3s", "0 1 6 8 9 10 11 14 15 16 17 20 22 23 24 26"],
  ["t1-u", "0 1 6 8 9 10 11 14 15 16 17 20 21 22 23 24 26 28"],
  ["wa2", "0 4 6 7 8 10 11 18 19 20 21 22 23"],
  ["wb1s", "0 1 6 7 8 9 10 11 23 24 26"],
  ["wb2l-m1 wb2l", "0 1 6 7 8 10 11 20 21 22 23 24 26"],
  ["wb3l", "0 1 6 7 8 9 10 11 14 16 20 21 22 23 24 26"],
  ["wb3s", "0 1 6 7 8 9 10 11 14 20 21 22 23 24 26"],
  ["wblc5", "0 1 6 10 11 20 21 22 23 24 26"],
];

/** Numbers of the pins of a board; undefined for a board that is in no table. */
export function pinsOfBoard(board: string): ReadonlySet<number> | undefined {
  const row = PINS.find(([boards]) => boards.split(" ").includes(board));
  return row && new Set(row[1].split(" ").map(Number));
}

/** ESPHome's name for the family of a chip. */
export const FAMILIES: Readonly<Partial<Record<ChipId, string>>> = {
  bk7231n: "BK7231N",
  bk7231t: "BK7231T",
  bk7231q: "BK7231Q",
  bk7238: "BK7238",
  bk7251: "BK7251",
  bk7252: "BK7251",
};
