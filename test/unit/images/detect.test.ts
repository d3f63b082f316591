import assert from "node:assert/strict";
import { dirname } from "node:path";
import { readdirSync } from "node:fs";
import { concat, equalBytes, hexAddress } from "../../../src/core/base/bytes";
import { english } from "../../../src/core/base/words";
import { parseCoefficients, TUYA_KEY, ZERO_KEY } from "../../../src/core/beken/chips/keys";
import { detectImage } from "../../../src/core/beken/images/detect";
import type { FirmwareImage } from "../../../src/core/beken/images/firmwareImage";
import { inspectImage } from "../../../src/core/beken/images/inspect";
import { bootloader, fullFlash, ota, packed, plainCode, PROJECTS, readBytes, uf2, ug } from "./samples";
import { contentOf, PRESETS } from "../../../src/simulator/chip/presets";

const writes = (image: FirmwareImage): readonly string[] =>
  image.segments.map(({ address, data }) => `${hexAddress(address)}+${data.length}`);
const fact = (image: FirmwareImage, name: string): string =>
  english(image.details.find((row) => english(row.name) === name)?.value ?? "");
const badChecks = (image: FirmwareImage): readonly string[] =>
  image.checks.filter(({ verdict }) => verdict === "bad").map(({ name }) => english(name));

describe("genuine builds", () => {
  for (const { folder, chip, key } of PROJECTS) {
    describe(folder.split("/").at(-1) ?? "", () => {
      const path = (name: string): string => `${folder}/${name}`;
      const app = readBytes(path(`image_${chip}_app.0x011000.crc`));
      const header = readBytes(path(`image_${chip}_app.0x129F0A.rblh`));
      const container = readBytes(path(`image_${chip}_app.0x011000.rbl`));

      it("recognises the container", async () => {
        const image = await inspectImage(container, path(`image_${chip}_app.0x011000.rbl`));
        assert.equal(image.format, "rbl-partition");
        assert.equal(image.refusal, undefined);
        assert.equal(image.key?.kind, key);
        assert.deepEqual(image.chips, [chip]);
        assert.deepEqual(writes(image), ["0x011000+1150832"]);
        assert.deepEqual(badChecks(image), []);
        assert.deepEqual(image.warnings, []);
        assert.equal(fact(image, "RBL version"), `25.06.01-${chip}`);
        assert.equal(fact(image, "RBL date"), "2025-06-01T12:00:00Z");
        assert.equal(fact(image, "RBL header at"), "0x129F0A");
      });

      it("recognises the application alone", () => {
        const image = detectImage(app, path(`image_${chip}_app.0x011000.crc`));
        assert.equal(image.format, "crc-app");
        assert.equal(image.refusal, undefined);
        assert.equal(image.key?.kind, key);
        assert.deepEqual(image.chips, [chip]);
        assert.deepEqual(writes(image), [`0x011000+${app.length}`]);
      });

      it("takes from UF2 exactly what the other files hold", async () => {
        for (const name of readdirSync(folder).filter((entry) => /\.uf2$|^firmware\.bin$/.test(entry))) {
          const image = await inspectImage(readBytes(path(name)), path(name));
          assert.equal(image.format, "uf2");
          assert.equal(image.refusal, undefined);
          assert.deepEqual(image.chips, [chip]);
          assert.equal(image.key?.kind, key);
          assert.deepEqual(writes(image), [`0x011000+${app.length}`, "0x129F0A+102"]);
          const [application, rblHeader] = image.segments;
          assert.equal(equalBytes(application?.data ?? header, app), true);
          assert.equal(equalBytes(rblHeader?.data ?? app, header), true);
          for (const { address, data } of image.segments) {
            assert.equal(
              equalBytes(container.subarray(address - 0x11000, address - 0x11000 + data.length), data),
              true,
            );
          }
          assert.equal(
            image.checks.every(({ verdict }) => verdict === "ok"),
            true,
          );
          assert.equal(fact(image, "Board"), `generic-${chip}-qfn32-tuya`);
          assert.equal(fact(image, "Build date"), "2025-06-01T12:00:00Z");
          assert.equal(fact(image, "Firmware version"), "2025.5.0");
          assert.equal(fact(image, "LibreTiny version"), "1.13.0");
        }
      });

      const refused = [
        [`image_${chip}_app.0x129F0A.rblh`, "rbl-header", "image-not-flashable", `image_${chip}_app.0x011000.rbl`],
        [`image_${chip}_app.ota.rbl`, "rbl-ota", "image-ota-only", `image_${chip}_app.0x011000.rbl`],
        [`image_${chip}_app.ota.ug.bin`, "ug", "image-ota-only", `image_${chip}_app.0x011000.rbl`],
        ["raw_firmware.bin", "raw-app", "image-not-flashable", "firmware.uf2"],
      ] as const;
      for (const [name, format, code, instead] of refused) {
        it(`refuses ${name} and names the file to use`, async () => {
          const beside = readdirSync(dirname(path(name)));
          const image = await inspectImage(readBytes(path(name)), path(name), { beside });
          assert.equal(image.format, format);
          assert.equal(image.refusal?.code, code);
          assert.equal(image.refusal.context.instead, instead);
          assert.deepEqual(image.segments, []);
          assert.deepEqual(badChecks(image), []);
        });
      }

      it("opens the over-the-air container with the default key", async () => {
        const name = `image_${chip}_app.ota.ug.bin`;
        const image = await inspectImage(readBytes(path(name)), name);
        assert.deepEqual(
          image.checks
            .filter(({ name: check }) => /payload|FNV/.test(english(check)))
            .map(({ name: check, verdict }) => `${english(check)} ${verdict}`),
          ["UG payload sum ok", "OTA payload ok", "RBL FNV-1a ok"],
        );
      });

      it("refuses an over-the-air container named like a serial one", () => {
        const image = detectImage(readBytes(path(`image_${chip}_app.ota.rbl`)), `image_${chip}_app.0x011000.rbl`);
        assert.equal(image.refusal?.code, "image-name-mismatch");
        assert.deepEqual(image.refusal.context.download, { kind: "build-uf2" });
      });
    });
  }
});

describe("files from address 0", () => {
  const app = packed(0x1200, TUYA_KEY, "1.00", 0x108700);

  it("offers the application area of a QIO image", () => {
    const image = detectImage(concat(bootloader(), app.container), "OpenBK7231N_QIO_1.18.300.bin");
    assert.equal(image.format, "qio");
    assert.equal(image.refusal, undefined);
    assert.deepEqual(image.chips, ["bk7231n"]);
    assert.deepEqual(writes(image), ["0x011000+1150832"]);
    assert.equal(equalBytes(image.segments[0]?.data ?? new Uint8Array(), app.container), true);
    assert.equal(fact(image, "Bootloader version"), "1.0.1");
    assert.equal(
      image.warnings.some((text) => english(text).startsWith("application-area-only")),
      true,
    );
  });

  it("finds a header that is not at a multiple of 34", () => {
    const qio = new Uint8Array(0x100000).fill(0xff);
    qio.set(bootloader());
    qio.set(app.application, 0x11000);
    qio.set(app.header, 0xfff9a);
    const image = detectImage(qio, "OpenBK7231T_QIO_1.18.300.bin");
    assert.equal(image.format, "qio");
    assert.equal(image.refusal, undefined);
    assert.deepEqual(writes(image), [`0x011000+${0x100000 - 0x11000}`]);
  });

  it("refuses a QIO image with damage anywhere behind the bootloader", () => {
    const qio = concat(bootloader(), app.container);
    for (const at of [0x11000, 0x11800, 0x12000, 0x80000, qio.length - 102, qio.length - 50, qio.length - 1]) {
      const damaged = qio.slice();
      damaged[at] = (damaged[at] as number) ^ 0x20;
      const image = detectImage(damaged, "OpenBK7231N_QIO_1.18.300.bin");
      assert.equal(image.refusal?.code, "image-corrupt", hexAddress(at));
    }
  });

  for (const [kind, key] of [
    ["tuya", TUYA_KEY],
    ["zero", ZERO_KEY],
    ["other", parseCoefficients("8f3c21d65b7a90e4d1c2b3a4c7adeb15")],
  ] as const) {
    it(`offers the application area of a whole flash, ${kind} key`, () => {
      const { container } = packed(0x1200, key, "1.00", 0x108700);
      const image = detectImage(fullFlash(container, bootloader(key)), "backup.bin");
      assert.equal(image.format, "full-dump");
      assert.equal(image.refusal, undefined);
      assert.equal(image.key?.kind, kind);
      assert.deepEqual(writes(image), ["0x011000+1150832"]);
    });
  }

  it("names boot code that is known by its fingerprint alone, as that of a BK7231S", () => {
    const image = detectImage(contentOf(PRESETS.bk7231s, PRESETS.bk7231s.jedecId, 1), "backup.bin");
    assert.equal(image.format, "full-dump");
    assert.ok(!image.warnings.some((text) => english(text).startsWith("bootloader-not-recognised")));
  });

  it("puts a shifted dump right", () => {
    const flash = fullFlash(app.container);
    const shifted = concat(flash.subarray(0x11000), flash.subarray(0, 0x11000));
    const image = detectImage(shifted, "dump.bin");
    assert.equal(image.format, "full-dump");
    assert.equal(image.refusal, undefined);
    assert.deepEqual(writes(image), ["0x011000+1150832"]);
    assert.equal(equalBytes(image.segments[0]?.data ?? new Uint8Array(), app.container), true);
    assert.equal(
      image.warnings.some((text) => english(text).startsWith("shifted-dump")),
      true,
    );
  });

  it("takes the good blocks where the header is of an older application", () => {
    const older = packed(0x2000, TUYA_KEY, "1.00", 0x108700);
    const flash = fullFlash(older.container);
    flash.fill(0xff, 0x11000, 0x14000);
    flash.set(app.application, 0x11000);
    const image = detectImage(flash, "backup.bin");
    assert.equal(image.refusal, undefined);
    assert.deepEqual(writes(image), [`0x011000+${app.application.length}`]);
    assert.equal(
      image.warnings.some((text) => english(text).startsWith("rbl-header-stale")),
      true,
    );
  });

  it("refuses a dump with a damaged application, and one without any", () => {
    const flash = fullFlash(app.container);
    flash[0x11500] = (flash[0x11500] as number) ^ 1;
    const image = detectImage(flash, "backup.bin");
    assert.equal(image.refusal?.code, "image-corrupt");
    assert.match(english(image.refusal.context.detail ?? ""), /block 37 at file offset 0x0114EA/);
    assert.equal(image.refusal.context.address, 0x11000 + 37 * 34);
    const blank = detectImage(fullFlash(new Uint8Array(0)), "backup.bin");
    assert.equal(blank.refusal?.code, "image-not-flashable");
  });

  it("refuses bootloaders unless their address is given", () => {
    for (const key of [TUYA_KEY, ZERO_KEY]) {
      for (const bytes of [bootloader(key), bootloader(key).subarray(0, 0x8800)]) {
        const image = detectImage(bytes, "something.bin");
        assert.equal(image.format, "bootloader");
        assert.equal(image.refusal?.code, "image-not-flashable");
        assert.equal(image.refusal.context.address, 0);
        assert.deepEqual(writes(detectImage(bytes, "something.bin", { offset: 0 })), [`0x000000+${bytes.length}`]);
        assert.equal(detectImage(bytes, "something.bin", { offset: 0x11000 }).refusal?.code, "image-wrong-offset");
      }
    }
  });

  for (const value of [0x00, 0xff]) {
    it(`refuses a dump of nothing but ${value}`, () => {
      const image = detectImage(new Uint8Array(0x200000).fill(value), "backup.bin", { offset: 0x11000 });
      assert.equal(image.refusal?.code, "image-not-flashable");
      assert.match(english(image.refusal.context.detail ?? ""), /every byte is/);
    });
  }
});

describe("name against content", () => {
  const app = packed(900);

  const cases: readonly (readonly [string, Uint8Array, string, string | undefined])[] = [
    [
      "another chip in the name than in the RBL version",
      app.container,
      "image_bk7231n_app.0x011000.rbl",
      "image-name-mismatch",
    ],
    ["BK7231S, which runs BK7231T builds", app.container, "image_bk7231s_app.0x011000.rbl", undefined],
    [
      "another chip in the name than the UF2 family",
      uf2(app),
      "a_1.0_generic_bk7231n_lt1.13.0.uf2",
      "image-name-mismatch",
    ],
    [
      "an offset in the name that is not the application's",
      app.application,
      "image_bk7231t_app.0x012000.crc",
      "image-name-mismatch",
    ],
    ["an application named bootloader", app.container, "bk7231t_bootloader.bin", "image-name-mismatch"],
    [
      "an application under the name of an over-the-air container",
      app.container,
      "image_bk7231t_app.ota.rbl",
      undefined,
    ],
    ["a UF2 named .bin", uf2(app), "firmware.bin", undefined],
    ["an application named .uf2", app.application, "firmware.uf2", undefined],
    ["another maker's name on a Beken application", app.application, "OpenLN882H_1.17.bin", "image-name-mismatch"],
    ["a chip mentioned anywhere in the name", app.container, "my-bk7238-thing.bin", undefined],
    [
      "text under the name of a container",
      new TextEncoder().encode("hello, world"),
      "image_bk7231t_app.0x011000.rbl",
      "image-foreign",
    ],
    ["text under the name of a UF2", new TextEncoder().encode("hello, world"), "firmware.uf2", "image-foreign"],
  ];
  for (const [title, bytes, name, code] of cases) {
    it(title, () => {
      const image = detectImage(bytes, name);
      assert.equal(image.refusal?.code, code);
      assert.equal(image.segments.length > 0, code === undefined);
    });
  }

  it("warns where following the content is safe", () => {
    assert.match(detectImage(app.container, "image_bk7231t_app.ota.rbl").warnings.join(), /name-format-differs/);
    assert.match(detectImage(app.container, "my-bk7238-thing.bin").warnings.join(), /name-chip-differs/);
    assert.match(detectImage(app.container, "image_bk7231s_app.0x011000.rbl").warnings.join(), /name-chip-differs/);
  });

  it("knows ESPHome's download names and OpenBeken's", () => {
    assert.deepEqual(detectImage(ota(900), "lamp.ota.rbl").refusal?.context.download, { kind: "esphome-uf2" });
    assert.equal(detectImage(app.container, "lamp.0x011000.rbl").refusal, undefined);
    const open = (name: string) => detectImage(ota(900, "1.00"), name).refusal?.context.download;
    assert.deepEqual(open("OpenBK7231T_1.18.300.rbl"), { kind: "openbeken-ua", chip: "BK7231T" });
    assert.deepEqual(open("OpenBK7231N_1.18.300.rbl"), { kind: "openbeken-qio", chip: "BK7231N" });
    assert.equal(detectImage(ug(ota(900)), "OpenBK7231T_UG_1.18.300.bin").refusal?.code, "image-ota-only");
    const ua = detectImage(app.application, "OpenBK7231T_UA_1.18.300.bin");
    assert.deepEqual([ua.format, ua.chips, ua.refusal], ["crc-app", ["bk7231t"], undefined]);
  });

  it("keeps an application at its address", () => {
    assert.equal(detectImage(app.application, "a.bin", { offset: 0x11000 }).refusal, undefined);
    for (const [bytes, name] of [
      [app.application, "a.bin"],
      [app.container, "a.rbl"],
      [uf2(app), "a.uf2"],
    ] as const) {
      assert.equal(detectImage(bytes, name, { offset: 0x12000 }).refusal?.code, "image-wrong-offset");
    }
  });
});

describe("files that are something else", () => {
  const cases: readonly (readonly [string, Uint8Array, string, string])[] = [
    ["no bytes", new Uint8Array(0), "firmware.uf2", "image-empty"],
    ["one byte", Uint8Array.of(0x52), "a.bin", "image-needs-offset"],
    ["one byte named like an image", Uint8Array.of(0x52), "a.rbl", "image-corrupt"],
    ["an ELF file", concat([0x7f, 0x45, 0x4c, 0x46], new Uint8Array(100)), "raw_firmware.elf", "image-not-flashable"],
    [
      "an ESP image",
      concat([0xe9, 3, 2, 0x20, 0x10, 0x20, 0x10, 0x40], new Uint8Array(100)),
      "firmware-factory.bin",
      "image-wrong-chip",
    ],
    ["an RTL image", concat([0x81, 0x95, 0x87, 0x11, 1, 2, 3, 4], new Uint8Array(100)), "a.bin", "image-wrong-chip"],
    ["an LN882H image by name", new Uint8Array(100).fill(3), "OpenLN882H_1.17.bin", "image-wrong-chip"],
    ["a UF2 for LN882H", uf2(packed(900), { family: 0xa38090a8 }), "firmware.uf2", "image-wrong-chip"],
    ["a UF2 for RTL8710B", uf2(packed(900), { family: 0x22e0d6fc }), "firmware.uf2", "image-wrong-chip"],
    ["a UF2 for a chip nobody knows", uf2(packed(900), { family: 0x12345678 }), "firmware.uf2", "image-wrong-chip"],
    ["plain code", plainCode(1000), "a.bin", "image-not-flashable"],
    [
      "scrambled code without CRC-16s",
      packed(1000).container.filter((_, at) => at % 34 < 32),
      "a.bin",
      "image-not-flashable",
    ],
    ["Tuya patch information", new Uint8Array(100).fill(3), "image_bk7238_app.diff2ya.dat", "image-ota-only"],
    [
      "UF2 with nothing for a flasher",
      uf2(packed(900), { images: [{ data: ota(99), parts: { DEVICE_SINGLE: "download" } }] }),
      "firmware.uf2",
      "image-not-flashable",
    ],
    ["unknown bytes", new Uint8Array(100).fill(3), "a.bin", "image-needs-offset"],
  ];
  for (const [title, bytes, name, code] of cases) {
    it(`${title}: ${code}`, () => {
      const image = detectImage(bytes, name);
      assert.equal(image.refusal?.code, code);
      assert.deepEqual(image.segments, []);
      assert.equal(image.fileSize, bytes.length);
    });
  }

  it("writes unknown bytes where the person says, within 24 bits", () => {
    const bytes = new Uint8Array(100).fill(3);
    assert.deepEqual(writes(detectImage(bytes, "a.bin", { offset: 0x1e0000 })), ["0x1E0000+100"]);
    assert.equal(detectImage(bytes, "a.bin", { offset: 0xffffff }).refusal?.code, "plan-out-of-range");
    assert.equal(detectImage(bytes, "a.bin", { offset: -1 }).refusal?.code, "image-wrong-offset");
    assert.equal(detectImage(bytes, "a.bin", { offset: 1.5 }).refusal?.code, "image-wrong-offset");
  });

  it("refuses a UF2 whose application is not at 0x11000, and one that reaches past 24 bits", () => {
    const moved = (offset: number): FirmwareImage =>
      detectImage(
        uf2(packed(900), {
          partitions: [
            { name: "app", offset, length: 0x121000 },
            { name: "download", offset: 0x132000, length: 0xa6000 },
          ],
        }),
        "firmware.uf2",
      );
    assert.equal(moved(0x11000).refusal, undefined);
    assert.equal(moved(0x12000).refusal?.code, "image-wrong-offset");
    assert.equal(moved(0).refusal?.code, "image-wrong-offset");
    assert.equal(moved(0xfffff000).refusal?.code, "image-wrong-offset");
  });

  it("packages UF2 files for chips no genuine build exists for", () => {
    for (const [family, chips] of [
      [0xafe81d49, ["bk7231q"]],
      [0x159ac324, ["bk7238"]],
      [0x6a82cc42, ["bk7251", "bk7252"]],
    ] as const) {
      const application = packed(3000, ZERO_KEY, `1.0-${chips.at(-1) ?? ""}`);
      const image = detectImage(uf2(application, { family }), "firmware.uf2");
      assert.equal(image.refusal, undefined);
      assert.deepEqual(image.chips, chips);
      assert.equal(image.key?.kind, "zero");
      assert.equal(equalBytes(image.segments[0]?.data ?? new Uint8Array(), application.application), true);
      assert.equal(equalBytes(image.segments[1]?.data ?? new Uint8Array(), application.header), true);
      assert.equal(image.segments[1]?.address, application.headerAddress);
    }
  });
});
