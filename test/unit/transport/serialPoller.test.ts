import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { MENDED_DRIVER, mendPoller } from "../../../src/core/transport/serialPoller";

/** The driver's open port, as far as reading goes: what is held, and how often it was asked. */
class OpenPort {
  readonly poller = Object.assign(new EventEmitter(), { poll: () => undefined });
  held = 0;
  reads = 0;
  read(_buffer: Buffer, _offset: number, length: number): Promise<{ bytesRead: number }> {
    this.reads++;
    const bytesRead = Math.min(length, this.held);
    this.held -= bytesRead;
    return Promise.resolve({ bytesRead });
  }
}

const BUFFER = Buffer.alloc(64);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("reading from the serial driver", () => {
  it("goes on at once while there may be more, and waits for bytes once there were none left", async () => {
    const port = new OpenPort();
    mendPoller(port);
    port.held = 100;
    assert.deepEqual(await port.read(BUFFER, 0, 64), { bytesRead: 64 });
    assert.deepEqual(await port.read(BUFFER, 0, 64), { bytesRead: 36 });
    const next = port.read(BUFFER, 0, 64);
    await turn();
    assert.equal(port.reads, 2);
    port.held = 5;
    port.poller.emit("readable", null);
    assert.deepEqual(await next, { bytesRead: 5 });
    assert.equal(port.reads, 3);
  });

  it("ends with the driver's own error when the port is closed meanwhile", async () => {
    const port = new OpenPort();
    mendPoller(port);
    await port.read(BUFFER, 0, 64);
    const waiting = port.read(BUFFER, 0, 64);
    await turn();
    port.poller.emit("readable", new Error("Canceled"));
    await assert.rejects(waiting, /Canceled/);
    assert.equal(port.reads, 1);
  });

  it("leaves a driver without a poller alone", () => {
    for (const binding of [undefined, {}, { poller: {} }, { poller: {}, read: () => undefined }]) mendPoller(binding);
  });

  it("leaves another version of the driver as it is", async () => {
    const port = new OpenPort();
    mendPoller(port, "13.0.1");
    await port.read(BUFFER, 0, 64);
    await port.read(BUFFER, 0, 64);
    assert.equal(port.reads, 2);
  });
});

/** What the installed driver asks of the system, in place of the system. */
interface DriverPoller extends EventEmitter {
  once(event: "readable" | "writable", listener: () => void): this;
}

describe("the poller of the serial driver that is installed", () => {
  const require = createRequire(resolve("package.json"));
  const { version } = require("@serialport/bindings-cpp/package.json") as { version: string };
  const asked: number[] = [];
  class System {
    poll(flags: number): void {
      asked.push(flags);
    }
  }
  function waitingForBoth(mend: (binding: object) => void): readonly number[] {
    const { Poller } = require("@serialport/bindings-cpp/dist/poller") as {
      Poller: new (fd: number, system: typeof System) => DriverPoller;
    };
    asked.splice(0);
    const poller = new Poller(0, System);
    mend({ poller, read: () => Promise.resolve({ bytesRead: 0 }) });
    poller.once("writable", () => undefined);
    poller.once("readable", () => undefined);
    return [...asked];
  }

  it("is of the version that is mended: look at serialPoller.ts before you change it", () => {
    assert.equal(version, MENDED_DRIVER);
  });

  it("forgets a write when a read begins to wait; should it no longer, serialPoller.ts can go", () => {
    assert.deepEqual(
      waitingForBoth(() => undefined),
      [2, 1],
    );
  });

  it("asks for both once it is mended", () => {
    assert.deepEqual(
      waitingForBoth((binding) => mendPoller(binding)),
      [2, 3],
    );
  });
});
