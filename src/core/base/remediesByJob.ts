/** Advice that replaces a failure's general one where the kind of job makes another step the right one. */
import type { FlasherErrorCode } from "./errors";

type Steps = Partial<Readonly<Record<FlasherErrorCode, readonly string[]>>>;

/** By kind of job (jobs/events.ts), then by code. */
export const STEPS_BY_JOB: Readonly<Record<string, Steps>> = {
  erase: {
    "plan-touches-bootloader": ["Give a range that begins at 0x011000 or above: boot code is never erased alone."],
  },
  restore: {
    "image-wrong-chip": [
      "Use a backup of a chip of this kind.",
      "If you are sure about the chip, compare with the type printed on it.",
    ],
    "image-wrong-key": [
      "The backup is of a chip with another key: its firmware cannot run on this one. Use a backup of this device.",
      "Or flash firmware that was built for this chip's key.",
    ],
  },
  verify: {
    "image-wrong-key": [
      "The file cannot be what this chip runs: it is for another key. Compare with the file that was flashed.",
      "A file that was re-encrypted while it was flashed is compared the same way (--rekey on the command line).",
    ],
    "verify-failed": [
      "If the device works, the chip holds another file: compare with the one that was flashed.",
      "If it was this one, flash it again: only what differs is written.",
    ],
  },
};
