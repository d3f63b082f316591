/** Whole jobs on BK7236 and BK7258: one image from address 0, boot code only behind a person's word, and what is not theirs refused. */
import assert from "node:assert/strict";
import { concat, equalBytes, fromHex } from "../../../src/core/base/bytes";
import { buildManifest, english, type BootloaderConsent, type JobEvent } from "../../../src/core/index";
import { PRESETS, createChip, practiceFirmware, type Behaviour } from "../../../src/simulator/index";
import { APP_AT, shortBuildFor } from "./builds";
import { KeptRead, KeptWrite, killedAt } from "./kept";
import {
  assertCarriedOut,
  assertUntouched,
  failedWith,
  firstDifference,
  flashRequest,
  notes,
  resultOf,
  withSimulatedRig,
  type Rig,
} from "./rig";

const CHIPS = ["bk7236", "bk7258"] as const;
const READ_REGISTER = 0x03;
const WRITE_REGISTER = 0x01;
/** As register addresses are on the wire. */
const OLD_ID = fromHex("00008000");
const NEW_ID = fromHex("04000144");
const FAULT = fromHex("040e0401e0fcee");

/** What a flash of these chips holds from the start on, with other boot code than they come with. */
const allApp = (id: (typeof CHIPS)[number]): { name: string; bytes: Uint8Array } => {
  const { bytes } = practiceFirmware(PRESETS[id]);
  return { name: "all-app.bin", bytes };
};

const says = (name: string): BootloaderConsent => ({
  confirm: () => Promise.resolve(name),
  save: (bytes) => Promise.resolve(bytes.slice()),
});

/** Counts register commands by the register they are for. */
function registersIn(list: { readonly code: number; readonly address: Uint8Array }[]): Behaviour {
  return {
    onCommand: ({ code, long, payload }) => {
      if (!long && (code === READ_REGISTER || code === WRITE_REGISTER))
        list.push({ code, address: payload.slice(0, 4) });
      return undefined;
    },
  };
}

describe("BK7236 and BK7258", () => {
  for (const id of CHIPS) {
    const name = PRESETS[id].chip.toUpperCase();

    it(`${id} is identified by its own register, and no fuse is touched`, async () => {
      const asked: { readonly code: number; readonly address: Uint8Array }[] = [];
      await withSimulatedRig(id, { behaviours: [registersIn(asked)] }, async (rig) => {
        const outcome = await rig.run({ kind: "info" });
        const { chip } = resultOf("info", outcome);
        assert.equal(chip.chip?.id, id);
        assert.deepEqual(
          chip.alternatives?.map((other) => other.id),
          CHIPS.filter((other) => other !== id),
        );
        assert.equal(chip.chipIdRegister, 0x72360001);
        assert.equal(chip.flash.size, id === "bk7236" ? 0x400000 : 0x800000);
        assert.deepEqual([chip.key.kind, chip.key.from], ["zero", "application"]);
        assert.equal(chip.mac, `C8:47:8C:42:00:${id === "bk7236" ? "0A" : "0B"}`);
        assert.equal(chip.calibration?.address, PRESETS[id].calibrationAt);
        assert.equal(chip.layout?.id, `sdk-${id}`);
        assert.equal(chip.start?.starts, "unknown");
        assert.ok(notes(outcome.events, "info").includes("chip-inferred"));
        assert.deepEqual(notes(outcome.events, "warning"), []);
        assert.ok(asked.every(({ code }) => code === READ_REGISTER));
        assert.ok(asked.some(({ address }) => equalBytes(address, NEW_ID)));
        assert.equal(rig.chip.counters.fusesBurned, 0);
      });
    });

    it(`${id}: of an image from address 0 the programs are written, boot code only with the chip's name`, async () => {
      const file = allApp(id);
      await withSimulatedRig(id, {}, async (rig) => {
        const before = rig.snapshot();
        for (const request of [flashRequest(file), flashRequest(file, { at: 0 })]) {
          const { plan, verified } = resultOf("flash", await rig.run(request));
          assert.equal(verified, true);
          assert.equal(plan.sectors[0]?.start, APP_AT);
          assertCarriedOut(plan, before, rig.chip.flash);
          assert.equal(firstDifference(rig.chip.flash.subarray(0, APP_AT), before.subarray(0, APP_AT)), -1);
        }
        const wanted = flashRequest(file, { bootloader: "wanted" });
        const behind = rig.snapshot();
        rig.forget();
        failedWith("bootloader-not-confirmed", await rig.run(wanted));
        const wrong = { bootloader: says(id === "bk7236" ? "BK7258" : "BK7236") };
        failedWith("bootloader-not-confirmed", await rig.answering(wrong).run(wanted));
        assertUntouched(rig, behind);
        const { plan, verified } = resultOf("flash", await rig.answering({ bootloader: says(name) }).run(wanted));
        assert.equal(verified, true);
        assert.equal(plan.sectors[0]?.start, 0);
        assert.equal(firstDifference(rig.chip.flash.subarray(0, file.bytes.length), file.bytes), -1);
        resultOf("verify", await rig.run({ kind: "verify", file }));
        rig.chip.powerCycle();
        await rig.untilStarted();
      });
    });

    it(`${id}: whole flash and boot code come back from a backup, the calibration as it was`, async () => {
      await withSimulatedRig(id, {}, async (rig) => {
        const { data, chip } = resultOf("backup", await rig.run({ kind: "backup" }));
        assert.equal(firstDifference(data, rig.chip.flash), -1);
        const file = { name: "backup.bin", bytes: data };
        rig.chip.flash.fill(0xff, 0, 0x3000);
        rig.chip.flash.fill(0x5a, 0x14000, 0x16000);
        failedWith("verify-failed", await rig.run({ kind: "verify", file }));
        const manifest = buildManifest(chip, data, "1", new Date(0));
        const restore = { kind: "restore", file, manifest, verify: true, reboot: false, dryRun: false } as const;
        const { restore: plan } = resultOf(
          "restore",
          await rig.answering({ bootloader: says(name) }).run({ ...restore, bootloader: "wanted" }),
        );
        assert.equal(plan.calibration, "kept");
        assert.equal(firstDifference(data, rig.chip.flash), -1);
        resultOf("verify", await rig.run({ kind: "verify", file }));
      });
    });

    it(`${id}: a write and a backup that were killed go on where they were`, async () => {
      const file = allApp(id);
      await withSimulatedRig(id, {}, async (rig) => {
        const kept = new KeptWrite();
        const hooks = { resumeWrite: kept.resume, bootloader: says(name) };
        const request = flashRequest(file, { bootloader: "wanted" });
        let done = 0;
        await killedAt(rig, request, hooks, (event) => {
          kept.store(event);
          return event.type === "sector-done" && ++done === 20;
        });
        assert.equal(done, 20);
        const outcome = await rig.answering(hooks).run(request, undefined, (event) => kept.store(event));
        const { verified, plan, bytesWritten } = resultOf("flash", outcome);
        assert.equal(verified, true);
        assert.ok(bytesWritten <= plan.totals.write - 19 * 0x1000, `${bytesWritten} of ${plan.totals.write}`);
        assert.equal(firstDifference(rig.chip.flash.subarray(0, file.bytes.length), file.bytes), -1);

        const read = new KeptRead(rig.chip.flash.length);
        let blocks = 0;
        await killedAt(rig, { kind: "backup" }, { resumeBackup: read.resume }, (event) => {
          read.store(event);
          return event.type === "block" && ++blocks === 7;
        });
        const { data, bytesTaken } = resultOf(
          "backup",
          await rig.answering({ resumeBackup: read.resume }).run({ kind: "backup" }),
        );
        assert.equal(bytesTaken, 7 * 0x10000);
        assert.equal(firstDifference(data, rig.chip.flash), -1);
      });
    });
  }

  it("refuse code of other chips, and other chips theirs, with words and an untouched flash", async () => {
    const chip = createChip("bk7231n-zero", { pace: "none" });
    const other = { name: "QIO.bin", bytes: concat(chip.flash.slice(0, 0x30000)) };
    chip.dispose();
    const refused = async (id: keyof typeof PRESETS, file: { name: string; bytes: Uint8Array }): Promise<void> => {
      await withSimulatedRig(id, {}, async (rig) => {
        const before = rig.snapshot();
        rig.forget();
        // Boot code that answers by itself is never written: that would be said first.
        const isRom = PRESETS[id].answers.kind === "rom";
        for (const bootloader of isRom ? ([undefined, "wanted"] as const) : [undefined]) {
          const outcome = await rig.run(flashRequest(file, bootloader && { bootloader }));
          const error = failedWith("image-wrong-chip", outcome);
          assert.equal(error.flash, "untouched");
          assert.ok(error.context.expected !== undefined && error.context.actual !== undefined);
        }
        assertUntouched(rig, before);
      });
    };
    for (const id of CHIPS) {
      await refused(id, other);
      await refused(id, shortBuildFor(PRESETS.bk7238).crc);
    }
    for (const id of ["bk7231n", "bk7231n-zero", "bk7252n", "bk7231t", "bk7252"] as const)
      await refused(id, allApp("bk7258"));
  });

  it("an image for the one is taken by what may be either, with a word: only the size of the flash tells them apart", async () => {
    const told = async (id: (typeof CHIPS)[number], jedecId: string, file: { name: string; bytes: Uint8Array }) => {
      let details: readonly string[] = [];
      await withSimulatedRig(id, { jedecId }, async (rig) => {
        const outcome = await rig.run(flashRequest(file, { dryRun: true }));
        assert.equal(resultOf("flash", outcome).verified, false);
        details = outcome.events.flatMap((event) =>
          event.type === "note" && event.code === "chip-is-a-guess" ? [english(event.context.detail ?? "")] : [],
        );
      });
      return details;
    };
    const silent = { ...allApp("bk7236"), name: "bk7236_all-app.bin" };
    assert.deepEqual(await told("bk7258", "0B4017", silent), [
      "the file is for BK7236, the chip was taken for a BK7258",
    ]);
    assert.deepEqual(await told("bk7258", "0B4016", allApp("bk7258")), [
      "the file is for BK7258, the chip was taken for a BK7236",
    ]);
    assert.deepEqual(await told("bk7258", "0B4018", allApp("bk7258")), []);
    assert.deepEqual(await told("bk7236", "0B4016", silent), []);
  });

  it("with 16 MiB and a protected flash: read, written, erased and restored to the last sector, the lock as it was", async () => {
    await withSimulatedRig("bk7258", { jedecId: "EF4018", statusRegister: 0x027c }, async (rig) => {
      const last = 0xfff000;
      rig.chip.flash.fill(0x5a, last);
      const before = rig.snapshot();
      const { data, chip } = resultOf("backup", await rig.run({ kind: "backup" }));
      assert.equal(firstDifference(data, before), -1);
      const raw = { name: "raw.bin", bytes: new Uint8Array(0x1234).fill(0x33) };
      const { plan } = resultOf("flash", await rig.run(flashRequest(raw, { at: 0x900000 })));
      assertCarriedOut(plan, before, rig.chip.flash);
      resultOf("erase", await rig.run({ kind: "erase", start: last, length: 0x1000, dryRun: false }));
      assert.ok(rig.chip.flash.subarray(last).every((byte) => byte === 0xff));
      const manifest = buildManifest(chip, data, "1", new Date(0));
      const file = { name: "backup.bin", bytes: data };
      const restore = { kind: "restore", file, manifest, verify: true, reboot: false, dryRun: false } as const;
      resultOf("restore", await rig.run(restore));
      assert.equal(firstDifference(before, rig.chip.flash), -1);
      assert.equal(rig.chip.statusRegister, 0x027c);
    });
  });

  it("answer the same however the line cuts their answers", async () => {
    for (const chunk of [1, 2, 3, 5, 7, 11, 16, 31, 62, 64, 257]) {
      await withSimulatedRig("bk7236", { memory: { chunk } }, async (rig) => {
        const { chip } = resultOf("info", await rig.run({ kind: "info" }));
        assert.deepEqual([chip.chip?.id, chip.chipIdRegister], ["bk7236", 0x72360001], `chunks of ${chunk}`);
      });
    }
  });
});

/** The ROM faults over a register that is none of its: it reports that, or says nothing, and resets. */
function faultsOver(register: Uint8Array, report: boolean): Behaviour {
  return {
    onCommand: ({ code, long, payload }, around) => {
      if (long || code !== READ_REGISTER || !equalBytes(payload.slice(0, 4), register)) return undefined;
      if (report) around.say(FAULT);
      around.powerCycle();
      return { ignore: true };
    },
  };
}

describe("a register that a chip faults over", () => {
  const identified = async (id: "bk7258" | "bk7231n" | "bk7238", behaviour: Behaviour, rigOf: (rig: Rig) => void) => {
    let found: string | undefined;
    await withSimulatedRig(id, { behaviours: [behaviour] }, async (rig) => {
      found = resultOf("info", await rig.run({ kind: "info" })).chip.chip?.id;
      rigOf(rig);
    });
    return found;
  };

  for (const report of [true, false]) {
    it(`the first one, ${report ? "reported" : "in silence"}: the chip is linked again and asked for the other`, async () => {
      assert.equal(await identified("bk7258", faultsOver(OLD_ID, report), () => undefined), "bk7258");
    });

    it(`the second one, ${report ? "reported" : "in silence"}: chips that know the first are never asked for it`, async () => {
      for (const id of ["bk7231n", "bk7238"] as const)
        assert.equal(await identified(id, faultsOver(NEW_ID, report), () => undefined), id);
    });
  }

  it("an id that is in no table stays unknown where the other register cannot be read", async () => {
    const { answers } = PRESETS.bk7231n;
    assert.ok(answers.kind === "rom");
    const preset = { ...PRESETS.bk7231n, answers: { ...answers, rom: { ...answers.rom, chipId: 0x7256 } } };
    await withSimulatedRig(preset, { behaviours: [faultsOver(NEW_ID, true)] }, async (rig) => {
      const events: JobEvent[] = [];
      const outcome = await rig.run({ kind: "info" }, undefined, (event) => void events.push(event));
      const { chip } = resultOf("info", outcome);
      assert.deepEqual([chip.chip, chip.chipIdRegister], [undefined, 0x7256]);
      assert.equal(english(chip.protocol.name), "boot ROM");
    });
  });
});
