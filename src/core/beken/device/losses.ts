/**
 * How many answers a line has lost at which speed: for telling one that is too fast from one that loses bytes however slow it
 * is. Counts and compares; changes nothing.
 */

/** Counted since the line was opened. */
export interface Traffic {
  readonly received: number;
  readonly lost: number;
}

interface AtRate extends Traffic {
  readonly baudRate: number;
}

/** A slower rate that loses at least so much of what a faster one does is no better. */
const NO_BETTER = 1 / 3;

export class Losses {
  private readonly rates: AtRate[] = [];
  private before: Traffic = { received: 0, lost: 0 };

  /** This rate is given up for its losses. */
  left(baudRate: number, now: Traffic): void {
    const { before } = this;
    this.before = now;
    this.rates.push({ baudRate, received: now.received - before.received, lost: now.lost - before.lost });
  }

  /** The fastest of those that lost no more than the one given up last, which is the slowest; undefined where it is the best. */
  fastestAsGood(): number | undefined {
    const slowest = this.rates.at(-1);
    if (!slowest) return undefined;
    const faster = this.rates.filter(
      (rate) => rate.baudRate > slowest.baudRate && shareOf(rate) * NO_BETTER <= shareOf(slowest),
    );
    return faster.reduce<number | undefined>((best, { baudRate }) => Math.max(best ?? 0, baudRate), undefined);
  }
}

/** Losses for each byte that came. */
function shareOf({ received, lost }: Traffic): number {
  return lost / Math.max(1, received);
}
