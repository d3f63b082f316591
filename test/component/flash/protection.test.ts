import assert from "node:assert/strict";
import type { Transport } from "../../../src/core/index";
import { PRESETS, powerLossAtFlashOperation, type Behaviour } from "../../../src/simulator/index";
import { shortBuildFor } from "./builds";
import { assertCarriedOut, failedWith, flashRequest, notes, resultOf, withSimulatedRig, type Rig } from "./rig";

const ROM = ["bk7231n", "bk7231n-zero", "bk7238", "bk7252n"] as const;
/** SRP0, SRP1, LB1 to LB3. */
const LOCKS = 0x3980;

function statusWrites(rig: Rig): readonly number[] {
  return rig.flashOperations.flatMap(({ operation }) => (operation.kind === "status" ? [operation.value] : []));
}

/** Some answers to "read status register" arrive with these bits set that the flash does not have. */
function misread(which: (nth: number) => boolean, bits: number) {
  let seen = 0;
  return (transport: Transport): Transport =>
    new Proxy(transport, {
      get(target, name) {
        if (name === "read")
          return async (timeoutMs: number, signal: AbortSignal) => {
            const bytes = (await target.read(timeoutMs, signal)).slice();
            const isAnswer = bytes.length === 13 && bytes[9] === 0x0c && bytes[11] === 0x35;
            if (isAnswer && which(++seen)) bytes[12] = (bytes[12] as number) | bits;
            return bytes;
          };
        const value = Reflect.get(target, name) as unknown;
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
}

describe("the status register of a flash behind a ROM", () => {
  it("is written only where something is protected, once off and once back, every other bit as it was", async () => {
    const flashes = (id: (typeof ROM)[number], status: number): Promise<void> =>
      withSimulatedRig(id, { statusRegister: status }, async (rig) => {
        const before = rig.snapshot();
        const outcome = await rig.run(flashRequest(shortBuildFor(PRESETS[id]).crc));
        assertCarriedOut(resultOf("flash", outcome).plan, before, rig.chip.flash);
        const writes = statusWrites(rig);
        const isProtected = (status & 0x407c) !== 0;
        assert.deepEqual(writes, isProtected ? [status & ~0x407c, status] : [], `${id} ${status.toString(16)}`);
        assert.equal(rig.chip.statusRegister, status);
        const told = notes(outcome.events).filter((code) => /protected$/.test(code));
        assert.deepEqual(told, isProtected ? ["unprotected", "reprotected"] : []);
      });
    // Protected in parts and whole, with quad mode on, with security registers locked already.
    const all = [0x0000, 0x0200, 0x007c, 0x027c, 0x4004, 0x4204, 0x0a7c, 0x3a14];
    await Promise.all(ROM.flatMap((id) => all.map((status) => flashes(id, status))));
  });

  it("a reading that was damaged on the way never becomes a lock", async () => {
    for (const bits of [0x08, 0x10, 0x20, 0x01]) {
      for (const nth of [1, 2, 3, 4]) {
        await withSimulatedRig("bk7231n", { wrap: misread((seen) => seen === nth, bits) }, async (rig) => {
          const status = rig.chip.statusRegister;
          await rig.run(flashRequest(shortBuildFor(PRESETS.bk7231n).crc));
          for (const value of statusWrites(rig)) assert.equal(value & LOCKS & ~status, 0, value.toString(16));
          assert.equal(rig.chip.statusRegister & LOCKS, status & LOCKS);
        });
      }
    }
  });

  it("no two readings the same: the job ends before anything is written", async () => {
    await withSimulatedRig("bk7231n", { wrap: misread((seen) => seen % 2 === 0, 0x08) }, async (rig) => {
      const error = failedWith("reply-invalid", await rig.run(flashRequest(shortBuildFor(PRESETS.bk7231n).crc)));
      assert.equal(error.flash, "untouched");
      assert.deepEqual(rig.flashOperations, []);
    });
  });

  it("a part that changes other bits than it was told is not one to write to", async () => {
    const quad: Behaviour = {
      // Quad mode goes with every write of the register.
      onFlashOperation: (operation) => {
        if (operation.kind === "status") Object.assign(operation, { value: operation.value & ~0x0200 });
        return undefined;
      },
    };
    await withSimulatedRig("bk7231n", { statusRegister: 0x027c, behaviours: [quad] }, async (rig) => {
      const error = failedWith("flash-unknown", await rig.run(flashRequest(shortBuildFor(PRESETS.bk7231n).crc)));
      assert.equal(error.flash, "untouched");
      assert.match(error.message, /expected status 0200, got status 0000/);
    });
  });

  it("power lost at the writing of it: lifted and put back all the same", async () => {
    for (const nth of [1, 2, 3]) {
      const options = { behaviours: [powerLossAtFlashOperation(nth)], person: "manual" as const };
      await withSimulatedRig("bk7231n", options, async (rig) => {
        const status = rig.chip.statusRegister;
        const before = rig.snapshot();
        const outcome = await rig.run(flashRequest(shortBuildFor(PRESETS.bk7231n).crc), undefined, (event) => {
          if (event.type === "linking" && rig.chip.state === "off") rig.chip.powerOn();
          else if (event.type === "linking" && event.needsPerson) rig.chip.powerCycle();
        });
        assertCarriedOut(resultOf("flash", outcome).plan, before, rig.chip.flash);
        assert.equal(rig.chip.statusRegister, status);
      });
    }
  });
});
