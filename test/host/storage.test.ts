/** Storage over the editor's own file system, where the files lie in a provider of this test: no disk is behind it. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { Api } from "../../src/extension/main";
import { startBackup } from "../../src/extension/commands/backUpFlash";
import { chosenFolder } from "../../src/extension/jobs/backupPlaces";
import { EditorFileSystem } from "../../src/extension/platform/editorFileSystem";
import { PartialBackup } from "../../src/storage/partialBackup";
import { codeOf, createFile, replaceFile } from "../../src/storage/wholeFiles";
import { MemoryUri, WorkspaceMemory } from "../workspaceMemory";
import { activated, bench } from "./host";

const SCHEME = "beken-test-memory";
const BLOCK = 0x10000;

/** As an extension gives the editor a file system of its own. */
class Provider implements vscode.FileSystemProvider {
  readonly memory = new WorkspaceMemory();
  readonly onDidChangeFile = new vscode.EventEmitter<vscode.FileChangeEvent[]>().event;

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    return { ctime: 0, ...(await this.ask(uri, (at) => this.memory.stat(at))) };
  }

  readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
    return this.ask(uri, (at) => this.memory.readDirectory(at));
  }

  createDirectory(uri: vscode.Uri): Promise<void> {
    return this.ask(uri, (at) => this.memory.createDirectory(at));
  }

  readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return this.ask(uri, (at) => this.memory.readFile(at));
  }

  writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    return this.ask(uri, (at) => this.memory.writeFile(at, content));
  }

  delete(uri: vscode.Uri, options: { readonly recursive: boolean }): Promise<void> {
    return this.ask(uri, (at) => this.memory.delete(at, options));
  }

  rename(from: vscode.Uri, to: vscode.Uri, options: { readonly overwrite: boolean }): Promise<void> {
    return this.ask(to, (at) => this.memory.rename(new MemoryUri(from.path), at, options));
  }

  private async ask<T>(uri: vscode.Uri, work: (at: MemoryUri) => Promise<T>): Promise<T> {
    try {
      return await work(new MemoryUri(uri.path));
    } catch (error) {
      if (codeOf(error) === "FileNotFound") throw vscode.FileSystemError.FileNotFound(uri);
      if (codeOf(error) === "FileExists") throw vscode.FileSystemError.FileExists(uri);
      throw error;
    }
  }
}

describe("storage over the editor's file system", () => {
  const provider = new Provider();
  const { memory } = provider;
  let api: Api;
  let registered: vscode.Disposable | undefined;
  const files = new EditorFileSystem<vscode.Uri>(vscode.workspace.fs, (text) => vscode.Uri.parse(text, true));
  const folder = vscode.Uri.from({ scheme: SCHEME, path: "/kept here" });
  const place = (name: string): string => files.join(folder.toString(), name);
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const read = async (name: string): Promise<string> => new TextDecoder().decode(await files.read(place(name)));

  before(async () => {
    api = await activated();
    registered = vscode.workspace.registerFileSystemProvider(SCHEME, provider, { isCaseSensitive: true });
    await files.createFolder(folder.toString());
  });

  after(() => void registered?.dispose());
  afterEach(() => memory.clear());

  it("stores files whole and never over another, replaces, adds and removes, and names failures as a disk does", async () => {
    await createFile(files, place("a b.bin"), bytes("one"));
    await assert.rejects(createFile(files, place("a b.bin"), bytes("two")), { code: "file-exists" });
    assert.equal(await read("a b.bin"), "one");
    await replaceFile(files, place("j"), "head\n");
    const journal = await files.openToAppend(place("j"));
    await journal.write(bytes("line\n"), true);
    await journal.close();
    assert.equal(await read("j"), "head\nline\n");
    assert.deepEqual([...(await files.list(folder.toString()))].sort(), ["a b.bin", "j"]);
    await replaceFile(files, place("j"), "new\n");
    assert.equal(await read("j"), "new\n");
    for (const name of ["a b.bin", "j", "not there"]) await files.remove(place(name));
    assert.deepEqual(memory.paths(), []);
    await assert.rejects(files.read(place("not there")), { code: "ENOENT" });
  });

  it("has the backups before a first write where the setting says, wherever that is", () => {
    const chosen = (setting: string): string | undefined => chosenFolder(setting, folder);
    assert.equal(chosen("${workspaceFolder}/backups"), vscode.Uri.joinPath(folder, "backups").toString());
    assert.equal(chosen("backups"), chosen("${workspaceFolder}/backups"));
    assert.equal(chosen("/srv/backups"), vscode.Uri.file("/srv/backups").fsPath);
    assert.equal(chosen(""), undefined);
  });

  it("goes on with a backup whose program was killed, and leaves the dump and its manifest", async () => {
    const on = await bench(api, "bk7231t");
    const { services } = api;
    const target = vscode.Uri.joinPath(folder, "bulb.bin");
    const info = await services.jobs.start<"info">({ port: on.port, title: "info", request: { kind: "info" } });
    assert.ok(info.status === "succeeded");
    const first = await PartialBackup.prepare(files, target.toString());
    assert.ok(first instanceof PartialBackup);
    await first.resume(info.result.chip);
    for (const start of [0, BLOCK])
      await first.store({ type: "block", start, data: on.chip.flash.slice(start, start + BLOCK) });
    let taken: number | undefined;
    const listening = services.jobs.onDidEnd((end) => {
      if (end.status === "succeeded" && end.result.kind === "backup") taken = end.result.bytesTaken;
    });
    await startBackup(services, on.port, target);
    listening.dispose();
    assert.equal(taken, 2 * BLOCK);
    assert.deepEqual(memory.paths().sort(), ["/kept here/bulb.bin", "/kept here/bulb.bin.json"]);
    assert.deepEqual(Buffer.from(await vscode.workspace.fs.readFile(target)), Buffer.from(on.chip.flash.slice()));
    assert.ok(services.journal.savedBackups.includes(target.toString()), "it counts as a backup from now on");
    await on.close();
  });
});
