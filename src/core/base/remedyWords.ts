/** Sentences that more than one failure needs, and what a remedy is. */

export interface Remedy {
  /** What failed, as one sentence. */
  readonly title: string;
  /** What to do, in this order; whole sentences, at least one. */
  readonly steps: readonly string[];
}

export const WIRING =
  "Check the wires: adapter RX to the chip's TX1 (P11), adapter TX to the chip's RX1 (P10), GND to GND. " +
  "RX and TX swapped is the most common mistake.";
export const POWER =
  "Give the module a steady 3.3 V: many adapters cannot supply the peaks of a Wi-Fi chip, a separate 3.3 V regulator can. " +
  "Connect all grounds.";
export const SHORT_WIRES = "Use short wires, and choose a lower speed, 115200 being the safest.";
export const GROUND = "Check GND: it must be connected at both ends.";
export const RESET =
  "Cut the chip's power for a second, or pull CEN to GND for a moment, and let it go while the flasher waits.";
export const TRY_AGAIN = "Run the same job again.";
export const CLOSE_OTHERS =
  "Close whatever else may have the port open: serial monitors, ESPHome logs, other flashers, another window.";
export const REPORT = "Please report it with the log: this is a fault of the flasher, not of your chip.";
export const REBUILD = "Build or download the file again and compare its size with the original.";
