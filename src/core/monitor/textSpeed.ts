/**
 * At which speed a text was sent that was heard at another: by how often each byte comes. A receiver that samples text at the wrong
 * moments makes of it bytes that are not random: each pair of speeds has its own, also where the sender is faster, of which
 * measuredRate.ts can say nothing. Pure; knows UARTs (8N1) and text.
 */

/** What a receiver does after a stop bit that was low: waits for the line to rest, or takes it for the next start bit. Adapters do either. */
export type Resync = "rest" | "at-once";

/** Lines of many letters, digits and signs, as logs have them; a _ stands for a blank. */
export const SAMPLE = [
  "\u001b[0;36m[D][sensor:094]:_'Temperature':_Sending_state_21.43750_C_with_1_decimals_of_accuracy\u001b[0m",
  "\u001b[0;35m[C][wifi:443]:_Connecting_to_network,_signal_strength_-63_dB,_channel_11,_192.168.4.1\u001b[0m",
  "Info:MAIN:Time_1285,_idle_185633/s,_free_77304,_MQTT_1(2),_bWifi_1,_secondsWithNoPing_-1,_socks_3/21_",
  "I_[_____12.345]_LibreTiny_v1.13.0_on_generic-bk7231n-qfn32-tuya,_compiled_at_Jun_30_2026_10:00:00",
  "[01-01_18:12:15_TUYA_Info][mqc_app.c:175]_mqc_app_init,_heap_0x00412210_size:122352_[Flash]id:0xeb6015",
]
  .map((line) => `${line.replaceAll("_", " ")}\r\n`)
  .join("");

/** Clocks of chips and adapters are off by so much between them at most: the nearest divider, and a resonator. */
const MOST_OFF = 0.012;
/** Between two models the last bit of a byte is sampled in places this far apart, in bit times of the sender. */
const MODEL_STEP = 0.4;
/** From the start of a byte to the middle of its last bit, in bit times of the receiver. */
const LAST_BIT = 8.5;
/** Byte times between two lines. */
const REST = 6;
/** As many bytes a model is made of. */
const HEARD = 2_000;
/** Fewer bytes are not enough to tell speeds apart. */
const LEAST = 48;
/** Share of the bytes that other texts, and disturbances, are given: all alike. */
const OTHERS = 0.25;
/** Share of one byte from which on it is no text at any speed. */
const HELD = 0.99;
/** Times the speed it is heard at: of what is sent faster, too little is left to tell by. */
const FASTEST = 14;
/** By no more than this, in nats for each byte, a speed may be less likely than random bytes: a model never fits all of a text. */
const ABOVE_RANDOM = -0.1;
/** By so much, in nats for all bytes together, it has to be likelier than the next one. */
const ABOVE_NEXT = 12;

/** The sample as byte times on the line, over and over; undefined where the line rests. */
const FRAMES: readonly (number | undefined)[] = [...new TextEncoder().encode(SAMPLE)].flatMap((byte) =>
  byte === 0x0a ? [byte, ...Array.from({ length: REST }, () => undefined)] : [byte],
);

/** From here on a byte that is heard has bits of several that were sent, of which any may stand beside any. */
const MIXED = 3;

/** The level of the line at a time in bit times of the sender, for whom lines of text follow each other or bytes of them do. */
function levelAt(time: number, mixed: boolean): number {
  const bit = Math.floor(time) % 10;
  const at = Math.floor(time / 10);
  const frame = FRAMES[(mixed ? Math.imul(at ^ (at >>> 7), 0x9e3779b1) >>> 8 : at) % FRAMES.length];
  if (frame === undefined || bit === 9) return 1;
  return bit === 0 ? 0 : (frame >> (bit - 1)) & 1;
}

/**
 * How often a receiver of the sample hears each byte.
 * @param bit bit times of the sender in one bit time of the receiver: above 1 where the sender is faster
 */
function heard(bit: number, resync: Resync): Float64Array {
  const counts = new Float64Array(256);
  const isHigh = (at: number): boolean => levelAt(at, bit >= MIXED) === 1;
  let time = 0;
  for (let count = 0; count < HEARD;) {
    // A start bit that is over before its middle is taken for a disturbance.
    if (isHigh(time) || isHigh(time + bit / 2)) {
      time = Math.floor(time) + 1;
      continue;
    }
    let byte = 0;
    for (let i = 0; i < 8; i++) if (isHigh(time + (i + 1.5) * bit)) byte |= 1 << i;
    counts[byte] = (counts[byte] as number) + 1;
    count++;
    time += 9.5 * bit;
    if (resync === "rest") while (!isHigh(time)) time = Math.floor(time) + 1;
  }
  return counts;
}

/** How likely each byte is, as logarithms, for each way in which clocks and adapters differ. */
function models(bit: number): Float64Array[] {
  const steps = Math.ceil((MOST_OFF * LAST_BIT * bit) / MODEL_STEP);
  return Array.from({ length: 2 * steps + 1 }, (_, i) => 1 + (MOST_OFF * (i - steps)) / steps).flatMap((off) =>
    (["rest", "at-once"] as const).map((resync) =>
      heard(bit * off, resync).map((count) => Math.log((1 - OTHERS) * (count / HEARD) + OTHERS / 256)),
    ),
  );
}

const known = new Map<number, Float64Array[]>();

function modelsOf(bit: number): Float64Array[] {
  const there = known.get(bit) ?? models(bit);
  known.set(bit, there);
  return there;
}

/** True for what a line gives that is held low, or floats: one byte again and again. */
function isHeld(bytes: Uint8Array): boolean {
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte] = (counts[byte] as number) + 1;
  return Math.max(...counts) > HELD * bytes.length;
}

export interface SpeedScore {
  /** Baud. */
  readonly speed: number;
  /** Nats for each byte; the higher, the likelier. */
  readonly score: number;
}

/**
 * Speeds by how likely bytes were sent at them, likeliest first. @param bytes as they were heard, one at the least
 * @param heardAt baud, which is none of the answers
 * @param speeds baud, those that may be
 */
export function speedScores(bytes: Uint8Array, heardAt: number, speeds: readonly number[]): readonly SpeedScore[] {
  const counts = new Map<number, number>();
  for (const byte of bytes) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  return speeds
    .filter((speed) => speed !== heardAt && speed <= FASTEST * heardAt)
    .map((speed) => {
      const fits = modelsOf(speed / heardAt).map((model) => {
        let sum = 0;
        for (const [byte, count] of counts) sum += count * (model[byte] as number);
        return sum / bytes.length;
      });
      return { speed, score: Math.max(...fits) };
    })
    .sort((a, b) => b.score - a.score);
}

/** The speed that bytes were most likely sent at; undefined where they are too few, or tell of none. Parameters of {@link speedScores}. */
export function likelySpeed(bytes: Uint8Array, heardAt: number, speeds: readonly number[]): number | undefined {
  if (bytes.length < LEAST || isHeld(bytes)) return undefined;
  const [best, next] = speedScores(bytes, heardAt, speeds);
  if (best === undefined || best.score < ABOVE_RANDOM - Math.log(256)) return undefined;
  return next === undefined || (best.score - next.score) * bytes.length >= ABOVE_NEXT ? best.speed : undefined;
}
