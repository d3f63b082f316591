/**
 * The geometry that holds for a chip, also where it may be one of several or is in no table: then, of each figure, the one that
 * protects most. No row can take away from what every known chip needs.
 */
import { CHIPS } from "./chips";
import { BK72XX } from "./geometry";
import type { ChipIdentity, FlashGeometry } from "./types";

/**
 * What protects most among `rows`, and at least as much as {@link BK72XX}: a row without a figure, or with one that is no whole
 * number of sectors, counts as that.
 */
export function strictest(rows: readonly Partial<FlashGeometry>[]): FlashGeometry {
  const of = (name: keyof FlashGeometry, pick: (...figures: number[]) => number): number => {
    const figures = rows.map((row) => row[name]).filter(isFigure);
    return pick(BK72XX[name], ...figures);
  };
  return {
    sector: BK72XX.sector,
    block: BK72XX.block,
    bootCodeEnd: of("bootCodeEnd", Math.max),
    // The likeliest chip's own: a place where something begins protects nothing.
    applicationStart: rows.map(({ applicationStart }) => applicationStart).find(isFigure) ?? BK72XX.applicationStart,
    applicationsEnd: of("applicationsEnd", Math.min),
    smallestFlash: of("smallestFlash", Math.min),
  };
}

function isFigure(figure: number | undefined): figure is number {
  return figure !== undefined && Number.isSafeInteger(figure) && figure > 0 && figure % BK72XX.sector === 0;
}

/** Of a chip that may be any. */
export const STRICTEST = strictest(Object.values(CHIPS).map(({ geometry }) => geometry));

/** Of an identified chip, with all that it may be besides; of one in no table, {@link STRICTEST}. */
export function geometryOf({ chip, alternatives = [] }: Pick<ChipIdentity, "chip" | "alternatives">): FlashGeometry {
  return chip ? strictest([chip, ...alternatives].map(({ geometry }) => geometry)) : STRICTEST;
}
