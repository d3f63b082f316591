/**
 * At which rate a sender is, from what a receiver at a higher one makes of its bytes. Pure.
 *
 * A receiver begins each byte at a falling edge, which is the beginning of one of the sender's bits. So within the byte the level
 * changes only where a bit of the sender's begins: after so many of its bits, counted in bits of the receiver. Of a sender that is as
 * fast or faster this says nothing: it may change anywhere. Whoever can, listens at the rate that is found, to be sure.
 */

export interface MeasuredRate {
  /** The usual rate nearest to what was measured, in baud. */
  readonly baud: number;
  /** One bit of the sender's is longer than a byte of the receiver's: all that is seen is that it is no faster. */
  readonly orSlower: boolean;
}

/** Rates that devices are set to, in baud; 74880 is what a 26 MHz crystal makes of a boot ROM's 115200 for 40. */
const USUAL_RATES = [
  1200, 2400, 4800, 9600, 14_400, 19_200, 28_800, 38_400, 57_600, 74_880, 115_200, 230_400, 250_000, 460_800, 500_000,
  921_600, 1_000_000, 1_500_000, 2_000_000,
] as const;

const DATA_BITS = 8;
/** A sender's bit of so many of the receiver's shows no edge within a byte: start bit and data are one level. */
const NO_EDGE = DATA_BITS + 0.5;
/** Below this, two rates are one to a receiver, or too near to be told apart. */
const LEAST_RATIO = 1.25;
/** Fewer say nothing. */
const LEAST_EDGES = 12;
const LEAST_BYTES = 8;
/** Of the edges (of the bytes, where there is none): receivers lose their place at a missing stop bit now and then. */
const SHARE = 0.85;
/** So much may both ends together be off their rates: with more, 74880 baud would fit edges anywhere. */
const TOLERANCE = 0.025;

/**
 * @param heardAt rate of the receiver, in baud
 * @returns undefined where the bytes are too few, readable, of a faster sender, or of none: noise
 */
export function measureRate(bytes: Uint8Array, heardAt: number): MeasuredRate | undefined {
  if (bytes.length < LEAST_BYTES) return undefined;
  const blank = bytes.filter((byte) => byte === 0).length;
  if (blank >= SHARE * bytes.length) {
    const baud = USUAL_RATES.findLast((rate) => heardAt / rate >= NO_EDGE);
    return baud === undefined ? undefined : { baud, orSlower: true };
  }
  const edges = edgesIn(bytes);
  if (edges.length < LEAST_EDGES) return undefined;
  const baud = USUAL_RATES.find((rate) => {
    const ratio = heardAt / rate;
    return (
      ratio < NO_EDGE && ratio >= LEAST_RATIO && edges.filter((at) => fits(at, ratio)).length >= SHARE * edges.length
    );
  });
  return baud === undefined ? undefined : { baud, orSlower: false };
}

/** Where the level changes within each byte, in the receiver's bits from the falling edge. */
function edgesIn(bytes: Uint8Array): number[] {
  const edges: number[] = [];
  for (const byte of bytes) {
    let level = 0;
    for (let bit = 0; bit < DATA_BITS; bit++) {
      const next = (byte >> bit) & 1;
      if (next !== level) edges.push(bit + 1);
      level = next;
    }
  }
  return edges;
}

/** True where the sender begins one of its bits there, as the middle of a receiver's bit sees it. */
function fits(at: number, ratio: number): boolean {
  const bits = Math.max(1, Math.round(at / ratio));
  return Math.abs(at - bits * ratio) <= 0.5 + TOLERANCE * at;
}
