import assert from "node:assert/strict";
import { buildManifest, type JobEvent, type RestorePlan } from "../../../src/core/index";
import { PRESETS } from "../../../src/simulator/index";
import { PRESET_IDS } from "./builds";
import {
  Rig,
  assertCarriedOut,
  assertUntouched,
  failedWith,
  firstDifference,
  notes,
  resultOf,
  withSimulatedRig,
  type Outcome,
} from "./rig";

const APP_END = 0x30000;
const WHERE = { verify: true, reboot: false, dryRun: false } as const;

function planOf({ events }: Outcome): RestorePlan {
  const found = events.find(
    (event): event is Extract<JobEvent, { type: "restore-planned" }> => event.type === "restore-planned",
  );
  assert.ok(found, "no restore was planned");
  return found.restore;
}

/** A backup of the chip as it is, with the manifest the job's own result gives. */
async function backedUp(
  rig: Rig,
): Promise<{ name: string; bytes: Uint8Array; manifest: ReturnType<typeof buildManifest> }> {
  const { data, chip } = resultOf("backup", await rig.run({ kind: "backup" }));
  return { name: "dump.bin", bytes: data, manifest: buildManifest(chip, data, "1", new Date(0)) };
}

describe("restore", () => {
  for (const id of PRESET_IDS) {
    it(`${id}: what was damaged comes back, verified; boot code and calibration are never touched`, async () => {
      await withSimulatedRig(id, {}, async (rig) => {
        const { manifest, ...file } = await backedUp(rig);
        const { calibrationAt } = PRESETS[id];
        const { flash } = rig.chip;
        flash.fill(0x5a, 0x18000, 0x1b123);
        flash.fill(0x00, calibrationAt + 0x1000, calibrationAt + 0x1400);
        const before = rig.snapshot();
        rig.forget();
        const outcome = await rig.run({ kind: "restore", file, manifest, ...WHERE });
        const { restore, plan, verified, bytesWritten } = resultOf("restore", outcome);
        assert.equal(firstDifference(file.bytes, rig.chip.flash), -1);
        assertCarriedOut(plan, before, rig.chip.flash);
        assert.deepEqual([restore.device, restore.calibration, verified], ["same", "kept", true]);
        assert.equal(bytesWritten > 0 && bytesWritten < 0x100000, true, String(bytesWritten));
        const own = { start: calibrationAt, end: calibrationAt + 0x1000 };
        assert.equal(
          plan.sectors.some(({ start, end }) => start < own.end && end > own.start),
          false,
        );
        const { events } = outcome;
        assert.equal(
          events.findIndex(({ type }) => type === "restore-planned") + 1,
          events.findIndex(({ type }) => type === "planned"),
        );
      });
    });
  }

  it("another device's dump leaves this device its calibration and MAC address, and says so", async () => {
    const other = new Rig("bk7231n", {});
    other.chip.flash[0x1d0029] = 0x77;
    const { manifest, ...file } = await backedUp(other);
    other.dispose();
    await withSimulatedRig("bk7231n", {}, async (rig) => {
      const own = rig.chip.flash.slice(0x1d0000, 0x1d1000);
      const outcome = await rig.run({ kind: "restore", file, manifest, ...WHERE });
      resultOf("restore", outcome);
      const plan = planOf(outcome);
      assert.deepEqual([plan.device, plan.calibration, plan.mac], ["other", "kept", "C8:47:8C:42:00:02"]);
      assert.equal(
        plan.warnings.some(({ code }) => code === "other-device"),
        true,
      );
      assert.equal(firstDifference(own, rig.chip.flash.subarray(0x1d0000, 0x1d1000)), -1);

      const replaced = resultOf(
        "restore",
        await rig.run({ kind: "restore", file, manifest, keepCalibration: false, ...WHERE }),
      );
      assert.deepEqual([replaced.restore.calibration, replaced.restore.mac], ["written", "C8:47:8C:42:00:77"]);
      assert.equal(firstDifference(file.bytes, rig.chip.flash), -1);
    });
  });

  it("finds it also on a flash that ends before the place where it usually is, and lets no erase touch it", async () => {
    for (const id of ["bk7231n", "bk7231t"] as const) {
      await withSimulatedRig(id, { jedecId: "C84014" }, async (rig) => {
        const before = rig.snapshot();
        assert.equal(before.length, 0x100000);
        const erase = { kind: "erase", start: 0xfe000, length: 0x2000, dryRun: false } as const;
        failedWith("plan-touches-calibration", await rig.run(erase));
        assertUntouched(rig, before);
        const { chip } = resultOf("info", await rig.run({ kind: "info" }));
        assert.equal(chip.calibration?.address, 0xff000);
      });
    }
  });

  it("finds calibration at no known address before anything is planned", async () => {
    await withSimulatedRig("bk7231s", {}, async (rig) => {
      const { flash } = rig.chip;
      flash.copyWithin(0x155000, 0x1f3000, 0x1f4000);
      flash.fill(0xff, 0x1f3000, 0x1f4000);
      const { manifest, ...file } = await backedUp(rig);
      flash.fill(0x11, 0x150000, 0x152000);
      resultOf("restore", await rig.run({ kind: "restore", file, manifest, ...WHERE }));
      assert.equal(firstDifference(file.bytes, flash), -1);
    });
  });

  it("a worthless or changed dump is refused before the port is opened", async () => {
    await withSimulatedRig("bk7231t", {}, async (rig) => {
      const { manifest, ...file } = await backedUp(rig);
      const before = rig.snapshot();
      rig.transport = undefined;
      rig.forget();
      const damaged = { ...file, bytes: file.bytes.map((byte, i) => (i === 0x18000 ? byte ^ 1 : byte)) };
      failedWith("backup-damaged", await rig.run({ kind: "restore", file: damaged, manifest, ...WHERE }));
      const zeros = { name: "dump.bin", bytes: new Uint8Array(0x200000) };
      failedWith("backup-worthless", await rig.run({ kind: "restore", file: zeros, ...WHERE }));
      assert.equal(rig.transport, undefined);
      assertUntouched(rig, before);
    });
  });

  it("a dump of another chip or key is refused with the flash untouched; so is a plan that was declined", async () => {
    const other = new Rig("bk7231n-zero", {});
    const foreign = await backedUp(other);
    other.dispose();
    await withSimulatedRig("bk7231n", {}, async (rig) => {
      const before = rig.snapshot();
      const { manifest, ...file } = foreign;
      failedWith("image-wrong-key", await rig.run({ kind: "restore", file, manifest, ...WHERE }));
      const own = await backedUp(rig);
      rig.chip.flash.fill(0x5a, 0x18000, 0x19000);
      before.set(rig.chip.flash);
      rig.forget();
      const request = { kind: "restore", file: own, manifest: own.manifest, ...WHERE } as const;
      failedWith("cancelled", await rig.answering({ approve: () => Promise.resolve(false) }).run(request));
      const dry = resultOf("restore", await rig.run({ ...request, dryRun: true }));
      assert.deepEqual([dry.dryRun, dry.verified, dry.bytesWritten], [true, false, 0]);
      assertUntouched(rig, before);
    });
  });

  it("puts the flash's protection back, after success and after a failure in the middle", async () => {
    for (const fails of [false, true]) {
      const behaviours = fails
        ? [{ onFlashOperation: ({ kind }: { kind: string }) => (kind === "program" ? ("ignore" as const) : undefined) }]
        : [];
      await withSimulatedRig("bk7238", { behaviours }, async (rig) => {
        const status = rig.chip.statusRegister;
        const { manifest, ...file } = await backedUp(rig);
        rig.chip.flash.fill(0x5a, 0x18000, APP_END - 0x10000);
        const outcome = await rig.run({ kind: "restore", file, manifest, ...WHERE });
        if (fails) failedWith("write-failed", outcome);
        else resultOf("restore", outcome);
        assert.deepEqual(
          notes(outcome.events).filter((code) => code === "unprotected" || code.startsWith("reprotect")),
          ["unprotected", "reprotected"],
        );
        assert.equal(rig.chip.statusRegister, status);
      });
    }
  });
});
