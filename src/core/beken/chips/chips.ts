/**
 * The chips, one row each, and how to find one by its id register.
 * It knows nothing of loaders or bootloaders.
 * Sources: id registers from bk7231tools and BK7231GUIFlashTool, families from LibreTiny's families.json, calibration
 * addresses from docs/protocol.md ("MAC and RF calibration").
 */
import { words } from "../../base/words";
import { BK72XX } from "./geometry";
import type { ChipId, ChipProfile } from "./types";

const MIB = 0x100000;

/** UF2 family ids of LibreTiny that run on Beken chips. */
export const UF2_FAMILY_IDS = {
  bk7231q: 0xafe81d49,
  bk7231t: 0x675a40b0,
  bk7231n: 0x7b3ef230,
  bk7238: 0x159ac324,
  bk7251: 0x6a82cc42,
} as const;

/** Where OpenBeken puts an update. Source: its hal_ota_bk7231.c. */
const DOWNLOAD_T = 0x132000;
const DOWNLOAD_N = 0x12a000;

/** Where 2 MiB chips keep calibration: SDK and Tuya T, Tuya N, Tuya T1, and modules of the AliOS kind. */
const CALIBRATION_SDK = 0x1e0000;
const CALIBRATION_N = 0x1d0000;
const CALIBRATION_T1 = 0x1e3000;
const CALIBRATION_ALIOS = 0x1f3000;
const CALIBRATION_4M = 0x3fe000;
const CALIBRATION_8M = 0x7fe000;

const AT_SDK_FIRST = [CALIBRATION_SDK, CALIBRATION_ALIOS, CALIBRATION_N, CALIBRATION_T1];
const AT_ALIOS_FIRST = [CALIBRATION_ALIOS, CALIBRATION_SDK, CALIBRATION_N, CALIBRATION_T1];
const AT_N_FIRST = [CALIBRATION_N, CALIBRATION_SDK, CALIBRATION_T1, CALIBRATION_ALIOS];
const AT_T1_FIRST = [CALIBRATION_T1, CALIBRATION_SDK, CALIBRATION_N, CALIBRATION_ALIOS];
const AT_4M_FIRST = [CALIBRATION_4M, CALIBRATION_SDK, CALIBRATION_N, CALIBRATION_T1, CALIBRATION_ALIOS];
const AT_8M_FIRST = [CALIBRATION_8M, CALIBRATION_4M, CALIBRATION_SDK, CALIBRATION_N];

// BK7231T and BK7231S carry the BK7231U die (its id register, its SDK configuration in LibreTiny), BK7231M and BL2028N that of
// BK7231N (its id register): what separates their firmware is the key, which is compared on its own.
const ARM9 = { vectors: "arm", hasEfuse: true } as const;

/**
 * BK7236 (Tuya T3) and BK7258 (T5): Armv8-M, several cores, one die family as the id register has it.
 * Sources: Beken's bk_idk (boot code, packager, partition tables), Tuya's tyutool, BK7231GUIFlashTool, and boot code written for them
 * by others, whose ROM name, vectors and CRC-16s are as here.
 */
const ARMV8M = {
  chipIds: [0x7236],
  uf2Families: [],
  vectors: "thumb",
  romName: "BK7236",
  hasEfuse: false,
  geometry: BK72XX,
  openBekenUpdateAt: undefined,
  usualKey: "zero",
  inferred: words`what is known of it comes from the source code of other tools; it was not seen on hardware`,
} as const;

const ROWS: readonly ChipProfile[] = [
  {
    ...ARM9,
    id: "bk7231q",
    name: "BK7231Q",
    chipIds: [0x7231],
    uf2Families: [UF2_FAMILY_IDS.bk7231q],
    runs: ["bk7231q"],
    usualFlashSize: 2 * MIB,
    geometry: BK72XX,
    openBekenUpdateAt: DOWNLOAD_T,
    calibrationAt: AT_SDK_FIRST,
    layouts: ["libretiny-2m", "openbeken-2m"],
    usualKey: "zero",
  },
  {
    ...ARM9,
    id: "bk7231s",
    name: "BK7231S",
    chipIds: [],
    uf2Families: [UF2_FAMILY_IDS.bk7231t],
    runs: ["bk7231s", "bk7231t", "bk7231u"],
    usualFlashSize: 2 * MIB,
    geometry: BK72XX,
    openBekenUpdateAt: DOWNLOAD_T,
    calibrationAt: AT_ALIOS_FIRST,
    layouts: ["libretiny-bk7231t-tuya", "tuya-bk7231t", "libretiny-2m", "openbeken-2m"],
    usualKey: "zero",
  },
  {
    ...ARM9,
    id: "bk7231t",
    name: "BK7231T",
    chipIds: [0x7231a],
    uf2Families: [UF2_FAMILY_IDS.bk7231t],
    runs: ["bk7231t", "bk7231s", "bk7231u"],
    usualFlashSize: 2 * MIB,
    geometry: BK72XX,
    openBekenUpdateAt: DOWNLOAD_T,
    calibrationAt: AT_SDK_FIRST,
    layouts: ["libretiny-bk7231t-tuya", "tuya-bk7231t", "openbeken-2m"],
    usualKey: "tuya",
  },
  {
    ...ARM9,
    id: "bk7231u",
    name: "BK7231U",
    chipIds: [0x7231a],
    uf2Families: [UF2_FAMILY_IDS.bk7231t],
    runs: ["bk7231u", "bk7231t", "bk7231s"],
    usualFlashSize: 2 * MIB,
    geometry: BK72XX,
    openBekenUpdateAt: DOWNLOAD_T,
    calibrationAt: AT_SDK_FIRST,
    layouts: ["openbeken-2m", "libretiny-2m", "libretiny-bk7231t-tuya"],
    usualKey: "zero",
  },
  {
    ...ARM9,
    id: "bk7231n",
    name: "BK7231N",
    chipIds: [0x7231c],
    uf2Families: [UF2_FAMILY_IDS.bk7231n],
    runs: ["bk7231n", "bk7231m", "bl2028n"],
    usualFlashSize: 2 * MIB,
    geometry: BK72XX,
    openBekenUpdateAt: DOWNLOAD_N,
    calibrationAt: AT_N_FIRST,
    layouts: ["libretiny-bk7231n-tuya", "tuya-bk7231n", "openbeken-bk7231n", "libretiny-2m"],
    usualKey: "tuya",
  },
  {
    ...ARM9,
    id: "bk7231m",
    name: "BK7231M",
    chipIds: [0x7231c],
    uf2Families: [UF2_FAMILY_IDS.bk7231n],
    runs: ["bk7231m", "bk7231n", "bl2028n"],
    usualFlashSize: 2 * MIB,
    geometry: BK72XX,
    openBekenUpdateAt: DOWNLOAD_N,
    calibrationAt: AT_N_FIRST,
    layouts: ["openbeken-bk7231n", "libretiny-2m", "libretiny-bk7231n-tuya"],
    usualKey: "zero",
  },
  {
    ...ARM9,
    id: "bk7238",
    name: "BK7238",
    chipIds: [0x7238],
    uf2Families: [UF2_FAMILY_IDS.bk7238],
    runs: ["bk7238"],
    usualFlashSize: 2 * MIB,
    geometry: BK72XX,
    openBekenUpdateAt: DOWNLOAD_T,
    calibrationAt: AT_T1_FIRST,
    layouts: ["libretiny-bk7238-tuya", "tuya-t1", "libretiny-2m", "openbeken-2m"],
    usualKey: "zero",
  },
  {
    ...ARM9,
    id: "bk7251",
    name: "BK7251",
    chipIds: [],
    uf2Families: [UF2_FAMILY_IDS.bk7251],
    runs: ["bk7251", "bk7252"],
    usualFlashSize: 4 * MIB,
    geometry: BK72XX,
    openBekenUpdateAt: undefined,
    calibrationAt: AT_4M_FIRST,
    layouts: ["libretiny-bk7252", "openbeken-2m"],
    usualKey: "zero",
  },
  {
    ...ARM9,
    id: "bk7252",
    name: "BK7252",
    chipIds: [0x7252, 0x7221a],
    uf2Families: [UF2_FAMILY_IDS.bk7251],
    runs: ["bk7252", "bk7251"],
    usualFlashSize: 4 * MIB,
    geometry: BK72XX,
    openBekenUpdateAt: undefined,
    calibrationAt: AT_4M_FIRST,
    layouts: ["libretiny-bk7252", "openbeken-2m"],
    usualKey: "zero",
  },
  {
    ...ARM9,
    id: "bk7252n",
    name: "BK7252N",
    chipIds: [0x7252a],
    uf2Families: [],
    runs: ["bk7252n"],
    usualFlashSize: 2 * MIB,
    geometry: BK72XX,
    openBekenUpdateAt: DOWNLOAD_T,
    calibrationAt: [CALIBRATION_SDK, CALIBRATION_4M, CALIBRATION_N, CALIBRATION_T1, CALIBRATION_ALIOS],
    layouts: ["openbeken-2m"],
    usualKey: "zero",
  },
  {
    ...ARMV8M,
    id: "bk7236",
    name: "BK7236",
    runs: ["bk7236"],
    usualFlashSize: 4 * MIB,
    calibrationAt: AT_4M_FIRST,
    layouts: ["sdk-bk7236"],
  },
  {
    ...ARMV8M,
    id: "bk7258",
    name: "BK7258",
    runs: ["bk7258"],
    usualFlashSize: 8 * MIB,
    calibrationAt: AT_8M_FIRST,
    layouts: ["sdk-bk7258", "sdk-bk7258-4m"],
  },
  {
    ...ARM9,
    id: "bl2028n",
    name: "BL2028N",
    romName: "BK7231",
    chipIds: [0x7231c],
    uf2Families: [UF2_FAMILY_IDS.bk7231n],
    runs: ["bl2028n", "bk7231n", "bk7231m"],
    usualFlashSize: 2 * MIB,
    geometry: BK72XX,
    openBekenUpdateAt: DOWNLOAD_N,
    calibrationAt: AT_N_FIRST,
    layouts: ["openbeken-bk7231n", "libretiny-2m", "libretiny-bk7231n-tuya"],
    usualKey: "other",
  },
];

export const CHIPS = Object.fromEntries(ROWS.map((row) => [row.id, row])) as unknown as Readonly<
  Record<ChipId, ChipProfile>
>;

/**
 * Chips whose id register reads `value`, in the order of the table.
 * Also accepted: the other byte order, a 1 in front of the id, and an id in the upper half, all of which have been seen; the last on
 * Armv8-M chips (Beken's own tool, a runner for BK7258), with a revision below.
 */
export function findChipsById(value: number): readonly ChipProfile[] {
  for (const id of readingsOf(value >>> 0)) {
    const found = ROWS.filter(({ chipIds }) => chipIds.includes(id));
    if (found.length > 0) return found;
  }
  return ROWS.filter(({ vectors, chipIds }) => vectors === "thumb" && chipIds.includes(value >>> 16));
}

/** The first of {@link findChipsById}; undefined when the value is in no row. */
export function findChipById(value: number): ChipProfile | undefined {
  return findChipsById(value)[0];
}

function readingsOf(value: number): number[] {
  const swapped = (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
  return [value, swapped].flatMap((v) => [v, v - 0x1000000, v - 0x100000]);
}

/** What the boot ROM of this chip wants to read in its boot code begins so, as far as is known. */
export function bearsRomName({ name, romName = name }: ChipProfile, said: string): boolean {
  return romName.startsWith(said);
}
