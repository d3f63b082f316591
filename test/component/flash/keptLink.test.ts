/** A chip that stays linked from one job to the next: what the next says of it is what is on its flash now, and it needs no hand. */
import assert from "node:assert/strict";
import { PRESETS } from "../../../src/simulator/index";
import { shortBuildFor } from "./builds";
import { flashRequest, notes, resultOf, withSimulatedRig, type Rig } from "./rig";

const BOOT = 0x11000;
const MIB2 = 0x200000;
const CONSENT = {
  confirm: ({ name }: { name: string }): Promise<string> => Promise.resolve(name),
  save: (bytes: Uint8Array): Promise<Uint8Array> => Promise.resolve(bytes),
};
/** Nobody cycles its power once it is linked. */
const ALONE = { person: "manual" } as const;

async function linkedOnce(rig: Rig): Promise<Awaited<ReturnType<Rig["openSession"]>>> {
  rig.chip.powerCycle();
  return await rig.openSession();
}

describe("a link that is kept over jobs that write", () => {
  it("boot code that was brought back is what the next job judges, and what the job itself says of the chip", async () => {
    await withSimulatedRig("bk7231n", ALONE, async (rig) => {
      const whole = rig.snapshot();
      const at = PRESETS.bk7231n.calibrationAt;
      rig.chip.flash.fill(0xff, at, at + 0x1000);
      rig.chip.flash.fill(0xff, 0, BOOT);
      const session = await linkedOnce(rig);
      const before = resultOf("info", await rig.inSession(session, { kind: "info" })).chip;
      assert.equal(before.start?.starts, "no");
      const request = flashRequest({ name: "backup.bin", bytes: whole }, { only: "boot-code", bootloader: "wanted" });
      const agreed = rig.answering({ bootloader: CONSENT });
      const dry = resultOf("flash", await rig.inSession(session, { ...request, dryRun: true }));
      assert.equal(dry.chip.start?.starts, "no");
      const { chip } = resultOf("flash", await agreed.inSession(session, request));
      assert.equal(chip.start?.starts, "yes");
      const outcome = await rig.inSession(session, { kind: "info" });
      const now = resultOf("info", outcome).chip;
      assert.deepEqual([now.start?.starts, now.bootloader.profile !== undefined], ["yes", true]);
      assert.deepEqual(
        outcome.events.filter(({ type }) => type === "linking" || type === "linked"),
        [],
      );
      await session.close();
    });
  });

  it("an application that was erased or brought back is what the job says of the chip", async () => {
    await withSimulatedRig("bk7231t", ALONE, async (rig) => {
      const session = await linkedOnce(rig);
      const erased = await rig.inSession(session, { kind: "erase", start: BOOT, length: 0x20000, dryRun: false });
      assert.equal(resultOf("erase", erased).chip.start?.starts, "no");
      const written = await rig.inSession(session, flashRequest(shortBuildFor(PRESETS.bk7231t).crc));
      assert.equal(resultOf("flash", written).chip.start?.starts, "yes");
      await session.close();
    });
  });

  it("calibration that was replaced is this chip's from then on", async () => {
    await withSimulatedRig("bk7231n", ALONE, async (rig) => {
      const { calibrationAt } = PRESETS.bk7231n;
      const dump = rig.snapshot();
      const session = await linkedOnce(rig);
      const before = resultOf("info", await rig.inSession(session, { kind: "info" })).chip;
      const mac = Buffer.from((before.mac ?? "").replaceAll(":", ""), "hex");
      const place = Buffer.from(dump).indexOf(mac, calibrationAt);
      assert.ok(place > 0);
      dump[place + 5] = (dump[place + 5] ?? 0) ^ 0x5a;
      const restore = {
        kind: "restore",
        file: { name: "dump.bin", bytes: dump },
        keepCalibration: false,
        verify: true,
        reboot: false,
        dryRun: false,
        evenIfChipUnknown: true,
        evenIfDamaged: true,
      } as const;
      const result = resultOf("restore", await rig.inSession(session, restore));
      assert.notEqual(result.restore.mac, before.mac);
      assert.equal(result.chip.mac, result.restore.mac);
      const outcome = await rig.inSession(session, { kind: "info" });
      assert.equal(resultOf("info", outcome).chip.mac, result.restore.mac);
      assert.ok(!outcome.events.some(({ type }) => type === "linking"));
      assert.ok(!notes(outcome.events).includes("chip-unmarked"));
      await session.close();
    });
  });

  it("calibration that a job brought to a place of its own is found, though it was looked for in vain before", async () => {
    await withSimulatedRig("bk7231n", ALONE, async (rig) => {
      const { calibrationAt } = PRESETS.bk7231n;
      const calibration = rig.chip.flash.slice(calibrationAt, calibrationAt + 0x1000);
      rig.chip.flash.fill(0xff, calibrationAt, calibrationAt + 0x1000);
      const session = await linkedOnce(rig);
      assert.equal(resultOf("info", await rig.inSession(session, { kind: "info" })).chip.calibration, undefined);
      const file = { name: "rf.bin", bytes: calibration };
      const written = await rig.inSession(session, flashRequest(file, { at: MIB2 - 0x30000 }));
      resultOf("flash", written);
      const { chip } = resultOf("info", await rig.inSession(session, { kind: "info" }));
      assert.equal(chip.calibration?.address, MIB2 - 0x30000);
      await session.close();
    });
  });

  it("another chip in its place is not taken for it, whatever the last job wrote", async () => {
    await withSimulatedRig("bk7231n", { person: "auto" }, async (rig) => {
      const { calibrationAt } = PRESETS.bk7231n;
      const session = await linkedOnce(rig);
      resultOf("flash", await rig.inSession(session, flashRequest(shortBuildFor(PRESETS.bk7231n).crc)));
      rig.chip.flash.fill(0x77, calibrationAt + 0x200, calibrationAt + 0x300);
      const outcome = await rig.inSession(session, { kind: "info" });
      assert.ok(outcome.events.some(({ type }) => type === "linked"));
      await session.close();
    });
  });
});
