/**
 * Rates on the wire: which rate a divider field really gives, when two ends still understand each other, and what is
 * seen when they do not. Knows nothing of chips. Source: docs/protocol.md ("Baud rates").
 */
import { mix } from "../prng";

/** UART clock of every Beken chip here, in Hz; the hardware divides by field + 1. */
const UART_CLOCK = 26_000_000;

/** Most that two ends may differ and still read each other's tenth bit. */
const RATE_TOLERANCE = 0.04;

/** `ceil` is the older flash loaders' slip (one too slow), `round` the later ones', `floor` the mask ROM's. */
export type DividerRule = "ceil" | "round" | "floor";

const SMALLEST_FIELD = 4;
const LARGEST_FIELD = 8191;

/** The field a loader computes for a requested rate; a rate of 0 means the default of 115200. */
export function dividerField(rule: DividerRule, baud: number): number {
  const ratio = UART_CLOCK / (baud === 0 ? 115_200 : baud);
  // `round` sends exact halves down: 4000000 gives field 5, not 6.
  const field =
    rule === "ceil" ? Math.ceil(ratio) : rule === "round" ? Math.ceil(ratio - 0.5) - 1 : Math.floor(ratio) - 1;
  return Math.min(Math.max(field, SMALLEST_FIELD), LARGEST_FIELD);
}

/** The real rate in baud of a divider field. */
export function rateOfField(field: number): number {
  return UART_CLOCK / (field + 1);
}

/** Microseconds of one byte on the wire: start bit, eight data bits, stop bit. */
export function byteTimeUs(baud: number): number {
  return 10_000_000 / baud;
}

/** True when a receiver at one rate reads a sender at the other. */
export function ratesMatch(a: number, b: number): boolean {
  return Math.abs(a - b) <= RATE_TOLERANCE * b;
}

/** Start bit, eight data bits, stop bit. */
const FRAME_BITS = 10;

/**
 * What a receiver makes of bytes that were sent at another rate, one right behind the other: it waits for a falling edge, then looks
 * at the line in the middle of each of its own bits. A stop bit that is missing does not keep a byte back, as with usual drivers.
 */
export function sampledAt(bytes: Uint8Array, senderBaud: number, receiverBaud: number): Uint8Array {
  const step = senderBaud / receiverBaud;
  const end = bytes.length * FRAME_BITS;
  const bitAt = (at: number): number => {
    if (at < 0 || at >= end) return 1;
    const within = Math.floor(at) % FRAME_BITS;
    if (within === 0) return 0;
    return within === FRAME_BITS - 1 ? 1 : ((bytes[Math.floor(at / FRAME_BITS)] as number) >> (within - 1)) & 1;
  };
  const out: number[] = [];
  for (let at = 0; at < end;) {
    let edge = Math.ceil(at);
    while (edge < end && !(bitAt(edge) === 0 && bitAt(edge - 1) === 1)) edge++;
    if (edge >= end) break;
    let byte = 0;
    for (let bit = 0; bit < 8; bit++) byte |= bitAt(edge + (bit + 1.5) * step) << bit;
    out.push(byte);
    at = edge + (FRAME_BITS - 0.5) * step;
  }
  return Uint8Array.from(out);
}

/** What a chip makes of bytes sent at another rate: rubbish, always the same for the same bytes, fewer bytes when the sender is faster. */
export function garble(bytes: Uint8Array, senderBaud: number, receiverBaud: number): Uint8Array {
  const ratio = Math.min(Math.max(receiverBaud / senderBaud, 1 / 16), 2);
  const out = new Uint8Array(Math.max(1, Math.floor(bytes.length * ratio)));
  for (let i = 0; i < out.length; i++) {
    const source = bytes[Math.min(bytes.length - 1, Math.floor(i / ratio))] ?? 0;
    out[i] = mix(source * 0x10001 + i * 0x101 + Math.round(senderBaud));
  }
  return out;
}
