import assert from "node:assert/strict";
import fc from "fast-check";
import { mayBeLeftOf as mayBeLeftOn } from "../../../src/core/jobs/preservedSectors";
import { BK72XX } from "../../../src/core/beken/chips/geometry";
import { FlashArray, flashCells } from "../../../src/simulator/flash/flashArray";
import { partOf } from "../../../src/simulator/flash/simulatedParts";
import { noise } from "../../../src/simulator/prng";
import { SECTOR } from "../../flashUnits";

const mayBeLeftOf = (now: Uint8Array, kept: Uint8Array, offset: number): boolean =>
  mayBeLeftOn(now, kept, offset, BK72XX);

/** A sector of a real flash model, in which operations stop where they are told. */
function stopped(content: Uint8Array, target: Uint8Array, erased: number, written: number | undefined): Uint8Array {
  const part = partOf("0B4015");
  const array = new FlashArray(part, flashCells(part.size, content), 0);
  array.apply({ kind: "erase", size: SECTOR, address: 0 }, written === undefined ? erased : 1);
  for (let page = 0; written !== undefined && page < 16; page++) {
    const progress = Math.min(1, Math.max(0, written * 16 - page));
    const data = target.subarray(page * 256, (page + 1) * 256);
    if (progress > 0) array.apply({ kind: "program", address: page * 256, data }, progress);
  }
  return array.bytes.slice(0, SECTOR);
}

describe("what an interrupted job has left of bytes that are kept", () => {
  it("is known again, wherever an erase or a write was stopped, at whichever end of the sector they are", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 1, max: SECTOR - 1 }),
        fc.integer({ min: 1, max: 9999 }),
        (progress, writes, atEnd, cut, seed) => {
          const before = noise(seed, SECTOR);
          const file = noise(seed + 1, SECTOR);
          const [start, end] = atEnd ? [cut, SECTOR] : [0, cut];
          const target = file.slice();
          target.set(before.subarray(start, end), start);
          const now = stopped(before, target, progress, writes ? progress : undefined);
          const kept = before.subarray(start, end);
          const few = kept.some((byte, i) => byte !== now[start + i]) && cut > SECTOR - 32;
          assert.ok(few || mayBeLeftOf(now.subarray(start, end), kept, start));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("is known again where bytes of the write were lost or doubled on the wire", () => {
    const kept = noise(5, 0x600);
    for (const at of [0, 0x40, 0x5c0]) {
      const lost = new Uint8Array(0x600).fill(0xff);
      lost.set([...kept.subarray(0, at), ...kept.subarray(at + 2)]);
      const doubled = Uint8Array.from([...kept.subarray(0, at), kept[at] ?? 0, ...kept.subarray(at)]).subarray(
        0,
        0x600,
      );
      for (const now of [lost, doubled]) assert.equal(mayBeLeftOf(now, kept, 0xa00), true, `${at}`);
    }
  });

  it("is not what somebody has written there since: other bytes, one changed byte, more of a log, a counter", () => {
    const kept = noise(3, 0x600);
    const changed = (edit: (bytes: Uint8Array) => void): Uint8Array => {
      const now = kept.slice();
      edit(now);
      return now;
    };
    const log = new Uint8Array(0x600).fill(0xff);
    log.set(kept.subarray(0, 0x100));
    const longer = log.slice();
    longer.set(noise(9, 0x40), 0x100);
    for (const offset of [0, 0x200, 0xa00]) {
      assert.equal(mayBeLeftOf(noise(4, 0x600), kept, offset), false);
      assert.equal(mayBeLeftOf(new Uint8Array(0x600), kept, offset), false);
      for (const at of [0, 1, 0x2ff, 0x5ff])
        for (const value of [0x00, 0x33])
          assert.equal(
            mayBeLeftOf(
              changed((now) => (now[at] = (kept[at] ?? 0) === value ? value ^ 1 : value)),
              kept,
              offset,
            ),
            false,
            `${at} ${value}`,
          );
      // 0x31 to 0x33 raises one bit, as an erase would.
      const counter = kept.slice();
      counter[0] = 0x31;
      const counted = counter.slice();
      counted[0] = 0x33;
      assert.equal(mayBeLeftOf(counted, counter, offset), false);
      assert.equal(mayBeLeftOf(longer, log, offset), false);
      assert.equal(mayBeLeftOf(kept, kept, offset), true);
      assert.equal(mayBeLeftOf(new Uint8Array(0x600).fill(0xff), kept, offset), true);
    }
  });

  it("ends where a write, or an erase, that was stopped ends: to the byte", () => {
    const kept = new Uint8Array(0x600).fill(0x0f);
    /** With bits raised, or blank, from one byte to before another. */
    const raised = (
      ...changes: readonly (readonly [from: number, to: number, value: 0x1f | 0xff | 0x0f])[]
    ): Uint8Array => changes.reduce((bytes, [from, to, value]) => bytes.fill(value, from, to), kept.slice());
    const all = kept.length;
    // A page that was being programmed, and blank behind it.
    assert.equal(mayBeLeftOf(raised([0x480, 0x580, 0x1f], [0x580, all, 0xff]), kept, 0), true);
    assert.equal(mayBeLeftOf(raised([0x480, all, 0xff], [0x580, 0x581, 0x0f]), kept, 0), false);
    assert.equal(mayBeLeftOf(raised([0x480, 0x581, 0x1f], [0x581, all, 0xff]), kept, 0), false);
    assert.equal(mayBeLeftOf(raised([0, 0x101, 0x1f], [0x101, all, 0xff]), kept, 0), false);
    // Blank from the front, cells in between in 1 KiB, all as it was behind them.
    assert.equal(mayBeLeftOf(raised([0, 0x10, 0xff], [0x40f, 0x410, 0x1f]), kept, 0), true);
    assert.equal(mayBeLeftOf(raised([0, 0x10, 0xff], [0x410, 0x411, 0x1f]), kept, 0), false);
    // Nothing blank yet: in the first 1 KiB of the sector, and more than an update.
    const some = (count: number): Uint8Array => raised([0x380, 0x380 + count, 0x1f]);
    assert.deepEqual(
      [15, 16, 17].map((count) => mayBeLeftOf(some(count), kept, 0)),
      [false, true, true],
    );
    assert.equal(mayBeLeftOf(some(16), kept, 0x70), true);
    assert.equal(mayBeLeftOf(some(16), kept, 0x71), false);
  });

  it("takes bytes for moved where sixteen are, and no more than one in twenty is something else", () => {
    const kept = noise(5, 0x600);
    /** So many bytes moved by two, so many that are nobody's, so many blank at the end. */
    const moved = (count: number, foreign: number, blank: number): Uint8Array => {
      const now = kept.slice();
      now.set(kept.subarray(0x102, 0x102 + count), 0x100);
      for (let at = 0x300; at < 0x300 + foreign; at++) {
        const byte = (kept[at] ?? 0) ^ 0x55;
        now[at] = byte === 0xff ? byte ^ 0x33 : byte;
      }
      return now.fill(0xff, now.length - blank);
    };
    const told = (...how: Parameters<typeof moved>): boolean => mayBeLeftOf(moved(...how), kept, 0x600);
    assert.deepEqual([told(15, 0, 0), told(16, 0, 0), told(64, 0, 0)], [false, true, true]);
    assert.deepEqual([told(64, 76, 0), told(64, 77, 0), told(64, 0x200, 0)], [true, false, false]);
    assert.deepEqual([told(64, 76, 0x100), told(64, 77, 0x100)], [true, false]);
  });
});
