// Which boot code is kept off a chip, and which is let near it: what is unknown on either side is no contradiction.
import assert from "node:assert/strict";
import type { ChipIdentity, KeyState } from "../../../src/core/beken/chips/types";
import { CHIPS } from "../../../src/core/beken/chips/chips";
import { inferKey } from "../../../src/core/beken/images/appKey";
import type { BootCodePart } from "../../../src/core/beken/images/firmwareImage";
import { bootCodeMisfit } from "../../../src/core/plan/bootCodeOf";
import { noise } from "../../../src/simulator/prng";
import { dumpOf, identityOf } from "../backup/dumps";
import type { PresetId } from "../../../src/simulator/index";

function partOf(preset: PresetId): BootCodePart {
  const data = dumpOf(preset).subarray(0, 0x11000);
  return { data, key: inferKey(data, 0) };
}

const N = identityOf(dumpOf("bk7231n"), 0x1d0000);
const NO_KEY: KeyState = { kind: "unknown", from: "nothing" };

describe("boot code for a chip", () => {
  const codeFor = (part: BootCodePart, chip: Partial<ChipIdentity>): string | undefined =>
    bootCodeMisfit(part, { ...N, key: NO_KEY, alternatives: [], ...chip })?.code;

  it("of a known version goes to the chips it is for, and to no others", () => {
    const ofN = partOf("bk7231n");
    assert.equal(codeFor(ofN, { chip: CHIPS.bk7231n }), undefined);
    assert.equal(codeFor(ofN, { chip: CHIPS.bk7238 }), "image-wrong-chip");
    assert.equal(codeFor(ofN, { chip: CHIPS.bk7238, alternatives: [CHIPS.bk7231n] }), undefined);
    assert.equal(codeFor(ofN, { chip: undefined }), undefined);
    assert.deepEqual(bootCodeMisfit(ofN, { ...N, key: NO_KEY, chip: CHIPS.bk7238 })?.context["expected"], "BK7238");
  });

  it("of no known version is kept off none", () => {
    assert.equal(codeFor({ data: noise(5, 0x1000), key: { kind: "unknown" } }, { chip: CHIPS.bk7231n }), undefined);
  });

  it("shared by two chips goes to both", () => {
    const shared = partOf("bk7238");
    assert.equal(codeFor({ ...shared, data: shared.data.subarray(0, 256) }, { chip: CHIPS.bk7238 }), undefined);
  });

  it("for another key is refused where the chip itself or its application shows the key, and not by the boot code it replaces", () => {
    const ofN = partOf("bk7231n");
    assert.equal(ofN.key.kind, "tuya");
    const keyed = (kind: KeyState["kind"], from: KeyState["from"]): string | undefined =>
      codeFor(ofN, { chip: CHIPS.bk7231n, key: { kind, from } });
    assert.equal(keyed("zero", "efuse"), "image-wrong-key");
    assert.equal(keyed("zero", "application"), "image-wrong-key");
    assert.equal(keyed("zero", "bootloader"), undefined);
    assert.equal(keyed("tuya", "efuse"), undefined);
  });
});
