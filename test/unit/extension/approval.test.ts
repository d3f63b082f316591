/** How often a person is asked before a job changes flash: once for what belongs together. */
import assert from "node:assert/strict";
import { words, type Doubt, type JobHooks, type RestorePlan } from "../../../src/core/index";
import { withApproval } from "../../../src/extension/jobs/approval";
import type { JobSpec } from "../../../src/extension/jobs/jobSpec";
import { planText } from "../../../src/extension/text/planText";
import { chip, plan } from "../webview/scenes";

const restorePlan: RestorePlan = {
  device: "same",
  judgement: { verdict: "good", findings: [] },
  calibration: "kept",
  mac: undefined,
  refusals: [],
  warnings: [],
  doubts: [],
  segments: [],
  leftOut: [],
  planOptions: { allowBootloader: false, lifeline: true, calibrationAt: undefined },
};
const DAMAGED: Doubt = { code: "backup-unsound", detail: words`block 7 does not hold` };
const UNKNOWN: Doubt = { code: "image-chip-unknown", detail: words`nothing tells` };

function asked(kind: "restore" | "flash", confirm: boolean): { hooks: JobHooks; questions: string[] } {
  const questions: string[] = [];
  const ask = (what: string) => (): Promise<boolean> => {
    questions.push(what);
    return Promise.resolve(true);
  };
  const spec = { request: { kind }, confirm } as unknown as JobSpec;
  const nothing = (): void => undefined;
  const approval = { approve: ask("plan"), asking: nothing, answered: nothing };
  return { hooks: withApproval(spec, { askDoubt: ask("doubt") }, approval), questions };
}

/** As the core asks: doubts, the start, the plan. */
async function carriedOut({ askDoubt, askStart, approve }: JobHooks, doubt: Doubt): Promise<void> {
  assert.equal(await askDoubt?.(doubt, chip), true);
  assert.equal(await askStart?.(plan, chip, undefined), true);
  assert.equal((await approve?.(plan, chip, undefined)) ?? true, true);
}

describe("questions before a job changes flash", () => {
  it("a backup that is damaged, and with which the device would not start, is one question", async () => {
    const { hooks, questions } = asked("restore", true);
    await carriedOut(hooks, DAMAGED);
    assert.deepEqual(questions, ["plan"]);
  });

  it("what is not in a plan's question is one of its own", async () => {
    const restore = asked("restore", true);
    await carriedOut(restore.hooks, UNKNOWN);
    assert.deepEqual(restore.questions, ["doubt", "plan"]);
    const without = asked("restore", false);
    await carriedOut(without.hooks, DAMAGED);
    assert.deepEqual(without.questions, ["doubt", "plan"]);
  });

  it("the plan's question says that the backup is damaged, as grave as that is", () => {
    const sound = planText({ plan, chip, image: undefined, restore: restorePlan }, "here");
    const damaged = planText(
      {
        plan,
        chip,
        image: undefined,
        restore: {
          ...restorePlan,
          doubts: [DAMAGED],
          warnings: [{ code: "damaged", words: words`Its application is damaged.` }],
        },
      },
      "here",
    );
    assert.ok(damaged.lines.includes("Careful: Its application is damaged."));
    assert.deepEqual([sound.button, damaged.button, damaged.isGrave], ["Restore", "Write All the Same", true]);
  });
});
