/** The command line in the editor's own terminals: found without being installed, and gone when the person does not want it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { EXTENSION_ID, activated, until } from "./host";
import type { Api } from "../../src/extension/main";
import { EditorTerminals } from "../../src/extension/ports/editorTerminals";
import { IS_TOLD, endProgram, hasPrograms, programHolding } from "../../src/extension/ports/holdingProgram";
import { TerminalMonitors } from "../../src/extension/ports/terminalMonitors";

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

/** Holds what it is told to until it is sent picocom's own keys, as picocom does. */
const MONITOR = `#!/usr/bin/env node
require("node:fs").openSync(process.argv[4]);
process.stdin.setRawMode?.(true);
let typed = "";
process.stdin.on("data", (keys) => {
  typed += keys;
  if (typed.endsWith("\\u0001\\u0018")) process.exit(0);
});
`;

describe("a monitor that a person has started in a terminal", () => {
  const terminals = new EditorTerminals();
  const asked: string[] = [];
  let isAllowed = false;
  let folder: string;
  let port: string;
  let command: readonly [string, ...string[]];
  let monitors: TerminalMonitors;

  before(function () {
    // Elsewhere nobody tells who has a port: what is found by what was typed is in the unit tests.
    if (process.platform !== "linux") this.skip();
    folder = mkdtempSync(join(tmpdir(), "beken-picocom-"));
    port = join(folder, "ttyUSB0");
    command = [join(folder, "picocom"), "-b", "115200", port];
    writeFileSync(port, "");
    writeFileSync(command[0], MONITOR, { mode: 0o755 });
  });

  beforeEach(() => {
    asked.length = 0;
    isAllowed = false;
    monitors = new TerminalMonitors({
      terminals: () => terminals.all(),
      holding: programHolding,
      hasPrograms,
      isTold: IS_TOLD,
      kill: endProgram,
      ask: (title) => {
        asked.push(title);
        return Promise.resolve(isAllowed);
      },
      log: { info: () => undefined, error: (_doing, error) => assert.fail(String(error)) },
    });
  });

  after(() => {
    terminals.dispose();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const letGo = (): Promise<(() => void) | undefined> => monitors.letGo(port, new AbortController().signal);
  const holder = async (): Promise<number | undefined> => (await programHolding(port))?.program.pid;
  async function held(yes: boolean): Promise<number | undefined> {
    let pid = await holder();
    while ((pid !== undefined) !== yes) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      pid = await holder();
    }
    return pid;
  }

  it("gives its port to a job after a yes, and is started again in the same terminal", async () => {
    const terminal = vscode.window.createTerminal({ name: "bench", shellPath: "/bin/sh" });
    try {
      terminal.sendText(command.join(" "));
      const first = await held(true);
      assert.equal(await letGo(), undefined, "nobody has said yes");
      assert.equal(await holder(), first);
      isAllowed = true;
      const giveBack = await letGo();
      assert.equal(await holder(), undefined);
      giveBack?.();
      const second = await held(true);
      assert.notEqual(second, first);
      assert.equal(terminal.exitStatus, undefined);
      assert.equal((await letGo()) !== undefined, true);
      const question = `Stop "node picocom -b 115200", which has ${port} open?`;
      assert.deepEqual(asked, [question, question], "asked until there is a yes, and no more");
    } finally {
      terminal.dispose();
    }
  });

  it("outside of the editor is left alone", async () => {
    isAllowed = true;
    const [program, ...args] = command;
    const outside = spawn(program, args, { stdio: ["pipe", "ignore", "ignore"] });
    try {
      const pid = await held(true);
      assert.equal(await letGo(), undefined);
      assert.equal(await holder(), pid);
      assert.deepEqual(asked, []);
    } finally {
      outside.kill();
      await held(false);
    }
  });
});
