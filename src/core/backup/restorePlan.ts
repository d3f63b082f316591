/** What is asked of a restore and what comes out of planning it, as plain data. The rules are in planRestore.ts and beside it. */
import type { Range } from "../base/ranges";
import type { Words } from "../base/words";
import type { ChipIdentity } from "../beken/chips/types";
import type { Refusal, Segment } from "../beken/images/firmwareImage";
import type { NamedFile } from "../beken/images/namedFile";
import type { Doubt } from "../plan/doubt";
import type { PlanOptions } from "../plan/planWrite";
import type { DumpJudgement } from "./judgeDump";
import type { BackupManifest } from "./manifest";

export interface RestoreDump extends NamedFile {
  readonly manifest?: BackupManifest;
}

export interface RestoreTarget {
  readonly identity: ChipIdentity;
  /** The chip's calibration sector as it is now (4096 bytes), where it has one and it was read. */
  readonly calibration?: Uint8Array;
}

export interface RestoreOptions {
  /**
   * Leave this device's calibration and MAC address as they are. Default: yes, where the chip has any; `false` is the
   * person's choice "replace calibration".
   */
  readonly keepCalibration?: boolean;
  /** The person asked for the boot code by name, and a verified copy of what is there now exists. */
  readonly allowBootloader: boolean;
}

export type RestoreWarningCode =
  | "no-manifest"
  | "suspicious"
  | "put-right"
  | "bytes-behind-end"
  | "other-device"
  | "other-flash-part"
  | "size-assumed"
  | "key-unknown"
  | "bootloader-differs"
  | "calibration-missing"
  | "calibration-replaced"
  | "calibration-copied"
  | "calibration-left-out"
  | "calibration-place-in-use"
  | "chip-unknown"
  | "damaged";

export interface RestoreWarning {
  readonly code: RestoreWarningCode;
  /** One sentence for people. */
  readonly words: Words;
}

/** Takes note of something worth knowing. */
export type Warn = (code: RestoreWarningCode, told: Words) => void;

/** A stretch of the dump that is not written. */
export interface LeftOut extends Range {
  readonly why: Words;
}

export interface RestorePlan {
  /** By MAC address where both are known; `unknown` is handled like another device. */
  readonly device: "same" | "other" | "unknown";
  readonly judgement: DumpJudgement;
  /** `kept`: this device's stays; `written`: the dump's takes its place; `none`: neither has one. */
  readonly calibration: "kept" | "written" | "none";
  /** The MAC address the device has afterwards, where known. */
  readonly mac: string | undefined;
  /** What stands against it; nothing may be written unless this is empty. */
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly RestoreWarning[];
  /** What a person must agree to beforehand. */
  readonly doubts: readonly Doubt[];
  readonly segments: readonly Segment[];
  readonly leftOut: readonly LeftOut[];
  readonly planOptions: PlanOptions;
}
