/** What comes out of a job that has succeeded: its figures, and what it has found. */
import type { RestorePlan } from "../backup/restorePlan";
import type { ChipIdentity } from "../beken/chips/types";
import type { FirmwareImage } from "../beken/images/firmwareImage";
import type { BuildAdvice } from "../plan/buildAdvice";
import type { ComparedPart } from "../plan/comparison";
import type { FlashPlan } from "../plan/flashPlan";
import type { JobFigures, WriteFigures } from "../plan/jobFigures";
import type { StartCheck } from "./judgeStart";

export interface FlashResult extends WriteFigures {
  readonly kind: "flash";
  /** With what the flash holds now; as it was found, of a dry run. */
  readonly chip: ChipIdentity;
  readonly plan: FlashPlan;
  /** The file as it was written: re-keyed where that was asked for and needed. */
  readonly image: FirmwareImage;
  readonly advice: BuildAdvice;
  /** Whether the application was seen to run; left out where it was not looked for. */
  readonly started?: StartCheck;
}

export interface RestoreResult extends WriteFigures {
  readonly kind: "restore";
  /** As of a flash. */
  readonly chip: ChipIdentity;
  readonly restore: RestorePlan;
  readonly plan: FlashPlan;
}

export interface EraseResult extends WriteFigures {
  readonly kind: "erase";
  readonly chip: ChipIdentity;
  readonly plan: FlashPlan;
}

/** What was read, or compared with a file. */
type ReadFigures = Required<Pick<JobFigures, "bytesRead">>;
type ProvenFigures = ReadFigures & Required<Pick<JobFigures, "verified">>;

export interface ReadResult extends ReadFigures {
  readonly kind: "read";
  readonly chip: ChipIdentity;
  readonly start: number;
  readonly data: Uint8Array;
}

export interface BackupResult extends ProvenFigures {
  readonly kind: "backup";
  readonly chip: ChipIdentity;
  readonly data: Uint8Array;
  readonly crc32: number;
  /** Bytes that an interrupted backup had read already and the chip's CRC has confirmed. */
  readonly bytesTaken: number;
  /** Bytes that an earlier backup had and the chip's CRC has confirmed. */
  readonly bytesFromBase: number;
}

export interface VerifyResult extends ProvenFigures {
  readonly kind: "verify";
  readonly chip: ChipIdentity;
  /** Everything that was compared, by partition. */
  readonly compared: readonly ComparedPart[];
}

export type JobResult =
  | { readonly kind: "info"; readonly chip: ChipIdentity; readonly baudRate: number }
  | ReadResult
  | BackupResult
  | FlashResult
  | RestoreResult
  | VerifyResult
  | EraseResult
  | { readonly kind: "reboot"; readonly chip: ChipIdentity | undefined };
