/** What a session with a chip of Beken leaves word of: its rate, and the byte that completes what it may have cut. */
import type { CoreLog } from "../../base/coreLog";
import type { LineMemory, LineState } from "../../driver/lineMemory";
import type { ProtocolProfile } from "../chips/types";
import { fillerAtRest } from "../protocol/resyncFiller";

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
