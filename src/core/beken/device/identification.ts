/**
 * Asking a chip whose loader is known what else it is, by means that change nothing: its flash part and size, protection,
 * key, MAC address and calibration. Flash loaders are never asked for a CRC here: on older ones it locks the flash until a reset.
 * Collects evidence only; what it means is decided in chips/identify.ts.
 */
import { crc32 } from "../../base/checksum";
import { isFlasherError } from "../../base/errors";
import { RETRIES, TIMING } from "../../base/timing";
import { words } from "../../base/words";
import { CALIBRATION_LENGTH, calibrationFrom, isCalibrationSector } from "../chips/calibration";
import {
  EFUSE_CONTROL_AT,
  EFUSE_CONTROL_REGISTER,
  EFUSE_KEY,
  EFUSE_LENGTH,
  EFUSE_MAC,
  EFUSE_RESULT_REGISTER,
  efuseByteOf,
  efuseIsReady,
  efuseKeyIsReadable,
  efuseReadRequest,
} from "../chips/efuse";
import { findFlashPart } from "../chips/flashParts";
import { identifyChip, type ChipEvidence } from "../chips/identify";
import type { ChipIdentity } from "../chips/types";
import { geometryOf } from "../chips/strictGeometry";
import { keyOfApplication } from "../images/chipKey";
import { JEDEC_REQUEST, jedecIdOf } from "../protocol/commandTable";
import { PhaseMeter } from "../../driver/jobContext";
import { readAll } from "../../driver/readings";
import type { ChipAccess } from "./chipAccess";
import type { IdentityOptions, LoaderEvidence } from "../../driver/chipDriver";
import type { Steps } from "../../driver/driverEvents";
import { askOrSilence } from "./answering";
import { readCodeSurely, sampleBootCode } from "./bootCodeSamples";
import { provenSize } from "./sizing";

/** Everything else, at full speed: flash part and size, protection, key, MAC and calibration. */
export async function* collectIdentity(
  device: ChipAccess,
  loader: LoaderEvidence,
  { thorough, calibrationAt }: IdentityOptions,
  signal: AbortSignal,
): Steps<ChipIdentity> {
  const { knowsJedec, hasStatusRegister } = device.profile;
  const hasEfuse = device.profile.hasEfuse && mayHaveEfuse(identifyChip(loader));
  const meter = new PhaseMeter("identify", hasEfuse ? 5 : 4);
  yield meter.started();
  const evidence: Mutable<ChipEvidence> = {
    registerChipId: loader.registerChipId,
    bootCode: loader.bootCode,
    bootVersion: loader.bootVersion,
  };
  if (knowsJedec) evidence.jedecId = await readJedecId(device, signal);
  if (hasStatusRegister) evidence.statusRegister = await readStatusRegister(device, evidence.jedecId, signal);
  yield meter.advance(0, 1);
  const likelyChip = identifyChip(evidence);
  const { applicationStart } = geometryOf(likelyChip);
  const [likely] = calibrationPlaces(likelyChip);
  const places = [applicationStart, ...(likely === undefined ? [] : [likely])];
  const [read, calibration] = (await readAll(device, places, signal)) as [Uint8Array, Uint8Array?];
  const application = await readCodeSurely(device, applicationStart, read, signal);
  device.seen.set(applicationStart, crc32(application));
  evidence.applicationKey = keyOfApplication(application, loader.bootCode);
  yield meter.advance(applicationStart, 1);
  const sectors = [
    ...(loader.bootCode ? [[0, loader.bootCode] as const] : []),
    [applicationStart, application] as const,
  ];
  evidence.sizeByWrap = await provenSize(device, new Map(sectors), identifyChip(evidence).flash.size, signal);
  yield meter.advance(0, 1);
  const soFar = identifyChip(evidence);
  const known = new Map(likely !== undefined && calibration ? [[likely, calibration]] : []);
  evidence.calibration = await calibrationAtKnownPlaces(device, soFar, known, calibrationAt, signal);
  yield meter.advance(0, 1);
  if (hasEfuse) {
    evidence.efuse = await readEfuse(device, identifyChip(evidence).mac === undefined, signal);
    yield meter.advance(0, 1);
  }
  const bootCode = await sampleBootCode(device, loader.bootCode, geometryOf(soFar), signal);
  yield meter.finished();
  if (!evidence.calibration && thorough) evidence.calibration = yield* scanForCalibration(device, soFar, signal);
  return { ...identifyChip(evidence), samples: [...bootCode, { address: applicationStart, data: application }] };
}

/** Of a chip in no table what is known of such a ROM holds. */
function mayHaveEfuse({ chip, alternatives = [] }: ChipIdentity): boolean {
  return chip === undefined || [chip, ...alternatives].some((one) => one.hasEfuse);
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Calibration = NonNullable<ChipEvidence["calibration"]>;

/**
 * As the flash answers, dead ids ("000000", "FFFFFF") included: they are evidence too. A known id proves the reading; any
 * other must be read twice.
 */
async function readJedecId(device: ChipAccess, signal: AbortSignal): Promise<string | undefined> {
  let before = await askJedecId(device, signal);
  for (let tries = 0; tries < RETRIES.request && (before === undefined || !findFlashPart(before)); tries++) {
    const again = await askJedecId(device, signal);
    if (again === before) break;
    before = again;
  }
  return before;
}

async function askJedecId(device: ChipAccess, signal: AbortSignal): Promise<string | undefined> {
  try {
    return jedecIdOf(
      await device.link.request(
        "spiTransfer",
        { bytes: JEDEC_REQUEST },
        { signal, doing: words`ask for the flash id` },
      ),
    );
  } catch (error) {
    if (isFlasherError(error) && error.code === "flash-dead") return "000000";
    if (isFlasherError(error) && (error.code === "command-unsupported" || error.code === "chip-status"))
      return undefined;
    throw error;
  }
}

async function readStatusRegister(
  device: ChipAccess,
  jedecId: string | undefined,
  signal: AbortSignal,
): Promise<ChipEvidence["statusRegister"]> {
  const part = jedecId === undefined ? undefined : findFlashPart(jedecId);
  const commands = part ? part.statusRead.slice(0, Math.min(2, part.statusBytes)) : [0x05, 0x35];
  let value = 0;
  for (const [i, command] of commands.entries()) {
    const byte = await askOrSilence(() =>
      device.link.request("readStatusRegister", { command }, { signal, doing: words`read the status register` }),
    );
    if (byte === undefined) return undefined;
    value |= byte << (8 * i);
  }
  return { value, bytes: commands.length };
}

/**
 * What of the 32 bytes is of use, each of which costs a register write: whether the key may be read, the key where it may, and the
 * MAC where that is not known from elsewhere. Undefined when the chip hides what the key depends on: no key is better than a
 * wrong one. Bytes that were not asked for, or are not shown, count as unwritten, 00.
 */
async function readEfuse(device: ChipAccess, wantsMac: boolean, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(EFUSE_LENGTH);
  const read = efuseReader(device, signal);
  const control = await read(EFUSE_CONTROL_AT);
  if (control === undefined) return undefined;
  bytes[EFUSE_CONTROL_AT] = control;
  for (const index of efuseKeyIsReadable(control) ? EFUSE_KEY : []) {
    const value = await read(index);
    if (value === undefined) return undefined;
    bytes[index] = value;
  }
  for (const index of wantsMac ? EFUSE_MAC : []) bytes[index] = (await read(index)) ?? 0;
  return bytes;
}

/** Reads one byte after the other; undefined where the chip does not show it. */
function efuseReader({ link }: ChipAccess, signal: AbortSignal): (index: number) => Promise<number | undefined> {
  /** The control register as last read: after one byte it is as it will be found for the next. */
  let control: number | undefined;
  const doing = words`read the eFuse`;
  const read = (address: number): Promise<number> => link.request("readRegister", { address }, { signal, doing });
  return (index) =>
    askOrSilence(async () => {
      const request = efuseReadRequest(control ?? (await read(EFUSE_CONTROL_REGISTER)), index);
      control = undefined;
      await link.request("writeRegister", { address: EFUSE_CONTROL_REGISTER, value: request }, { signal, doing });
      for (let polls = 0; polls < TIMING.efusePolls; polls++) {
        const now = await read(EFUSE_CONTROL_REGISTER);
        if (!efuseIsReady(now)) continue;
        const value = efuseByteOf(await read(EFUSE_RESULT_REGISTER));
        control = now;
        return value;
      }
      return undefined;
    });
}

/**
 * @param read what was read already, by address
 * @param before where it was found on this chip before
 */
async function calibrationAtKnownPlaces(
  device: ChipAccess,
  identity: ChipIdentity,
  read: ReadonlyMap<number, Uint8Array>,
  before: number | undefined,
  signal: AbortSignal,
): Promise<Calibration | undefined> {
  const places = [...(before === undefined ? [] : [before]), ...calibrationPlaces(identity)];
  for (const address of new Set(places)) {
    const sector = read.get(address) ?? (await device.readSector(address, signal));
    if (isCalibrationSector(sector)) return { address, from: "known", sector };
  }
  return undefined;
}

/** Where such chips have it, inside their flash, most likely first. */
function calibrationPlaces({ chip, alternatives, flash }: ChipIdentity): number[] {
  const places = [chip, ...(alternatives ?? [])].flatMap(
    (candidate) => candidate?.calibrationAt ?? FALLBACK_CALIBRATION,
  );
  return [...new Set(places)].filter((address) => address + CALIBRATION_LENGTH <= flash.size);
}

/** Where calibration is on the chips seen so far, for chips in no table. */
const FALLBACK_CALIBRATION = [0x1e0000, 0x1d0000, 0x1e3000, 0x1f3000];

/** From the end down: vendors put it behind the application. */
async function* scanForCalibration(
  device: ChipAccess,
  identity: ChipIdentity,
  signal: AbortSignal,
): Steps<Calibration | undefined> {
  const { size } = identity.flash;
  const geometry = geometryOf(identity);
  const { sector: step } = geometry;
  const first = calibrationFrom(geometry, size);
  const meter = new PhaseMeter("scan", size - first);
  let found: Calibration | undefined;
  yield meter.started();
  for (let address = size - step; address >= first && !found; address -= step) {
    const sector = await device.readSector(address, signal);
    if (isCalibrationSector(sector)) found = { address, from: "scan", sector };
    yield meter.advance(address, step);
  }
  yield meter.finished();
  return found;
}
