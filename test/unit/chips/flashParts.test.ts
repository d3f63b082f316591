import assert from "node:assert/strict";
import { FlasherError } from "../../../src/core/base/errors";
import { english } from "../../../src/core/base/words";
import { FLASH_PARTS, findFlashPart, jedecIsDead, sizeFromJedec } from "../../../src/core/beken/chips/flashParts";
import { decodeStatusRegister, isProtected, unprotectValue } from "../../../src/core/beken/chips/statusRegister";
import { encodeRequest } from "../../../src/core/beken/protocol/commandTable";
import { STATUS_LOCK_BITS } from "../../../src/core/beken/protocol/refusals";

/** Bits that must never be newly set, and never be cleared by lifting protection: SRP0, SRP1, QE, LB1-LB3. */
const LOCKS = 0x0080 | 0x0100 | 0x0200 | 0x3800;

describe("flash parts", () => {
  it("have unique ids, sane sizes and commands that fit their status bytes", () => {
    assert.equal(FLASH_PARTS.length, 88);
    assert.equal(new Set(FLASH_PARTS.map(({ id }) => id)).size, FLASH_PARTS.length);
    for (const part of FLASH_PARTS) {
      assert.match(part.id, /^[0-9A-F]{6}$/);
      assert.ok(!jedecIsDead(part.id));
      assert.ok(part.maker.length > 0 && part.name.length > 0, part.id);
      assert.ok(part.size >= 0x10000 && part.size <= 0x4000000 && Number.isInteger(Math.log2(part.size)), part.id);
      assert.equal(part.statusRead.length, part.statusBytes, part.id);
      if (part.statusBytes > 0) assert.equal(part.statusWrite[0], 0x01, part.id);
      else assert.equal(part.protectMask, 0);
    }
  });

  it("are found by id in any case", () => {
    assert.equal(findFlashPart("c84015")?.name, "GD25Q16B");
    assert.deepEqual(findFlashPart("EB6015")?.statusRead, [0x05, 0x35]);
    assert.deepEqual(findFlashPart("C22315")?.statusRead, [0x05, 0x15]);
    assert.equal(findFlashPart("854215")?.statusBytes, 1);
    assert.deepEqual(findFlashPart("C46015")?.statusWrite, [0x01, 0x31, 0x11]);
    assert.equal(findFlashPart("123456"), undefined);
  });

  it("give sizes: listed ones, computed ones, none for nonsense", () => {
    assert.equal(sizeFromJedec("0B4015"), 0x200000);
    assert.equal(sizeFromJedec("c84016"), 0x400000);
    assert.equal(sizeFromJedec("014B42"), 0x80000, "its capacity byte says nothing");
    assert.equal(sizeFromJedec("C8471A"), 0x4000000);
    assert.equal(sizeFromJedec("994017"), 0x800000, "unknown part");
    for (const id of ["000000", "FFFFFF", "ffffff", "9940FF", "994042", "99400F", "C840", "C84015C84015", "no id!"]) {
      assert.equal(sizeFromJedec(id), undefined, id);
    }
  });

  it("recognise a dead bus", () => {
    assert.ok(jedecIsDead("000000") && jedecIsDead("FFFFFF") && jedecIsDead("ffffff"));
    assert.ok(!jedecIsDead("00FFFF") && !jedecIsDead("C84015"));
  });
});

describe("status register", () => {
  const masks = [...new Set(FLASH_PARTS.map(({ protectMask }) => protectMask))];

  it("is unprotected for all 65,536 values without setting or unlocking anything else", () => {
    assert.ok(masks.length >= 6);
    let wrong = 0;
    for (const mask of masks) {
      for (let value = 0; value <= 0xffff; value++) {
        const after = unprotectValue(value, mask);
        const newlySet = after & ~value;
        const cleared = value & ~after;
        const fine =
          newlySet === 0 &&
          (cleared & LOCKS) === 0 &&
          (cleared & ~(mask & 0x407c)) === 0 &&
          !isProtected(after, mask) &&
          isProtected(value, mask) === (cleared !== 0) &&
          unprotectValue(after, mask) === after;
        if (!fine) wrong++;
      }
    }
    assert.equal(wrong, 0);
  });

  it("leaves for the chip, at each of the 65,536 values, without a lock bit that was not set", () => {
    const frame = (value: number, current: number): Uint8Array | undefined => {
      try {
        return encodeRequest("writeStatusRegister", { command: 0x01, value, bytes: 2, current });
      } catch (error) {
        assert.ok(error instanceof FlasherError && error.code === "frame-refused", String(error));
        return undefined;
      }
    };
    let wrong = 0;
    for (let value = 0; value <= 0xffff; value++) {
      if (value === 0xff || value === 0xffff) {
        // That is no status but the answer of a bus nobody is on.
        assert.equal(frame(0, value), undefined);
        continue;
      }
      const lifted = frame(unprotectValue(value, 0x407c), value);
      const sent = lifted && (lifted.at(-2) as number) + 256 * (lifted.at(-1) as number);
      if (sent !== unprotectValue(value, 0x407c)) wrong++;
      // Putting it back asks for no more than was there; asking a flash without locks for it is refused where it has any.
      if (!frame(value, value) || (frame(value, 0) === undefined) !== ((value & STATUS_LOCK_BITS) !== 0)) wrong++;
    }
    assert.equal(wrong, 0);
  });

  it("lifts the protections that are met in the field and keeps quad mode", () => {
    for (const value of [0x4004, 0x407c, 0x007c]) {
      assert.ok(isProtected(value, 0x407c));
      assert.equal(unprotectValue(value, 0x407c), 0);
    }
    assert.equal(unprotectValue(0x427c, 0x407c), 0x0200);
    assert.equal(unprotectValue(0x03fc, 0x407c), 0x0380);
    assert.equal(unprotectValue(0xfffc, 0x7c7c), 0xbf80, "a mask that names lock bits does not reach them");
    assert.ok(!isProtected(0x0200, 0x407c));
  });

  it("is told in words", () => {
    assert.deepEqual(decodeStatusRegister(0, 2).map(english), ["BP: nothing protected"]);
    assert.deepEqual(decodeStatusRegister(0x7c, 2).map(english), ["BP0-BP4: all protected"]);
    assert.deepEqual(decodeStatusRegister(0x407c, 2).map(english), ["BP0-BP4 and CMP: nothing protected"]);
    assert.deepEqual(decodeStatusRegister(0x4000, 2).map(english), ["CMP alone: all protected"]);
    assert.deepEqual(decodeStatusRegister(0x4004, 2).map(english), ["BP0, CMP: partly protected"]);
    assert.deepEqual(decodeStatusRegister(0x0294, 2).map(english), [
      "BP0, BP2: partly protected",
      "SRP0: status register locked while the WP pin is low",
      "QE: quad mode on",
    ]);
    assert.deepEqual(decodeStatusRegister(0xff1c, 1).slice(1).map(english), [], "one byte: the rest is noise");
    const macronix = findFlashPart("C22315");
    assert.ok(macronix);
    assert.deepEqual(decodeStatusRegister(0x007c, 2, macronix).map(english), [
      "BP0-BP3: all protected",
      "QE: quad mode on",
    ]);
  });
});
