import assert from "node:assert/strict";
import { remedyFor, type BootloaderConsent, type JobRequest } from "../../../src/core/index";
import { TUYA_KEY, ZERO_KEY } from "../../../src/core/beken/chips/keys";
import type { StartReasonCode, StartVerdict } from "../../../src/core/beken/chips/startVerdict";
import type { Coefficients } from "../../../src/core/beken/chips/types";
import { addCrcBlocks, stripCrcBlocks } from "../../../src/core/beken/images/crcBlocks";
import { scramble } from "../../../src/core/beken/images/cipher";
import { PRESETS, createChip, flipBits, type PresetId } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/prng";
import { BUILDS, fileAt, shortBuildFor } from "./builds";
import {
  assertUntouched,
  failedWith,
  firstDifference,
  flashRequest,
  resultOf,
  withSimulatedRig,
  type FlashFile,
  type Outcome,
  type Rig,
} from "./rig";

const BOOT = 0x11000;
const SIZE = 0x200000;

function fresh(id: PresetId, breaks: (flash: Uint8Array) => void = () => undefined): Uint8Array {
  const chip = createChip(id, { pace: "none" });
  const flash = chip.flash.slice();
  chip.dispose();
  breaks(flash);
  return flash;
}

const bootOf = (id: PresetId): Uint8Array => fresh(id).subarray(0, BOOT);

/** An application as builders link it: its vectors load addresses behind 0x10000. */
function applicationFor(key: Coefficients, logical = 0x10000): Uint8Array {
  const code = Buffer.from(noise(7, 0x2000));
  code.writeUInt32LE(0xea00000e, 0);
  for (let at = 4; at < 0x20; at += 4) code.writeUInt32LE(0xe59ff014, at);
  for (let i = 0; i < 8; i++) code.writeUInt32LE(logical + 0x100 * (i + 1), 0x20 + 4 * i);
  return addCrcBlocks(scramble(new Uint8Array(code), key, logical));
}

/** Boot code that is in no table, for `key`. */
function otherBootCode(id: PresetId, key: Coefficients, from: Coefficients = key): Uint8Array {
  const area = bootOf(id).slice();
  const blocks = area.subarray(0, 0x2a80);
  const code = scramble(scramble(stripCrcBlocks(blocks), from, 0), key, 0);
  code[0x800] = (code[0x800] ?? 0) ^ 1;
  area.set(addCrcBlocks(code));
  return area;
}

async function verdictOf(rig: Rig): Promise<StartVerdict> {
  const { chip } = resultOf("info", await rig.run({ kind: "info" }));
  assert.ok(chip.start);
  return chip.start;
}

function codesOf({ reasons }: StartVerdict): readonly StartReasonCode[] {
  return reasons.map(({ code }) => code);
}

/** Somebody who types the chip's name, and a place for copies. */
class Person implements BootloaderConsent {
  asked = 0;
  constructor(private readonly types: string | undefined) {}
  confirm(): Promise<string | undefined> {
    this.asked++;
    return Promise.resolve(this.types);
  }
  save(bytes: Uint8Array): Promise<Uint8Array> {
    return Promise.resolve(bytes.slice());
  }
}

function writeAs(rig: Rig, bootloader: Person, file: FlashFile, allowed: "wanted" | "offered"): Promise<Outcome> {
  return rig.answering({ bootloader }).run(flashRequest(file, { bootloader: allowed }));
}

interface Broken {
  readonly id: PresetId;
  readonly breaks: (flash: Uint8Array) => void;
  readonly code: StartReasonCode;
}

const put =
  (bytes: Uint8Array, at = 0) =>
  (flash: Uint8Array) =>
    flash.set(bytes, at);
const BROKEN: Readonly<Record<string, Broken>> = {
  "blank boot code": { id: "bk7231n", breaks: (flash) => flash.fill(0xff, 0, BOOT), code: "boot-code-missing" },
  "boot code of zeros": { id: "bk7231n", breaks: (flash) => flash.fill(0, 0, BOOT), code: "boot-code-missing" },
  "blank boot code, no key": { id: "bk7238", breaks: (flash) => flash.fill(0xff, 0, BOOT), code: "boot-code-missing" },
  "only its first sector blank": {
    id: "bk7231n",
    breaks: (flash) => flash.fill(0xff, 0, 0x1000),
    code: "boot-code-missing",
  },
  "an application over it": { id: "bk7231n", breaks: put(applicationFor(TUYA_KEY)), code: "boot-code-application" },
  "an application without key over it": {
    id: "bk7231n-zero",
    breaks: put(applicationFor(ZERO_KEY)),
    code: "boot-code-application",
  },
  "another key's application over it": {
    id: "bk7231n-zero",
    breaks: put(applicationFor(TUYA_KEY)),
    code: "boot-code-application",
  },
  "an application linked for 0 over it": {
    id: "bk7231n",
    breaks: put(noise(3, BOOT)),
    code: "boot-code-none",
  },
  "boot code of another chip": { id: "bk7231n-zero", breaks: put(bootOf("bk7238")), code: "boot-code-other-chip" },
  "boot code of a chip of the same first 256 bytes": {
    id: "bk7238",
    breaks: put(bootOf("bk7252n")),
    code: "boot-code-other-chip",
  },
  "boot code of another family, same key": {
    id: "bk7231n",
    breaks: put(bootOf("bk7231t")),
    code: "boot-code-other-chip",
  },
  "boot code of another family without key": {
    id: "bk7238",
    breaks: put(bootOf("bk7231q")),
    code: "boot-code-other-chip",
  },
  "boot code for another key": { id: "bk7231n-zero", breaks: put(bootOf("bk7231n")), code: "boot-code-other-key" },
  "boot code without key": { id: "bk7231n", breaks: put(bootOf("bk7231n-zero")), code: "boot-code-other-key" },
  "boot code in no table, for another key": {
    id: "bk7231n",
    breaks: put(otherBootCode("bk7231n-zero", ZERO_KEY)),
    code: "boot-code-other-key",
  },
  "boot code cut after its first sector": {
    id: "bk7231n",
    breaks: (flash) => flash.fill(0xff, 0x1000, BOOT),
    code: "boot-code-damaged",
  },
  "boot code cut inside its first sector": {
    id: "bk7231n",
    breaks: (flash) => flash.fill(0xff, 0x500, BOOT),
    code: "boot-code-damaged",
  },
  "boot code cut in its last sector": {
    id: "bk7231n",
    breaks: (flash) => flash.fill(0xff, 0x2100, BOOT),
    code: "boot-code-damaged",
  },
  "boot code with a hole": {
    id: "bk7238",
    breaks: (flash) => flash.fill(0xff, 0x1000, 0x2000),
    code: "boot-code-damaged",
  },
  "a damaged block of boot code": {
    id: "bk7231n",
    breaks: (flash) => (flash[0x300] = (flash[0x300] ?? 0) ^ 0x10),
    code: "boot-code-damaged",
  },
  "a loader that was erased while it runs": {
    id: "bk7231t",
    breaks: (flash) => flash.fill(0xff, 0, BOOT),
    code: "boot-code-missing",
  },
};

describe("startability", () => {
  for (const id of Object.keys(PRESETS) as PresetId[]) {
    it(`${id}: an ordinary chip starts, before and after an ordinary flash, and nobody is asked`, async () => {
      await withSimulatedRig(id, {}, async (rig) => {
        // Of chips that were not seen on hardware nothing speaks against a start, and none is claimed.
        const [starts, open] = PRESETS[id].core === "thumb" ? ["unknown", ["chip-unknown"]] : ["yes", []];
        const before = await verdictOf(rig);
        assert.deepEqual([before.starts, codesOf(before), before.calibration], [starts, open, true]);
        const { crc, rbl, uf2 } = shortBuildFor(PRESETS[id]);
        for (const file of [crc, rbl, uf2]) {
          if (!file) continue;
          const { plan, verified } = resultOf("flash", await rig.run(flashRequest(file)));
          assert.deepEqual([plan.start?.starts, plan.start && codesOf(plan.start), verified], [starts, open, true]);
        }
        assert.equal((await verdictOf(rig)).starts, starts);
      });
    });
  }

  for (const [name, { id, breaks, code }] of Object.entries(BROKEN)) {
    it(`${name}: told by info, and a flash ends before its first erase unless somebody agrees`, async () => {
      await withSimulatedRig(id, { flash: fresh(id, breaks) }, async (rig) => {
        const before = rig.snapshot();
        const start = await verdictOf(rig);
        assert.equal(start.starts, "no");
        assert.deepEqual(codesOf(start).slice(0, 1), [code]);
        rig.forget();
        const { crc } = shortBuildFor(PRESETS[id]);
        const outcome = await rig.run(flashRequest(crc));
        const error = failedWith("plan-would-not-start", outcome);
        assert.equal(error.flash, "untouched");
        assert.equal(error.context.trouble, "boot-code");
        assertUntouched(rig, before);
        const planned = outcome.events.find((event) => event.type === "planned");
        assert.equal(planned?.plan.start?.starts, "no");

        const no = rig.answering({ askStart: () => Promise.resolve(false) });
        failedWith("plan-would-not-start", await no.run(flashRequest(crc)));
        assertUntouched(rig, before);

        const asked: unknown[] = [];
        const yes = rig.answering({
          askStart: (planned) => {
            asked.push(planned.start?.starts);
            return Promise.resolve(true);
          },
        });
        const { verified, plan } = resultOf("flash", await yes.run(flashRequest(crc)));
        assert.deepEqual([asked, verified, plan.start?.starts], [["no"], true, "no"]);
      });
    });
  }

  it("a flash that reads as zeros altogether is no matter of boot code: the job finds it dead", async () => {
    for (const id of ["bk7231n", "bk7231s"] as const) {
      await withSimulatedRig(id, { flash: new Uint8Array(SIZE) }, async (rig) => {
        assert.equal((await verdictOf(rig)).starts, "unknown");
        failedWith("flash-dead", await rig.run(flashRequest(shortBuildFor(PRESETS[id]).crc)));
      });
    }
  });

  it("a bit that changes on the line while it is read is no damage to the application", async () => {
    for (const id of ["bk7231u", "bk7231n"] as const)
      for (let at = 1_000; at < 16_000; at += 1_000) {
        const behaviours = [flipBits("from-chip", at, 0x20)];
        await withSimulatedRig(id, { behaviours }, async (rig) => {
          assert.equal((await verdictOf(rig)).starts, "yes", `${id}, byte ${at}`);
        });
      }
  });

  it("whatever lies behind the end of boot code is no damage to it", async () => {
    for (const breaks of [
      (flash: Uint8Array) => flash.fill(0x5a, 0x3000, 0x4000),
      (flash: Uint8Array) => flash.fill(0x00, 0x3000, BOOT),
      (flash: Uint8Array) => flash.set(noise(8, 0x5000), 0x9000),
    ]) {
      await withSimulatedRig("bk7231n", { flash: fresh("bk7231n", breaks) }, async (rig) => {
        assert.equal((await verdictOf(rig)).starts, "yes");
      });
    }
  });

  it("boot code in no table without a sign of trouble is information: nobody is asked, nothing is claimed", async () => {
    const nameless = otherBootCode("bk7231n", TUYA_KEY);
    const code = stripCrcBlocks(nameless.subarray(0, 0x2a80));
    code.set(noise(5, 8), 0x100);
    code.set(noise(6, 8), 0x60);
    nameless.set(addCrcBlocks(code));
    await withSimulatedRig("bk7231n", { flash: fresh("bk7231n", put(nameless)) }, async (rig) => {
      const start = await verdictOf(rig);
      assert.deepEqual([start.starts, codesOf(start)], ["unknown", ["boot-code-unknown"]]);
      const { plan } = resultOf("flash", await rig.run(flashRequest(shortBuildFor(PRESETS.bk7231n).crc)));
      assert.equal(plan.start?.starts, "unknown");
    });
  });

  it("of bytes that are put into the middle of the application nothing is claimed, and nobody is asked", async () => {
    await withSimulatedRig("bk7231n", {}, async (rig) => {
      const request = flashRequest({ name: "data.bin", bytes: noise(9, 0x300) }, { at: 0x13000 });
      const { plan } = resultOf("flash", await rig.run(request));
      assert.deepEqual(
        [plan.start?.starts, plan.start && codesOf(plan.start)],
        ["unknown", ["application-replaced-inside"]],
      );
    });
  });

  it("a dump whose application is elsewhere, missing or cut is asked about before it is restored", async () => {
    const app = fresh("bk7231n").slice(BOOT, BOOT + 0xaa00);
    const cases: readonly (readonly [(dump: Uint8Array) => void, StartReasonCode, "settled"?])[] = [
      [(dump) => (dump.fill(0xff, BOOT, 0x40000), dump.set(app, 0x20000)), "application-elsewhere"],
      [(dump) => dump.fill(0xff, BOOT, 0x40000), "application-missing"],
      [(dump) => dump.fill(0xff, 0x15000, 0x40000), "application-damaged"],
      [(dump) => (dump[0x15000] = (dump[0x15000] ?? 0) ^ 1), "application-damaged", "settled"],
    ];
    for (const [breaks, code, settled] of cases) {
      await withSimulatedRig("bk7231n", {}, async (rig) => {
        const bytes = fresh("bk7231n", breaks);
        const before = rig.snapshot();
        const request: JobRequest = {
          kind: "restore",
          file: { name: "dump.bin", bytes },
          verify: true,
          reboot: false,
          dryRun: false,
        };
        // Damage is a question of its own, asked first, and then no second one.
        const isDamage = settled !== undefined;
        failedWith(isDamage ? "backup-unsound" : "plan-would-not-start", await rig.run(request));
        assertUntouched(rig, before);
        const agreed = isDamage ? { evenIfDamaged: true } : { evenIfItCannotStart: true };
        const { plan } = resultOf("restore", await rig.run({ ...request, ...agreed }));
        assert.deepEqual(plan.start && codesOf(plan.start), [code]);
      });
    }
  });

  it("data beside the application and an erase are no question, and are told", async () => {
    await withSimulatedRig(
      "bk7231n",
      { flash: fresh("bk7231n", (flash) => flash.fill(0xff, 0, BOOT)) },
      async (rig) => {
        const data = flashRequest({ name: "settings.bin", bytes: noise(4, 100) }, { at: 0x1e1000 });
        assert.equal(resultOf("flash", await rig.run(data)).plan.start?.starts, "no");
        const erase: JobRequest = { kind: "erase", start: BOOT, length: 0x1000, dryRun: false };
        const { plan } = resultOf("erase", await rig.run(erase));
        assert.deepEqual(plan.start && codesOf(plan.start), ["boot-code-missing", "application-missing"]);
      },
    );
  });

  it("missing calibration is said, and is no reason to stop", async () => {
    const flash = fresh("bk7231n", (bytes) => bytes.fill(0xff, 0x1d0000, 0x1d1000));
    await withSimulatedRig("bk7231n", { flash }, async (rig) => {
      const { plan } = resultOf("flash", await rig.run(flashRequest(shortBuildFor(PRESETS.bk7231n).crc)));
      assert.deepEqual([plan.start?.starts, plan.start?.calibration], ["yes", false]);
    });
  });
});

describe("a package for updates over the air", () => {
  const n = fileAt(`${BUILDS.hall}/image_bk7231n_app.ota.rbl`);
  const t = fileAt(`${BUILDS.bedroom}/image_bk7231t_app.ota.rbl`);

  it("goes into the download partition of boot code that unpacks it, where that address is given", async () => {
    for (const [id, file, at] of [
      ["bk7231t", t, 0x132000],
      ["bk7231n", n, 0x12a000],
    ] as const) {
      await withSimulatedRig(id, {}, async (rig) => {
        const { plan, verified } = resultOf("flash", await rig.run(flashRequest(file, { at })));
        assert.deepEqual([verified, plan.start && codesOf(plan.start)], [true, ["package-to-unpack"]]);
        assert.equal(firstDifference(rig.chip.flash.subarray(at, at + file.bytes.length), file.bytes), -1);
      });
    }
  });

  it("goes nowhere else, and not where nobody would unpack it", async () => {
    for (const [id, file, at, code] of [
      ["bk7231n", n, 0x132000, "image-wrong-offset"],
      ["bk7231t", t, BOOT, "image-wrong-offset"],
      ["bk7231t", n, 0x132000, "image-wrong-chip"],
      ["bk7231s", t, 0x132000, "image-ota-only"],
      ["bk7231t", t, undefined, "image-ota-only"],
    ] as const) {
      await withSimulatedRig(id, {}, async (rig) => {
        const before = rig.snapshot();
        failedWith(code, await rig.run(flashRequest(file, at === undefined ? {} : { at })));
        assertUntouched(rig, before);
      });
    }
    await withSimulatedRig("bk7231n", { flash: fresh("bk7231n", put(bootOf("bk7231n-zero"))) }, async (rig) => {
      failedWith("plan-would-not-start", await rig.run(flashRequest(n, { at: 0x12a000 })));
    });
  });
});

describe("boot code out of a file", () => {
  const qio = (id: PresetId): { name: string; bytes: Uint8Array } => {
    const { rbl } = shortBuildFor(PRESETS[id]);
    const bytes = new Uint8Array(BOOT + rbl.bytes.length);
    bytes.set(bootOf(id));
    bytes.set(rbl.bytes, BOOT);
    return { name: "image.bin", bytes };
  };
  const blank = (flash: Uint8Array): void => void flash.fill(0xff, 0, BOOT);

  it("a QIO image brings its boot code where that is asked for by name, and leaves it out elsewhere", async () => {
    await withSimulatedRig("bk7231n", { flash: fresh("bk7231n", blank) }, async (rig) => {
      const before = rig.snapshot();
      const file = qio("bk7231n");
      const error = failedWith("plan-would-not-start", await rig.run(flashRequest(file)));
      assert.match(remedyFor(error).steps[0] ?? "", /--allow-bootloader/);
      failedWith("bootloader-not-confirmed", await writeAs(rig, new Person("BK7231T"), file, "wanted"));
      assertUntouched(rig, before);
      const { plan } = resultOf("flash", await writeAs(rig, new Person("BK7231N"), file, "wanted"));
      assert.equal(plan.start?.starts, "yes");
      assert.equal(firstDifference(rig.chip.flash.subarray(0, file.bytes.length), file.bytes), -1);
      const again = new Person("BK7231N");
      resultOf("flash", await writeAs(rig, again, file, "offered"));
      assert.equal(again.asked, 0, "offered only where it helps");
    });
  });

  it("is offered where the chip's own would not start, and a no leaves it out", async () => {
    await withSimulatedRig("bk7231n", { flash: fresh("bk7231n", blank) }, async (rig) => {
      const before = rig.snapshot();
      const no = new Person(undefined);
      failedWith("plan-would-not-start", await writeAs(rig, no, qio("bk7231n"), "offered"));
      assert.equal(no.asked, 1);
      assertUntouched(rig, before);
      const wrong = new Person("BK7231N");
      failedWith("image-wrong-key", await writeAs(rig, wrong, qio("bk7231n-zero"), "offered"));
      assert.equal(wrong.asked, 0);
      const yes = new Person("BK7231N");
      const { plan } = resultOf("flash", await writeAs(rig, yes, qio("bk7231n"), "offered"));
      assert.equal(plan.start?.starts, "yes");
    });
  });

  it("comes alone from a backup, a QIO image or a stored copy, and then an ordinary flash goes through", async () => {
    for (const [name, bytes] of [
      ["backup.bin", fresh("bk7231n")],
      ["OpenBK7231N_QIO_1.18.300.bin", qio("bk7231n").bytes],
      ["bootloader-bk7231n-2026.bin", bootOf("bk7231n").slice()],
    ] as const) {
      await withSimulatedRig("bk7231n", { flash: fresh("bk7231n", blank) }, async (rig) => {
        const wanted = rig.snapshot();
        wanted.set(bootOf("bk7231n"));
        const session = await rig.openSession();
        const bringBack = flashRequest({ name, bytes }, { only: "boot-code", bootloader: "wanted" });
        const person = rig.answering({ bootloader: new Person("BK7231N") });
        resultOf("flash", await person.inSession(session, bringBack));
        assert.equal(firstDifference(wanted, rig.chip.flash), -1);
        const { plan } = resultOf(
          "flash",
          await rig.inSession(session, flashRequest(shortBuildFor(PRESETS.bk7231n).crc)),
        );
        assert.equal(plan.start?.starts, "yes");
        await session.close();
      });
    }
  });

  it("that jumps elsewhere by its own table needs the application there", async () => {
    const entry = (name: string, offset: number, length: number): Buffer => {
      const bytes = Buffer.alloc(64);
      bytes.writeUInt32LE(0x45503130, 0);
      bytes.write(name, 4);
      bytes.write("beken_onchip_crc", 28);
      bytes.writeUInt32LE(offset, 52);
      bytes.writeUInt32LE(length, 56);
      return bytes;
    };
    const boot = otherBootCode("bk7231n", TUYA_KEY);
    const code = Buffer.from(stripCrcBlocks(boot.subarray(0, 0x2a80)));
    Buffer.concat([entry("bootloader", 0, 0x10000), entry("app", 0x20000, 0x100000)]).copy(code, code.length - 128);
    boot.set(addCrcBlocks(new Uint8Array(code)));
    await withSimulatedRig("bk7231n", { flash: fresh("bk7231n", put(boot)) }, async (rig) => {
      const error = failedWith("plan-would-not-start", await rig.run(flashRequest(shortBuildFor(PRESETS.bk7231n).crc)));
      assert.match(error.message, /jumps to 0x022000, and the application is at 0x011000/);
    });
  });

  it("is no circle where the application is missing too: boot code alone needs no agreement about it", async () => {
    const flash = new Uint8Array(SIZE).fill(0xff);
    await withSimulatedRig("bk7231n", { flash }, async (rig) => {
      const file = { name: "backup.bin", bytes: fresh("bk7231n") };
      const bringBack = flashRequest(file, { only: "boot-code", bootloader: "wanted" });
      const person = rig.answering({ bootloader: new Person("BK7231N") });
      const { plan } = resultOf("flash", await person.run(bringBack));
      assert.deepEqual([plan.start?.starts, plan.start && codesOf(plan.start)], ["no", ["application-missing"]]);
      assert.equal(
        resultOf("flash", await rig.run(flashRequest(shortBuildFor(PRESETS.bk7231n).crc))).plan.start?.starts,
        "yes",
      );
    });
  });

  it("of another chip or for another key is refused by name, and none is written where it is all that answers", async () => {
    const only = (rig: Rig, file: FlashFile, types: string): Promise<Outcome> =>
      rig
        .answering({ bootloader: new Person(types) })
        .run(flashRequest(file, { only: "boot-code", bootloader: "wanted" }));
    const plain = (id: PresetId): { name: string; bytes: Uint8Array } => ({
      name: "boot.bin",
      bytes: bootOf(id).slice(),
    });
    await withSimulatedRig("bk7231n", {}, async (rig) => {
      const before = rig.snapshot();
      failedWith("image-wrong-chip", await only(rig, plain("bk7231t"), "BK7231N"));
      failedWith("image-wrong-key", await only(rig, qio("bk7231n-zero"), "BK7231N"));
      const app = shortBuildFor(PRESETS.bk7231n).crc;
      failedWith("image-not-flashable", await only(rig, app, "BK7231N"));
      failedWith("plan-touches-bootloader", await rig.run(flashRequest(plain("bk7231n"), { only: "boot-code" })));
      assertUntouched(rig, before);
    });
    await withSimulatedRig("bk7231t", {}, async (rig) => {
      const before = rig.snapshot();
      const error = failedWith("plan-touches-bootloader", await only(rig, plain("bk7231t"), "BK7231T"));
      assert.match(remedyFor(error).steps.join(" "), /desoldering/);
      const whole = await writeAs(rig, new Person("BK7231T"), qio("bk7231t"), "wanted");
      failedWith("plan-touches-bootloader", whole);
      assertUntouched(rig, before);
    });
  });

  it("an option that makes no difference is said to make none", async () => {
    await withSimulatedRig("bk7231n", {}, async (rig) => {
      const { crc } = shortBuildFor(PRESETS.bk7231n);
      for (const more of [{ bootloader: "wanted" }, { rekey: true }] as const) {
        const person = rig.answering({ bootloader: new Person("BK7231N") });
        const { events } = await person.run(flashRequest(crc, more));
        const told = events.filter((event) => event.type === "note" && event.code === "option-unused");
        assert.equal(told.length, 1, JSON.stringify(more));
      }
    });
  });
});
