/** What completes half an erase or write on a chip that refuses no address. */
import assert from "node:assert/strict";
import { alignDown } from "../../../src/core/base/bytes";
import { rangeOf, split } from "../../../src/core/base/ranges";
import { LEFT_BY_LOADER_JOB, LEFT_BY_UNKNOWN, leftInside } from "../../../src/core/beken/protocol/resyncFiller";
import { STATUS_LOCK_BITS } from "../../../src/core/beken/protocol/refusals";
import { BLOCK, SECTOR } from "../../flashUnits";

const MIB = 0x100000;

/** An address of which the lowest bytes came, as the chip sees it. */
function completed(named: number, came: number, filler: number): number {
  const frame = Uint8Array.from([0, 1, 2, 3], (i) => (i < came ? (named >>> (8 * i)) & 0xff : filler));
  return new DataView(frame.buffer).getUint32(0, true);
}

describe("the byte that completes a frame for a session that comes later", () => {
  it("points into the plan whatever is missing, wherever the plan has a block of its own or a few sectors that allow it", () => {
    for (const [size, start, length] of [
      [2 * MIB, 0x11000, 0x9f000],
      [2 * MIB, 0x11000, 0x2f000],
      [2 * MIB, 0x11000, 0x2000],
      [2 * MIB, 0x155000, 0x1000],
      [4 * MIB, 0x1d0000, 0x20000],
      [MIB, 0x11000, 0xef000],
      [2 * MIB, 0x12000, 0x1ce000],
    ] as const) {
      const ranges = [rangeOf(start, length)];
      const filler = leftInside(ranges, size);
      for (const { start: named } of split(ranges, SECTOR)) {
        for (const came of [0, 1, 2, 3]) {
          const at = (completed(named, came, filler) & 0xffffff) % size;
          const where = `${start.toString(16)}: ${named.toString(16)} became ${at.toString(16)} with ${filler.toString(16)}`;
          assert.ok(at >= start && at < start + length, where);
          if (length >= 2 * BLOCK && named % BLOCK === 0 && named + BLOCK <= start + length) {
            const block = alignDown(at, BLOCK);
            assert.ok(block >= start && block + BLOCK <= start + length, where);
          }
        }
      }
    }
  });

  it("is no number that flash loaders take for an address to erase", () => {
    for (const filler of [LEFT_BY_UNKNOWN, LEFT_BY_LOADER_JOB])
      for (const came of [0, 1, 2, 3]) assert.ok((completed(0x155808, came, filler) | 0) < 0);
  });

  it("asks for no bit of a status register that stays, and for no eFuse, where nothing is known", () => {
    const once = LEFT_BY_UNKNOWN | (LEFT_BY_UNKNOWN << 8);
    // All but SRP0, which a power cycle with the write-protect pin high lets be cleared.
    assert.equal(once & STATUS_LOCK_BITS & ~0x80, 0);
    assert.equal(LEFT_BY_UNKNOWN & 0x03, 0);
  });
});
