import assert from "node:assert/strict";
import * as vscode from "vscode";
import { FileError } from "../../src/core/index";
import { COMMANDS } from "../../src/extension/contributions";
import { createFile } from "../../src/extension/files";
import type { Api } from "../../src/extension/main";
import { activated, bench, example, exampleBuild, until } from "./host";

describe("views", () => {
  let api: Api;

  before(async () => {
    api = await activated();
    await api.services.builds.ready();
  });

  it("list the builds of the examples with the file to flash first and a word for each of the others", async () => {
    const builds = await api.firmware.getChildren();
    const labels = builds.map((node) => api.firmware.getTreeItem(node).label);
    assert.deepEqual([...labels].sort(), ["Bedroom Bulb", "C8133U Bulb", "Hall Plug", "generic-bk7231t"]);
    const plug = builds.find((node) => api.firmware.getTreeItem(node).label === "Hall Plug");
    const files = (await api.firmware.getChildren(plug)).map((node) => api.firmware.getTreeItem(node));
    assert.equal(files[0]?.label, "firmware.uf2");
    assert.match(String(files[0]?.description), /recommended/);
    const ota = files.find(({ label }) => typeof label === "string" && label.endsWith(".ota.rbl"));
    assert.equal(ota?.description, "over the air");
    assert.ok(typeof ota.tooltip === "string" && ota.tooltip.includes("over the air only"));
    assert.equal(ota?.contextValue, "artefact");
  });

  it("notice a build that was just made", async () => {
    const uri = exampleBuild("hall-plug", "firmware.uf2");
    const built = new Promise<string>((resolve) => {
      const listening = api.services.builds.onDidBuild(({ project }) => {
        listening.dispose();
        resolve(project.name);
      });
    });
    await vscode.workspace.fs.writeFile(uri, await vscode.workspace.fs.readFile(uri));
    assert.equal(await built, "Hall Plug");
    assert.equal(api.services.builds.latest?.project.name, "Hall Plug");
  });

  it("show a practice device, marked as one, and let it go again", async () => {
    const { ports } = api.services;
    await vscode.commands.executeCommand(COMMANDS.startPracticeDevice, "bk7231n");
    const port = ports.selected;
    assert.equal(port?.kind, "practice");
    const node = api.devices.getChildren().find(({ portId }) => portId === port?.id);
    assert.ok(node);
    const item = api.devices.getTreeItem(node);
    assert.equal(item.contextValue, "port.practice");
    assert.match(String(item.description), /not a real chip/);
    assert.match(api.statusBar.text, /beaker/);
    await vscode.commands.executeCommand(COMMANDS.stopPracticeDevice, { portId: port?.id });
    assert.equal(ports.find(port?.id ?? ""), undefined);
  });

  it("list ports again while somebody looks, and stop when nobody does", async () => {
    const { ports } = api.services;
    const [one, two] = [ports.watch(), ports.watch()];
    one.dispose();
    one.dispose();
    two.dispose();
    await ports.refresh();
  });

  it("never replace a file, and leave nothing behind when they cannot write", async () => {
    const place = example("kept.bin");
    await createFile(place, Uint8Array.of(1, 2, 3));
    await assert.rejects(
      createFile(place, Uint8Array.of(4)),
      (error) => error instanceof FileError && error.code === "file-exists",
    );
    assert.deepEqual([...(await vscode.workspace.fs.readFile(place))], [1, 2, 3]);
    const names = (await vscode.workspace.fs.readDirectory(example(""))).map(([name]) => name);
    assert.deepEqual(
      names.filter((name) => name.includes(".part")),
      [],
    );
    await vscode.workspace.fs.delete(place);
  });

  it("show the device that is asked for in the dashboard, whichever it showed before", async () => {
    const [one, two] = [await bench(api, "bk7231t"), await bench(api, "bk7231n")];
    const { dashboard } = api;
    for (const { port } of [one, two, one]) {
      await vscode.commands.executeCommand(COMMANDS.openDashboard, { portId: port.id });
      await until(() => dashboard.isShowing(port.id));
    }
    assert.equal(dashboard.isShowing(two.port.id), false);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await until(() => !dashboard.isShowing(one.port.id));
    await one.close();
    await two.close();
  });

  it("open firmware in the viewer and the dashboard in a panel", async () => {
    await vscode.commands.executeCommand(COMMANDS.inspectImage, exampleBuild("hall-plug", "firmware.uf2"));
    await until(() => vscode.window.tabGroups.activeTabGroup.activeTab?.input instanceof vscode.TabInputCustom);
    await vscode.commands.executeCommand(COMMANDS.openDashboard);
    await until(() => api.dashboard.isVisible);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await until(() => !api.dashboard.isVisible);
  });
});
