/**
 * From evidence to a chip: pure, decides what a set of readings means and never asks for one. What is in no table stays
 * unknown and is reported as such; nothing here throws over a strange chip.
 */
import { calibrationMark, macOf } from "./calibration";
import { emptinessOf, findBootloader, findBootloaders, fingerprintOf, protocolOf } from "./bootloaders";
import { CHIPS, findChipsById } from "./chips";
import { decodeEfuse } from "./efuse";
import { findFlashPart, jedecIsDead, sizeFromJedec } from "./flashParts";
import { keyEvidence } from "./keyEvidence";
import { pickLayout } from "./layouts";
import { PROFILES } from "./profiles";
import { decodeStatusRegister } from "./statusRegister";
import type { BootloaderProfile, ChipId, ChipIdentity, ChipProfile, KeyState, ProtocolProfile } from "./types";

const SMALLEST_USUAL_FLASH = 0x200000;

/** What was read of a chip; anything may be missing. */
export interface ChipEvidence {
  /** Who answers: `rom` when registers can be read, else `loader`; left out: by whether the chip id register was. */
  readonly familyHint?: "rom" | "loader";
  /** Chip id register. */
  readonly registerChipId?: number | undefined;
  /** Start of flash, FINGERPRINT_LENGTH bytes or more. */
  readonly bootCode?: Uint8Array | undefined;
  /** What the loader says of itself ("BK7231S_1.0.5"); empty counts as nothing said. */
  readonly bootVersion?: string | undefined;
  /** Six hex digits. */
  readonly jedecId?: string | undefined;
  /** Flash size in bytes where reads begin to repeat. */
  readonly sizeByWrap?: number | undefined;
  readonly statusRegister?: { readonly value: number; readonly bytes: number } | undefined;
  readonly calibration?:
    { readonly address: number; readonly from: "known" | "scan"; readonly sector: Uint8Array } | undefined;
  /** All 32 bytes, or nothing. */
  readonly efuse?: Uint8Array | undefined;
  /** Key of the application that is on the flash. */
  readonly applicationKey?: KeyState | undefined;
}

type KnownEvidence = ChipEvidence & Required<Pick<ChipEvidence, "familyHint">>;

export function identifyChip(readings: ChipEvidence): ChipIdentity {
  const evidence: KnownEvidence = {
    familyHint: readings.registerChipId === undefined ? "loader" : "rom",
    ...readings,
    bootVersion: readings.bootVersion || undefined,
  };
  const fingerprint = evidence.bootCode ? fingerprintOf(evidence.bootCode) : {};
  const possible = candidatesFor(evidence, undefined);
  const bootloader = findBootloader(fingerprint) ?? findBootloaders(fingerprint).find((row) => shares(row, possible));
  const candidates = candidatesFor(evidence, bootloader);
  const efuse = evidence.efuse ? decodeEfuse(evidence.efuse) : undefined;
  const keys = keyEvidence({
    efuse,
    application: evidence.applicationKey,
    bootCode: evidence.bootCode,
    bootloader,
    bootCodeRuns: evidence.familyHint === "loader",
  });
  const key: KeyState = keys[0] ?? { kind: "unknown", from: "nothing" };
  const [chip, ...alternatives] = rank(candidates, key, bootloader, measuredSize(evidence));
  const flash = flashOf(evidence, bootloader, chip);
  const { calibration, statusRegister } = evidence;
  return {
    chip,
    alternatives,
    protocol: protocolFor(evidence, bootloader),
    bootloader: {
      profile: bootloader,
      crc256: fingerprint.crc256,
      version: evidence.bootVersion,
      empty: evidence.bootCode && emptinessOf(evidence.bootCode),
    },
    chipIdRegister: evidence.registerChipId,
    flash,
    statusRegister: statusRegister && {
      ...statusRegister,
      words: decodeStatusRegister(statusRegister.value, statusRegister.bytes, flash.part),
    },
    mac: (calibration && macOf(calibration.sector)) ?? efuse?.mac,
    calibration: calibration && { address: calibration.address, from: calibration.from },
    calibrationMark: calibration && calibrationMark(calibration.sector),
    key,
    keyEvidence: keys,
    layout: chip && pickLayout(chip, flash.size, calibration?.address),
  };
}

/**
 * On ROM chips the id register is the silicon and beats boot code, which anyone may have flashed; a register value that is
 * in no table therefore leaves the chip unknown. Flash loaders have no registers: there the boot code names the chips.
 */
function candidatesFor(evidence: KnownEvidence, bootloader: BootloaderProfile | undefined): readonly ChipProfile[] {
  const { familyHint, registerChipId, bootVersion } = evidence;
  if (familyHint === "rom" && registerChipId !== undefined && !isDeadRegister(registerChipId))
    return findChipsById(registerChipId);
  if (bootloader) return bootloader.chips.map((id) => CHIPS[id]);
  return bootVersion === undefined ? [] : chipsNamedIn(bootVersion);
}

/** BK7231T loaders call themselves BK7231S, so that name means both. */
function chipsNamedIn(version: string): readonly ChipProfile[] {
  const name = /^BK\d{4}[A-Z]*/i.exec(version)?.[0].toLowerCase();
  if (name === "bk7231s" || name === "bk7231t") return [CHIPS.bk7231t, CHIPS.bk7231s];
  return name !== undefined && Object.hasOwn(CHIPS, name) ? [CHIPS[name as ChipId]] : [];
}

function shares(row: BootloaderProfile, chips: readonly ChipProfile[]): boolean {
  return chips.some(({ id }) => row.chips.includes(id));
}

/** Best first: the key decides between chips of one die, then boot code, then flash size, then the order they came in. */
function rank(
  candidates: readonly ChipProfile[],
  key: KeyState,
  bootloader: BootloaderProfile | undefined,
  size: number | undefined,
): readonly ChipProfile[] {
  const score = (chip: ChipProfile): number =>
    (key.kind === chip.usualKey && (key.kind === "tuya" || key.kind === "zero") ? 4 : 0) +
    (bootloader?.chips.includes(chip.id) === true ? 2 : 0) +
    (chip.usualFlashSize === size ? 1 : 0);
  const plausible = candidates.filter((chip) => mayCarry(chip, key));
  const strangeness = ({ usualFlashSize }: ChipProfile): number =>
    size === undefined ? 0 : Math.abs(Math.log2(size / usualFlashSize));
  return (plausible.length > 0 ? plausible : [...candidates]).sort(
    (a, b) => score(b) - score(a) || strangeness(a) - strangeness(b),
  );
}

/** Tuya's key is in Tuya's chips only; a chip that always carries another maker's key does not have zeros. */
function mayCarry(chip: ChipProfile, key: KeyState): boolean {
  if (key.kind === "tuya") return chip.usualKey === "tuya" || chip.usualKey === "unknown";
  return key.kind !== "zero" || chip.usualKey !== "other";
}

/**
 * Unknown boot code with a version command is of family B' or B. B' is assumed: the two differ only in what a CRC locks,
 * and taking it for the stricter one costs a reset at worst.
 */
function protocolFor(
  { familyHint, bootVersion }: KnownEvidence,
  bootloader: BootloaderProfile | undefined,
): ProtocolProfile {
  if (familyHint === "rom") return PROFILES.rom;
  if (bootloader && bootloader.family !== "rom") return protocolOf(bootloader);
  return bootVersion === undefined ? PROFILES.loader : PROFILES["B'"];
}

function measuredSize({ jedecId, sizeByWrap }: ChipEvidence): number | undefined {
  return sizeByWrap ?? (jedecId === undefined ? undefined : sizeFromJedec(jedecId));
}

function flashOf(
  { jedecId, sizeByWrap }: ChipEvidence,
  bootloader: BootloaderProfile | undefined,
  chip: ChipProfile | undefined,
): ChipIdentity["flash"] {
  const part = jedecId === undefined || jedecIsDead(jedecId) ? undefined : findFlashPart(jedecId);
  const base = { jedecId: jedecId?.toUpperCase(), part };
  const byJedec = jedecId === undefined ? undefined : sizeFromJedec(jedecId);
  // An id can lie; where the content comes again does not.
  if (sizeByWrap !== undefined)
    return { ...base, size: sizeByWrap, sizeFrom: sizeByWrap === byJedec ? "jedec" : "wrap-around", sizeProven: true };
  if (byJedec !== undefined) return { ...base, size: byJedec, sizeFrom: "jedec", sizeProven: false };
  const [usual, ...others] = new Set(bootloader?.chips.map((id) => CHIPS[id].usualFlashSize));
  if (usual !== undefined && others.length === 0)
    return { ...base, size: usual, sizeFrom: "bootloader", sizeProven: false };
  return { ...base, size: chip?.usualFlashSize ?? SMALLEST_USUAL_FLASH, sizeFrom: "assumed", sizeProven: false };
}

/** What a bus reads as that no flash drives. */
export function isDeadRegister(value: number): boolean {
  return value >>> 0 === 0 || value >>> 0 === 0xffffffff;
}
