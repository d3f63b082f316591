/**
 * One family of errors for everything that can go wrong between a person's file and their chip.
 * A code is stable: scripts, tests, user guide anchors and translations key on it. Words for people
 * live in `remedies.ts`; nothing here composes advice.
 */

import type { CrcMeaning } from "./crcMeaning";
import type { StartTrouble } from "./startTrouble";
import type { Surrounding } from "./remediesAround";
import { english, listed, words, type Text, type Words } from "./words";

/** Every way a job can fail, grouped by the situation in which it is met. */
export const FLASHER_ERROR_CODES = [
  // Before a chip is involved: the port or the host.
  "port-not-found",
  "port-busy",
  "port-permission",
  "port-invalid",
  "host-unreachable",
  "serial-driver-missing",
  // Linking: told apart by what was seen on the wire.
  "no-link-silence",
  "no-link-noise",
  "no-link-echo",
  // While talking.
  "port-lost",
  "reply-timeout",
  "reply-invalid",
  "chip-status",
  "command-unsupported",
  "baud-change-failed",
  // Knowing the chip.
  "chip-changed",
  "flash-unknown",
  "flash-dead",
  "flash-protected",
  // The file.
  "image-empty",
  "image-too-large",
  "image-corrupt",
  "image-name-mismatch",
  "image-wrong-chip",
  "image-chip-unknown",
  "image-wrong-key",
  "image-wrong-offset",
  "image-needs-offset",
  "image-ota-only",
  "image-not-flashable",
  "image-foreign",
  // Taking something out of a file.
  "no-settings",
  "partition-not-found",
  "image-not-readable",
  "elf-unusable",
  // A backup to be restored.
  "manifest-invalid",
  "backup-damaged",
  "backup-worthless",
  "backup-not-a-dump",
  "backup-unsound",
  // A backup that was to be made before a write.
  "backup-refused",
  // A backup to read only the changes since.
  "backup-other-device",
  // What a round of devices has done so far.
  "ledger-unusable",
  // The plan.
  "plan-out-of-range",
  "plan-overlap",
  "plan-touches-bootloader",
  "bootloader-not-confirmed",
  "plan-touches-calibration",
  "plan-would-not-start",
  "plan-misaligned",
  "plan-empty",
  // A plan that an assistant has asked for.
  "approval-missing",
  // The operation.
  "read-crc-mismatch",
  "erase-failed",
  "write-failed",
  "verify-failed",
  // A frame was damaged on its way, and the chip did as it understood: outside the plan.
  "stray-write",
  // A frame that no approved plan covers, or that could wedge or damage the chip: our bug, never sent.
  "frame-refused",
  // Files on the person's side (used by the callers of the core, which itself never touches files).
  "file-not-found",
  "file-exists",
  "file-access",
  "file-not-stored",
  // Ends that are no fault, or a fault of this program.
  "cancelled",
  "internal",
] as const;

export type FlasherErrorCode = (typeof FLASHER_ERROR_CODES)[number];

/** What a failed job left behind: no erase or program frame sent, some sent, or everything written (but, say, not verified). */
export type FlashCondition = "untouched" | "partly-written" | "written";

/** What a job that ended early knows of the flash outside its plan; `in-doubt`: a change was not answered as it should be. */
export type OutsideCondition = "untouched" | "in-doubt" | "changed";

/**
 * What the course of a failed job points to: the supply (nothing came back from the first erase), the line (it failed at
 * different places), the place (at the same one each time), the cable (the port went away).
 */
export type Suspect = "power" | "line" | "place" | "cable";

/** A kind of file that is meant for a serial port, as the one who offers it names it; and the chip it has to be for. */
export interface Download {
  readonly kind: "openbeken-qio" | "openbeken-ua" | "esphome-uf2" | "build-uf2";
  readonly chip?: string;
}

/** Facts about a failure. Addresses and lengths are in bytes of flash. */
export interface ErrorContext {
  readonly port?: string;
  readonly address?: number;
  readonly length?: number;
  readonly expected?: Text;
  readonly actual?: Text;
  readonly attempts?: number;
  /** Status byte of the chip's answer, or the code of a fault that its loader reports (statusBytes.ts). */
  readonly status?: number;
  /** What the chip's CRC of the place gives away about it. */
  readonly crcSays?: CrcMeaning;
  readonly bytesSeen?: number;
  /** Where an erase or write went by the chip's own answer, when that is not where it was sent. */
  readonly elsewhere?: number;
  readonly file?: string;
  /** The file to use instead; it lies in the same folder. */
  readonly instead?: string;
  /** What to get instead, where no file beside it would do. */
  readonly download?: Download;
  /** The file can be re-encrypted for the chip at hand: the same job with `rekey` would do it. */
  readonly rekey?: boolean;
  /** The boot code is all that answers over serial on this chip. */
  readonly lifeline?: boolean;
  /** What would keep the device from starting, as far as it decides what helps. */
  readonly trouble?: StartTrouble;
  /** The file brings boot code along that fits the chip: the same job would write it too, if it were allowed to. */
  readonly holdsBootCode?: boolean;
  /** Everything that differs from the file, by partition. */
  readonly differences?: readonly {
    readonly partition: string;
    readonly calibration: boolean;
    readonly ranges: readonly { readonly start: number; readonly end: number }[];
  }[];
  /** Why a file has no settings, as a word for programs (passport/noSettings.ts). */
  readonly reason?: string;
  /** Anything else that a reader needs, already in words. */
  readonly detail?: Text;
}

/**
 * The base of the family. Its message is English, for logs; {@link FlasherError.words} is the same for people.
 * `doing` is a verb phrase of what was attempted ("erase sector 0x011000"); it starts the message.
 */
export class FlasherError extends Error {
  /** Set once, by the job that failed. */
  flash: FlashCondition = "untouched";
  /** Set once, by the job that failed while it changed the flash. */
  outside: OutsideCondition | undefined;
  /** What kind of job failed; set once, by it. */
  job: string | undefined;
  /** Set once, by the job that failed, where its course tells. */
  suspect: Suspect | undefined;
  /** What of the machine or of the bridge explains it; set by those who know. */
  around: readonly Surrounding[] = [];

  constructor(
    readonly code: FlasherErrorCode,
    readonly doing: Text,
    readonly context: ErrorContext = {},
    options?: { readonly cause?: unknown },
  ) {
    super(english(describe(code, doing, context)), options);
    this.name = new.target.name;
  }

  /** The message, to be shown in the reader's language. */
  get words(): Words {
    return describe(this.code, this.doing, this.context);
  }
}

/** The port: opening, losing, permission. */
export class TransportError extends FlasherError {}
/** No chip answered a link check. */
export class LinkError extends FlasherError {}
/** The chip answered wrongly, late or not at all. */
export class ProtocolError extends FlasherError {}
/** The chip or its flash is not what the job needs. */
export class ChipError extends FlasherError {}
/** The firmware file. */
export class ImageError extends FlasherError {}
/** What was asked for cannot be done safely. */
export class PlanError extends FlasherError {}
/** The flash did not end up as asked. */
export class OperationError extends FlasherError {}
/** A file of the person's could not be read or written. Thrown by callers of the core. */
export class FileError extends FlasherError {}
/** The person stopped the job. */
export class CancelledError extends FlasherError {
  constructor(doing: Text) {
    super("cancelled", doing);
  }
}

function describe(code: FlasherErrorCode, doing: Text, { detail, expected, actual }: ErrorContext): Words {
  const facts: Text[] = [];
  if (detail !== undefined) facts.push(detail);
  if (expected !== undefined) facts.push(words`expected ${expected}`);
  if (actual !== undefined) facts.push(words`got ${actual}`);
  return facts.length > 0 ? words`${doing}: ${listed(facts)} [${code}]` : words`${doing} [${code}]`;
}

export function isFlasherError(error: unknown): error is FlasherError {
  return error instanceof FlasherError;
}

export function isCancelled(error: unknown): error is CancelledError {
  return error instanceof CancelledError;
}

/** The adapter or the connection went away while it was in use. */
export function isPortLost(error: unknown): error is TransportError {
  return error instanceof TransportError && error.code === "port-lost";
}

/** Failures that may be gone when the same thing is tried once more over the same link. */
export function isTransmissionError(error: unknown): error is ProtocolError {
  return error instanceof ProtocolError && (error.code === "reply-timeout" || error.code === "reply-invalid");
}

/** Wrong length, incomplete, refused, unknown: the same request gets the same answer. */
const REFUSING_STATUSES: ReadonlySet<number> = new Set([4, 5, 6, 7]);

/**
 * A status byte that may be another one in a moment: the flash was busy or took too long, or the byte means nothing, which
 * only damage on the way explains. Refusals never are.
 */
export function isTransientStatus(error: unknown): error is ProtocolError {
  if (!(error instanceof ProtocolError) || error.code !== "chip-status") return false;
  const { status } = error.context;
  return status !== undefined && !REFUSING_STATUSES.has(status);
}

/** Wraps whatever was thrown as one of the family; a stranger becomes `internal` with the cause kept. */
export function asFlasherError(error: unknown, doing: Text): FlasherError {
  if (error instanceof FlasherError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new FlasherError("internal", doing, { detail }, { cause: error });
}
