/** The port between a monitor and jobs: under load, with the adapter unplugged in the middle, and never two at once. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { systemClock } from "../../../src/core/base/timing";
import { openTransport } from "../../../src/core/transport/open";
import { PortLeases } from "../../../src/core/transport/portLease";
import type { Transport } from "../../../src/core/transport/transport";
import { DeviceMonitor } from "../../../src/extension/monitor/deviceMonitor";

const LINE = Buffer.from("[D][sensor:094]: 'Busy': Sending state 21.50000 with 1 decimals of accuracy\r\n".repeat(2));

/** A device that talks without pause to everybody who is connected. */
class BusyDevice {
  readonly sockets = new Set<Socket>();
  readonly received: Buffer[] = [];
  private server: Server | undefined;
  port = 0;

  async plugIn(): Promise<void> {
    this.server = createServer((socket) => {
      this.sockets.add(socket);
      const talk = setInterval(() => socket.write(LINE), 2);
      socket.on("data", (bytes) => this.received.push(bytes));
      socket.on("error", () => undefined);
      socket.on("close", () => {
        clearInterval(talk);
        this.sockets.delete(socket);
      });
    });
    this.server.listen(this.port, "127.0.0.1");
    await once(this.server, "listening");
    this.port = (this.server.address() as AddressInfo).port;
  }

  unplug(): void {
    this.server?.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

interface Rig {
  readonly device: BusyDevice;
  readonly monitor: DeviceMonitor;
  readonly leases: PortLeases;
  readonly portId: string;
  /** Connections of the monitor that are open. */
  readonly open: () => number;
  readonly text: () => string;
  readonly shows: (part: string, times?: number) => Promise<void>;
}

async function withRig(work: (rig: Rig) => Promise<void>): Promise<void> {
  const device = new BusyDevice();
  await device.plugIn();
  const ref = { kind: "tcp", host: "127.0.0.1", port: device.port } as const;
  const portId = `tcp://127.0.0.1:${device.port}`;
  const leases = new PortLeases();
  let text = "";
  let open = 0;
  const monitor = new DeviceMonitor({
    portId,
    devicePortId: portId,
    ref,
    baudRate: 115_200,
    timestamps: false,
    intro: [],
    leases,
    deps: {
      open: async (...args) => {
        const transport = await openTransport(...args);
        open++;
        return counted(transport, () => open--);
      },
      finder: { remember: (port) => Promise.resolve(() => Promise.resolve(port)) },
      clock: { now: () => systemClock.now(), sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 5), signal) },
    },
    describeHolder: () => Promise.resolve([]),
    release: () => Promise.resolve(),
    timeOfDay: () => "",
    write: (more) => (text += more),
    judged: () => undefined,
    printed: () => undefined,
    nameCrash: () => Promise.resolve([]),
  });
  const shows = async (part: string, times = 1): Promise<void> => {
    while (text.split(part).length <= times) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  try {
    await work({ device, monitor, leases, portId, open: () => open, text: () => text, shows });
  } finally {
    await monitor.close();
    device.unplug();
  }
}

function counted(transport: Transport, closed: () => void): Transport {
  let isOpen = true;
  return {
    ...transport,
    label: transport.label,
    can: transport.can,
    read: (...args) => transport.read(...args),
    write: (...args) => transport.write(...args),
    setBaudRate: (baud) => transport.setBaudRate(baud),
    setControlLines: (lines) => transport.setControlLines(lines),
    discardInput: () => transport.discardInput(),
    async close() {
      await transport.close();
      if (isOpen) closed();
      isOpen = false;
    },
  };
}

describe("hand-over between monitor and jobs", () => {
  it("under load: whoever borrows finds the port closed, and the log goes on each time", async () => {
    await withRig(async ({ device, monitor, leases, portId, open, shows }) => {
      monitor.start();
      for (let round = 1; round <= 8; round++) {
        await shows("Listening on", round);
        await shows("Sending state", round);
        const giveBack = await leases.borrow(portId);
        assert.equal(open(), 0, `round ${round}`);
        giveBack();
      }
      assert.deepEqual(device.received, [], "a monitor sends nothing of its own");
    });
  });

  it("several jobs at once: the log comes back when the last is done, once", async () => {
    await withRig(async ({ monitor, leases, portId, open, shows, text }) => {
      monitor.start();
      await shows("Sending state");
      const all = await Promise.all(Array.from({ length: 5 }, () => leases.borrow(portId)));
      assert.equal(open(), 0);
      for (const giveBack of all.slice(1)) giveBack();
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.equal(open(), 0, "one job has it still");
      all[0]?.();
      all[0]?.();
      await shows("Listening on", 2);
      assert.equal(text().split("Listening on").length - 1, 2);
      assert.equal(open(), 1);
    });
  });

  it("unplugged while it listens: said, and the log goes on when it is back", async () => {
    await withRig(async ({ device, monitor, shows, open }) => {
      monitor.start();
      await shows("Sending state");
      device.unplug();
      await shows("went away");
      await device.plugIn();
      await shows("is back, at");
      assert.equal(open(), 1);
    });
  });

  it("unplugged in the hand-over: the job gets the port, and the monitor waits for it afterwards", async () => {
    await withRig(async ({ device, monitor, leases, portId, shows, open }) => {
      monitor.start();
      await shows("Sending state");
      const borrowing = leases.borrow(portId);
      device.unplug();
      const giveBack = await borrowing;
      assert.equal(open(), 0);
      giveBack();
      await shows("went away");
      await device.plugIn();
      await shows("is back, at");
      assert.equal(open(), 1);
    });
  });

  it("a port that was never there is said, and not waited for", async () => {
    await withRig(async ({ device, monitor, shows, open }) => {
      device.unplug();
      monitor.start();
      await shows("Check");
      assert.equal(open(), 0);
    });
  });
});
