/** What whole and partial dumps tell of their device: chip, boot code, firmware, map, settings, what contradicts, what is private. */
import assert from "node:assert/strict";
import { concat } from "../../../src/core/base/bytes";
import { english } from "../../../src/core/base/words";
import { differencesBetween } from "../../../src/core/passport/compareDumps";
import { extract } from "../../../src/core/passport/extract";
import { passportOf, type Passport } from "../../../src/core/passport/passport";
import { plainOf } from "../../../src/core/passport/plain";
import { PRESETS, createChip, practiceFirmware } from "../../../src/simulator/index";
import { TUYA_KEY, appInFlash, bootCodeInFlash, flashOf, tableWithDownloadAt } from "../images/flashes";
import { ota } from "../images/samples";
import { SDK, STORAGE, tuyaDump } from "./sampleDump";

const valueOf = (passport: Passport, id: string): unknown =>
  plainOf(passport.facts.find((fact) => fact.id === id)?.value, false);

describe("passport of a dump", () => {
  it("tells a Tuya device in full", () => {
    const passport = passportOf(tuyaDump());
    const facts = Object.fromEntries(passport.facts.map(({ id, value }) => [id, plainOf(value, false)]));
    assert.deepEqual(facts, {
      chip: "BK7231N",
      module: "CB2S",
      board: "cb2s",
      "boot-code": "BK7231N_1.0.1",
      key: "Tuya's",
      firmware: "Tuya: oem_bk7231n_plug",
      "firmware-version": "1.1.12 (on 2.3.1)",
      "firmware-built": "2021_08_09_10_11_12",
      product: "keyproduct000001",
      calibration: "0x1D0000",
      mac: "C8:47:8C:••:••:••",
      paired: "yes, with an account of Tuya's cloud",
      credentials: facts.credentials,
    });
    assert.match(String(facts.credentials), /pages that Tuya's settings no longer use/);
    assert.equal(
      passport.facts.every(({ evidence }) => english(evidence) !== ""),
      true,
    );
    assert.deepEqual(passport.contradictions, []);
    assert.deepEqual(
      passport.updates.map(({ firmware, works }) => [firmware, works]),
      [
        ["LibreTiny", "yes"],
        ["OpenBeken", "yes"],
      ],
    );
  });

  it("maps the flash by the boot code's own table, without holes, and says what lies in each part", () => {
    const flash = tuyaDump();
    flash.set(ota(5000), 0x12a000);
    const { partitions } = passportOf(flash);
    const rows = partitions.map(({ name, start, from, holds }) => [start, name, from, holds.kind]);
    assert.deepEqual(
      rows.filter(([, , from]) => from !== "rest"),
      [
        [0, "bootloader", "boot-code", "boot-code"],
        [0x11000, "app", "boot-code", "application"],
        [0x12a000, "download", "boot-code", "package"],
        [0x1d0000, "calibration", "content", "calibration"],
        [0x1ee000, "tuya", "content", "tuya-settings"],
      ],
    );
    for (const [i, part] of partitions.entries()) assert.equal(part.start, partitions[i - 1]?.end ?? 0);
    assert.equal(partitions.at(-1)?.end, flash.length);
    flash[0x12a100] = (flash[0x12a100] as number) ^ 1;
    assert.equal(passportOf(flash).partitions.find(({ name }) => name === "download")?.holds.kind, "part-of-package");
  });

  it("names ESPHome and OpenBeken by their own texts", () => {
    const told = (...texts: string[]): unknown[] => {
      const passport = passportOf(
        flashOf({ boot: bootCodeInFlash({}), app: appInFlash({ texts }), calibrationAt: 0x1e0000 }),
      );
      const { kind, name, version, board, built } = passport.firmware;
      return [kind, name, version, board, built];
    };
    const banner = "LibreTiny v1.13.0 on wb3s, compiled at Nov  3 2026 10:11:12, GCC 10.3.1 (-O1)";
    assert.deepEqual(told(banner, "ESPHome version 2026.8.1 compiled on %s", "Project acme.lamp version 2.0"), [
      "esphome",
      "acme.lamp",
      "2026.8.1",
      "wb3s",
      "Nov  3 2026 10:11:12",
    ]);
    assert.deepEqual(told(banner), ["libretiny", undefined, "1.13.0", "wb3s", "Nov  3 2026 10:11:12"]);
    assert.deepEqual(told("OpenBK7231T", "Built on Jan  2 2026 03:04:05 version 1.18.300"), [
      "openbeken",
      "OpenBK7231T",
      "1.18.300",
      undefined,
      "Jan  2 2026 03:04:05",
    ]);
    assert.equal(told("nothing of the kind")[0], "unknown");
  });

  it("shows what contradicts", () => {
    const flash = flashOf({
      boot: bootCodeInFlash({ key: TUYA_KEY }),
      app: appInFlash({ texts: ["LibreTiny v1.13.0 on generic-bk7238, compiled at Nov  3 2026 10:11:12"] }),
    });
    flash.set(STORAGE.bytes, 0x1ee000);
    const said = passportOf(flash).contradictions.map(english).join("\n");
    assert.match(said, /different keys/);
    assert.match(said, /other firmware runs/);
    assert.match(said, /contradict each other/);
  });

  it("of a BK7258 has its chip, key and calibration, and claims nothing of its updates over the air", () => {
    const chip = createChip("bk7258", { pace: "none" });
    const { bytes } = practiceFirmware(PRESETS.bk7258);
    chip.flash.set(bytes.subarray(0x11000), 0x11000);
    const passport = passportOf(chip.flash.slice());
    chip.dispose();
    assert.deepEqual(
      ["chip", "key", "calibration"].map((id) => valueOf(passport, id)),
      ["BK7258", "none (zeros)", "0x7FE000"],
    );
    assert.deepEqual(
      passport.updates.map(({ firmware, works }) => [firmware, works]),
      [
        ["LibreTiny", "unknown"],
        ["OpenBeken", "unknown"],
      ],
    );
  });

  it("says why updates over the air will not work: no table, another place", () => {
    const works = (boot: Uint8Array, texts: string[]): string[] =>
      passportOf(flashOf({ boot, app: appInFlash({ texts }) })).updates.map(
        ({ works: verdict, words }) => `${verdict}: ${english(words)}`,
      );
    const banner = ["LibreTiny v1.13.0 on wb3s, compiled at Nov  3 2026 10:11:12"];
    assert.match(works(bootCodeInFlash({}), banner)[0] ?? "", /^no: .*no partition table.*wire only/);
    assert.match(
      works(bootCodeInFlash({ table: tableWithDownloadAt(0x140000) }), banner)[0] ?? "",
      /^no: .*0x132000.*0x140000/,
    );
    assert.match(works(bootCodeInFlash({ table: tableWithDownloadAt(0x132000) }), banner)[0] ?? "", /^yes/);
  });

  it("shows no secret by default, neither of pages in use nor of old ones", () => {
    const json = JSON.stringify(passportOf(tuyaDump()));
    for (const secret of ["FormerHome", "once upon", "vdevid1234567890ab", "01:02:03"])
      assert.equal(json.includes(secret), false, secret);
  });

  it("reads a shifted dump, a part of one, and a storage alone", () => {
    const flash = tuyaDump();
    const shifted = concat(flash.subarray(0x11000), flash.subarray(0, 0x11000));
    assert.equal(valueOf(passportOf(shifted), "module"), "CB2S");
    assert.equal(valueOf(passportOf(flash.subarray(0x100000)), "module"), "CB2S");
    assert.equal(valueOf(passportOf(STORAGE.bytes), "module"), "CB2S");
    assert.equal(passportOf(new Uint8Array(0)).settings.none?.code, "too-short");
    assert.equal(passportOf(new Uint8Array(0x200000).fill(0xff)).settings.none?.code, "erased");
  });
});

describe("parts of a dump", () => {
  it("extracts partitions as they lie there, and readable", async () => {
    const flash = tuyaDump();
    flash.set(ota(5000), 0x12a000);
    const app = appInFlash({
      key: TUYA_KEY,
      texts: [SDK, "oem_bk7231n_plug", "1.1.12", "BUILD AT:2021_08_09_10_11_12 BY ci"],
    });
    const raw = await extract(flash, "dump.bin", { partition: "download", decrypt: false });
    assert.deepEqual([raw.start, raw.end], [0x12a000, 0x1d0000]);
    assert.deepEqual(raw.data, flash.subarray(0x12a000, 0x1d0000));
    const plain = await extract(flash, "dump.bin", { partition: "app", decrypt: true });
    assert.deepEqual(plain.data.subarray(0, app.plain.length), app.plain);
    const amid = await extract(flash, "dump.bin", { partition: "0x12000+0x1000", decrypt: true });
    assert.equal(Buffer.from(plain.data).includes(Buffer.from(amid.data.subarray(0, 64))), true);
    const settings = await extract(flash, "dump.bin", { partition: "tuya", decrypt: true });
    assert.equal(Buffer.from(settings.data).includes("{rl1_pin:26"), true);
    const unpacked = await extract(flash, "dump.bin", { partition: "download", decrypt: true });
    assert.deepEqual(unpacked.data, (await extract(ota(5000), "x.ota.rbl", { decrypt: true })).data);
    await assert.rejects(extract(flash, "dump.bin", { partition: "nonsense", decrypt: false }), {
      code: "partition-not-found",
    });
    await assert.rejects(extract(flash, "dump.bin", { partition: "0x1d1000+0x1000", decrypt: true }), {
      code: "image-not-readable",
    });
  });

  it("lists the sectors in which two dumps differ", () => {
    const a = tuyaDump();
    const b = a.slice();
    for (const at of [0x150000, 0x150fff, 0x151000, 0x1d0800]) b[at] = (b[at] as number) ^ 0xff;
    const map = passportOf(a).partitions;
    assert.deepEqual(
      differencesBetween(a, b, map).map(({ start, end, bytes, parts }) => [
        start,
        end,
        bytes,
        parts.map(({ name }) => name),
      ]),
      [
        [0x150000, 0x152000, 3, ["download"]],
        [0x1d0000, 0x1d1000, 1, ["calibration"]],
      ],
    );
    assert.deepEqual(differencesBetween(a, a.slice(), map), []);
    assert.equal(differencesBetween(a, a.subarray(0, 0x1ff000), map).length, 1);
  });
});
