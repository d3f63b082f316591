// What is said of a chip after a plan, without asking it again: what the plan put there, and nothing it did not.
import assert from "node:assert/strict";
import { concat } from "../../../src/core/base/bytes";
import { crc32 } from "../../../src/core/base/checksum";
import { words } from "../../../src/core/base/words";
import { calibrationMark, macOf } from "../../../src/core/beken/chips/calibration";
import { identityAfter } from "../../../src/core/plan/identityAfter";
import { planSegments } from "../../../src/core/plan/planWrite";
import { withVerdict } from "../../../src/core/plan/startability";
import { noise } from "../../../src/simulator/prng";
import { CALIBRATION, dumpOf, identityOf, withMac } from "../backup/dumps";

const flash = dumpOf("bk7231t");
const chip = { ...identityOf(flash), samples: [{ address: 0x10f00, data: flash.slice(0x10f00, 0x11100) }] };
const plan = (address: number, data: Uint8Array): ReturnType<typeof planSegments> =>
  planSegments([{ address, data, from: words`x` }], flash.length, { allowBootloader: true, calibrationAt: undefined });

describe("a chip after a plan", () => {
  it("has the calibration that was written as a whole, wherever in the file it is", () => {
    const other = withMac(flash, CALIBRATION, 0xee).slice(CALIBRATION, CALIBRATION + 0x1000);
    for (const [before, at] of [
      [0, 0x1d0000],
      [0x1010, 0x1d0ff0],
      [0x2000, 0x1d0000],
    ] as const) {
      const after = identityAfter(chip, plan(at, concat(noise(1, before), other, noise(2, 0x1800))));
      assert.equal(after.calibration?.address, at + before);
      assert.deepEqual([after.mac, after.calibrationMark], [macOf(other), calibrationMark(other)]);
      assert.notEqual(after.mac, chip.mac);
    }
    assert.equal(identityAfter(chip, plan(0x1d0000, other)).calibration?.address, 0x1d0000);
    for (const cut of [
      plan(0x1d0000, other.subarray(0, 0xfff)),
      plan(0x1d0010, concat(other, noise(2, 0x1800))),
      plan(0x1d0000, noise(1, 0x4000)),
    ]) {
      const { mac, calibration, calibrationMark: mark } = identityAfter(chip, cut);
      assert.deepEqual([mac, calibration, mark], [chip.mac, chip.calibration, chip.calibrationMark]);
    }
  });

  it("has the boot code that was written, and that it had where none was", () => {
    const code = noise(5, 0x2000);
    const { bootloader } = identityAfter(chip, plan(0, code));
    assert.deepEqual([bootloader.crc256, bootloader.profile], [crc32(code, 0, 256), undefined]);
    assert.equal(bootloader.version, chip.bootloader.version);
    assert.deepEqual(identityAfter(chip, plan(0x11000, code)).bootloader, chip.bootloader);
  });

  it("holds in its samples what was written over them, and the verdict of the plan", () => {
    const judged = withVerdict(plan(0x11000, noise(5, 0x2000)), chip);
    const after = identityAfter(chip, judged);
    assert.deepEqual(after.start, judged.start);
    assert.deepEqual(after.samples, [
      { address: 0x10f00, data: concat(flash.subarray(0x10f00, 0x11000), noise(5, 0x2000).subarray(0, 0x100)) },
    ]);
    assert.equal(identityAfter(chip, plan(0x11000, noise(5, 0x2000))).start, chip.start);
  });
});
