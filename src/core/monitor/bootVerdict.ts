/** What a log says about the chip: the vocabulary. Plain data, judged in judgeBoots.ts, shown by every surface. */
import type { Words } from "../base/words";
import type { CrashDump } from "./crashDump";
import type { FirmwareFacts, NetworkTrouble } from "./signTypes";

/** Stable: JSON output keys on it. */
export type BootVerdictKind =
  /** Nothing came. */
  | "silence"
  /** Bytes came that are no text at this speed. */
  | "wrong-speed"
  /** Text that no firmware known here prints. */
  | "unknown-text"
  /** The boot code speaks, and has not started the application yet. */
  | "boot-code"
  /** The boot code started the application, which says nothing. */
  | "no-application"
  | "update-unpacking"
  | "update-refused"
  /** The application was built for another chip and stops. */
  | "other-chip"
  /** The application speaks, and has not said that its setup is over. */
  | "started"
  /** The application said itself that its setup is over or its main loop runs. */
  | "running"
  | "safe-mode"
  | "crash"
  | "watchdog"
  /** It starts again and again without getting through. */
  | "boot-loop"
  /** It starts again and again, cut off in the middle of lines as its radio begins: usually the supply. */
  | "brown-out";

export interface VerdictLine {
  /** A line of the log; secrets in it are masked. */
  readonly text: string;
  /** Milliseconds since the log began. */
  readonly at: number;
}

export interface BootVerdict {
  readonly kind: BootVerdictKind;
  /** False while what is still to come in the next seconds may say more. */
  readonly settled: boolean;
  /** A sentence. */
  readonly summary: Words;
  /** The lines it rests on, in their order. */
  readonly evidence: readonly VerdictLine[];
  /** What to do now, most promising first. */
  readonly next: readonly Words[];
  readonly firmware: FirmwareFacts | undefined;
  readonly bootCode: string | undefined;
  /** Milliseconds from the start to the line that says it is up. */
  readonly tookMs: number | undefined;
  /** Starts after the first that the log shows. */
  readonly restarts: number;
  /** What the restarts follow on, where that is known or likely. */
  readonly cause: "crash" | "watchdog" | "supply" | undefined;
  readonly crash: CrashDump | undefined;
  /** Why it is not in its network, where it said that last. */
  readonly network: NetworkTrouble | undefined;
  /** Of `unknown-text`: the maker's other chip, or the other maker's, whose log it is. */
  readonly foreignChip: string | undefined;
  /** Of `wrong-speed`: what the bytes look like, in baud; undefined where they tell of no speed. */
  readonly otherSpeed: number | undefined;
}

/** What is known beside the log. */
export interface VerdictContext {
  /**
   * `flash`: UART1, where the chip is flashed; `log`: UART2. On BK7231T and N the boot code and, unless it was moved, the log of
   * the application are on UART2 alone.
   */
  readonly wire?: "flash" | "log";
  /** Baud at which the log was heard; 115200 when left out. */
  readonly heardAt?: number;
  /** What the flasher knows of the application in flash. */
  readonly application?: "other-key" | "blank" | "damaged" | "verified";
}
