/**
 * What callers remember of an adapter's control lines: the way that has reset the chip on it, and what its person was told. Plain
 * data; where it is kept is the caller's business.
 */
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
