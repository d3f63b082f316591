/** What is known of the flash of a chip on a port: from a job that read all of it, until it may be something else. */
import assert from "node:assert/strict";
import { english } from "../../../src/core/base/words";
import { SeenChips } from "../../../src/extension/jobs/seenChips";
import { chipUpdates } from "../../../src/shared/chipUpdates";
import { dumpOf, identityOf } from "../backup/dumps";
import { tuyaDump } from "../passport/sampleDump";

const chip = identityOf(dumpOf("bk7231t"));
const PORT = "/dev/ttyUSB0";

describe("chips that jobs have met", () => {
  it("have the passport of what was read, until something may have changed it, another chip is there, or the port is gone", () => {
    const seen = new SeenChips();
    const line = (): string | undefined => {
      const found = seen.passportOn(PORT)?.line;
      return found && english(found);
    };
    seen.met(PORT, chip);
    assert.equal(line(), undefined);
    for (const gone of [
      () => seen.willChange(PORT),
      () => seen.met(PORT, { ...chip, mac: "C8:47:8C:00:00:99" }),
      () => seen.forgetLost(() => false),
    ]) {
      seen.met(PORT, chip);
      seen.read(PORT, tuyaDump());
      seen.met(PORT, chip);
      seen.forgetLost(() => true);
      assert.equal(line(), "CB2S, Tuya: oem_bk7231n_plug, 1.1.12 (on 2.3.1), BK7231N");
      gone();
      assert.equal(line(), undefined);
    }
    assert.equal(seen.on(PORT), undefined);
  });

  it("have a verdict on updates only as far as their boot code was seen", () => {
    const bootloader = { profile: undefined, crc256: 0x12345678, version: undefined };
    const works = (more: object): readonly string[] =>
      chipUpdates({ ...chip, bootloader, samples: [], ...more }, english).map((each) => each.works);
    assert.deepEqual(works({}), ["unknown", "unknown"]);
    assert.deepEqual(works({ samples: [{ address: 0, data: new Uint8Array(0x11000) }] }), ["no", "no"]);
    assert.deepEqual(works({ bootloader: { ...bootloader, crc256: undefined } }), []);
    assert.deepEqual(works({ bootloader: { ...bootloader, empty: "blank" } }), []);
    assert.deepEqual(works({ bootloader: chip.bootloader }), ["yes", "yes"]);
  });
});
