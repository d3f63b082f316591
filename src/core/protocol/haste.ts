/**
 * Adapters that hold short answers back until a timer ticks (16 ms on many), and the way round it: link checks sent behind
 * a question, whose answers fill up the adapter's packet, so that what came before them is handed over at once.
 * Counts and decides; sends nothing. Source of the behaviour: FTDI's application note AN232B-04 (packets of 62 bytes).
 */
import { encodeRequest } from "./commands";
import { concat } from "../base/bytes";

/** Enough answers of 8 bytes that a packet is full once the first of them is complete, whatever was in it before. */
const CHECKS = 9;

/** What is sent behind a question. 45 bytes: with four reads still under the 100 that any loader takes ahead. */
export const NUDGE: Uint8Array = concat(...Array.from({ length: CHECKS }, () => encodeRequest("linkCheck", {})));

/** Later than this, in ms, is neither wire nor chip: an answer was held back. Well above what a busy host adds. */
const HELD_BACK_MS = 8;
/** So many in a row, or it may have been the host. */
const CERTAIN = 2;

export class Haste {
  private lateInARow = 0;
  private useless = false;

  /** True where a question had better be followed by {@link NUDGE}. */
  get needed(): boolean {
    return !this.useless && this.lateInARow >= CERTAIN;
  }

  /** @param ms from a question to its answer, without the time of their bytes on the wire; of questions answered at once */
  tookMs(ms: number): void {
    if (this.needed) return;
    this.lateInARow = ms > HELD_BACK_MS ? this.lateInARow + 1 : 0;
  }

  /** The chip did not answer what was sent behind a question: it does not queue, and is asked the plain way from now on. */
  giveUp(): void {
    this.useless = true;
  }
}
