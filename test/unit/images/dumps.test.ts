/** Flashes read back as devices have them, and what is no flash though it looks like one. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { concat, hexAddress } from "../../../src/core/base/bytes";
import { english } from "../../../src/core/base/words";
import { judgeDump } from "../../../src/core/backup/judgeDump";
import { parseCoefficients } from "../../../src/core/beken/chips/keys";
import { scramble } from "../../../src/core/beken/images/cipher";
import { addCrcBlocks } from "../../../src/core/beken/images/crcBlocks";
import { detectImage } from "../../../src/core/beken/images/detect";
import type { FirmwareImage } from "../../../src/core/beken/images/firmwareImage";
import { damageInBootCode, judgeApplication } from "../../../src/core/beken/images/soundCode";
import { FlashAfter } from "../../../src/core/plan/flashAfter";
import { noise } from "../../../src/simulator/prng";
import { contentOf, PRESETS } from "../../../src/simulator/chip/presets";
import {
  appInFlash,
  bareBootCode,
  bootCodeInFlash,
  flashOf,
  program,
  tableWithDownloadAt,
  TUYA_KEY,
  ZERO_KEY,
  type AppShape,
} from "./flashes";
import { packed } from "./samples";

const KEYS = [
  ["without key", ZERO_KEY],
  ["with Tuya's key", TUYA_KEY],
] as const;
const warned = (image: FirmwareImage): readonly string[] =>
  image.warnings.map((text) => english(text).split(":")[0] ?? "");
const why = ({ refusal }: FirmwareImage): string => english(refusal?.context.detail ?? "");
const fact = (image: FirmwareImage, name: string): string =>
  english(image.details.find((row) => english(row.name) === name)?.value ?? "");
const writes = (image: FirmwareImage): readonly string[] =>
  image.segments.map(({ address, data }) => `${hexAddress(address)}+${data.length}`);

const bootDamage = (flash: Uint8Array): readonly string[] =>
  judgeDump(flash)
    .findings.filter(({ code }) => code === "damaged-bootloader")
    .map(({ words }) => english(words));

function used(shape: AppShape = {}): Uint8Array {
  const { key = ZERO_KEY } = shape;
  const boot = bootCodeInFlash({ key, table: tableWithDownloadAt(0x132000) });
  return flashOf({ boot, app: appInFlash(shape), calibrationAt: 0x1e0000 });
}

/** `bytes` with what a longer, older application left behind it, from its next sector on. */
function overOlder(flash: Uint8Array, shape: AppShape): Uint8Array {
  const copy = flash.slice();
  const older = appInFlash({ ...shape, length: 0x20000, seed: 99 }).blocks;
  const end = 0x11000 + appInFlash(shape).blocks.length;
  const from = Math.ceil(end / 0x1000) * 0x1000;
  copy.set(older.subarray(from - 0x11000), from);
  return copy;
}

describe("a flash that was in use", () => {
  for (const [kind, key] of KEYS) {
    it(`${kind}, with an application that was updated over the air: the header is the package's, and proves it`, () => {
      for (const length of [0x8000, 0x8010, 0x7ff3]) {
        const image = detectImage(used({ key, header: "ota", length }), "backup.bin");
        assert.deepEqual([image.format, why(image)], ["full-dump", ""]);
        assert.ok(!warned(image).includes("rbl-header-stale"));
        assert.ok(image.checks.some(({ name, verdict }) => english(name) === "RBL FNV-1a" && verdict === "ok"));
        assert.deepEqual(writes(image), [`0x011000+${0x129f0a + 102 - 0x11000}`]);
      }
    });

    it(`${kind}, with other bytes behind the application's end, is not damaged`, () => {
      for (const header of ["none", "ota"] as const) {
        const flash = used({ key, header, endMark: false });
        const end = 0x11000 + appInFlash({ key, header, endMark: false }).blocks.length;
        for (let at = end; at < end + 900; at++) flash[at] = (Math.imul(at, 0x9e3779b1) >>> 16) & 0xff;
        const image = detectImage(flash, "backup.bin");
        assert.deepEqual([image.format, why(image)], ["full-dump", ""], header);
        assert.equal(warned(image).includes("end-not-marked"), header === "none");
      }
    });

    it(`${kind}, with what an older application left, is not damaged`, () => {
      for (const endMark of [true, false]) {
        const shape = { key, header: "none", endMark } as const;
        const image = detectImage(overOlder(used(shape), shape), "backup.bin");
        assert.equal(why(image), "");
        assert.deepEqual(writes(image), [`0x011000+${appInFlash(shape).blocks.length}`]);
      }
    });

    it(`${kind}, read from 0x11000 on, is put right`, () => {
      for (const size of [0x200000, 0x400000]) {
        const upright = flashOf({
          boot: bootCodeInFlash({ key, header: false }),
          app: appInFlash({ key }),
          calibrationAt: 0x1e0000,
          size,
        });
        const wrapped = detectImage(concat(upright.subarray(0x11000), upright.subarray(0, 0x11000)), "dump.bin");
        const headless = detectImage(upright.subarray(0x11000), "dump.bin");
        for (const image of [wrapped, headless]) {
          assert.deepEqual(
            [image.format, why(image), image.key?.kind],
            ["full-dump", "", key === ZERO_KEY ? "zero" : "tuya"],
          );
          assert.deepEqual(writes(image), writes(detectImage(upright, "dump.bin")));
          assert.ok(warned(image).includes("shifted-dump"));
        }
      }
    });

    it(`${kind}, of which a part was read, is a flash as long as its calibration is in it`, () => {
      const image = detectImage(used({ key }).subarray(0, 0x1f2000), "part.bin");
      assert.deepEqual([image.format, why(image)], ["full-dump", ""]);
    });
  }

  it("of a simulated BK7231S, boot code that only its fingerprint tells, is put right as well", () => {
    const flash = contentOf(PRESETS.bk7231s, PRESETS.bk7231s.jedecId, 1);
    const image = detectImage(concat(flash.subarray(0x11000), flash.subarray(0, 0x11000)), "dump.bin");
    assert.equal(image.format, "full-dump");
    assert.match(fact(image, "Bootloader"), /AliOS/);
  });

  it("whose boot code tells nothing of itself, for a key in no table, is put right as well", () => {
    const key = parseCoefficients("8f3c21d65b7a90e4d1c2b3a4c7adeb15");
    const flash = flashOf({ boot: bootCodeInFlash({ key, header: false }), app: appInFlash({ key }) });
    const image = detectImage(concat(flash.subarray(0x11000), flash.subarray(0, 0x11000)), "dump.bin");
    assert.deepEqual([image.format, why(image), warned(image).includes("shifted-dump")], ["full-dump", "", true]);
  });

  it("shows every flipped bit of application, header and boot code, and none where there is none", () => {
    for (const [, key] of KEYS) {
      for (const header of ["partition", "ota", "none"] as const) {
        const flash = used({ key, header });
        const { blocks } = appInFlash({ key, header });
        const inferred = { kind: key === ZERO_KEY ? "zero" : "tuya", coefficients: key } as const;
        assert.notEqual(judgeApplication(flash, inferred).verdict, "damaged");
        assert.deepEqual(bootDamage(flash), []);
        fc.assert(
          fc.property(fc.nat(blocks.length - 1), fc.nat(7), (at, bit) => {
            const damaged = flash.slice();
            damaged[0x11000 + at] = (damaged[0x11000 + at] as number) ^ (1 << bit);
            assert.equal(judgeApplication(damaged, inferred).verdict, "damaged", hexAddress(0x11000 + at));
          }),
          { numRuns: 60 },
        );
        fc.assert(
          fc.property(fc.nat(0x6000), fc.nat(7), (at, bit) => {
            const damaged = flash.slice();
            damaged[at] = (damaged[at] as number) ^ (1 << bit);
            assert.equal(bootDamage(damaged).length, 1, hexAddress(at));
          }),
          { numRuns: 40 },
        );
      }
    }
    const flash = used({ key: TUYA_KEY });
    const tuya = { kind: "tuya", coefficients: TUYA_KEY } as const;
    for (let at = 0x129f0a; at < 0x129f0a + 102; at++) {
      const damaged = flash.slice();
      damaged[at] = (damaged[at] as number) ^ 0x10;
      assert.equal(judgeApplication(damaged, tuya).verdict, "damaged", hexAddress(at));
    }
  });

  it("shows a last block with several changed bits where a header counts it, and says where nothing tells", () => {
    for (const [, key] of KEYS)
      for (const header of ["partition", "ota", "none"] as const)
        for (const length of [0x8000, 0x8010, 0x7ff3]) {
          const shape = { key, header, length, endMark: header === "partition" };
          const flash = used(shape);
          const end = 0x11000 + appInFlash(shape).blocks.length;
          for (const changed of [2, 9, 34]) {
            const damaged = flash.slice();
            for (let at = end - changed; at < end; at++) damaged[at] = (damaged[at] as number) ^ 0x5a;
            const inferred = { kind: key === ZERO_KEY ? "zero" : "tuya", coefficients: key } as const;
            const { verdict, rest } = judgeApplication(damaged, inferred);
            const image = detectImage(damaged, "backup.bin");
            const judgement = judgeDump(damaged);
            assert.equal(judgement.verdict, "suspicious");
            if (header !== "none") {
              assert.deepEqual([verdict, image.refusal?.code], ["damaged", "image-corrupt"]);
              continue;
            }
            assert.deepEqual([verdict, rest?.start, image.refusal], ["open", end - 34, undefined]);
            assert.match(image.warnings.map(english).join(), /last block, damaged, or something else; nothing tells/);
            assert.deepEqual(
              judgement.findings.map(({ code }) => code),
              ["open-application"],
            );
          }
          assert.equal(judgeDump(flash).verdict, "good", header);
        }
  });

  it("shows boot code that is cut off, lost in part or overwritten, as a chip with it is judged", () => {
    for (const [, key] of KEYS) {
      const flash = used({ key });
      const cases: Record<string, readonly [Uint8Array, number]> = {
        "first sector": [flash.slice().fill(0xff, 0, 0x1000), 0],
        "a sector": [flash.slice().fill(0xff, 0x3000, 0x4000), 0x3000],
        "zeros to the end": [flash.slice().fill(0, 0x2800, 0x11000), 0x2800],
        "noise to the end": [concat(flash.subarray(0, 0x2800), noise(5, 0xe800), flash.subarray(0x11000)), 0x2800],
        "cut off": [flash.slice().fill(0xff, 0x2800, 0x11000), 0x2800],
      };
      for (const [name, [damaged, from]] of Object.entries(cases)) {
        const at = Math.floor(from / 34) * 34;
        const samples = [{ address: 0, data: damaged.subarray(0, 0x11000) }];
        assert.equal(damageInBootCode(new FlashAfter(0x200000, samples, undefined), 0x11000), at, name);
        const findings = bootDamage(damaged);
        assert.match(findings.join(), new RegExp(`^Its boot code is damaged: .*\\(${hexAddress(at)}\\)\\.$`), name);
      }
    }
    const blankArea = used().fill(0xff, 0, 0x11000);
    assert.deepEqual(
      judgeDump(blankArea).findings.map(({ code }) => code),
      ["no-bootloader"],
    );
  });

  it("shows sectors that were lost or come from elsewhere", () => {
    const tuya = { kind: "tuya", coefficients: TUYA_KEY } as const;
    const flash = used({ key: TUYA_KEY, length: 0x30000 });
    for (const fill of [0xff, 0x00]) {
      for (const at of [0x13000, 0x22000, 0x30000]) {
        const damaged = flash.slice().fill(fill, at, at + 0x1000);
        assert.equal(judgeApplication(damaged, tuya).verdict, "damaged", `${fill} at ${hexAddress(at)}`);
      }
    }
    const other = used({ key: TUYA_KEY, length: 0x30000, seed: 4 });
    flash.set(other.subarray(0x20000, 0x24000), 0x20000);
    assert.equal(judgeApplication(flash, tuya).verdict, "damaged");
  });

  it("takes any bytes for what they are, and never throws", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(0x1fffff), fc.uint8Array({ minLength: 1, maxLength: 300 })), { maxLength: 12 }),
        fc.constantFrom(...KEYS),
        (patches, [, key]) => {
          const flash = used({ key, header: "ota" });
          for (const [at, bytes] of patches) flash.set(bytes.subarray(0, flash.length - at), at);
          const image = detectImage(flash, "x.bin");
          for (const { address, data } of image.segments)
            assert.ok(address >= 0x11000 && address + data.length <= 0x200000);
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe("an application that is linked for address 0", () => {
  const linked = (length: number): Uint8Array =>
    addCrcBlocks(concat(program(length, 0), new Uint8Array(32).fill(0xff)));
  const rbl = ((): Uint8Array => {
    const { container } = packed(0x2000, ZERO_KEY, "1.0.0-bk7231t", 0x108700);
    return container;
  })();

  it("is no boot code with an application behind it, and is not written to 0x11000", () => {
    const image = detectImage(linked(0x30000), "app.bin");
    assert.equal(image.format, "crc-app");
    assert.equal(image.refusal?.code, "image-not-flashable");
    assert.match(why(image), /linked for address 0/);
    const scrambled = addCrcBlocks(scramble(program(0x30000, 0), TUYA_KEY, 0));
    assert.match(why(detectImage(scrambled, "app.bin")), /linked for address 0/);
  });

  it("is no QIO image either where its own header ends the file", () => {
    const app = appInFlash({ base: 0, headerAt: 0 });
    const container = new Uint8Array(rbl.length).fill(0xff);
    container.set(app.blocks);
    container.set(app.header ?? [], container.length - 102);
    const image = detectImage(container, "app.rbl");
    assert.equal(image.format, "rbl-partition");
    assert.match(why(image), /linked for address 0/);
  });

  it("is not what boot code alone is, nor boot code with a blank application", () => {
    const boot = bootCodeInFlash({ header: false });
    assert.equal(detectImage(boot, "x.bin").format, "bootloader");
    const image = detectImage(flashOf({ boot }), "x.bin");
    assert.equal(image.format, "full-dump");
    assert.match(why(image), /no application/);
    assert.equal(detectImage(rbl, "app.rbl").refusal, undefined);
  });
});

describe("boot code without CRC-16s", () => {
  const table = tableWithDownloadAt(0x132000);
  const bare = bareBootCode({ texts: ["V:BK7231S_1.0.9"], table, constant: true });

  for (const [name, bytes] of [
    ["plain", bare],
    ["scrambled", concat(scramble(bare.subarray(0, 0x6000), TUYA_KEY, 0), bare.subarray(0x6000))],
    ["padded", concat(bare, new Uint8Array(0x10000 - bare.length).fill(0xff))],
  ] as const) {
    it(`is told for what it is and never written: ${name}`, () => {
      for (const file of ["bootloader_bk7231s.bin", "something.bin"]) {
        const image = detectImage(bytes, file);
        assert.equal(image.format, "bootloader");
        assert.equal(image.refusal?.code, "image-not-flashable");
        assert.deepEqual(
          image.checks.filter(({ verdict }) => verdict === "bad"),
          [],
        );
        assert.equal(fact(image, "Bootloader says"), "BK7231S_1.0.9");
        assert.equal(image.details.filter((row) => english(row.name) === "Bootloader partition").length, 3);
        assert.deepEqual(detectImage(bytes, file, { offset: 0 }).segments, []);
      }
    });
  }

  it("is named when it is one that is known", () => {
    const flash = contentOf(PRESETS.bk7231t, PRESETS.bk7231t.jedecId, 1);
    const code = flash.subarray(0, 0x2800).filter((_, at) => at % 34 < 32);
    const image = detectImage(code, "bootloader.bin");
    assert.equal(fact(image, "Bootloader"), "BK7231T Tuya 1.0.5");
    assert.deepEqual(image.chips, ["bk7231t", "bk7231s"]);
    const plain = detectImage(scramble(code, TUYA_KEY, 0), "bootloader.bin");
    assert.equal(fact(plain, "Bootloader"), "BK7231T without key 1.0.5");
  });

  it("is not an application without them", () => {
    assert.equal(detectImage(program(0x6000, 0x10000), "raw_firmware.bin").format, "raw-app");
    assert.equal(detectImage(program(0x6000, 0x10000), "a.bin").format, "raw-app");
  });
});

describe("an application and its header, one behind the other", () => {
  const { application, header } = packed(0x900);

  it("has the header put where LibreTiny has it", () => {
    const image = detectImage(concat(application, header), "image_bk7231t_app.0x011000.rbl");
    assert.deepEqual([why(image), writes(image)], ["", [`0x011000+${application.length}`, "0x129F0A+102"]]);
    assert.ok(warned(image).includes("rbl-header-placed"));
    const four = packed(0x900, ZERO_KEY, "1.0.0-bk7252");
    assert.deepEqual(writes(detectImage(concat(four.application, four.header), "a.rbl"))[1], "0x1CAF9A+102");
  });

  it("of another maker is written without the header, whose place nothing tells", () => {
    const other = packed(0x900, TUYA_KEY, "1.00");
    const image = detectImage(concat(other.application, other.header), "a.rbl");
    assert.deepEqual([why(image), writes(image)], ["", [`0x011000+${other.application.length}`]]);
    assert.ok(warned(image).includes("rbl-header-without-place"));
  });

  it("that do not belong together are damage", () => {
    const image = detectImage(concat(application, packed(0x880).header), "a.rbl");
    assert.equal(image.refusal?.code, "image-corrupt");
    assert.equal(detectImage(concat(application, header).subarray(0, -1), "a.rbl").refusal?.code, "image-corrupt");
  });
});
