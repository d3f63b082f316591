/**
 * A built-in person who watches an unanswered tool for a while and then switches the module off and on, as its user
 * guide will ask them to. Knows nothing of chips.
 */
import type { SimTime } from "../clock/simTime";

export class AutoPowerCycle {
  private unansweredSince: number | undefined;

  constructor(
    private readonly time: SimTime,
    /** Microseconds of unanswered sending before they get up. */
    private readonly patienceUs: number,
    private readonly powerCycle: () => void,
  ) {}

  /** The host has sent something. `patience` multiplies the wait: a chip that is at work is left alone longer. */
  hostSent(patience: number): void {
    const now = this.time.idleNow();
    this.unansweredSince ??= now;
    if (now - this.unansweredSince < this.patienceUs * patience) return;
    this.unansweredSince = undefined;
    this.powerCycle();
  }

  /** The chip has said something, or the host went away. */
  settled(): void {
    this.unansweredSince = undefined;
  }
}
