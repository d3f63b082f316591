import assert from "node:assert/strict";
import * as vscode from "vscode";
import { FileError } from "../../src/core/index";
import { callable } from "../../src/extension/commands/commandRegistry";
import { COMMANDS } from "../../src/extension/platform/contributions";
import type { DeviceNode } from "../../src/extension/views/devicesView";
import { createFile } from "../../src/extension/platform/firmwareFiles";
import { DroppedFiles, urisIn } from "../../src/extension/platform/droppedFiles";
import { starBeside } from "../../src/extension/platform/starred";
import { ImageDocument } from "../../src/extension/imageViewer/imageDocument";
import { portFor } from "../../src/extension/commands/choosePort";
import type { Api } from "../../src/extension/main";
import { Messages, activated, bench, example, exampleBuild, until } from "./host";

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
    assert.equal(files[0]?.label, "UF2, over serial");
    assert.equal(files[0]?.description, "recommended \u00b7 firmware.uf2");
    const roles = files.map(({ label }) => label).filter((label) => label !== "Copy of the UF2");
    assert.equal(new Set(roles).size, roles.length, "what tells them apart stands first");
    const ota = files.find(({ description }) => typeof description === "string" && description.endsWith(".ota.rbl"));
    assert.equal(ota?.label, "Over the air");
    assert.ok(typeof ota.tooltip === "string" && ota.tooltip.includes("over the air only"));
    assert.equal(ota?.contextValue, "artefact");
  });

  it("have one answer to which file to use: the star of the tree is what the viewer opens instead", async () => {
    const { builds } = api.services;
    const ota = exampleBuild("hall-plug", "image_bk7231n_app.ota.rbl");
    const star = builds.buildOf(ota)?.recommended?.artefact.name;
    assert.equal(star, "firmware.uf2");
    const document = new ImageDocument(ota, (uri) => starBeside(builds, uri));
    await until(() => document.state.status === "shown");
    const { state } = document;
    assert.ok(state.status === "shown");
    assert.equal(state.refusal?.instead, star);
    assert.ok(state.refusal.steps[0]?.includes(star), state.refusal.steps[0]);
    assert.equal(document.insteadUri?.path.endsWith(`/${star}`), true);
    document.dispose();
  });

  it("keep what is dropped from outside the editor under its own name, the latest of it alone, and nothing else", async () => {
    const folder = example("dropped-files");
    const dropped = new DroppedFiles(folder);
    const kept: vscode.Uri[] = [];
    for (let i = 0; i < 10; i++) kept.push(await dropped.keep("C:\\Users\\me\\firmware.uf2", 1, Uint8Array.of(i)));
    assert.ok(kept.every(({ path }) => path.endsWith("/firmware.uf2")));
    const last = kept.at(-1) ?? assert.fail();
    assert.deepEqual([...(await vscode.workspace.fs.readFile(last))], [9]);
    assert.equal((await vscode.workspace.fs.readDirectory(folder)).length, 8);
    await assert.rejects(dropped.keep("huge.bin", 65 * 1024 * 1024, undefined), /too large|image-too-large/i);
    for (const name of ["folder", "..", ""]) await assert.rejects(dropped.keep(name, 0, undefined), FileError);
    assert.deepEqual(
      urisIn("# a list\r\nfile:///a/b.uf2\r\n\r\nno address\nfile:///c.rbl").map(({ path }) => path),
      ["/a/b.uf2", "/c.rbl"],
    );
    await vscode.workspace.fs.delete(folder, { recursive: true });
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

  it("draw nothing again of one device while another is at work, so that clicks on its row find it", async () => {
    const [one, two] = [await bench(api, "bk7231t"), await bench(api, "bk7231n")];
    const drawn: unknown[] = [];
    const listening = api.devices.onDidChangeTreeData((nodes) => drawn.push(nodes));
    api.devices.getChildren();
    await vscode.commands.executeCommand(COMMANDS.usePort, { portId: one.port.id });
    await vscode.commands.executeCommand(COMMANDS.showChipInfo, { portId: one.port.id });
    await until(() => api.services.jobs.chipOn(one.port.id) !== undefined && api.services.jobs.running.length === 0);
    listening.dispose();
    const ports = drawn.flatMap((nodes) => (Array.isArray(nodes) ? (nodes as DeviceNode[]) : [undefined]));
    assert.ok(ports.length > 0, "its own row is drawn again");
    assert.deepEqual([...new Set(ports.map((node) => node?.portId))], [one.port.id]);
    await one.close();
    await two.close();
  });

  it("never mean the selected device when the row that was clicked is gone, or its device", async () => {
    const device = await bench(api, "bk7231t");
    await vscode.commands.executeCommand(COMMANDS.usePort, { portId: device.port.id });
    const started: string[] = [];
    const listening = api.services.jobs.onDidStart(({ kind }) => started.push(kind));
    for (const command of [COMMANDS.showChipInfo, COMMANDS.flashFile, COMMANDS.eraseRange, COMMANDS.stopJob])
      await vscode.commands.executeCommand(command, undefined, undefined);
    const messages = new Messages();
    const { services } = api;
    const run = callable(services.log, COMMANDS.showChipInfo, () => Promise.resolve("called"));
    assert.equal(await run(undefined, undefined), undefined);
    assert.match(messages.texts.at(-1) ?? "", /row you clicked .* click once more/);
    assert.equal(await run(), "called", "from the palette");
    assert.equal(await portFor(services, { portId: "/dev/ttyGone" }), undefined);
    assert.match(messages.texts.at(-1) ?? "", /\/dev\/ttyGone is not there any more/);
    assert.equal((await portFor(services, undefined))?.id, device.port.id);
    messages.dispose();
    listening.dispose();
    assert.deepEqual(started, []);
    await device.close();
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
