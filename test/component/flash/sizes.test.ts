/** The size of a flash is what its content shows, whatever its id or its loader says, and nothing reaches behind it. */
import assert from "node:assert/strict";
import { PRESETS, type PresetId } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/prng";
import { PRESET_IDS, shortBuildFor } from "./builds";
import {
  assertCarriedOut,
  assertUntouched,
  failedWith,
  firstDifference,
  flashRequest,
  resultOf,
  withSimulatedRig,
  type Rig,
  type RigOptions,
} from "./rig";

const MIB = 0x100000;
const ROM = "bk7231n";

async function sizeOf(rig: Rig): Promise<readonly [number, string, boolean | undefined]> {
  const { size, sizeFrom, sizeProven } = resultOf("info", await rig.run({ kind: "info" })).chip.flash;
  return [size, sizeFrom, sizeProven];
}

describe("a flash that gives another size than it has", () => {
  for (const [claimsJedecId, claimed] of [
    ["0B4013", MIB / 2],
    ["0B4014", MIB],
    ["0B4016", 4 * MIB],
    ["0B4017", 8 * MIB],
    ["0B4018", 16 * MIB],
    ["C84019", 32 * MIB],
    ["C44011", MIB / 8],
    ["777716", 4 * MIB],
    ["7777FE", 0],
  ] as const) {
    it(`id ${claimsJedecId} (${claimed / MIB} MiB) on 2 MiB: the backup is whole, and nothing behind it is erased`, async () => {
      await withSimulatedRig(ROM, { claimsJedecId }, async (rig) => {
        const before = rig.snapshot();
        assert.deepEqual(await sizeOf(rig), [2 * MIB, "wrap-around", true]);
        const { data } = resultOf("backup", await rig.run({ kind: "backup" }));
        assert.equal(firstDifference(data, before), -1);
        const request = { kind: "erase", start: 2 * MIB, length: 0x1000, dryRun: false } as const;
        failedWith("plan-out-of-range", await rig.run(request));
        assertUntouched(rig, before);
      });
    });
  }

  it("an id that is true stays what tells it, on every chip, at every size", async () => {
    const holds = async (id: PresetId, jedecId: string, size: number): Promise<void> =>
      withSimulatedRig(id, { jedecId }, async (rig) => {
        const from = PRESETS[id].answers.kind === "rom" ? "jedec" : "wrap-around";
        assert.deepEqual(await sizeOf(rig), [size, from, true], `${id} ${jedecId}`);
      });
    for (const id of PRESET_IDS) {
      await holds(id, "C84014", MIB);
      await holds(id, "C84015", 2 * MIB);
      await holds(id, "C84016", 4 * MIB);
      await holds(id, "C84017", 8 * MIB);
    }
  });
});

describe("content by which the size cannot be told, or is told wrongly", () => {
  const on = (
    id: PresetId,
    options: RigOptions,
    change: (flash: Uint8Array) => void,
    judge: (rig: Rig) => Promise<void>,
  ) =>
    withSimulatedRig(id, options, async (rig) => {
      change(rig.chip.flash);
      await judge(rig);
    });
  const LIE: RigOptions = { claimsJedecId: "0B4016" };

  it("boot code blank, application blank, both blank with something elsewhere", async () => {
    const changes: readonly ((flash: Uint8Array) => void)[] = [
      (flash) => flash.fill(0xff, 0, 0x11000),
      (flash) => flash.fill(0xff, 0x11000, 0x100000),
      (flash) => flash.fill(0xff, 0, 0x100000),
      (flash) => flash.fill(0xff).set(noise(3, 0x20), 0x1f4567),
    ];
    for (const change of changes)
      await on(ROM, LIE, change, async (rig) => assert.deepEqual(await sizeOf(rig), [2 * MIB, "wrap-around", true]));
  });

  it("all of it blank: the id is all there is, nothing is there to lose, and what is written is proven", async () => {
    const erase = (flash: Uint8Array): void => void flash.fill(0xff);
    await on(ROM, LIE, erase, async (rig) => {
      assert.deepEqual(await sizeOf(rig), [4 * MIB, "jedec", false]);
      const before = rig.snapshot();
      const outcome = await rig.run(flashRequest(shortBuildFor(PRESETS[ROM]).crc, { evenIfItCannotStart: true }));
      assertCarriedOut(resultOf("flash", outcome).plan, before, rig.chip.flash);
    });
  });

  it("a second copy of the boot code in the middle does not make half a flash of it", async () => {
    for (const id of [ROM, "bk7231t", "bk7231s"] as const)
      await on(
        id,
        {},
        (flash) => flash.copyWithin(MIB, 0, 0x11000),
        async (rig) => assert.equal((await sizeOf(rig))[0], 2 * MIB, id),
      );
  });

  it("nor does one where it would come again if the flash were smaller than it is", async () => {
    for (const id of [ROM, "bk7231t", "bk7231s"] as const)
      await on(
        id,
        { jedecId: "C84016", ...(id === ROM && { claimsJedecId: "C84015" }) },
        (flash) => flash.copyWithin(2 * MIB, 0, 0x11000),
        async (rig) => assert.equal((await sizeOf(rig))[0], 4 * MIB, id),
      );
  });

  it("two equal halves are taken for one, which leaves the other alone", async () => {
    for (const id of [ROM, "bk7231t"] as const)
      await on(
        id,
        { jedecId: "C84016" },
        (flash) => flash.copyWithin(2 * MIB, 0, 2 * MIB),
        async (rig) => {
          assert.deepEqual(await sizeOf(rig), [2 * MIB, "wrap-around", true], id);
          const before = rig.snapshot();
          failedWith(
            "plan-out-of-range",
            await rig.run({ kind: "erase", start: 2 * MIB, length: 0x1000, dryRun: false }),
          );
          assertUntouched(rig, before);
        },
      );
  });
});

describe("a loader that shows neither boot code nor anything else by which its flash could be measured", () => {
  it("is written where every flash is, and nowhere else", async () => {
    const { answers } = PRESETS.bk7231u;
    assert.ok(answers.kind === "loader");
    const loader = { ...answers.loader, readEnd: 0x1000000 };
    await withSimulatedRig({ ...PRESETS.bk7231u, answers: { kind: "loader", loader } }, {}, async (rig) => {
      rig.chip.flash.fill(0xff, 0x11000, 0x200000);
      assert.equal((await sizeOf(rig))[2], false);
      const before = rig.snapshot();
      const erase = { kind: "erase", start: 0x180000, length: 0x1000, dryRun: false } as const;
      failedWith("plan-out-of-range", await rig.run(erase));
      assertUntouched(rig, before);
    });
  });
});
