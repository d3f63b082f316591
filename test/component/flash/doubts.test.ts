/** What a file leaves open is asked before anything is touched; a contradiction is refused whatever anybody says. */
import assert from "node:assert/strict";
import { english, type AskDoubt, type Doubt } from "../../../src/core/index";
import { createChip, type PresetId } from "../../../src/simulator/index";
import { assertUntouched, failedWith, resultOf, withSimulatedRig } from "./rig";

const WHERE = { verify: true, reboot: false, dryRun: false } as const;

function freshFlash(preset: PresetId): Uint8Array {
  const chip = createChip(preset, { pace: "none" });
  const flash = chip.flash.slice();
  chip.dispose();
  return flash;
}

/** Boot code and application of no table, which say nothing of themselves. */
function nameless(preset: PresetId): Uint8Array {
  return freshFlash(preset).copyWithin(0, 0x11000, 0x13000);
}

/** The first blocks of an application, and no more. */
function codeAlone(preset: PresetId): Uint8Array {
  return freshFlash(preset).slice(0x11000, 0x11000 + 64 * 34);
}

function damaged(preset: PresetId): Uint8Array {
  const flash = freshFlash(preset);
  flash[0x14321] = (flash[0x14321] as number) ^ 0x08;
  return flash;
}

describe("doubts about a file", () => {
  for (const kind of ["flash", "restore"] as const) {
    it(`end a ${kind} of what no byte tells the chip of, unless somebody agrees`, async () => {
      for (const name of ["backup.bin", "bk7231q.bin"]) {
        await withSimulatedRig("bk7231q", {}, async (rig) => {
          const file = { name, bytes: nameless("bk7231q") };
          const before = rig.snapshot();
          rig.forget();
          failedWith("image-chip-unknown", await rig.run({ kind, file, ...WHERE }));
          assertUntouched(rig, before);
          const asked: Doubt[] = [];
          const say =
            (yes: boolean): AskDoubt =>
            (doubt) => {
              asked.push(doubt);
              return Promise.resolve(yes);
            };
          const no = await rig.answering({ askDoubt: say(false) }).run({ kind, file, ...WHERE, evenIfDamaged: true });
          failedWith("image-chip-unknown", no);
          assertUntouched(rig, before);
          resultOf(kind, await rig.answering({ askDoubt: say(true) }).run({ kind, file, ...WHERE }));
          assert.equal(asked.length, 2);
          assert.match(english(asked[0]?.detail ?? ""), /BK7231Q/);
          resultOf(kind, await rig.run({ kind, file, ...WHERE, dryRun: true }));
        });
      }
    });

    it(`do not bring another chip's file past a ${kind}, whatever it is called and whatever is agreed to`, async () => {
      const bytes = freshFlash("bk7231t");
      for (const name of ["bk7231n.bin", "backup.bin"]) {
        await withSimulatedRig("bk7231n", {}, async (rig) => {
          const before = rig.snapshot();
          rig.forget();
          const agreed = { evenIfChipUnknown: true, evenIfDamaged: true };
          const error = failedWith(
            "image-wrong-chip",
            await rig.run({ kind, file: { name, bytes }, ...WHERE, ...agreed }),
          );
          assertUntouched(rig, before);
          assert.match(english(error.context.detail ?? ""), /BK7231T/);
        });
      }
    });
  }

  it("end a flash of an application alone that nothing tells the chip of, unless somebody agrees", async () => {
    await withSimulatedRig("bk7231q", {}, async (rig) => {
      const file = { name: "firmware.bin", bytes: codeAlone("bk7231q") };
      const before = rig.snapshot();
      rig.forget();
      failedWith("image-chip-unknown", await rig.run({ kind: "flash", file, ...WHERE }));
      const askDoubt = (): Promise<boolean> => Promise.resolve(false);
      const no = await rig.answering({ askDoubt }).run({ kind: "flash", file, ...WHERE, evenIfDamaged: true });
      failedWith("image-chip-unknown", no);
      assertUntouched(rig, before);
      resultOf("flash", await rig.run({ kind: "flash", file, ...WHERE, dryRun: true }));
      assertUntouched(rig, before);
      const asked: Doubt[] = [];
      const yes: AskDoubt = (doubt) => {
        asked.push(doubt);
        return Promise.resolve(true);
      };
      resultOf("flash", await rig.answering({ askDoubt: yes }).run({ kind: "flash", file, ...WHERE }));
      assert.match(english(asked[0]?.detail ?? ""), /nothing in the file tells .* BK7231Q/);
    });
  });

  it("are none about an application alone whose name or texts tell the chip", async () => {
    await withSimulatedRig("bk7231q", {}, async (rig) => {
      const bytes = codeAlone("bk7231q");
      resultOf("flash", await rig.run({ kind: "flash", file: { name: "lamp_bk7231q.bin", bytes }, ...WHERE }));
    });
  });

  it("stay where only what several dies have in common speaks for the chip", async () => {
    await withSimulatedRig("bk7231t", {}, async (rig) => {
      const file = { name: "firmware.bin", bytes: codeAlone("bk7231t") };
      const before = rig.snapshot();
      rig.forget();
      const error = failedWith("image-chip-unknown", await rig.run({ kind: "flash", file, ...WHERE }));
      assert.match(english(error.context.detail ?? ""), /Tuya's key/);
      assertUntouched(rig, before);
    });
  });

  it("end a restore of a damaged application, which is only written by consent", async () => {
    await withSimulatedRig("bk7231t", {}, async (rig) => {
      const file = { name: "backup.bin", bytes: damaged("bk7231t") };
      const before = rig.snapshot();
      rig.forget();
      const error = failedWith("backup-unsound", await rig.run({ kind: "restore", file, ...WHERE }));
      assert.match(english(error.context.detail ?? ""), /block \d+ at file offset 0x0143/);
      assertUntouched(rig, before);
      const { verified, restore } = resultOf(
        "restore",
        await rig.run({ kind: "restore", file, ...WHERE, evenIfDamaged: true }),
      );
      assert.deepEqual([verified, restore.judgement.verdict], [true, "suspicious"]);
      // Flashing takes no damaged application at all.
      failedWith("image-corrupt", await rig.run({ kind: "flash", file, ...WHERE, evenIfDamaged: true }));
    });
  });
});
