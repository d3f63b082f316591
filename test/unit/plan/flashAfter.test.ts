// A flash after a plan, held against one that has every byte.
import assert from "node:assert/strict";
import fc from "fast-check";
import { FlashAfter } from "../../../src/core/plan/flashAfter";
import type { FlashPlan } from "../../../src/core/plan/flashPlan";

const SECTOR = 0x1000;
const SIZE = 8 * SECTOR;

interface Piece {
  readonly address: number;
  readonly data: Uint8Array;
}

const pieces = fc.array(
  fc.record({
    address: fc.integer({ min: 0, max: SIZE - 1 }),
    data: fc
      .tuple(fc.integer({ min: 1, max: 3 * SECTOR }), fc.integer({ min: 0, max: 255 }))
      .map(([length, value]) => Uint8Array.from({ length }, (_, i) => value + i)),
  }),
  { maxLength: 4 },
);
const ranges = fc.array(
  fc.tuple(fc.integer({ min: 0, max: SIZE - 2 }), fc.integer({ min: 1, max: SECTOR })).map(([start, length]) => ({
    start,
    end: Math.min(SIZE, start + length),
  })),
  { maxLength: 3 },
);
const sectors = fc
  .array(fc.integer({ min: 0, max: 6 }), { maxLength: 3 })
  .map((all) => all.map((index) => ({ start: index * SECTOR, end: (index + 1) * SECTOR })));

/** Undefined where nothing is known. */
function dense(samples: readonly Piece[], plan: Pick<FlashPlan, "sectors" | "preserved" | "writes">): unknown[] {
  const flash: (number | undefined)[] = new Array<undefined>(SIZE).fill(undefined);
  const put = ({ address, data }: Piece): void =>
    data.forEach((byte, i) => {
      if (address + i < SIZE) flash[address + i] = byte;
    });
  samples.forEach(put);
  const before = [...flash];
  for (const { start, end } of plan.sectors) flash.fill(0xff, start, end);
  for (const { start, end } of plan.preserved) for (let at = start; at < end; at++) flash[at] = before[at];
  plan.writes.forEach(put);
  return flash;
}

describe("a flash after a plan", () => {
  it("knows what was read and not changed, what is erased, and what is written", () => {
    fc.assert(
      fc.property(
        pieces,
        pieces,
        sectors,
        ranges,
        fc.integer({ min: 0, max: SIZE - 1 }),
        fc.integer({ min: 1, max: 2 * SECTOR }),
        (samples, writes, erased, preserved, start, length) => {
          const plan = { sectors: erased, preserved, writes } as unknown as FlashPlan;
          const right = dense(samples, plan);
          const flash = new FlashAfter(SIZE, samples, plan);
          const expected = right.slice(start, start + length);
          const isKnown = start + length <= SIZE && !expected.includes(undefined);
          assert.deepEqual(flash.at(start, length), isKnown ? Uint8Array.from(expected as number[]) : undefined);
          const limit = Math.min(SIZE, start + length);
          const unknown = right.indexOf(undefined, start);
          assert.equal(flash.knownUntil(start, limit), unknown < 0 ? limit : Math.min(limit, unknown));
          const next = right.findIndex((byte, at) => at >= start && byte !== undefined);
          assert.equal(flash.nextKnown(start, limit), next < 0 || next >= limit ? undefined : next);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("knows of a flash that stays as it is what was read of it", () => {
    const flash = new FlashAfter(SIZE, [{ address: SIZE - 2, data: Uint8Array.of(1, 2, 3) }], undefined);
    assert.deepEqual(flash.at(SIZE - 2, 2), Uint8Array.of(1, 2));
    assert.equal(flash.at(SIZE - 1, 2), undefined);
    assert.equal(flash.knownUntil(SIZE - 2, SIZE), SIZE);
    assert.equal(flash.nextKnown(0, SIZE), SIZE - 2);
    assert.equal(flash.changes({ start: 0, end: SIZE }), false);
  });
});
