import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { buildManifest } from "../../src/core/index";
import { COMMANDS } from "../../src/extension/platform/contributions";
import { diagnostics } from "../../src/extension/commands/diagnostics";
import { startBackup } from "../../src/extension/commands/backUpFlash";
import type { JobEnd, Question, Refused } from "../../src/extension/jobs/jobSpec";
import type { Api } from "../../src/extension/main";
import { describeHolder } from "../../src/extension/ports/portHolder";
import { createChip } from "../../src/simulator/index";
import { activated, bench, exampleBuild, until, type Bench } from "./host";

const APP_AT = 0x11000;

/** Nothing in it is blank, so that all of it has to be read. */
function randomFlash(): Uint8Array {
  const chip = createChip("bk7231t", { pace: "none" });
  const flash = chip.flash.slice();
  chip.dispose();
  for (let at = 0x40000; at < 0x1c0000; at++) flash[at] = (at * 2_654_435_761) >>> 24;
  return flash;
}

describe("jobs", () => {
  let api: Api;
  const open: Bench[] = [];
  const connect = async (
    ...args: Parameters<typeof bench> extends [unknown, ...infer Rest] ? Rest : never
  ): Promise<Bench> => {
    const made = await bench(api, ...args);
    open.push(made);
    return made;
  };

  before(async () => {
    api = await activated();
  });

  afterEach(async () => {
    for (const each of open.splice(0)) await each.close();
  });

  async function flashSpec(
    on: Bench,
    device: string,
    confirm = false,
  ): Promise<Parameters<typeof api.services.jobs.start<"flash">>[0]> {
    const name = "image_bk7231t_app.0x011000.rbl";
    const bytes = await vscode.workspace.fs.readFile(exampleBuild(device, name));
    const request = { kind: "flash", file: { name, bytes }, verify: true, reboot: true, dryRun: false } as const;
    return { port: on.port, title: `Flash ${device}`, fileName: name, confirm, request };
  }

  const content = (on: Bench, length: number): Buffer => Buffer.from(on.chip.flash.slice(APP_AT, APP_AT + length));

  it("flash asks with the plan, writes after the yes, and the chip holds the file byte for byte", async () => {
    const on = await connect("bk7231t");
    const builtFor = { device: "Bulb", chip: "BK7231N", board: "cbu" };
    const spec = { ...(await flashSpec(on, "bedroom-bulb", true)), builtFor };
    const before = Buffer.from(on.chip.flash.slice());
    let question: Question | undefined;
    const listening = api.services.jobs.onDidAsk((asked) => {
      question = asked;
      assert.deepEqual(Buffer.from(on.chip.flash.slice()), before, "nothing is touched before the yes");
      api.services.jobs.decide(asked.job.id, true);
    });
    const end = await api.services.jobs.start(spec);
    listening.dispose();
    assert.equal(end.status, "succeeded");
    assert.equal(question?.job.status, "approval");
    assert.deepEqual(question.job.builtFor, {
      words: "Built for: cbu, BK7231N",
      careful: "Careful: the build is for BK7231N, but the chip on the wire is BK7231T.",
    });
    const { bytes } = spec.request.file;
    assert.deepEqual(content(on, bytes.length), Buffer.from(bytes));
    assert.deepEqual(Buffer.from(on.chip.flash.slice(0, APP_AT)), before.subarray(0, APP_AT));
    assert.equal(end.job.outcome?.verified, true);
    // The dialog that the extension showed is left as an answered one.
    await vscode.commands.executeCommand("workbench.action.closeMessages").then(undefined, () => undefined);
  });

  it("flash that is declined leaves the chip as it was, linked for the next job", async () => {
    const on = await connect("bk7231t");
    const before = Buffer.from(on.chip.flash.slice());
    const listening = api.services.jobs.onDidAsk(({ job }) => api.services.jobs.decide(job.id, false));
    const end = await api.services.jobs.start(await flashSpec(on, "bedroom-bulb", true));
    listening.dispose();
    assert.equal(end.status, "cancelled");
    assert.equal(end.job.flash, "untouched");
    assert.deepEqual(Buffer.from(on.chip.flash.slice()), before);
    assert.deepEqual(
      api.services.jobs.idlePorts.filter((id) => id === on.port.id),
      [on.port.id],
    );
  });

  it("a file for another chip is refused with words and buttons, and nothing is written", async () => {
    const on = await connect("bk7231n");
    const before = Buffer.from(on.chip.flash.slice());
    const end = await api.services.jobs.start(await flashSpec(on, "bedroom-bulb"));
    assert.equal(end.status, "failed");
    assert.equal(end.job.error?.code, "image-wrong-chip");
    assert.ok((end.job.error?.steps.length ?? 0) > 0 && (end.job.error?.actions.length ?? 0) > 0);
    assert.deepEqual(Buffer.from(on.chip.flash.slice()), before);
  });

  it("a file for another key is refused, and the same file re-encrypted is what the chip then holds", async () => {
    const on = await connect("bk7231t");
    const { jobs } = api.services;
    const end = await jobs.start(await flashSpec(on, "c8133u-bulb"));
    assert.ok(end.status === "failed" && end.error.code === "image-wrong-key");
    assert.equal(end.job.error?.actions[0], "rekey");
    const again = await jobs.rekey(end.job.id);
    assert.equal(again?.status, "succeeded");
    assert.equal(again.job.outcome?.verified, true);
  });

  it("a busy port is told with the program that has it", async () => {
    const file = join(tmpdir(), `beken-held-${process.pid}`);
    writeFileSync(file, "");
    const holder = spawn("/bin/sh", ["-c", `exec 3<"$0"; echo open; read line`, file], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    const port = {
      id: file,
      ref: { kind: "serial", path: file },
      kind: "extra",
      label: file,
      facts: [],
      isUsb: false,
    } as const;
    const [words] = await describeHolder(port);
    holder.stdin.end();
    rmSync(file);
    if (process.platform === "linux")
      assert.match(words ?? "", new RegExp(`\\(process ${holder.pid}\\) has the port open`));
  });

  it("cancelled half way ends, says that flash was touched, and can be run again to the end", async () => {
    const on = await connect("bk7231t");
    const spec = await flashSpec(on, "bedroom-bulb");
    const { jobs } = api.services;
    const listening = jobs.onDidChange((job) => {
      if (job.port.id === on.port.id && job.phases.some(({ phase, done }) => phase === "erase" && done > 0))
        jobs.cancel(job.id);
    });
    const end = await jobs.start(spec);
    listening.dispose();
    assert.equal(end.status, "cancelled");
    assert.equal(end.job.flash, "partly-written");
    const again = await jobs.retry(end.job.id);
    assert.equal(again?.status, "succeeded", JSON.stringify(again?.job.error));
    const { bytes } = spec.request.file;
    assert.deepEqual(content(on, bytes.length), Buffer.from(bytes));
  });

  it("a port that goes away and comes back costs the job nothing but time", async () => {
    const on = await connect("bk7231t");
    const { jobs } = api.services;
    let dropped = false;
    const listening = jobs.onDidChange((job) => {
      if (dropped || job.port.id !== on.port.id) return;
      if (!job.phases.some(({ phase, done }) => phase === "write" && done > 0)) return;
      dropped = true;
      on.drop();
    });
    const spec = await flashSpec(on, "bedroom-bulb");
    const end = await jobs.start(spec);
    listening.dispose();
    assert.equal(end.status, "succeeded", JSON.stringify(end.job.error));
    const { bytes } = spec.request.file;
    assert.deepEqual(content(on, bytes.length), Buffer.from(bytes));
    assert.equal(
      end.job.notes.some(({ code }) => code === "adapter-back"),
      true,
    );
  });

  it("a port that goes away is waited for; one that stays away ends the job with an error, no spinner left", async () => {
    const settings = vscode.workspace.getConfiguration("beken");
    await settings.update("linkTimeout", 5, vscode.ConfigurationTarget.Global);
    const on = await connect("bk7231t");
    const { jobs } = api.services;
    let waited = false;
    const listening = jobs.onDidChange((job) => {
      if (job.port.id !== on.port.id) return;
      if (job.phases.some(({ phase, done }) => phase === "write" && done > 0)) on.unplug();
      waited ||= job.status === "linking" && job.link?.adapterGone === true;
    });
    const end = await jobs.start(await flashSpec(on, "bedroom-bulb"));
    listening.dispose();
    await settings.update("linkTimeout", undefined, vscode.ConfigurationTarget.Global);
    assert.equal(waited, true);
    assert.equal(end.status, "failed");
    assert.equal(end.job.error?.code, "port-lost");
    assert.equal(jobs.runningOn(on.port.id), undefined);
  });

  it("run on two ports at once, and never two on one", async () => {
    const [one, two] = [await connect("bk7231t"), await connect("bk7231t")];
    const { jobs } = api.services;
    const specs = [await flashSpec(one, "bedroom-bulb"), await flashSpec(two, "bedroom-bulb")];
    const ends = specs.map((spec) => jobs.start(spec));
    assert.equal(jobs.running.length, 2);
    const [first] = specs;
    assert.ok(first);
    const refused = await jobs.start(first);
    assert.equal(refused.status, "refused");
    assert.equal(refused.job.id, jobs.runningOn(one.port.id)?.id);
    const states = (await Promise.all(ends)).map(({ status }) => status);
    assert.deepEqual(states, ["succeeded", "succeeded"]);
  });

  it("keep the link for the next job, and let go of the port after a reboot", async () => {
    const on = await connect("bk7231t");
    const { jobs } = api.services;
    const info = (): Promise<JobEnd<"info"> | Refused> =>
      jobs.start<"info">({ port: on.port, title: "info", request: { kind: "info" } });
    const first = await info();
    assert.ok(jobs.idlePorts.includes(on.port.id));
    const second = await info();
    assert.ok(first.job.linked !== undefined);
    assert.equal(second.job.linked, undefined, "no new link was needed");
    await jobs.start<"reboot">({ port: on.port, title: "reboot", request: { kind: "reboot" } });
    assert.ok(!jobs.idlePorts.includes(on.port.id));
  });

  it("save a backup with its manifest, never over another file", async () => {
    const on = await connect("bk7231t");
    const { ports, settings, jobs } = api.services;
    await ports.select(on.port);
    await settings.update("backupFolder", "${workspaceFolder}/backups");
    const ended = new Promise<JobEnd>((resolve) => {
      const listening = jobs.onDidEnd((end) => {
        listening.dispose();
        resolve(end);
      });
    });
    await vscode.commands.executeCommand(COMMANDS.backUpFlash, { portId: on.port.id });
    const { job, status } = await ended;
    await settings.update("backupFolder", "");
    assert.equal(status, "succeeded");
    const saved = vscode.Uri.file(job.outcome?.savedTo ?? "");
    assert.deepEqual(Buffer.from(await vscode.workspace.fs.readFile(saved)), Buffer.from(on.chip.flash.slice()));
    const manifest = JSON.parse(
      new TextDecoder().decode(await vscode.workspace.fs.readFile(saved.with({ path: `${saved.path}.json` }))),
    ) as { format: string };
    assert.equal(manifest.format, "beken-flasher-backup");
    const names = (await vscode.workspace.fs.readDirectory(vscode.Uri.joinPath(saved, ".."))).map(([name]) => name);
    assert.deepEqual(
      names.filter((name) => name.endsWith(".part")),
      [],
    );
    await vscode.workspace.fs.delete(vscode.Uri.joinPath(saved, ".."), { recursive: true });
  });

  it("bring a backup back, said to be of this device, boot code and calibration left alone", async () => {
    const on = await connect("bk7231t");
    const { jobs, version } = api.services;
    const backup = await jobs.start<"backup">({ port: on.port, title: "backup", request: { kind: "backup" } });
    assert.ok(backup.status === "succeeded");
    const { chip, data } = backup.result;
    const before = Buffer.from(on.chip.flash.slice());
    assert.equal((await jobs.start(await flashSpec(on, "bedroom-bulb"))).status, "succeeded");
    assert.notDeepEqual(Buffer.from(on.chip.flash.slice()), before);
    let question: Question | undefined;
    const listening = jobs.onDidAsk((asked) => {
      question = asked;
      jobs.decide(asked.job.id, true);
    });
    const manifest = buildManifest(chip, data, version, new Date());
    const request = {
      kind: "restore",
      file: { name: "backup.bin", bytes: data },
      manifest,
      verify: true,
      reboot: true,
      dryRun: false,
    } as const;
    const end = await jobs.start<"restore">({ port: on.port, title: "restore", confirm: true, request });
    listening.dispose();
    assert.equal(end.status, "succeeded", JSON.stringify(end.job.error));
    assert.equal(question?.restore?.device, "same");
    assert.deepEqual(Buffer.from(on.chip.flash.slice()), before);
  });

  it("leave a chip's facts in the tree and the status bar, and none of its secrets in diagnostics", async () => {
    const on = await connect("bk7231n");
    const { jobs, ports } = api.services;
    await ports.select(on.port);
    await jobs.start<"info">({ port: on.port, title: "info", request: { kind: "info" } });
    const port = api.devices.getChildren().find(({ portId }) => portId === on.port.id);
    assert.ok(port);
    const item = api.devices.getTreeItem(port);
    assert.equal(item.contextValue, "port.extra");
    assert.match(String(item.description), /selected.*BK7231N/);
    const facts = api.devices.getChildren(port).map((node) => api.devices.getTreeItem(node));
    const names = facts.map(({ label }) => label);
    for (const name of [
      "Chip",
      "Answers",
      "Bootloader",
      "Flash memory",
      "MAC address",
      "Encryption",
      "Calibration",
      "Layout",
    ])
      assert.ok(names.includes(name), name);
    assert.match(api.statusBar.text, /BK7231N/);
    const mac = jobs.chipOn(on.port.id)?.mac;
    assert.ok(mac !== undefined);
    const report = diagnostics(api.services);
    assert.ok(!report.includes(mac) && !report.toLowerCase().includes(mac.replaceAll(":", "").toLowerCase()));
    assert.match(report, /BK7231N/);
  });

  it("make a backup before the first write, once for each device, and say so with the plan", async () => {
    const on = await connect("bk7252");
    const { jobs, settings, journal } = api.services;
    await settings.update("backupFolder", "${workspaceFolder}/backups");
    await settings.update("backUpBeforeFirstWrite", true);
    const folder = journal.backupsFolder;
    const questions: Question[] = [];
    const listening = jobs.onDidAsk((question) => {
      questions.push(question);
      jobs.decide(question.job.id, true);
    });
    try {
      const before = Buffer.from(on.chip.flash.slice());
      const erase = { kind: "erase", start: 0x1a0000, length: 0x1000, dryRun: false } as const;
      const first = await jobs.start<"erase">({ port: on.port, title: "erase", confirm: true, request: erase });
      assert.equal(first.status, "succeeded", JSON.stringify(first.job.error));
      assert.equal(questions[0]?.backup?.folder, folder);
      const dump = first.job.backup?.savedTo;
      assert.equal(dump, join(folder, "bk7252-C8478C420008.bin"));
      assert.deepEqual(readFileSync(dump ?? ""), before);
      assert.deepEqual(readdirSync(folder).sort(), ["bk7252-C8478C420008.bin", "bk7252-C8478C420008.bin.json"]);
      const second = await jobs.start<"erase">({ port: on.port, title: "erase", confirm: true, request: erase });
      assert.equal(second.status, "succeeded");
      assert.equal(questions[1]?.backup, undefined);
      assert.equal(journal.interrupted.length, 0);
    } finally {
      listening.dispose();
      await settings.update("backUpBeforeFirstWrite", false);
      await settings.update("backupFolder", "");
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("ask about a backup that is worthless, and touch nothing after a no", async () => {
    const on = await connect("bk7231n", { flash: new Uint8Array(0x200000).fill(0xff) });
    const { jobs, settings, journal } = api.services;
    await settings.update("backUpBeforeFirstWrite", true);
    const verdicts: string[] = [];
    let answer = false;
    const listening = jobs.onDidDoubt(({ job, judgement }) => {
      verdicts.push(judgement.verdict);
      jobs.decide(job.id, answer);
    });
    // The plan's own question: a blank chip has no boot code either.
    const asking = jobs.onDidAsk(({ job }) => jobs.decide(job.id, true));
    try {
      const name = "image_bk7231n_app.0x011000.rbl";
      const bytes = await vscode.workspace.fs.readFile(exampleBuild("hall-plug", name));
      const request = { kind: "flash", file: { name, bytes }, verify: true, reboot: true, dryRun: false } as const;
      const spec = { port: on.port, title: "flash", fileName: name, request } as const;
      const refused = await jobs.start<"flash">(spec);
      assert.deepEqual([refused.status, refused.job.flash], ["cancelled", "untouched"]);
      assert.ok(on.chip.flash.slice().every((byte) => byte === 0xff));
      answer = true;
      const end = await jobs.start<"flash">(spec);
      assert.equal(end.status, "succeeded", JSON.stringify(end.job.error));
      assert.deepEqual(verdicts, ["worthless", "worthless"]);
    } finally {
      asking.dispose();
      listening.dispose();
      await settings.update("backUpBeforeFirstWrite", false);
      rmSync(journal.backupsFolder, { recursive: true, force: true });
      await journal.refresh();
    }
  });

  it("that were stopped half way are listed, and go on when they are resumed", async () => {
    const on = await connect("bk7231t");
    const { jobs, journal, settings } = api.services;
    await settings.update("confirmBeforeFlash", false);
    const uri = exampleBuild("bedroom-bulb", "image_bk7231t_app.0x011000.rbl");
    try {
      const stopping = jobs.onDidChange((job) => {
        if (job.port.id === on.port.id && job.phases.some(({ phase, done }) => phase === "write" && done > 0x20000))
          jobs.cancel(job.id);
      });
      const spec = { ...(await flashSpec(on, "bedroom-bulb")), source: uri.toString() };
      const end = await jobs.start(spec);
      stopping.dispose();
      assert.equal(end.job.flash, "partly-written");
      const [job] = journal.interrupted;
      assert.equal(job?.portId, on.port.id);
      const port = api.devices.getChildren().find(({ portId }) => portId === on.port.id);
      const [node] = api.devices.getChildren(port);
      assert.ok(node?.type === "interrupted");
      assert.equal(api.devices.getTreeItem(node).contextValue, "interrupted");
      const rows = (): readonly string[] => api.devices.getChildren(port).map(({ type }) => type);
      let busy: readonly string[] = [];
      let opens: unknown;
      const looking = jobs.onDidChange(({ id }) => {
        if (jobs.runningOn(on.port.id)?.id !== id) return;
        busy = rows();
        const row = api.devices.getChildren(port).find(({ type }) => type === "job");
        opens = row && api.devices.getTreeItem(row).command?.arguments;
      });
      await jobs.start<"info">({ port: on.port, title: "info", request: { kind: "info" } });
      looking.dispose();
      assert.ok(busy.includes("job") && !busy.includes("interrupted"), "nothing to resume while something else runs");
      assert.ok(rows().includes("interrupted"));
      assert.deepEqual(opens, [{ portId: on.port.id }], "a click on the job leads to this device");
      const resumed: boolean[] = [];
      const watching = jobs.onDidChange(({ notes }) => resumed.push(notes.some(({ code }) => code === "resumed")));
      await vscode.commands.executeCommand(COMMANDS.resumeJob, { interruptedId: job?.id });
      watching.dispose();
      assert.ok(resumed.includes(true), "it went on where it stopped");
      assert.deepEqual(content(on, spec.request.file.bytes.length), Buffer.from(spec.request.file.bytes));
      assert.equal(journal.interrupted.length, 0);
    } finally {
      await settings.update("confirmBeforeFlash", true);
    }
  });

  it("of copying are listed when they were stopped, resumed into the same file, or dismissed", async () => {
    const on = await connect("bk7231t", { flash: randomFlash() });
    const { jobs, journal } = api.services;
    const folder = join(tmpdir(), `beken-copies-${process.pid}`);
    const place = vscode.Uri.file(join(folder, "copy.bin"));
    const stop = async (): Promise<void> => {
      const stopping = jobs.onDidChange((job) => {
        if (job.port.id === on.port.id && job.phases.some(({ phase, done }) => phase === "read" && done > 0x40000))
          jobs.cancel(job.id);
      });
      await startBackup(api.services, on.port, place);
      stopping.dispose();
    };
    try {
      await stop();
      const [job] = journal.interrupted;
      assert.deepEqual([job?.request.kind, job?.file], ["backup", place.fsPath]);
      await vscode.commands.executeCommand(COMMANDS.resumeJob, { interruptedId: job?.id });
      assert.deepEqual(readdirSync(folder).sort(), ["copy.bin", "copy.bin.json"]);
      assert.deepEqual(readFileSync(place.fsPath), Buffer.from(on.chip.flash.slice()));
      assert.equal(journal.interrupted.length, 0);
      rmSync(folder, { recursive: true });
      await stop();
      await vscode.commands.executeCommand(COMMANDS.dismissInterrupted, { interruptedId: journal.interrupted[0]?.id });
      assert.equal(journal.interrupted.length, 0);
      assert.ok(readdirSync(folder).includes("copy.bin.part"), "what was read stays");
    } finally {
      rmSync(folder, { recursive: true, force: true });
      await journal.refresh();
    }
  });

  it("complete the steps of the walkthrough", async () => {
    const on = await connect("bk7231t");
    await api.services.ports.select(on.port);
    await api.services.jobs.start(await flashSpec(on, "bedroom-bulb"));
    await until(() => api.walkthrough.done.includes("beken.step.verify"));
    for (const step of ["beken.step.port", "beken.step.chip", "beken.step.flash"] as const)
      assert.ok(api.walkthrough.done.includes(step), step);
  });
});
