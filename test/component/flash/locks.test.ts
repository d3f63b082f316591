import assert from "node:assert/strict";
import { u32 } from "../../../src/core/base/bytes";
import { PRESETS, ignoreErases, stuckProtection, type Behaviour, type PresetId } from "../../../src/simulator/index";
import { PRESET_IDS, shortBuildFor } from "./builds";
import {
  Hand,
  assertCarriedOut,
  assertUntouched,
  failedWith,
  firstDifference,
  flashRequest,
  locksUntilReset,
  never,
  notes,
  resetsByCommand,
  resultOf,
  withSimulatedRig,
  type Rig,
} from "./rig";

const LINK_CHECK = Uint8Array.of(0x01, 0xe0, 0xfc, 0x01, 0x00);
const CRC_OF_FIRST_PAGE = Uint8Array.of(0x01, 0xe0, 0xfc, 0x09, 0x10, ...u32(0), ...u32(0x100));

/** What other tools do at connect: link, then have the boot code hashed, which locks the flash of older loaders. */
async function lockByCrc(rig: Rig): Promise<void> {
  const transport = await rig.open({ kind: "serial", path: "memory" }, { baudRate: 115_200 }, never);
  rig.chip.powerCycle();
  while (rig.chip.state !== "linked") {
    if (rig.chip.state === "app") rig.chip.powerCycle();
    await transport.write(LINK_CHECK, never);
    await transport.read(5, never);
  }
  await transport.write(CRC_OF_FIRST_PAGE, never);
  while (!rig.log.some((event) => event.type === "command" && event.code === 0x10)) await transport.read(5, never);
  await transport.read(50, never);
  await transport.close();
  rig.forget();
}

/** The reply to the `nth` program operation says done, but the flash did nothing. */
function ignorePrograms(...which: readonly number[]): Behaviour {
  let seen = 0;
  return { onFlashOperation: ({ kind }) => (kind === "program" && which.includes(++seen) ? "ignore" : undefined) };
}

/** From the `nth` program operation on, all are ignored. */
function ignoreProgramsFrom(nth: number): Behaviour {
  let seen = 0;
  return { onFlashOperation: ({ kind }) => (kind === "program" && ++seen >= nth ? "ignore" : undefined) };
}

describe("a chip that another tool has locked with a CRC in this power cycle", () => {
  it("is noticed by reading, reset where the loader can, and flashed", async () => {
    const flashes = async (id: PresetId): Promise<void> => {
      // Unprotected at first: a register that holds the lock value already is not written, and nothing sticks.
      await withSimulatedRig(
        id,
        { person: "manual", idleRebootMs: 60_000, statusRegister: 0, firmware: Hand.firmwareFor(PRESETS[id]) },
        async (rig) => {
          await lockByCrc(rig);
          const before = rig.snapshot();
          const hand = new Hand(rig);
          const outcome = await rig.run(flashRequest(shortBuildFor(PRESETS[id]).crc), never, hand.onEvent);
          assertCarriedOut(resultOf("flash", outcome).plan, before, rig.chip.flash);
          const locked = locksUntilReset(PRESETS[id]);
          assert.equal(notes(outcome.events).includes("needs-reset"), locked, id);
          assert.equal(hand.cycles > 0, locked && !resetsByCommand(PRESETS[id]), id);
        },
      );
    };
    await Promise.all(PRESET_IDS.map(flashes));
  });
});

describe("flash protected at power-up", () => {
  for (const statusRegister of [0x0000, 0x007c, 0x027c, 0x407c, 0x4004]) {
    it(`status ${statusRegister.toString(16)}: every chip is written all the same`, async () => {
      const flashes = (id: PresetId): Promise<void> => {
        // The Puya part of this preset has one status byte.
        const status = PRESETS[id].jedecId === "854215" ? statusRegister & 0xff : statusRegister;
        return withSimulatedRig(id, { statusRegister: status }, async (rig) => {
          const before = rig.snapshot();
          const outcome = await rig.run(flashRequest(shortBuildFor(PRESETS[id]).crc));
          assertCarriedOut(resultOf("flash", outcome).plan, before, rig.chip.flash);
          // A ROM chip gets its protection back; loaders protect by themselves after the CRC that verifies.
          if (PRESETS[id].answers.kind === "rom")
            assert.equal(rig.chip.statusRegister & 0x407c, statusRegister & 0x407c, id);
        });
      };
      await Promise.all(PRESET_IDS.map(flashes));
    });
  }

  it("stuck protection fails as flash-protected, with the flash untouched, on every chip", async () => {
    const fails = (id: PresetId): Promise<void> =>
      withSimulatedRig(id, { statusRegister: 0x007c, behaviours: [stuckProtection()] }, async (rig) => {
        const before = rig.snapshot();
        const error = failedWith("flash-protected", await rig.run(flashRequest(shortBuildFor(PRESETS[id]).crc)));
        assert.equal(error.flash, "untouched", id);
        assert.equal(firstDifference(before, rig.chip.flash), -1, id);
      });
    await Promise.all(PRESET_IDS.map(fails));
  });
});

describe("a flash that answers and does nothing", () => {
  const file = shortBuildFor(PRESETS["bk7231n-zero"]).crc;

  it("one ignored erase is seen by reading back, and repeated", async () => {
    await withSimulatedRig("bk7231n-zero", { behaviours: [ignoreErases(1)] }, async (rig) => {
      const before = rig.snapshot();
      assertCarriedOut(resultOf("flash", await rig.run(flashRequest(file))).plan, before, rig.chip.flash);
    });
  });

  it("an ignored erase further on is found by the verification, and mended", async () => {
    for (const id of ["bk7231n-zero", "bk7231t", "bk7231s"] as const) {
      await withSimulatedRig(id, { behaviours: [ignoreErases(3)] }, async (rig) => {
        const before = rig.snapshot();
        const { crc } = shortBuildFor(PRESETS[id]);
        const outcome = await rig.run(flashRequest(crc));
        const { plan, repairedSectors } = resultOf("flash", outcome);
        assert.equal(repairedSectors > 0, true, id);
        assert.equal(notes(outcome.events).includes("repair"), true);
        // Where the verifying CRC locks the flash, the repair began with a reset.
        assert.equal(notes(outcome.events).includes("needs-reset"), id === "bk7231s");
        assertCarriedOut(plan, before, rig.chip.flash);
      });
    }
  });

  it("without verification it is not claimed to be verified", async () => {
    await withSimulatedRig("bk7231n-zero", { behaviours: [ignorePrograms(1_000)] }, async (rig) => {
      const { verified } = resultOf("flash", await rig.run(flashRequest(file, { verify: false })));
      assert.equal(verified, false);
    });
  });

  it("one program that did not take, at the start and further on, is mended on every kind of loader", async () => {
    const mends = (id: PresetId): Promise<void> =>
      withSimulatedRig(id, { behaviours: [ignorePrograms(1, 1_000)] }, async (rig) => {
        const before = rig.snapshot();
        const { plan } = resultOf("flash", await rig.run(flashRequest(shortBuildFor(PRESETS[id]).crc)));
        assertCarriedOut(plan, before, rig.chip.flash);
      });
    await Promise.all(PRESET_IDS.map(mends));
  });

  it("programs that never take end as write-failed, and say that flash was changed", async () => {
    await withSimulatedRig("bk7231n-zero", { behaviours: [ignoreProgramsFrom(1)] }, async (rig) => {
      const error = failedWith("write-failed", await rig.run(flashRequest(file)));
      assert.equal(error.flash, "partly-written");
    });
  });

  it("sectors that stay wrong through the repair that follows verification: write-failed, with the flash partly written", async () => {
    await withSimulatedRig("bk7231n-zero", { behaviours: [ignoreProgramsFrom(1_000)] }, async (rig) => {
      const error = failedWith("write-failed", await rig.run(flashRequest(file)));
      // The repair has erased them again: less is there than before it.
      assert.equal(error.flash, "partly-written");
    });
  });

  it("an erase job whose flash ignores it fails, and leaves it untouched", async () => {
    await withSimulatedRig("bk7231t", { behaviours: [ignoreErases()] }, async (rig) => {
      const before = rig.snapshot();
      const request = { kind: "erase", start: 0x20000, length: 0x2000, dryRun: false } as const;
      rig.chip.flash.fill(0x5a, 0x20000, 0x22000);
      const error = failedWith("flash-protected", await rig.run(request));
      assert.equal(error.flash, "untouched");
      assert.notEqual(firstDifference(before, rig.chip.flash), -1);
    });
  });

  it("erases whole sectors, proves them blank, and refuses what must stay", async () => {
    await withSimulatedRig("bk7231t", {}, async (rig) => {
      const session = await rig.openSession();
      const erase = (start: number, length: number, dryRun = false) =>
        rig.inSession(session, { kind: "erase", start, length, dryRun });
      const before = rig.snapshot();
      failedWith("plan-touches-bootloader", await erase(0x10000, 0x2000));
      failedWith("plan-touches-calibration", await erase(0x1df000, 0x2000));
      failedWith("plan-misaligned", await erase(0x20100, 0x1000));
      failedWith("plan-out-of-range", await erase(0x1ff000, 0x2000));
      failedWith("plan-empty", await erase(0x20000, 0));
      assert.equal(resultOf("erase", await erase(0x11000, 0x1000, true)).dryRun, true);
      assertUntouched(rig, before);
      assertCarriedOut(resultOf("erase", await erase(0x11000, 0x20000)).plan, before, rig.chip.flash);
      await session.close();
    });
  });
});
