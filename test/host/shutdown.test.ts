import assert from "node:assert/strict";
import { connect } from "node:net";
import * as vscode from "vscode";
import { COMMANDS } from "../../src/extension/platform/contributions";
import { activated } from "./host";

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

describe("shutting down", () => {
  it("ends jobs, closes ports and stops practice devices: nothing is left running", async () => {
    const api = await activated();
    const { jobs, ports, practice } = api.services;
    await vscode.commands.executeCommand(COMMANDS.startPracticeDevice, "bk7231t");
    const port = ports.selected;
    assert.ok(port?.ref.kind === "tcp");
    const running = jobs.start<"backup">({ port, title: "backup", request: { kind: "backup" }, save: async () => "" });
    assert.equal(jobs.running.length, 1);
    await api.shutdown();
    assert.notEqual((await running).status, "succeeded");
    assert.deepEqual([jobs.running.length, jobs.idlePorts.length, practice.running.length], [0, 0, 0]);
    assert.equal(await answers(port.ref.port), false);
  });
});
