/** The person's pause in a round: ends what waits for a device, and holds the next wait back until it goes on. Knows no ports. */
import { CancelledError } from "../../core/index";

export class RoundPause {
  private begun = new AbortController();
  private goOn: (() => void) | undefined;
  private over = Promise.resolve();

  get isOn(): boolean {
    return this.begun.signal.aborted;
  }

  /** Aborted by the next pause; of a pause that is on, aborted already. */
  get signal(): AbortSignal {
    return this.begun.signal;
  }

  begin(): void {
    if (this.isOn) return;
    this.over = new Promise((resolve) => (this.goOn = resolve));
    this.begun.abort();
  }

  end(): void {
    if (!this.isOn) return;
    this.begun = new AbortController();
    this.goOn?.();
  }

  /**
   * Resolves as soon as there is no pause.
   * @throws CancelledError when the signal aborts before
   */
  async wait(signal: AbortSignal): Promise<void> {
    while (this.isOn) {
      let stop = (): void => undefined;
      const aborted = new Promise<void>((resolve) => {
        stop = resolve;
        signal.addEventListener("abort", stop, { once: true });
        if (signal.aborted) stop();
      });
      await Promise.race([this.over, aborted]);
      signal.removeEventListener("abort", stop);
      if (signal.aborted) throw new CancelledError("wait for a device");
    }
  }
}
