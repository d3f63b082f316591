/** A file of which nothing tells the chip: asked about before anything is touched. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { flashFile } from "../../src/extension/commands/flashFile";
import type { Api } from "../../src/extension/main";
import { Messages, activated, bench, example, type Bench } from "./host";

const FILE = "firmware.bin";
const ALL_THE_SAME = "Write It All the Same";

describe("an application that tells no chip", () => {
  let api: Api;
  let on: Bench;
  let messages: Messages;

  before(async () => {
    api = await activated();
    on = await bench(api, "bk7231t");
    await vscode.workspace.fs.writeFile(example(FILE), on.chip.flash.slice(0x11000, 0x11000 + 64 * 34));
  });

  beforeEach(() => {
    messages = new Messages();
  });

  afterEach(() => {
    messages.dispose();
  });

  after(async () => {
    await on.close();
    await vscode.workspace.fs.delete(example(FILE));
  });

  async function flashing(yes: boolean): Promise<Awaited<ReturnType<typeof flashFile>>> {
    messages.answerWith((_, buttons) => (yes && buttons.includes(ALL_THE_SAME) ? ALL_THE_SAME : undefined));
    const asked = api.services.jobs.onDidAsk(({ job }) => api.services.jobs.decide(job.id, true));
    try {
      return await flashFile(api.services, [example(FILE)], { portId: on.port.id });
    } finally {
      asked.dispose();
    }
  }

  const questions = (): readonly string[] =>
    messages.shown.filter(({ buttons }) => buttons.includes(ALL_THE_SAME)).map(({ text }) => text);

  it("is asked about, and nothing is touched after a no", async () => {
    const before = Buffer.from(on.chip.flash.slice());
    const end = await flashing(false);
    assert.deepEqual(questions(), ["Nothing in firmware.bin tells for sure which chip it is for."]);
    assert.ok(end?.status === "failed");
    assert.deepEqual([end.error.code, end.job.flash], ["image-chip-unknown", "untouched"]);
    assert.ok(before.equals(on.chip.flash.slice()));
  });

  it("is written after a yes", async () => {
    const end = await flashing(true);
    assert.equal(questions().length, 1);
    assert.equal(end?.status, "succeeded");
  });
});
