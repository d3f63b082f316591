/** A few scenarios of every fault and job with the other tests; `npm run campaign` has the thousands. */
import assert from "node:assert/strict";
import { PRESETS, type PresetId } from "../../../src/simulator/index";
import { draw } from "../../campaign/draw";
import { FAULTS, type FaultName } from "../../campaign/faults";
import { runScenario, type Verdict, type Which } from "../../campaign/scenario";
import { TASKS, type TaskName } from "../../campaign/tasks";

/**
 * What once broke a rule. Where a fault strikes depends on every byte of the protocol, so scenarios of the kind are drawn until
 * some have felt it.
 */
const REGRESSIONS = [
  // A read was handed out as it came over the wire, with bytes missing or foreign in it.
  ["bk7231q", "read", "dropped bytes"],
  ["bk7252n", "read", "foreign bytes"],
  ["bk7231s", "read", "damage all along"],
  // The address of a write was damaged on its way, and the job claimed success.
  ["bk7231n-zero", "flash all", "foreign bytes"],
  // A full disk was no error with advice, and the job kept the line to itself for ever.
  ["bk7231q", "backup", "disk refuses"],
  ["bk7231n-zero", "backup", "disk refuses"],
] as const satisfies readonly (readonly [PresetId, TaskName, FaultName])[];
const FELT = 3;
const DRAWN_AT_MOST = 60;

describe("fault campaign", function () {
  this.timeout(120_000);
  const presets = Object.values(PRESETS);

  for (const [index, fault] of (Object.keys(FAULTS) as FaultName[]).entries()) {
    it(`${fault}: nothing outside the plan, no false success, a code for every failure, and the next run succeeds`, async () => {
      for (const [turn, task] of (["flash", "erase", "read"] as const).entries()) {
        const preset = presets[(index + turn) % presets.length];
        assert.ok(preset);
        await keepsTheRules({ seed: 31 * index + turn, preset, condition: "usual", task, fault });
      }
    });
  }

  for (const [index, task] of (Object.keys(TASKS) as TaskName[]).entries()) {
    it(`${task}: undisturbed, and with the process killed in it`, async () => {
      for (const fault of ["none", "killed at a step"] as const) {
        const preset = presets[index % presets.length];
        assert.ok(preset);
        await keepsTheRules({ seed: index, preset, condition: "usual", task, fault });
      }
    });
  }

  it("a host that stands still while a start is watched has not looked meanwhile", async () => {
    // A loop was told to run: the time of its restarts went by without a look.
    const { violations } = await runScenario(draw(5_000_322, { task: "flash and look", fault: "host stands still" }));
    assert.deepEqual(violations, []);
  });

  for (const [id, task, fault] of REGRESSIONS) {
    it(`${id}, ${task}, ${fault}`, async () => {
      let felt = 0;
      for (let seed = 1; felt < FELT; seed++) {
        assert.ok(seed <= DRAWN_AT_MOST, `only ${felt} of ${seed} scenarios felt it`);
        const { course } = await keepsTheRules({ seed, preset: PRESETS[id], condition: "usual", task, fault });
        if (course !== "unharmed") felt++;
      }
    });
  }

  it("a flash that gives nothing but zeros is dead, also where nothing shows how large it is", async () => {
    // An image in UF2, whose header lies behind the first mebibyte.
    for (const preset of presets.filter(({ answers }) => answers.kind === "loader"))
      await keepsTheRules({ seed: 11_000_485, preset, condition: "dead", task: "flash", fault: "none" });
  });

  it("is the same every time", async () => {
    const run = async (): Promise<readonly string[]> => {
      const which = { seed: 77, preset: PRESETS.bk7231t, condition: "usual", task: "flash" } as const;
      return (await runScenario({ ...which, fault: "duplicated bytes" })).trace;
    };
    assert.deepEqual(await run(), await run());
  });
});

async function keepsTheRules(which: Which): Promise<Verdict> {
  const verdict = await runScenario(which);
  assert.deepEqual(
    verdict.violations,
    [],
    `seed ${which.seed}, ${which.preset.id}, ${which.task}, ${verdict.describe}`,
  );
  return verdict;
}
