/**
 * The flash tables inside the flash loaders: for which JEDEC ids they know how many status bytes there are and which
 * block protection to set after a CRC. Unlisted ids: two status bytes, nothing set.
 * Source: executed vendor loaders; see docs/protocol.md ("The CRC lock").
 */

export interface LoaderFlashEntry {
  readonly statusBytes: 1 | 2;
  /** Status register value that protects; undefined sets nothing. */
  readonly protect: number | undefined;
}

export type LoaderTable = Readonly<Record<string, LoaderFlashEntry>>;

const ALL_2: LoaderFlashEntry = { statusBytes: 2, protect: 0x7c };
const ALL_1: LoaderFlashEntry = { statusBytes: 1, protect: 0x7c };
const FOUR_BITS: LoaderFlashEntry = { statusBytes: 1, protect: 0x3c };
const LOWER_BITS: LoaderFlashEntry = { statusBytes: 2, protect: 0x14 };
const UNLISTED: LoaderFlashEntry = { statusBytes: 2, protect: undefined };

/** BK7231Q, and the AliOS and ottime boot code, which answer alike. */
export const TABLE_OLD: LoaderTable = {
  "0B4014": ALL_2,
  "0B4015": ALL_2,
  "0B4016": ALL_2,
  "0E4016": ALL_2,
  "1C7016": ALL_1,
  "204016": ALL_2,
  "856016": ALL_2,
  C22315: FOUR_BITS,
  C84015: ALL_2,
  C84016: ALL_2,
  EF4016: ALL_2,
  EF4017: ALL_2,
};

/** BK7231T up to 1.0.4. */
export const TABLE_T104: LoaderTable = { ...TABLE_OLD, "1C7015": ALL_1 };

/** BK7231T 1.0.5. */
export const TABLE_T105: LoaderTable = { ...TABLE_T104, "0B4017": LOWER_BITS };

/** BK7231T 1.0.6. */
export const TABLE_T106: LoaderTable = { ...TABLE_T105, C84016: ALL_1, EB6015: ALL_2 };

/** BK7231U and BK7252 1.0.15; it protects ids it does not list, too. */
export const TABLE_U: LoaderTable = {
  ...TABLE_T106,
  "1C4116": ALL_2,
  "1C6116": ALL_2,
  "852015": ALL_2,
  "852016": ALL_2,
  "854215": ALL_1,
  "856015": ALL_2,
  C46015: ALL_2,
  C86515: ALL_2,
  CD6014: ALL_2,
  CD7115: ALL_2,
  default: ALL_2,
};

/** The row for a JEDEC id in upper-case hex. */
export function loaderEntry(table: LoaderTable, jedecId: string): LoaderFlashEntry {
  return table[jedecId] ?? table["default"] ?? UNLISTED;
}
