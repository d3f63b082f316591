/**
 * How much later than wire and chip alone an answer may come because a network lies between, and how long one waits for it therefore:
 * as the connection was measured when it was opened, and as answers have come since. A port of this machine costs nothing here.
 */
import type { Transport } from "../../transport/transport";

/** A network that needs more, in ms, is none that a chip can be flashed over. */
const MOST_MS = 3_000;
/** What is added where an answer did not come in time and nothing is known yet. */
const FIRST_MS = 250;
/** So much of what was learnt is left after each answer that came sooner. */
const FORGETS = 0.95;

export class Patience {
  private learntMs = 0;
  private missedMs = 0;

  constructor(private readonly transport: Pick<Transport, "roundTripMs">) {}

  /** To be added to a deadline, in ms. */
  get ms(): number {
    const { roundTripMs } = this.transport;
    if (roundTripMs === undefined) return 0;
    return Math.min(MOST_MS, Math.max(1.5 * roundTripMs, this.learntMs, this.missedMs));
  }

  /** After so long, in ms, what was asked last is answered, unless the network stands still. */
  get onTheWayMs(): number {
    const { roundTripMs } = this.transport;
    if (roundTripMs === undefined) return 0;
    return Math.min(MOST_MS, Math.max(1.5 * roundTripMs, this.learntMs));
  }

  /** @param ms from a question to its answer, without the time of their bytes on the wire; of questions that are answered at once */
  took(ms: number): void {
    this.learntMs = Math.max(1.5 * ms, FORGETS * this.learntMs);
    this.missedMs *= FORGETS;
  }

  /** An answer did not come in time. */
  missed(): void {
    this.missedMs = Math.max(FIRST_MS, 2 * this.ms);
  }
}
