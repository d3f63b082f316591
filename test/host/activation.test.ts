import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as vscode from "vscode";
import { COMMANDS, SETTING_DEFAULTS, type SettingName } from "../../src/extension/platform/contributions";
import { EXTENSION_ID, activated } from "./host";

describe("activation", () => {
  it("loads no native module", async function () {
    const { activationMs } = await activated();
    // Told, not judged: how long it takes is the machine's business as well.
    if (this.test) this.test.title += ` (took ${activationMs.toFixed(0)} ms)`;
    if (process.platform === "linux") {
      assert.doesNotMatch(readFileSync("/proc/self/maps", "utf8"), /prebuilds\/linux[^\n]*\.node/);
    }
  });

  it("registers every contributed command, and contributes every registered one", async () => {
    await activated();
    const manifest = vscode.extensions.getExtension(EXTENSION_ID)?.packageJSON as {
      contributes: { commands: { command: string }[]; views: Record<string, { id: string }[]> };
    };
    const contributed = manifest.contributes.commands.map(({ command }) => command).sort();
    // The editor makes commands of its own for views and containers.
    const views = Object.values(manifest.contributes.views)
      .flat()
      .map(({ id }) => `${id}.`);
    const registered = (await vscode.commands.getCommands(true)).filter(
      (id) => id.startsWith("beken.") && !views.some((view) => id.startsWith(view)),
    );
    assert.deepEqual(registered.sort(), contributed);
    assert.deepEqual(contributed, Object.values(COMMANDS).sort());
  });

  it("finds the defaults of the code in the settings", async () => {
    await activated();
    for (const name of Object.keys(SETTING_DEFAULTS) as SettingName[]) {
      const { defaultValue } = vscode.workspace.getConfiguration("beken").inspect(name) ?? {};
      assert.deepEqual(defaultValue, SETTING_DEFAULTS[name], name);
    }
  });

  it("survives commands called with nonsense", async () => {
    await activated();
    const nonsense = [undefined, null, 5, "text", { portId: 7 }, { fact: 1 }, [1]];
    for (const command of [COMMANDS.copyFact, COMMANDS.usePort, COMMANDS.removePort, COMMANDS.stopPracticeDevice]) {
      for (const argument of nonsense) await vscode.commands.executeCommand(command, argument);
    }
  });

  it("takes changed settings at once", async () => {
    const { services } = await activated();
    await services.settings.update("baudRate", "460800");
    assert.equal(services.settings.baudRate, 460_800);
    await services.settings.update("baudRate", "auto");
    assert.equal(services.settings.baudRate, "auto");
  });
});
