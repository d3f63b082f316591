import assert from "node:assert/strict";
import { systemClock } from "../../../src/core/base/timing";
import { PortLeases } from "../../../src/core/transport/portLease";
import { DeviceMonitor } from "../../../src/extension/monitor/deviceMonitor";
import type { BootVerdictKind } from "../../../src/core/monitor/bootVerdict";
import { createChip, serveLogOnTcp, type SimulatedChip } from "../../../src/simulator/index";
import { openTransport } from "../../../src/core/transport/open";
import type { Transport, TransportFactory } from "../../../src/core/transport/transport";
import { CancelledError } from "../../../src/core/base/errors";
import { sampledAt } from "../../../src/simulator/index";
import { SETUP_DONE, bytesOf } from "../monitor/logs";
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
    describeHolder: () => Promise.resolve([]),
    release: () => Promise.resolve(),
    intro: [],
    timeOfDay: () => "",
    write: (more) => {
      text += more;
      for (const look of waiting) look();
    },
    printed: () => undefined,
    nameCrash: () => Promise.resolve([]),
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

/** A device that prints the same again and again, at one speed; what was opened at which. */
function printing(text: string, speed: number, opened: number[]): TransportFactory {
  const log = bytesOf(text);
  return (_, { baudRate }) => {
    opened.push(baudRate);
    const heard = baudRate === speed ? log : sampledAt(log, speed, baudRate);
    let at = 0;
    return Promise.resolve({
      label: "test",
      read: async (_ms: number, signal: AbortSignal) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (signal.aborted) throw new CancelledError("read");
        if (at >= heard.length) at = 0;
        return heard.subarray(at, (at += 64));
      },
      write: () => assert.fail("nothing is sent"),
      close: () => Promise.resolve(),
    } as unknown as Transport);
  };
}

describe("speed of a log", () => {
  it("is told, found on request beginning with what it looks like, and kept; a job that comes meanwhile has the port", async () => {
    const opened: number[] = [];
    const leases = new PortLeases();
    let text = "";
    const monitor = new DeviceMonitor({
      portId: "test",
      devicePortId: "test",
      ref: { kind: "serial", path: "test" },
      baudRate: 115_200,
      timestamps: false,
      leases,
      deps: {
        open: printing(SETUP_DONE, 38_400, opened),
        finder: { remember: () => Promise.resolve(() => Promise.resolve(undefined)) },
        clock: systemClock,
      },
      describeHolder: () => Promise.resolve([]),
      release: () => Promise.resolve(),
      intro: [],
      timeOfDay: () => "",
      write: (more) => void (text += more),
      printed: () => undefined,
      nameCrash: () => Promise.resolve([]),
      judged: () => undefined,
    });
    const shows = async (part: string): Promise<void> => {
      while (!text.includes(part)) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    try {
      monitor.start();
      await shows("Looks like another speed: 38400?");
      const searching = monitor.findSpeed();
      await leases.borrow("test").then(async (giveBack) => {
        const { length } = opened;
        await searching;
        await new Promise((resolve) => setTimeout(resolve, 20));
        assert.equal(opened.length, length, "nothing is opened while a job has the port");
        text = "";
        giveBack();
      });
      await shows("Looks like another speed: 38400?");
      opened.length = 0;
      text = "";
      await monitor.findSpeed();
      await shows("runs.");
      assert.deepEqual([opened, monitor.baudRate], [[38_400, 38_400], 38_400]);
    } finally {
      await monitor.close();
    }
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
