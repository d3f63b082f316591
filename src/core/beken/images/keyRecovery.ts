/**
 * Finds a scrambling key that is in no table from the code itself. The first eight words of every Beken application and
 * bootloader are the same; with the mask linear in the address (keystream.ts) they leave one constant per address function
 * and fit by chance once in 2^180. What they cannot tell apart is told by more code, or not at all: never guessed.
 * Source of the words: docs/formats.md ("Recognising it"); LibreTiny builds and public dumps have them.
 */
import { readU32 } from "../../base/bytes";
import type { Coefficients } from "../chips/types";
import { scramble } from "./cipher";
import { BLOCK_DATA, BLOCK_SIZE, blockState, stripCrcBlocks, toPhysical } from "./crcBlocks";
import { LINEAR_KEYS, maskAt, withConstant } from "./keystream";

/** Reset: branch over the table. Its upper half is the same whatever it branches to. */
const BRANCH = 0xea00000e;
/** The seven vectors behind it: load PC from the table of addresses that follows. */
const LOAD_PC = 0xe59ff014;
const VECTORS = 8;
/** What the SDK's start-up code has behind its table of addresses. */
const END_OF_TABLE = 0xdeadbeef;
const END_OF_TABLE_AT = 0x3c;
/** As many vectors must agree: one may be something else. */
const ENOUGH = 5;

/** Code in flash form (with CRC-16s) that starts with vectors, and where the processor sees it. */
export interface CodeSample {
  readonly bytes: Uint8Array;
  readonly logicalAddress: number;
}

export interface RecoveredKey {
  /** False: there is no vector table under any key. */
  readonly hasVectors: boolean;
  /** A key with the mask of the real one at every address; undefined when several fit, or the vectors are not the usual ones. */
  readonly coefficients: Coefficients | undefined;
}

/**
 * @param samples code under one key; the first decides whether there are vectors, all must agree on the key.
 *   A sample of more than 64 KiB, or boot code beside an application, settles what one sector leaves open
 */
export function recoverKey(samples: readonly CodeSample[]): RecoveredKey {
  const [first] = samples;
  if (first === undefined) return { hasVectors: false, coefficients: undefined };
  const fits = fitsOf(first);
  let keys = fits.flatMap(({ key }) => (key === undefined ? [] : [key]));
  for (const sample of samples) {
    keys = keys.filter((key) => startsAsUsual(sample, key));
    keys = byEndOfTable(sample, keys);
    keys = byRepetition(sample, keys);
  }
  return { hasVectors: fits.length > 0, coefficients: keys.length === 1 ? keys[0] : undefined };
}

/** A key under which a sample has vectors; undefined where it has some, but not those that pin the constant down. */
interface Fit {
  readonly key: Coefficients | undefined;
}

function fitsOf({ bytes, logicalAddress }: CodeSample): readonly Fit[] {
  if (bytes.length < BLOCK_SIZE || blockState(bytes, 0) !== "good") return [];
  const block = bytes.subarray(0, BLOCK_DATA);
  return LINEAR_KEYS.flatMap((linear): Fit[] => {
    // What is left after the address's part: the word XOR the constant.
    const [reset = 0, ...loads] = wordsOf(scramble(block, linear, logicalAddress));
    const load = loads.find((word) => loads.filter((other) => other === word).length >= ENOUGH);
    if (load === undefined || (reset ^ load) >>> 16 !== (BRANCH ^ LOAD_PC) >>> 16) return [];
    const usual = (reset ^ load) >>> 0 === (BRANCH ^ LOAD_PC) >>> 0 && loads.every((word) => word === load);
    return [{ key: usual ? withConstant(linear, load ^ LOAD_PC) : undefined }];
  });
}

function wordsOf(code: Uint8Array): number[] {
  return Array.from({ length: Math.floor(code.length / 4) }, (_, i) => readU32(code, 4 * i));
}

function startsAsUsual({ bytes, logicalAddress }: CodeSample, key: Coefficients): boolean {
  if (bytes.length < BLOCK_SIZE) return false;
  const words = wordsOf(scramble(bytes.subarray(0, 4 * VECTORS), key, logicalAddress));
  return words.every((word, i) => word === (i === 0 ? BRANCH : LOAD_PC));
}

/** The word behind the table of addresses, where one of the keys gives the SDK's. */
function byEndOfTable({ bytes, logicalAddress }: CodeSample, keys: readonly Coefficients[]): Coefficients[] {
  const at = toPhysical(END_OF_TABLE_AT);
  const there = bytes.length >= 2 * BLOCK_SIZE && blockState(bytes, BLOCK_SIZE) === "good";
  const word = there ? readU32(bytes, at) : 0;
  const right = keys.filter((key) => (word ^ maskAt(key, logicalAddress + END_OF_TABLE_AT)) >>> 0 === END_OF_TABLE);
  return right.length > 0 ? right : [...keys];
}

/** Bytes of code over which repetitions are counted: several steps of the address bits that one sector leaves open. */
const LONG_SAMPLE = 0x40000;
/** Words that must repeat at all, and by how much the right key must beat the next. */
const ENOUGH_REPEATED = 4096;
const MARGIN = 1.5;

/**
 * Compiled code repeats its words: the right key shows the same word wherever it is, a wrong one a different word in each
 * region of addresses it gets wrong. Keeps all keys unless one is far ahead.
 */
function byRepetition({ bytes, logicalAddress }: CodeSample, keys: readonly Coefficients[]): Coefficients[] {
  if (keys.length < 2) return [...keys];
  let end = 0;
  const limit = Math.min(bytes.length, toPhysical(LONG_SAMPLE));
  while (end + BLOCK_SIZE <= limit && blockState(bytes, end) === "good") end += BLOCK_SIZE;
  const code = stripCrcBlocks(bytes.subarray(0, end));
  const ranked = keys
    .map((key) => ({ key, repeated: repetitions(scramble(code, key, logicalAddress)) }))
    .sort((a, b) => b.repeated - a.repeated);
  const [best, next] = ranked;
  if (best === undefined || next === undefined) return [...keys];
  const clear = best.repeated >= ENOUGH_REPEATED && best.repeated >= MARGIN * next.repeated;
  return clear ? [best.key] : [...keys];
}

/** Pairs of equal words. */
function repetitions(code: Uint8Array): number {
  const counts = new Map<number, number>();
  let pairs = 0;
  for (const word of wordsOf(code)) {
    const before = counts.get(word) ?? 0;
    pairs += before;
    counts.set(word, before + 1);
  }
  return pairs;
}
