import assert from "node:assert/strict";
import type { Memento } from "vscode";
import { nodeFiles } from "../../../src/storage/nodeFileSystem";
import { AdapterRates } from "../../../src/extension/ports/adapterRates";
import { adapterEntry, extraEntry, type PortEntry } from "../../../src/extension/ports/portEntry";
import type { Settings } from "../../../src/extension/platform/settings";

/** The little of memory and settings that is looked at. */
function editor(): { memory: Memento; settings: Settings; choose: (baudRate: number | "auto") => void } {
  const stored = new Map<string, unknown>();
  const listeners: ((names: ReadonlySet<string>) => void)[] = [];
  const settings = {
    baudRate: "auto" as number | "auto",
    onDidChange(listener: (names: ReadonlySet<string>) => void) {
      listeners.push(listener);
      return { dispose: () => undefined };
    },
  };
  const memory: Memento = {
    get: <T>(name: string): T | undefined => stored.get(name) as T | undefined,
    update: (name: string, value: unknown) => {
      stored.set(name, value);
      return Promise.resolve();
    },
    keys: () => [...stored.keys()],
  };
  return {
    memory,
    settings: settings as unknown as Settings,
    choose(baudRate) {
      settings.baudRate = baudRate;
      for (const listener of listeners) listener(new Set(["baudRate"]));
    },
  };
}

const log = { error: (doing: string) => assert.fail(doing) };
const HELD = { family: "B", baudRate: 921_600, lowered: false } as const;

describe("rates of adapters in the editor", () => {
  const usb = { vendorId: "0403", productId: "6001", serialNumber: "A1" };
  const here = adapterEntry({ path: "COM5", ...usb });
  const there = adapterEntry({ path: "COM9", ...usb });
  const other = adapterEntry({ path: "COM5", vendorId: "1a86", productId: "7523" });
  const network = extraEntry("tcp://host:1234") as PortEntry;

  it("go by the adapter and not by the port, and outlive the window", async () => {
    const { memory, settings } = editor();
    const rates = new AdapterRates(memory, settings, log, nodeFiles, "");
    assert.deepEqual(rates.hint(here), { speedHint: {} });
    rates.note(here, HELD);
    await rates.settle(here, true);
    const later = new AdapterRates(memory, settings, log, nodeFiles, "");
    assert.deepEqual(later.hint(there), { speedHint: { B: { baudRate: 921_600 } } });
    for (const port of [other, network]) assert.deepEqual(later.hint(port), { speedHint: {} });
  });

  it("are not made of jobs that failed, nor of rates that the person chose", async () => {
    const { memory, settings, choose } = editor();
    const rates = new AdapterRates(memory, settings, log, nodeFiles, "");
    rates.note(here, HELD);
    await rates.settle(here, false);
    choose(460_800);
    rates.note(here, HELD);
    await rates.settle(here, true);
    assert.deepEqual(rates.hint(here), { speedHint: {} });
    choose("auto");
    rates.note(here, { ...HELD, baudRate: 230_400, lowered: true });
    await rates.settle(here, false);
    assert.deepEqual(rates.hint(here), { speedHint: { B: { baudRate: 230_400 } } });
  });

  it("fail no job when the editor does not keep them", async () => {
    const { memory, settings } = editor();
    const errors: string[] = [];
    const broken = { ...memory, update: () => Promise.reject(new Error("full")) };
    const rates = new AdapterRates(broken, settings, { error: (doing) => void errors.push(doing) }, nodeFiles, "");
    rates.note(here, HELD);
    await rates.settle(here, true);
    assert.equal(errors.length, 1);
  });

  it("are forgotten when the choice is made anew", async () => {
    const { memory, settings, choose } = editor();
    const rates = new AdapterRates(memory, settings, log, nodeFiles, "");
    rates.note(here, HELD);
    await rates.settle(here, true);
    choose("auto");
    assert.deepEqual(rates.hint(here), { speedHint: {} });
  });
});
