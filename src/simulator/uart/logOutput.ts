/** UART2: what a chip prints there goes to whoever listens, in its time. Nothing can be sent to it. */
import type { SimTime, SimTimer } from "../clock/simTime";

export interface TimedText {
  readonly afterUs: number;
  readonly text: string;
}

export class LogOutput {
  listener: ((bytes: Uint8Array) => void) | undefined;
  private timer: SimTimer | undefined;

  constructor(private readonly time: SimTime) {}

  /** Prints these from now on, one after another. */
  print(pieces: readonly TimedText[]): void {
    this.stop();
    const [next, ...rest] = pieces;
    if (next === undefined || this.listener === undefined) return;
    this.timer = this.time.schedule(next.afterUs, "idle", () => {
      this.timer = undefined;
      this.listener?.(new TextEncoder().encode(next.text));
      this.print(rest);
    });
  }

  /** The chip is off or starts anew: what was to come does not. */
  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }
}
