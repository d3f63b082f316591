import assert from "node:assert/strict";
import { TUYA_KEY, ZERO_KEY } from "../../../src/core/chips/keys";
import { PRESETS } from "../../../src/simulator/index";
import { APP_AT, BEDROOM_RBL, BUILDS, C8133U_RBL, HALL_RBL, PRESET_IDS, buildFor, fileAt, packaged, rawFirmware } from "./builds";
import { assertCarriedOut, assertUntouched, failedWith, firstDifference, flashRequest, hasPtys, notes, resultOf, runOnPty, withRig, type FlashFile } from "./rig";

function assertHoldsFile(flash: Uint8Array, file: FlashFile): void {
  assert.equal(firstDifference(file.bytes, flash.subarray(APP_AT, APP_AT + file.bytes.length)), -1);
}

if (hasPtys) {
  describe("flashing every simulated chip over a pseudo-terminal", () => {
    for (const id of PRESET_IDS) {
      const build = buildFor(PRESETS[id]);
      for (const kind of ["rbl", "crc", "uf2"] as const) {
        const file = build[kind];
        if (file === undefined) continue;
        it(`${id}: ${kind}`, async () => {
          await withRig(id, {}, async (rig) => {
            const before = rig.snapshot();
            const { verified, plan, bytesWritten } = resultOf("flash", await runOnPty(rig, flashRequest(file)));
            assert.equal(verified, true);
            assert.equal(bytesWritten > 0, true);
            assert.equal(plan.sectors[0]?.start, APP_AT);
            assertCarriedOut(plan, before, rig.chip.flash);
            // A UF2 writes application and header, which is the container without its filler.
            if (kind === "uf2") assertHoldsFile(rig.chip.flash, build.crc);
            else assertHoldsFile(rig.chip.flash, file);
          });
        });
      }
    }

    it("bk7231t: PlatformIO's build, then rebooted into it", async () => {
      const file = fileAt(`${BUILDS.platformio}/image_bk7231t_app.0x011000.rbl`);
      await withRig("bk7231t", { firmware: "none" }, async (rig) => {
        const { rebooted } = resultOf("flash", await runOnPty(rig, flashRequest(file, { reboot: true })));
        assert.equal(rebooted, true);
        assertHoldsFile(rig.chip.flash, file);
      });
    });
  });
}

describe("a build for another chip or key", () => {
  const genuine = { bedroom: fileAt(BEDROOM_RBL), hall: fileAt(HALL_RBL), c8133u: fileAt(C8133U_RBL) };

  for (const id of PRESET_IDS) {
    const preset = PRESETS[id];
    const other = preset.key === TUYA_KEY ? ZERO_KEY : TUYA_KEY;
    const stranger = preset.chip === "bk7238" ? PRESETS["bk7231n-zero"] : PRESETS.bk7238;
    it(`${id}: is refused with the flash as it was`, async () => {
      const code = rawFirmware(0x8000);
      const wrongKey = packaged(preset, code, other).rbl;
      const wrongChip = packaged(stranger, code, preset.key).rbl;
      const wrongUf2 = packaged(stranger, code, preset.key).uf2 as FlashFile;
      await withRig(id, {}, async (rig) => {
        const session = await rig.openSession();
        const before = rig.snapshot();
        for (const [file, code] of [
          [wrongKey, "image-wrong-key"],
          [wrongChip, "image-wrong-chip"],
          [wrongUf2, "image-wrong-chip"],
        ] as const) {
          const error = failedWith(code, await rig.inSession(session, flashRequest(file)));
          assert.equal(error.flash, "untouched");
          assert.ok(error.context.expected !== undefined && error.context.actual !== undefined);
        }
        assertUntouched(rig, before);
        await session.close();
      });
    });
  }

  for (const [id, file, code] of [
    ["bk7231s", genuine.bedroom, "image-wrong-key"],
    ["bk7231t", genuine.c8133u, "image-wrong-key"],
    ["bk7231t", genuine.hall, "image-wrong-chip"],
    ["bk7231n", genuine.bedroom, "image-wrong-chip"],
    ["bk7231n-zero", genuine.hall, "image-wrong-key"],
    ["bk7231u", genuine.bedroom, "image-wrong-key"],
  ] as const) {
    it(`${id} refuses a genuine ${file.name} (${code})`, async () => {
      await withRig(id, {}, async (rig) => {
        const before = rig.snapshot();
        const outcome = await rig.run(flashRequest(file));
        assert.equal(failedWith(code, outcome).flash, "untouched");
        assert.deepEqual(notes(outcome.events, "warning"), []);
        assertUntouched(rig, before);
      });
    });
  }
});
