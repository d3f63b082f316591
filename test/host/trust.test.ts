/** Settings that a workspace has and the editor leaves out as long as nobody trusts it: named, once, with the way to change that. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { EXTENSION_ID, Messages, activated, example, until } from "./host";
import { tellIgnoredSettings } from "../../src/extension/platform/ignoredSettings";

const SETTINGS = ".vscode/settings.json";

/** As the manifest declares them: what the extension itself hands over when it starts. */
function restricted(): readonly string[] {
  const manifest = vscode.extensions.getExtension(EXTENSION_ID)?.packageJSON as {
    capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
  };
  return manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
}

describe("an untrusted workspace", () => {
  const trusted = Object.getOwnPropertyDescriptor(vscode.workspace, "isTrusted") as PropertyDescriptor;
  const { executeCommand } = vscode.commands;
  const logged: string[] = [];
  const log = { info: (line: string) => logged.push(line) } as unknown as Parameters<typeof tellIgnoredSettings>[1];
  let messages: Messages;

  before(async () => {
    await activated();
    const text = `{
      // "beken.buildFolders": [],
      "beken.autoReset": true,
      "beken.baudRate": "auto",
      "beken.confirmBeforeFlash": true,
      "editor.tabSize": 2
    }`;
    await vscode.workspace.fs.writeFile(example(SETTINGS), Buffer.from(text));
    await until(() => vscode.workspace.getConfiguration("editor").inspect("tabSize")?.workspaceValue === 2);
  });

  after(async () => {
    await vscode.workspace.fs.delete(example(".vscode"), { recursive: true });
  });

  beforeEach(() => {
    Object.defineProperty(vscode.workspace, "isTrusted", { ...trusted, get: () => false });
    messages = new Messages();
    logged.splice(0);
  });

  afterEach(() => {
    messages.dispose();
    Object.defineProperty(vscode.workspace, "isTrusted", trusted);
    Object.assign(vscode.commands, { executeCommand });
  });

  it("is told which of its settings are ignored: those the manifest restricts, and no others", async () => {
    await tellIgnoredSettings(restricted(), log);
    assert.deepEqual(
      messages.shown.map(({ kind, text, buttons }) => [kind, text, buttons]),
      [
        [
          "showWarningMessage",
          "This workspace is not trusted, so these of its settings are ignored: beken.autoReset, beken.confirmBeforeFlash.",
          ["Manage Trust"],
        ],
      ],
    );
    assert.equal(logged.length, 1);
  });

  it("is trusted from there", async () => {
    const run: string[] = [];
    Object.assign(vscode.commands, {
      executeCommand: (id: string) => Promise.resolve(void run.push(id)),
    });
    messages.answerWith((_, [button]) => button);
    await tellIgnoredSettings(restricted(), log);
    assert.deepEqual(run, ["workbench.trust.manage"]);
    messages.answerWith(() => undefined);
    await tellIgnoredSettings(restricted(), log);
    assert.equal(run.length, 1);
  });

  it("without such settings is told nothing, and neither is a trusted one", async () => {
    await tellIgnoredSettings(["beken.extraPorts"], log);
    Object.defineProperty(vscode.workspace, "isTrusted", trusted);
    await tellIgnoredSettings(restricted(), log);
    assert.deepEqual([messages.shown, logged], [[], []]);
  });
});
