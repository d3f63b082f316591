import assert from "node:assert/strict";
import fc from "fast-check";
import { contains, join, lengthOf, overlaps, rangeOf, split, subtract } from "../../../src/core/base/ranges";
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

  it("erases from the front, blocks and single sectors as they come", () => {
    const data = new Uint8Array(3 * BLOCK).fill(1).fill(0xff, BLOCK + 7 * SECTOR, 2 * BLOCK);
    const whole = plan(0x20000, data);
    const same = split(whole.sectors, SECTOR)
      .map(({ start }) => start)
      .filter((start) => start < 0x2f000 || (start >= 0x37000 && start !== 0x42000));
    assert.deepEqual(narrowPlan(whole, new Set(same)).plan.erases, [
      { address: 0x2f000, length: SECTOR },
      { address: 0x30000, length: BLOCK },
      { address: 0x42000, length: SECTOR },
    ]);
  });

  it("erases no block of which a part is kept, or more is to be programmed back than saved", () => {
    const singles = (whole: ReturnType<typeof plan>, ...same: number[]): void => {
      const { plan: left } = narrowPlan(whole, new Set(same));
      assert.deepEqual(
        left.erases,
        split(left.sectors, SECTOR).map(({ start }) => ({ address: start, length: SECTOR })),
      );
      assert.deepEqual(left.sectors, subtract(whole.sectors, join(same.map((address) => rangeOf(address, SECTOR)))));
    };
    const [first, ...others] = split([{ start: 0x20000, end: 0x30000 }], SECTOR).map(({ start }) => start);
    assert.equal(first, 0x20000);
    // A file that begins, or ends, inside a sector of the block: all of it differs, or all but nine blank sectors.
    const ending = new Uint8Array(BLOCK - 16).fill(0xff);
    singles(plan(0x20000, ending.slice().fill(1)));
    ending.fill(1, 0, 6 * SECTOR).fill(1, 15 * SECTOR);
    singles(plan(0x20000, ending), ...others.slice(5, 14));
    const beginning = new Uint8Array(BLOCK - 16).fill(0xff).fill(1, 0, 7 * SECTOR);
    singles(plan(0x20010, beginning), ...others.slice(6));
    singles(plan(0x20000, new Uint8Array(BLOCK).fill(1)), ...others.slice(0, 9));
    singles(plan(0x20000, new Uint8Array(BLOCK).fill(1)), ...others.slice(9));
    // Part of a block at either end of a plan: a block erase would reach what is not the plan's.
    const nine = new Uint8Array(9 * SECTOR).fill(0xff);
    singles(plan(0x20000, nine.slice().fill(1, 0, 7 * SECTOR)), 0x27000, 0x28000);
    singles(plan(0x27000, nine.slice().fill(1, 2 * SECTOR)), 0x27000, 0x28000);
  });

  it("keeps of what is kept what lies in its sectors, each for itself", () => {
    const ragged = [0x12010, 0x15020].map((address) => ({
      address,
      data: new Uint8Array(0x1800).fill(1),
      from: words`test`,
    }));
    const whole = planSegments(ragged, SIZE, OPEN);
    const [before, behind, gap, end] = [
      { start: 0x12000, end: 0x12010 },
      { start: 0x13810, end: 0x14000 },
      { start: 0x15000, end: 0x15020 },
      { start: 0x16820, end: 0x17000 },
    ];
    assert.deepEqual(whole.preserved, [before, behind, gap, end]);
    const kept = (...same: number[]): unknown => {
      const { preserved, totals, writes } = narrowPlan(whole, new Set(same)).plan;
      return {
        preserved,
        preserve: totals.preserve,
        write: totals.write,
        writes: writes.map(({ address }) => address),
      };
    };
    const both = [0x12010, 0x15020];
    assert.deepEqual(kept(), { preserved: whole.preserved, preserve: 4 * SECTOR, write: 4 * SECTOR, writes: both });
    assert.deepEqual(kept(0x12000), {
      preserved: [behind, gap, end],
      preserve: 3 * SECTOR,
      write: 3 * SECTOR,
      writes: both,
    });
    assert.deepEqual(kept(0x13000, 0x16000), {
      preserved: [before, gap],
      preserve: 2 * SECTOR,
      write: 2 * SECTOR,
      writes: both,
    });
    assert.deepEqual(kept(0x12000, 0x13000, 0x15000), {
      preserved: [end],
      preserve: SECTOR,
      write: SECTOR,
      writes: [0x15020],
    });
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
          // What is told before its erase is a sector: of a block nobody would learn that some of it is only in memory.
          if (size > SECTOR) assert.ok(!whole.preserved.some((kept) => overlaps(kept, rangeOf(address, size))));
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
