import assert from "node:assert/strict";
import fc from "fast-check";
import { contains, join, lengthOf, rangeOf, split } from "../../../src/core/base/ranges";
import { words } from "../../../src/core/base/words";
import { narrowPlan } from "../../../src/core/plan/narrow";
import { planSegments, programmedSectors, sectorContent } from "../../../src/core/plan/planWrite";
import { BLOCK, SECTOR } from "../../flashUnits";

const SIZE = 0x200000;
const OPEN = { allowBootloader: false, calibrationAt: undefined };

function plan(start: number, data: Uint8Array): ReturnType<typeof planSegments> {
  return planSegments([{ address: start, data, from: words`test` }], SIZE, OPEN);
}

/** As equalBytes, but native: the flashes here are long, and compared often. */
function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

describe("narrowing a plan", () => {
  it("leaves nothing of a plan whose sectors are all right already", () => {
    const whole = plan(0x11000, new Uint8Array(0x30000).fill(1));
    const { plan: left, skipped } = narrowPlan(whole, new Set(split(whole.sectors, SECTOR).map(({ start }) => start)));
    assert.deepEqual(left.erases, []);
    assert.deepEqual(programmedSectors(left), []);
    assert.deepEqual(skipped, whole.sectors);
    assert.equal(left.totals.verify, 0);
  });

  it("erases single sectors where a block has others to keep", () => {
    const whole = plan(0x20000, new Uint8Array(BLOCK).fill(1));
    const same = new Set(split(whole.sectors, SECTOR).map(({ start }) => start));
    same.delete(0x24000);
    assert.deepEqual(narrowPlan(whole, same).plan.erases, [{ address: 0x24000, length: SECTOR }]);
  });

  it("takes a whole block where the rest of it is blank and that is quicker, and says so in its sectors", () => {
    const data = new Uint8Array(BLOCK).fill(0xff);
    data.fill(1, 0, 7 * SECTOR);
    const whole = plan(0x20000, data);
    const blank = new Set(split([{ start: 0x20000 + 7 * SECTOR, end: 0x30000 }], SECTOR).map(({ start }) => start));
    const { plan: left, skipped } = narrowPlan(whole, blank);
    assert.deepEqual(left.erases, [{ address: 0x20000, length: BLOCK }]);
    assert.deepEqual(left.sectors, [{ start: 0x20000, end: 0x30000 }]);
    assert.deepEqual(skipped, []);
    data.fill(0xff, 5 * SECTOR, 7 * SECTOR);
    const few = plan(0x20000, data);
    const rest = new Set(split([{ start: 0x20000 + 5 * SECTOR, end: 0x30000 }], SECTOR).map(({ start }) => start));
    assert.equal(narrowPlan(few, rest).plan.erases.length, 5);
  });

  it("ends in the same flash as the whole plan, for any file and any flash (3,000 cases)", function () {
    this.timeout(120_000);
    const small = 0x50000;
    const counting = Uint8Array.from({ length: 0x28000 }, (_, i) => i & 0xff);
    const kept = new Uint8Array(SECTOR).fill(0x77);
    const file = fc.record({
      at: fc.integer({ min: 0x11000, max: 0x20000 }),
      length: fc.integer({ min: 1, max: 0x28000 }),
      blankFrom: fc.nat(0x28000),
    });
    const damaged = fc.uniqueArray(fc.nat(small / SECTOR - 1), { maxLength: 12 });
    fc.assert(
      fc.property(file, damaged, ({ at, length, blankFrom }, sectors) => {
        const data = counting.slice(0, length).fill(0xff, Math.min(length, blankFrom));
        const whole = planSegments([{ address: at, data, from: words`test` }], small, OPEN);
        const wanted = new Uint8Array(small).fill(0x77);
        for (const { start } of split(whole.sectors, SECTOR)) {
          wanted.set(sectorContent(whole, start, kept), start);
        }
        const flash = wanted.slice();
        for (const sector of sectors) flash.fill(0x13, sector * SECTOR, (sector + 1) * SECTOR);
        const before = flash.slice();
        const right = new Set(
          split(whole.sectors, SECTOR)
            .map(({ start }) => start)
            .filter((start) => same(flash.subarray(start, start + SECTOR), wanted.subarray(start, start + SECTOR))),
        );
        const { plan: left } = narrowPlan(whole, right);
        for (const { address, length: size } of left.erases) {
          assert.ok(whole.sectors.some((range) => contains(range, rangeOf(address, size))));
          flash.fill(0xff, address, address + size);
        }
        for (const address of programmedSectors(left)) {
          const content = wanted.subarray(address, address + SECTOR);
          for (let i = 0; i < SECTOR; i++) flash[address + i] = (flash[address + i] as number) & (content[i] as number);
        }
        for (const { start, end } of whole.sectors)
          assert.ok(same(flash.subarray(start, end), wanted.subarray(start, end)));
        const outside = split([{ start: 0, end: small }], SECTOR).filter(
          (one) => !whole.sectors.some((range) => contains(range, one)),
        );
        for (const { start, end } of outside) assert.ok(same(flash.subarray(start, end), before.subarray(start, end)));
        const erased = join(left.erases.map((step) => rangeOf(step.address, step.length)));
        assert.equal(lengthOf(erased), left.totals.erase);
        assert.equal(left.totals.verify, left.totals.erase);
      }),
      { numRuns: 3_000, seed: 7231 },
    );
  });
});
