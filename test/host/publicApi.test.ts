/** The interface for other extensions, called by the example extension as it is in examples/. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import * as vscode from "vscode";
import type { BekenFlasherApi, FileOnDevice, Outcome } from "../../api/index";
import { COMMANDS } from "../../src/extension/platform/contributions";
import type { Api } from "../../src/extension/main";
import type { PortEntry } from "../../src/extension/ports/portEntry";
import { activated, example } from "./host";

interface Client {
  bekenFlasher(): Promise<BekenFlasherApi>;
  flashAndWatch(what: FileOnDevice): Promise<string>;
}

describe("the interface for other extensions", () => {
  let api: Api;
  let client: Client;
  let port: PortEntry;
  let file: string;

  before(async () => {
    api = await activated();
    const path = example("api-client/extension.js").fsPath;
    client = createRequire(path)(path) as Client;
    await vscode.commands.executeCommand(COMMANDS.startPracticeDevice, "bk7231n");
    port = api.services.ports.selected ?? assert.fail("no practice device");
    file = (await api.services.practice.firmwareFor(port.id))?.toString() ?? assert.fail("no firmware");
  });

  after(() => vscode.commands.executeCommand(COMMANDS.stopPracticeDevice, { portId: port.id }));

  async function answering<T>(yes: boolean, work: () => Promise<T>): Promise<readonly [T, number]> {
    let asked = 0;
    const listening = api.services.jobs.onDidAsk(({ job }) => {
      asked++;
      api.services.jobs.decide(job.id, yes);
    });
    try {
      return [await work(), asked];
    } finally {
      listening.dispose();
    }
  }

  it("is version 1, and says so of any other", async () => {
    const beken = await client.bekenFlasher();
    assert.equal(beken.version, 1);
    const untyped = api as unknown as { getApi(version: number): unknown };
    assert.throws(() => untyped.getApi(2), /version 1/);
  });

  it("lists devices, asks before it writes whatever the settings say, and tells jobs as they come and go", async () => {
    const beken = await client.bekenFlasher();
    const device = (await beken.devices()).find((each) => each.port === port.id);
    assert.deepEqual([device?.isPractice, device?.isSelected, device?.isBusy], [true, true, false]);
    const told: (readonly [string, string])[] = [];
    const started = beken.onDidStartJob(({ kind }) => told.push(["start", kind]));
    const ended = beken.onDidEndJob(({ status }) => told.push(["end", status]));
    await api.services.settings.update("confirmBeforeFlash", false);
    try {
      const [no, asked] = await answering(false, () => beken.flash({ port: port.id, file }));
      assert.deepEqual<Outcome>(no, {
        port: port.id,
        kind: "flash",
        status: "cancelled",
        verified: false,
        flash: "untouched",
        code: undefined,
      });
      assert.equal(asked, 1);
    } finally {
      await api.services.settings.update("confirmBeforeFlash", true);
      started.dispose();
      ended.dispose();
    }
    assert.deepEqual(told, [
      ["start", "flash"],
      ["end", "cancelled"],
    ]);
    const missing = await beken.flash({ port: port.id, file: "/nothing/here.rbl" });
    assert.deepEqual([missing.status, missing.code], ["refused", "file-not-found"]);
    const untyped = (what: unknown): Promise<Outcome> => beken.flash(what as FileOnDevice);
    for (const what of [undefined, {}, { port: port.id }, { port: 1, file }, { port: port.id, file, at: "0x11000" }])
      assert.deepEqual([(await untyped(what)).status, (await untyped(what)).code], ["refused", "wrong-arguments"]);
  });

  it("flashes after a yes and hears it run, and verifies", async () => {
    const beken = await client.bekenFlasher();
    const lines: string[] = [];
    const monitor = beken.monitor(port.id) ?? assert.fail("no monitor");
    const listening = monitor.onLine((line) => lines.push(line));
    const [verdict] = await answering(true, () => client.flashAndWatch({ port: port.id, file }));
    assert.equal(verdict, "running");
    assert.ok(lines.length > 0);
    listening.dispose();
    monitor.dispose();
    const verified = await beken.verify({ port: port.id, file });
    assert.deepEqual([verified.status, verified.verified], ["succeeded", true]);
    assert.equal(beken.monitor("COM99"), undefined);
  });
});
