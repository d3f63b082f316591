/**
 * The chips that can be simulated, as data: which program answers, which flash part and key, what the flash holds.
 * Knows nothing of how they work. Fingerprints and places: docs/protocol.md, docs/formats.md.
 */
import { ROM_NAME_AT, type SimulatedRom } from "../rom/bootRom";
import { NONE, TUYA, type ChipKey } from "../flash/codeInFlash";
import { freshFlash, type Core } from "../flash/flashImages";
import type { FirmwareKind } from "../firmware/runningFirmware";
import { partOf } from "../flash/simulatedParts";
import * as loaders from "../loader/loaderProfiles";
import type { SimulatedLoader } from "../loader/loaderProfiles";

/** The chips that can be simulated. */
type SimulatedChipId =
  | "bk7231q"
  | "bk7231s"
  | "bk7231t"
  | "bk7231u"
  | "bk7231n"
  | "bk7236"
  | "bk7238"
  | "bk7251"
  | "bk7252"
  | "bk7252n"
  | "bk7258";

export interface Preset {
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly chip: SimulatedChipId;
  /** What answers on the UART: a loader in flash, or the mask ROM in front of plain boot code. */
  readonly answers:
    | { readonly kind: "loader"; readonly loader: SimulatedLoader }
    | { readonly kind: "rom"; readonly rom: SimulatedRom; readonly crc256?: number; readonly crc257?: number };
  readonly jedecId: string;
  /** Status register at first power-up. */
  readonly status: number;
  readonly key: ChipKey;
  readonly calibrationAt: number;
  readonly mac: readonly number[];
  readonly firmware: FirmwareKind;
  /** What its code is for; ARM9 unless given. */
  readonly core?: Core;
}

function mac(last: number): readonly number[] {
  return [0xc8, 0x47, 0x8c, 0x42, 0x00, last];
}

const COMMON = { status: 0x007c, key: NONE, calibrationAt: 0x1e0000, firmware: "tuya" } as const;

function withLoader(loader: SimulatedLoader): Preset["answers"] {
  return { kind: "loader", loader };
}

function withRom(name: string, chipId: number, crc256: number, crc257: number): Preset["answers"] {
  return {
    kind: "rom",
    rom: { name, chipId, chipIdAt: 0x800000, hasFuses: true, dropsWhileBusy: false },
    crc256,
    crc257,
  };
}

/**
 * BK7236 and BK7258: one die family, its id in the upper half of a register of its own, the revision below invented; no fuses where
 * older chips have them. No boot code's fingerprint is known as it lies in flash. Source: docs/protocol.md ("Identification").
 */
const THUMB = {
  ...COMMON,
  answers: {
    kind: "rom",
    rom: { name: "BK7236", chipId: 0x72360001, chipIdAt: 0x44010004, hasFuses: false, dropsWhileBusy: true },
  },
  firmware: "openbeken",
  core: "thumb",
} as const;

const ROWS = {
  bk7231t: {
    ...COMMON,
    id: "bk7231t",
    name: "BK7231T with Tuya firmware",
    chip: "bk7231t",
    answers: withLoader(loaders.LOADER_T105),
    jedecId: "0B4015",
    key: TUYA,
    mac: mac(0x01),
  },
  bk7231n: {
    ...COMMON,
    id: "bk7231n",
    name: "BK7231N with Tuya key",
    chip: "bk7231n",
    answers: withRom("BK7231", 0x7231c, 0x4063d299, 0xe14191ba),
    jedecId: "0B4015",
    key: TUYA,
    calibrationAt: 0x1d0000,
    mac: mac(0x02),
  },
  "bk7231n-zero": {
    ...COMMON,
    id: "bk7231n-zero",
    name: "BK7231N/M with zero key",
    chip: "bk7231n",
    answers: withRom("BK7231", 0x7231c, 0xffe952fb, 0x8e4e6cdb),
    jedecId: "C84015",
    status: 0x0000,
    calibrationAt: 0x1d0000,
    mac: mac(0x03),
    firmware: "openbeken",
  },
  bk7231s: {
    ...COMMON,
    id: "bk7231s",
    name: "BK7231S with AliOS boot code",
    chip: "bk7231s",
    answers: withLoader(loaders.LOADER_ALIOS),
    jedecId: "C84015",
    status: 0x0000,
    calibrationAt: 0x1f3000,
    mac: mac(0x04),
    firmware: "none",
  },
  bk7231q: {
    ...COMMON,
    id: "bk7231q",
    name: "BK7231Q",
    chip: "bk7231q",
    answers: withLoader(loaders.LOADER_Q),
    jedecId: "C84015",
    mac: mac(0x05),
  },
  bk7231u: {
    ...COMMON,
    id: "bk7231u",
    name: "BK7231U",
    chip: "bk7231u",
    answers: withLoader(loaders.LOADER_U),
    jedecId: "854215",
    mac: mac(0x06),
    firmware: "openbeken",
  },
  bk7238: {
    ...COMMON,
    id: "bk7238",
    name: "BK7238",
    chip: "bk7238",
    answers: withRom("BK7238", 0x7238, 0x8f32a0ec, 0x6beb0924),
    jedecId: "EB6015",
    // Complement bit set: everything but the last 64 KiB is protected.
    status: 0x4004,
    mac: mac(0x07),
    firmware: "libretiny",
  },
  bk7252: {
    ...COMMON,
    id: "bk7252",
    name: "BK7252",
    chip: "bk7252",
    answers: withLoader(loaders.LOADER_A9),
    jedecId: "C84016",
    calibrationAt: 0x3fe000,
    mac: mac(0x08),
  },
  bk7252n: {
    ...COMMON,
    id: "bk7252n",
    name: "BK7252N",
    chip: "bk7252n",
    answers: withRom("BK7252", 0x7252a, 0x8f32a0ec, 0x6c86cd3d),
    jedecId: "0B4016",
    mac: mac(0x09),
    firmware: "openbeken",
  },
  bk7236: {
    ...THUMB,
    id: "bk7236",
    name: "BK7236 (Tuya T3)",
    chip: "bk7236",
    jedecId: "EF4016",
    calibrationAt: 0x3fe000,
    mac: mac(0x0a),
  },
  bk7258: {
    ...THUMB,
    id: "bk7258",
    name: "BK7258 (Tuya T5)",
    chip: "bk7258",
    jedecId: "0B4017",
    calibrationAt: 0x7fe000,
    mac: mac(0x0b),
  },
} as const satisfies Record<string, Preset>;

export type PresetId = keyof typeof ROWS;

/** Every chip a person can ask for, by id. */
export const PRESETS: Readonly<Record<PresetId, Preset>> = ROWS;

/** The vendor programs whose behaviour is on record, each on a bare 2 MiB chip: for tests of hosts against all of them. */
export const LOADER_PRESETS: Readonly<Record<string, Preset>> = Object.fromEntries(
  (
    [
      ["s101", "bk7231s", loaders.LOADER_S101],
      ["t103", "bk7231t", loaders.LOADER_T103],
      ["t105", "bk7231t", loaders.LOADER_T105],
      ["t106", "bk7231t", loaders.LOADER_T106],
      ["a9", "bk7252", loaders.LOADER_A9],
      ["7251u2", "bk7251", loaders.LOADER_U],
      ["u_ottime", "bk7231u", loaders.LOADER_OTTIME],
      ["alios", "bk7231s", loaders.LOADER_ALIOS],
      ["q_moes", "bk7231q", loaders.LOADER_Q],
      ["u_aws", "bk7231u", loaders.LOADER_AWS],
    ] as const
  ).map(([id, chip, loader], index): readonly [string, Preset] => [
    id,
    {
      ...COMMON,
      id,
      name: `loader ${id}`,
      chip,
      answers: withLoader(loader),
      jedecId: "C84015",
      key: id === "t103" || id === "t105" || id === "t106" ? TUYA : NONE,
      mac: mac(0x20 + index),
    },
  ]),
);

/** Finds a preset by id or the way people write it ("BK7231T", "bk7231n zero"); undefined when there is none. */
export function findPreset(name: string): Preset | undefined {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  const wanted = plain(name);
  const all: readonly Preset[] = [...Object.values(PRESETS), ...Object.values(LOADER_PRESETS)];
  return all.find(({ id }) => plain(id) === wanted || plain(id) === `bk${wanted}`);
}

export function coreOf({ core = "arm" }: Preset): Core {
  return core;
}

/** Flash content of a fresh chip of this kind; `jedecId` decides the size. */
export function contentOf(preset: Preset, jedecId: string, seed: number): Uint8Array {
  const { answers } = preset;
  const { size } = partOf(jedecId);
  const boot = answers.kind === "loader" ? answers.loader : answers;
  return freshFlash({
    key: preset.key,
    size,
    calibrationAt: Math.min(preset.calibrationAt, size - 0x1000),
    mac: preset.mac,
    seed,
    core: coreOf(preset),
    ...(boot.crc256 === undefined ? {} : { crc256: boot.crc256 }),
    ...(boot.crc257 === undefined ? {} : { crc257: boot.crc257 }),
    ...(answers.kind === "rom" ? { romName: { at: ROM_NAME_AT, name: answers.rom.name, waitMs: ROM_WAIT_MS } } : {}),
  });
}

/** How long simulated boot code asks its ROM to wait for a link. */
const ROM_WAIT_MS = 60;
