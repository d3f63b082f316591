/**
 * What callers remember of an adapter's control lines: the way that has reset the chip on it, and what its person was told. Plain
 * data; where it is kept is the caller's business.
 */
import { linesLeft, resetNamed, type ResetRow, type ResetStrategy } from "../transport/resetStrategies";
import type { ControlLines } from "../transport/transport";

export interface AdapterResets {
  /** Of the row that is tried first ({@link ResetStrategy.id}); undefined where none has worked yet. */
  readonly works?: string;
  /** Links in a row to which it was tried and did not help: with a few of them it is no longer believed. */
  readonly missed: number;
  /** The person was told that the platform asserts the lines of this port while it opens it. */
  readonly told: boolean;
}

/** Kept for each adapter, beyond the end of the program. */
export interface ResetMemory {
  /** Undefined where nothing is known of this adapter. */
  recall(): Promise<AdapterResets | undefined>;
  keep(resets: AdapterResets): Promise<void>;
}

/** What was stored, as far as it makes sense: files come back as they like. */
export function readAdapterResets(stored: unknown): AdapterResets | undefined {
  if (typeof stored !== "object" || stored === null) return undefined;
  const { works, missed, told } = stored as Readonly<Record<keyof AdapterResets, unknown>>;
  if (!Number.isSafeInteger(missed) || (missed as number) < 0 || typeof told !== "boolean") return undefined;
  if (works !== undefined && (typeof works !== "string" || !/^[a-z-]{1,40}$/.test(works))) return undefined;
  return { ...(works !== undefined && { works }), missed: missed as number, told };
}

/** A way that did not help so often in a row is no longer tried first: wires are changed. */
export const BELIEVED = 3;

/** The way that is known to reset the chip on this adapter; undefined where there is none. */
export function believedReset({ works, missed }: AdapterResets): ResetRow | undefined {
  return works === undefined || missed >= BELIEVED ? undefined : resetNamed(works);
}

/**
 * How the lines of an open port let the chip run: released on most, asserted where a released one was seen to hold it in reset.
 * @param chosen what a person has named instead of what was learnt; undefined: nothing
 */
export function linesAtRest(
  known: AdapterResets | undefined,
  chosen: readonly ResetStrategy[] | undefined,
): ControlLines {
  const reset = chosen ? chosen[0] : known && believedReset(known);
  return reset ? linesLeft(reset) : { dtr: false, rts: false };
}
