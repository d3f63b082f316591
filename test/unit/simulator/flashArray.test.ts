// NOR physics, protection ranges, interrupted operations, and forged checksums.
import assert from "node:assert/strict";
import fc from "fast-check";
import { isFilledWith } from "../../../src/core/base/bytes";
import { crc32 } from "../../../src/core/base/checksum";
import { forgeFingerprint } from "../../../src/simulator/flash/checksums";
import { FlashArray, protectedRange } from "../../../src/simulator/flash/flashArray";
import { partOf, sizeFromId } from "../../../src/simulator/flash/simulatedParts";

const SIZE = 0x200000;
const array = (status = 0): FlashArray => new FlashArray(partOf("C84015"), new Uint8Array(SIZE).fill(0x3c), status);

describe("flash array", () => {
  it("only clears bits when programmed and sets them all when erased, rounding down", () => {
    const flash = array();
    flash.apply({ kind: "program", address: 0x1000, data: Uint8Array.of(0xf0, 0xff, 0x00) });
    assert.deepEqual([...flash.bytes.subarray(0x1000, 0x1004)], [0x30, 0x3c, 0x00, 0x3c]);
    const { physical } = flash.apply({ kind: "erase", size: 0x1000, address: 0x1abc });
    assert.equal(physical, 0x1000);
    assert.ok(isFilledWith(flash.bytes, 0xff, 0x1000, 0x2000));
    assert.equal(flash.bytes[0x0fff], 0x3c);
    assert.equal(flash.bytes[0x2000], 0x3c);
  });

  it("wraps addresses at its size", () => {
    const flash = array();
    assert.equal(flash.apply({ kind: "erase", size: 0x10000, address: SIZE + 0x24000 }).physical, 0x20000);
    flash.apply({ kind: "program", address: 3 * SIZE + 0x24000, data: Uint8Array.of(0x12) });
    assert.equal(flash.bytes[0x24000], 0x12);
    assert.deepEqual([...flash.read(SIZE - 1, 2)], [0x3c, 0x3c]);
    assert.equal(flash.crc(SIZE - 8, 16), flash.crc(0x100, 16));
  });

  it("protects what the block protection bits say", () => {
    assert.deepEqual(protectedRange(0x0000, SIZE), [0, 0]);
    assert.deepEqual(protectedRange(0x007c, SIZE), [0, SIZE]);
    assert.deepEqual(protectedRange(0x003c, SIZE), [0, SIZE]);
    assert.deepEqual(protectedRange(0x0004, SIZE), [0x1f0000, SIZE]);
    assert.deepEqual(protectedRange(0x0034, SIZE), [0, 0x100000]);
    assert.deepEqual(protectedRange(0x0068, SIZE), [0, 0x2000]);
    // Complement: everything but the last 64 KiB; and with nothing selected, everything.
    assert.ok(array(0x4004).isProtected(0x11000, 0x12000));
    assert.ok(!array(0x4004).isProtected(0x1f0000, 0x1f1000));
    assert.ok(array(0x4000).isProtected(0x1f0000, 0x1f1000));
    assert.ok(!array(0x407c).isProtected(0, SIZE));
  });

  it("leaves protected cells alone, whatever is asked", () => {
    const operation = fc.oneof(
      fc.record({
        kind: fc.constant("erase" as const),
        size: fc.constantFrom(0x1000, 0x10000),
        address: fc.nat(0x7fffff),
      }),
      fc.record({
        kind: fc.constant("program" as const),
        address: fc.nat(0x7fffff),
        data: fc.uint8Array({ minLength: 1, maxLength: 32 }),
      }),
    );
    const status = fc.integer({ min: 0, max: 31 }).map((bits) => bits << 2);
    fc.assert(
      fc.property(status, operation, (bits, each) => {
        const flash = array(bits);
        const [from, to] = protectedRange(bits, SIZE);
        flash.apply(each);
        return isFilledWith(flash.bytes, 0x3c, from, to);
      }),
      {
        numRuns: 60,
        seed: 7231,
        // One that wraps into a protected start.
        examples: [[36, { kind: "program", address: 2_097_141, data: new Uint8Array(12) }]],
      },
    );
  });

  it("keeps its status register without power, and unlocks a locked one at power-up", () => {
    const flash = array(0x0100);
    assert.ok(flash.apply({ kind: "status", value: 0x7c, bytes: 2 }).ignored);
    flash.powerUp();
    assert.ok(!flash.apply({ kind: "status", value: 0x7c, bytes: 2 }).ignored);
    flash.apply({ kind: "status", value: 0x04, bytes: 1 });
    assert.equal(flash.status, 0x0004);
    flash.apply({ kind: "status", value: 0x0203, bytes: 2 });
    assert.equal(flash.status, 0x0200, "busy and write-enable bits are not for writing");
  });

  it("stays half done when power fails", () => {
    const flash = array();
    flash.apply({ kind: "erase", size: 0x10000, address: 0x30000 }, 0.5);
    assert.ok(isFilledWith(flash.bytes, 0xff, 0x30000, 0x38000));
    assert.ok(isFilledWith(flash.bytes, 0x3c, 0x39000, 0x40000));
    assert.ok(!isFilledWith(flash.bytes, 0xff, 0x38000, 0x38400));
    flash.apply({ kind: "program", address: 0x30000, data: new Uint8Array(32) }, 0.5);
    assert.ok(isFilledWith(flash.bytes, 0x00, 0x30000, 0x30010));
    assert.ok(isFilledWith(flash.bytes, 0xff, 0x30011, 0x30020));
  });

  it("takes its size from the id, listed or not", () => {
    assert.equal(sizeFromId("C84016"), 0x400000);
    assert.equal(partOf("994215").size, 0x200000);
    assert.equal(partOf("854215").statusBytes, 1);
  });
});

describe("forged CRC-32", () => {
  it("comes out as wanted by changing four bytes only", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 4, maxLength: 80 }),
        fc.nat(),
        fc.nat(0xffffffff),
        (bytes, place, wanted) => {
          const at = place % (bytes.length - 3);
          const forged = bytes.slice();
          forgeFingerprint(forged, forged.length, at, wanted);
          assert.equal(crc32(forged), wanted);
          forged.set(bytes.subarray(at, at + 4), at);
          assert.deepEqual(forged, bytes);
        },
      ),
      { numRuns: 200 },
    );
    assert.throws(() => forgeFingerprint(new Uint8Array(8), 8, 5, 0), RangeError);
  });
});
