import assert from "node:assert/strict";
import type { FlasherError, Transport } from "../../../src/core/index";
import { remedyFor } from "../../../src/core/index";
import { PRESETS, type Behaviour } from "../../../src/simulator/index";
import { PRESET_IDS, shortBuildFor } from "./builds";
import { assertUntouched, failedWith, flashRequest, withSimulatedRig } from "./rig";

/** Answers to the question for the flash's name come back as zeros. */
function nameless(id: readonly number[]) {
  return (transport: Transport): Transport => ({
    label: transport.label,
    can: transport.can,
    async read(timeoutMs, signal) {
      const bytes = (await transport.read(timeoutMs, signal)).slice();
      const at = Buffer.from(bytes).indexOf(Buffer.from(id));
      if (at >= 0) bytes.fill(0, at, at + id.length);
      return bytes;
    },
    write: (bytes, signal) => transport.write(bytes, signal),
    setBaudRate: (baud) => transport.setBaudRate(baud),
    setControlLines: (lines) => transport.setControlLines(lines),
    discardInput: () => transport.discardInput(),
    close: () => transport.close(),
  });
}

function firstStep(error: FlasherError): string {
  return remedyFor(error).steps[0] ?? "";
}

describe("before the first erase", () => {
  it("a flash without a name, or with an unknown one, stops the job with the flash untouched", async () => {
    const build = shortBuildFor(PRESETS["bk7231n-zero"]).crc;
    await withSimulatedRig("bk7231n-zero", { wrap: nameless([0xc8, 0x40, 0x15]) }, async (rig) => {
      const before = rig.snapshot();
      failedWith("flash-dead", await rig.run(flashRequest(build)));
      assertUntouched(rig, before);
    });
    await withSimulatedRig("bk7231n-zero", { jedecId: "AB1215" }, async (rig) => {
      const before = rig.snapshot();
      failedWith("flash-unknown", await rig.run(flashRequest(build)));
      assertUntouched(rig, before);
    });
  });

  it("a flash that reads as zeros everywhere stops it, behind a ROM and behind an unknown loader", async () => {
    for (const id of ["bk7231n-zero", "bk7231s"] as const) {
      await withSimulatedRig(id, { flash: new Uint8Array(0x200000) }, async (rig) => {
        const before = rig.snapshot();
        const erased = failedWith(
          "flash-dead",
          await rig.run({ kind: "erase", start: 0x20000, length: 0x3000, dryRun: false }),
        );
        assert.equal(erased.flash, "untouched");
        assert.equal(Buffer.compare(before, rig.chip.flash), 0);
        const content = rig.flashOperations.filter(({ operation }) => operation.kind !== "status");
        assert.deepEqual(content, []);
      });
    }
  });

  for (const id of PRESET_IDS) {
    it(`${id}: erases that are ignored are found at once, also where the plan begins with blank sectors`, async () => {
      const ignoring: Behaviour = { onFlashOperation: ({ kind }) => (kind === "erase" ? "ignore" : undefined) };
      const build = shortBuildFor(PRESETS[id]).crc;
      await withSimulatedRig(id, { behaviours: [ignoring] }, async (rig) => {
        rig.chip.flash.fill(0xff, 0x12000, 0x13000);
        const before = rig.snapshot();
        const error = failedWith("flash-protected", await rig.run(flashRequest(build, { full: true })));
        assert.equal(error.flash, "untouched");
        assert.equal(Buffer.compare(before, rig.chip.flash), 0);
      });
    });
  }
});

describe("where it fails tells why", () => {
  const build = shortBuildFor(PRESETS.bk7231t).crc;

  it("silence from the first erase on: the supply", async () => {
    const dying: Behaviour = {
      onFlashOperation: ({ kind }, _count, around) => (kind === "erase" ? (around.powerOff(), "ignore") : undefined),
    };
    await withSimulatedRig("bk7231t", { behaviours: [dying], linkTimeoutMs: 1_500 }, async (rig) => {
      const { error } = await rig.run(flashRequest(build, { full: true }));
      assert.equal(error?.suspect, "power", error?.message);
      assert.match(firstStep(error), /first erase.*supply/);
    });
  });

  it("the same sector each time: the flash", async () => {
    const worn: Behaviour = {
      onFlashOperation: (operation) =>
        operation.kind === "program" &&
        operation.address % 0x200000 >= 0x15000 &&
        operation.address % 0x200000 < 0x16000
          ? "ignore"
          : undefined,
    };
    await withSimulatedRig("bk7231t", { behaviours: [worn] }, async (rig) => {
      const { error } = await rig.run(flashRequest(build, { full: true }));
      assert.equal(error?.suspect, "place", error?.message);
      assert.match(firstStep(error), /same place/);
    });
  });

  it("different places: the line; the adapter gone: the cable", async () => {
    let sent = -1;
    const lost = (nth: number): boolean =>
      (nth > 10_000 && nth < 10_004) || (nth > 50_000 && nth < 50_004) || nth > 100_000;
    const noisy: Behaviour = { onChipByte: (byte) => (sent >= 0 && lost(++sent) ? [] : [byte]) };
    await withSimulatedRig("bk7231t", { behaviours: [noisy], linkTimeoutMs: 1_500 }, async (rig) => {
      const { error } = await rig.run({ kind: "read", start: 0x11000, length: 0x40000 }, undefined, (event) => {
        if (event.type === "phase-started" && event.phase === "read") sent = 0;
      });
      assert.equal(error?.suspect, "line", error?.message);
    });
    await withSimulatedRig("bk7231t", {}, async (rig) => {
      const outcome = await rig.run(flashRequest(build, { full: true }), undefined, (event) => {
        if (event.type === "progress" && event.phase === "write") rig.transport?.unplug();
      });
      assert.equal(failedWith("port-lost", outcome).suspect, "cable");
      assert.match(firstStep(failedWith("port-lost", outcome)), /cable/);
    });
  });
});
