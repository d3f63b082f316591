/** What a plan keeps behind its last byte: found to be blank without reading, kept where it is not, whatever is compared first. */
import assert from "node:assert/strict";
import { alignDown } from "../../../src/core/base/bytes";
import { PRESETS, type Behaviour, type PresetId } from "../../../src/simulator/index";
import { shortBuildFor } from "./builds";
import { assertCarriedOut, firstDifference, flashRequest, resultOf, withSimulatedRig, type Rig } from "./rig";
import { SECTOR } from "../../flashUnits";

const APP_AT = 0x11000;
const READ = 0x09;

const readings = (rig: Rig): number =>
  rig.log.filter((event) => event.type === "command" && event.long && event.code === READ).length;

/** One of each way to find out what is right already. */
const CHIPS = ["bk7231t", "bk7231n-zero", "bk7231s", "bk7231q"] as const satisfies readonly PresetId[];

for (const id of CHIPS) {
  describe(`${id}: a sector of which a part is kept`, () => {
    const file = shortBuildFor(PRESETS[id]).crc;
    const end = APP_AT + file.bytes.length;
    const last = alignDown(end, SECTOR);

    /** The file is on the chip; behind it the sector holds `kept`. */
    const holding = (kept: number, work: (rig: Rig) => Promise<void>): Promise<void> =>
      withSimulatedRig(id, {}, async (rig) => {
        assert.ok(end - last > 0 && end - last < SECTOR);
        rig.chip.flash.set(file.bytes, APP_AT);
        rig.chip.flash.fill(kept, end, last + SECTOR);
        await work(rig);
      });

    it("is proven, and written again, where the flash ignored its write and nothing is to be verified", async () => {
      let erased = 0;
      const ignored: Behaviour = {
        onFlashOperation({ kind, ...operation }) {
          const isLast = "address" in operation && alignDown(operation.address, SECTOR) === last;
          if (isLast && kind === "erase") erased++;
          return isLast && kind === "program" && erased === 1 ? "ignore" : undefined;
        },
      };
      await withSimulatedRig(id, { behaviours: [ignored] }, async (rig) => {
        rig.chip.flash.fill(0x5a, end, last + SECTOR);
        const before = rig.snapshot();
        const outcome = await rig.run(flashRequest(file, { verify: false, full: true }));
        assertCarriedOut(resultOf("flash", outcome).plan, before, rig.chip.flash);
        assert.ok(rig.chip.flash.subarray(end, last + SECTOR).every((byte) => byte === 0x5a));
      });
    });

    for (const kept of [0xff, 0x5a]) {
      it(`stays as it is where the file is there already, with ${kept.toString(16)} behind it`, async () => {
        await holding(kept, async (rig) => {
          const before = rig.snapshot();
          const { bytesWritten, verified } = resultOf("flash", await rig.run(flashRequest(file)));
          assert.equal(verified, true);
          // A reset, which a CRC costs there, is not worth it for so short a file.
          if (id !== "bk7231s") assert.equal(bytesWritten, 0);
          assert.equal(firstDifference(before, rig.chip.flash), -1);
        });
      });

      it(`keeps its rest where the file differs in it, with ${kept.toString(16)} behind it`, async () => {
        await holding(kept, async (rig) => {
          rig.chip.flash[last] = (rig.chip.flash[last] ?? 0) ^ 0x11;
          const before = rig.snapshot();
          const { plan, bytesWritten } = resultOf("flash", await rig.run(flashRequest(file)));
          assert.ok(bytesWritten >= SECTOR);
          assertCarriedOut(plan, before, rig.chip.flash);
          assert.ok(rig.chip.flash.subarray(end, last + SECTOR).every((byte) => byte === kept));
        });
      });
    }
  });
}

it("what is blank behind a file costs no reading where the chip may be asked for CRCs", async () => {
  for (const id of ["bk7231t", "bk7231n-zero"] as const) {
    const file = shortBuildFor(PRESETS[id]).crc;
    await withSimulatedRig(id, {}, async (rig) => {
      await rig.run({ kind: "info" });
      const toIdentify = readings(rig);
      rig.forget();
      rig.chip.flash.set(file.bytes, APP_AT);
      rig.chip.flash.fill(0xff, APP_AT + file.bytes.length, alignDown(APP_AT + file.bytes.length, SECTOR) + SECTOR);
      resultOf("flash", await rig.run(flashRequest(file)));
      assert.equal(readings(rig), toIdentify, id);
    });
  }
});
