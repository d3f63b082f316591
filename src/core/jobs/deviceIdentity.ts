/**
 * Whether the chip that answers after a reset, a power cycle or a replugged adapter is the one the job began with. Pure:
 * compares what was read before with what is read now.
 */
import { hex32, hexAddress } from "../base/bytes";
import { ProtocolError } from "../base/errors";
import { english, words, type Text, type Words } from "../base/words";
import { calibrationMark, isCalibrationSector, macOf } from "../beken/chips/calibration";
import type { ChipIdentity } from "../beken/chips/types";
import { speakAgainst, type Witness } from "../driver/knownSectors";
import type { LoaderEvidence } from "../driver/chipDriver";

/**
 * Where boot code is not what answers, it may be what is being written; there the silicon says who it is.
 * @throws ProtocolError `chip-changed`
 */
export function assertSameLoader(before: LoaderEvidence, now: LoaderEvidence): void {
  const mark = now.profile.bootloaderIsLifeline ? bootCodeOf : siliconOf;
  const [was, is] = [mark(before), mark(now)];
  if (english(was) !== english(is)) throw chipChanged(was, is);
}

function siliconOf({ registerChipId }: LoaderEvidence): Words {
  return registerChipId === undefined ? words`no chip id register` : words`chip id ${hex32(registerChipId)}`;
}

function bootCodeOf({ fingerprint }: LoaderEvidence): Words {
  return fingerprint === undefined ? words`no boot code` : words`boot code ${fingerprint}`;
}

/**
 * Chips of one kind have the same loader; what each has for itself is its calibration, with its MAC address.
 * @param sector what is now where `identity` has its calibration
 * @param mayBeHarmed an erase or write was not answered: calibration that is gone or damaged may be its doing, which the end
 *   of the job tells
 * @throws ProtocolError `chip-changed`
 */
export function assertSameDevice(identity: ChipIdentity, sector: Uint8Array, mayBeHarmed: boolean): void {
  if (holdsCalibrationOf(identity, sector)) return;
  const { mac, calibration } = identity;
  const found = macOf(sector);
  if (mayBeHarmed && (!isCalibrationSector(sector) || (found !== undefined && found === mac))) return;
  const place = hexAddress(calibration?.address ?? 0);
  const [expected, actual] = [identity.calibrationMark ?? "?", calibrationMark(sector)];
  if (!isCalibrationSector(sector)) throw chipChanged(mac ?? words`calibration at ${place}`, words`none at ${place}`);
  if (mac !== undefined && found !== undefined && mac !== found) throw chipChanged(mac, found);
  throw chipChanged(words`calibration ${expected} at ${place}`, words`calibration ${actual} at ${place}`);
}

/** True when `sector`, from where `identity` has its calibration, still is what was read there. */
export function holdsCalibrationOf({ calibrationMark: mark }: ChipIdentity, sector: Uint8Array): boolean {
  return mark !== undefined && calibrationMark(sector) === mark;
}

/**
 * Of a chip that has nothing of its own to be told by.
 * @param known what this job has read and written
 * @param now CRC-32 of what is there, by address
 * @throws ProtocolError `chip-changed`
 */
export function assertHoldsTheSame(known: readonly Witness[], now: ReadonlyMap<number, number>): void {
  const differing = known.filter(({ address, crc }) => now.get(address) !== crc);
  const [first] = differing;
  if (!first || !speakAgainst(known, new Set(differing.map(({ address }) => address)))) return;
  const place = hexAddress(first.address);
  throw chipChanged(
    words`CRC-32 ${hex32(first.crc)} at ${place}`,
    words`CRC-32 ${hex32(now.get(first.address) ?? 0)} at ${place}`,
  );
}

function chipChanged(expected: Text, actual: Text): ProtocolError {
  return new ProtocolError("chip-changed", words`link again`, { expected, actual });
}
