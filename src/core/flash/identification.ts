/**
 * Asking a linked chip what it is, by means that change nothing: registers where there is a ROM, else boot code read
 * through the address alias. The CRC command is never used here: on older loaders it locks the flash until a reset.
 * Collects evidence only; what it means is decided in chips/identify.ts.
 */
import { SECTOR, equalBytes, hex32, hexAddress, isFilledWith } from "../base/bytes";
import { ProtocolError, isFlasherError } from "../base/errors";
import { RETRIES, TIMING } from "../base/timing";
import { findBootloader, fingerprintOf } from "../chips/bootloaders";
import { isCalibrationSector } from "../chips/calibration";
import {
  EFUSE_CONTROL_REGISTER,
  EFUSE_LENGTH,
  EFUSE_RESULT_REGISTER,
  efuseByteOf,
  efuseIsReady,
  efuseReadRequest,
} from "../chips/efuse";
import { findFlashPart, jedecIsDead } from "../chips/flashParts";
import { identifyChip, type ChipEvidence } from "../chips/identify";
import { PROFILES } from "../chips/profiles";
import type { BootloaderProfile, ChipIdentity, ProtocolProfile } from "../chips/types";
import { APP_PHYSICAL } from "../images/appKey";
import { keyOfApplication } from "../images/chipKey";
import { JEDEC_REQUEST, jedecIdOf } from "../protocol/commands";
import type { BootLink } from "../protocol/link";
import { PhaseMeter } from "./context";
import { Device } from "./device";
import type { JobEvent } from "./events";

const CHIP_ID_REGISTER = 0x800000;
/** Powers of two that flashes of these modules have; 16 MiB is all that 24 address bits reach. */
const POSSIBLE_SIZES = [0x80000, 0x100000, 0x200000, 0x400000, 0x800000] as const;
const LARGEST_SIZE = 0x1000000;

/** What is known right after linking, before the speed is raised. */
export interface LoaderEvidence {
  readonly profile: ProtocolProfile;
  readonly bootloader: BootloaderProfile | undefined;
  readonly registerChipId: number | undefined;
  /** First sector of flash; undefined when the chip refuses to show it. */
  readonly bootCode: Uint8Array | undefined;
  readonly bootVersion: string | undefined;
  /** For recognising the same chip after a reset. */
  readonly fingerprint: string | undefined;
}

/**
 * Who answers: ROM or which flash loader. A loader ignores the register question, so silence is an answer here.
 * @throws ProtocolError when the link is lost meanwhile
 */
export async function recogniseLoader(link: BootLink, signal: AbortSignal): Promise<LoaderEvidence> {
  const question = { signal, attempts: 1 } as const;
  const askChipId = (timeoutMs: number): Promise<number | undefined> =>
    askOrSilence(() =>
      link.request(
        "readRegister",
        { address: CHIP_ID_REGISTER },
        { ...question, doing: "ask for the chip id", timeoutMs },
      ),
    );
  let registerChipId = await askChipId(TIMING.registerSilenceMs);
  let bootCode = await readBootCode(link, PROFILES[registerChipId === undefined ? "loader" : "rom"], signal);
  const known = knownLoader(bootCode);
  if (registerChipId === undefined && !known) {
    // A ROM's answer that came late would make a loader of it: where boot code does not name a loader, ask once more.
    registerChipId = await askChipId(TIMING.registerMs);
    if (registerChipId !== undefined) bootCode = await readBootCode(link, PROFILES.rom, signal);
  }
  const familyHint = registerChipId === undefined ? "loader" : "rom";
  const mayHaveVersion = familyHint === "loader" && (known?.commands.has("readBootVersion") ?? true);
  const bootVersion = mayHaveVersion
    ? await askOrSilence(() =>
        link.request(
          "readBootVersion",
          {},
          { ...question, doing: "ask for the boot version", timeoutMs: TIMING.versionMs },
        ),
      )
    : undefined;
  const { protocol, bootloader } = identifyChip({ familyHint, registerChipId, bootCode, bootVersion });
  const crc = bootloader.crc256;
  return {
    profile: protocol,
    bootloader: bootloader.profile,
    registerChipId,
    bootCode,
    bootVersion,
    fingerprint: crc === undefined ? undefined : hex32(crc),
  };
}

/** The family of a flash loader that its boot code names; undefined for unknown boot code and that of ROM chips. */
function knownLoader(bootCode: Uint8Array | undefined): ProtocolProfile | undefined {
  const { protocol, bootloader } = identifyChip({ familyHint: "loader", bootCode });
  return bootloader.profile && bootloader.profile.family !== "rom" ? protocol : undefined;
}

/** Silence and "unknown command" both mean that the chip has no such command. */
async function askOrSilence<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (
      isFlasherError(error) &&
      (error.code === "reply-timeout" || error.code === "command-unsupported" || error.code === "chip-status")
    ) {
      return undefined;
    }
    throw error;
  }
}

async function readBootCode(
  link: BootLink,
  profile: ProtocolProfile,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const device = new Device(link, profile);
  try {
    const bootCode = await device.readSector(0, signal);
    // A known fingerprint proves the reading; for an unknown one only a second reading can.
    return findBootloader(fingerprintOf(bootCode)) ? bootCode : await readTwice(device, 0, signal);
  } catch (error) {
    // A loader that refuses this read is fully usable; it just cannot be fingerprinted.
    if (isFlasherError(error) && error.code === "chip-status") return undefined;
    throw error;
  }
}

/**
 * Everything else, at full speed: flash part and size, protection, key, MAC and calibration.
 * @param thorough when calibration is at no known address, every sector after the application is looked at
 */
export async function* collectIdentity(
  device: Device,
  loader: LoaderEvidence,
  thorough: boolean,
  signal: AbortSignal,
): AsyncGenerator<JobEvent, ChipIdentity, void> {
  const isRom = device.profile.family === "rom";
  const meter = new PhaseMeter("identify", isRom ? 5 : 4);
  yield meter.started();
  const evidence: Mutable<ChipEvidence> = {
    familyHint: isRom ? "rom" : "loader",
    registerChipId: loader.registerChipId,
    bootCode: loader.bootCode,
    bootVersion: loader.bootVersion,
  };
  if (isRom) {
    evidence.jedecId = await readJedecId(device, signal);
    evidence.statusRegister = await readStatusRegister(device, evidence.jedecId, signal);
    yield meter.advance(0, 1);
    evidence.efuse = await readEfuse(device, signal);
  }
  yield meter.advance(0, 1);
  if (evidence.jedecId === undefined || jedecIsDead(evidence.jedecId)) {
    evidence.sizeByWrap = await sizeByWrap(device, loader.bootCode, signal);
  }
  yield meter.advance(0, 1);
  const application = await device.readSector(APP_PHYSICAL, signal);
  evidence.applicationKey = keyOfApplication(application, loader.bootCode);
  yield meter.advance(APP_PHYSICAL, 1);
  const soFar = identifyChip(evidence);
  evidence.calibration = await calibrationAtKnownPlaces(device, soFar, signal);
  yield meter.advance(0, 1);
  yield meter.finished();
  if (!evidence.calibration && thorough)
    evidence.calibration = yield* scanForCalibration(device, soFar.flash.size, signal);
  return identifyChip(evidence);
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Calibration = NonNullable<ChipEvidence["calibration"]>;

/**
 * As the flash answers, dead ids ("000000", "FFFFFF") included: they are evidence too. A known id proves the reading; any
 * other must be read twice.
 */
async function readJedecId(device: Device, signal: AbortSignal): Promise<string | undefined> {
  let before = await askJedecId(device, signal);
  for (let tries = 0; tries < RETRIES.request && (before === undefined || !findFlashPart(before)); tries++) {
    const again = await askJedecId(device, signal);
    if (again === before) break;
    before = again;
  }
  return before;
}

async function askJedecId(device: Device, signal: AbortSignal): Promise<string | undefined> {
  try {
    return jedecIdOf(
      await device.link.request("spiTransfer", { bytes: JEDEC_REQUEST }, { signal, doing: "ask for the flash id" }),
    );
  } catch (error) {
    if (isFlasherError(error) && error.code === "flash-dead") return "000000";
    if (isFlasherError(error) && (error.code === "command-unsupported" || error.code === "chip-status"))
      return undefined;
    throw error;
  }
}

async function readStatusRegister(
  device: Device,
  jedecId: string | undefined,
  signal: AbortSignal,
): Promise<ChipEvidence["statusRegister"]> {
  const part = jedecId === undefined ? undefined : findFlashPart(jedecId);
  const commands = part ? part.statusRead.slice(0, Math.min(2, part.statusBytes)) : [0x05, 0x35];
  let value = 0;
  for (const [i, command] of commands.entries()) {
    const byte = await askOrSilence(() =>
      device.link.request("readStatusRegister", { command }, { signal, doing: "read the status register" }),
    );
    if (byte === undefined) return undefined;
    value |= byte << (8 * i);
  }
  return { value, bytes: commands.length };
}

/**
 * The 32 bytes, or undefined when the chip hides one that the key depends on (0-15, and the control bits in 31): no key is
 * better than a wrong one. Others that it does not show count as unwritten, 00.
 */
async function readEfuse({ link }: Device, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(EFUSE_LENGTH);
  const doing = "read the eFuse";
  const read = (address: number): Promise<number> => link.request("readRegister", { address }, { signal, doing });
  for (let index = 0; index < EFUSE_LENGTH; index++) {
    const value = await askOrSilence(async () => {
      const request = efuseReadRequest(await read(EFUSE_CONTROL_REGISTER), index);
      await link.request("writeRegister", { address: EFUSE_CONTROL_REGISTER, value: request }, { signal, doing });
      for (let polls = 0; polls < TIMING.efusePolls; polls++) {
        if (efuseIsReady(await read(EFUSE_CONTROL_REGISTER))) return efuseByteOf(await read(EFUSE_RESULT_REGISTER));
      }
      return undefined;
    });
    if (value === undefined && (index < 16 || index === EFUSE_LENGTH - 1)) return undefined;
    bytes[index] = value ?? 0;
  }
  return bytes;
}

/**
 * Flash smaller than the address repeats itself: the smallest size at which the boot code comes back is the flash's.
 * @returns undefined when there is no boot code to compare with, or it is too plain to be told from a blank sector
 */
async function sizeByWrap(
  device: Device,
  bootCode: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (!bootCode || isFilledWith(bootCode, bootCode[0] ?? 0)) return undefined;
  for (const size of POSSIBLE_SIZES) {
    // One equal reading proves that it repeats; that it does not, only two that agree with each other.
    if (equalBytes(await device.readSector(size, signal), bootCode)) return size;
    if (equalBytes(await readTwice(device, size, signal), bootCode)) return size;
  }
  // Nothing repeats, not even where every flash must: then what is compared with is not what the flash holds.
  return equalBytes(await readTwice(device, LARGEST_SIZE, signal), bootCode) ? LARGEST_SIZE : undefined;
}

/**
 * A sector as two readings agree on it. Reads carry no checksum, and a flash taken for larger than it is would let
 * addresses past its end reach the boot code.
 * @throws ProtocolError `reply-invalid` when hardly two readings are the same
 */
export async function readTwice(device: Device, address: number, signal: AbortSignal): Promise<Uint8Array> {
  let before = await device.readSector(address, signal);
  for (let tries = 0; tries < RETRIES.sector; tries++) {
    const again = await device.readSector(address, signal);
    if (equalBytes(before, again)) return again;
    before = again;
  }
  throw new ProtocolError("reply-invalid", `read ${hexAddress(address)}`, {
    address,
    detail: "no two readings are the same",
  });
}

async function calibrationAtKnownPlaces(
  device: Device,
  { chip, alternatives, flash }: ChipIdentity,
  signal: AbortSignal,
): Promise<Calibration | undefined> {
  const known = new Set(
    [chip, ...(alternatives ?? [])].flatMap((candidate) => candidate?.calibrationAt ?? FALLBACK_CALIBRATION),
  );
  for (const address of known) {
    if (address + SECTOR > flash.size) continue;
    const sector = await device.readSector(address, signal);
    if (isCalibrationSector(sector)) return { address, from: "known", sector };
  }
  return undefined;
}

/** Where calibration is on the chips seen so far, for chips in no table. */
const FALLBACK_CALIBRATION = [0x1e0000, 0x1d0000, 0x1e3000, 0x1f3000];

/** From the end down: vendors put it behind the application. */
async function* scanForCalibration(
  device: Device,
  size: number,
  signal: AbortSignal,
): AsyncGenerator<JobEvent, Calibration | undefined, void> {
  const first = SCAN_FROM;
  const meter = new PhaseMeter("scan", size - first);
  let found: Calibration | undefined;
  yield meter.started();
  for (let address = size - SECTOR; address >= first && !found; address -= SECTOR) {
    const sector = await device.readSector(address, signal);
    if (isCalibrationSector(sector)) found = { address, from: "scan", sector };
    yield meter.advance(address, SECTOR);
  }
  yield meter.finished();
  return found;
}

/** No application known reaches beyond; below, 4 KiB that begin with "TLV" would be chance. */
export const SCAN_FROM = 0x12a000;
