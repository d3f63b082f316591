/** Files for chips with several cores: one image from address 0 with boot code and a program for each core, and parts of it alone. */
import assert from "node:assert/strict";
import { concat, hexAddress, u32 } from "../../../src/core/base/bytes";
import { english } from "../../../src/core/base/words";
import { addCrcBlocks, stripCrcBlocks, toLogical } from "../../../src/core/beken/images/crcBlocks";
import { detectImage, type FirmwareImage } from "../../../src/core/index";
import { PRESETS, createChip, practiceFirmware } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/prng";

const APP = 0x11000;
/** Where the program of the second core is in what people practise with. */
const SECOND = 0x55000;
const { bytes: ALL } = practiceFirmware(PRESETS.bk7258);
const codesOf = ({ warnings }: FirmwareImage): readonly unknown[] => warnings.map(({ values }) => values[0]);
const factOf = ({ details }: FirmwareImage, name: string): readonly string[] =>
  details.filter((fact) => english(fact.name) === name).map(({ value }) => english(value));

/** The file with some of it changed. */
function changed(bytes: Uint8Array, at: number, by: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy.set(by, at);
  return copy;
}

describe("one image from address 0", () => {
  it("is recognised by its content: boot code, chips, no key, and every program to its end", () => {
    const image = detectImage(ALL, "all-app.bin");
    assert.equal(image.refusal, undefined);
    assert.equal(image.format, "qio");
    assert.deepEqual(image.chips, ["bk7258"]);
    assert.equal(image.key?.kind, "zero");
    assert.deepEqual(codesOf(image), ["application-area-only"]);
    assert.deepEqual(
      image.segments.map(({ address, data }) => [address, data.length]),
      [[APP, ALL.length - APP]],
    );
    assert.deepEqual(image.bootCode?.data, ALL.subarray(0, APP));
    const [first, second] = factOf(image, "Program");
    assert.match(first ?? "", /^0x011000\.\./);
    assert.equal(second, `${hexAddress(SECOND)}..${hexAddress(ALL.length)}`);
  });

  it("without a word of its chip is for both of the family; the name chooses", () => {
    const silent = changed(ALL, APP, addCrcBlocks(stripCrcBlocks(ALL.subarray(APP, APP + 34 * 1024))));
    const text = Buffer.from("OpenBK7258");
    const at = Buffer.from(stripCrcBlocks(silent)).indexOf(text);
    const logical = stripCrcBlocks(silent);
    logical.set(Buffer.from("AnotherOne"), at);
    const bytes = addCrcBlocks(logical.slice(0, logical.length & ~31));
    assert.deepEqual(detectImage(bytes, "all-app.bin").chips, ["bk7236", "bk7258"]);
    assert.deepEqual(detectImage(bytes, "bk7236_all-app.bin").chips, ["bk7236"]);
  });

  it("may end with a few bytes of filler, as packagers pad it", () => {
    const padded = concat(ALL, new Uint8Array(22).fill(0xff));
    const image = detectImage(padded, "all-app.bin");
    assert.equal(image.refusal, undefined);
    assert.equal(image.segments[0]?.data.length, ALL.length - APP);
  });

  it("is refused with damage in any of its programs, with its place", () => {
    for (const at of [APP + 34 * 100 + 5, SECOND + 3, SECOND + 34 * 50, ALL.length - 40]) {
      const { refusal } = detectImage(changed(ALL, at, Uint8Array.of((ALL[at] as number) ^ 0x10, 0x55)), "all-app.bin");
      assert.equal(refusal?.code, "image-corrupt", hexAddress(at));
      assert.ok(Math.abs((refusal.context.address ?? 0) - at) < 34, hexAddress(refusal.context.address ?? 0));
    }
    const cut = detectImage(ALL.subarray(0, ALL.length - 20), "all-app.bin");
    assert.equal(cut.refusal?.code, "image-corrupt");
  });

  it("takes along what is no program behind them, and says that it is not checked", () => {
    const disk = 0x77000;
    const bytes = concat(ALL, new Uint8Array(disk - ALL.length).fill(0xff), noise(7, 0x3000));
    const image = detectImage(bytes, "all-app.bin");
    assert.equal(image.refusal, undefined);
    assert.deepEqual(codesOf(image), ["content-unchecked", "application-area-only"]);
    assert.match(english(image.warnings[0] ?? ""), /0x077000/);
    assert.equal(image.segments[0]?.data.length, bytes.length - APP);
  });
});

describe("a flash read back", () => {
  it("gives all programs, and nothing of what lies behind them", () => {
    const chip = createChip("bk7258", { pace: "none" });
    try {
      chip.flash.set(ALL.subarray(APP), APP);
      chip.flash.set(noise(9, 0x5000), 0x286000);
      const image = detectImage(chip.flash.slice(), "backup.bin");
      assert.equal(image.format, "full-dump");
      assert.equal(image.refusal, undefined);
      assert.deepEqual(
        image.segments.map(({ address, data }) => [address, data.length]),
        [[APP, ALL.length - APP]],
      );
    } finally {
      chip.dispose();
    }
  });
});

describe("parts of such an image alone", () => {
  it("boot code is written at address 0 only where that is given", () => {
    const boot = ALL.subarray(0, APP);
    const alone = detectImage(boot, "bootloader.bin");
    assert.deepEqual([alone.format, alone.refusal?.code], ["bootloader", "image-not-flashable"]);
    const placed = detectImage(boot, "bootloader.bin", { offset: 0 });
    assert.equal(placed.refusal, undefined);
    assert.deepEqual(placed.chips, ["bk7236", "bk7258"]);
    assert.deepEqual(
      placed.segments.map(({ address }) => address),
      [0],
    );
  });

  it("the application alone goes where applications go", () => {
    const app = ALL.subarray(APP, APP + 34 * 0x1000);
    const image = detectImage(app, "bk7258_app_crc.bin");
    assert.equal(image.format, "crc-app");
    assert.equal(image.refusal, undefined);
    assert.equal(image.segments[0]?.address, APP);
    assert.equal(detectImage(app, "app_crc.bin", { offset: 0 }).refusal?.code, "image-wrong-offset");
  });

  it("the program of another core would not run there, and is refused with its own place", () => {
    const image = detectImage(ALL.subarray(SECOND), "bk7258_app1_crc.bin");
    assert.equal(image.refusal?.code, "image-not-flashable");
    assert.match(english(image.refusal?.context.detail ?? ""), /program of another core/);
    assert.ok(Math.abs((image.refusal?.context.address ?? 0) - SECOND) < 0x400);
  });

  it("linker output lacks the CRC-16s, boot code and application alike", () => {
    for (const [start, end] of [
      [0, APP],
      [APP, APP + 34 * 0x800],
    ] as const) {
      const image = detectImage(stripCrcBlocks(ALL.subarray(start, end)), "app.bin");
      assert.equal(image.refusal?.code, "image-not-flashable", hexAddress(start));
      assert.match(english(image.refusal?.context.detail ?? ""), /CRC-16/);
    }
  });

  it("code of another maker's chip with the same processor is no such image", () => {
    const foreign = concat(u32(0x20005000), u32(0x08000101), noise(3, 0x4000 - 8));
    const { chips, key } = detectImage(addCrcBlocks(foreign), "firmware.bin");
    assert.ok(chips === "any" || !chips.includes("bk7258"));
    assert.notEqual(key?.kind, "zero");
    assert.equal(toLogical(APP), 0x10000);
  });
});
