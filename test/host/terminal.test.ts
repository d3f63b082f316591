/** The command line in the editor's own terminals: found without being installed, and gone when the person does not want it. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { EXTENSION_ID, activated, until } from "./host";
import type { Api } from "../../src/extension/main";

describe("the command line in a terminal", () => {
  let api: Api;
  let folder: string;

  before(async () => {
    api = await activated();
    folder = mkdtempSync(join(tmpdir(), "beken-terminal-"));
  });

  afterEach(async () => {
    await api.services.settings.update("terminalCommand", true);
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** What a shell of the editor says to `command`, with how it ended in the last line. */
  async function inTerminal(command: string): Promise<string> {
    const file = join(folder, `${Date.now()}.txt`);
    const terminal = vscode.window.createTerminal({ name: "test", shellPath: "/bin/sh" });
    terminal.sendText(`(${command}; echo "exit $?") > ${file} 2>&1`);
    await until(() => existsSync(file) && /exit \d+\n$/.test(readFileSync(file, "utf8")));
    terminal.dispose();
    return readFileSync(file, "utf8");
  }

  it("is there, of the same version, on the editor's own Node", async () => {
    const { version } = vscode.extensions.getExtension(EXTENSION_ID)?.packageJSON as { readonly version: string };
    assert.equal(await inTerminal("beken-flasher --version"), `${version}\nexit 0\n`);
    const ports = await inTerminal("beken-flasher ports --json");
    assert.match(ports, /"type":"result"[^]*exit 0\n$/, "its serial driver loads");
  });

  it("is not there when it is turned off", async () => {
    await api.services.settings.update("terminalCommand", false);
    assert.match(await inTerminal("beken-flasher --version"), /not found[^]*exit 127\n$/);
  });
});
