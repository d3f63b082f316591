// Damage in code, byte for byte where it is told to be: what a verdict about starting stands on.
import assert from "node:assert/strict";
import { addCrcBlocks, BLOCK_SIZE } from "../../../src/core/beken/images/crcBlocks";
import {
  damageInKnownApplication as damageInApplication,
  damageInBootCode,
} from "../../../src/core/beken/images/soundCode";
import { FlashAfter } from "../../../src/core/plan/flashAfter";
import { noise } from "../../../src/simulator/prng";

const SECTOR = 0x1000;
const SIZE = 0x40000;
const LIMIT = 200 * BLOCK_SIZE;

/** Sound blocks. */
const blocks = (count: number): Uint8Array => addCrcBlocks(noise(11, 32 * count));

/** The block at `index` with one byte of its code changed by two bits. */
function damagedAt(code: Uint8Array, index: number): Uint8Array {
  const copy = code.slice();
  const at = index * BLOCK_SIZE + 5;
  copy[at] = (copy[at] ?? 0) ^ 0x41;
  return copy;
}

type Sample = readonly [address: number, data: Uint8Array];

function flashOf(...samples: readonly Sample[]): FlashAfter {
  return new FlashAfter(
    SIZE,
    samples.map(([address, data]) => ({ address, data })),
    undefined,
  );
}

const blank = (length: number): Uint8Array => new Uint8Array(length).fill(0xff);

describe("damage in boot code", () => {
  const told = (...samples: readonly Sample[]): number | undefined => damageInBootCode(flashOf(...samples), LIMIT);

  it("is where the first block is that does not hold, the very first as well", () => {
    const code = blocks(200);
    assert.equal(told([0, code]), undefined);
    for (const index of [0, 1, 7, 199]) assert.equal(told([0, damagedAt(code, index)]), index * BLOCK_SIZE);
  });

  it("is none behind the area, nor behind a packager's last block, nor where blank flash follows", () => {
    assert.equal(told([0, damagedAt(blocks(202), 200)]), undefined);
    const packed = new Uint8Array(0x1000).fill(0x5a);
    packed.set(blocks(10));
    packed.set(addCrcBlocks(blank(32)), 10 * BLOCK_SIZE);
    assert.equal(told([0, packed]), undefined);
    const ended = blank(0x1000);
    ended.set(blocks(10));
    assert.equal(told([0, ended]), undefined);
  });

  it("is told behind FF in the code where more of it follows, and where the first sector is lost", () => {
    const code = blocks(200);
    code.set(addCrcBlocks(blank(64)), 40 * BLOCK_SIZE);
    assert.equal(told([0, code]), undefined);
    for (const index of [41, 42, 60]) assert.equal(told([0, damagedAt(code, index)]), index * BLOCK_SIZE);
    const lost = code.slice().fill(0xff, 0, 0x1000);
    assert.equal(told([0, lost]), 0);
    assert.equal(told([0, blank(200 * BLOCK_SIZE)]), undefined);
  });

  it("is told behind flash that was not read only where the code goes on there", () => {
    const code = damagedAt(blocks(200), 130);
    const behind = (from: number): Sample => [from * BLOCK_SIZE, code.subarray(from * BLOCK_SIZE)];
    const before: Sample = [0, code.subarray(0, 50 * BLOCK_SIZE)];
    assert.equal(told(before, behind(129)), 130 * BLOCK_SIZE);
    assert.equal(told(before, behind(130)), undefined, "the code may have ended before");
    assert.equal(told(before), undefined);
    const packed: Sample = [0, addCrcBlocks(blank(32))];
    assert.equal(
      told(packed, behind(129)),
      130 * BLOCK_SIZE,
      "an end that was marked before says nothing of what follows",
    );
  });

  it("takes up the code at a block, wherever what was read begins", () => {
    const code = damagedAt(blocks(200), 130);
    for (const off of [1, 33]) {
      const from = 128 * BLOCK_SIZE + off;
      assert.equal(told([from, code.subarray(from)]), 130 * BLOCK_SIZE);
    }
  });
});

describe("damage in an application", () => {
  const START = 2 * SECTOR;
  const told = (data: Uint8Array, limit = SIZE): number | undefined =>
    damageInApplication(flashOf([START, data]), START, limit);

  it("is where a block does not hold and the program goes on behind it", () => {
    assert.equal(told(blocks(60)), undefined);
    assert.equal(told(damagedAt(blocks(60), 17)), START + 17 * BLOCK_SIZE);
  });

  it("is where a block was begun with blank flash behind it, as far as that was read", () => {
    const cut = new Uint8Array(22 * BLOCK_SIZE).fill(0xff);
    cut.set(blocks(20));
    cut.set(noise(3, 20), 20 * BLOCK_SIZE);
    assert.equal(told(cut), START + 20 * BLOCK_SIZE);
    assert.equal(told(cut.subarray(0, -1)), undefined, "what follows was not read");
    const old = cut.slice().fill(0x5a, 21 * BLOCK_SIZE);
    assert.equal(told(old), undefined, "what follows is of a longer program");
    const whole = cut.slice().fill(0xff, 20 * BLOCK_SIZE);
    assert.equal(told(whole), undefined, "it ends with its last block");
  });

  it("is unknown where nothing was read", () => {
    assert.equal(damageInApplication(flashOf(), START, SIZE), undefined);
  });
});
