/** How an adapter's control outputs reach the chip's reset, and what the adapter makes of what it is told. Knows no chip. */
import type { ControlLines } from "../../core/transport/transport";
import type { SimTime, SimTimer } from "../clock/simTime";

export interface AdapterWiring {
  /**
   * Which outputs pull CEN low: one of them, both together, or one while the other is released (`crossed`, as the two transistors of
   * ESP boards have it: RTS here). Left out: none, as on most adapters.
   */
  readonly reset?: "rts" | "dtr" | "both" | "crossed";
  /** They pull it while they are released, and let it go while asserted. */
  readonly inverted?: boolean;
  /** Pulses that the adapter swallows after each opening: it passes on only what comes later. */
  readonly swallows?: number;
  /** A capacitor is between: CEN is pulled for a moment when the output changes to asserted, however long it stays so. */
  readonly byEdge?: boolean;
  /** A large capacitor is at CEN: it falls only after it was pulled for so long, and rises as long after it was let go, ms. */
  readonly slowMs?: number;
}

const RELEASED: ControlLines = { dtr: false, rts: false };

export class AdapterOutputs {
  private lines = RELEASED;
  private swallowed = 0;
  private pulled = false;
  private pending: SimTimer | undefined;

  /** @param hold called whenever the level at the chip's reset is set: true holds it */
  constructor(
    private readonly wiring: AdapterWiring,
    private readonly hold: (held: boolean) => void,
    private readonly time: SimTime,
  ) {}

  /** A host has opened the port anew. */
  opened(): void {
    this.swallowed = 0;
    this.set(RELEASED);
  }

  set(lines: ControlLines): void {
    const { swallows = 0, byEdge = false } = this.wiring;
    const before = this.lines;
    const rises = (lines.dtr && !before.dtr) || (lines.rts && !before.rts);
    const isPulse = rises && !before.dtr && !before.rts;
    this.lines = lines;
    if (isPulse) this.swallowed++;
    const pulls = this.pulls(this.swallowed > swallows ? lines : RELEASED);
    if (!byEdge) this.pull(pulls);
    else if (pulls && rises) this.pulse();
  }

  /** CEN low, and high again. */
  pulse(): void {
    this.hold(true);
    this.hold(false);
  }

  private pull(pulled: boolean): void {
    const { slowMs } = this.wiring;
    if (slowMs === undefined) this.hold(pulled);
    else if (pulled !== this.pulled) {
      this.pending?.cancel();
      this.pending = this.time.schedule(1000 * slowMs, "idle", () => this.hold(pulled));
    }
    this.pulled = pulled;
  }

  private pulls({ dtr, rts }: ControlLines): boolean {
    const { reset, inverted = false } = this.wiring;
    if (reset === undefined) return false;
    const asserted = reset === "rts" ? rts : reset === "dtr" ? dtr : reset === "both" ? rts && dtr : rts && !dtr;
    return asserted !== inverted;
  }
}
