/** A few scenarios of every fault in every run of the tests; `npm run campaign` has the thousands. */
import assert from "node:assert/strict";
import { PRESETS } from "../../../src/simulator/index";
import { FAULTS, type FaultName } from "../../campaign/faults";
import { Scenario } from "../../campaign/scenario";
import type { TaskName } from "../../campaign/tasks";

/** Scenarios that once were violations. */
const REGRESSIONS = [
  // A read was handed out as it came over the wire, with bytes missing or foreign in it.
  [1_000_022, "bk7231q", "read", "dropped bytes"],
  [2_000_059, "bk7252n", "read", "foreign bytes"],
  [2_000_248, "bk7231s", "read", "damage all along"],
  // The address of a write was damaged on its way, and the job claimed success.
  [5_001_057, "bk7231n-zero", "flash all", "foreign bytes"],
] as const satisfies readonly (readonly [number, keyof typeof PRESETS, TaskName, FaultName])[];

describe("fault campaign", () => {
  const presets = Object.values(PRESETS);
  for (const [index, fault] of (Object.keys(FAULTS) as FaultName[]).entries()) {
    it(`${fault}: nothing outside the plan, no false success, a code for every failure, and the next run succeeds`, async () => {
      for (const [turn, task] of (["flash", "erase", "read"] as const).entries()) {
        const preset = presets[(index + turn) % presets.length];
        assert.ok(preset);
        const { violations } = await new Scenario(31 * index + turn, preset, task, fault).run();
        assert.deepEqual(violations, [], `seed ${31 * index + turn}, ${preset.id}, ${task}`);
      }
    });
  }

  for (const [seed, preset, task, fault] of REGRESSIONS) {
    it(`${seed}: ${preset}, ${task}, ${fault}`, async () => {
      const { violations } = await new Scenario(seed, PRESETS[preset], task, fault).run();
      assert.deepEqual(violations, []);
    });
  }

  it("is the same every time", async () => {
    const run = async (): Promise<readonly string[]> =>
      (await new Scenario(77, PRESETS.bk7231t, "flash", "duplicated bytes").run()).trace;
    assert.deepEqual(await run(), await run());
  });
});
