/** What a refused file says to use instead is there, or is a kind of download; never a file that nobody has. */
import assert from "node:assert/strict";
import { detectImage } from "../../../src/core/beken/images/detect";
import { parseFileName } from "../../../src/core/beken/images/fileName";
import { ImageError } from "../../../src/core/base/errors";
import { remedyFor } from "../../../src/core/base/remedies";
import { assertFlashable } from "../../../src/core/plan/planWrite";
import { ota, ug } from "./samples";

/** The advice for an over-the-air file of this name among others. */
function advice(name: string, beside?: readonly string[]): string {
  const bytes = name.endsWith(".ug.bin") ? ug(ota(900, "1.00")) : ota(900, "1.00");
  const { refusal } = detectImage(bytes, name, beside === undefined ? {} : { beside });
  assert.ok(refusal !== undefined && ["image-ota-only", "image-name-mismatch"].includes(refusal.code), name);
  return remedyFor(new ImageError(refusal.code, "check it", refusal.context)).steps[0] ?? "";
}

/** Anything that could be a whole file name. */
const FILE_NAME = /[\w-]+(?<!\W0x011000)\.(uf2|rbl|bin|crc|elf)\b/;

describe("the file to use instead", () => {
  const found: readonly (readonly [string, string, readonly string[]])[] = [
    ["plug-ota.rbl", "plug.uf2", ["plug.uf2", "plug-0x011000.rbl", "lamp.uf2"]],
    ["plug-ota.rbl", "plug-0x011000.rbl", ["plug-0x011000.rbl", "lamp.uf2", "firmware.uf2"]],
    ["plug-ota.ug.bin", "plug.uf2", ["plug.uf2", "plug (1).uf2"]],
    ["plug-ota (1).rbl", "plug (1).uf2", ["plug.uf2", "plug (1).uf2"]],
    ["plug.ota.rbl", "plug.uf2", ["plug.uf2"]],
    ["image_bk7231n_app.ota.rbl", "firmware.uf2", ["firmware.uf2", "image_bk7231t_app.0x011000.rbl"]],
    ["OpenBK7231N_1.18.300.rbl", "OpenBK7231N_QIO_1.18.300.bin", ["OpenBK7231N_QIO_1.18.300.bin"]],
    [
      "OpenBK7231N_1.18.300_hlw8112.rbl",
      "OpenBK7231N_QIO_1.18.300_hlw8112.bin",
      ["OpenBK7231N_QIO_1.18.300.bin", "OpenBK7231N_QIO_1.18.300_hlw8112.bin", "OpenBK7231N_UA_1.18.300_hlw8112.bin"],
    ],
    [
      "OpenBK7231N_ALT_1.18.300.rbl",
      "OpenBK7231N_ALT_QIO_1.18.300.bin",
      ["OpenBK7231N_QIO_1.18.300.bin", "OpenBK7231N_ALT_QIO_1.18.300.bin"],
    ],
    [
      "OpenBK7231T_feature_x_0123456789ab.rbl",
      "OpenBK7231T_UA_feature_x_0123456789ab.bin",
      ["OpenBK7231T_UA_feature_x_0123456789ab.bin", "OpenBK7231T_UA_other_0123456789ab.bin"],
    ],
  ];
  for (const [name, instead, beside] of found) {
    it(`than ${name} is ${instead}, which lies beside it`, () => {
      assert.equal(advice(name, [name, ...beside]), `Use ${instead} instead.`);
    });
  }

  const missing: readonly (readonly [string, RegExp, readonly string[]])[] = [
    ["OpenBK7231N_1.18.300_hlw8112.rbl", /OpenBeken.*_QIO_.*BK7231N/, ["OpenBK7231N_QIO_1.18.300.bin"]],
    ["OpenBK7231T_1.18.300.rbl", /OpenBeken.*_UA_.*BK7231T/, ["OpenBK7231N_QIO_1.18.300.bin"]],
    ["OpenBK7231N_esphome.rbl", /OpenBeken.*_QIO_.*BK7231N/, []],
    ["OpenBK7231N_OTA_upgrade_to_esphome_25.05.28.rbl", /OpenBeken.*_QIO_.*BK7231N/, []],
    ["plug-ota.rbl", /ESPHome offers/, ["lamp.uf2", "firmware.uf2"]],
    ["image_bk7231t_app.ota.rbl", /UF2 file of the same build/, ["image_bk7231n_app.0x011000.rbl"]],
    ["download.ota.rbl", /ESPHome offers/, []],
    ["something.rbl", /serial port/, ["other.uf2"]],
  ];
  for (const [name, expected, beside] of missing) {
    it(`than ${name} is told by its kind where there is none`, () => {
      for (const names of [undefined, [], [name], [name, ...beside]]) {
        assert.match(advice(name, names), expected);
        assert.doesNotMatch(advice(name, names), FILE_NAME);
      }
    });
  }

  it("is never the file itself, and the refusal does not begin with it", () => {
    for (const name of ["firmware.uf2", "plug.uf2", "OpenBK7231N_QIO_1.18.300.bin"]) {
      const image = detectImage(ota(900, "1.00"), name, { beside: [name] });
      assert.equal(image.refusal?.context.instead, undefined, name);
      assert.throws(
        () => assertFlashable(image),
        (error: Error) => !/^use /i.test(error.message),
      );
    }
  });

  it("belongs to the same build, whatever a browser or a file manager made of its name", () => {
    const build = (name: string): string => parseFileName(name).build;
    for (const name of [
      "plug(1).uf2",
      "plug (12).uf2",
      "plug - Copy.uf2",
      "plug - Copy (2).uf2",
      "plug copy 2.uf2",
      "plug (copy).uf2",
    ]) {
      assert.equal(build(name), build("plug.uf2"), name);
      assert.ok(parseFileName(name).copy, name);
    }
    assert.notEqual(build("copy.uf2"), build("plug.uf2"));
    assert.equal(parseFileName("photocopy.uf2").copy, undefined);
  });
});
