/** A configuration in the editor: problems, fixes, what is said on hovering and what can be written, with and without a chip at hand. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { Api } from "../../src/extension/main";
import { COMMANDS } from "../../src/extension/platform/contributions";
import { activated, bench, until, type Bench } from "./host";

const ZEROS = "0".repeat(32);

async function opened(content: string, language = "yaml"): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument({ language, content });
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.One, preview: false });
  return document;
}

const ours = ({ uri }: vscode.TextDocument): vscode.Diagnostic[] =>
  vscode.languages.getDiagnostics(uri).filter(({ source }) => source === "Beken Flasher");
const codes = (document: vscode.TextDocument): unknown[] => ours(document).map(({ code }) => code);

async function actionsAt(document: vscode.TextDocument, range: vscode.Range): Promise<vscode.CodeAction[]> {
  return await vscode.commands.executeCommand<vscode.CodeAction[]>(
    "vscode.executeCodeActionProvider",
    document.uri,
    range,
  );
}

async function apply(action: vscode.CodeAction | undefined): Promise<void> {
  assert.ok(action?.edit);
  assert.equal(await vscode.workspace.applyEdit(action.edit), true);
}

async function closeAll(): Promise<void> {
  while (vscode.window.activeTextEditor !== undefined)
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
}

describe("configurations in the editor", () => {
  let api: Api;

  before(async () => {
    api = await activated();
    // What is opened next takes the place of what is open, and stands nowhere beside it.
    await vscode.commands.executeCommand("workbench.action.joinAllGroups");
  });
  afterEach(closeAll);

  it("has problems while somebody types, in every language YAML goes by, and none anywhere else", async () => {
    for (const language of ["yaml", "plaintext"]) {
      const document = await opened(`bk72xx:\n  board: cb2z\n`, language);
      if (language === "yaml") await until(() => codes(document).join() === "board-unknown");
      else assert.deepEqual(codes(document), []);
      const editor = vscode.window.activeTextEditor;
      assert.ok(editor);
      await editor.edit((edit) => edit.replace(new vscode.Range(1, 9, 1, 13), "cb2s"));
      await until(() => codes(document).length === 0);
    }
    const other = await opened("esp32:\n  board: esp32dev\nesphome:\n  name: x\n");
    const list = await vscode.commands.executeCommand<vscode.CompletionList>(
      "vscode.executeCompletionItemProvider",
      other.uri,
      new vscode.Position(1, 9),
    );
    assert.equal(
      list.items.some(({ label, kind }) => label === "cb2s" && kind !== vscode.CompletionItemKind.Text),
      false,
    );
    assert.deepEqual(codes(other), []);
  });

  it("puts a secret right where it is written, in its own file", async () => {
    const folder = vscode.Uri.joinPath(vscode.workspace.workspaceFolders?.[0]?.uri ?? assert.fail(), "yaml-test");
    const put = (name: string, text: string): Thenable<void> =>
      vscode.workspace.fs.writeFile(vscode.Uri.joinPath(folder, name), new TextEncoder().encode(text));
    try {
      await put("secrets.yaml", `wifi: x\nkey: ${ZEROS}\n`);
      await put(
        "lamp.yaml",
        "esphome:\n  platformio_options:\n    board_build.bkcrypt_coeffs: !secret key\nbk72xx:\n  board: wb3s\n",
      );
      const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder, "lamp.yaml"));
      await vscode.window.showTextDocument(document);
      await until(() => codes(document).join() === "value-changes");
      const [problem] = ours(document);
      assert.ok(problem);
      assert.match(problem.message, /^In secrets\.yaml: /);
      assert.equal(problem.relatedInformation?.[0]?.location.range.start.line, 1);
      const [action] = await actionsAt(document, problem.range);
      await apply(action);
      const secrets = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder, "secrets.yaml"));
      assert.equal(secrets.getText(), `wifi: x\nkey: "${ZEROS}"\n`);
      await until(() => codes(document).length === 0);
      await secrets.save();
    } finally {
      await vscode.workspace.fs.delete(folder, { recursive: true });
    }
  });

  describe("beside a BK7231S without key", () => {
    let seed: Bench;

    before(async () => {
      seed = await bench(api, "bk7231s");
      await api.services.ports.select(seed.port);
      await vscode.commands.executeCommand(COMMANDS.showChipInfo, { portId: seed.port.id });
      await until(() => api.services.jobs.chipOn(seed.port.id) !== undefined);
    });
    after(() => seed.close());

    it("gets unquoted zeros and the wrong board right with two fixes", async () => {
      const before = `esphome:\n  name: bulb\n  platformio_options:\n    board_build.bkcrypt_coeffs: ${ZEROS}\nbk72xx:\n  board: generic-bk7231n-qfn32-tuya\n`;
      const document = await opened(before);
      await until(() => codes(document).includes("value-changes") && codes(document).includes("chip-board"));
      for (const code of ["value-changes", "chip-board"]) {
        await until(() => codes(document).includes(code));
        const problem = ours(document).find((each) => each.code === code);
        assert.ok(problem);
        const [action] = await actionsAt(document, problem.range);
        await apply(action);
        await until(() => !codes(document).includes(code));
      }
      const text = before.replace(ZEROS, `"${ZEROS}"`).replace("bk7231n", "bk7231t");
      assert.equal(document.getText(), text);
    });

    it("is told that the build is for Tuya's key, and gets the lines; all fixes in one go leave nothing", async () => {
      const document = await opened("esphome:\n  name: bulb\nbk72xx:\n  board: generic-bk7231n-qfn32-tuya\n");
      await until(() => codes(document).includes("chip-key"));
      const place = ours(document)[0]?.range ?? assert.fail();
      const all = (await actionsAt(document, place)).find(({ title }) => title === "Fix All Problems with the Chip");
      await apply(all);
      await until(() => codes(document).length === 0);
      assert.match(document.getText(), /platformio_options:\n {4}board_build\.bkcrypt_coeffs: "0{32}"\n/);
      assert.match(document.getText(), /board: generic-bk7231t-qfn32-tuya/);
    });

    it("suggests its board first, and says on hovering what a board is", async () => {
      const document = await opened("bk72xx:\n  board: \n");
      const list = await vscode.commands.executeCommand<vscode.CompletionList>(
        "vscode.executeCompletionItemProvider",
        document.uri,
        new vscode.Position(1, 9),
      );
      const boards = list.items.filter(({ kind }) => kind === vscode.CompletionItemKind.Value);
      const [first] = [...boards].sort((a, b) => ((a.sortText ?? "") < (b.sortText ?? "") ? -1 : 1));
      assert.equal(first?.label, "generic-bk7231t-qfn32-tuya");
      const hovered = await opened("bk72xx:\n  board: generic-bk7231t-qfn32-tuya\n");
      const [hover] = await vscode.commands.executeCommand<vscode.Hover[]>(
        "vscode.executeHoverProvider",
        hovered.uri,
        new vscode.Position(1, 12),
      );
      const said = (hover?.contents ?? []).map((each) => (typeof each === "string" ? each : each.value)).join("\n");
      assert.match(said.replaceAll("\\", ""), /2 MiB of flash[\s\S]*Fits the BK7231S at hand together with options/);
    });

    it("has nothing to do with a configuration that nobody looks at", async () => {
      const document = await opened("esphome:\n  name: bulb\nbk72xx:\n  board: generic-bk7231n-qfn32-tuya\n");
      await until(() => codes(document).length > 0);
      await opened("just text\n", "plaintext");
      await until(() => codes(document).length === 0);
    });
  });
});
