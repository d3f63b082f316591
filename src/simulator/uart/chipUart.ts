/**
 * The seam between a simulated chip and whatever carries its bytes (memory, pseudo-terminal, TCP).
 * Carriers know only this; the chip knows only this.
 */
import type { ControlLines } from "../../core/transport/transport";

export interface ChipUart {
  /**
   * Bytes the host put on the wire. `baud` is the host's line rate, or undefined where the host's line has none
   * (TCP): then the host is taken to be at the chip's rate. At different rates the chip sees garbage.
   */
  hostSends(bytes: Uint8Array, baud: number | undefined): void;
  /** Registers the one receiver of what the chip transmits; `baud` is the chip's real rate. */
  onTransmit(listener: (bytes: Uint8Array, baud: number) => void): void;
  /** The adapter's control outputs as wired to this chip. */
  setControlLines(lines: ControlLines): void;
  /** What a bridge does by its own command: pulls the chip's reset, and lets it go. */
  resetByBridge?(): void;
  /** The host opened or closed its end. */
  hostPresent(present: boolean): void;
}
