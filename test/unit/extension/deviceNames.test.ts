/** Names of devices and adapters: whose they are, where they show, and when they go. */
import assert from "node:assert/strict";
import type { PortInfo } from "../../../src/core/index";
import { newestByMac } from "../../../src/storage/backups";
import type { Memory } from "../../../src/extension/platform/memory";
import { DeviceNames, adapterNameKey, deviceKey } from "../../../src/extension/ports/deviceNames";
import { PortRegistry } from "../../../src/extension/ports/portRegistry";

function memory(first: Readonly<Record<string, unknown>> = {}): Memory {
  const values = new Map(Object.entries(first));
  return {
    get: <T>(name: string) => values.get(name) as T | undefined,
    update: (name, value) => Promise.resolve(void values.set(name, value)),
  };
}

const failed = (error: unknown): void => assert.fail(String(error));
const BULB = deviceKey({ mac: "c8:47:8c:12:34:56" }) ?? "";

function registry(plugged: readonly PortInfo[], machine: Memory): { ports: PortRegistry; names: DeviceNames } {
  const names = new DeviceNames(machine, failed);
  const ports = new PortRegistry({
    settings: { extraPorts: [], onDidChange: () => ({ dispose: () => undefined }) },
    memories: { workspace: memory(), machine },
    log: { error: (_doing, error) => failed(error) },
    setContext: () => undefined,
    names,
    list: () => Promise.resolve(plugged),
    timers: { now: () => 0, after: () => () => undefined },
  });
  return { ports, names };
}

describe("names", () => {
  it("a device has its name on whichever port it is seen, and as long as that port is there", async () => {
    const plugged: PortInfo[] = [
      { path: "/dev/ttyUSB0", vendorId: "10c4", productId: "ea60" },
      { path: "/dev/ttyUSB1" },
    ];
    const { ports, names } = registry(plugged, memory());
    await ports.refresh();
    await names.rename(BULB, "  Kitchen bulb ");
    assert.equal(ports.find("/dev/ttyUSB0")?.label, "/dev/ttyUSB0");
    ports.meet("/dev/ttyUSB0", deviceKey({ mac: "C8:47:8C:12:34:56" }));
    assert.equal(ports.find("/dev/ttyUSB0")?.label, "Kitchen bulb");
    assert.equal(ports.find("/dev/ttyUSB0")?.facts[0], "/dev/ttyUSB0", "where it is is still to be read");
    ports.meet("/dev/ttyUSB0", deviceKey({ mac: "C8:47:8C:00:00:01" }));
    assert.equal(ports.find("/dev/ttyUSB0")?.label, "/dev/ttyUSB0", "another device is wired to it now");
    ports.meet("/dev/ttyUSB1", BULB);
    assert.equal(ports.find("/dev/ttyUSB1")?.label, "Kitchen bulb");
    plugged.pop();
    await ports.refresh();
    plugged.push({ path: "/dev/ttyUSB1" });
    await ports.refresh();
    assert.equal(ports.find("/dev/ttyUSB1")?.label, "/dev/ttyUSB1", "nobody knows what is wired to it since");
    await names.rename(BULB, " ");
    assert.equal(names.of(BULB), undefined);
  });

  it("an adapter has its own, also of two equal ones without serial numbers, or with the one both were made with", async () => {
    for (const serialNumber of [undefined, "0001"]) {
      const ids = { vendorId: "10c4", productId: "ea60", ...(serialNumber !== undefined && { serialNumber }) };
      const plugged: PortInfo[] = [
        { path: "/dev/ttyUSB0", ...ids },
        { path: "/dev/ttyUSB1", ...ids },
      ];
      const { ports, names } = registry(plugged, memory());
      await ports.refresh();
      await names.rename(adapterNameKey(ports.find("/dev/ttyUSB0")?.adapterKey ?? ""), "left one");
      const labels = (): readonly string[] => ports.ports.map(({ label }) => label);
      assert.deepEqual(labels(), ["left one", "/dev/ttyUSB1"]);
      await names.rename(adapterNameKey(ports.find("/dev/ttyUSB1")?.adapterKey ?? ""), "right one");
      assert.deepEqual(labels(), ["left one", "right one"]);
      plugged.shift();
      await ports.refresh();
      assert.deepEqual(labels(), ["right one"]);
    }
  });

  it("are one line of what can be seen, as long as a row has place for, cut between characters", async () => {
    const names = new DeviceNames(memory(), failed);
    const cases: readonly (readonly [typed: string, kept: string | undefined])[] = [
      ["\u200b \u202e\u2066", undefined],
      ["Kitchen\n\tbulb\u0007", "Kitchenbulb"],
      ["\u202ebulb", "bulb"],
      ["مصباح المطبخ", "مصباح المطبخ"],
      ["👩‍👩‍👧‍👦".repeat(50), "👩‍👩‍👧‍👦".repeat(40)],
      ["e\u0301".repeat(41), "e\u0301".repeat(40)],
      [`${"x".repeat(39)} ${"y".repeat(9)}`, "x".repeat(39)],
      ["constructor", "constructor"],
    ];
    for (const [typed, kept] of cases) {
      await names.rename(BULB, typed);
      assert.equal(names.of(BULB), kept, typed);
    }
  });

  it("an adapter's name gives way to the device's, and outlives the window", async () => {
    const machine = memory();
    const plugged = [{ path: "/dev/ttyUSB0", vendorId: "10c4", productId: "ea60", serialNumber: "1" }];
    const first = registry(plugged, machine);
    await first.ports.refresh();
    await first.names.rename(adapterNameKey(first.ports.find("/dev/ttyUSB0")?.adapterKey ?? ""), "Red adapter");
    const { ports, names } = registry(plugged, machine);
    await ports.refresh();
    assert.equal(ports.find("/dev/ttyUSB0")?.label, "Red adapter");
    await names.rename(BULB, "Kitchen bulb");
    ports.meet("/dev/ttyUSB0", BULB);
    assert.equal(ports.find("/dev/ttyUSB0")?.label, "Kitchen bulb");
    assert.deepEqual(ports.find("/dev/ttyUSB0")?.facts.slice(0, 2), ["Red adapter", "/dev/ttyUSB0"]);
  });

  it("a device without a MAC address is told by its calibration, and one without either has no name", () => {
    assert.equal(deviceKey({ calibrationMark: "1234ABCD" }), "mark 1234ABCD");
    assert.equal(deviceKey({}), undefined);
  });

  it("memory that holds something else holds no names", () => {
    for (const stored of [null, 7, "x", { a: 1 }]) {
      const names = new DeviceNames(memory({ "beken.deviceNames": stored }), failed);
      assert.equal(names.of("a"), undefined);
    }
  });
});

describe("the newest backup of a device", () => {
  it("is told by its MAC address; manifests without one or without a date tell nothing", () => {
    const of = (mac: string | null, date: string): Parameters<typeof newestByMac>[0][number] =>
      ({ manifest: { date, device: { mac } } }) as never;
    const newest = newestByMac([
      of("A", "2026-09-14T10:00:00Z"),
      of("A", "2026-09-15T10:00:00Z"),
      of("A", "2026-09-13T10:00:00Z"),
      of(null, "2026-09-16T10:00:00Z"),
      of("B", "never"),
    ]);
    assert.deepEqual([...newest], [["A", Date.parse("2026-09-15T10:00:00Z")]]);
  });
});
