/**
 * The language of a job: what is asked (jobRequest.ts), what whoever runs it is asked on the way (jobHooks.ts), what is told while it
 * runs, what comes out (jobResult.ts).
 *
 * Order of events: `linking`*, `linked`, `identified`, then for a job that changes flash `planned`, then for each phase
 * `phase-started`, `progress`*, `phase-finished`. A job goes on only when its next event is asked for, so what an event
 * tells can be stored first. A session that is linked already starts at `identified`.
 * `note` may appear anywhere; `linking` may come again when a repair needs a new link, `replugging` wherever the adapter
 * goes away. Success is the generator's
 * return value, failure a thrown FlasherError; nothing follows either.
 */
import type { RestorePlan } from "../backup/restorePlan";
import type { ErrorContext } from "../base/errors";
import type { Range } from "../base/ranges";
import type { Clock } from "../base/timing";
import type { CoreLog } from "../base/coreLog";
import type { Words } from "../base/words";
import type { ChipIdentity } from "../beken/chips/types";
import type { FirmwareImage } from "../beken/images/firmwareImage";
import type { FlashPlan } from "../plan/flashPlan";
import type { LineMemory } from "./lineMemory";
import type { ProvenRate, SpeedHints } from "./rates";
import type { PortFinder, PortRef, TransportFactory } from "../transport/transport";

export type * from "./jobHooks";
export type * from "./jobRequest";
export type * from "./jobResult";

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
