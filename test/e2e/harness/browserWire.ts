/** What goes between the port in the extension host's worker and the chip in its page. */
import type { ControlLines } from "../../../src/core/index";

export const WIRE = "simulated-wire";
/** The window's chooser says here that it was answered. */
export const CHOSEN = "chosen-port";

export type ToChip =
  | { readonly asks: "granted" }
  | { readonly lines: ControlLines }
  | { readonly present: boolean }
  | { readonly bytes: Uint8Array; readonly baud: number | undefined };

export type ToPort = { readonly granted: boolean } | { readonly bytes: Uint8Array; readonly baud: number };
