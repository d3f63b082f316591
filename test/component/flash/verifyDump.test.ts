/** `verify` of a whole flash compares all of it, says what that was, and tells what differs by partition. */
import assert from "node:assert/strict";
import { english, type FlasherError, type JobEvent } from "../../../src/core/index";
import { PRESETS } from "../../../src/simulator/index";
import { PRESET_IDS } from "./builds";
import { failedWith, firstDifference, resultOf, withSimulatedRig, type Outcome } from "./rig";

const compared = ({ events }: Outcome): string =>
  english(
    events.find(
      (event): event is Extract<JobEvent, { type: "note" }> => event.type === "note" && event.code === "compared",
    )?.context.detail ?? "",
  );
const parts = ({ context }: FlasherError): readonly string[] =>
  (context.differences ?? []).map(({ partition }) => partition);

describe("verify of a backup", () => {
  for (const id of PRESET_IDS) {
    it(`${id}: compares all of it and lists what differs`, async () => {
      await withSimulatedRig(id, {}, async (rig) => {
        const bytes = rig.chip.flash.slice();
        const { calibrationAt } = PRESETS[id];
        const before = rig.snapshot();
        const file = { name: "backup.bin", bytes };
        const equal = await rig.run({ kind: "verify", file });
        assert.equal(resultOf("verify", equal).bytesRead, bytes.length);
        for (const name of ["bootloader", "app", "calibration"]) assert.match(compared(equal), new RegExp(name));
        const change = (...places: readonly number[]): { name: string; bytes: Uint8Array } => {
          const copy = bytes.slice();
          for (const at of places) copy[at] = (copy[at] as number) ^ 0x01;
          return { name: "backup.bin", bytes: copy };
        };
        const only = failedWith("verify-failed", await rig.run({ kind: "verify", file: change(calibrationAt + 0x29) }));
        assert.deepEqual(parts(only), ["calibration"]);
        assert.match(only.message, /nothing but the calibration differs/);
        const several = failedWith(
          "verify-failed",
          await rig.run({ kind: "verify", file: change(0x100, 0x12000, 0x1a000, calibrationAt, bytes.length - 1) }),
        );
        assert.deepEqual(parts(several).slice(0, 2), ["bootloader", "app"]);
        assert.ok(parts(several).includes("calibration"));
        assert.equal(parts(several).length, new Set(parts(several)).size);
        const app = several.context.differences?.find(({ partition }) => partition === "app");
        assert.deepEqual(app?.ranges, [
          { start: 0x12000, end: 0x13000 },
          { start: 0x1a000, end: 0x1b000 },
        ]);
        assert.match(several.message, /different: bootloader .*0x012000-0x013000/);
        assert.equal(firstDifference(before, rig.chip.flash), -1);
      });
    });
  }

  it("needs no sound application in it, and one that is longer than the flash is refused", async () => {
    await withSimulatedRig("bk7231t", {}, async (rig) => {
      rig.chip.flash[0x14000] = (rig.chip.flash[0x14000] as number) ^ 4;
      const bytes = rig.chip.flash.slice();
      resultOf("verify", await rig.run({ kind: "verify", file: { name: "backup.bin", bytes } }));
      const longer = new Uint8Array(0x400000).fill(0xff);
      longer.set(bytes);
      failedWith("image-too-large", await rig.run({ kind: "verify", file: { name: "backup.bin", bytes: longer } }));
    });
  });
});
