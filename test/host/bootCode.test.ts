/** Boot code and what it unpacks, from the click to the chip: a write of boot code alone that was stopped, and a package for updates. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { bringBackBootCode } from "../../src/extension/commands/bringBackBootCode";
import { flashFile } from "../../src/extension/commands/flashFile";
import { resumeJob } from "../../src/extension/commands/resumeJob";
import type { Api } from "../../src/extension/main";
import { Messages, activated, bench, exampleBuild, inPlaceOf, until, type Bench } from "./host";

const APP_AT = 0x11000;
const DOWNLOAD = 0x132000;
const UNPACK = "Write It for the Boot Code to Unpack";

describe("boot code", () => {
  let api: Api;
  let folder = "";
  const open: Bench[] = [];
  const connect = async (...args: [string, object?]): Promise<Bench> => {
    const made = await bench(api, ...args);
    open.push(made);
    return made;
  };

  before(async () => {
    api = await activated();
    folder = mkdtempSync(join(tmpdir(), "beken-boot-code-"));
  });
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("alone, stopped half way, is offered to be resumed, and then takes the name and the yes again", async () => {
    const on = await connect("bk7231n");
    const { jobs, journal } = api.services;
    const whole = Buffer.from(on.chip.flash.slice());
    const backup = join(folder, "backup-bk7231n.bin");
    writeFileSync(backup, whole);
    on.chip.flash.fill(0xff, 0, APP_AT);
    const typed: string[] = [];
    const typing = inPlaceOf({
      showInputBox: ({ placeHolder = "" }: vscode.InputBoxOptions) => {
        typed.push(placeHolder);
        return Promise.resolve(placeHolder);
      },
    });
    const asked: string[] = [];
    const asking = jobs.onDidAsk(({ job }) => {
      asked.push(job.title);
      jobs.decide(job.id, true);
    });
    try {
      const stopping = jobs.onDidChange((job) => {
        if (job.phases.some(({ phase, done }) => phase === "erase" && done > 0)) jobs.cancel(job.id);
      });
      await bringBackBootCode(api.services, [vscode.Uri.file(backup)], { portId: on.port.id });
      stopping.dispose();
      assert.notEqual(Buffer.compare(whole.subarray(0, APP_AT), on.chip.flash.slice(0, APP_AT)), 0);
      const [job, ...others] = journal.interrupted.filter(({ portId }) => portId === on.port.id);
      assert.ok(job && others.length === 0);
      assert.match(job.title, /Bring back the boot code of backup-bk7231n\.bin/);
      await resumeJob(api.services, job.id);
      assert.deepEqual(typed, ["BK7231N", "BK7231N"]);
      assert.deepEqual(asked, [job.title, job.title]);
      assert.equal(Buffer.compare(whole, on.chip.flash.slice()), 0);
      assert.deepEqual(
        journal.interrupted.filter(({ portId }) => portId === on.port.id),
        [],
      );
    } finally {
      asking.dispose();
      typing.dispose();
    }
  });

  const packageOf = (device: string, chip: string): vscode.Uri => exampleBuild(device, `image_${chip}_app.ota.rbl`);

  it("gets a package for updates into its download partition on request, after the plan was shown", async () => {
    const on = await connect("bk7231t");
    const { jobs } = api.services;
    const uri = packageOf("bedroom-bulb", "bk7231t");
    const bytes = Buffer.from(await vscode.workspace.fs.readFile(uri));
    const before = Buffer.from(on.chip.flash.slice());
    const said = new Messages((_, buttons) => buttons.find((button) => button === UNPACK));
    const places: (readonly number[])[] = [];
    const asking = jobs.onDidAsk(({ job, plan }) => {
      places.push(plan.writes.map(({ address }) => address));
      jobs.decide(job.id, true);
    });
    try {
      const end = await flashFile(api.services, [uri], { portId: on.port.id });
      assert.equal(end?.status, "succeeded");
      assert.deepEqual(places, [[DOWNLOAD]]);
      before.fill(0xff, DOWNLOAD, DOWNLOAD + Math.ceil(bytes.length / 0x1000) * 0x1000);
      before.set(bytes, DOWNLOAD);
      const after = Buffer.from(on.chip.flash.slice());
      assert.equal(
        Buffer.compare(before.subarray(0, DOWNLOAD + bytes.length), after.subarray(0, DOWNLOAD + bytes.length)),
        0,
      );
    } finally {
      asking.dispose();
      said.dispose();
    }
  });

  it("that unpacks none is not offered a package, or refuses it where it was not known yet; a no leaves everything", async () => {
    const on = await connect("bk7231s");
    const { jobs } = api.services;
    const uri = packageOf("bedroom-bulb", "bk7231t");
    const before = Buffer.from(on.chip.flash.slice());
    const said = new Messages((_, buttons) => buttons.find((button) => button === UNPACK));
    try {
      assert.equal(await flashFile(api.services, [uri], { portId: on.port.id }), undefined);
      await until(() => said.texts.some((text) => text.includes("is not known to unpack packages")));
      assert.ok(jobs.chipOn(on.port.id));
      const shown = said.shown.length;
      assert.equal(await flashFile(api.services, [uri], { portId: on.port.id }), undefined);
      assert.equal(said.shown.length, shown + 1);
      assert.ok(!said.shown.at(-1)?.buttons.includes(UNPACK), "its boot code is known by now");
      said.answerWith(() => undefined);
      assert.equal(await flashFile(api.services, [uri]), undefined);
      assert.equal(Buffer.compare(before, on.chip.flash.slice()), 0);
    } finally {
      said.dispose();
    }
  });
});
