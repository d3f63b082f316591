import assert from "node:assert/strict";
import fc from "fast-check";
import { concat } from "../../../src/core/base/bytes";
import { findBootCode } from "../../../src/core/beken/images/bootCode";
import { findFalTable } from "../../../src/core/beken/images/fal";
import { bootCodeInFlash, falTable, tableWithDownloadAt, TUYA_KEY, ZERO_KEY } from "./flashes";

const table = tableWithDownloadAt(0x132000);
const rows = table.map(([name, flash, offset, length]) => ({ name, flash, offset, length }));

describe("the partition table of boot code", () => {
  for (const [kind, key] of [
    ["plain", ZERO_KEY],
    ["scrambled", TUYA_KEY],
  ] as const) {
    it(`is found in ${kind} boot code, also behind a constant that looks like its start`, () => {
      assert.deepEqual(findBootCode(bootCodeInFlash({ key, table, constant: true }))?.partitions, rows);
    });
  }

  it("is the last one that makes sense", () => {
    const older = falTable(tableWithDownloadAt(0x100000));
    const garbage = falTable([["app", "flash", 0x10000, 0x1000]]).fill(0x80, 4, 28);
    const outside = falTable([["app", "beken_onchip", 0xfff000, 0x2000]]);
    const unnamed = falTable([["", "beken_onchip", 0, 0x2000]]);
    for (const behind of [garbage, outside, unnamed]) {
      const code = concat(older, new Uint8Array(13), falTable(table), new Uint8Array(7), behind);
      assert.deepEqual(findFalTable(code), rows);
    }
    assert.deepEqual(findFalTable(concat(falTable(table), [0], falTable([table[2] ?? ["", "", 0, 0]]))), rows);
  });

  it("is none in code without one, whatever the code", () => {
    assert.deepEqual(findBootCode(bootCodeInFlash({ constant: true }))?.partitions, []);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(200), (bytes, at) => {
        const code = concat(bytes.subarray(0, at), [0x30, 0x31, 0x50, 0x45], bytes.subarray(at));
        for (const { name, flash, offset, length } of findFalTable(code)) {
          assert.match(`${name}${flash}`, /^[\x21-\x7e]+$/);
          assert.ok(length > 0 && offset + length <= 0x1000000);
        }
      }),
    );
  });
});
