/** What people practise with is a build like any other for the chip it is for, and for no other. */
import assert from "node:assert/strict";
import { detectImage } from "../../../src/core/index";
import { PRESETS } from "../../../src/simulator/chip/presets";
import { practiceFirmware } from "../../../src/simulator/chip/practiceFirmware";

describe("practice firmware", () => {
  for (const preset of Object.values(PRESETS)) {
    it(`for ${preset.id} passes every check and says its chip and key`, () => {
      const { name, bytes } = practiceFirmware(preset);
      const image = detectImage(bytes, name);
      assert.equal(image.refusal, undefined);
      assert.deepEqual(image.warnings, []);
      assert.deepEqual(
        image.checks.filter(({ verdict }) => verdict !== "ok"),
        [],
      );
      assert.ok(image.chips !== "any" && image.chips.includes(preset.chip));
      assert.deepEqual(image.key?.coefficients, preset.key);
      assert.deepEqual(
        image.segments.map(({ address, data }) => [address, data.length]),
        [[0x11000, bytes.length]],
      );
    });
  }
});
