/**
 * At which rate a slower sender is, from what a receiver makes of its bytes. Pure; knows UARTs (8N1), not what is said.
 *
 * A receiver that samples a slower sender's bits more than once hears bytes of few kinds: the level changes only where one of the
 * sender's bits begins. So for each relation of the two rates it is known how often each byte is heard, nearly whatever is sent.
 * What was heard is held against all of them, also those of faster senders, and told only where all that are likely are one rate.
 * Whoever can, listens at the rate that is found, to be sure.
 */
import { ascii } from "../base/bytes";
import { SAMPLE, type Resync } from "./textSpeed";

export interface MeasuredRate {
  /** The usual rate nearest to what was measured, in baud. */
  readonly baud: number;
  /** One bit of the sender's is longer than a byte of the receiver's: all that is seen is that it is no faster. A line that is held low looks alike. */
  readonly orSlower: boolean;
}

/** Rates that devices are set to, in baud; 74880 is what a 26 MHz crystal makes of a boot ROM's 115200 for 40. */
const USUAL_RATES = [
  1200, 2400, 4800, 9600, 14_400, 19_200, 28_800, 38_400, 57_600, 74_880, 115_200, 230_400, 250_000, 460_800, 500_000,
  921_600, 1_000_000, 1_500_000, 2_000_000,
] as const;

/** Below this, in bits of the receiver's for one of the sender's, two rates are one, or too near to be told apart. */
const LEAST_RATIO = 1.25;
/** From here on no byte shows where two of the sender's bits begin. */
const NO_EDGE = 8.5;
/** Relations are looked at in these steps: below 1 the sender is faster, beyond {@link SLOWEST_STEPPED} one is much like the other. */
const FAST_STEP = 1.2;
const SLOW_STEP = 1.03;
const SLOWEST_STEPPED = 14;
const MUCH_SLOWER = [17, 24, 48, 96];
/** Fewer bytes say nothing, and fewer than these only that the sender is slow. */
const LEAST_BYTES = 16;
const LEAST_MEASURED = 48;
/** As many bytes a model is made of. */
const MODELLED = 400;
const MOST_LOOKS = 10 * MODELLED;
/** More bytes count as so many: no model is so near to what is sent that it should be held to each of them. */
const MOST_TELLING = 128;
/** Share of the bytes that disturbances are given: all alike. */
const DISTURBED = 0.06;
/** By so much, in nats for all bytes together, what is told has to be likelier than what is not. */
const MARGIN = 12;
/** So far, in nats for each byte, what was heard may be from the model that is nearest to it. */
const WORST_FIT = 1;
/** Of the variety that the model has: a few bytes over and over fit too many rates. */
const LEAST_VARIETY = 0.5;
const BLANK_SHARE = 0.95;
/** Clocks, and the step of the models, may be off by so much. */
const OFF = 0.045;
/** Of all that are likely, the slowest and the fastest are no farther apart. */
const WIDEST = 1.3;

interface Model {
  readonly ratio: number;
  /** Logarithm of how often each byte is heard. */
  readonly logs: Float32Array;
  /** Nats for each byte. */
  readonly variety: number;
}

/** Sent for the models: lines of logs, and bytes of any kind. */
const LINES = ascii(SAMPLE);
/** Every other one is small, as lengths, types and values in frames are. */
const ANY_BYTES = Uint8Array.from({ length: 512 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> (i % 2 === 0 ? 24 : 29));
/** Bits between two lines. */
const REST = 23;

function bitsOf(bytes: Uint8Array): Uint8Array {
  const bits: number[] = [];
  for (const byte of bytes) {
    bits.push(0, ...Array.from({ length: 8 }, (_, bit) => (byte >> bit) & 1), 1);
    if (byte === 0x0a) for (let i = 0; i < REST; i++) bits.push(1);
  }
  return Uint8Array.from(bits);
}

/** @param bits on the line, over and over @param ratio bits of the receiver's for one of the sender's */
function modelOf(bits: Uint8Array, ratio: number, resync: Resync): Model {
  const step = 1 / ratio;
  const counts = new Uint16Array(256);
  const isHigh = (at: number): boolean => bits[Math.floor(at) % bits.length] === 1;
  let [at, heard] = [0, 0];
  // Of some faster senders the same few bits come round for ever, none of them a start bit.
  for (let looks = 0; heard < MODELLED && looks < MOST_LOOKS; looks++) {
    if (resync === "rest") while (!isHigh(at)) at = Math.floor(at) + 1;
    while (isHigh(at)) at = Math.floor(at) + 1;
    // A start bit that is over before its middle is taken for a disturbance.
    if (isHigh(at + step / 2)) {
      at += step / 2;
      continue;
    }
    let byte = 0;
    for (let bit = 0; bit < 8; bit++) if (isHigh(at + (bit + 1.5) * step)) byte |= 1 << bit;
    counts[byte] = (counts[byte] as number) + 1;
    heard++;
    at += 9.5 * step;
  }
  const logs = Float32Array.from(counts, (count) =>
    Math.log((1 - DISTURBED) * (count / Math.max(1, heard)) + DISTURBED / 256),
  );
  const variety = -logs.reduce((sum, log) => sum + Math.exp(log) * log, 0);
  return { ratio, logs, variety };
}

function allModels(): readonly Model[] {
  const ratios = [1, ...MUCH_SLOWER];
  for (let ratio = 1 / FAST_STEP; ratio > 0.05; ratio /= FAST_STEP) ratios.push(ratio);
  for (let ratio = SLOW_STEP; ratio < SLOWEST_STEPPED; ratio *= SLOW_STEP) ratios.push(ratio);
  const lines = [LINES, ANY_BYTES].map(bitsOf);
  return ratios.flatMap((ratio) =>
    lines.flatMap((bits) => (["rest", "at-once"] as const).map((resync) => modelOf(bits, ratio, resync))),
  );
}

let models: readonly Model[] | undefined;

/**
 * @param heardAt rate of the receiver, in baud
 * @returns undefined where the bytes are too few or too much alike, readable, of a faster sender, or of none: noise
 */
export function measureRate(bytes: Uint8Array, heardAt: number): MeasuredRate | undefined {
  if (bytes.length < LEAST_BYTES) return undefined;
  const counts = new Map<number, number>();
  for (const byte of bytes) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  const seen = [...counts];
  const variety = -seen.reduce((sum, [, count]) => sum + count * Math.log(count / bytes.length), 0) / bytes.length;
  models ??= allModels();
  const fits = models.map((model) => ({
    model,
    nats: seen.reduce((sum, [byte, count]) => sum + count * (model.logs[byte] as number), 0),
  }));
  const best = fits.reduce((a, b) => (b.nats > a.nats ? b : a));
  if (-best.nats / bytes.length - variety > WORST_FIT) return undefined;
  const isBlank = (counts.get(0) ?? 0) >= BLANK_SHARE * bytes.length;
  if (!isBlank && variety < LEAST_VARIETY * best.model.variety) return undefined;
  const margin = MARGIN * Math.max(1, bytes.length / MOST_TELLING);
  const likely = fits.filter(({ nats }) => nats > best.nats - margin).map(({ model }) => model.ratio);
  const [fastest, slowest] = [Math.min(...likely), Math.max(...likely)];
  if (fastest >= NO_EDGE) {
    const baud = USUAL_RATES.findLast((rate) => heardAt / rate >= NO_EDGE);
    return baud === undefined ? undefined : { baud, orSlower: true };
  }
  if (bytes.length < LEAST_MEASURED || fastest < LEAST_RATIO || slowest > WIDEST * fastest) return undefined;
  const measured = heardAt / Math.sqrt(fastest * slowest);
  const baud = USUAL_RATES.find((rate) => Math.abs(rate / measured - 1) < OFF);
  return baud === undefined ? undefined : { baud, orSlower: false };
}
