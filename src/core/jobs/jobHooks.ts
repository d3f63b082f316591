/**
 * What a job asks of whoever runs it, on its way: agreement, and what outlives it. Each is asked with the link kept awake,
 * however long the answer takes. The request is data ({@link JobRequest}); all that can be called is here.
 */
import type { BaseBackup } from "../backup/manifest";
import type { ReadResume } from "../backup/readJournal";
import type { WriteResume } from "../backup/writeJournal";
import type { Words } from "../base/words";
import type { ChipIdentity } from "../beken/chips/types";
import type { FirmwareImage } from "../beken/images/firmwareImage";
import type { Doubt } from "../plan/doubt";
import type { FlashPlan } from "../plan/flashPlan";

/**
 * Asked after `planned` and before anything is touched, with the link kept awake however long it takes; false ends the
 * job as cancelled. Callers without it approved the job by asking for it.
 */
export type Approve = (plan: FlashPlan, chip: ChipIdentity, image: FirmwareImage | undefined) => Promise<boolean>;

/**
 * Asked before anything is touched where the device would not start after the plan, or something speaks against it
 * (`plan.start`); false ends the job with `plan-would-not-start`.
 */
export type AskStart = Approve;

/** Asked with the link kept awake, however long it takes; false ends the job with the doubt's code. */
export type AskDoubt = (doubt: Doubt, chip: ChipIdentity) => Promise<boolean>;

/** Asked before anything is planned, with the link kept awake however long it takes. */
export type AskRekey = (image: FirmwareImage, chip: ChipIdentity) => Promise<boolean>;

/** Which of these stretches of whole sectors the chip holds, in order; what could not be asked counts as something else. */
export type ChipHolds = (
  stretches: readonly { readonly start: number; readonly bytes: Uint8Array }[],
) => Promise<readonly boolean[]>;

/** A copy of the whole flash, made once the plan is approved and before anything is touched. Never on a dry run. */
export interface BackUpFirst {
  /**
   * Asked after `planned`; false where a copy of this device is at hand.
   * @param holds what of a copy the chip still holds, to tell devices apart that were given the same marks
   */
  needed(chip: ChipIdentity, holds: ChipHolds): Promise<boolean>;
  /** Asked after the approval: blocks of an interrupted copy. Each counts only if the chip's own CRC agrees. */
  resume(chip: ChipIdentity): Promise<ReadResume | undefined>;
  /** Stores the copy, equal to the chip by its own CRCs; false ends the job as cancelled. */
  save(data: Uint8Array, chip: ChipIdentity): Promise<boolean>;
}

/**
 * How a person agrees to a change of the boot code. The job asks before it plans, reads the area below 0x11000 twice, has
 * the copy stored and read back, and only then gets the token without which the link lets nothing through there.
 */
export interface BootloaderConsent {
  /**
   * Asked when the file reaches below 0x11000 and the chip has a boot ROM, before anything is planned.
   * @returns what the person typed, which must be `question.name`; undefined: what was only offered stays out, a flash of
   *   what lies there anyway ends as cancelled
   */
  confirm(question: BootloaderQuestion): Promise<string | undefined>;
  /** Stores the copy where it stays, and returns what is there now, read back. */
  save(bytes: Uint8Array, chip: ChipIdentity): Promise<Uint8Array>;
}

export interface BootloaderQuestion {
  readonly chip: ChipIdentity;
  /** What must be typed. */
  readonly name: string;
  /** Of a restore: whether the boot code of the backup is another one than the chip's. */
  readonly differs: boolean | undefined;
  /** What is wrong with the chip's own boot code, as far as that was told. */
  readonly trouble?: Words | undefined;
  /** Aborts when the job is cancelled meanwhile. */
  readonly signal: AbortSignal;
}

/**
 * Asked after the plan was approved: what an interrupted job of the same plan left behind. Sectors it claims count only
 * once the chip's own CRC has agreed, at once or in the verification of this very job.
 */
export type ResumeWrite = (chip: ChipIdentity, plan: FlashPlan) => Promise<WriteResume | undefined>;

/**
 * All of it, of which a job uses what its kind knows. What is left out is not asked: where the request does not say yes by itself,
 * the answer is no.
 */
export interface JobHooks {
  /** Of flash, restore and erase. */
  readonly approve?: Approve;
  /** Of flash and restore, unless the request says `evenIfItCannotStart`. */
  readonly askStart?: AskStart;
  /** Of flash and restore, unless the request goes on with such a file. */
  readonly askDoubt?: AskDoubt;
  /** Of a flash whose file is for another key, where it can be done and the request does not say `rekey`; after a no the file is refused. */
  readonly askRekey?: AskRekey;
  /** Of flash and restore with `bootloader` in the request. */
  readonly bootloader?: BootloaderConsent;
  /** Of flash, restore and erase. */
  readonly backUpFirst?: BackUpFirst;
  /** Of flash, restore and erase. */
  readonly resumeWrite?: ResumeWrite;
  /** Of a backup, asked once the chip is known: blocks of an interrupted one. Each counts only if the chip's own CRC agrees. */
  readonly resumeBackup?: (chip: ChipIdentity) => Promise<ReadResume | undefined>;
  /** Of a backup, asked after that: an earlier one of this device. What the chip's own CRC says is the same is not transferred. */
  readonly baseBackup?: (chip: ChipIdentity) => Promise<BaseBackup | undefined>;
}
