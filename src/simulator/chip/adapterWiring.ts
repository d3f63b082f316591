/** How an adapter's control outputs reach the chip's reset, and what the adapter makes of what it is told. Knows no chip. */
import type { ControlLines } from "../../core/transport/transport";

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
}

export class AdapterOutputs {
  private lines: ControlLines = { dtr: false, rts: false };
  private swallowed = 0;

  constructor(private readonly wiring: AdapterWiring) {}

  /** A host has opened the port anew. */
  opened(): void {
    this.swallowed = 0;
    this.lines = { dtr: false, rts: false };
  }

  /** @returns what is to happen to the chip's reset */
  set(lines: ControlLines): "held" | "free" | "pulse" {
    const { swallows = 0, byEdge = false } = this.wiring;
    const before = this.lines;
    const rises = (lines.dtr && !before.dtr) || (lines.rts && !before.rts);
    const isPulse = rises && !before.dtr && !before.rts;
    this.lines = lines;
    if (isPulse) this.swallowed++;
    const passed = this.swallowed > swallows ? lines : { dtr: false, rts: false };
    const pulls = this.pulls(passed);
    if (!byEdge) return pulls ? "held" : "free";
    return pulls && rises ? "pulse" : "free";
  }

  private pulls({ dtr, rts }: ControlLines): boolean {
    const { reset, inverted = false } = this.wiring;
    if (reset === undefined) return false;
    const asserted = reset === "rts" ? rts : reset === "dtr" ? dtr : reset === "both" ? rts && dtr : rts && !dtr;
    return asserted !== inverted;
  }
}
