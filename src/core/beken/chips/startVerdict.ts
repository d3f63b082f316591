/**
 * Whether a chip starts by itself when it gets power, and what says so: the vocabulary. Judged in plan/startability.ts;
 * plain data, shown by every surface.
 */
import type { Words } from "../../base/words";

/** Stable: JSON output and advice key on it. What concerns the boot code or the application begins with its name. */
export type StartReasonCode =
  | "boot-code-missing"
  | "boot-code-silent"
  | "boot-code-application"
  | "boot-code-none"
  | "boot-code-damaged"
  | "boot-code-other-chip"
  | "boot-code-other-key"
  | "boot-code-unread"
  | "boot-code-unknown"
  | "application-missing"
  | "application-none"
  | "application-elsewhere"
  | "application-damaged"
  | "application-replaced-inside"
  | "application-other-key"
  | "package-to-unpack"
  | "key-unknown"
  | "chip-unknown";

export interface StartReason {
  readonly code: StartReasonCode;
  /** `no`: it cannot start; `doubt`: something speaks against it; `open`: nothing does, but not all that it takes is known. */
  readonly weight: "no" | "doubt" | "open";
  /** A clause, without full stop. */
  readonly words: Words;
}

export interface StartVerdict {
  readonly starts: "yes" | "no" | "unknown";
  /** Gravest first; none with `yes`. */
  readonly reasons: readonly StartReason[];
  /** False where no calibration was found: the device starts without it, and its radio works badly or not at all. */
  readonly calibration: boolean;
}
