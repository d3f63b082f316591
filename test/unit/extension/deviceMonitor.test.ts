import assert from "node:assert/strict";
import { systemClock } from "../../../src/core/base/timing";
import { PortLeases } from "../../../src/core/transport/portLease";
import { DeviceMonitor } from "../../../src/extension/monitor/deviceMonitor";
import type { BootVerdictKind } from "../../../src/core/monitor/bootVerdict";
import { createChip, serveLogOnTcp, type SimulatedChip } from "../../../src/simulator/index";
import { openTransport } from "../../../src/core/transport/open";
import { portFinder } from "../../../src/core/transport/portFinder";

/** The port it is flashed through. */
const DEVICE = "COM5";

/** A simulated chip with its log on TCP, and a monitor on that. */
async function withMonitor(
  work: (parts: {
    chip: SimulatedChip;
    monitor: DeviceMonitor;
    leases: PortLeases;
    portId: string;
    text: () => string;
    kinds: BootVerdictKind[];
    shows: (part: string) => Promise<void>;
  }) => Promise<void>,
): Promise<void> {
  const chip = createChip("bk7231t", { pace: "none", firmware: "libretiny" });
  const server = await serveLogOnTcp(chip);
  const ref = { kind: "tcp", host: "127.0.0.1", port: server.port } as const;
  const portId = `tcp://127.0.0.1:${server.port}`;
  const leases = new PortLeases();
  let text = "";
  const waiting = new Set<() => void>();
  const kinds: BootVerdictKind[] = [];
  const monitor = new DeviceMonitor({
    portId,
    devicePortId: DEVICE,
    ref,
    baudRate: 115_200,
    timestamps: false,
    leases,
    deps: { open: openTransport, finder: portFinder(), clock: systemClock },
    release: () => Promise.resolve(),
    intro: [],
    timeOfDay: () => "",
    write: (more) => {
      text += more;
      for (const look of waiting) look();
    },
    printed: () => undefined,
    judged: ({ kind }) => kinds.push(kind),
  });
  const shows = (part: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!text.includes(part)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  try {
    await work({ chip, monitor, leases, portId, text: () => text, kinds, shows });
  } finally {
    await monitor.close();
    await server.close();
    chip.dispose();
  }
}

describe("monitor of a device", () => {
  it("shows the log, tells the verdict once, lets go for a job and comes back by itself", async () => {
    await withMonitor(async ({ chip, monitor, leases, portId, kinds, shows, text }) => {
      monitor.start();
      await shows("Listening on");
      chip.powerCycle();
      await shows("ESPHome 2026.8.0 runs.");
      const giveBack = await leases.borrow(portId);
      const before = text().length;
      chip.powerCycle();
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(text().length, before, "nothing comes in while a job has the port");
      giveBack();
      while (!text().slice(before).includes("Listening on")) await new Promise((resolve) => setTimeout(resolve, 5));
      chip.powerCycle();
      while (text().slice(before).split("ESPHome 2026.8.0 runs.").length < 2)
        await new Promise((resolve) => setTimeout(resolve, 5));
      assert.deepEqual([...new Set(kinds)], ["running"]);
    });
  });

  it("judges no start that a job on the device's other wire causes, but the last one", async () => {
    await withMonitor(async ({ chip, monitor, leases, kinds, shows, text }) => {
      monitor.start();
      await shows("Listening on");
      const giveBack = await leases.borrow(DEVICE);
      for (let starts = 1; starts <= 5; starts++) {
        chip.powerCycle();
        while (text().split("setup() finished").length <= starts)
          await new Promise((resolve) => setTimeout(resolve, 5));
      }
      assert.deepEqual(kinds, [], "the job restarts it as often as it has to");
      giveBack();
      await shows("ESPHome 2026.8.0 runs.");
      assert.deepEqual(kinds, ["running"], "the last start was there before the job had ended");
    });
  });

  it("begins when the job is done that has the port", async () => {
    await withMonitor(async ({ monitor, leases, portId, shows, text }) => {
      await monitor.close();
      const giveBack = await leases.borrow(portId);
      giveBack();
      assert.equal(text().includes("Listening"), false, "what was closed stays closed");
      await shows("");
    });
  });
});

describe("what of a log a person sees", () => {
  it("filtered, held back and shown again, cleared, saved, with times", async () => {
    await withMonitor(async ({ chip, monitor, shows, text }) => {
      monitor.start();
      await shows("Listening on");
      monitor.show({ level: "debug", text: "setup" });
      chip.powerCycle();
      await shows("ESPHome 2026.8.0 runs.");
      assert.match(text(), /setup\(\) finished/);
      assert.doesNotMatch(text(), /Connected/);
      monitor.show({ level: "debug", text: "" });
      await shows("Connected");
      monitor.pause();
      monitor.times = "start";
      const before = text().length;
      chip.powerCycle();
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      assert.doesNotMatch(text().slice(before), /Connected/);
      monitor.goOn();
      assert.match(text().slice(before), /lines came meanwhile.*\d\.\d{3}.*Connected/s);
      assert.match(monitor.saved(), /setup\(\) finished/);
      monitor.clear();
      assert.equal(monitor.saved(), "");
    });
  });
});
