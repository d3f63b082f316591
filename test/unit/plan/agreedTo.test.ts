// What somebody is asked about starting before the first erase, by where a plan reaches: neither too little, nor what it has nothing to do with.
import assert from "node:assert/strict";
import { words } from "../../../src/core/base/words";
import { PROFILES } from "../../../src/core/beken/chips/profiles";
import type { ChipIdentity } from "../../../src/core/beken/chips/types";
import { planErase, planSegments } from "../../../src/core/plan/planWrite";
import { toBeAgreedTo, withVerdict } from "../../../src/core/plan/startability";
import { dumpOf, identityOf } from "../backup/dumps";

const SIZE = 0x200000;
const APP = 0x11000;
const ALLOWED = { allowBootloader: true, calibrationAt: undefined };

/** A chip with blank boot code and no application. */
const blank: ChipIdentity = {
  ...identityOf(dumpOf("bk7231n"), 0x1d0000),
  samples: [0, APP].map((address) => ({ address, data: new Uint8Array(0x1000).fill(0xff) })),
};
const app = blank.layout?.partitions.find(({ name }) => name === "app");

/** Codes of what is asked about when these stretches are written with something that is no code. */
function asked(chip: ChipIdentity, ...at: readonly number[]): readonly string[] {
  const segments = at.map((address) => ({ address, data: new Uint8Array(0x100).fill(0x5a), from: words`test` }));
  const plan = withVerdict(planSegments(segments, SIZE, ALLOWED), chip);
  const codes = toBeAgreedTo(plan, chip).map(({ code }) => code);
  assert.equal(plan.asksAboutStart === true, codes.length > 0);
  return codes;
}

describe("what is to be agreed to about starting", () => {
  it("is all that speaks against it where the application is reached, from its first sector to its last", () => {
    assert.ok(app);
    for (const address of [APP, APP + 0x1000, APP + app.length - 0x1000, APP + app.length - 0x100])
      assert.ok(asked(blank, address).includes("boot-code-missing"), address.toString(16));
    assert.ok(asked(blank, APP, 0x1f0000).includes("application-none"));
    assert.ok(asked(blank, 0x1e0000, APP + 0x1000).includes("application-missing"));
  });

  it("is nothing where data go behind the application, and the boot code alone where that is all a plan reaches", () => {
    assert.ok(app);
    assert.deepEqual(asked(blank, APP + app.length), []);
    assert.deepEqual(asked(blank, 0x1f0000), []);
    assert.deepEqual(asked(blank, 0), ["boot-code-none"]);
    assert.deepEqual(asked(blank, 0, 0x1f0000), ["boot-code-none"]);
  });

  it("is nothing for an erase, which is asked for as such", () => {
    const plan = withVerdict(planErase(APP, 0x1000, SIZE, ALLOWED), blank);
    assert.equal(plan.start?.starts, "no");
    assert.deepEqual(toBeAgreedTo(plan, blank), []);
  });

  it("takes in the largest application known where no layout tells where it ends", () => {
    const chip = { ...blank, layout: undefined };
    assert.ok(asked(chip, APP + 0x1ba000 - 0x1000).length > 0);
    assert.deepEqual(asked(chip, APP + 0x1ba000), []);
  });

  it("counts as open what was not read, and says so once", () => {
    const unread = { ...blank, protocol: PROFILES.rom, samples: [] };
    const data = { address: 0x1f0000, data: new Uint8Array(0x100), from: words`test` };
    const { start } = withVerdict(planSegments([data], SIZE, ALLOWED), unread);
    assert.equal(start?.starts, "unknown");
    assert.deepEqual(
      start.reasons.map(({ code }) => code),
      ["boot-code-unread"],
    );
  });
});
