import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { CancelledError } from "../../../src/core/base/errors";
import { systemClock } from "../../../src/core/base/timing";
import { PortLog, type PortLogEvent } from "../../../src/core/monitor/portLog";
import { linesAtRest, type AdapterResets } from "../../../src/core/driver/resetMemory";
import { chosenResets } from "../../../src/core/transport/resetStrategies";
import { openWebSerial } from "../../../src/core/transport/webSerial";
import { openTransport } from "../../../src/core/transport/open";
import { portFinder } from "../../../src/core/transport/portFinder";
import type { ControlLines, PortRef } from "../../../src/core/transport/transport";
import { SimulatedWebSerialPort } from "../../../src/simulator/host/webSerialPort";
import { FakeChip } from "../transport/fakeChip";

/** A device behind TCP: what it was sent, and the connection it has. */
interface Device {
  readonly server: Server;
  readonly port: number;
  readonly received: Buffer[];
  connection(): Promise<Socket>;
}

async function listen(port = 0): Promise<Device> {
  const received: Buffer[] = [];
  const waiting: ((socket: Socket) => void)[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on("data", (bytes) => received.push(bytes));
    socket.on("error", () => undefined);
    (waiting.shift() ?? ((later: Socket) => sockets.push(later)))(socket);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    server,
    port: (server.address() as AddressInfo).port,
    received,
    connection: () => {
      const there = sockets.shift();
      return there ? Promise.resolve(there) : new Promise((resolve) => waiting.push(resolve));
    },
  };
}

function logOf(port: number): PortLog {
  const ref: PortRef = { kind: "tcp", host: "127.0.0.1", port };
  return new PortLog(ref, 115_200, { open: openTransport, finder: portFinder(), clock: systemClock });
}

/** Waits for the next event that is of a kind. */
async function next<T extends PortLogEvent["type"]>(
  events: AsyncGenerator<PortLogEvent>,
  type: T,
): Promise<Extract<PortLogEvent, { readonly type: T }>> {
  for (;;) {
    const { value } = (await events.next()) as { value: PortLogEvent };
    if (value.type === type) return value as Extract<PortLogEvent, { readonly type: T }>;
  }
}

describe("log of a port", () => {
  it("yields what comes, sends nothing of its own, and what is typed as it is", async () => {
    const device = await listen();
    const stop = new AbortController();
    const log = logOf(device.port);
    const events = log.events(stop.signal);
    try {
      const connected = device.connection();
      assert.deepEqual(await next(events, "opened"), {
        type: "opened",
        port: `tcp://127.0.0.1:${device.port}`,
        baudRate: 115_200,
        again: false,
      });
      const socket = await connected;
      socket.write("V:BK7231N_1.0.1\r\r\n");
      assert.equal(Buffer.from((await next(events, "bytes")).bytes).toString(), "V:BK7231N_1.0.1\r\r\n");
      await next(events, "quiet");
      assert.equal(device.received.length, 0);
      await log.send(new TextEncoder().encode("help\r\n"), stop.signal);
      await next(events, "quiet");
      assert.equal(Buffer.concat(device.received).toString(), "help\r\n");
    } finally {
      stop.abort();
      await assert.rejects(events.next(), CancelledError);
      device.server.close();
    }
  });

  it("goes on when the device is back", async () => {
    const device = await listen();
    const stop = new AbortController();
    const log = logOf(device.port);
    const events = log.events(stop.signal);
    const connected = device.connection();
    await next(events, "opened");
    (await connected).destroy();
    device.server.close();
    await next(events, "lost");
    await assert.rejects(log.send(Uint8Array.of(0x0a), stop.signal), { code: "port-lost" });
    const coming = next(events, "opened");
    const again = await listen(device.port);
    const back = again.connection();
    assert.equal((await coming).again, true);
    (await back).write("hello\n");
    assert.equal(Buffer.from((await next(events, "bytes")).bytes).toString(), "hello\n");
    stop.abort();
    await assert.rejects(events.next(), CancelledError);
    again.server.close();
  });

  it("a port that is not there is said at once", async () => {
    const device = await listen();
    device.server.close();
    await once(device.server, "close");
    await assert.rejects(logOf(device.port).events(new AbortController().signal).next(), { code: "host-unreachable" });
  });

  it("asserts at once the lines without which the chip was seen to be held in reset, and no others", async () => {
    const released = { dtr: false, rts: false };
    const learnt = { missed: 0, told: false };
    const cases: readonly (readonly [AdapterResets, ControlLines | undefined])[] = [
      [
        { ...learnt, works: "rts-held" },
        { dtr: false, rts: true },
      ],
      [
        { ...learnt, works: "dtr-held" },
        { dtr: true, rts: false },
      ],
      [
        { ...learnt, works: "both-held" },
        { dtr: true, rts: true },
      ],
      [{ ...learnt, works: "rts" }, undefined],
      // No longer believed: it did not help three times in a row.
      [{ ...learnt, works: "rts-held", missed: 3 }, undefined],
      [learnt, undefined],
    ];
    for (const [known, expected] of cases) {
      const chip = new FakeChip();
      const port = new SimulatedWebSerialPort(chip);
      const stop = new AbortController();
      const log = new PortLog({ kind: "serial", path: "usb-1a86-7523" }, 115_200, {
        open: (_ref, options, signal) => openWebSerial(port, "usb-1a86-7523", options, signal),
        finder: { remember: () => Promise.resolve(() => Promise.resolve(undefined)) },
        clock: systemClock,
        linesAtRest: () => Promise.resolve(linesAtRest(known, undefined)),
      });
      const events = log.events(stop.signal);
      await next(events, "opened");
      // What the opening raises and lets go of comes first.
      assert.deepEqual(chip.lines.slice(1), [released, ...(expected ? [expected] : [])], JSON.stringify(known));
      stop.abort();
      await assert.rejects(events.next(), CancelledError);
    }
  });

  it("rests as the person's own way to reset leaves the lines", () => {
    const lines = (text: string): ControlLines => {
      const chosen = chosenResets(text);
      assert.ok("resets" in chosen);
      return linesAtRest({ works: "dtr-held", missed: 0, told: false }, chosen.resets);
    };
    assert.deepEqual(lines("auto"), { dtr: true, rts: false });
    assert.deepEqual(lines("none"), { dtr: false, rts: false });
    assert.deepEqual(lines("R1D0 w50 R0 w100 R1"), { dtr: false, rts: true });
  });
});
