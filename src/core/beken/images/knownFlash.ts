/** A flash of which some stretches are known: what was read of it, or what a plan leaves there. Addresses are bytes of physical flash. */
export interface KnownFlash {
  readonly size: number;
  /** The bytes of that range; undefined unless all of them are known. */
  at(start: number, length: number): Uint8Array | undefined;
  /** Where what is known from `start` on ends, `limit` at most; `start` itself where nothing is. */
  knownUntil(start: number, limit: number): number;
  /** The first known byte at or behind `start`; undefined where there is none below `limit`. */
  nextKnown(start: number, limit: number): number | undefined;
}
