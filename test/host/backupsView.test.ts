/** The view of backups, and what is done with one in it: its files are never lost, and what is deleted comes back. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { compareKept, deleteKept, renameKept, revealKept } from "../../src/extension/commands/backupFiles";
import type { Api } from "../../src/extension/main";
import type { BackupNode } from "../../src/extension/views/backupsView";
import { createBackup } from "../../src/storage/backups";
import { files } from "../../src/extension/platform/places";
import { dumpOf, identityOf } from "../unit/backup/dumps";
import { tuyaDump } from "../unit/passport/sampleDump";
import { Messages, activated, example, inPlaceOf, until } from "./host";

const FOLDER = "backups-view";

describe("view of backups", () => {
  let api: Api;
  const flash = dumpOf("bk7231t");
  const place = (name: string): vscode.Uri => example(`${FOLDER}/${name}`);

  before(async () => {
    api = await activated();
    await api.services.settings.update("backupFolder", `\${workspaceFolder}/${FOLDER}`);
    await vscode.workspace.fs.createDirectory(example(FOLDER));
    for (const name of ["one.bin", "two.bin"])
      await createBackup(files, place(name).fsPath, identityOf(flash), flash, "1.0.0");
  });

  after(async () => {
    await api.services.settings.update("backupFolder", "");
    await vscode.workspace.fs.delete(example(FOLDER), { recursive: true });
  });

  type Row = Extract<BackupNode, { type: "backup" }>;

  async function rows(): Promise<readonly Row[]> {
    const devices = await api.backups.getChildren();
    const all = await Promise.all(devices.map((device) => api.backups.getChildren(device)));
    return all.flat().filter((node): node is Row => node.type === "backup" && node.backup.path.includes(FOLDER));
  }

  async function names(): Promise<readonly string[]> {
    const entries = await vscode.workspace.fs.readDirectory(example(FOLDER));
    return entries.map(([name]) => name).sort();
  }

  async function row(name: string): Promise<Row> {
    const found = (await rows()).find(({ backup }) => backup.path.endsWith(name));
    assert.ok(found, name);
    return found;
  }

  it("lists them below their device, and says of each what is in it and what it is worth", async () => {
    assert.equal((await rows()).length, 2);
    const one = await row("one.bin");
    const told = (): string => String(api.backups.getTreeItem(one).description);
    await until(() => /2 MiB/.test(told()));
    assert.match(told(), /BK7231T.* · good · 2 MiB/);
    const item = api.backups.getTreeItem(one);
    assert.equal(item.contextValue, "backup");
    assert.match(item.accessibilityInformation?.label ?? "", /good, 2 MiB, one\.bin$/);
    const [device] = await api.backups.getChildren();
    assert.ok(device);
    const { label } = api.backups.getTreeItem(device);
    assert.ok(typeof label === "string");
    assert.match(label, /BK7231T.*[0-9A-F]{2}(:[0-9A-F]{2}){5}/);
  });

  it("renames both files, and takes nobody's name", async () => {
    const asked: string[] = [];
    const messages = new Messages();
    let answer = "kitchen.bin";
    const replaced = inPlaceOf({
      showInputBox: (options: vscode.InputBoxOptions) => {
        asked.push(options.value ?? "");
        assert.equal(options.validateInput?.("kitchen.bin"), undefined);
        for (const bad of ["", " ", "a/b", "..\\x", ".hidden", "what?"]) assert.ok(options.validateInput?.(bad), bad);
        return Promise.resolve(answer);
      },
    });
    try {
      await renameKept(api.services, (await row("one.bin")).resourceUri);
      assert.deepEqual(await names(), ["kitchen.bin", "kitchen.bin.json", "two.bin", "two.bin.json"]);
      answer = "two.bin";
      await renameKept(api.services, (await row("kitchen.bin")).resourceUri);
      assert.deepEqual(await names(), ["kitchen.bin", "kitchen.bin.json", "two.bin", "two.bin.json"]);
      assert.deepEqual(asked, ["one.bin", "kitchen.bin"]);
      assert.match(messages.texts.at(-1) ?? "", /exists|there/i);
    } finally {
      replaced.dispose();
      messages.dispose();
    }
  });

  it("deletes one, and brings it back as it was", async () => {
    // Where there is no trash, going for good is asked about first.
    const messages = new Messages((_, buttons) => buttons.find((button) => /Delete for Good|Undo/.test(button)));
    try {
      await deleteKept(api.services, (await row("two.bin")).resourceUri);
      assert.match(messages.texts.at(-1) ?? "", /Deleted: two\.bin/);
      assert.deepEqual(await names(), ["kitchen.bin", "kitchen.bin.json", "two.bin", "two.bin.json"]);
      assert.ok(Buffer.from(flash).equals(await vscode.workspace.fs.readFile(place("two.bin"))));
      messages.answerWith((_, buttons) => buttons.find((button) => button === "Delete for Good"));
      await deleteKept(api.services, (await row("two.bin")).resourceUri);
      assert.deepEqual(await names(), ["kitchen.bin", "kitchen.bin.json"]);
      assert.equal((await rows()).length, 1);
    } finally {
      messages.dispose();
    }
  });

  it("is compared with another that is known here", async () => {
    await createBackup(files, place("three.bin").fsPath, identityOf(flash), flash, "1.0.0");
    const replaced = inPlaceOf({
      showQuickPick: (items: readonly { readonly label: string }[]) =>
        Promise.resolve(items.find(({ label }) => label.includes("three.bin"))),
    });
    const shown: string[] = [];
    try {
      const { resourceUri } = await row("kitchen.bin");
      await compareKept(api.services, resourceUri, (uri, other) => {
        shown.push(uri.path.split("/").at(-1) ?? "", other.name);
        return Promise.resolve();
      });
    } finally {
      replaced.dispose();
    }
    assert.deepEqual(shown, ["kitchen.bin", "three.bin"]);
  });

  it("is not shown where it lies without a word about what is private in it", async () => {
    const dump = tuyaDump();
    await createBackup(files, place("tuya.bin").fsPath, identityOf(dump), dump, "1.0.0");
    const messages = new Messages();
    try {
      await revealKept(place("tuya.bin"));
      assert.match(messages.texts.at(-1) ?? "", /tuya\.bin holds private content/);
    } finally {
      messages.dispose();
    }
  });
});
