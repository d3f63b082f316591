/** Whether a linked chip answers, and until when: for what can be done only over a link in order, or only without one. */
import type { BootLink } from "../beken/protocol/link";
import type { ChipIdentity } from "../beken/chips/types";
import { equalBytes } from "../base/bytes";
import { crc32 } from "../base/checksum";
import { OperationError, ProtocolError, isFlasherError } from "../base/errors";
import { TIMING, type Clock } from "../base/timing";
import { words } from "../base/words";
import type { ChipAccess } from "./chipAccess";
import { holdsCalibrationOf } from "./deviceIdentity";
import type { Run } from "./events";
import type { LoaderEvidence } from "./recogniseLoader";

/** A chip that answered before. */
interface KnownChip {
  readonly device: ChipAccess;
  readonly evidence: LoaderEvidence;
  readonly identity: ChipIdentity | undefined;
}

/** Silence and "unknown command" both mean that the chip has no such command. */
export async function askOrSilence<T>(ask: () => Promise<T>): Promise<T | undefined> {
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

/** Brings the line back; false where nobody answers on it any more. */
export async function stillAnswers(link: BootLink, signal: AbortSignal): Promise<boolean> {
  try {
    await link.recover(signal);
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

/**
 * Until somebody cuts the power of a chip that answers all the time: it has missed one check.
 * @throws OperationError `flash-protected` when it never does
 */
export async function* untilSilent(link: BootLink, clock: Clock, limitMs: number, signal: AbortSignal): Run<void> {
  const started = clock.now();
  let told = -Infinity;
  link.forgetEvidence();
  while (await link.isLinked(signal)) {
    const elapsedMs = clock.now() - started;
    if (elapsedMs >= limitMs) {
      throw new OperationError("flash-protected", words`reset the chip`, {
        detail: words`a checksum has locked its flash, and it went on answering without a power cycle`,
      });
    }
    if (elapsedMs - told < TIMING.linkingToldEveryMs) continue;
    told = elapsedMs;
    yield { type: "linking", elapsedMs, limitMs, wire: "silence", bytesSeen: 0, needsPerson: true };
  }
}

/**
 * Between jobs a chip may have been unplugged, and another plugged in: the one that answers must hold the same calibration,
 * which no two share, or else the same boot code.
 */
export async function isStillThere(
  link: BootLink,
  { device, evidence, identity }: KnownChip,
  signal: AbortSignal,
): Promise<boolean> {
  if (!(await link.isLinked(signal)) && !(await stillAnswers(link, signal))) return false;
  try {
    // What the chip refused to show before it refuses now.
    if (!identity?.calibration && !evidence.bootCode) return true;
    const place = identity?.calibration?.address ?? 0;
    // Where the last job has written, the flash is not what it was when the chip was identified.
    const written = device.known.written(place);
    const sector = await device.readSector(place, signal);
    if (written !== undefined) return crc32(sector) === written;
    if (identity?.calibration) return holdsCalibrationOf(identity, sector);
    return evidence.bootCode !== undefined && equalBytes(sector, evidence.bootCode);
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}
