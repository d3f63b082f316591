/** Calibration at any address of a flash of any size: no plan touches it, and no frame of any plan's can. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { alignDown } from "../../../src/core/base/bytes";
import { FlasherError } from "../../../src/core/base/errors";
import { overlaps, rangeOf, split, type Range } from "../../../src/core/base/ranges";
import { words } from "../../../src/core/base/words";
import type { FlashPlan } from "../../../src/core/plan/flashPlan";
import { narrowPlan } from "../../../src/core/plan/narrow";
import { planErase, planSegments } from "../../../src/core/plan/planWrite";
import { assertCovered } from "../../../src/core/beken/protocol/writeGuard";
import { BLOCK, SECTOR } from "../../flashUnits";

/** Where boot code ends on every BK72xx. */
const BOOTLOADER_END = 0x11000;

const SIZES = [0x80000, 0x100000, 0x200000, 0x400000, 0x1000000] as const;
const FILLED = new Uint8Array(0x40000).fill(0x5a);

interface Case {
  readonly size: number;
  readonly calibrationAt: number;
  readonly start: number;
  readonly length: number;
  readonly allowBootloader: boolean;
}

/** Most plans end or begin near the calibration, where a slip would show. */
const cases: fc.Arbitrary<Case> = fc
  .tuple(fc.constantFrom(...SIZES), fc.nat(), fc.integer({ min: -0x12000, max: 0x3000 }), fc.nat(0x14000), fc.boolean())
  .map(([size, at, offset, length, allowBootloader]) => {
    const calibrationAt = at % size;
    return { size, calibrationAt, start: Math.max(0, calibrationAt + offset), length: length + 1, allowBootloader };
  });

/** The plan, or nothing where it is refused for a reason of its own. */
function planned(make: () => FlashPlan): FlashPlan | undefined {
  try {
    return make();
  } catch (error) {
    assert.ok(error instanceof FlasherError && error.code.startsWith("plan-"), String(error));
    return undefined;
  }
}

function sectorOf(address: number): Range {
  return rangeOf(alignDown(address, SECTOR), SECTOR);
}

function assertKeepsOut(plan: FlashPlan, { size, calibrationAt, allowBootloader }: Case): void {
  const guarded = sectorOf(calibrationAt);
  const touches = (range: Range): boolean => overlaps(range, guarded);
  assert.ok(!plan.sectors.some(touches) && !plan.preserved.some(touches));
  assert.ok(!plan.erases.some(({ address, length }) => touches(rangeOf(address, length))));
  assert.ok(!plan.writes.some(({ address, data }) => touches(rangeOf(address, data.length))));
  if (!allowBootloader) assert.ok(plan.sectors.every(({ start }) => start >= BOOTLOADER_END));
  const grant = { label: "any", eraseRanges: plan.sectors, writeRanges: plan.sectors, flashSize: size };
  const refused = (send: () => void): void => assert.throws(send, { code: "frame-refused" });
  refused(() => assertCovered(grant, "eraseFlash", { address: guarded.start, sizeCode: 0x20 }));
  refused(() => assertCovered(grant, "eraseFlash", { address: alignDown(calibrationAt, BLOCK), sizeCode: 0xd8 }));
  refused(() => assertCovered(grant, "eraseFlash", { address: guarded.start + size, sizeCode: 0x20 }));
}

describe("calibration anywhere (40,000 cases)", () => {
  const options = { numRuns: 20_000 };

  it("stays out of every write, of what is left of it, and of every frame", () => {
    let plans = 0;
    fc.assert(
      fc.property(cases, fc.integer({ min: 2, max: 9 }), (each, every) => {
        const { size, calibrationAt, start, length, allowBootloader } = each;
        const data = FILLED.subarray(0, length);
        const plan = planned(() =>
          planSegments([{ address: start, data, from: words`test` }], size, { allowBootloader, calibrationAt }),
        );
        if (!plan) return;
        plans++;
        assertKeepsOut(plan, each);
        const right = split(plan.sectors, SECTOR).filter((_, i) => i % every !== 0);
        assertKeepsOut(narrowPlan(plan, new Set(right.map((sector) => sector.start))).plan, each);
      }),
      options,
    );
    assert.ok(plans > 4_000, `only ${plans} plans`);
  });

  it("stays out of every erase", () => {
    let plans = 0;
    fc.assert(
      fc.property(cases, (each) => {
        const { size, calibrationAt, allowBootloader } = each;
        const start = alignDown(each.start, SECTOR);
        const length = SECTOR + alignDown(each.length, SECTOR);
        const plan = planned(() => planErase(start, length, size, { allowBootloader, calibrationAt }));
        if (!plan) return;
        plans++;
        assertKeepsOut(plan, each);
      }),
      options,
    );
    assert.ok(plans > 4_000, `only ${plans} plans`);
  });

  it("stays out at each single sector of a 2 MiB flash, whatever the plan reaches around it", () => {
    const size = 0x200000;
    for (let at = 0; at < size; at += SECTOR) {
      const around = (): FlashPlan =>
        planErase(Math.max(0, at - BLOCK), 2 * BLOCK, size, { allowBootloader: true, calibrationAt: at + 5 });
      if (at < BLOCK || at + BLOCK > size) continue;
      assert.throws(around, { code: "plan-touches-calibration" }, at.toString(16));
    }
  });
});
