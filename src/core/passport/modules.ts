/**
 * Tuya's modules: which chip is in one, and which LibreTiny board is made for it.
 * Source: docs/formats.md ("Modules"), from BK7231GUIFlashTool and LibreTiny's boards.
 */
import { findBoard, type BoardProfile } from "../beken/chips/boards";
import type { ChipId } from "../beken/chips/types";

/** Modules of one of our chips by how their name begins; the first that fits. */
const PREFIXES: readonly (readonly [RegExp, ChipId])[] = [
  // Modules that are not of the chip their name begins like.
  [/^(?:WB2L[-_ ]?M1|LSC[-_ ]?LMA35$)/, "bk7231n"],
  [/^LSC[-_ ]?LMA35[-_ ]?T/, "bk7231t"],
  [/^XH[-_ ]?WB3S/, "bk7238"],
  [/^WA2/, "bk7231q"],
  // R and D in the third place are chips of other makers.
  [/^WB[^RD]/, "bk7231t"],
  [/^(?:CB|T34|T2)/, "bk7231n"],
  [/^T1/, "bk7238"],
  [/^T3/, "bk7236"],
  [/^T4/, "bk7252n"],
  [/^T5/, "bk7258"],
];

/** What firmware calls its platform. */
const PLATFORMS: Readonly<Record<string, ChipId>> = {
  bk7231n: "bk7231n",
  bk7231nl: "bk7231n",
  t2: "bk7231n",
  bk7231t: "bk7231t",
  bk7231s: "bk7231s",
  bk7231s_2m: "bk7231t",
  bk7231t_2m: "bk7231t",
  bk7231: "bk7231q",
  bk7231q: "bk7231q",
  t1: "bk7238",
  bk7238: "bk7238",
  t3: "bk7236",
  bk7236: "bk7236",
  t5: "bk7258",
  bk7258: "bk7258",
};

/** Boards for modules that LibreTiny has none for. */
const GENERIC: Partial<Record<ChipId, string>> = {
  bk7231n: "generic-bk7231n-qfn32-tuya",
  bk7231t: "generic-bk7231t-qfn32-tuya",
  bk7231s: "generic-bk7231t-qfn32-tuya",
  bk7231u: "generic-bk7231t-qfn32-tuya",
  bk7231m: "generic-bk7231n-qfn32",
  bk7231q: "wa2",
  bk7238: "generic-bk7238",
  bk7251: "generic-bk7252",
  bk7252: "generic-bk7252",
};

/** The same for modules whose boot code is not the one their chip has elsewhere: it takes updates at another address. */
const OTHER_BOOT_CODE: readonly (readonly [RegExp, ChipId, string])[] = [[/^T1/i, "bk7238", "generic-bk7238-tuya"]];

/** The chip in a module; undefined for modules of other makers' chips and for unknown ones. */
export function chipOfModule(module: string): ChipId | undefined {
  const name = module.trim().toUpperCase();
  return PREFIXES.find(([prefix]) => prefix.test(name))?.[1];
}

/** The chip that a platform's name stands for (`em_sys_env` of the settings). */
export function chipOfPlatform(platform: string): ChipId | undefined {
  const name = platform.trim().toLowerCase();
  return Object.hasOwn(PLATFORMS, name) ? PLATFORMS[name] : undefined;
}

export interface BoardChoice {
  readonly board: BoardProfile;
  /** The board is that of the very module; otherwise it is the general one of its chip. */
  readonly isOfModule: boolean;
}

/** The board to build for; undefined for chips that LibreTiny has none for. */
export function boardFor(module: string | undefined, chip: ChipId | undefined): BoardChoice | undefined {
  const exact = module === undefined ? undefined : findBoard(module.trim().replaceAll(/[_ ]/g, "-"));
  if (exact) return { board: exact, isOfModule: true };
  const of = chip ?? (module === undefined ? undefined : chipOfModule(module));
  if (of === undefined) return undefined;
  const name = module?.trim() ?? "";
  const special = OTHER_BOOT_CODE.find(([prefix, chipId]) => chipId === of && prefix.test(name))?.[2];
  const generic = special ?? GENERIC[of];
  const board = generic === undefined ? undefined : findBoard(generic);
  return board && { board, isOfModule: false };
}
