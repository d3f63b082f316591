/**
 * Which ways to reset the chip are tried over this line, and in which order: what a person has chosen, else what has worked with this
 * adapter before, else the rows of the table. Learns from each link what brought it. Knows no wire.
 */
import type { CoreLog } from "../../base/coreLog";
import { BELIEVED, believedReset, type AdapterResets, type ResetMemory } from "../../driver/resetMemory";
import {
  RESET_STRATEGIES,
  asksFirmware,
  resetNamed,
  usesLines,
  type ResetStrategy,
} from "../../transport/resetStrategies";

/** In the order in which they are tried; `beside`: while a person is asked for help. */
export interface Ways {
  readonly first: readonly ResetStrategy[];
  readonly beside: readonly ResetStrategy[];
}

/** How an attempt to link went. */
export interface LinkedBy {
  /** What brought the chip; undefined: it was there, or a person has reset it. */
  readonly reset: ResetStrategy | undefined;
  /** What was tried before, in this order, and did not. */
  readonly missed: readonly ResetStrategy[];
  /** A person was asked to reset it meanwhile, and may have done so. */
  readonly besidePerson: boolean;
}

const NOTHING: AdapterResets = { missed: 0, told: false };

export class ResetLearner {
  private known = NOTHING;
  private recalled: Promise<void> | undefined;
  /** Pulses of a line since the port was opened: an adapter may have swallowed the first. */
  private pulses = 0;
  /** In this session. */
  private proven: ResetStrategy | undefined;

  constructor(
    private readonly memory: ResetMemory | undefined,
    private readonly chosen: readonly ResetStrategy[] | undefined,
    private readonly log: CoreLog,
  ) {}

  /** For a link at the beginning of a job, or for a reset that the job asks for. */
  async all(): Promise<Ways> {
    await this.recall();
    if (this.chosen) return { first: this.chosen, beside: [] };
    const works = this.proven ?? believedReset(this.known);
    const rows = RESET_STRATEGIES.filter(({ id }) => id !== works?.id);
    const tried = (when: "first" | "beside"): ResetStrategy[] => rows.filter((row) => row.tried === when);
    return { first: works ? [works, ...tried("first")] : tried("first"), beside: tried("beside") };
  }

  /**
   * For a chip that fell silent in the middle of a job: no line is moved but by a way that was seen to reset the chip, for it may be
   * busy with its flash. Firmware that came up meanwhile is asked to restart.
   */
  async inJob(): Promise<Ways> {
    await this.recall();
    if (this.chosen) return { first: this.chosen, beside: [] };
    const works = this.proven ?? believedReset(this.known);
    const others = RESET_STRATEGIES.filter((row) => row.tried === "first" && asksFirmware(row) && row !== works);
    return { first: works ? [works, ...others] : others, beside: [] };
  }

  /** The chip answers. */
  async linked({ reset, missed, besidePerson }: LinkedBy): Promise<void> {
    const pulsed = missed.filter(usesLines).length + this.pulses;
    this.pulses = pulsed + (reset && usesLines(reset) ? 1 : 0);
    const { known } = this;
    if (reset) this.proven = reset;
    if (this.chosen) return;
    // The first pulse after the next opening may be swallowed where this one was not the first.
    const sure = reset && pulsed > 0 ? (resetNamed(`${reset.id}-twice`) ?? reset) : reset;
    // A person's own steps are theirs to name again.
    if (sure && resetNamed(sure.id) === sure) {
      // What may have been the person's doing is believed until it does not help once; what was believed was tried before, and did not.
      const doubts = known.works === sure.id ? known.missed + 1 : BELIEVED - 1;
      await this.keep({ ...known, works: sure.id, missed: besidePerson ? doubts : 0 });
    } else if (missed.some(({ id }) => id === known.works)) await this.keep({ ...known, missed: known.missed + 1 });
  }

  /** True once for an adapter, where it can be remembered that it was asked. */
  async isToTell(): Promise<boolean> {
    await this.recall();
    if (!this.memory || this.known.told) return false;
    await this.keep({ ...this.known, told: true });
    return true;
  }

  private recall(): Promise<void> {
    this.recalled ??= (async () => {
      try {
        this.known = (await this.memory?.recall()) ?? NOTHING;
      } catch (error) {
        this.log.debug(`how this adapter resets its chip is not known: ${String(error)}`);
      }
    })();
    return this.recalled;
  }

  /** A memory that fails costs only the hint. */
  private async keep(known: AdapterResets): Promise<void> {
    const before = this.known;
    this.known = known;
    if (before.works === known.works && before.missed === known.missed && before.told === known.told) return;
    try {
      await this.memory?.keep(known);
    } catch (error) {
      this.log.debug(`how this adapter resets its chip was not stored: ${String(error)}`);
    }
  }
}
