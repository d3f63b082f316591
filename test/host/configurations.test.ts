/** From a backup to a configuration: a new file, never over one, an unsaved editor, the clipboard, and ESPHome's own check of it. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import {
  copyOpenBekenTemplate,
  createEspHomeProject,
  showConfiguration,
} from "../../src/extension/commands/configurations";
import { runEspHomeConfig } from "../../src/extension/commands/runEspHomeConfig";
import type { Api } from "../../src/extension/main";
import { tuyaDump } from "../unit/passport/sampleDump";
import { Messages, activated, example, inPlaceOf, until } from "./host";

const isWindows = process.platform === "win32";
const FOLDER = "configurations";
const remember = (): void => undefined;
/** Of the networks in the backup, one of which is in a page that is no longer in use. */
const PRIVATE = ["FormerHome", "once upon", "vdevid1234567890ab"];

describe("a backup becomes a configuration", () => {
  let api: Api;
  let backup: vscode.Uri;

  before(async () => {
    api = await activated();
    backup = example(`${FOLDER}/kitchen.bin`);
    await vscode.workspace.fs.writeFile(backup, tuyaDump());
  });
  afterEach(async () => {
    while (vscode.window.activeTextEditor !== undefined)
      await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });
  after(async () => {
    await api.services.settings.update("esphomePath", "");
    await vscode.workspace.fs.delete(example(FOLDER), { recursive: true });
  });

  const textIn = async (uri: vscode.Uri): Promise<string> =>
    new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  const textInFront = (): string => vscode.window.activeTextEditor?.document.getText() ?? "";
  const problemsOf = ({ uri }: vscode.TextDocument): vscode.Diagnostic[] =>
    vscode.languages.getDiagnostics(uri).filter(({ source }) => source === "Beken Flasher");
  const isClean = (text: string): void => {
    assert.match(text, /\nbk72xx:\n {2}board: cb2s\n/);
    assert.match(text, /pin: P26\n/);
    for (const secret of PRIVATE) assert.equal(text.includes(secret), false, secret);
  };

  it("as a project in a new file, with what its secrets lack; never over a file, and taken back by Undo", async () => {
    const place = example(`${FOLDER}/kitchen.yaml`);
    const replaced = inPlaceOf({ showSaveDialog: () => Promise.resolve(place) });
    // What is asked for last stays open until the test has looked.
    let undo: (answer: string | undefined) => void = () => undefined;
    const messages = new Messages((text, buttons) =>
      /^Created/.test(text)
        ? new Promise((resolve) => (undo = (answer) => resolve(buttons.find((button) => button === answer))))
        : undefined,
    );
    try {
      await createEspHomeProject(api.services, remember, [backup]);
      const document = vscode.window.activeTextEditor?.document;
      assert.equal(document?.uri.toString(), place.toString());
      isClean(document.getText());
      await until(() => messages.texts.some((text) => /secrets\.yaml beside it still needs wifi_ssid/.test(text)));
      assert.deepEqual(problemsOf(document), []);
      const written = await textIn(place);

      await createEspHomeProject(api.services, remember, [backup]);
      assert.equal(await textIn(place), written, "a file that is there stays as it is");
      assert.equal(messages.shown.at(-1)?.kind, "showErrorMessage");
      undo("Undo");
      await until(() => !existsSync(place.fsPath));
    } finally {
      replaced.dispose();
      messages.dispose();
    }
  });

  it("unsaved, beside what is in front, and nothing is wrong with it", async () => {
    await showConfiguration(api.services, remember, [backup]);
    const document = vscode.window.activeTextEditor?.document;
    assert.deepEqual([document?.isUntitled, document?.languageId], [true, "yaml"]);
    isClean(document?.getText() ?? "");
    assert.deepEqual(document && problemsOf(document), []);
  });

  it("as OpenBeken's template in the clipboard", async () => {
    const messages = new Messages();
    try {
      await copyOpenBekenTemplate(api.services, remember, [backup]);
    } finally {
      messages.dispose();
    }
    const text = await vscode.env.clipboard.readText();
    const template = JSON.parse(text) as { readonly chip: string; readonly pins: object };
    assert.deepEqual([template.chip, template.pins], ["BK7231N", { 26: "Rel;1" }]);
    for (const secret of PRIVATE) assert.equal(text.includes(secret), false, secret);
  });

  it("without pins only after a yes, and not at all without one", async () => {
    const blank = example(`${FOLDER}/blank.bin`);
    await vscode.workspace.fs.writeFile(blank, new Uint8Array(0x200000).fill(0xff));
    const messages = new Messages();
    try {
      await showConfiguration(api.services, remember, [blank]);
      assert.match(messages.texts.at(-1) ?? "", /no settings in it that tell the pins/);
      assert.equal(textInFront(), "");
      messages.answerWith((_, [goOn]) => goOn);
      await showConfiguration(api.services, remember, [blank]);
      assert.match(textInFront(), /board: BOARD/);
    } finally {
      messages.dispose();
    }
  });

  it("is checked by ESPHome itself where it is installed, saved before; otherwise it is said how to get it", async () => {
    const { settings } = api.services;
    const tools = mkdtempSync(join(tmpdir(), "beken-esphome-"));
    const yaml = example(`${FOLDER}/lamp/lamp.yaml`);
    mkdirSync(example(`${FOLDER}/lamp`).fsPath, { recursive: true });
    writeFileSync(yaml.fsPath, "esphome:\n  name: lamp\nbk72xx:\n  board: cb2s\n");
    const calls = join(tools, "calls");
    const program = join(tools, isWindows ? "esphome.cmd" : "esphome");
    writeFileSync(program, isWindows ? `@echo off\r\necho %*>>"${calls}"\r\n` : `#!/bin/sh\necho "$@" >> '${calls}'\n`);
    chmodSync(program, 0o755);
    const messages = new Messages();
    try {
      await settings.update("esphomePath", join(tools, "not-there"));
      assert.equal(await runEspHomeConfig(api.services, [yaml]), undefined);
      assert.match(messages.texts.at(-1) ?? "", /ESPHome was not found/);

      await settings.update("esphomePath", program);
      const editor = await vscode.window.showTextDocument(yaml);
      await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "# mine\n"));
      const ended = new Promise<void>((resolve) => {
        const listening = vscode.tasks.onDidEndTaskProcess(({ execution: { task } }) => {
          if (task.name !== "esphome config lamp.yaml") return;
          listening.dispose();
          resolve();
        });
      });
      assert.ok(await runEspHomeConfig(api.services, []));
      await ended;
      assert.equal(readFileSync(calls, "utf8").trim(), `config ${yaml.fsPath}`);
      assert.match(readFileSync(yaml.fsPath, "utf8"), /^# mine\n/);
    } finally {
      messages.dispose();
      rmSync(tools, { recursive: true });
    }
  });
});
