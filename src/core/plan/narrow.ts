/**
 * What is left of a plan once it is known which sectors hold the right bytes already. Pure. The result never reaches
 * outside the plan it came from, and carrying it out leaves the same flash as carrying out the whole.
 */
import { join, lengthOf, overlaps, rangeOf, split, subtract, widen, type Range } from "../base/ranges";
import type { EraseStep } from "../driver/chipDevice";
import type { FlashPlan } from "./flashPlan";
import { chooseErases, programmedSectors } from "./planWrite";

/** Typical times of 25-series flash, ms (docs/protocol.md, "Typical times"): what decides sector against block erase. */
export const ERASE_TIME_MS = { sector: 45, block: 250 } as const;

export interface Narrowed {
  readonly plan: FlashPlan;
  /** Sectors of the whole plan that stay as they are. */
  readonly skipped: readonly Range[];
}

/**
 * @param same addresses of sectors that already hold what the plan would leave in them
 */
export function narrowPlan(plan: FlashPlan, same: ReadonlySet<number>): Narrowed {
  const { sector: unit } = plan.geometry;
  const skipped = join([...same].map((address) => rangeOf(address, unit)));
  const sectors = subtract(plan.sectors, skipped);
  const preserved = plan.preserved.filter((kept) => sectors.some((sector) => overlaps(sector, kept)));
  const writes = plan.writes.filter(({ address, data }) =>
    sectors.some((sector) => overlaps(sector, rangeOf(address, data.length))),
  );
  const programmed = programmedSectors(plan).filter((address) => !same.has(address));
  const withBlanks = wholeBlocks(plan, same, new Set(programmedSectors(plan)));
  const left = join([...sectors, ...withBlanks]);
  return {
    plan: {
      ...plan,
      writes,
      sectors: left,
      erases: erasesFor(plan, sectors, withBlanks, preserved),
      preserved,
      totals: {
        preserve: lengthOf(join(preserved.map((range) => widen(range, unit)))),
        erase: lengthOf(left),
        write: programmed.length * unit,
        verify: lengthOf(left),
      },
    },
    skipped: subtract(skipped, withBlanks),
  };
}

/**
 * Blocks of which some sectors differ and the others are blank before and after: one block erase serves them where it is
 * quicker than the single ones, since nothing has to be programmed back.
 */
function wholeBlocks(plan: FlashPlan, same: ReadonlySet<number>, programmed: ReadonlySet<number>): Range[] {
  const { geometry } = plan;
  return split(plan.sectors, geometry.block).filter((block) => {
    if (block.end - block.start !== geometry.block) return false;
    const sectors = split([block], geometry.sector).map(({ start }) => start);
    const toErase = sectors.filter((address) => !same.has(address));
    // Before its erase a sector is told of which a part is only in memory from then on.
    const keepsNothing = !plan.preserved.some((kept) => overlaps(kept, block));
    const restIsBlank = sectors.every((address) => !same.has(address) || !programmed.has(address));
    const quicker = toErase.length * ERASE_TIME_MS.sector > ERASE_TIME_MS.block;
    return keepsNothing && restIsBlank && quicker;
  });
}

function erasesFor(
  { geometry }: FlashPlan,
  sectors: readonly Range[],
  blocks: readonly Range[],
  preserved: readonly Range[],
): EraseStep[] {
  const single = chooseErases(subtract(sectors, blocks), preserved, geometry);
  const whole = blocks.map(({ start }): EraseStep => ({ address: start, length: geometry.block }));
  return [...single, ...whole].sort((a, b) => a.address - b.address);
}
