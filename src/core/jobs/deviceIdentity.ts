/**
 * Whether the chip that answers after a reset, a power cycle or a replugged adapter is the one the job began with. Pure:
 * compares what was read before with what is read now.
 */
import { hex32, hexAddress } from "../base/bytes";
import { ProtocolError } from "../base/errors";
import { english, words, type Text, type Words } from "../base/words";
import { isCalibrationSector, macOf } from "../beken/chips/calibration";
import type { ChipIdentity } from "../beken/chips/types";
import type { LoaderEvidence } from "./recogniseLoader";

/**
 * On ROM chips boot code may be what is being written; there the silicon says who it is.
 * @throws ProtocolError `chip-changed`
 */
export function assertSameLoader(before: LoaderEvidence, now: LoaderEvidence): void {
  const mark = now.profile.family === "rom" ? siliconOf : bootCodeOf;
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
 * Chips of one kind have the same loader; what each has for itself is its MAC address.
 * @param sector what is now where `identity` has its calibration
 * @param mayBeHarmed an erase or write was not answered: calibration that is gone altogether may be its doing, which the end
 *   of the job tells
 * @throws ProtocolError `chip-changed`
 */
export function assertSameDevice({ mac, calibration }: ChipIdentity, sector: Uint8Array, mayBeHarmed: boolean): void {
  const found = macOf(sector);
  if (mayBeHarmed && !isCalibrationSector(sector)) return;
  if (isCalibrationSector(sector) && (mac === undefined || found === undefined || found === mac)) return;
  const place = hexAddress(calibration?.address ?? 0);
  throw chipChanged(mac ?? words`calibration at ${place}`, found ?? words`none at ${place}`);
}

function chipChanged(expected: Text, actual: Text): ProtocolError {
  return new ProtocolError("chip-changed", words`link again`, { expected, actual });
}
