/**
 * Which chip the content of a file is for or was read from, by what it holds and never by its name. Each sign names the chips it
 * fits and has a weight; how they are put together is `chipsBySigns`. Pure.
 *
 * | sign | weight | source |
 * |---|---|---|
 * | boot code's fingerprint | 4 | chips/bootloaders.ts: CRC-32 over 256 or 257 bytes, rows run or from public dumps |
 * | boot code's own version line (`BK7231S_1.0.5`) | 4 | docs/protocol.md, boot logs of public dumps; BK7231T calls itself BK7231S |
 * | chip at the end of an RBL version (`25.06.01-bk7231t`) | 4 | LibreTiny's packager writes it |
 * | LibreTiny's banner with the board it was built for | 4 | LibreTiny `lt_api`; boards in chips/boards.ts |
 * | OpenBeken's name for itself (`OpenBK7231N`) | 4 | its boot log; not `OpenBK7231T_App`, the name of its repository |
 * | download partition at 0x12A000, 0x12C000, or behind 2 MiB | 3 | partition tables of public boot code, LibreTiny's boards |
 * | calibration at 0x1D0000, 0x1E3000, 0x1F3000 | 3 | docs/formats.md, "Calibration"; such as the vendor's firmware looks for it there |
 * | the vectors of an Armv8-M chip | 4 | chips/thumbVectors.ts; of Beken's chips here, BK7236 and BK7258 alone are |
 * | Tuya's key | 3 | docs/formats.md: in BK7231T, S and N modules of Tuya only |
 * | a chip's name in boot code where a ROM looks for it | 2 | docs/protocol.md, "Boot ROM": six characters at 0x110 |
 * | one chip's name in the application's texts, and no other's | 2 | Tuya and SDK builds are named after their chip |
 * | download partition at 0x132000, calibration at 0x1E0000, 0x3FE000 or 0x7FE000 | 1.5 | usual on many chips, and on BK7231N only with LibreTiny's generic layout |
 */
import { asText, textUntilNul } from "../../base/bytes";
import { listed, words, type Words } from "../../base/words";
import { findBoard } from "../chips/boards";
import { findCalibration } from "../chips/calibration";
import { CHIPS } from "../chips/chips";
import { thumbVectors } from "../chips/thumbVectors";
import type { ChipId, ChipSign } from "../chips/types";
import { APP_LOGICAL, APP_PHYSICAL } from "./appKey";
import type { BootCode } from "./bootCode";
import { scramble } from "./cipher";
import { stripCrcBlocks } from "./crcBlocks";
import { chipOfVersion } from "./fileName";
import type { ImageKey } from "./firmwareImage";

/** Signs of this weight decide together; one alone of the strongest does. */
const ENOUGH = 4;

/** Chips of one die: what tells one of them does not exclude the others. */
const DIES: readonly (readonly ChipId[])[] = [
  ["bk7231t", "bk7231s", "bk7231u"],
  ["bk7231n", "bk7231m", "bl2028n"],
  ["bk7231q"],
  ["bk7238"],
  ["bk7252", "bk7251"],
  ["bk7252n"],
  ["bk7236"],
  ["bk7258"],
];
/** Chips whose code begins with the vectors of an Armv8-M chip; nothing in it tells which of them. */
const THUMB_CHIPS: readonly ChipId[] = Object.values(CHIPS)
  .filter(({ vectors }) => vectors === "thumb")
  .map(({ id }) => id);

function thumbSigns(bytes: Uint8Array, { coefficients }: ImageKey, logicalAddress: number, told: Words): ChipSign[] {
  const start = bytes.subarray(0, 8);
  return coefficients === undefined || !thumbVectors(scramble(start, coefficients, logicalAddress))
    ? []
    : [{ chips: THUMB_CHIPS, weight: 4, words: told }];
}

const dieOf = (id: ChipId): readonly ChipId[] => DIES.find((die) => die.includes(id)) ?? [id];

const N_DIE = dieOf("bk7231n");
/** Chips with the SDK's usual places of download partition and calibration. */
const SDK_PLACES: readonly ChipId[] = [
  "bk7231t",
  "bk7231s",
  "bk7231u",
  "bk7231q",
  "bk7238",
  "bk7252",
  "bk7251",
  "bk7252n",
];

export function bootCodeSigns({ key, profile, says, partitions }: BootCode, start: Uint8Array): ChipSign[] {
  const signs = thumbSigns(start, key, 0, words`its boot code is for a processor with Thumb vectors (Armv8-M)`);
  if (profile !== undefined)
    signs.push({ chips: profile.chips, weight: 4, words: words`its boot code is that of ${profile.name}` });
  const named = /^BK\d{4}[A-Za-z]*/i.exec(says ?? "")?.[0].toLowerCase() as ChipId | undefined;
  if (named !== undefined && Object.hasOwn(CHIPS, named))
    signs.push({ chips: [named], weight: 4, words: words`its boot code calls itself ${says ?? ""}` });
  const download = partitions.find(({ name }) => name === "download");
  if (download !== undefined) signs.push(...downloadSigns(download.offset));
  const rom = romName(start);
  if (rom !== undefined) signs.push({ chips: rom.chips, weight: 2, words: words`its boot code is marked ${rom.name}` });
  return signs;
}

function downloadSigns(offset: number): ChipSign[] {
  const sign = (chips: readonly ChipId[], weight: number): ChipSign[] => [
    { chips, weight, words: words`its boot code has the download partition at ${hex(offset)}` },
  ];
  if (offset === 0x12a000) return sign(N_DIE, 3);
  if (offset === 0x12c000) return sign(["bk7238"], 3);
  if (offset === 0x132000) return sign(SDK_PLACES, 1.5);
  return offset >= 0x200000 ? sign(["bk7252", "bk7251", "bk7252n", "bk7236", "bk7258"], 3) : [];
}

function hex(address: number): string {
  return `0x${address.toString(16).toUpperCase()}`;
}

/** Six characters that a boot ROM compares with its own name before it leaves for the code behind them. */
const ROM_NAME_AT = 0x110;
const ROM_NAMES: Readonly<Record<string, readonly ChipId[]>> = {
  BK7231: N_DIE,
  BK7238: ["bk7238"],
  BK7252: ["bk7252n"],
  BK7236: ["bk7236", "bk7258"],
};

function romName(start: Uint8Array): { readonly name: string; readonly chips: readonly ChipId[] } | undefined {
  const name = textUntilNul(start.subarray(ROM_NAME_AT, ROM_NAME_AT + 6));
  const chips = Object.hasOwn(ROM_NAMES, name) ? ROM_NAMES[name] : undefined;
  return chips && { name, chips };
}

/** Where the only calibration in a flash lies; copies for other firmware say nothing. */
export function calibrationSigns(flash: Uint8Array): ChipSign[] {
  const at = findCalibration(flash, APP_PHYSICAL);
  if (at === undefined || findCalibration(flash, at + 1) !== undefined) return [];
  const sign = (chips: readonly ChipId[], weight: number): ChipSign[] => [
    { chips, weight, words: words`its calibration is at ${hex(at)}` },
  ];
  switch (at) {
    case 0x1d0000:
      return sign(N_DIE, 3);
    case 0x1e3000:
      return sign(["bk7238"], 3);
    case 0x1f3000:
      return sign(["bk7231s"], 3);
    case 0x1e0000:
      return sign(SDK_PLACES, 1.5);
    case 0x3fe000:
      return sign(["bk7252", "bk7251", "bk7252n", "bk7236", "bk7258"], 1.5);
    case 0x7fe000:
      return sign(["bk7258"], 1.5);
    default:
      return [];
  }
}

/** @param version of its RBL header, where it has one */
export function applicationSigns(application: Uint8Array, key: ImageKey, version: string | undefined): ChipSign[] {
  const signs = thumbSigns(
    application,
    key,
    APP_LOGICAL,
    words`its application is for a processor with Thumb vectors (Armv8-M)`,
  );
  const chip = chipOfVersion(version ?? "");
  if (chip !== undefined) signs.push({ chips: [chip], weight: 4, words: words`its RBL header is of ${version ?? ""}` });
  if (key.kind === "tuya")
    signs.push({ chips: ["bk7231t", "bk7231s", "bk7231n"], weight: 3, words: words`it is encrypted with Tuya's key` });
  if (key.coefficients === undefined) return signs;
  const code = stripCrcBlocks(application);
  const text = asText(scramble(code.subarray(0, code.length & ~3), key.coefficients, APP_LOGICAL));
  return [...signs, ...textSigns(text)];
}

export const BANNER = /LibreTiny v\S{1,20} on ([a-z0-9-]{2,40}), compiled/;
const OPENBEKEN = /Open(BK\d{4}[A-Z]?|BL2028N)(?![A-Za-z0-9_])/g;
const MENTION = /(?<![a-z0-9])(bk7231[nstuqm]|bk7236|bk7238|bk7251|bk7252n?|bk7258|bl2028n)(?![a-z0-9])/gi;

/** What the texts of a program say. */
export function textSigns(text: string): ChipSign[] {
  const board = BANNER.exec(text)?.[1];
  const built = board === undefined ? undefined : (findBoard(board)?.chip ?? firstMention(board));
  if (board !== undefined && built !== undefined)
    return [{ chips: [built], weight: 4, words: words`it is LibreTiny firmware for board ${board}` }];
  const own = theOnlyDie([...text.matchAll(OPENBEKEN)].map(([, name]) => name ?? ""));
  if (own !== undefined)
    return [{ chips: [own.id], weight: 4, words: words`its application calls itself Open${own.name}` }];
  const mentioned = theOnlyDie([...text.matchAll(MENTION)].map(([name]) => name));
  return mentioned === undefined
    ? []
    : [{ chips: [mentioned.id], weight: 2, words: words`its application names ${mentioned.name.toUpperCase()}` }];
}

function firstMention(text: string): ChipId | undefined {
  return theOnlyDie([...text.matchAll(MENTION)].map(([name]) => name))?.id;
}

/** The first of these names, if all of them are of one die; undefined where they are of several, or there are none. */
function theOnlyDie(names: readonly string[]): { readonly name: string; readonly id: ChipId } | undefined {
  const [name] = names;
  const ids = names.map((each) => each.toLowerCase()).filter((id): id is ChipId => Object.hasOwn(CHIPS, id));
  const [first] = ids;
  if (name === undefined || first === undefined) return undefined;
  return ids.every((id) => dieOf(first).includes(id)) ? { name, id: first } : undefined;
}

export interface ChipsBySigns {
  /** Most likely first; empty where the signs are not enough to tell. */
  readonly chips: readonly ChipId[];
  /** Strong signs for chips that exclude each other. */
  readonly contradicts: boolean;
}

/** What the signs say together: dies that enough of them fit and too few exclude, and of these the chips that signs name. */
export function chipsBySigns(signs: readonly ChipSign[]): ChipsBySigns {
  const sum = (some: readonly ChipSign[]): number => some.reduce((total, { weight }) => total + weight, 0);
  const told = DIES.map((die) => {
    const fitting = signs.filter(({ chips }) => chips.some((id) => die.includes(id)));
    return { die, fitting, fits: sum(fitting), excluded: sum(signs) - sum(fitting) };
  }).filter(({ fits }) => fits >= ENOUGH);
  const chips = told
    .filter(({ excluded }) => excluded < ENOUGH)
    .sort((a, b) => b.fits - b.excluded - (a.fits - a.excluded))
    .flatMap(({ die, fitting }) => namedOf(die, fitting));
  return { chips, contradicts: told.length > 0 && chips.length === 0 };
}

/** The chips of a die that its strongest signs name, those named most strongly first. */
function namedOf(die: readonly ChipId[], signs: readonly ChipSign[]): ChipId[] {
  const strongest = Math.min(ENOUGH, Math.max(...signs.map(({ weight }) => weight)));
  const strong = signs.filter(({ weight }) => weight >= strongest);
  const weightOf = (id: ChipId): number =>
    signs.reduce((total, { chips, weight }) => total + (chips.includes(id) ? weight : 0), 0);
  const order = strong.flatMap(({ chips }) => chips);
  return die
    .filter((id) => order.includes(id))
    .sort((a, b) => weightOf(b) - weightOf(a) || order.indexOf(a) - order.indexOf(b));
}

/** True when a sign speaks against a chip. */
export function isExcluded(id: ChipId, signs: readonly ChipSign[]): boolean {
  return signs.some(({ chips }) => !chips.some((other) => dieOf(other).includes(id)));
}

/** The signs as one phrase. */
export function signWords(signs: readonly ChipSign[]): Words {
  return listed(
    [...signs].sort((a, b) => b.weight - a.weight).map((sign) => sign.words),
    "; ",
  );
}
