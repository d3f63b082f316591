import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import fc from "fast-check";
import { concat } from "../../../src/core/base/bytes";
import { ImageError, PlanError } from "../../../src/core/base/errors";
import { overlaps, rangeOf } from "../../../src/core/base/ranges";
import { english } from "../../../src/core/base/words";
import { buildManifest } from "../../../src/core/backup/manifest";
import { assertRestorable, assertSound, planRestore } from "../../../src/core/backup/planRestore";
import type { RestoreDump, RestoreOptions, RestorePlan } from "../../../src/core/backup/restorePlan";
import { CHIPS } from "../../../src/core/beken/chips/chips";
import { PROFILES } from "../../../src/core/beken/chips/profiles";
import type { ChipIdentity } from "../../../src/core/beken/chips/types";
import { planSegments } from "../../../src/core/plan/planWrite";
import { PRESETS, type PresetId } from "../../../src/simulator/index";
import { CALIBRATION, dumpOf, identityOf, withMac } from "./dumps";
import { SECTOR } from "../../flashUnits";

/** Where boot code ends on every BK72xx. */
const BOOTLOADER_END = 0x11000;

const own = dumpOf("bk7231t");
const identity = identityOf(own);
const foreign = withMac(own, CALIBRATION, 0xee);
const PLAIN: RestoreOptions = { allowBootloader: false };

function dumpFile(bytes: Uint8Array, from: ChipIdentity | undefined = identityOf(bytes)): RestoreDump {
  return { name: "dump.bin", bytes, ...(from && { manifest: buildManifest(from, bytes, "1", new Date(0)) }) };
}

/** What the flash holds after the restore, by the plan the segments make. */
function carriedOut(flash: Uint8Array, plan: RestorePlan): Uint8Array {
  const after = flash.slice();
  for (const { address, data } of planSegments(plan.segments, flash.length, plan.planOptions).writes)
    after.set(data, address);
  return after;
}

/** The dump's calibration at another place. */
function moved(dump: Uint8Array, to: number): Uint8Array {
  const copy = dump.slice();
  if (to === CALIBRATION) return copy;
  copy.set(dump.subarray(CALIBRATION, CALIBRATION + SECTOR), to);
  return copy.fill(0xff, CALIBRATION, CALIBRATION + SECTOR);
}

const warned = (plan: RestorePlan): string[] => plan.warnings.map(({ code }) => code);
const refused = (plan: RestorePlan): string[] => plan.refusals.map(({ code }) => code);

describe("planning a restore", () => {
  it("of the device's own backup writes all but the boot code and its calibration", () => {
    const plan = planRestore(dumpFile(own), { identity }, PLAIN);
    assert.deepEqual([plan.device, plan.calibration, plan.mac], ["same", "kept", identity.mac]);
    assert.deepEqual([refused(plan), warned(plan)], [[], []]);
    assert.deepEqual(
      plan.leftOut.map(({ start, why }) => [start, english(why)]),
      [
        [0, "bootloader"],
        [CALIBRATION, "this device's calibration"],
      ],
    );
    const worn = own.slice().fill(0x5a, 0x20000, 0x180000);
    assert.deepEqual(carriedOut(worn, plan), own);
  });

  it("leaves out what a transfer in text mode has put behind the copy, and says so", () => {
    for (const manifest of [identityOf(own), undefined]) {
      const { name, manifest: beside } = dumpFile(own, manifest);
      for (const tail of [[10], [13, 10], [26]]) {
        const file = { name, bytes: concat(own, tail), ...(beside && { manifest: beside }) };
        assertSound(file);
        const plan = planRestore(file, { identity }, PLAIN);
        assert.deepEqual(refused(plan), []);
        assert.ok(warned(plan).includes("bytes-behind-end"));
        assert.deepEqual(plan.segments, planRestore(dumpFile(own, manifest), { identity }, PLAIN).segments);
      }
    }
  });

  it("of another device's backup keeps this device's calibration and MAC, and says so", () => {
    const plan = planRestore(dumpFile(foreign), { identity }, PLAIN);
    assert.deepEqual([plan.device, plan.calibration, plan.mac], ["other", "kept", identity.mac]);
    assert.deepEqual(warned(plan), ["other-device"]);
    const after = carriedOut(own, plan);
    assert.deepEqual(
      after.subarray(CALIBRATION, CALIBRATION + SECTOR),
      own.subarray(CALIBRATION, CALIBRATION + SECTOR),
    );
  });

  it("replaces calibration only when that was chosen, and only with calibration", () => {
    const chosen = { ...PLAIN, keepCalibration: false };
    const plan = planRestore(dumpFile(foreign), { identity }, chosen);
    assert.deepEqual(
      [plan.calibration, plan.mac?.slice(-2), plan.planOptions.calibrationAt],
      ["written", "EE", undefined],
    );
    assert.ok(warned(plan).includes("calibration-replaced"));
    assert.deepEqual(carriedOut(own, plan), foreign);
    const without = foreign.slice().fill(0xff, CALIBRATION, CALIBRATION + SECTOR);
    assert.deepEqual(refused(planRestore(dumpFile(without, identityOf(without, null)), { identity }, chosen)), [
      "plan-touches-calibration",
    ]);
  });

  it("copies this device's calibration to where the backup's firmware looks for it", () => {
    const elsewhere = moved(foreign, 0x1d0000);
    const dump = dumpFile(elsewhere, identityOf(elsewhere, 0x1d0000));
    const calibration = own.slice(CALIBRATION, CALIBRATION + SECTOR);
    const copied = planRestore(dump, { identity, calibration }, PLAIN);
    assert.ok(warned(copied).includes("calibration-copied"));
    const after = carriedOut(own, copied);
    for (const at of [0x1d0000, CALIBRATION]) assert.deepEqual(after.subarray(at, at + SECTOR), calibration);
    const left = planRestore(dump, { identity }, PLAIN);
    assert.ok(warned(left).includes("calibration-left-out"));
    assert.deepEqual(carriedOut(own, left).subarray(0x1d0000, 0x1d1000), own.subarray(0x1d0000, 0x1d1000));
  });

  it("tells when the backup has something else where this device's calibration is", () => {
    const elsewhere = moved(foreign, 0x1d0000).fill(0x42, CALIBRATION, CALIBRATION + 16);
    const plan = planRestore(dumpFile(elsewhere, identityOf(elsewhere, 0x1d0000)), { identity }, PLAIN);
    assert.ok(warned(plan).includes("calibration-place-in-use"));
  });

  it("gives a chip without calibration that of the backup, unless told to keep what it has", () => {
    const bare = identityOf(own.slice().fill(0xff, CALIBRATION, CALIBRATION + SECTOR), null);
    const written = planRestore(dumpFile(foreign), { identity: bare }, PLAIN);
    assert.deepEqual([written.device, written.calibration, written.mac?.slice(-2)], ["unknown", "written", "EE"]);
    assert.ok(warned(written).includes("calibration-missing"));
    const kept = planRestore(dumpFile(foreign), { identity: bare }, { ...PLAIN, keepCalibration: true });
    assert.equal(kept.calibration, "none");
    assert.ok(
      kept.segments.every(
        ({ address, data }) => !overlaps(rangeOf(address, data.length), rangeOf(CALIBRATION, SECTOR)),
      ),
    );
  });

  it("never writes over this device's calibration or boot code, whatever the dump and wherever they are", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0x20, max: 0x1ff }),
        fc.integer({ min: 0x20, max: 0x1ff }),
        fc.option(fc.boolean(), { nil: undefined }),
        (here, there, keep) => {
          fc.pre(keep !== false);
          const flash = moved(own, here * SECTOR);
          const dump = moved(foreign, there * SECTOR);
          const target = {
            identity: identityOf(flash, here * SECTOR),
            calibration: flash.slice(here * SECTOR, (here + 1) * SECTOR),
          };
          const options = { ...PLAIN, ...(keep !== undefined && { keepCalibration: keep }) };
          const after = carriedOut(
            flash,
            planRestore(dumpFile(dump, identityOf(dump, there * SECTOR)), target, options),
          );
          assert.deepEqual(after.subarray(0, BOOTLOADER_END), flash.subarray(0, BOOTLOADER_END));
          for (const at of [here, there])
            assert.deepEqual(after.subarray(at * SECTOR, (at + 1) * SECTOR), target.calibration);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("refuses what is worthless, was changed, or does not fit", () => {
    const tuya = dumpOf("bk7231n");
    const changed = own.slice().fill(0, 0x50000, 0x50010);
    const cases: readonly [string, RestoreDump][] = [
      ["backup-worthless", dumpFile(new Uint8Array(0x200000), undefined)],
      ["backup-damaged", { ...dumpFile(own), bytes: changed }],
      ["image-too-large", { name: "x", bytes: concat(own, new Uint8Array(0x200000).fill(0xff)) }],
      [
        "image-wrong-chip",
        {
          name: "x",
          bytes: own,
          manifest: {
            ...buildManifest(identity, own, "1", new Date(0)),
            device: { ...buildManifest(identity, own, "1", new Date(0)).device, chip: "bk7252" },
          },
        },
      ],
    ];
    for (const [code, dump] of cases) {
      const plan = planRestore(dump, { identity }, PLAIN);
      assert.ok(refused(plan).includes(code), `${code}: ${refused(plan).join()}`);
      assert.throws(() => assertRestorable(plan, "x"), ImageError);
    }
    const zero = { ...identityOf(tuya, 0x1d0000), key: { kind: "zero", from: "efuse" } } as const;
    assert.ok(
      refused(planRestore({ name: "x.bin", bytes: tuya }, { identity: zero }, PLAIN)).includes("image-wrong-key"),
    );
    assert.doesNotThrow(() => assertRestorable(planRestore(dumpFile(own), { identity }, PLAIN), "x"));
  });

  it("refuses what is another chip's by its bytes, whatever it is called, and asks where they do not tell", () => {
    const n = { ...identityOf(dumpOf("bk7231n"), 0x1d0000), chip: CHIPS.bk7231n, alternatives: [CHIPS.bk7231m] };
    for (const name of ["bk7231n.bin", "OpenBK7231N_backup.bin", "backup.bin"]) {
      const plan = planRestore({ name, bytes: own }, { identity: n }, PLAIN);
      assert.ok(refused(plan).includes("image-wrong-chip"), name);
    }
    const strange = dumpOf("bk7231n-zero").copyWithin(0, BOOTLOADER_END, BOOTLOADER_END + 0x2800);
    for (const name of ["bk7231n.bin", "backup.bin"]) {
      const plan = planRestore(
        { name, bytes: strange },
        { identity: { ...n, key: { kind: "zero", from: "efuse" } } },
        PLAIN,
      );
      assert.deepEqual([refused(plan), plan.doubts.map(({ code }) => code)], [[], ["image-chip-unknown"]]);
      assert.ok(warned(plan).includes("chip-unknown"));
    }
    const manifest = buildManifest(n, strange, "1", new Date(0));
    assert.deepEqual(planRestore({ name: "x", bytes: strange, manifest }, { identity: n }, PLAIN).doubts, []);
  });

  it("takes a BL2028N's backup to BL2028N and BK7231N, and no other's", () => {
    const manifest = (chip: "bl2028n" | "bk7231t"): ReturnType<typeof buildManifest> => {
      const made = buildManifest(identity, own, "1", new Date(0));
      return { ...made, device: { ...made.device, chip } };
    };
    for (const chip of [CHIPS.bk7231n, CHIPS.bk7231m, CHIPS.bl2028n]) {
      const target = { identity: { ...identity, chip, alternatives: [] } };
      const dump = { name: "x", bytes: own, manifest: manifest("bl2028n") };
      assert.ok(!refused(planRestore(dump, target, PLAIN)).includes("image-wrong-chip"), chip.name);
      const t = { ...dump, manifest: manifest("bk7231t") };
      assert.ok(refused(planRestore(t, target, PLAIN)).includes("image-wrong-chip"), chip.name);
    }
  });

  it("asks before damaged code is written: the application's always, boot code's where it is restored too", () => {
    const flip = (at: number): Uint8Array => {
      const copy = own.slice();
      copy[at] = (copy[at] as number) ^ 1;
      return copy;
    };
    const rom = { ...identity, protocol: PROFILES.rom };
    const cases: readonly (readonly [Uint8Array, boolean, readonly string[], boolean])[] = [
      [own, true, [], false],
      [flip(0x12345), false, ["backup-unsound"], true],
      [flip(0x1abc), false, [], true],
      [flip(0x1abc), true, ["backup-unsound"], true],
      [flip(0x1f0000), true, [], false],
    ];
    for (const [bytes, allowBootloader, doubts, told] of cases) {
      const plan = planRestore(dumpFile(bytes, identity), { identity: rom }, { allowBootloader });
      assert.deepEqual([refused(plan), plan.doubts.map(({ code }) => code)], [[], doubts]);
      assert.equal(warned(plan).includes("damaged"), told);
      assert.equal(plan.judgement.verdict, told ? "suspicious" : "good");
    }
  });

  it("takes no firmware for a backup, whatever its name, nor a backup that was cut", () => {
    const build = "examples/esphome/.esphome/build/bedroom-bulb/.pioenvs/bedroom-bulb";
    const files = readdirSync(build).filter((name) => !name.endsWith(".json"));
    assert.ok(files.length >= 8);
    for (const file of files) {
      const bytes = new Uint8Array(readFileSync(`${build}/${file}`));
      for (const name of [file, "backup.bin"]) {
        const dump = { name, bytes };
        assert.ok(refused(planRestore(dump, { identity }, PLAIN)).includes("backup-not-a-dump"), `${file} as ${name}`);
      }
    }
    const longer = concat(own, new Uint8Array(0x1000));
    for (const bytes of [own.slice(0, 500_000), own.slice(0, 0x1ff000), longer]) {
      const plan = planRestore({ name: "backup.bin", bytes }, { identity }, PLAIN);
      assert.ok(refused(plan).includes("backup-not-a-dump"), `${bytes.length} bytes`);
    }
    assert.deepEqual(refused(planRestore({ name: "backup.bin", bytes: own }, { identity }, PLAIN)), []);
  });

  it("takes a whole flash for a backup, also when its boot code is not known or reads as an application", () => {
    const dumps = (Object.keys(PRESETS) as PresetId[]).map((id) => dumpOf(id));
    const strange = own.slice();
    strange.copyWithin(0, BOOTLOADER_END, 2 * BOOTLOADER_END);
    for (const bytes of [...dumps, strange]) {
      const { refusals } = planRestore({ name: "dump.bin", bytes }, { identity: identityOf(bytes) }, PLAIN);
      assert.ok(!refusals.some(({ code }) => code === "backup-not-a-dump"));
    }
  });

  it("writes boot code only with the token, where a ROM can bring the chip back, and only boot code", () => {
    const token = { allowBootloader: true };
    const rom = { ...identity, protocol: PROFILES.rom };
    const plan = planRestore(dumpFile(own), { identity: rom }, token);
    assert.deepEqual([refused(plan), plan.segments[0]?.address], [[], 0]);
    const headless = own.slice().fill(0xff, 0, BOOTLOADER_END);
    for (const [target, bytes] of [
      [identity, own],
      [rom, headless],
    ] as const) {
      const refusal = planRestore(dumpFile(bytes, identity), { identity: target }, token);
      assert.ok(refused(refusal).includes("plan-touches-bootloader"));
      assert.throws(() => assertRestorable(refusal, "x"), PlanError);
    }
  });

  it("writes no boot code of another chip, as far as the manifest tells, nor one for another key", () => {
    const token = { allowBootloader: true };
    const n = dumpOf("bk7231n");
    const rom = {
      ...identityOf(n, 0x1d0000),
      chip: CHIPS.bk7231n,
      alternatives: [],
      protocol: PROFILES.rom,
    };
    const of = (chip: "bk7231n" | "bl2028n" | null): RestoreDump => {
      const made = buildManifest(rom, n, "1", new Date(0));
      return { name: "x.bin", bytes: n, manifest: { ...made, device: { ...made.device, chip } } };
    };
    const outcome = (dump: RestoreDump, identity: ChipIdentity = rom): string[] =>
      planRestore(dump, { identity }, token).refusals.map(
        ({ code, context }) => `${code} ${english(context.detail ?? "")}`,
      );
    assert.deepEqual(outcome(of("bk7231n")), []);
    assert.deepEqual(outcome(of(null)), []);
    assert.deepEqual(outcome({ name: "x.bin", bytes: n }), []);
    // Its application runs there, its boot code is not for it.
    assert.deepEqual(outcome(of("bl2028n")), ["plan-touches-bootloader the backup's boot code is of another chip"]);
    assert.deepEqual(refused(planRestore(of("bl2028n"), { identity: rom }, PLAIN)), []);
    const unknown = { ...rom, chip: undefined };
    assert.deepEqual(outcome(of("bl2028n"), unknown), [], "a chip that is not known is none to compare with");
    const zero = n.slice();
    zero.set(dumpOf("bk7231n-zero").subarray(0, BOOTLOADER_END));
    assert.ok(outcome({ name: "x.bin", bytes: zero }).some((each) => each.startsWith("image-wrong-key")));
  });

  it("on boot code that is all that answers says so, and that it is its lifeline", () => {
    const { refusals } = planRestore(dumpFile(own), { identity }, { allowBootloader: true });
    const lifelines = refusals.map(({ code, context }) => [code, context.lifeline]);
    assert.deepEqual(lifelines, [["plan-touches-bootloader", true]]);
    const headless = own.slice().fill(0xff, 0, BOOTLOADER_END);
    const rom = { ...identity, protocol: PROFILES.rom };
    const none = planRestore(dumpFile(headless, identity), { identity: rom }, { allowBootloader: true });
    assert.deepEqual(
      none.refusals.map(({ code, context }) => [code, context.lifeline]),
      [["plan-touches-bootloader", undefined]],
    );
  });

  it("puts a shifted dump right and leaves out the boot code it lacks", () => {
    const plan = planRestore({ name: "x.bin", bytes: own.slice(BOOTLOADER_END) }, { identity }, PLAIN);
    assert.deepEqual(warned(plan).sort(), ["no-manifest", "put-right", "suspicious"]);
    assert.deepEqual(carriedOut(own.slice().fill(0, 0x20000, 0x30000), plan), own);
  });

  it("mentions other boot code, another flash part, a guessed size", () => {
    const other = {
      ...identity,
      bootloader: { ...identity.bootloader, crc256: 1 },
      flash: { ...identity.flash, jedecId: "0B4015", sizeFrom: "assumed" },
    } as const;
    const manifest = buildManifest(
      { ...identity, flash: { ...identity.flash, jedecId: "EB6015" } },
      own,
      "1",
      new Date(0),
    );
    assert.deepEqual(warned(planRestore({ name: "x", bytes: own, manifest }, { identity: other }, PLAIN)), [
      "other-flash-part",
      "size-assumed",
      "bootloader-differs",
    ]);
  });
});
