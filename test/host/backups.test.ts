import assert from "node:assert/strict";
import { homedir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { suggestedPlace } from "../../src/extension/jobs/backupPlaces";
import { COMMANDS } from "../../src/extension/platform/contributions";
import type { JobEnd } from "../../src/extension/jobs/jobSpec";
import type { Api } from "../../src/extension/main";
import { activated, bench, example, type Bench } from "./host";

const FOLDER = "backups-since";

describe("backups that follow each other", () => {
  let api: Api;

  before(async () => {
    api = await activated();
    await api.services.settings.update("backupFolder", `\${workspaceFolder}/${FOLDER}`);
  });

  after(async () => {
    await api.services.settings.update("backupFolder", "");
    await vscode.workspace.fs.delete(example(FOLDER), { recursive: true });
  });

  async function backUp(on: Bench): Promise<Extract<JobEnd<"backup">, { status: "succeeded" }>> {
    const ended = new Promise<JobEnd>((resolve) => {
      const listening = api.services.jobs.onDidEnd((end) => {
        if (end.job.port.id !== on.port.id) return;
        listening.dispose();
        resolve(end);
      });
    });
    await vscode.commands.executeCommand(COMMANDS.backUpFlash, { portId: on.port.id });
    const end = await ended;
    assert.ok(end.status === "succeeded", JSON.stringify(end.job.error));
    assert.ok(end.result.kind === "backup");
    return end as Extract<JobEnd<"backup">, { status: "succeeded" }>;
  }

  const isBased = ({ job }: JobEnd): boolean => job.notes.some(({ code }) => code === "since-backup");
  const content = async (end: JobEnd): Promise<Buffer> =>
    Buffer.from(await vscode.workspace.fs.readFile(vscode.Uri.file(end.job.outcome?.savedTo ?? "")));

  it("are offered a name in a folder where no folder is open, and not a folder as a name", () => {
    const place = suggestedPlace(undefined, "bk7231n.bin");
    assert.deepEqual([place.scheme, place.fsPath], ["file", join(homedir(), "bk7231n.bin")]);
    const folder = example("");
    assert.equal(suggestedPlace(folder, "x.bin").toString(), vscode.Uri.joinPath(folder, "x.bin").toString());
  });

  it("transfer what changed since the newest sound one of this device, and say so", async () => {
    const on = await bench(api, "bk7231t");
    const first = await backUp(on);
    assert.equal(isBased(first), false);

    on.chip.flash[0x54321] = 0x5a;
    const second = await backUp(on);
    assert.equal(isBased(second), true);
    assert.equal(second.result.bytesFromBase, on.chip.flash.length - 0x1000);
    assert.deepEqual(await content(second), Buffer.from(on.chip.flash.slice()));

    // The newest is no longer what was read: the one before it serves.
    const newest = vscode.Uri.file(second.job.outcome?.savedTo ?? "");
    await vscode.workspace.fs.writeFile(newest, Buffer.alloc(on.chip.flash.length));
    const third = await backUp(on);
    assert.equal(isBased(third), true);
    assert.equal(third.result.bytesFromBase, on.chip.flash.length - 0x1000);
    assert.deepEqual(await content(third), Buffer.from(on.chip.flash.slice()));
    await on.close();
  });

  it("take nothing from another device's", async () => {
    const on = await bench(api, "bk7231n");
    const end = await backUp(on);
    assert.equal(isBased(end), false);
    assert.deepEqual(await content(end), Buffer.from(on.chip.flash.slice()));
    await on.close();
  });
});
