import assert from "node:assert/strict";
import { concat } from "../../../src/core/base/bytes";
import { judgeDump } from "../../../src/core/backup/judgeDump";
import { shiftOf, straighten } from "../../../src/core/beken/images/shift";
import { PRESETS, type PresetId } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/prng";
import { CALIBRATION, dumpOf } from "./dumps";

const SIZE = 0x200000;
const codes = (data: Uint8Array, size?: number): string[] => judgeDump(data, size).findings.map(({ code }) => code);
const filled = (value: number): Uint8Array => new Uint8Array(SIZE).fill(value);

function blanked(dump: Uint8Array, start: number, end: number): Uint8Array {
  return dump.slice().fill(0xff, start, end);
}

describe("judging a dump", () => {
  const dump = dumpOf("bk7231t");

  it("finds the flash of every simulated chip good", () => {
    for (const preset of Object.keys(PRESETS) as PresetId[]) {
      const data = dumpOf(preset);
      assert.deepEqual(judgeDump(data, data.length), { verdict: "good", findings: [] }, preset);
    }
  });

  it("calls what no device could run on worthless", () => {
    const cases: readonly [string, Uint8Array][] = [
      ["empty", new Uint8Array(0)],
      ["all-zeros", filled(0)],
      ["all-ones", filled(0xff)],
      ["one-value", filled(0x55)],
      ["repeated", concat(dump, dump)],
      ["repeated", concat(dump, dump.subarray(0, 0x80000))],
      ["nothing-recognised", noise(1, SIZE)],
    ];
    for (const [code, data] of cases) {
      assert.equal(judgeDump(data, SIZE).verdict, "worthless", code);
      assert.deepEqual(codes(data, SIZE), [code]);
    }
  });

  it("names what a whole flash has and this one lacks", () => {
    assert.deepEqual(codes(blanked(dump, 0, 0x11000)), ["no-bootloader"]);
    assert.deepEqual(codes(blanked(dump, 0x11000, 0x1c0000)), ["no-application"]);
    assert.deepEqual(codes(blanked(dump, CALIBRATION, CALIBRATION + 0x1000)), ["no-calibration"]);
    assert.equal(judgeDump(blanked(dump, 0, 0x11000)).verdict, "suspicious");
  });

  it("names sizes that cannot be", () => {
    assert.deepEqual(codes(dump, 0x400000), ["short"]);
    assert.deepEqual(codes(dump.subarray(0, 0x1f0000), SIZE), ["short"]);
    assert.deepEqual(codes(concat(dump, dump.subarray(0x11000, 0x12000)), SIZE), ["long"]);
    assert.deepEqual(codes(concat(dump, new Uint8Array(3))), ["odd-size"]);
    assert.deepEqual(codes(dump.subarray(0, 0x40000)), ["short", "no-calibration"]);
  });

  it("does not take blank stretches for repetition", () => {
    const sparse = new Uint8Array(0x180000).fill(0xff);
    sparse.set(dump.subarray(CALIBRATION, CALIBRATION + 0x1000), 0x90000);
    assert.deepEqual(codes(sparse), ["odd-size", "no-bootloader", "no-application"]);
    assert.ok(!codes(blanked(dump, 0, 0x1e0000)).includes("repeated"));
  });

  it("recognises a dump that was read from 0x11000, with and without wrap-around, and puts it right", () => {
    for (const preset of ["bk7231n", "bk7231t"] as const) {
      const whole = dumpOf(preset);
      const headless = whole.slice(0x11000);
      assert.equal(shiftOf(whole), undefined);
      assert.equal(shiftOf(headless), "headless");
      assert.deepEqual(straighten(headless), blanked(whole, 0, 0x11000));
      assert.deepEqual(codes(headless, SIZE), ["shifted", "no-bootloader"]);
    }
    const tuya = dumpOf("bk7231n");
    const wrapped = concat(tuya.subarray(0x11000), tuya.subarray(0, 0x11000));
    assert.equal(shiftOf(wrapped), "wrapped");
    assert.deepEqual(straighten(wrapped), tuya);
    assert.deepEqual(codes(wrapped, SIZE), ["shifted"]);
  });
});
