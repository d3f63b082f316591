/** What chips are put through the campaign: every preset as it is, and with flashes that are protected, locked, strange or dead. */
import type { FlasherErrorCode } from "../../src/core/index";
import { SIMULATED_PARTS } from "../../src/simulator/flash/simulatedParts";
import type { Preset } from "../../src/simulator/index";
import { firmware } from "./firmware";
import { usedFlash, zeros } from "./medium";
import type { Random } from "./random";

export interface Device {
  readonly preset: Preset;
  /** Everything the flash holds at first. */
  readonly base: Uint8Array;
  readonly jedecId: string;
  /** What the flash says its name is, where it does not tell the truth. */
  readonly claimsJedecId?: string;
  readonly status: number;
  /** The only right end of a job that changes the flash, on a sound line. */
  readonly refusal?: FlasherErrorCode;
  /** Boot code or application keep it from starting by itself. */
  readonly cannotStart?: boolean;
  readonly describe: string;
}

export type Condition =
  "usual" | "protected" | "other part" | "unknown part" | "lying id" | "without boot code" | "dead";

/** BP bits and CMP in many combinations, quad mode, and lock bits of every kind that are set already. */
const STATUS = [0x0004, 0x0038, 0x007c, 0x4004, 0x407c, 0x0214, 0x0094, 0x085c, 0x3a7c, 0x00fc, 0x0018] as const;
/** BP0 to BP4 and CMP. */
const PROTECTION = 0x407c;
/** Parts of the sizes that modules have, with one and two status bytes and both ways to write the second. */
const PARTS: Readonly<Record<number, readonly string[]>> = {
  0x200000: ["852015", "1C7015", "C22315", "C84015", "0B4015", "EB6015", "854215", "856015"],
  0x400000: ["C84016", "0B4016", "852016", "EF4016", "1C7016"],
  0x800000: ["0B4017", "C84017", "852017"],
};
/** What a flash of that size says it is, and is not: larger and smaller ones. */
const LIES: Readonly<Record<number, readonly string[]>> = {
  0x200000: ["0B4016", "C84016", "EF4016", "852016", "0B4014", "C84014", "0B4017", "C84019"],
  0x400000: ["0B4015", "C84015", "EB6015", "0B4014", "0B4017"],
  0x800000: ["0B4016", "C84016", "852015", "0B4018"],
};
const BOOT_END = 0x11000;
const UNKNOWN: Readonly<Record<number, string>> = { 0x200000: "AB1215", 0x400000: "AB1216", 0x800000: "AB1217" };

export function isRom({ answers }: Preset): boolean {
  return answers.kind === "rom";
}

/** @returns undefined where the chip cannot be in that condition: flash loaders do not ask the flash for its name */
export function deviceOf(preset: Preset, condition: Condition, random: Random): Device | undefined {
  const base = usedFlash(preset);
  const usual = { preset, base, jedecId: preset.jedecId, status: preset.status, describe: condition };
  switch (condition) {
    case "usual":
      return usual;
    case "protected":
      return withStatus(usual, random.pick(STATUS));
    case "other part": {
      if (!isRom(preset)) return undefined;
      const jedecId = random.pick(PARTS[base.length] ?? []);
      return withStatus({ ...usual, jedecId, describe: jedecId }, random.chance(70) ? random.pick(STATUS) : 0);
    }
    case "unknown part":
      return isRom(preset)
        ? { ...usual, jedecId: UNKNOWN[base.length] ?? "AB1215", refusal: "flash-unknown" }
        : undefined;
    case "lying id": {
      if (!isRom(preset)) return undefined;
      const claimsJedecId = random.pick(LIES[base.length] ?? []);
      return { ...usual, claimsJedecId, describe: `${preset.jedecId} says ${claimsJedecId}` };
    }
    case "without boot code":
      return isRom(preset)
        ? { ...usual, base: bootless(preset, base, random), cannotStart: true, describe: condition }
        : undefined;
    case "dead":
      return { ...usual, base: zeros(base.length), refusal: "flash-dead" };
  }
}

const bootlessBases = new Map<string, Uint8Array>();

/** Blank, zeros, or an application in its place: on these chips the ROM answers all the same. */
function bootless(preset: Preset, base: Uint8Array, random: Random): Uint8Array {
  const how = random.pick(["blank", "first sector blank", "application"] as const);
  const name = `${preset.id} ${how}`;
  let made = bootlessBases.get(name);
  if (!made) {
    made = base.slice();
    if (how === "application")
      made.set(firmware(preset, 0xfa50, "crc").patches[0]?.bytes.subarray(0, BOOT_END) ?? [], 0);
    else made.fill(0xff, 0, how === "blank" ? BOOT_END : 0x1000);
    bootlessBases.set(name, made);
  }
  return made;
}

function partOf({ claimsJedecId, jedecId }: Device): (typeof SIMULATED_PARTS)[number] | undefined {
  return SIMULATED_PARTS.find(({ id }) => id === (claimsJedecId ?? jedecId));
}

function withStatus(device: Device, status: number): Device {
  const part = partOf(device);
  // A part with one status byte has no second one to hold anything, and not every part has every protection bit.
  const own = part ? status & (~PROTECTION | part.protection) : status;
  const held = part?.statusBytes === 1 ? own & 0xff : own;
  return { ...device, status: held, describe: `${device.describe}, status ${held.toString(16)}` };
}

/** True where a job must lift a protection by itself, and put it back. */
export function isGuarded(device: Device): boolean {
  const part = partOf(device);
  return isRom(device.preset) && part !== undefined && (device.status & part.protection & PROTECTION) !== 0;
}
