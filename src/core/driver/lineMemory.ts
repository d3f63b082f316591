/**
 * What a session leaves word of while it runs, for the next one should it not come to its end: at which rate the chip is, and
 * what would complete a frame of which the chip got only a part. Plain data; where it is kept is the caller's business.
 */
export interface LineState {
  /** Rate of the host's side, in baud. */
  readonly baudRate: number;
  /** The byte that completes whatever frame may have been cut (docs/protocol.md, "Half a frame of the last session"). */
  readonly filler: number;
}

/** Kept for each adapter, so that it outlives a killed program. */
export interface LineMemory {
  /** What the last session with this adapter left; undefined where it ended as it should. */
  recall(): Promise<LineState | undefined>;
  /** Before anything else is sent; undefined: nothing is under way any more. */
  keep(state: LineState | undefined): Promise<void>;
}

/** What was stored, as far as it makes sense: files come back as they like. */
export function readLineState(stored: unknown): LineState | undefined {
  if (typeof stored !== "object" || stored === null) return undefined;
  const { baudRate, filler } = stored as Readonly<Record<keyof LineState, unknown>>;
  const isWhole = (value: unknown, least: number, most: number): value is number =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
  return isWhole(baudRate, 9_600, 4_000_000) && isWhole(filler, 0, 0xff) ? { baudRate, filler } : undefined;
}
