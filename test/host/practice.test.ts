import assert from "node:assert/strict";
import * as vscode from "vscode";
import { COMMANDS } from "../../src/extension/platform/contributions";
import { BuildFits } from "../../src/extension/builds/buildFits";
import { flashFile, flashLatestBuild, verifyFile } from "../../src/extension/commands/flashFile";
import { readFirmware } from "../../src/extension/platform/firmwareFiles";
import type { Services } from "../../src/extension/services";
import type { JobEnd } from "../../src/extension/jobs/jobSpec";
import type { Api } from "../../src/extension/main";
import type { PortEntry } from "../../src/extension/ports/portEntry";
import { Messages, activated, bench, inPlaceOf } from "./host";

interface Offered {
  readonly label: string;
  readonly uri?: vscode.Uri;
}

describe("practising without a project", () => {
  let api: Api;
  let services: Services;
  let port: PortEntry;

  before(async () => {
    api = await activated();
    const nothing = {
      all: [],
      cut: [],
      latest: undefined,
      ready: () => Promise.resolve(),
      readySoon: () => Promise.resolve(),
    };
    const builds = { ...nothing, buildOf: () => undefined } as unknown as Services["builds"];
    services = { ...api.services, builds, fits: new BuildFits(readFirmware) };
  });

  beforeEach(async () => {
    await vscode.commands.executeCommand(COMMANDS.startPracticeDevice, "bk7231n");
    port = api.services.ports.selected ?? assert.fail("no practice device");
  });

  afterEach(() => vscode.commands.executeCommand(COMMANDS.stopPracticeDevice, { portId: port.id }));

  /** Takes the first thing that is offered, and says yes to its plan. */
  async function taking<T>(run: () => Promise<T>): Promise<{ readonly value: T; readonly offered: readonly string[] }> {
    let offered: readonly string[] = [];
    const replaced = inPlaceOf({
      showQuickPick: (items: readonly Offered[]) => {
        offered = items.map(({ label }) => label.replace(/^\$\([a-z-]+\) /, ""));
        return Promise.resolve(items[0]);
      },
      showOpenDialog: () => assert.fail("an empty dialog"),
    });
    const listening = api.services.jobs.onDidAsk(({ job }) => api.services.jobs.decide(job.id, true));
    try {
      return { value: await run(), offered };
    } finally {
      listening.dispose();
      replaced.dispose();
    }
  }

  it("flashes and verifies firmware made for the practice device, through the same plan and yes", async () => {
    const { value, offered } = await taking(() => flashFile(services, []));
    const end = value;
    assert.deepEqual(offered, ["Practice firmware", "", "Browse..."]);
    assert.equal(end?.status, "succeeded", JSON.stringify(end?.job.error));
    assert.equal(end.job.outcome?.verified, true);
    assert.equal(end.job.plan?.image?.fileName, "practice_bk7231n_app.0x011000.crc");
    await taking(() => verifyFile(services, []));
    const [job] = api.services.jobs.jobs;
    assert.deepEqual([job?.kind, job?.status], ["verify", "succeeded"]);
  });

  it("offers it where the latest build is asked for, too", async () => {
    const said = new Messages((_, buttons) => buttons[0]);
    const { value } = await taking(() => flashLatestBuild(services));
    said.dispose();
    assert.deepEqual(said.shown[0]?.buttons, ["Flash Practice Firmware", "Choose a File"]);
    assert.equal((value as JobEnd | undefined)?.status, "succeeded");
  });

  it("never brings it to another port", async () => {
    const on = await bench(api, "bk7231n");
    const before = Buffer.from(on.chip.flash.slice());
    const uri = await services.practice.firmwareFor(port.id);
    assert.ok(uri !== undefined);
    const said = new Messages();
    const end = await flashFile(services, [uri], { portId: on.port.id });
    said.dispose();
    assert.equal(end, undefined);
    assert.match(said.texts[0] ?? "", /would not start/);
    assert.deepEqual(Buffer.from(on.chip.flash.slice()), before);
    assert.equal(await services.practice.firmwareFor(on.port.id), undefined);
    await on.close();
  });

  it("is read like any file, and cannot be written", async () => {
    const uri = (await services.practice.firmwareFor(port.id)) ?? assert.fail();
    const { size } = await vscode.workspace.fs.stat(uri);
    assert.equal((await vscode.workspace.fs.readFile(uri)).length, size);
    await assert.rejects(async () => vscode.workspace.fs.writeFile(uri, Uint8Array.of(1)));
    await assert.rejects(async () => vscode.workspace.fs.stat(uri.with({ path: "/bk7231n/other.crc" })));
    await assert.rejects(async () => vscode.workspace.fs.stat(uri.with({ path: "/nothing/practice.crc" })));
  });
});
