import assert from "node:assert/strict";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import * as vscode from "vscode";
import { judgeLog } from "../../src/core/index";
import { CrashBuilds } from "../../src/extension/builds/crashBuilds";
import { COMMANDS } from "../../src/extension/platform/contributions";
import { flashFile } from "../../src/extension/commands/flashFile";
import type { Api } from "../../src/extension/main";
import { buildElf } from "../unit/monitor/elfBuilder";
import { BANNER, BOOT_T, LOGGER, bytesOf, trap } from "../unit/monitor/logs";
import { activated, example, exampleBuild, until } from "./host";

describe("serial monitor", () => {
  let api: Api;

  before(async () => {
    api = await activated();
  });

  it("a practice device is flashed, seen running, and its log ends with its terminal", async () => {
    const { services } = api;
    await vscode.commands.executeCommand(COMMANDS.startPracticeDevice, "bk7231n");
    const port = services.ports.selected ?? assert.fail("no practice device");
    const answering = services.jobs.onDidAsk(({ job }) => services.jobs.decide(job.id, true));
    try {
      await vscode.commands.executeCommand(COMMANDS.openMonitor, { portId: port.id });
      assert.equal(services.monitors.isOpen(port.id), true);
      const firmware = (await services.practice.firmwareFor(port.id)) ?? assert.fail("no practice firmware");
      await flashFile(services, [firmware], { portId: port.id });
      // Its first start is still part of the log: the monitor has a wire of its own.
      await until(() => services.monitors.verdictOn(port.id)?.kind === "running");
      const rows = api.devices.getChildren(api.devices.getChildren().find((node) => node.portId === port.id));
      assert.equal(
        rows.some(({ type }) => type === "verdict"),
        true,
      );
      const terminal =
        vscode.window.terminals.find(({ name }) => name.includes(port.label)) ?? assert.fail("no terminal");
      terminal.dispose();
      await until(() => !services.monitors.isOpen(port.id));
    } finally {
      answering.dispose();
      await vscode.commands.executeCommand(COMMANDS.stopPracticeDevice, { portId: port.id });
    }
  });
});

const CRASH = BOOT_T + BANNER + LOGGER + trap("data abort", "0x00010024", "0x00010031");

describe("a crash in the log", () => {
  let api: Api;
  let folder: string;

  before(async () => {
    api = await activated();
    // Built elsewhere: the compiler saw its sources at /config.
    folder = join(example("crash").fsPath, ".esphome/build/plug");
    const outputs = join(folder, ".pioenvs/plug");
    mkdirSync(join(folder, "src"), { recursive: true });
    cpSync(join(exampleBuild("hall-plug", "firmware.uf2").fsPath, ".."), outputs, { recursive: true });
    writeFileSync(join(folder, "src/app.cpp"), "// line\n".repeat(40));
    const elf = buildElf({
      functions: [
        { name: "read_sensor", address: 0x10020, size: 8 },
        { name: "app_loop", address: 0x10028, size: 12 },
      ],
      labels: [],
      rows: [
        { address: 0x10020, line: 16 },
        { address: 0x10024, line: 18 },
        { address: 0x10028, line: 26 },
      ],
      lineEnd: 0x10034,
      folder: "/config/.esphome/build/plug/src",
      file: "app.cpp",
      text: "Mar  4 2026\0 05:06:07\0",
    });
    writeFileSync(join(outputs, "raw_firmware.elf"), elf);
  });

  after(async () => {
    rmSync(example("crash").fsPath, { recursive: true });
    await api.services.builds.refresh();
  });

  it("leads to the line of the source, by the build that is found for it", async () => {
    const { monitors, ports, settings } = api.services;
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => undefined);
      socket.write(CRASH);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const name = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await settings.update("extraPorts", [...settings.extraPorts, name]);
    await until(() => ports.find(name) !== undefined);
    try {
      monitors.show(ports.find(name) ?? assert.fail("no port"));
      const terminal = vscode.window.terminals.find((shown) => shown.name.includes(name)) ?? assert.fail("no terminal");
      const line = "  trapped in read_sensor+0x4  crash/.esphome/build/plug/src/app.cpp:18";
      await until(() => monitors.linksIn(terminal, line).length === 1);
      const [link] = monitors.linksIn(terminal, line);
      assert.ok(link);
      assert.equal(line.slice(link.startIndex, link.startIndex + link.length), line.slice(line.indexOf("crash/")));
      assert.deepEqual(monitors.linksIn(terminal, "app.cpp:18 of somebody else"), []);
      await link.follow();
      const editor = vscode.window.activeTextEditor ?? assert.fail("nothing was opened");
      assert.equal(editor.document.uri.fsPath, join(folder, "src", "app.cpp"));
      assert.equal(editor.selection.active.line, 17);
    } finally {
      await monitors.closeAll();
      await settings.update(
        "extraPorts",
        settings.extraPorts.filter((other) => other !== name),
      );
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });

  it("of another build is told to be, and one that no build is known of, too", async () => {
    const { builds, log } = api.services;
    const lines = async (text: string, all = builds.all): Promise<string> => {
      const { crash, firmware } = judgeLog(bytesOf(text));
      assert.ok(crash);
      const found = new CrashBuilds({ refresh: () => Promise.resolve(), all }, log);
      return (await found.linesFor(crash, firmware)).map((line) => line.text).join("\n");
    };
    await builds.refresh();
    assert.match(
      await lines(CRASH),
      /by the build of plug:\n {2}trapped in read_sensor\+0x4.*\n {2}called from app_loop/i,
    );
    assert.match(await lines(CRASH.replace("05:06:07", "05:06:08")), /of other times.*Mar {2}4 2026 05:06:08/);
    assert.match(await lines(CRASH.slice(CRASH.indexOf("data abort"))), /if it is the newest build of plug/i);
    assert.match(await lines(CRASH, []), /open the folder with its build/);
  });
});
