/**
 * Keeping an idle loader awake: some restart by themselves when they hear nothing. Decides when; what is sent, and that it
 * does not get in between other conversations, is the link's.
 */
import { CancelledError } from "../../base/errors";
import type { CoreLog } from "../../base/coreLog";
import { TIMING, type Clock } from "../../base/timing";

export interface KeepAliveDeps {
  readonly clock: Clock;
  readonly log: CoreLog;
  /** Asks the chip something harmless, unless there was other traffic within `quietMs`; nothing once `signal` has aborted. */
  readonly say: (quietMs: number, signal: AbortSignal) => Promise<void>;
}

export class KeepAlive {
  private stop: AbortController | undefined;

  constructor(private readonly deps: KeepAliveDeps) {}

  /** Until {@link letSleep}, something is said whenever nothing else was for a while. */
  keepAwake(): void {
    if (this.stop) return;
    this.stop = new AbortController();
    void this.keep(this.stop.signal);
  }

  letSleep(): void {
    this.stop?.abort();
    this.stop = undefined;
  }

  private async keep(signal: AbortSignal): Promise<void> {
    const { clock, log, say } = this.deps;
    while (!signal.aborted) {
      try {
        await clock.sleep(TIMING.keepAliveEveryMs / 2, signal);
        await say(TIMING.keepAliveEveryMs, signal);
      } catch (error) {
        // The next request meets the same failure and reports it; here it only ends the keeping.
        if (!(error instanceof CancelledError)) log.debug(`keep-alive ended: ${String(error)}`);
        return;
      }
    }
  }
}
