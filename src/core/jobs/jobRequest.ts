/**
 * What a job is asked to do, as plain data: it can be stored, compared, shown and asked again. Bytes of a file are `Uint8Array`;
 * everything else is what JSON knows. What whoever runs the job is asked on its way is in {@link JobHooks}.
 */
import type { BackupManifest } from "../backup/manifest";
import type { NamedFile } from "../beken/images/namedFile";

/** What flash and restore have in common. What is left out of the agreements is asked ({@link JobHooks}), or ends the job. */
interface WriteRequest {
  readonly verify: boolean;
  readonly reboot: boolean;
  readonly dryRun: boolean;
  /**
   * What is below 0x11000, on chips with a boot ROM, may be written; {@link JobHooks.bootloader} is asked then. `wanted`: it is what
   * was asked for, and what stands against it ends the job. `offered`: asked only where it is possible and would make a difference
   * (of a flash: where the chip's own would not start); elsewhere the boot code stays without a word. Left out: such a plan is
   * refused, and a file that has boot code in front of its application leaves that out.
   */
  readonly bootloader?: "wanted" | "offered";
  /** Go on although the device would not start afterwards. */
  readonly evenIfItCannotStart?: boolean;
  /** Go on with a backup or a QIO image whose content does not tell its chip, or an application whose name does not either. */
  readonly evenIfChipUnknown?: boolean;
  /** Go on with a backup whose code does not hold its own checksums. */
  readonly evenIfDamaged?: boolean;
}

export interface FlashRequest extends WriteRequest {
  readonly kind: "flash";
  readonly file: NamedFile;
  /** Where bytes without an address of their own go. */
  readonly at?: number;
  /** Of a file that has boot code in front of its application (a backup, a QIO image): that alone. Takes `bootloader`. */
  readonly only?: "boot-code";
  /** After the reboot, see whether the application runs, where that can be seen: it is LibreTiny's. Takes `reboot`. */
  readonly checkStart?: boolean;
  /** Write everything, also sectors that already hold the right bytes. */
  readonly full?: boolean;
  /** Re-encrypt the application for the chip's key, in memory, where the file is for another. */
  readonly rekey?: boolean;
}

export interface RestoreRequest extends WriteRequest {
  readonly kind: "restore";
  /** A dump of a whole flash. */
  readonly file: NamedFile;
  /** What was stored beside the dump when it was made; without it, whether it is still the same cannot be told. */
  readonly manifest?: BackupManifest;
  /** `false`: the dump's calibration and MAC address take the place of this device's. */
  readonly keepCalibration?: boolean;
}

export type JobRequest =
  | { readonly kind: "info" }
  | { readonly kind: "read"; readonly start: number; readonly length: number | "all" }
  | { readonly kind: "backup" }
  | FlashRequest
  | RestoreRequest
  | {
      readonly kind: "verify";
      readonly file: NamedFile;
      readonly at?: number;
      /** Compare with what the file becomes when it is re-encrypted for the chip's key. */
      readonly rekey?: boolean;
    }
  | { readonly kind: "erase"; readonly start: number; readonly length: number; readonly dryRun: boolean }
  | { readonly kind: "reboot" };

export type JobKind = JobRequest["kind"];
