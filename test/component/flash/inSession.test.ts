/**
 * The end of an erase lost on its way to a boot ROM, which refuses no address: what completes it stays in the plan, whose
 * sectors are proven, and so does not reach a sector that nobody named.
 */
import assert from "node:assert/strict";
import { PRESETS, type Behaviour } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/prng";
import { resultOf, withSimulatedRig } from "./rig";
import { SECTOR } from "../../flashUnits";

const HEAD = [0x01, 0xe0, 0xfc, 0xff, 0xf4, 0x06, 0x00, 0x0f];
/** Size and address. */
const REST = 5;
const START = 0x120000;
const LENGTH = 0x20000;

/** Of the first erase, the last `lost` bytes never arrive. */
function losingTheEnd(lost: number): Behaviour {
  let matched = 0;
  let left = 0;
  return {
    onHostByte: (byte) => {
      if (left > 0) return --left < lost ? [] : undefined;
      if (matched === HEAD.length) return undefined;
      matched = byte === HEAD[matched] ? matched + 1 : byte === HEAD[0] ? 1 : 0;
      if (matched === HEAD.length) left = REST;
      return undefined;
    },
  };
}

describe("an erase of which a ROM gets only the beginning", () => {
  for (const lost of [1, 2, 3, 4]) {
    it(`${lost} bytes of its address lost: nothing outside the plan is erased`, async () => {
      const options = { behaviours: [losingTheEnd(lost)], person: "manual" } as const;
      await withSimulatedRig(PRESETS.bk7231n, options, async (rig) => {
        const { calibrationAt } = rig.chip.preset;
        const behind = calibrationAt + SECTOR;
        rig.chip.flash.set(noise(5, calibrationAt - 0x12000), 0x12000);
        rig.chip.flash.set(noise(6, rig.chip.flash.length - behind), behind);
        const expected = rig.snapshot();
        expected.fill(0xff, START, START + LENGTH);
        const outcome = await rig.run({ kind: "erase", start: START, length: LENGTH, dryRun: false });
        resultOf("erase", outcome);
        assert.equal(Buffer.compare(rig.chip.flash, expected), 0);
      });
    });
  }
});
