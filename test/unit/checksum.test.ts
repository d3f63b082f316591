import assert from "node:assert/strict";
import { crc32 as zlibCrc32 } from "node:zlib";
import { crc16, crc32, crc32Raw, fnv1a } from "../../src/core/base/checksum";
import { ascii, fromHex } from "../../src/core/base/bytes";
import vectors from "../fixtures/vectors/crc16.json";

describe("checksums", () => {
  it("agree with zlib at every length and alignment", () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, i) => (i * 167 + 13) & 0xff);
    for (let start = 0; start < 8; start++)
      for (let end = start; end <= 300; end++)
        assert.equal(crc32(bytes, start, end), zlibCrc32(bytes.subarray(start, end)));
  });
  it("can be fed in parts, and answer as a loader does for 4096 x FF", () => {
    const blank = new Uint8Array(4096).fill(0xff);
    assert.equal(crc32Raw(blank), 0x0eab98f5);
    assert.equal(crc32Raw(blank.subarray(77), crc32Raw(blank.subarray(0, 77))), 0x0eab98f5);
  });
  it("CRC-16/CMS matches every vector", () => {
    assert.equal(crc16(ascii("123456789")), 0xaee7);
    for (const { name, data, crc } of vectors.cases)
      assert.equal(crc16(fromHex(data)).toString(16).padStart(4, "0"), crc, name);
  });
  it("FNV-1a matches its published values", () => {
    assert.equal(fnv1a(ascii("")), 0x811c9dc5);
    assert.equal(fnv1a(ascii("foobar")), 0xbf9cf968);
  });
});
