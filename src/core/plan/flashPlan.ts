/**
 * What will happen to the flash, as plain data, decided before anything happens. It is shown to the person, printed
 * by a dry run, compared whole in tests, and its sectors are what the write guard holds every frame against.
 */
import type { Range } from "../base/ranges";
import type { Words } from "../base/words";
import type { StartVerdict } from "../beken/chips/startVerdict";
import type { FlashGeometry } from "../beken/chips/types";
import type { EraseStep } from "../driver/chipDevice";

/** Bytes the plan puts into flash; what the file says. */
export interface PlannedWrite {
  readonly address: number;
  readonly data: Uint8Array;
  readonly from: Words;
}

/** A stretch the plan leaves alone on purpose, with the reason shown to people. */
export interface ProtectedRange extends Range {
  readonly why: "bootloader" | "calibration";
}

export interface FlashPlan {
  readonly kind: "write" | "erase";
  readonly flashSize: number;
  /** Of the chip it is for: its sectors and blocks are what is erased. */
  readonly geometry: FlashGeometry;
  /** Sorted, without overlaps. Empty for an erase. */
  readonly writes: readonly PlannedWrite[];
  /** Whole sectors that are erased, joined; everything else in the flash stays as it is. */
  readonly sectors: readonly Range[];
  readonly erases: readonly EraseStep[];
  /** Bytes inside erased sectors that are not the file's: read before the erase, programmed back after it. */
  readonly preserved: readonly Range[];
  readonly protectedRanges: readonly ProtectedRange[];
  /** Bytes per phase, announced before work starts. `write` counts sectors the file has anything but FF in. */
  readonly totals: {
    readonly preserve: number;
    readonly erase: number;
    readonly write: number;
    readonly verify: number;
  };
  /** Whether the chip starts when the plan is carried out (startability.ts). */
  readonly start?: StartVerdict;
  /** A person must agree to that first: something speaks against starting, and the plan has to do with it. */
  readonly asksAboutStart?: boolean;
}
