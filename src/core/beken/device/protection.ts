/**
 * Making the flash writable, the way each kind of chip allows, and putting its protection back afterwards.
 * Where there is a status register, it is read, compared and written only on a real difference. Flash loaders do it by
 * themselves at the first erase after a link check, unless a CRC came before.
 */
import { ChipError, OperationError, ProtocolError, isFlasherError, isTransmissionError } from "../../base/errors";
import { hex32 } from "../../base/bytes";
import type { FlashPart } from "../chips/types";
import { isProtected, protectedAgain, unprotectValue } from "../chips/statusRegister";
import { LOCKED, note, withRetries, type JobContext } from "../../driver/jobContext";
import type { Lifted, LiftedInDoubt, PutBack, Reprotect } from "../../driver/liftedProtection";
import type { Steps } from "../../driver/driverEvents";
import type { ChipAccess } from "./chipAccess";
import type { LineNotes } from "./lineNotes";
import { fillerAtRest } from "../protocol/resyncFiller";
import { STATUS_LOCK_BITS } from "../protocol/refusals";
import { RETRIES, TIMING } from "../../base/timing";
import { words, type Words } from "../../base/words";

/** What a job's context and the chip give to work with. */
interface Work extends JobContext {
  readonly device: ChipAccess;
  readonly notes: LineNotes;
}

/**
 * Call with the plan's grant in force, before the first erase and again after every reset.
 * @param remember told how to undo it, before anything is changed: an answer that is lost leaves open whether it was
 * @throws ChipError `flash-unknown`, `flash-dead` where the chip knows its JEDEC id, and the flash does not name itself
 * @throws OperationError `flash-protected` when the protection bits stay set
 */
export async function* unprotect(context: Work, remember: (undo: Reprotect) => void): Steps<void> {
  const { device, signal } = context;
  if (!device.profile.hasStatusRegister) {
    if (device.lockedByCrc) yield* context.reset(LOCKED);
    yield* withRetries(context, () => device.armUnprotect(signal));
    return;
  }
  const part = knownPart(context);
  const before = yield* readStatusSurely(context, part);
  if (!isProtected(before, part.protectMask)) return;
  const wanted = unprotectValue(before, part.protectMask);
  yield { type: "unprotecting", status: before };
  remember(async (until) => {
    await writeStatus({ ...context, signal: until }, part, before, before);
    return true;
  });
  yield* withRetries(context, () => writeStatus(context, part, wanted, before));
  yield note("info", "unprotected", { expected: statusText(wanted, part), actual: statusText(before, part) });
}

/**
 * Call where this job has lifted nothing: puts back what an interrupted one had lifted, unless something is protected already.
 * Flash loaders protect by themselves. Where the job may have been another chip's, nothing is set unless the register is to the
 * bit as that job left it and the chip holds all that it had written; otherwise it is told.
 */
export async function* protectAgain(context: Work, { protection, inDoubt, held }: Lifted): Steps<PutBack | undefined> {
  if (!context.device.profile.hasStatusRegister || (protection === undefined && inDoubt.length === 0)) return undefined;
  const part = knownPart(context);
  const before = yield* readStatusSurely(context, part);
  if (isProtected(before, part.protectMask)) return undefined;
  const isLeftBy = ({ protection: earlier, claimed }: LiftedInDoubt): boolean =>
    claimed.length > 0 &&
    held(claimed) &&
    ((unprotectValue(earlier, part.protectMask) ^ before) & ~FLEETING_BITS & 0xffff) === 0;
  const its = protection === undefined ? inDoubt.find(isLeftBy) : undefined;
  if (protection === undefined && !its) {
    for (const { journal } of inDoubt) yield note("warning", "protection-in-doubt", { detail: journal });
    return undefined;
  }
  // Of what it held, only its block protection counts.
  const wanted = protectedAgain(before, its?.protection ?? protection ?? 0, part.protectMask);
  if (wanted === before) return undefined;
  yield { type: "unprotecting", status: wanted };
  const undo: Reprotect = async (until) => {
    await writeStatus({ ...context, signal: until }, part, wanted, before);
    return true;
  };
  return { undo, ...(its && { journal: its.journal }) };
}

function knownPart({ identity }: Work): FlashPart {
  const { part, jedecId } = identity.flash;
  if (part) return part;
  throw new ChipError("flash-unknown", words`prepare the flash for writing`, {
    actual: jedecId === undefined ? words`no flash id` : words`flash id ${jedecId}`,
  });
}

/**
 * As two readings agree: a reading carries no checksum, and its lock bits are written back as they were read.
 * @throws ProtocolError `reply-invalid` when no two readings are the same
 */
async function* readStatusSurely(context: Work, part: FlashPart): Steps<number> {
  const read = (): Steps<number> => withRetries(context, () => readStatus(context, part));
  let before = yield* read();
  for (let tries = 0; tries < RETRIES.request; tries++) {
    const again = yield* read();
    if (again === before) return again;
    before = again;
  }
  throw new ProtocolError("reply-invalid", words`read the status register`, {
    detail: words`no two readings are the same`,
  });
}

/** All status bytes as one number, first byte lowest. */
async function readStatus({ device, signal }: Work, part: FlashPart): Promise<number> {
  let value = 0;
  for (const [i, command] of part.statusRead.slice(0, Math.min(part.statusBytes, 2)).entries()) {
    value |=
      (await device.link.request(
        "readStatusRegister",
        { command },
        { signal, doing: words`read the status register` },
      )) <<
      (8 * i);
  }
  return value;
}

/** Busy, write enabled, suspended: they come and go by themselves. */
const FLEETING_BITS = 0x8003;
const BUSY = 0x0001;

/**
 * Writes until the register holds what it should, every bit of it: an answer that is lost or damaged tells nothing, the
 * register does.
 * @param original what it held before the job: lock bits that were not set then are never set
 * @throws OperationError `flash-protected` when the protection bits do not follow, `stray-write` when the request was damaged
 *   on its way and has set lock bits
 * @throws ChipError `flash-unknown` when other bits change with them: the part is not what the table says
 */
async function writeStatus(context: Work, part: FlashPart, value: number, original: number): Promise<void> {
  const { device, signal } = context;
  const bytes = part.statusBytes === 1 ? 1 : 2;
  const doing = words`write the status register`;
  let after = original;
  await context.notes.sends(fillerAtRest(device.profile));
  for (let attempt = 1; attempt <= RETRIES.request; attempt++) {
    await evenIfUnanswered(context, () =>
      device.link.request(
        "writeStatusRegister",
        { command: part.statusWrite[0] ?? 0x01, value, bytes, current: original },
        { signal, doing },
      ),
    );
    after = await settledStatus(context, part, value);
    const locks = after & STATUS_LOCK_BITS & ~original;
    // One reading may be damaged itself.
    if (locks !== 0 && ((await readStatus(context, part)) & locks) === locks)
      throw new OperationError("stray-write", doing, {
        actual: statusText(after, part),
        detail: words`the request was damaged on its way, and the chip set lock bits ${hex32(locks).slice(4)}`,
      });
    if ((after & ~FLEETING_BITS) === (value & ~FLEETING_BITS)) return;
  }
  const facts = { expected: statusText(value, part), actual: statusText(after, part), attempts: RETRIES.request };
  if ((after & part.protectMask) === (value & part.protectMask)) throw new ChipError("flash-unknown", doing, facts);
  throw new OperationError("flash-protected", doing, facts);
}

/** The register once it holds what was written and the flash is at rest, or when it has had time enough for it. */
async function settledStatus(context: Work, part: FlashPart, value: number): Promise<number> {
  const { device, signal } = context;
  for (let waited = 0; waited < TIMING.statusSettleMs; waited += TIMING.statusPollMs) {
    const now = await readStatus(context, part);
    if ((now & BUSY) === 0 && (now & ~FLEETING_BITS) === (value & ~FLEETING_BITS)) return now;
    await device.link.pause(TIMING.statusPollMs, signal);
  }
  return await readStatus(context, part);
}

async function evenIfUnanswered({ device, signal }: Work, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (isTransmissionError(error)) await device.link.recover(signal);
    else if (!isFlasherError(error) || error.code !== "chip-status") throw error;
  }
}

function statusText(value: number, part: FlashPart): Words {
  return words`status ${hex32(value).slice(part.statusBytes === 1 ? 6 : 4)}`;
}
