/**
 * How long the simulated programs take to fetch and hash a byte of flash. There is no published measurement; what public
 * sources bound it by is in docs/protocol.md ("Speed"). Whoever has timed a chip puts the figure into `ChipOptions`.
 */

/** Microseconds per byte, fetching included. */
export const HASH_US_PER_BYTE = {
  /** About twenty instructions at four cycles each and 120 MHz, and flash read over two lines. */
  loader: 0.75,
  /** Flash read byte by byte over one slow line; between what public tools' time limits exclude on either side. */
  rom: 1.5,
} as const;
