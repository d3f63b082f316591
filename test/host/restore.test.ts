import assert from "node:assert/strict";
import * as vscode from "vscode";
import { buildManifest, formatManifest, type ChipIdentity } from "../../src/core/index";
import { restoreBackup } from "../../src/extension/commands/restoreBackup";
import type { Api } from "../../src/extension/main";
import { activated, bench, example, inPlaceOf, type Bench } from "./host";

const FOLDER = "backups-known";

interface Offered {
  readonly label: string;
  readonly description?: string;
  readonly kind?: vscode.QuickPickItemKind;
}

describe("restoring", () => {
  let api: Api;
  let on: Bench;
  let chip: ChipIdentity;
  let data: Uint8Array;

  before(async () => {
    api = await activated();
    on = await bench(api, "bk7231t");
    const { jobs } = api.services;
    const end = await jobs.start<"backup">({ port: on.port, title: "backup", request: { kind: "backup" } });
    assert.ok(end.status === "succeeded");
    ({ chip, data } = end.result);
  });

  after(async () => {
    await api.services.settings.update("backupFolder", "");
    await on.close();
    await vscode.workspace.fs.delete(example(FOLDER), { recursive: true });
  });

  async function save(name: string, of: ChipIdentity, date: string): Promise<void> {
    const manifest = formatManifest(buildManifest(of, data, "1.0.0", new Date(date)));
    await vscode.workspace.fs.writeFile(example(`${FOLDER}/${name}`), data);
    await vscode.workspace.fs.writeFile(example(`${FOLDER}/${name}.json`), Buffer.from(manifest));
  }

  /** Gives up at the first question, and says what it offered. */
  async function offered(): Promise<{ readonly items: readonly Offered[]; readonly dialogs: number }> {
    let items: readonly Offered[] = [];
    let dialogs = 0;
    const replaced = inPlaceOf({
      showQuickPick: (list: readonly Offered[]) => Promise.resolve(void (items = list)),
      showOpenDialog: () => Promise.resolve(void dialogs++),
    });
    try {
      await restoreBackup(api.services, [], { portId: on.port.id });
    } finally {
      replaced.dispose();
    }
    return { items, dialogs };
  }

  it("offers the backups that are known, this device's first and newest first, and the dialog last", async () => {
    await api.services.settings.update("backupFolder", `\${workspaceFolder}/${FOLDER}`);
    assert.deepEqual(await offered(), { items: [], dialogs: 1 }, "there is none yet");
    await save("old.bin", chip, "2026-01-02T03:04:05Z");
    await save("new.bin", chip, "2026-05-06T07:08:09Z");
    await save("other.bin", { ...chip, mac: "C8:47:8C:99:99:99" }, "2026-09-10T11:12:13Z");
    await vscode.workspace.fs.writeFile(example(`${FOLDER}/stray.bin`), data);
    const { items, dialogs } = await offered();
    assert.equal(dialogs, 0);
    assert.deepEqual(
      items.map(({ label }) => label.replace(/^\$\([a-z-]+\) /, "")),
      ["Of this device", "new.bin", "old.bin", "Of other devices", "other.bin", "", "Browse..."],
    );
    const facts = items[1]?.description ?? "";
    const at = new Date("2026-05-06T07:08:09Z").toLocaleString("en", { dateStyle: "medium", timeStyle: "short" });
    for (const fact of ["BK7231T", chip.mac ?? "?", at, "2 MiB"])
      assert.ok(facts.includes(fact), `${fact} in ${facts}`);
  });

  it("takes a file that was clicked without asking which, and still judges it", async () => {
    const nothing = example(`${FOLDER}/nothing.bin`);
    await vscode.workspace.fs.writeFile(nothing, new Uint8Array(data.length).fill(0xff));
    const asked = inPlaceOf({ showQuickPick: () => assert.fail("asked"), showOpenDialog: () => assert.fail("asked") });
    const { jobs } = api.services;
    const before = Buffer.from(on.chip.flash.slice());
    await restoreBackup(api.services, [nothing], { portId: on.port.id });
    asked.dispose();
    const job = jobs.jobs.find(({ port }) => port.id === on.port.id);
    assert.deepEqual([job?.kind, job?.status], ["restore", "failed"]);
    assert.equal(job?.error?.code, "backup-worthless");
    assert.deepEqual(Buffer.from(on.chip.flash.slice()), before);
  });
});
