import assert from "node:assert/strict";
import * as vscode from "vscode";
import { Confirmation } from "../../src/extension/views/confirmation";
import type { Doubt, Question } from "../../src/extension/jobs/jobSpec";
import type { Api } from "../../src/extension/main";
import type { JobState } from "../../src/shared/jobState";
import { Messages, activated, bench, until, type Bench } from "./host";

describe("the question before flash is changed", () => {
  let api: Api;
  let on: Bench;

  before(async () => {
    api = await activated();
    on = await bench(api, "bk7231t");
  });

  after(() => on.close());

  it("is a warning for an erase, and an everyday question with the same plan for a write", async () => {
    const { jobs } = api.services;
    let question: Question | undefined;
    const listening = jobs.onDidAsk((asked) => {
      question = asked;
      jobs.decide(asked.job.id, false);
    });
    const request = { kind: "erase", start: 0x150000, length: 0x1000, dryRun: false } as const;
    await jobs.start<"erase">({ port: on.port, title: "erase", confirm: true, request });
    listening.dispose();
    assert.ok(question);
    const asked = new vscode.EventEmitter<Question>();
    const answers: boolean[] = [];
    const shown: string[] = [];
    const confirmation = new Confirmation(
      {
        onDidAsk: asked.event,
        onDidDoubt: new vscode.EventEmitter<Doubt>().event,
        onDidChange: new vscode.EventEmitter<JobState>().event,
        decide: (_, yes) => void answers.push(yes),
      },
      { isVisible: false, show: ({ portId }) => void shown.push(portId) },
    );
    const said = new Messages((_, [yes]) => yes);
    asked.fire(question);
    asked.fire({ ...question, plan: { ...question.plan, kind: "write" } });
    await until(() => answers.length === 2);
    said.dispose();
    assert.deepEqual([answers, shown], [[true, true], []]);
    // Who wants to read more answers in the dashboard.
    const more = new Messages((_, [, details]) => details);
    asked.fire(question);
    await until(() => shown.length === 1);
    more.dispose();
    confirmation.dispose();
    assert.deepEqual([answers, shown], [[true, true], [on.port.id]]);
    assert.deepEqual(
      said.shown.map(({ kind }) => kind),
      ["showWarningMessage", "showInformationMessage"],
    );
  });

  it("is left to a dashboard that is in sight, which gets the focus for it", async () => {
    const { jobs } = api.services;
    const asked = new Promise<Question>((resolve) => {
      const listening = jobs.onDidAsk((question) => {
        listening.dispose();
        resolve(question);
      });
    });
    let shown = 0;
    const confirmation = new Confirmation(jobs, { isVisible: true, show: () => shown++ });
    const request = { kind: "erase", start: 0x150000, length: 0x1000, dryRun: false } as const;
    const ended = jobs.start<"erase">({ port: on.port, title: "erase", confirm: true, request });
    const { job } = await asked;
    await until(() => shown === 1);
    jobs.decide(job.id, false);
    assert.equal((await ended).status, "cancelled");
    confirmation.dispose();
  });
});
