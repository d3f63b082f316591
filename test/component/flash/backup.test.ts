import assert from "node:assert/strict";
import { crc32 } from "../../../src/core/base/checksum";
import { PRESETS, dropBytes, flipBits, type PresetId } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/prng";
import { PRESET_IDS } from "./builds";
import { assertUntouched, failedWith, firstDifference, notes, resultOf, withSimulatedRig } from "./rig";

/** Something everywhere above the application, so that no blank stretch is skipped and every byte crosses the wire. */
function fillUp(flash: Uint8Array): void {
  for (let at = 0x40000; at < 0x1c0000; at++) flash[at] = (at * 31 + (at >> 9)) & 0xff;
}

describe("backup", () => {
  it("every chip full of random bytes comes back byte for byte, and nothing on it changes", async () => {
    const comesBack = async (id: PresetId): Promise<void> => {
      const size = 2 ** parseInt(PRESETS[id].jedecId.slice(4), 16);
      const image = noise(0xbac0 + PRESET_IDS.indexOf(id), size);
      await withSimulatedRig(id, { flash: image }, async (rig) => {
        const { events, ...outcome } = await rig.run({ kind: "backup" });
        const { data, crc32: sum, chip } = resultOf("backup", { events, ...outcome });
        assert.equal(data.length, size);
        assert.equal(firstDifference(data, image), -1, id);
        assert.equal(sum, crc32(image));
        assert.equal(chip.flash.size, size);
        assert.equal(chip.bootloader.profile, undefined);
        assert.deepEqual(notes(events, "warning"), []);
        assert.equal(firstDifference(rig.chip.flash, image), -1);
        // A CRC makes loaders protect their flash; nothing else may happen to it.
        const changing = rig.flashOperations.filter(({ operation }) => operation.kind !== "status");
        assert.deepEqual(changing, [], id);
      });
    };
    await Promise.all(PRESET_IDS.map(comesBack));
  });

  it("finds calibration wherever it is once the whole flash is in hand", async () => {
    await withSimulatedRig("bk7231s", {}, async (rig) => {
      const { flash } = rig.chip;
      flash.copyWithin(0x155000, 0x1f3000, 0x1f4000);
      flash.fill(0xff, 0x1f3000, 0x1f4000);
      const { chip } = resultOf("backup", await rig.run({ kind: "backup" }));
      assert.deepEqual(chip.calibration, { address: 0x155000, from: "scan" });
    });
  });

  it("reads a sector again that was damaged on the way, and tells", async () => {
    // Beyond the replies of linking and identification, inside the data of some sector.
    const behaviours = [flipBits("from-chip", 400_000), flipBits("from-chip", 900_001, 0x01)];
    await withSimulatedRig("bk7231t", { behaviours }, async (rig) => {
      fillUp(rig.chip.flash);
      const outcome = await rig.run({ kind: "backup" });
      const { data } = resultOf("backup", outcome);
      assert.equal(firstDifference(data, rig.chip.flash), -1);
      assert.equal(notes(outcome.events).filter((code) => code === "repair").length, 2);
    });
  });

  it("goes on after lost bytes in both directions", async () => {
    const behaviours = [
      dropBytes("from-chip", 300_000, 3),
      dropBytes("from-host", 6_000),
      dropBytes("from-chip", 700_000, 2_000),
    ];
    await withSimulatedRig("bk7231s", { behaviours }, async (rig) => {
      fillUp(rig.chip.flash);
      const { data } = resultOf("backup", await rig.run({ kind: "backup" }));
      assert.equal(firstDifference(data, rig.chip.flash), -1);
    });
  });

  it("reads any range, ragged ends included, and refuses what is not there", async () => {
    await withSimulatedRig("bk7231n", {}, async (rig) => {
      const session = await rig.openSession();
      const before = rig.snapshot();
      for (const [start, length] of [
        [0, 1],
        [0x10fff, 3],
        [0x1d0024, 6],
        [0x1ff001, 0xfff],
      ] as const) {
        const { data } = resultOf("read", await rig.inSession(session, { kind: "read", start, length }));
        assert.equal(firstDifference(data, before.subarray(start, start + length)), -1);
      }
      for (const [start, length] of [
        [0x1ff000, 0x1001],
        [0x200000, "all"],
        [0, 0],
        [-1, 4],
      ] as const) {
        failedWith("plan-out-of-range", await rig.inSession(session, { kind: "read", start, length }));
      }
      assertUntouched(rig, before);
      await session.close();
    });
  });

  it("is refused with its code when a sector never agrees with the chip's CRC", async () => {
    // Every sector read through this adapter comes out with one bit wrong somewhere behind its head.
    const count = { value: 0 };
    const behaviours = [
      { onChipByte: (byte: number) => [++count.value % 3_000 === 0 && count.value > 60_000 ? byte ^ 1 : byte] },
    ];
    await withSimulatedRig("bk7231n-zero" satisfies PresetId, { behaviours }, async (rig) => {
      failedWith("read-crc-mismatch", await rig.run({ kind: "backup" }));
    });
  });
});
