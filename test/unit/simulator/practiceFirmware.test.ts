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
      // One image from address 0 brings boot code along, which is written only where that is agreed to.
      const isWhole = preset.core === "thumb";
      assert.deepEqual(
        image.warnings.map(({ values }) => values[0]),
        isWhole ? ["application-area-only"] : [],
      );
      assert.equal(image.bootCode !== undefined, isWhole);
      assert.deepEqual(
        image.checks.filter(({ verdict }) => verdict !== "ok"),
        [],
      );
      assert.ok(image.chips !== "any" && image.chips.includes(preset.chip));
      assert.deepEqual(image.key?.coefficients, preset.key);
      assert.deepEqual(
        image.segments.map(({ address, data }) => [address, data.length]),
        [[0x11000, bytes.length - (isWhole ? 0x11000 : 0)]],
      );
    });
  }
});
