import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { waitBeforeReading } from "../../../src/core/transport/serialPoller";

/** The driver's open port, as far as reading goes: what is held, and how often it was asked. */
class OpenPort {
  readonly poller = new EventEmitter();
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
    waitBeforeReading(port);
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
    waitBeforeReading(port);
    await port.read(BUFFER, 0, 64);
    const waiting = port.read(BUFFER, 0, 64);
    await turn();
    port.poller.emit("readable", new Error("Canceled"));
    await assert.rejects(waiting, /Canceled/);
    assert.equal(port.reads, 1);
  });

  it("leaves a driver without a poller alone", () => {
    for (const binding of [undefined, {}, { poller: {} }]) waitBeforeReading(binding);
  });
});
