/**
 * What a session leaves word of while it runs, for the next one should it not come to its end: at which rate the chip is, and
 * what would complete a frame of which the chip got only a part. Plain data; where it is kept is the caller's business.
 */
import type { CoreLog } from "../base/coreLog";
import { fillerAtRest } from "../beken/protocol/resyncFiller";
import type { ProtocolProfile } from "../beken/chips/types";

export interface LineState {
  /** Rate of the host's side, in baud. */
  readonly baudRate: number;
  /** The byte that completes whatever frame may have been cut (docs/protocol.md, "Half a frame of the last session"). */
  readonly filler: number;
}

/** Kept for each adapter, so that it outlives a killed program. */
export interface LineMemory {
  /** What the last session with this adapter left; undefined where it ended as it should. */
  recall(): Promise<LineState | undefined>;
  /** Before anything else is sent; undefined: nothing is under way any more. */
  keep(state: LineState | undefined): Promise<void>;
}

/** One session's word to the next. A memory that fails costs only the hint: the job goes on. */
export class LineNotes {
  private state: LineState | undefined;

  constructor(
    private readonly memory: LineMemory | undefined,
    private readonly log: CoreLog,
  ) {}

  async recall(): Promise<LineState | undefined> {
    try {
      this.state = await this.memory?.recall();
    } catch (error) {
      this.log.debug(`how the last session left the line is not known: ${String(error)}`);
    }
    return this.state;
  }

  /** The chip answers at this rate, between two frames, and a job begins. */
  async linked(baudRate: number, profile: ProtocolProfile): Promise<void> {
    await this.keep({ baudRate, filler: fillerAtRest(profile) });
  }

  /** In the middle of a job. */
  async movedTo(baudRate: number): Promise<void> {
    if (this.state) await this.keep({ ...this.state, baudRate });
  }

  /** What is sent next is of another kind. */
  async sends(filler: number): Promise<void> {
    if (this.state) await this.keep({ ...this.state, filler });
  }

  async over(): Promise<void> {
    await this.keep(undefined);
  }

  private async keep(state: LineState | undefined): Promise<void> {
    if (this.state?.baudRate === state?.baudRate && this.state?.filler === state?.filler) return;
    this.state = state;
    try {
      await this.memory?.keep(state);
    } catch (error) {
      this.log.debug(`how the line is left was not stored: ${String(error)}`);
    }
  }
}

/** What was stored, as far as it makes sense: files come back as they like. */
export function readLineState(stored: unknown): LineState | undefined {
  if (typeof stored !== "object" || stored === null) return undefined;
  const { baudRate, filler } = stored as Readonly<Record<keyof LineState, unknown>>;
  const isWhole = (value: unknown, least: number, most: number): value is number =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
  return isWhole(baudRate, 9_600, 4_000_000) && isWhole(filler, 0, 0xff) ? { baudRate, filler } : undefined;
}
