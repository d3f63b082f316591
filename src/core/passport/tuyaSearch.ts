/**
 * Finds Tuya's storage in a file, wherever it lies: the device's key by the master key, then the run of blocks that decrypts under
 * it. Reads no values (tuyaEntries.ts).
 */
import { isFilledWith, readU32 } from "../base/bytes";
import { AesDecryptor } from "./aes";
import {
  AES_BLOCK,
  BASE_KEYS,
  DATA_MAGICS,
  FILLER_AT,
  FILLER_UNDER_MASTER,
  KEY_MAGIC,
  MASTER_KEY,
  TUYA_BLOCK,
  byteSum,
  dataKey,
  parseBlock,
  type BaseKey,
  type TuyaBlock,
} from "./tuyaFormat";

/** Files that are made to hold many of them are no device's; each costs a look at every sector. */
const MOST_KEYS = 16;
/** A storage is at most 32 blocks long, counted generously. */
const MOST_BLOCKS = 64;

export interface TuyaKeyBlock {
  readonly at: number;
  readonly deviceKey: Uint8Array;
  /** The sum of the key holds: it is a key block; otherwise it may be a protected block, which has the same key in the same place. */
  readonly sumHolds: boolean;
}

export interface TuyaRun {
  readonly key: TuyaKeyBlock;
  readonly base: BaseKey;
  readonly magic: number;
  readonly blocks: readonly TuyaBlock[];
  /** Sectors amid the run that hold no block of it, and are not blank. */
  readonly unreadable: readonly number[];
}

const master = new AesDecryptor(MASTER_KEY);

/** Everything in the file that a device's key can be read from, key blocks before protected ones. */
export function findKeyBlocks(bytes: Uint8Array): readonly TuyaKeyBlock[] {
  const places = new Set<number>(fillerPlaces(bytes));
  for (let at = 0; at + FILLER_AT <= bytes.length; at += TUYA_BLOCK) places.add(at);
  const found: TuyaKeyBlock[] = [];
  for (const at of places) {
    if (at < 0 || at + FILLER_AT > bytes.length) continue;
    if (readU32(master.decrypt(bytes, at, at + AES_BLOCK), 0) !== KEY_MAGIC) continue;
    const head = master.decrypt(bytes, at, at + FILLER_AT);
    const deviceKey = head.slice(8, 24);
    found.push({ at, deviceKey, sumHolds: byteSum(deviceKey) === readU32(head, 4) });
    if (found.length >= MOST_KEYS) break;
  }
  return found.sort((a, b) => Number(b.sumHolds) - Number(a.sumHolds) || a.at - b.at);
}

/** Where a key block would begin whose filler stands here, also in files that do not begin with a whole sector. */
function fillerPlaces(bytes: Uint8Array): number[] {
  const places: number[] = [];
  const [first = 0] = FILLER_UNDER_MASTER;
  for (let at = bytes.indexOf(first, FILLER_AT); at >= 0 && places.length < MOST_KEYS;) {
    const isFiller = FILLER_UNDER_MASTER.every((byte, index) => bytes[at + index] === byte);
    if (!isFiller) {
      at = bytes.indexOf(first, at + 1);
      continue;
    }
    places.push(at - FILLER_AT);
    let end = at;
    while (FILLER_UNDER_MASTER.every((byte, index) => bytes[end + index] === byte)) end += AES_BLOCK;
    at = bytes.indexOf(first, end);
  }
  return places;
}

/**
 * The best run of blocks under any of the keys: the longest, and of two as long the nearer to its key block. A run goes on over one
 * sector that cannot be read. undefined where nothing decrypts.
 */
export function findBlocks(bytes: Uint8Array, keys: readonly TuyaKeyBlock[]): TuyaRun | undefined {
  let best: TuyaRun | undefined;
  for (const key of keys) {
    for (const base of BASE_KEYS) {
      for (const run of runsUnder(bytes, key, base)) if (best === undefined || isBetter(run, best)) best = run;
      // Another base key would make another data key: once one fits, no other does.
      if (best?.key === key) break;
    }
  }
  return best;
}

function isBetter(run: TuyaRun, best: TuyaRun): boolean {
  const sound = ({ blocks }: TuyaRun): number => blocks.filter((block) => block.sound).length;
  const distance = ({ key, blocks }: TuyaRun): number => Math.abs((blocks[0]?.at ?? 0) - key.at);
  return sound(run) - sound(best) > 0 || (sound(run) === sound(best) && distance(run) < distance(best));
}

function runsUnder(bytes: Uint8Array, key: TuyaKeyBlock, base: BaseKey): readonly TuyaRun[] {
  const decryptor = new AesDecryptor(dataKey(key.deviceKey, base));
  const places = new Map<number, number[]>();
  for (let at = key.at % TUYA_BLOCK; at + TUYA_BLOCK <= bytes.length; at += TUYA_BLOCK) {
    const magic = readU32(decryptor.decrypt(bytes, at, at + AES_BLOCK), 0);
    if (!DATA_MAGICS.includes(magic)) continue;
    const same = places.get(magic);
    if (same) same.push(at);
    else places.set(magic, [at]);
  }
  return [...places].flatMap(([magic, at]) =>
    contiguous(at).map((run) => {
      const blocks = run
        .slice(0, MOST_BLOCKS)
        .map((start) => parseBlock(decryptor.decrypt(bytes, start, start + TUYA_BLOCK), start));
      return { key, base, magic, blocks, unreadable: gapsOf(bytes, run) };
    }),
  );
}

function contiguous(places: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const at of places) {
    const last = runs.at(-1);
    const previous = last?.at(-1);
    if (last !== undefined && previous !== undefined && at - previous <= 2 * TUYA_BLOCK) last.push(at);
    else runs.push([at]);
  }
  return runs;
}

function gapsOf(bytes: Uint8Array, run: readonly number[]): number[] {
  const held = new Set(run);
  const gaps: number[] = [];
  for (let at = run[0] as number; at < (run.at(-1) as number); at += TUYA_BLOCK)
    if (!held.has(at) && !isFilledWith(bytes, 0xff, at, at + TUYA_BLOCK)) gaps.push(at);
  return gaps;
}
