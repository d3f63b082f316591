import assert from "node:assert/strict";
import * as vscode from "vscode";
import { ASSISTANT_TOOLS, type ToolName } from "../../src/shared/assistantTools";
import { COMMANDS } from "../../src/extension/platform/contributions";
import type { Question } from "../../src/extension/jobs/jobSpec";
import type { Api } from "../../src/extension/main";
import type { PortEntry } from "../../src/extension/ports/portEntry";
import { activated, bench, exampleBuild, type Bench } from "./host";

type Answer = Readonly<Record<string, unknown>>;

/** As a language model calls it. */
async function ask(name: ToolName, input: object): Promise<Answer> {
  const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
  const [part] = content;
  assert.ok(part instanceof vscode.LanguageModelTextPart);
  return JSON.parse(part.value) as Answer;
}

describe("language model tools", () => {
  let api: Api;
  let port: PortEntry;
  let firmware: string;

  before(async () => {
    api = await activated();
    await vscode.commands.executeCommand(COMMANDS.startPracticeDevice, "bk7231n");
    port = api.services.ports.selected ?? assert.fail("no practice device");
    firmware = (await api.services.practice.firmwareFor(port.id))?.toString() ?? assert.fail("no practice firmware");
  });

  after(() => vscode.commands.executeCommand(COMMANDS.stopPracticeDevice, { portId: port.id }));

  /** Answers the plan's question while `work` runs; resolves with what was asked. */
  async function answering(yes: boolean, work: () => Promise<Answer>): Promise<readonly [Answer, readonly Question[]]> {
    const asked: Question[] = [];
    const listening = api.services.jobs.onDidAsk((question) => {
      asked.push(question);
      api.services.jobs.decide(question.job.id, yes);
    });
    try {
      return [await work(), asked];
    } finally {
      listening.dispose();
    }
  }

  it("are all there for the editor", () => {
    const known = vscode.lm.tools.filter(({ name }) => name.startsWith("beken_")).map(({ name }) => name);
    assert.deepEqual(known.sort(), ASSISTANT_TOOLS.map(({ name }) => name).sort());
  });

  it("list devices, tell the chip without its MAC address, find builds and inspect one", async () => {
    const { devices } = await ask("beken_list_devices", {});
    const listed = (devices as readonly Answer[]).find((device) => device["port"] === port.id);
    assert.equal(listed?.["kind"], "simulated");
    const info = await ask("beken_chip_info", { port: port.id });
    assert.equal((info["chip"] as Answer)["chip"], "bk7231n", JSON.stringify(info));
    assert.doesNotMatch(JSON.stringify(info), /([0-9a-f]{2}:){5}/i);
    const { builds } = await ask("beken_find_builds", {});
    const flashable = (builds as readonly Answer[]).find((build) => build["flash"] !== null);
    assert.ok(flashable, JSON.stringify(builds));
    const inspected = await ask("beken_inspect_file", { file: flashable["flash"] });
    assert.equal((inspected["image"] as Answer)["flashable"], true, JSON.stringify(inspected));
  });

  it("write nothing after a no, whatever the settings say, and what was asked about after a yes", async () => {
    await api.services.settings.update("confirmBeforeFlash", false);
    try {
      const before = api.services.jobs.jobs.length;
      const [refused, asked] = await answering(false, () => ask("beken_flash", { file: firmware, port: port.id }));
      assert.deepEqual(
        [refused["ok"], refused["code"], refused["flash"]],
        [false, "cancelled", "untouched"],
        JSON.stringify(refused),
      );
      assert.equal(asked.length, 1);
      assert.ok((asked[0]?.plan.writes.length ?? 0) > 0, "the person is shown the plan");
      const [done] = await answering(true, () => ask("beken_flash", { file: firmware, port: port.id }));
      assert.deepEqual([done["ok"], done["verified"]], [true, true], JSON.stringify(done));
      assert.equal(api.services.jobs.jobs.length, before + 2);
    } finally {
      await api.services.settings.update("confirmBeforeFlash", true);
    }
  });

  it("read the log until it is clear that the firmware runs", async () => {
    const reading = ask("beken_read_log", { port: port.id, seconds: 25 });
    // It listens on the wire of the log; what is printed there begins with a start.
    const { jobs } = api.services;
    await jobs.start<"reboot">({ port, title: "reboot", request: { kind: "reboot" } });
    const log = await reading;
    assert.equal(log["verdict"], "running", JSON.stringify(log));
  });

  it("answer what cannot be done in words, and touch nothing", async () => {
    const on: Bench = await bench(api, "bk7231t");
    try {
      const flash = Buffer.from(on.chip.flash.slice());
      const nowhere = await ask("beken_flash", { file: "nothing/here.rbl", port: on.port.id });
      assert.equal(nowhere["code"], "file-not-found", JSON.stringify(nowhere));
      const other = exampleBuild("bedroom-bulb", "firmware.uf2").fsPath;
      assert.equal((await ask("beken_flash", { file: other, port: "COM99" }))["code"], "port-not-found");
      const [restored, asked] = await answering(false, () =>
        ask("beken_restore", { file: other, port: on.port.id, confirm: true, approved: true }),
      );
      assert.deepEqual([restored["ok"], asked.length], [false, 0], JSON.stringify(restored));
      assert.deepEqual(Buffer.from(on.chip.flash.slice()), flash);
    } finally {
      await on.close();
    }
  });
});
