/** What comes out of a job that has succeeded. */
import type { RestorePlan } from "../backup/restorePlan";
import type { ChipIdentity } from "../beken/chips/types";
import type { FirmwareImage } from "../beken/images/firmwareImage";
import type { ComparedPart } from "../plan/comparison";
import type { FlashPlan } from "../plan/flashPlan";

export interface FlashResult {
  readonly kind: "flash";
  /** With what the flash holds now; as it was found, of a dry run. */
  readonly chip: ChipIdentity;
  readonly plan: FlashPlan;
  /** The file as it was written: re-keyed where that was asked for and needed. */
  readonly image: FirmwareImage;
  /** Lines of ESPHome YAML with which the next build fits this chip by itself; empty where it does already. */
  readonly yaml: readonly string[];
  readonly bytesWritten: number;
  readonly bytesErased: number;
  /** Bytes of the plan that were right already. */
  readonly bytesSkipped: number;
  readonly verified: boolean;
  readonly dryRun: boolean;
  readonly rebooted: boolean;
  readonly repairedSectors: number;
}

export interface RestoreResult {
  readonly kind: "restore";
  /** As of a flash. */
  readonly chip: ChipIdentity;
  readonly restore: RestorePlan;
  readonly plan: FlashPlan;
  readonly bytesWritten: number;
  readonly bytesErased: number;
  /** Bytes of the plan that were right already. */
  readonly bytesSkipped: number;
  readonly verified: boolean;
  readonly dryRun: boolean;
  readonly rebooted: boolean;
  readonly repairedSectors: number;
}

export type JobResult =
  | { readonly kind: "info"; readonly chip: ChipIdentity; readonly baudRate: number }
  | { readonly kind: "read"; readonly chip: ChipIdentity; readonly start: number; readonly data: Uint8Array }
  | {
      readonly kind: "backup";
      readonly chip: ChipIdentity;
      readonly data: Uint8Array;
      readonly crc32: number;
      /** Bytes that an interrupted backup had read already and the chip's CRC has confirmed. */
      readonly bytesTaken: number;
      /** Bytes that an earlier backup had and the chip's CRC has confirmed. */
      readonly bytesFromBase: number;
    }
  | FlashResult
  | RestoreResult
  | {
      readonly kind: "verify";
      readonly chip: ChipIdentity;
      readonly bytesChecked: number;
      /** Everything that was compared, by partition. */
      readonly compared: readonly ComparedPart[];
    }
  | {
      readonly kind: "erase";
      readonly chip: ChipIdentity;
      readonly plan: FlashPlan;
      readonly bytesErased: number;
      readonly dryRun: boolean;
    }
  | { readonly kind: "reboot"; readonly chip: ChipIdentity | undefined };
