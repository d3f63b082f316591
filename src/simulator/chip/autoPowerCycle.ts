/**
 * A built-in person who watches a tool that asks for the chip again and again, and then switches the module off and on, as its user
 * guide will ask them to. Knows nothing of chips but how a tool asks for one.
 */
import type { SimTime } from "../clock/simTime";

const LINK_CHECK = [0x01, 0xe0, 0xfc, 0x01, 0x00];
/** A tool that waits for a chip asks many times a second; one that asks now and then does not wait for a person. */
const ASKS_WITHIN_US = 250_000;

export class AutoPowerCycle {
  private unansweredSince: number | undefined;
  private askedAt = -Infinity;
  private matched = 0;

  constructor(
    private readonly time: SimTime,
    /** Microseconds of unanswered asking before they get up. */
    private readonly patienceUs: number,
    private readonly powerCycle: () => void,
  ) {}

  /** The host has sent something. `patience` multiplies the wait: a chip that is at work is left alone longer, whatever it is sent. */
  hostSent(bytes: Uint8Array, patience: number): void {
    if (!this.asks(bytes) && patience === 1) return;
    const now = this.time.idleNow();
    if (now - this.askedAt > ASKS_WITHIN_US && patience === 1) this.unansweredSince = undefined;
    this.askedAt = now;
    this.unansweredSince ??= now;
    if (now - this.unansweredSince < this.patienceUs * patience) return;
    this.unansweredSince = undefined;
    this.powerCycle();
  }

  private asks(bytes: Uint8Array): boolean {
    let asks = false;
    for (const byte of bytes) {
      this.matched = byte === LINK_CHECK[this.matched] ? this.matched + 1 : byte === LINK_CHECK[0] ? 1 : 0;
      if (this.matched < LINK_CHECK.length) continue;
      this.matched = 0;
      asks = true;
    }
    return asks;
  }

  /** The chip has said something, or the host went away. */
  settled(): void {
    this.unansweredSince = undefined;
  }
}
