import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { buildAndFlash } from "../../src/extension/commands/buildAndFlash";
import { COMMANDS } from "../../src/extension/platform/contributions";
import type { Api } from "../../src/extension/main";
import { Messages, activated, bench, example, inPlaceOf, until, type Bench } from "./host";

const isWindows = process.platform === "win32";

/** A program that leaves what the genuine one would: prints lines, copies the outputs of a genuine build, keeps what it was called with. */
function standIn(folder: string, name: string, prints: readonly string[], from: string, to: string, code = 0): string {
  const calls = join(folder, `${name}.calls`);
  const path = join(folder, isWindows ? `${name}.cmd` : name);
  const echo = prints.map((line) => (isWindows ? `echo ${line}` : `echo '${line}'`));
  const lines = isWindows
    ? ["@echo off", `echo %*>>"${calls}"`, ...echo, `xcopy /E /I /Y /Q "${from}" "${to}"`, `exit /b ${code}`]
    : [
        "#!/bin/sh",
        `echo "$@" >> '${calls}'`,
        ...echo,
        `mkdir -p '${to}' && cp -r '${from}/.' '${to}'`,
        `exit ${code}`,
      ];
  writeFileSync(path, lines.join(isWindows ? "\r\n" : "\n"));
  chmodSync(path, 0o755);
  return path;
}

function calls(folder: string, name: string): readonly string[] {
  const path = join(folder, `${name}.calls`);
  return existsSync(path) ? readFileSync(path, "utf8").trim().split(/\r?\n/) : [];
}

describe("build and flash", () => {
  let api: Api;
  let on: Bench;
  let tools: string;
  /** Where the stand-ins build; below the folder that is open, so that it is found as any build. */
  let plugs: string;
  const outputs = (device: string): string =>
    join(example("esphome").fsPath, `.esphome/build/${device}/.pioenvs/${device}`);

  before(async () => {
    api = await activated();
    on = await bench(api, "bk7231n", { firmware: "libretiny" });
    tools = realpathSync(mkdtempSync(join(tmpdir(), "beken-tools-")));
    plugs = example("loop").fsPath;
    mkdirSync(plugs, { recursive: true });
    await api.services.ports.select(on.port);
  });

  after(async () => {
    await api.services.settings.update("esphomePath", "");
    await api.services.settings.update("platformioPath", "");
    await api.services.monitors.closeAll();
    await on.close();
    rmSync(tools, { recursive: true });
    rmSync(plugs, { recursive: true });
    await api.services.builds.refresh();
  });

  /** Says yes to plans, as a person does; resolves with how many there were. */
  async function agreeing<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly asked: number }> {
    const { jobs } = api.services;
    let asked = 0;
    const listening = jobs.onDidAsk(({ job }) => {
      asked++;
      jobs.decide(job.id, true);
    });
    try {
      return { result: await work(), asked };
    } finally {
      listening.dispose();
    }
  }

  it("an ESPHome configuration is compiled, flashed to the selected device after a yes, and its log opened", async () => {
    const { settings, monitors, builds } = api.services;
    const yaml = join(plugs, "plug.yaml");
    writeFileSync(yaml, "esphome:\n  name: plug\nbk72xx:\n  board: generic-bk7231n-qfn32-tuya\n");
    const to = join(plugs, ".esphome/build/plug/.pioenvs/plug");
    const esphome = standIn(
      tools,
      "esphome",
      ["INFO ESPHome 2025.5.0", "INFO Successfully compiled program."],
      outputs("hall-plug"),
      to,
    );
    await settings.update("esphomePath", esphome);
    const offers = new Messages();
    const offered: string[] = [];
    const listening = builds.onDidBuild(({ project }) => offered.push(project.name));
    try {
      const { result, asked } = await agreeing(() => buildAndFlash(api.services, vscode.Uri.file(yaml)));
      assert.equal(result?.status, "succeeded");
      assert.equal(asked, 1);
      assert.deepEqual(calls(tools, "esphome"), [`compile ${yaml}`]);
      assert.equal(monitors.isOpen(on.port.id), true);
      assert.equal(
        Buffer.compare(
          on.chip.flash.subarray(0x11000, 0x12000),
          readFileSync(join(to, "image_bk7231n_app.0x011000.rbl")).subarray(0, 0x1000),
        ),
        0,
      );
      assert.deepEqual(offered, [], "who builds it is not asked whether to flash it");
    } finally {
      listening.dispose();
      offers.dispose();
    }
    await monitors.closeAll();
  });

  it("an environment of PlatformIO is run in its project", async () => {
    const { settings } = api.services;
    const project = join(plugs, "pio");
    mkdirSync(project, { recursive: true });
    writeFileSync(
      join(project, "platformio.ini"),
      "[env:plug]\nplatform = libretiny\nboard = generic-bk7231n-qfn32-tuya\nframework = arduino\n",
    );
    const pio = standIn(tools, "pio", ["Processing plug"], outputs("hall-plug"), join(project, ".pio/build/plug"));
    await settings.update("platformioPath", pio);
    const picks: string[] = [];
    const picker = inPlaceOf({
      showQuickPick: (items: readonly { readonly label: string }[]) => {
        picks.push(...items.map(({ label }) => label));
        return Promise.resolve(items.find(({ label }) => /\) plug$/.test(label)));
      },
    });
    try {
      const { result } = await agreeing(() => buildAndFlash(api.services, undefined));
      assert.equal(result?.status, "succeeded");
    } finally {
      picker.dispose();
    }
    assert.ok(picks.length > 2, "what else could be built was offered too");
    assert.deepEqual(calls(tools, "pio"), ["run -e plug"]);
    await api.services.monitors.closeAll();
  });

  it("a build that fails is told, with its problems, and nothing is flashed", async () => {
    const { settings, jobs } = api.services;
    const yaml = join(plugs, "plug.yaml");
    const prints = [
      "Failed config",
      "",
      `bk72xx: [source ${yaml}:3]`,
      "  ",
      "  [bord] is an invalid option for [bk72xx].",
    ];
    await settings.update("esphomePath", standIn(tools, "broken", prints, tools, join(tools, "nowhere"), 2));
    const before = jobs.jobs.length;
    const said = new Messages();
    try {
      const { result } = await agreeing(() => buildAndFlash(api.services, vscode.Uri.file(yaml)));
      assert.equal(result, undefined);
      assert.match(said.texts.join(), /plug\.yaml was not built/);
      if (!isWindows)
        await until(() =>
          vscode.languages.getDiagnostics(vscode.Uri.file(yaml)).some(({ message }) => message.includes("[bord]")),
        );
    } finally {
      said.dispose();
    }
    assert.equal(jobs.jobs.length, before);
  });

  it("a build that goes well and leaves nothing new flashes what was there only after a yes", async () => {
    const { settings, jobs } = api.services;
    const idle = join(plugs, ".esphome/build/plug/.pioenvs/plug");
    const long = new Date(Date.now() - 3_600_000);
    for (const name of readdirSync(idle)) utimesSync(join(idle, name), long, long);
    await settings.update("esphomePath", standIn(tools, "idle", ["INFO done"], tools, join(tools, "nowhere")));
    const before = jobs.jobs.length;
    let answer: string | undefined;
    const said = new Messages((text) => (text.includes("left no new firmware") ? answer : undefined));
    try {
      const flash = (): ReturnType<typeof buildAndFlash> =>
        buildAndFlash(api.services, vscode.Uri.file(join(plugs, "plug.yaml")));
      assert.equal((await agreeing(flash)).result, undefined);
      assert.match(said.texts.join(), /left no new firmware; the last one there was built 1 h ago/);
      assert.equal(jobs.jobs.length, before);
      answer = "Flash the Last Build";
      assert.equal((await agreeing(flash)).result?.status, "succeeded");
    } finally {
      said.dispose();
    }
    await api.services.monitors.closeAll();
  });

  it("without the program it says how to get it, and offers the last build", async () => {
    const { settings, jobs } = api.services;
    await settings.update("esphomePath", join(tools, "not-there"));
    const buttons: string[] = [];
    const said = new Messages((text, offered) => {
      if (!text.includes("pip install esphome")) return undefined;
      buttons.push(...offered);
      return offered[0];
    });
    try {
      const { result } = await agreeing(() => buildAndFlash(api.services, vscode.Uri.file(join(plugs, "plug.yaml"))));
      assert.equal(buttons[0], "Flash the Last Build");
      assert.equal(result?.status, "succeeded");
    } finally {
      said.dispose();
    }
    assert.equal(jobs.running.length, 0);
  });

  it("a workspace that nobody trusts runs nothing", async () => {
    const trusted = Object.getOwnPropertyDescriptor(vscode.workspace, "isTrusted");
    assert.ok(trusted);
    const said = new Messages();
    Object.defineProperty(vscode.workspace, "isTrusted", { configurable: true, get: () => false });
    try {
      assert.equal(await buildAndFlash(api.services, vscode.Uri.file(join(plugs, "plug.yaml"))), undefined);
    } finally {
      Object.defineProperty(vscode.workspace, "isTrusted", trusted);
      said.dispose();
    }
    assert.match(said.texts.join(), /not trusted/);
  });
});

describe("tasks", () => {
  let api: Api;
  let on: Bench;

  before(async () => {
    api = await activated();
    on = await bench(api, "bk7231n", { firmware: "libretiny" });
  });

  after(() => on.close());

  /** As tasks.json runs them; resolves with the exit code. */
  async function run(definition: Readonly<Record<string, unknown>>): Promise<number | undefined> {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    const all = await vscode.tasks.fetchTasks({ type: "beken" });
    const offered = all[0] ?? assert.fail("no tasks");
    const task = new vscode.Task(
      { ...definition, type: "beken" },
      folder ?? vscode.TaskScope.Workspace,
      `test ${String(definition["task"])}`,
      "beken",
      offered.execution,
    );
    const ended = new Promise<number | undefined>((resolve) => {
      const listening = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
        if (execution.task.name !== task.name) return;
        listening.dispose();
        resolve(exitCode);
      });
    });
    await vscode.tasks.executeTask(task);
    return await ended;
  }

  const build = "esphome/.esphome/build/hall-plug/.pioenvs/hall-plug";

  it("offers what needs no file", async () => {
    const names = (await vscode.tasks.fetchTasks({ type: "beken" })).map(({ definition }) =>
      String(definition["task"]),
    );
    assert.deepEqual(names.sort(), ["backup", "flash", "monitor"]);
  });

  it("flash asks as the command does, and its exit code is the job's", async () => {
    const { jobs } = api.services;
    const file = `${build}/image_bk7231n_app.0x011000.rbl`;
    let answer = false;
    let asked = 0;
    const listening = jobs.onDidAsk(({ job }) => {
      asked++;
      jobs.decide(job.id, answer);
    });
    try {
      const before = Uint8Array.from(on.chip.flash);
      assert.equal(await run({ task: "flash", file, port: on.port.id }), 130, "a no is no success");
      assert.equal(Buffer.compare(before, on.chip.flash), 0);
      answer = true;
      assert.equal(await run({ task: "flash", file, port: on.port.id }), 0);
      assert.equal(asked, 2);
    } finally {
      listening.dispose();
    }
  });

  it("verify agrees with what was flashed; a file for the air is refused, and so is what is no task", async () => {
    assert.equal(await run({ task: "verify", file: `${build}/image_bk7231n_app.0x011000.rbl`, port: on.port.id }), 0);
    assert.equal(await run({ task: "verify", file: `${build}/image_bk7231n_app.ota.rbl`, port: on.port.id }), 1);
    assert.equal(await run({ task: "verify", file: "not-there.uf2", port: on.port.id }), 1);
    assert.equal(await run({ task: "fly" }), 1);
  });

  it("of tasks.json wait for the build they depend on, and run only when it was made", async () => {
    const { jobs } = api.services;
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? assert.fail("no folder");
    const order: string[] = [];
    const codes = new Map<string, number | undefined>();
    const listeners = [
      vscode.tasks.onDidStartTask(({ execution }) => order.push(`${execution.task.name} begins`)),
      vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
        order.push(`${execution.task.name} ends`);
        codes.set(execution.task.name, exitCode);
      }),
      jobs.onDidAsk(({ job }) => jobs.decide(job.id, true)),
    ];
    const flash = { type: "beken", task: "flash", file: `${build}/firmware.uf2`, port: on.port.id };
    const program = (code: number): object => ({
      type: "process",
      command: process.execPath,
      args: ["-e", `process.exit(${code})`],
      // The editor's own program is Node as well, when it is told so.
      options: { env: { ELECTRON_RUN_AS_NODE: "1" } },
      problemMatcher: [],
    });
    const tasks = [
      { label: "build", ...program(0) },
      { label: "broken build", ...program(1) },
      { label: "build and flash", ...flash, dependsOn: "build", problemMatcher: [] },
      { label: "check", type: "beken", task: "verify", file: flash.file, port: flash.port, problemMatcher: [] },
      { label: "all", dependsOn: ["build and flash", "check"], dependsOrder: "sequence" },
      // The editor takes two tasks of one definition for the same.
      {
        label: "broken and flash",
        ...flash,
        at: "0x011000",
        file: `${build}/image_bk7231n_app.0x011000.rbl`,
        dependsOn: "broken build",
        problemMatcher: [],
      },
    ];
    const file = vscode.Uri.joinPath(folder, ".vscode", "tasks.json");
    await vscode.workspace.fs.writeFile(file, Buffer.from(JSON.stringify({ version: "2.0.0", tasks })));
    try {
      const known = async (): Promise<readonly string[]> => (await vscode.tasks.fetchTasks()).map(({ name }) => name);
      while (!(await known()).includes("check")) await new Promise((resolve) => setTimeout(resolve, 50));
      await vscode.commands.executeCommand("workbench.action.tasks.runTask", "all");
      await until(() => codes.has("check"));
      assert.deepEqual([codes.get("build"), codes.get("build and flash"), codes.get("check")], [0, 0, 0]);
      assert.ok(order.indexOf("build ends") < order.indexOf("build and flash begins"), order.join());
      assert.ok(order.indexOf("build and flash ends") < order.indexOf("check begins"), order.join());
      const before = jobs.jobs.length;
      void vscode.commands.executeCommand("workbench.action.tasks.runTask", "broken and flash");
      await until(() => codes.has("broken build"));
      assert.equal(codes.get("broken build"), 1);
      assert.equal(jobs.jobs.length, before, "a build that failed is followed by no flash");
    } finally {
      for (const listener of listeners) listener.dispose();
      await vscode.workspace.fs.delete(vscode.Uri.joinPath(folder, ".vscode"), { recursive: true });
    }
  });

  it("backup makes the file that it names", async () => {
    const file = join(tmpdir(), `beken-task-${Date.now()}.bin`);
    try {
      assert.equal(await run({ task: "backup", file, port: on.port.id }), 0);
      assert.equal(Buffer.compare(readFileSync(file), on.chip.flash), 0);
    } finally {
      for (const path of [file, `${file}.json`]) rmSync(path, { force: true });
    }
  });

  it("monitor ends with the verdict", async () => {
    const { services } = api;
    await vscode.commands.executeCommand(COMMANDS.startPracticeDevice, "bk7231n");
    const port = services.ports.selected ?? assert.fail("no practice device");
    const answering = services.jobs.onDidAsk(({ job }) => services.jobs.decide(job.id, true));
    try {
      const code = run({ task: "monitor", port: port.id, untilVerdict: true });
      await until(() => services.monitors.isOpen(port.id));
      const firmware = (await services.practice.firmwareFor(port.id)) ?? assert.fail("no practice firmware");
      await vscode.commands.executeCommand(COMMANDS.flashToDevice, { portId: port.id, resourceUri: firmware });
      assert.equal(await code, 0);
      await until(() => !services.monitors.isOpen(port.id));
    } finally {
      answering.dispose();
      await vscode.commands.executeCommand(COMMANDS.stopPracticeDevice, { portId: port.id });
    }
  });
});
