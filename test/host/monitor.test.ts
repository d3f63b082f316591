import assert from "node:assert/strict";
import * as vscode from "vscode";
import { COMMANDS } from "../../src/extension/platform/contributions";
import { flashFile } from "../../src/extension/commands/flashFile";
import type { Api } from "../../src/extension/main";
import { activated, until } from "./host";

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
