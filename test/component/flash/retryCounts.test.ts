/** How often one thing is tried before its failure is passed on: counted at the chip. Requests are counted in test/unit/link. */
import assert from "node:assert/strict";
import type { JobEvent } from "../../../src/core/index";
import { PRESETS, type Behaviour } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/prng";
import { packaged, rawFirmware } from "./builds";
import { failedWith, flashRequest, notes, resultOf, withSimulatedRig, type Outcome, type Rig } from "./rig";

const ID = "bk7231n-zero";
const AT = 0x15000;
const app = packaged(PRESETS[ID], rawFirmware(0x8a50)).crc;

/** The flash does nothing about what it is told of a sector, the first so many times. */
function deafAt(address: number, times = Infinity): { readonly behaviour: Behaviour; readonly programs: () => number } {
  let seen = 0;
  let last = -1;
  const behaviour: Behaviour = {
    onFlashOperation: (operation) => {
      if (operation.kind === "erase" && Math.floor(operation.address / 0x1000) === address / 0x1000) last = -1;
      if (operation.kind !== "program" || Math.floor(operation.address / 0x1000) !== address / 0x1000) return undefined;
      // A sector is programmed piece by piece; it is one attempt.
      if (last === -1) seen++;
      last = operation.address;
      return seen <= times ? "ignore" : undefined;
    },
  };
  return { behaviour, programs: () => seen };
}

async function flashed(behaviour: Behaviour): Promise<{ readonly outcome: Outcome; readonly rig: Rig }> {
  let result: { readonly outcome: Outcome; readonly rig: Rig } | undefined;
  await withSimulatedRig(ID, { behaviours: [behaviour] }, async (rig) => {
    rig.chip.flash.set(noise(4, 0x10000), 0x11000);
    result = { outcome: await rig.run(flashRequest(app, { full: true })), rig };
  });
  assert.ok(result);
  return result;
}

const repairs = (events: readonly JobEvent[]): number => notes(events).filter((code) => code === "repair").length;

describe("how often it is tried", () => {
  it("to program the first sector: three times, each after an erase", async () => {
    const deaf = deafAt(0x11000);
    const { outcome } = await flashed(deaf.behaviour);
    assert.equal(failedWith("write-failed", outcome).context.attempts, 3);
    assert.equal(deaf.programs(), 3);
    assert.equal(repairs(outcome.events), 2);
  });

  it("to program the first sector, and it takes the third time: the job goes on", async () => {
    const deaf = deafAt(0x11000, 2);
    const { outcome } = await flashed(deaf.behaviour);
    assert.equal(resultOf("flash", outcome).verified, true);
    assert.equal(deaf.programs(), 3);
  });

  it("to repair what the proof finds wrong: two rounds, in each of which a sector is programmed up to three times", async () => {
    const takes = async (times: number): Promise<{ readonly outcome: Outcome; readonly programs: number }> => {
      const deaf = deafAt(AT, times);
      const { outcome } = await flashed(deaf.behaviour);
      return { outcome, programs: deaf.programs() };
    };
    const never = await takes(Infinity);
    assert.equal(failedWith("write-failed", never.outcome).context.attempts, 3);
    assert.equal(never.programs, 1 + 3);
    const third = await takes(3);
    assert.equal(resultOf("flash", third.outcome).repairedSectors, 1);
    assert.equal(third.programs, 4);
  });

  it("to repair a sector that looks right when it is programmed and wrong when it is proven: two rounds", async () => {
    // The chip's CRC of that one sector is right only where it is asked for by itself right after programming.
    let rounds = 0;
    await withSimulatedRig(ID, {}, async (rig) => {
      const { error } = await rig.run(flashRequest(app, { full: true }), undefined, (event) => {
        if (event.type !== "phase-started" || event.phase !== "verify") return;
        rounds++;
        rig.chip.flash[AT] = (rig.chip.flash[AT] as number) ^ 0xff;
      });
      assert.equal(error?.code, "verify-failed");
      assert.equal(error.context.attempts, 3);
    });
    assert.equal(rounds, 3);
  });
});
