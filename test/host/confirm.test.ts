import assert from "node:assert/strict";
import * as vscode from "vscode";
import { Confirmation } from "../../src/extension/views/confirmation";
import type { Doubt, Question } from "../../src/extension/jobs/jobSpec";
import type { Api } from "../../src/extension/main";
import type { JobState } from "../../src/shared/jobState";
import { readFirmware } from "../../src/extension/platform/firmwareFiles";
import { Messages, activated, bench, exampleBuild, until, type Bench } from "./host";

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
      { isVisible: false, isAside: false, show: ({ portId }) => void shown.push(portId) },
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
    const confirmation = new Confirmation(jobs, { isVisible: true, isAside: false, show: () => shown++ });
    const request = { kind: "erase", start: 0x150000, length: 0x1000, dryRun: false } as const;
    const ended = jobs.start<"erase">({ port: on.port, title: "erase", confirm: true, request });
    const { job } = await asked;
    await until(() => shown === 1);
    jobs.decide(job.id, false);
    assert.equal((await ended).status, "cancelled");
    confirmation.dispose();
  });

  it("can be answered from a message where the dashboard is beside what somebody works at, while it is still asked", async () => {
    const { jobs } = api.services;
    const { name, bytes } = await readFirmware(exampleBuild("bedroom-bulb", "image_bk7231t_app.0x011000.rbl"));
    const asked = new vscode.EventEmitter<Question>();
    const changed = new vscode.EventEmitter<JobState>();
    let question: Question | undefined;
    const listening = jobs.onDidAsk((each) => {
      question = each;
      jobs.decide(each.job.id, false);
    });
    const request = { kind: "flash", file: { name, bytes }, verify: true, reboot: true, dryRun: false } as const;
    await jobs.start<"flash">({ port: on.port, title: "flash", confirm: true, request });
    listening.dispose();
    assert.ok(question);
    const answers: boolean[] = [];
    const confirmation = new Confirmation(
      {
        onDidAsk: asked.event,
        onDidDoubt: new vscode.EventEmitter<Doubt>().event,
        onDidChange: changed.event,
        decide: (_, yes) => void answers.push(yes),
      },
      { isVisible: true, isAside: true, show: () => undefined },
    );
    let press: (label: string | undefined) => void = () => undefined;
    const said = new Messages(() => new Promise((resolve) => (press = resolve)));
    asked.fire(question);
    await until(() => said.shown.length === 1);
    assert.match(said.texts[0] ?? "", /Flash .*rbl.* BK7231T .*Up to .* are erased and .* sent/s);
    assert.deepEqual(said.shown[0]?.buttons, ["Flash", "Show Plan"]);
    press("Flash");
    await until(() => answers.length === 1);
    assert.deepEqual(answers, [true]);
    // Answered on the page meanwhile: the message stays on the screen, and means nothing any more.
    asked.fire(question);
    changed.fire({ ...question.job, status: "running" });
    press("Flash");
    // What would not be told in two sentences is not answered there.
    asked.fire({ ...question, builtFor: { device: "Plug", chip: "BK7231N", board: undefined } });
    await until(() => said.shown.length === 3);
    assert.deepEqual(said.shown[2]?.buttons, ["Show Plan"]);
    press(undefined);
    confirmation.dispose();
    said.dispose();
    assert.deepEqual(answers, [true]);
  });
});
