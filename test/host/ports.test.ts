import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { PortInfo } from "../../src/core/index";
import { setContext } from "../../src/extension/platform/contextKeys";
import { COMMANDS } from "../../src/extension/platform/contributions";
import { BuildOffers } from "../../src/extension/views/buildOffers";
import { OutputLog } from "../../src/extension/platform/outputLog";
import type { Api } from "../../src/extension/main";
import { practiceEntry } from "../../src/extension/ports/portEntry";
import { PortStatusBar } from "../../src/extension/views/portStatusBar";
import { PortRegistry } from "../../src/extension/ports/portRegistry";
import type { Disposable } from "../../src/extension/platform/disposables";
import { Messages, activated, until } from "./host";

const USB: PortInfo = { path: "/dev/ttyUSB0", adapter: "CH340", vendorId: "1a86", productId: "7523" };

/** What a window remembers, as it finds it when it opens. */
class Memory implements vscode.Memento {
  private readonly values: Map<string, unknown>;
  constructor(values: Readonly<Record<string, unknown>> = {}) {
    this.values = new Map(Object.entries(values));
  }
  keys(): readonly string[] {
    return [...this.values.keys()];
  }
  get<T>(key: string, otherwise?: T): T {
    return (this.values.get(key) ?? otherwise) as T;
  }
  update(key: string, value: unknown): Promise<void> {
    if (value === undefined) this.values.delete(key);
    else this.values.set(key, value);
    return Promise.resolve();
  }
}

/** Lists that are answered when the test says so. */
class Machine {
  asked = 0;
  adapters: readonly PortInfo[] = [USB];
  private readonly waiting: (() => void)[] = [];
  private held = true;
  readonly list = async (): Promise<readonly PortInfo[]> => {
    this.asked++;
    if (this.held) await new Promise<void>((resolve) => this.waiting.push(resolve));
    return this.adapters;
  };
  answer(): void {
    this.held = false;
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

describe("ports", () => {
  let api: Api;
  const own: Disposable[] = [];
  const keep = <T extends Disposable>(thing: T): T => {
    own.push(thing);
    return thing;
  };

  before(async () => {
    api = await activated();
  });

  afterEach(() => {
    for (const thing of own.splice(0).reverse()) thing.dispose();
  });

  function registry(machine: Machine, remembered?: string): { readonly ports: PortRegistry; readonly memory: Memory } {
    const memory = new Memory(remembered === undefined ? {} : { "beken.selectedPort": remembered });
    const memories = { workspace: memory, machine: new Memory() };
    const { settings } = api.services;
    const parts = { settings, memories, log: keep(new OutputLog()), setContext, list: machine.list };
    return { ports: keep(new PortRegistry(parts)), memory };
  }

  it("are listed soon after a window with a remembered one opens, which nobody calls unplugged before that", async () => {
    const machine = new Machine();
    const { ports } = registry(machine, USB.path);
    const bar = keep(new PortStatusBar(ports, api.services.jobs));
    assert.equal(machine.asked, 0, "opening the window waits for nothing");
    assert.equal(bar.text, "$(plug) /dev/ttyUSB0");
    await until(() => machine.asked === 1);
    assert.equal(bar.text, "$(plug) /dev/ttyUSB0");
    machine.answer();
    await until(() => ports.selected?.facts.includes("CH340") === true);
    assert.equal(bar.text, "$(plug) /dev/ttyUSB0");
  });

  it("are called unplugged once they were looked for and are not there", async () => {
    const machine = new Machine();
    machine.adapters = [];
    machine.answer();
    const { ports } = registry(machine, USB.path);
    const bar = keep(new PortStatusBar(ports, api.services.jobs));
    await until(() => ports.selected === undefined);
    assert.equal(bar.text, "$(debug-disconnect) /dev/ttyUSB0 (unplugged)");
    assert.equal(await ports.resolve(), undefined);
  });

  it("are not looked for in a window that remembers none", async () => {
    const machine = new Machine();
    const { ports } = registry(machine);
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(machine.asked, 0);
    assert.equal(ports.selected, undefined);
  });

  it("get their offer after a build also where nobody looked since the window opened", async () => {
    const machine = new Machine();
    machine.adapters = [];
    machine.answer();
    const { ports } = registry(machine, USB.path);
    await until(() => ports.selected === undefined);
    // Plugged in since.
    machine.adapters = [USB];
    const { builds, jobs, settings } = api.services;
    await builds.ready();
    const [build] = builds.all;
    assert.ok(build);
    const made = keep(new vscode.EventEmitter<typeof build>());
    keep(new BuildOffers({ onDidBuild: made.event }, ports, jobs, settings, () => Promise.resolve()));
    const said = keep(new Messages());
    made.fire(build);
    await until(() => said.texts.length > 0);
    assert.match(said.texts[0] ?? "", /was built\. Flash it to \/dev\/ttyUSB0/);
  });

  it("are watched while the dashboard is in sight", async () => {
    const { dashboard, services } = api;
    assert.equal(services.ports.isWatched, false);
    await vscode.commands.executeCommand(COMMANDS.openDashboard);
    await until(() => dashboard.isVisible);
    assert.equal(services.ports.isWatched, true);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await until(() => !dashboard.isVisible);
    assert.equal(services.ports.isWatched, false);
  });

  it("that were a practice device are forgotten with it, and the one real adapter is meant again", async () => {
    const machine = new Machine();
    machine.answer();
    const { ports, memory } = registry(machine);
    const entry = practiceEntry(45_123, "BK7231T");
    ports.addPractice(entry);
    await ports.select(entry);
    assert.equal(ports.selected?.id, entry.id);
    assert.deepEqual(memory.keys(), [], "its number is another one every time");
    ports.removePractice(entry.id);
    assert.deepEqual([ports.selected, ports.selectedName], [undefined, undefined]);
    assert.equal((await ports.resolve())?.id, USB.path);
  });

  it("that were a practice device of an earlier window are not remembered", () => {
    const { ports } = registry(new Machine(), "tcp://127.0.0.1:45123");
    const bar = keep(new PortStatusBar(ports, api.services.jobs));
    assert.equal(ports.selectedId, undefined);
    assert.equal(bar.text, "$(plug) Select Beken Port");
  });
});
