import assert from "node:assert/strict";
import fc from "fast-check";
import { concat } from "../../../src/core/base/bytes";
import type { Coefficients } from "../../../src/core/beken/chips/types";
import { findBootCode } from "../../../src/core/beken/images/bootCode";
import { scramble } from "../../../src/core/beken/images/cipher";
import { addCrcBlocks } from "../../../src/core/beken/images/crcBlocks";
import { findFalTable } from "../../../src/core/beken/images/fal";
import { noise } from "../../../src/simulator/prng";
import {
  appInFlash,
  bootCodeInFlash,
  falTable,
  flashOf,
  program,
  tableWithDownloadAt,
  TUYA_KEY,
  ZERO_KEY,
} from "./flashes";

const table = tableWithDownloadAt(0x132000);
const rows = table.map(([name, flash, offset, length]) => ({ name, flash, offset, length }));

describe("boot code is found", () => {
  const found = (bytes: Uint8Array): boolean => findBootCode(bytes) !== undefined;
  const keys = [ZERO_KEY, TUYA_KEY];
  /** Code of an application, as flash holds it, but from address 0. */
  const atZero = (length: number, base: number, key: Coefficients): Uint8Array =>
    addCrcBlocks(scramble(program(length, base), key, 0));

  it("by its header, and without one by its vectors, alone or in a flash", () => {
    for (const key of keys)
      for (const header of [true, false]) {
        const boot = bootCodeInFlash({ key, header });
        for (const bytes of [boot, flashOf({ boot }), flashOf({ boot, app: appInFlash({ key }) })])
          assert.equal(found(bytes), true, `${key[0]} ${header}`);
      }
    assert.equal(findBootCode(bootCodeInFlash({}))?.header?.name, "bootloader");
    assert.equal(findBootCode(bootCodeInFlash({ header: false }))?.header, undefined);
  });

  it("in no application at address 0: its vectors point to 0x10000 and behind, or it goes on where one would begin", () => {
    for (const key of keys) {
      for (const length of [0x2000, 0x30000]) assert.equal(found(atZero(length, 0x10000, key)), false, `${length}`);
      assert.equal(found(atZero(0x30000, 0, key)), false, "linked for address 0");
      assert.equal(found(atZero(0x6000, 0, key)), true, "no longer than boot code is");
      assert.equal(found(addCrcBlocks(scramble(program(0x6000, 0x10000), key, 0x10000))), false, "meant for 0x11000");
    }
  });

  it("in no plain code whose vectors point neither below the application nor into it, as another maker's do", () => {
    for (const base of [0x400000, 0x8000000]) assert.equal(found(atZero(0x6000, base, ZERO_KEY)), false);
  });

  it("in no code whose CRC-16s do not hold, and in no words that look like vectors alone", () => {
    const boot = bootCodeInFlash({ header: false });
    for (let at = 32; at < 0x1000; at += 68) boot[at] = (boot[at] ?? 0) ^ 0xff;
    assert.equal(found(boot), false);
    assert.equal(found(program(0x6000, 0)), false);
    assert.equal(found(new Uint8Array(0x11000).fill(0xff)), false);
  });

  it("by its header whatever follows, and not by a header of another name", () => {
    const boot = bootCodeInFlash({ key: TUYA_KEY });
    const rest = addCrcBlocks(noise(3, 0x8000));
    // Blocks without a gap, as an application has them that is linked for address 0.
    const full = concat(addCrcBlocks(scramble(program(0x10000 - 96, 0), TUYA_KEY, 0)), boot.subarray(-102), rest);
    assert.equal(found(full), true);
    const app = appInFlash({ base: 0, headerAt: 0 });
    const other = concat(full.subarray(0, 0x11000 - 102), app.header ?? [], rest);
    assert.equal(found(other), false);
  });
});

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
