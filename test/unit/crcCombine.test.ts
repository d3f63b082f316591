import assert from "node:assert/strict";
import fc from "fast-check";
import { crc32 } from "../../src/core/base/checksum";
import { crc32OfTail } from "../../src/core/base/crcCombine";

describe("CRC-32 of a part, from those of the rest", () => {
  it("is that of the bytes themselves, wherever the cut is", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 5_000 }), fc.nat(), (bytes, place) => {
        const cut = place % (bytes.length + 1);
        const head = crc32(bytes, 0, cut);
        assert.equal(crc32OfTail(head, crc32(bytes), bytes.length - cut), crc32(bytes, cut));
      }),
    );
  });

  it("holds for pieces as large as flashes", () => {
    const bytes = Uint8Array.from({ length: 0x200000 }, (_, i) => (i * i) >> 7);
    for (const cut of [0, 0x1000, 0x100000, 0x1ff000, 0x200000]) {
      assert.equal(crc32OfTail(crc32(bytes, 0, cut), crc32(bytes), bytes.length - cut), crc32(bytes, cut));
    }
  });
});
