/** Bytes behind content that is whole by its own lengths and sums: said, ignored, never written, and no cover for damage. */
import assert from "node:assert/strict";
import { concat, equalBytes } from "../../../src/core/base/bytes";
import { english } from "../../../src/core/base/words";
import { detectImage } from "../../../src/core/beken/images/detect";
import type { FirmwareImage } from "../../../src/core/beken/images/firmwareImage";
import { inspectImage } from "../../../src/core/beken/images/inspect";
import { noise } from "../../../src/simulator/prng";
import { bootloader, fullFlash, ota, packed, uf2, ug } from "./samples";

const app = packed(0x2000, undefined, undefined, 0x8000);
const boot = bootloader();
const codeAlone = app.application.subarray(0, app.application.length - 34);

/** Under the name its builder gives it, and the code of its refusal. */
const FILES: readonly (readonly [name: string, bytes: Uint8Array, refusal?: string])[] = [
  ["image_bk7231t_app.0x011000.rbl", app.container],
  ["image_bk7231t_app.0x011000.crc", app.application],
  ["firmware.uf2", uf2(app)],
  ["glued.bin", concat(app.application, app.header)],
  ["OpenBK7231T_QIO_1.18.300.bin", concat(boot, app.container)],
  ["OpenBK7231T_QIO_1.18.301.bin", concat(boot, app.application)],
  ["backup.bin", fullFlash(app.container)],
  ["image_bk7231t_app.ota.rbl", ota(600), "image-ota-only"],
  ["image_bk7231t_app.ota.ug.bin", ug(ota(600)), "image-ota-only"],
  ["image_bk7231t_app.0x129f0a.rblh", app.header, "image-not-flashable"],
  ["bootloader.bin", boot, "image-not-flashable"],
];

const LINE_ENDS = ["\n", "\r\n", "\n\n", "\x1a", "\r\n\x1a", " \t\n"].map((text) => new TextEncoder().encode(text));
const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
const FEW = [noise(4, 4), noise(5, 32)];
const PADDING = [
  filled(1, 0),
  filled(90, 0),
  filled(5000, 0),
  filled(700, 0x1a),
  concat(filled(90, 0xff), filled(1, 10)),
];

const told = ({ warnings }: FirmwareImage): string =>
  warnings.map(english).find((warning) => warning.startsWith("bytes-behind-end")) ?? "";

function assertSameBut(image: FirmwareImage, whole: FirmwareImage, behind: number): void {
  assert.deepEqual([image.format, image.refusal?.code], [whole.format, whole.refusal?.code]);
  assert.deepEqual(image.chips, whole.chips);
  assert.equal(image.fileSize, whole.fileSize + behind);
  assert.equal(image.segments.length, whole.segments.length);
  for (const [index, { address, data }] of image.segments.entries()) {
    assert.equal(address, whole.segments[index]?.address);
    assert.ok(equalBytes(data, whole.segments[index]?.data ?? new Uint8Array()), `segment ${index}`);
  }
  assert.ok(
    image.checks.every(({ verdict }) => verdict !== "bad"),
    image.checks.map(({ detail }) => detail && english(detail)).join(),
  );
  assert.match(told(image), new RegExp(`^bytes-behind-end: ${behind} bytes at 0x`));
}

describe("bytes behind a file's content", () => {
  for (const [name, bytes, refusal] of FILES) {
    it(`of ${name} are told, and nothing else is different`, async () => {
      const whole = await inspectImage(bytes, name);
      assert.deepEqual([whole.refusal?.code, told(whole)], [refusal, ""]);
      // A copy of a flash has no length of its own but that of a flash.
      const tails = name === "backup.bin" ? [...LINE_ENDS, ...FEW] : [...LINE_ENDS, ...FEW, ...PADDING];
      for (const tail of tails) assertSameBut(await inspectImage(concat(bytes, tail), name), whole, tail.length);
    });
  }

  it("are what text tools append, where the application's end is not marked", () => {
    for (const content of [codeAlone, concat(boot, codeAlone)]) {
      const whole = detectImage(content, "firmware.bin");
      assert.equal(whole.refusal, undefined);
      for (const tail of LINE_ENDS)
        assertSameBut(detectImage(concat(content, tail), "firmware.bin"), whole, tail.length);
      // Anything else may be the beginning of a block that was cut off.
      for (const tail of [noise(9, 1), noise(9, 20)])
        assert.equal(detectImage(concat(content, tail), "firmware.bin").refusal?.code, "image-corrupt");
    }
  });

  it("cover no damage", () => {
    const newline = Uint8Array.of(10);
    for (const [name, bytes] of FILES.slice(0, 3)) {
      for (let at = 5; at < bytes.length; at += Math.ceil(bytes.length / 60)) {
        const damaged = bytes.slice();
        damaged[at] = (damaged[at] as number) ^ 0x10;
        const without = detectImage(damaged, name);
        const image = detectImage(concat(damaged, newline), name);
        assert.equal(image.refusal?.code, without.refusal?.code, `${name} at ${at}`);
      }
      const cut = detectImage(concat(bytes.subarray(0, bytes.length - 600), newline), name);
      assert.equal(cut.refusal?.code, "image-corrupt", name);
    }
  });

  it("are no few bytes where there are more than a packet of them", () => {
    for (const [name, bytes] of FILES.slice(0, 3)) {
      const image = detectImage(concat(bytes, noise(7, 600)), name);
      assert.deepEqual([image.refusal?.code, told(image)], ["image-corrupt", ""], name);
    }
  });

  it("are not looked for in raw data, nor cut from what is as long as a flash", () => {
    const raw = concat(noise(3, 500), Uint8Array.of(10));
    assert.deepEqual(detectImage(raw, "data.bin", { offset: 0x1e0000 }).segments[0]?.data, raw);
    const flash = fullFlash(app.container).fill(0xff, 0x11000 + app.container.length);
    const image = detectImage(flash, "backup.bin");
    assert.deepEqual([image.format, told(image)], ["full-dump", ""]);
  });

  it("of FF behind a .crc file are filler, and no sign that it was cut short", () => {
    const image = detectImage(concat(app.application, filled(500, 0xff)), "image_bk7231t_app.0x011000.crc");
    assert.equal(image.refusal, undefined);
  });
});
