/**
 * The language of a job: what is asked, what is told while it runs, what comes out.
 *
 * Order of events: `linking`*, `linked`, `identified`, then for a job that changes flash `planned`, then for each phase
 * `phase-started`, `progress`*, `phase-finished`. A job goes on only when its next event is asked for, so what an event
 * tells can be stored first. A session that is linked already starts at `identified`.
 * `note` may appear anywhere; `linking` may come again when a repair needs a new link, `replugging` wherever the adapter
 * goes away. Success is the generator's
 * return value, failure a thrown FlasherError; nothing follows either.
 */
import type { BackupManifest, BaseBackup } from "../backup/manifest";
import type { ReadResume } from "../backup/readJournal";
import type { RestorePlan } from "../backup/restorePlan";
import type { ErrorContext } from "../base/errors";
import type { Range } from "../base/ranges";
import type { Clock } from "../base/timing";
import type { CoreLog } from "../base/coreLog";
import type { Words } from "../base/words";
import type { ChipIdentity } from "../beken/chips/types";
import type { FirmwareImage } from "../beken/images/firmwareImage";
import type { ComparedPart } from "../plan/comparison";
import type { FlashPlan } from "../plan/flashPlan";
import type { LineMemory } from "./lineMemory";
import type {
  Approve,
  AskRekey,
  AskStart,
  BackUpFirst,
  BootloaderConsent,
  DoubtConsent,
  ResumeWrite,
} from "./questions";
import type { ProvenRate, SpeedHints } from "./rates";
import type { PortFinder, PortRef, TransportFactory } from "../transport/transport";

export type * from "./questions";

export type Phase =
  | "identify"
  | "preserve"
  | "compare"
  | "erase"
  | "write"
  | "verify"
  | "read"
  | "check"
  | "scan"
  | "repair"
  | "reboot"
  /** The copy before a write: its reading, and the proof of it. */
  | "backup"
  | "backup-check";

/** How a session is opened; the same for every job in it. */
export interface SessionOptions {
  readonly port: PortRef;
  /** Highest rate wanted after linking; lower ones are tried when it fails. "auto": what the adapter is known to do, at most 2000000. */
  readonly baudRate: number | "auto";
  /** What the adapter is known to do, in baud, for "auto" ({@link PortInfo.maxBaud}). */
  readonly adapterMaxBaud?: number;
  /** What held before with this adapter: "auto" begins there, and tries nothing above it ({@link speedHints}). */
  readonly speedHint?: SpeedHints;
  readonly linkTimeoutMs: number;
  /** False: no control lines and no reboot requests; the person resets the chip. True when left out. */
  readonly autoReset?: boolean;
}

/** A firmware file, and the names in its folder, to tell which of them to use where this one cannot be. */
export interface NamedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly beside?: readonly string[];
}

export type JobRequest =
  | { readonly kind: "info" }
  | { readonly kind: "read"; readonly start: number; readonly length: number | "all" }
  | {
      readonly kind: "backup";
      /** Asked once the chip is known: blocks of an interrupted backup. Each counts only if the chip's own CRC agrees. */
      readonly resume?: (chip: ChipIdentity) => Promise<ReadResume | undefined>;
      /** Asked after that: an earlier backup of this device. What the chip's own CRC says is the same is not transferred. */
      readonly base?: (chip: ChipIdentity) => Promise<BaseBackup | undefined>;
    }
  | {
      readonly kind: "flash";
      readonly file: NamedFile;
      /** Where bytes without an address of their own go. */
      readonly at?: number;
      /** Of a file that has boot code in front of its application (a backup, a QIO image): that alone. Takes `bootloader`. */
      readonly only?: "boot-code";
      readonly verify: boolean;
      readonly reboot: boolean;
      readonly dryRun: boolean;
      /** Write everything, also sectors that already hold the right bytes. */
      readonly full?: boolean;
      /**
       * Re-encrypt the application for the chip's key, in memory, where the file is for another. A function is asked then, if
       * it can be done; after a false the file is refused as without it.
       */
      readonly rekey?: boolean | AskRekey;
      /**
       * What writing below 0x11000 takes, on chips with a boot ROM. Without it such a plan is refused, and a file that has boot
       * code in front of its application leaves that out.
       */
      readonly bootloader?: BootloaderConsent;
      /** Go on although the device would not start afterwards. Left out or false: the job ends then, before anything is touched. */
      readonly evenIfItCannotStart?: boolean | AskStart;
      /** What to go on with although the file leaves it open. Left out: the job ends with it, before anything is touched. */
      readonly doubts?: DoubtConsent;
      readonly approve?: Approve;
      readonly backUpFirst?: BackUpFirst;
      readonly resume?: ResumeWrite;
    }
  | {
      readonly kind: "restore";
      /** A dump of a whole flash. */
      readonly file: { readonly name: string; readonly bytes: Uint8Array };
      /** What was stored beside the dump when it was made; without it, whether it is still the same cannot be told. */
      readonly manifest?: BackupManifest;
      /** `false`: the dump's calibration and MAC address take the place of this device's. */
      readonly keepCalibration?: boolean;
      readonly verify: boolean;
      readonly reboot: boolean;
      readonly dryRun: boolean;
      /** As for `flash`; without it the boot code stays as it is. */
      readonly bootloader?: BootloaderConsent;
      /** Go on although the device would not start afterwards. Left out or false: the job ends then, before anything is touched. */
      readonly evenIfItCannotStart?: boolean | AskStart;
      /** What to go on with although the file leaves it open. Left out: the job ends with it, before anything is touched. */
      readonly doubts?: DoubtConsent;
      readonly approve?: Approve;
      readonly backUpFirst?: BackUpFirst;
      readonly resume?: ResumeWrite;
    }
  | {
      readonly kind: "verify";
      readonly file: NamedFile;
      readonly at?: number;
      /** Compare with what the file becomes when it is re-encrypted for the chip's key. */
      readonly rekey?: boolean;
    }
  | {
      readonly kind: "erase";
      readonly start: number;
      readonly length: number;
      readonly dryRun: boolean;
      readonly approve?: Approve;
      readonly backUpFirst?: BackUpFirst;
      readonly resume?: ResumeWrite;
    }
  | { readonly kind: "reboot" };

export type JobKind = JobRequest["kind"];

/** What stands between us and a linked chip, as far as the wire shows it. */
export type WireState = "silence" | "noise" | "echo" | "log-text";

export type NoteCode =
  | "control-lines-unavailable"
  | "baud-fallback"
  | "baud-fixed"
  | "line-loses-bytes"
  | "retry"
  | "repair"
  | "needs-reset"
  | "unknown-bootloader"
  | "unprotected"
  | "image-warning"
  | "key-unknown"
  | "boot-area-read-refused"
  | "resumed"
  | "since-backup"
  | "reprotected"
  | "reprotect-failed"
  | "protection-in-doubt"
  | "locked-until-reset"
  | "adapter-lost"
  | "adapter-back"
  | "stray-possible"
  | "outside-changed"
  | "option-unused"
  | "compared"
  | "chip-unmarked";

export type JobEvent =
  | {
      readonly type: "linking";
      readonly elapsedMs: number;
      readonly limitMs: number;
      readonly wire: WireState;
      readonly bytesSeen: number;
      /** True once everything the program can do by itself was tried: a person must power-cycle the chip. */
      readonly needsPerson: boolean;
    }
  /** The adapter went away; the job goes on when it is plugged in again, under whatever name. */
  | {
      readonly type: "replugging";
      /** The name it had. */
      readonly port: string;
      readonly elapsedMs: number;
      readonly limitMs: number;
    }
  | { readonly type: "linked"; readonly afterMs: number; readonly by: string }
  | { readonly type: "identified"; readonly chip: ChipIdentity; readonly baudRate: number }
  /** What a restore means for this device; right before its `planned`. */
  | { readonly type: "restore-planned"; readonly restore: RestorePlan }
  | { readonly type: "planned"; readonly plan: FlashPlan; readonly image: FirmwareImage | undefined }
  /** After `planned`: a copy of the flash comes first, `length` bytes, and after it, with `needsReset`, a new link by hand. */
  | { readonly type: "backup-planned"; readonly length: number; readonly needsReset: boolean }
  /** What is left of the plan after the chip was asked what it holds already; follows `planned`, where it was asked. */
  | { readonly type: "narrowed"; readonly plan: FlashPlan; readonly skipped: readonly Range[] }
  /**
   * What the sectors held of which the plan keeps a part. Whoever wants to resume stores it before the job goes on: the
   * next event may be the erase. `touched`: addresses whose content comes from an interrupted job, not from the chip; `newer`:
   * those of which the chip holds something else than an interrupted job has left there, which counts from now on.
   */
  | {
      readonly type: "kept";
      readonly plan: FlashPlan;
      readonly before: ReadonlyMap<number, Uint8Array>;
      readonly touched: readonly number[];
      readonly newer: readonly number[];
    }
  /** A sector of which a part is kept is about to be erased; to be stored before the job goes on. */
  | { readonly type: "erasing"; readonly range: Range }
  /**
   * The flash's protection is about to be lifted, or, after an interrupted job had lifted it, put back: what the status register
   * holds otherwise, both bytes. To be stored before the job goes on, until the note `reprotected`.
   */
  | { readonly type: "unprotecting"; readonly status: number }
  /** The sector was programmed; whether it took is proven later, or already. */
  | { readonly type: "sector-done"; readonly address: number; readonly proven?: boolean }
  /** Of a backup, or of the copy before a write: 64 KiB of flash (the last may be less) as they were read. What was damaged on the way is read again later. */
  | { readonly type: "block"; readonly start: number; readonly data: Uint8Array }
  | { readonly type: "phase-started"; readonly phase: Phase; readonly total: number }
  | {
      readonly type: "progress";
      readonly phase: Phase;
      readonly done: number;
      readonly total: number;
      readonly address: number;
      readonly length: number;
    }
  | { readonly type: "phase-finished"; readonly phase: Phase }
  | {
      readonly type: "note";
      readonly level: "info" | "warning";
      readonly code: NoteCode;
      /** What is noticed, in one sentence; the facts are in the context. */
      readonly words: Words;
      readonly context: ErrorContext;
    };

/** A step of a job: tells its events, returns its result, throws what ends it. */
export type Run<T> = AsyncGenerator<JobEvent, T, void>;

export interface FlashResult {
  readonly kind: "flash";
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

export interface SessionDeps {
  readonly open: TransportFactory;
  /** Without it a port that goes away ends the job. */
  readonly finder?: PortFinder;
  readonly clock: Clock;
  readonly log: CoreLog;
  /** Told whenever a session works at another rate; what came last counts. Not told of connections with a speed of their own. */
  readonly rateProven?: (rate: ProvenRate) => void;
  /** Where a session leaves word for the next with this adapter, should it be killed. */
  readonly line?: LineMemory;
}
