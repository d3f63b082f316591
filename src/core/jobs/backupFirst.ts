/**
 * The copy of the whole flash that a write can have made before it: whether one is needed, and the reading of it in phases
 * of its own. Where copies are kept, and whether one is worth it, is the caller's to say.
 */
import { equalBytes } from "../base/bytes";
import { crc32 } from "../base/checksum";
import { CALIBRATION_LENGTH, calibrationMark, findCalibration } from "../beken/chips/calibration";
import type { ChipIdentity } from "../beken/chips/types";
import { samplesOf } from "../backup/settingsArea";
import { CancelledError, isPortLost, isTransmissionError } from "../base/errors";
import { throwIfAborted } from "../base/timing";
import type { JobContext } from "../driver/jobContext";
import type { BackUpFirst, ChipHolds, Phase, Run } from "./events";
import { readWhole } from "./readFlash";

/** Asked with the plan on the table, so that whoever approves it knows. */
export async function* planBackup(context: JobContext, first: BackUpFirst | undefined): Run<BackUpFirst | undefined> {
  const { device, identity } = context;
  if (!first || !(await device.whileAwake(() => first.needed(identity, chipHolds(context))))) return undefined;
  const { crcLocks, rebootCommand } = device.profile;
  const needsReset = crcLocks === "until-reset" && rebootCommand !== "resets";
  yield { type: "backup-planned", length: identity.flash.size, needsReset };
  return first;
}

/**
 * By the chip's CRCs; by reading some sectors where a CRC would lock the flash. A line in trouble
 * is not brought back here: what cannot be asked is in doubt, and the copy that follows finds the line again.
 */
function chipHolds({ device, signal }: JobContext): ChipHolds {
  const asks = device.profile.crcLocks !== "until-reset";
  const holds = async (start: number, bytes: Uint8Array): Promise<boolean> => {
    if (asks) return (await device.crc(start, bytes.length, signal)) === crc32(bytes);
    for (const sample of samplesOf(bytes)) {
      const onChip = await device.readSector(start + sample.start, signal);
      if (!equalBytes(onChip.subarray(0, sample.end - sample.start), bytes.subarray(sample.start, sample.end)))
        return false;
    }
    return true;
  };
  return async (stretches) => {
    const held: boolean[] = [];
    for (const { start, bytes } of stretches) {
      const answer = holds(start, bytes).catch((error: unknown) => {
        if (isTransmissionError(error) || isPortLost(error)) return false;
        throw error;
      });
      held.push(await answer);
    }
    return held;
  };
}

/**
 * Reads the whole flash, proves it by the chip's CRCs, and has it stored. Nothing was touched when this throws.
 * @returns what was stored
 * @throws CancelledError when the copy is refused; whatever storing it throws
 */
export async function* backUpFirst(context: JobContext, first: BackUpFirst): Run<Uint8Array> {
  const { device, identity, signal } = context;
  const interrupted = await device.whileAwake(() => first.resume(identity));
  const { data } = yield* inOwnPhases(readWhole(context, { resume: interrupted, base: undefined }));
  const accepted = await device.whileAwake(() => first.save(data, withCalibrationFrom(identity, data)));
  if (!accepted) throw new CancelledError("back up first");
  throwIfAborted(signal, "back up first");
  return data;
}

/** A whole flash in hand is searched for calibration wherever it may be. */
export function withCalibrationFrom(chip: ChipIdentity, data: Uint8Array): ChipIdentity {
  if (chip.calibration) return chip;
  const address = findCalibration(data);
  if (address === undefined) return chip;
  const sector = data.subarray(address, address + CALIBRATION_LENGTH);
  return { ...chip, calibration: { address, from: "scan" }, calibrationMark: calibrationMark(sector) };
}

const OWN_PHASES: Partial<Readonly<Record<Phase, Phase>>> = {
  compare: "backup-check",
  read: "backup",
  check: "backup-check",
};

/** The job around it has phases of the same kind, about other bytes. */
async function* inOwnPhases<T>(reading: Run<T>): Run<T> {
  try {
    for (;;) {
      const step = await reading.next();
      if (step.done) return step.value;
      const event = step.value;
      yield "phase" in event ? { ...event, phase: OWN_PHASES[event.phase] ?? event.phase } : event;
    }
  } finally {
    // Does nothing unless the caller stopped reading events before the end.
    await reading.return(undefined as T);
  }
}
