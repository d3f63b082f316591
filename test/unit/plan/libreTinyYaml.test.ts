import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parseCoefficients, TUYA_KEY, ZERO_KEY } from "../../../src/core/beken/chips/keys";
import { identifyChip } from "../../../src/core/beken/chips/identify";
import type { ChipIdentity, KeyState } from "../../../src/core/beken/chips/types";
import { detectImage } from "../../../src/core/beken/images/detect";
import type { FirmwareImage } from "../../../src/core/beken/images/firmwareImage";
import { rekeyImage } from "../../../src/core/beken/images/rekey";
import { libreTinyYaml } from "../../../src/core/plan/libreTinyYaml";
import { bootloader, fullFlash, packed, PROJECTS, readBytes, uf2 } from "../images/samples";

const OTHER = parseCoefficients("8f3c21d65b7a90e4d1c2b3a4c7adeb15");
const [bedroom, seed, hall] = PROJECTS;

function chip(key: KeyState, calibrationAt?: number): ChipIdentity {
  const unknown = identifyChip({ familyHint: "loader" });
  return {
    ...unknown,
    key,
    calibration: calibrationAt === undefined ? undefined : { address: calibrationAt, from: "known" },
  };
}

const zero: KeyState = { kind: "zero", coefficients: ZERO_KEY, from: "application" };
const tuya: KeyState = { kind: "tuya", coefficients: TUYA_KEY, from: "application" };
const firmware = (folder: string): FirmwareImage => detectImage(readBytes(`${folder}/firmware.uf2`), "firmware.uf2");

describe("YAML for LibreTiny", () => {
  it("is what the example of the seed case says, from a UF2 for the wrong key, a re-keyed one, and its containers", () => {
    const yaml = readFileSync("examples/esphome/c8133u-bulb.yaml", "utf8").split("\n");
    const from = yaml.indexOf("  platformio_options:");
    const wanted = ["esphome:", ...yaml.slice(from, yaml.indexOf("", from))];
    const target = chip(zero, 0x1f3000);
    const image = firmware(bedroom.folder);
    assert.deepEqual(libreTinyYaml(target, image), wanted);
    assert.deepEqual(libreTinyYaml(target, rekeyImage(image, ZERO_KEY)), wanted);
    for (const name of ["image_bk7231t_app.0x011000.rbl", "image_bk7231t_app.0x011000.crc"]) {
      assert.deepEqual(libreTinyYaml(target, detectImage(readBytes(`${bedroom.folder}/${name}`), name)), wanted, name);
    }
    assert.deepEqual(libreTinyYaml(target, firmware(seed.folder)), wanted, "the board is still the Tuya one");
  });

  it("is nothing where the board's defaults fit", () => {
    assert.deepEqual(libreTinyYaml(chip(tuya, 0x1e0000), firmware(bedroom.folder)), []);
    assert.deepEqual(libreTinyYaml(chip(tuya, 0x1d0000), firmware(hall.folder)), []);
    assert.deepEqual(libreTinyYaml(chip(tuya), firmware(bedroom.folder)), []);
    assert.deepEqual(libreTinyYaml(chip({ kind: "unknown", from: "nothing" }), firmware(bedroom.folder)), []);
    assert.deepEqual(libreTinyYaml(chip({ kind: "other", from: "application" }), firmware(bedroom.folder)), []);
  });

  it("says only what differs", () => {
    const head = ["esphome:", "  platformio_options:"];
    assert.deepEqual(libreTinyYaml(chip(tuya, 0x1e3000), firmware(bedroom.folder)), [
      ...head,
      "    board_flash.calibration: 0x1E3000+0x1000",
    ]);
    const key = (coefficients: string): string[] => [
      ...head,
      `    board_build.bkcrypt_coeffs: "${coefficients}"`,
      "    board_build.bkota.key: 0123456789ABCDEF0123456789ABCDEF",
      "    board_build.bkota.iv: 0123456789ABCDEF",
    ];
    const other: KeyState = { kind: "other", coefficients: OTHER, from: "efuse" };
    assert.deepEqual(
      libreTinyYaml(chip(other, 0x1d0000), firmware(hall.folder)),
      key("8f3c21d65b7a90e4d1c2b3a4c7adeb15"),
    );
    const plainBoard = detectImage(
      uf2(packed(0x900, ZERO_KEY), { board: "generic-bk7252", family: 0x675a40b0 }),
      "firmware.uf2",
    );
    assert.deepEqual(libreTinyYaml(chip(zero, 0x3fe000), plainBoard), []);
    assert.deepEqual(libreTinyYaml(chip(tuya, 0x3fe000), plainBoard), key("510fb093a3cbeadc5993a17ec7adeb03"));
    const unused: KeyState = { kind: "zero", coefficients: [1, 2, 3, 0xff000004], from: "efuse" };
    assert.deepEqual(libreTinyYaml(chip(unused), firmware(bedroom.folder)), key("0".repeat(32)));
  });

  it("takes the board from ESPHome's file name, and all boards of the chip where there is none", () => {
    const { container } = packed(0x900, TUYA_KEY, "1.0.0-bk7231n");
    const named = detectImage(container, "esphome_2025.5.0_generic-bk7231n-qfn32-tuya_bk7231n_lt1.13.0.rbl");
    assert.deepEqual(libreTinyYaml(chip(tuya, 0x1d0000), named), []);
    // BK7231N boards with and without Tuya's key exist: saying it is right for all of them.
    assert.equal(
      libreTinyYaml(chip(tuya, 0x1d0000), detectImage(container, "image_bk7231n_app.0x011000.rbl")).length,
      6,
    );
  });

  it("is nothing for files of other tools", () => {
    const dump = detectImage(
      fullFlash(packed(0x900, TUYA_KEY, "1.00", 0x108700).container, bootloader()),
      "backup.bin",
    );
    assert.deepEqual(libreTinyYaml(chip(zero, 0x1f3000), dump), []);
  });
});
