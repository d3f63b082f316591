import assert from "node:assert/strict";
import { TUYA_KEY, ZERO_KEY, keyKindOf } from "../../../src/core/beken/chips/keys";
import { PRESETS, type PresetId } from "../../../src/simulator/index";
import { describeWithPtys } from "../ptys";
import {
  APP_AT,
  BEDROOM_RBL,
  BUILDS,
  C8133U_RBL,
  HALL_RBL,
  PRESET_IDS,
  buildFor,
  fileAt,
  packaged,
  rawFirmware,
  type Build,
} from "./builds";
import {
  assertCarriedOut,
  assertUntouched,
  failedWith,
  firstDifference,
  flashRequest,
  notes,
  resultOf,
  runOnPty,
  withRig,
  type FlashFile,
} from "./rig";

function assertHoldsFile(flash: Uint8Array, file: FlashFile): void {
  assert.equal(firstDifference(file.bytes, flash.subarray(APP_AT, APP_AT + file.bytes.length)), -1);
}

async function flashesAndHolds(id: PresetId, kind: keyof Build, build: Build): Promise<void> {
  const file = build[kind];
  if (file === undefined) return;
  await withRig(id, {}, async (rig) => {
    const before = rig.snapshot();
    const { verified, plan, bytesWritten } = resultOf("flash", await runOnPty(rig, flashRequest(file)));
    assert.equal(verified, true, kind);
    assert.equal(bytesWritten > 0, true);
    assert.equal(plan.sectors[0]?.start, APP_AT);
    assertCarriedOut(plan, before, rig.chip.flash);
    // A UF2 writes application and header, which is the container without its filler.
    assertHoldsFile(rig.chip.flash, kind === "uf2" ? build.crc : file);
  });
}

describeWithPtys("flashing every simulated chip over a pseudo-terminal", () => {
  for (const id of PRESET_IDS) {
    it(`${id}: a container, an application and a UF2 that fit, side by side on three chips`, async () => {
      const build = buildFor(PRESETS[id]);
      assert.equal(build.uf2 === undefined, ["bk7252n", "bk7236", "bk7258"].includes(id));
      await Promise.all((["rbl", "crc", "uf2"] as const).map((kind) => flashesAndHolds(id, kind, build)));
    });
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

describe("a build for another chip or key", () => {
  const genuine = { bedroom: fileAt(BEDROOM_RBL), hall: fileAt(HALL_RBL), c8133u: fileAt(C8133U_RBL) };

  it("is refused on every chip with the flash as it was, and the link stays", async () => {
    const refuses = async (id: PresetId): Promise<void> => {
      const preset = PRESETS[id];
      const stranger = preset.chip === "bk7238" ? PRESETS["bk7231n-zero"] : PRESETS.bk7238;
      const code = rawFirmware(0x8000);
      const wrongKey = packaged(preset, code, keyKindOf(preset.key) === "tuya" ? ZERO_KEY : TUYA_KEY).rbl;
      const wrongChip = packaged(stranger, code, preset.key);
      await withRig(id, {}, async (rig) => {
        const session = await rig.openSession();
        const before = rig.snapshot();
        for (const [file, expected] of [
          [wrongKey, "image-wrong-key"],
          [wrongChip.rbl, "image-wrong-chip"],
          [wrongChip.uf2 as FlashFile, "image-wrong-chip"],
        ] as const) {
          const error = failedWith(expected, await rig.inSession(session, flashRequest(file)));
          assert.equal(error.flash, "untouched", id);
          assert.ok(error.context.expected !== undefined && error.context.actual !== undefined, id);
        }
        assertUntouched(rig, before);
        const linkedAgain = (await rig.inSession(session, { kind: "info" })).events.some(
          ({ type }) => type === "linked",
        );
        assert.equal(linkedAgain, false, id);
        await session.close();
      });
    };
    await Promise.all(PRESET_IDS.map(refuses));
  });

  it("genuine builds too", async () => {
    const cases = [
      ["bk7231s", genuine.bedroom, "image-wrong-key"],
      ["bk7231t", genuine.c8133u, "image-wrong-key"],
      ["bk7231t", genuine.hall, "image-wrong-chip"],
      ["bk7231n", genuine.bedroom, "image-wrong-chip"],
      ["bk7231n-zero", genuine.hall, "image-wrong-key"],
      ["bk7231u", genuine.bedroom, "image-wrong-key"],
    ] as const;
    const refuses = ([id, file, code]: (typeof cases)[number]): Promise<void> =>
      withRig(id, {}, async (rig) => {
        const before = rig.snapshot();
        const outcome = await rig.run(flashRequest(file));
        assert.equal(failedWith(code, outcome).flash, "untouched", id);
        assert.deepEqual(notes(outcome.events, "warning"), []);
        assertUntouched(rig, before);
      });
    await Promise.all(cases.map(refuses));
  });
});
