/** What the image viewer does with a dump and a chip: parts are saved, held against the chip, and written by an ordinary plan. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { recogniseFile, type NamedFile, type Range } from "../../src/core/index";
import { compareWithChip, onPart } from "../../src/extension/commands/dumpParts";
import { ImageDocument } from "../../src/extension/imageViewer/imageDocument";
import type { JobEnd } from "../../src/extension/jobs/jobSpec";
import { DumpFiles } from "../../src/extension/platform/dumpFiles";
import type { Api } from "../../src/extension/main";
import type { PartAction } from "../../src/shared/messages";
import { Messages, activated, bench, example, inPlaceOf, until, type Bench } from "./host";

const FOLDER = "dumps";
const SETTINGS = { start: 0x1e4000, end: 0x1e6000 };

describe("dumps in the image viewer", () => {
  let api: Api;
  let on: Bench;
  let file: NamedFile;

  before(async () => {
    api = await activated();
    on = await bench(api, "bk7231t");
    await api.services.ports.select(on.port);
    on.chip.flash.fill(0x5a, SETTINGS.start, SETTINGS.end);
    file = recogniseFile({ name: "kitchen.bin", bytes: Uint8Array.from(on.chip.flash) });
  });

  after(async () => {
    await on.close();
    await vscode.workspace.fs.delete(example(FOLDER), { recursive: true });
  });

  const part = (range: Range, isPrivate = false): Parameters<typeof onPart>[2] => ({
    file,
    uri: example("kitchen.bin"),
    isFlash: true,
    isPrivate,
    ...range,
  });

  /** The job that an action starts, to its end; a plan that asks is agreed to. */
  async function job(action: PartAction, range: Range): Promise<{ readonly end: JobEnd; readonly asked: number }> {
    let asked = 0;
    const ended = new Promise<JobEnd>((resolve) => {
      const listening = api.services.jobs.onDidEnd((end) => {
        listening.dispose();
        resolve(end);
      });
    });
    const asking = api.services.jobs.onDidAsk(({ job: { id } }) => {
      asked++;
      api.services.jobs.decide(id, true);
    });
    await onPart(api.services, action, part(range));
    asking.dispose();
    return { end: await ended, asked };
  }

  it("hold the chip against one part, whatever else is on it", async () => {
    assert.equal((await job("verify", SETTINGS)).end.status, "succeeded");
    on.chip.flash[SETTINGS.start + 0x1010] = 0;
    const { end } = await job("verify", SETTINGS);
    assert.ok(end.status === "failed" && end.error.code === "verify-failed");
    assert.equal(
      (await job("verify", { start: SETTINGS.start, end: SETTINGS.start + 0x1000 })).end.status,
      "succeeded",
    );
  });

  it("list the sectors of the chip that differ", async () => {
    const found = await compareWithChip(api.services, file);
    assert.deepEqual(found?.differing, [{ start: SETTINGS.start + 0x1000, end: SETTINGS.start + 0x2000 }]);
  });

  it("write a part by a plan that was seen, and nothing beside it", async () => {
    const before = Buffer.from(on.chip.flash);
    const { end, asked } = await job("write", SETTINGS);
    assert.equal(end.status, "succeeded", JSON.stringify(end.job.error));
    assert.equal(asked, 1);
    const after = Buffer.from(on.chip.flash);
    assert.ok(after.subarray(SETTINGS.start, SETTINGS.end).every((byte) => byte === 0x5a));
    assert.ok(after.subarray(0, SETTINGS.start).equals(before.subarray(0, SETTINGS.start)));
    assert.ok(after.subarray(SETTINGS.end).equals(before.subarray(SETTINGS.end)));
    assert.equal((await compareWithChip(api.services, file))?.differing.length, 0);
  });

  it("write neither boot code nor calibration", async () => {
    const before = Buffer.from(on.chip.flash);
    for (const [range, code] of [
      [{ start: 0x10000, end: 0x12000 }, "plan-touches-bootloader"],
      [{ start: 0x1df000, end: 0x1e1000 }, "plan-touches-calibration"],
    ] as const) {
      const { end } = await job("write", range);
      assert.equal(end.status === "failed" && end.error.code, code);
    }
    assert.ok(Buffer.from(on.chip.flash).equals(before));
  });

  it("are not saved in part without a word where a person's own is in it, and never over a file", async () => {
    const place = example(`${FOLDER}/part.bin`);
    let offered = 0;
    const replaced = inPlaceOf({
      showSaveDialog: () => {
        offered++;
        return Promise.resolve(place);
      },
    });
    const messages = new Messages(() => undefined);
    try {
      await onPart(api.services, "save", part(SETTINGS, true));
      assert.equal(offered, 0, "Cancel saves nothing");
      assert.match(messages.texts.at(-1) ?? "", /names and passwords of Wi-Fi networks/);
      messages.answerWith((_, buttons) => buttons[0]);
      await onPart(api.services, "save", part(SETTINGS, true));
      const saved = await vscode.workspace.fs.readFile(place);
      assert.ok(saved.length === 0x2000 && saved.every((byte) => byte === 0x5a));
      messages.answerWith(() => undefined);
      await onPart(api.services, "save", part({ start: 0, end: 0x1000 }));
      assert.equal((await vscode.workspace.fs.readFile(place)).length, 0x2000, "the first is still there");
    } finally {
      replaced.dispose();
      messages.dispose();
    }
  });

  it("are told by their content, under any name", async () => {
    const uri = example(`${FOLDER}/kitchen.anything`);
    await vscode.workspace.fs.writeFile(uri, file.bytes);
    const document = new ImageDocument(uri);
    await until(() => document.state.status === "shown");
    const { state } = document;
    assert.ok(state.status === "shown");
    assert.deepEqual(state.verbs, { flash: false, restore: true, verify: true });
    assert.deepEqual(
      state.image.warnings.filter((warning) => warning.includes("application-area-only")),
      [],
    );
    document.dispose();
  });

  it("are found in the workspace by their content, for the explorer's menus", async () => {
    const blank = example(`${FOLDER}/backup-bk7231t.bin`);
    await vscode.workspace.fs.writeFile(blank, new Uint8Array(0x200000).fill(0xff));
    const keys = new Map<string, unknown>();
    const dumpFiles = new DumpFiles({
      setContext: (key, value) => void keys.set(key, value),
      ignored: () => undefined,
    });
    await dumpFiles.lookAtAll();
    const paths = (key: string): readonly string[] => (keys.get(key) as readonly string[] | undefined) ?? [];
    assert.ok(paths("beken.dumpFiles").includes(example(`${FOLDER}/kitchen.anything`).fsPath));
    assert.ok(paths("beken.noDumps").includes(blank.fsPath));
    assert.ok(!paths("beken.dumpFiles").includes(blank.fsPath));
    dumpFiles.dispose();
  });
});
