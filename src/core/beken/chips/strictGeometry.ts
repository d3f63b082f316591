/**
 * The geometry that holds for a chip, also where it may be one of several or is in no table: then, of each figure, the one that
 * protects most. No row can take away from what every known chip needs.
 */
import { alignDown, alignUp } from "../../base/bytes";
import { CHIPS } from "./chips";
import { BK72XX } from "./geometry";
import type { ChipIdentity, FlashGeometry } from "./types";

/** No NOR flash has larger ones. */
export const LARGEST_SECTOR = 0x10000;

/**
 * What protects most among `rows`, and at least as much as {@link BK72XX}: a row without a figure, or with a senseless one, counts as
 * that. Sector and block are the chip's own, since it erases in no others: of several, the largest sector.
 */
export function strictest(rows: readonly Partial<FlashGeometry>[]): FlashGeometry {
  const said = (name: keyof FlashGeometry): number[] => rows.map((row) => row[name]).filter(isFigure);
  const units = (name: keyof FlashGeometry, least: number, most: number): number[] =>
    said(name).filter((unit) => isPowerOfTwo(unit) && unit >= least && unit <= most);
  const sector = Math.max(BK72XX.sector, ...units("sector", BK72XX.sector, LARGEST_SECTOR));
  const figures = (name: keyof FlashGeometry): number[] => said(name).filter((figure) => figure % sector === 0);
  return {
    sector,
    block: units("block", 2 * sector, Infinity)[0] ?? Math.max(BK72XX.block, 2 * sector),
    page: Math.min(BK72XX.page, ...units("page", 1, sector)),
    bootCodeEnd: Math.max(alignUp(BK72XX.bootCodeEnd, sector), ...figures("bootCodeEnd")),
    // The likeliest chip's own: a place where something begins protects nothing.
    applicationStart: figures("applicationStart")[0] ?? alignUp(BK72XX.applicationStart, sector),
    applicationsEnd: Math.min(alignDown(BK72XX.applicationsEnd, sector), ...figures("applicationsEnd")),
    smallestFlash: Math.min(BK72XX.smallestFlash, ...figures("smallestFlash")),
  };
}

function isFigure(figure: number | undefined): figure is number {
  return figure !== undefined && Number.isSafeInteger(figure) && figure > 0;
}

function isPowerOfTwo(figure: number): boolean {
  return Number.isInteger(Math.log2(figure));
}

/** Of a chip that may be any. */
export const STRICTEST = strictest(Object.values(CHIPS).map(({ geometry }) => geometry));

/** Of an identified chip, with all that it may be besides; of one in no table, {@link STRICTEST}. */
export function geometryOf({ chip, alternatives = [] }: Pick<ChipIdentity, "chip" | "alternatives">): FlashGeometry {
  return chip ? strictest([chip, ...alternatives].map(({ geometry }) => geometry)) : STRICTEST;
}
