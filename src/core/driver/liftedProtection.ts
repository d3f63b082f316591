/** The flash's write protection that was lifted for a job, and what puts it back: shapes only. */

/** Puts the protection back as it was. Resolves with true when there was something to undo. */
export type Reprotect = (signal: AbortSignal) => Promise<boolean>;

/** What an interrupted job had lifted on this device, or on another of its kind: nothing tells which. */
export interface LiftedInDoubt {
  readonly protection: number;
  /** Sectors said to be done, where it was a write of the same. */
  readonly claimed: readonly number[];
  /** Path of the journal. */
  readonly journal: string;
}

/** What interrupted jobs had lifted and not put back. */
export interface Lifted {
  /** What the status register of this very device held. */
  readonly protection: number | undefined;
  /** That of this device, or of another of its kind. */
  readonly inDoubt: readonly LiftedInDoubt[];
  /** Whether the chip held so much of what such a job says it wrote before this one wrote anything. */
  readonly held: (sectors: readonly number[]) => boolean;
}

/** Undoes what an interrupted job did. */
export interface PutBack {
  readonly undo: Reprotect;
  /** Path of its journal, where that alone did not tell that it was this device. */
  readonly journal?: string;
}
