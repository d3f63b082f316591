/** What is told while a chip is linked, identified, read or changed: the events that a driver and its tools yield. */
import type { ErrorContext } from "../base/errors";
import type { Words } from "../base/words";

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
  /** Whether the application runs. */
  | "starts"
  /** The copy before a write: its reading, and the proof of it. */
  | "backup"
  | "backup-check";

/** What stands between us and a linked chip, as far as the wire shows it. */
export type WireState =
  | "silence"
  /** Bytes that nothing explains. */
  | "noise"
  /** What was sent comes back: TX and RX are joined. */
  | "echo"
  /** Unreadable bytes, and only while something is sent: RX is driven by nothing but what TX couples into it. */
  | "crossed"
  /** Firmware prints. */
  | "log-text"
  /** Somebody sends at another rate. */
  | "other-speed"
  /** The chip is heard only while a control line is asserted. */
  | "held";

export interface LinkReading {
  readonly wire: WireState;
  readonly bytesSeen: number;
  /** With `log-text`: the firmware or boot code and its version as it calls itself, where it does. */
  readonly firmware?: string;
  /** With `other-speed`: in baud, as measured from the bytes. `orSlower`: it is no faster than that. */
  readonly rate?: { readonly baud: number; readonly orSlower: boolean };
}

export type NoteCode =
  | "control-lines-unavailable"
  | "lines-raised"
  | "reset-line-held"
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
  | "chip-unmarked"
  | "chip-inferred"
  | "chip-is-a-guess";

export type DriverEvent =
  | ({
      readonly type: "linking";
      readonly elapsedMs: number;
      readonly limitMs: number;
      /** True once what the program can do by itself and usually helps was tried: a person must power-cycle the chip. */
      readonly needsPerson: boolean;
    } & LinkReading)
  /** The adapter went away; the job goes on when it is plugged in again, under whatever name. */
  | {
      readonly type: "replugging";
      /** The name it had. */
      readonly port: string;
      readonly elapsedMs: number;
      readonly limitMs: number;
    }
  | {
      readonly type: "linked";
      readonly afterMs: number;
      readonly by: string;
      /** Which reset brought it, where one did: the id of its row, or `own`. */
      readonly reset?: string;
      /** Resets that were tried before and did not. */
      readonly missed?: readonly string[];
    }
  /**
   * The flash's protection is about to be lifted, or, after an interrupted job had lifted it, put back: what the status register
   * holds otherwise, both bytes. To be stored before the job goes on, until the note `reprotected`.
   */
  | { readonly type: "unprotecting"; readonly status: number }
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

/** A step that tells its events, returns its result, throws what ends it. It goes on only when its next event is asked for. */
export type Steps<T> = AsyncGenerator<DriverEvent, T, void>;
