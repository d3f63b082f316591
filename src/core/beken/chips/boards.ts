/**
 * LibreTiny's Beken boards: which chip, layout and key a build for them has unless the project overrides it.
 * A UF2's BOARD tag names one of them. Content of a file goes before this table: overrides leave the name as it is.
 * Source: LibreTiny board definitions.
 */
import type { ChipId, KeyKind } from "./types";

export interface BoardProfile {
  readonly board: string;
  readonly chip: ChipId;
  /** Id of a row in layouts.ts. */
  readonly layout: string;
  readonly keyKind: KeyKind;
}

const N_TUYA = { chip: "bk7231n", layout: "libretiny-bk7231n-tuya", keyKind: "tuya" } as const;
const T_TUYA = { chip: "bk7231t", layout: "libretiny-bk7231t-tuya", keyKind: "tuya" } as const;
const T1_TUYA = { chip: "bk7238", layout: "libretiny-bk7238-tuya", keyKind: "zero" } as const;
const BK7238_PLAIN = { chip: "bk7238", layout: "libretiny-2m", keyKind: "zero" } as const;

export const BOARDS: readonly BoardProfile[] = [
  { board: "cb1s", ...N_TUYA },
  { board: "cb2l", ...N_TUYA },
  { board: "cb2s", ...N_TUYA },
  { board: "cb3l", ...N_TUYA },
  { board: "cb3s", ...N_TUYA },
  { board: "cb3se", ...N_TUYA },
  { board: "cblc5", ...N_TUYA },
  { board: "cbu", ...N_TUYA },
  { board: "generic-bk7231n-qfn32", chip: "bk7231n", layout: "libretiny-2m", keyKind: "zero" },
  { board: "generic-bk7231n-qfn32-tuya", ...N_TUYA },
  { board: "generic-bk7231t-qfn32-tuya", ...T_TUYA },
  { board: "generic-bk7238", ...BK7238_PLAIN },
  { board: "generic-bk7238-tuya", ...T1_TUYA },
  { board: "generic-bk7252", chip: "bk7252", layout: "libretiny-bk7252", keyKind: "zero" },
  { board: "lsc-lma35", ...N_TUYA },
  { board: "lsc-lma35-t", ...T_TUYA },
  { board: "t1-2s", ...T1_TUYA },
  { board: "t1-3s", ...T1_TUYA },
  { board: "t1-m", ...T1_TUYA },
  { board: "t1-u", ...T1_TUYA },
  { board: "wa2", chip: "bk7231q", layout: "libretiny-2m", keyKind: "zero" },
  { board: "wb1s", ...T_TUYA },
  { board: "wb2l", ...T_TUYA },
  { board: "wb2l-m1", ...N_TUYA },
  { board: "wb2s", ...T_TUYA },
  { board: "wb3l", ...T_TUYA },
  { board: "wb3s", ...T_TUYA },
  { board: "wblc5", ...T_TUYA },
  { board: "xh-wb3s", ...BK7238_PLAIN },
];

/** The board of this name, in any case. */
export function findBoard(name: string): BoardProfile | undefined {
  const wanted = name.toLowerCase();
  return BOARDS.find(({ board }) => board === wanted);
}
