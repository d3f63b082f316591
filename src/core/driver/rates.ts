/**
 * What callers remember of rates that held, by adapter and loader family, and the hint that comes of it for the next
 * session. Pure and plain data; where it is kept is the caller's business.
 */
import type { LoaderFamily } from "../beken/chips/types";

/** The rate a session works at. */
export interface ProvenRate {
  readonly family: LoaderFamily;
  readonly baudRate: number;
  /** A job had to step down to it. */
  readonly lowered: boolean;
}

/** By loader family. */
export type SpeedHints = Readonly<Partial<Record<LoaderFamily, { readonly baudRate: number }>>>;

interface KnownRate {
  readonly baudRate: number;
  /** Sessions in a row that did not have to go below it. */
  readonly good: number;
}

/** By loader family. */
type KnownRates = Readonly<Record<string, KnownRate>>;

/** By adapter; the one used last comes last. */
export type RateMemory = Readonly<Record<string, KnownRates>>;

/** After so many good sessions in a row the best rate is tried again: wires are changed, and adapters. */
export const TRY_HIGHER_AFTER = 10;
/** More adapters than anybody has. */
const ADAPTERS_KEPT = 50;
const SLOWEST = 9_600;
const FASTEST = 4_000_000;

/** What to try first with this adapter; nothing for families where it is time to try for the best again. */
export function speedHints(memory: RateMemory, adapter: string): SpeedHints {
  return Object.fromEntries(
    Object.entries(memory[adapter] ?? {})
      .filter(([, { good }]) => good < TRY_HIGHER_AFTER)
      .map(([family, { baudRate }]) => [family, { baudRate }]),
  );
}

/** A job that failed says nothing for its rate, but for one that had to be lowered already. */
export function isWorthKeeping({ lowered }: ProvenRate, succeeded: boolean): boolean {
  return succeeded || lowered;
}

/** The memory after a session at this rate that is {@link isWorthKeeping}. */
export function rememberRate(memory: RateMemory, adapter: string, proven: ProvenRate): RateMemory {
  const { family, baudRate, lowered } = proven;
  const known = memory[adapter]?.[family];
  const again = known !== undefined && !lowered && known.baudRate === baudRate && known.good < TRY_HIGHER_AFTER;
  const rates = { ...memory[adapter], [family]: { baudRate, good: again ? known.good + 1 : 0 } };
  const others = Object.entries(memory).filter(([name]) => name !== adapter);
  return Object.fromEntries<KnownRates>([...others, [adapter, rates] as const].slice(-ADAPTERS_KEPT));
}

/** What was stored, as far as it makes sense: files and settings come back as they like. */
export function readRateMemory(stored: unknown): RateMemory {
  return Object.fromEntries(
    entriesOf(stored)
      .map(([adapter, rates]) => [adapter, readRates(rates)] as const)
      .filter(([, rates]) => Object.keys(rates).length > 0)
      .slice(-ADAPTERS_KEPT),
  );
}

function readRates(stored: unknown): KnownRates {
  return Object.fromEntries(
    entriesOf(stored).flatMap(([family, rate]): [string, KnownRate][] => {
      const { baudRate, good } = Object.fromEntries(entriesOf(rate));
      const sound = isWhole(baudRate) && baudRate >= SLOWEST && baudRate <= FASTEST && isWhole(good) && good >= 0;
      return sound ? [[family, { baudRate, good }]] : [];
    }),
  );
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}
