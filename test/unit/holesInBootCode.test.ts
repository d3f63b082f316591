// What in boot code tells by itself that something was written into it, and what may always have been there.
import assert from "node:assert/strict";
import { addCrcBlocks, BLOCK_SIZE } from "../../src/core/beken/images/crcBlocks";
import { holesIn } from "../../src/core/jobs/outsidePlanCheck";
import { noise } from "../../src/simulator/prng";

const SECTOR = 0x1000;
const COUNT = 300;

/** Boot code of so many blocks in its area, with other bytes in these blocks of the area. */
function area(...bad: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(0x11000).fill(0xff);
  bytes.set(addCrcBlocks(noise(1, 32 * COUNT)));
  for (const index of bad) bytes.set(noise(index + 2, BLOCK_SIZE), index * BLOCK_SIZE);
  return bytes;
}

const sectorsOf = (...blocks: readonly number[]): readonly number[] => [
  ...new Set(blocks.map((index) => Math.floor((index * BLOCK_SIZE) / SECTOR) * SECTOR)),
];
const inside = (flash: Uint8Array): readonly number[] => holesIn(flash, SECTOR).map(({ start }) => start);
const behind = (flash: Uint8Array): readonly number[] => holesIn(flash, SECTOR, "behind").map(({ start }) => start);

describe("holes in boot code", () => {
  it("are none where it is sound, nor where there is none", () => {
    for (const flash of [area(), new Uint8Array(0x11000).fill(0xff)])
      assert.deepEqual([inside(flash), behind(flash)], [[], []]);
  });

  it("are blocks with a wrong sum in front of sound ones, the whole sector each", () => {
    for (const index of [0, 130, COUNT - 2])
      assert.deepEqual([inside(area(index)), behind(area(index))], [sectorsOf(index), []]);
    assert.deepEqual(inside(area(10, 250)), sectorsOf(10, 250));
    assert.deepEqual(inside(area(120)), [0, SECTOR], "a block across the border is in both");
  });

  it("are in doubt right behind the last sound block, as far as blank flash", () => {
    assert.deepEqual([inside(area(COUNT - 1)), behind(area(COUNT - 1))], [[], sectorsOf(COUNT - 1)]);
    const tail = [COUNT, COUNT + 1, COUNT + 130];
    assert.deepEqual([inside(area(...tail)), behind(area(...tail))], [[], sectorsOf(COUNT, COUNT + 1)]);
    const all = Array.from({ length: 2048 - COUNT }, (_, i) => COUNT + i);
    assert.deepEqual(inside(area(...all)), []);
    assert.equal(behind(area(...all)).at(-1), 0x10000);
  });
});
