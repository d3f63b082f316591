/** What memory, ptys and TCP share that serve a simulated chip: what the host hears of a transmission. Knows none of them. */
import { ratesMatch, sampledAt } from "../uart/lineRate";

/**
 * The chip's bytes as a host at `hostBaud` hears them (undefined: the line has no rate, so they arrive whole). Always a
 * copy: the chip may reuse its buffer before the host has read.
 */
export function towardsHost(bytes: Uint8Array, chipBaud: number, hostBaud: number | undefined): Uint8Array {
  if (hostBaud === undefined || ratesMatch(hostBaud, chipBaud)) return Uint8Array.from(bytes);
  return sampledAt(bytes, chipBaud, hostBaud);
}
