import assert from "node:assert/strict";
import { once } from "node:events";
import { openTransport } from "../../../src/core/transport/open";
import { listPorts } from "../../../src/core/transport/serial";
import { noise } from "../../../src/simulator/prng";
import { serveOnPty } from "../../../src/simulator/host/ptyServer";
import { contract, failsWith, never, readExactly, turn } from "./contract";
import { describeWithPtys } from "../ptys";
import { FakeChip } from "./fakeChip";

const options = { baudRate: 115_200 };

const serial = (path: string): Parameters<typeof openTransport>[0] => ({ kind: "serial", path });

describe("serial transport", () => {
  it("names a port that does not exist, and one that is none", async () => {
    const missing = process.platform === "win32" ? "COM199" : "/dev/no-such-port";
    await assert.rejects(openTransport(serial(missing), options, never), failsWith("port-not-found"));
    if (process.platform !== "win32")
      await assert.rejects(openTransport(serial("package.json"), options, never), failsWith("port-invalid"));
  });

  it("lists ports without failing, each with a path, in the same order every time", async () => {
    const ports = await listPorts();
    for (const port of ports) assert.notEqual(port.path, "");
    assert.deepEqual(await listPorts(), ports);
  });
});

contract(
  "serial over a pseudo-terminal",
  {
    baudRate: true,
    controlLines: false,
    raisesLines: false,
    chipSeesRate: process.platform === "linux",
    dropsUnread: true,
  },
  async () => {
    const chip = new FakeChip();
    const server = await serveOnPty(chip);
    const transport = await openTransport(serial(server.port), options, never);
    await chip.until(() => chip.presence.length === 1);
    return { transport, chip, lose: () => server.unplug(), close: () => server.close() };
  },
  describeWithPtys,
);

describeWithPtys("simulated chip on a pseudo-terminal", () => {
  it("is busy while open, and free again once closed", async () => {
    const server = await serveOnPty(new FakeChip());
    const first = await openTransport(serial(server.port), options, never);
    await assert.rejects(openTransport(serial(server.port), options, never), failsWith("port-busy"));
    await first.close();
    const again = await openTransport(serial(server.port), options, never);
    await again.close();
    await server.close();
  });

  it("goes on after a chip that threw, which is told where uncaught errors are", async () => {
    class FragileChip extends FakeChip {
      override hostSends(bytes: Uint8Array, baud: number | undefined): void {
        if (bytes[0] === 0xee) throw new Error("a chip that throws");
        super.hostSends(bytes, baud);
      }
    }
    const chip = new FragileChip();
    const server = await serveOnPty(chip);
    const transport = await openTransport(serial(server.port), options, never);
    await chip.until(() => chip.presence.length === 1);
    const others = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    try {
      const uncaught = once(process, "uncaughtException");
      await transport.write(Uint8Array.of(0xee), never);
      const [error] = (await uncaught) as [Error];
      assert.equal(error.message, "a chip that throws");
    } finally {
      for (const listener of others) process.on("uncaughtException", listener);
    }
    await transport.write(Uint8Array.of(1, 2, 3), never);
    await chip.until(() => chip.receivedBytes === 3);
    await transport.close();
    await server.close();
  });

  it("does not open after an abort, and leaves the port free", async () => {
    const server = await serveOnPty(new FakeChip());
    await assert.rejects(openTransport(serial(server.port), options, AbortSignal.abort()), failsWith("cancelled"));
    const stop = new AbortController();
    const opening = openTransport(serial(server.port), options, stop.signal);
    setImmediate(() => stop.abort());
    await assert.rejects(opening, failsWith("cancelled"));
    await turn();
    await turn();
    await (await openTransport(serial(server.port), options, never)).close();
    await server.close();
  });

  it("ends a write on abort; what the driver had taken is still sent, and first", async () => {
    const chip = new FakeChip();
    const server = await serveOnPty(chip);
    const transport = await openTransport(serial(server.port), options, never);
    const stop = new AbortController();
    const writing = transport.write(noise(1, 1 << 16), stop.signal);
    stop.abort();
    await assert.rejects(writing, failsWith("cancelled"));
    await transport.write(Uint8Array.of(0xaa), never);
    await chip.until(() => chip.all().at(-1) === 0xaa);
    assert.equal(chip.receivedBytes, (1 << 16) + 1);
    await transport.close();
    await server.close();
  });

  it("keeps talking in small exchanges while long replies are under way", async () => {
    const chip = new FakeChip();
    const server = await serveOnPty(chip);
    const transport = await openTransport(serial(server.port), options, never);
    const reply = noise(2, 4_111);
    for (let round = 1; round <= 200; round++) {
      await transport.write(noise(round, 12), never);
      await chip.until(() => chip.receivedBytes === 12 * round);
      chip.send(reply);
      assert.deepEqual(await readExactly(transport, reply.length), reply);
    }
    await transport.close();
    await server.close();
  });

  it("goes on writing when single bytes arrive while the driver is full", async () => {
    const chip = new FakeChip();
    const server = await serveOnPty(chip);
    const transport = await openTransport(serial(server.port), options, never);
    const stop = new AbortController();
    const reading = (async (): Promise<void> => {
      for (;;) await transport.read(60_000, stop.signal);
    })();
    const dice = noise(3, 4_096);
    let thrown = 0;
    const hostSends = chip.hostSends.bind(chip);
    chip.hostSends = (bytes, baud) => {
      hostSends(bytes, baud);
      if ((dice[thrown++ % dice.length] ?? 0) < 100) chip.send(Uint8Array.of(1));
    };
    let written = 0;
    for (let round = 0; round < 60; round++) {
      const size = 20_000 + 200 * (dice[round] ?? 0);
      await transport.write(new Uint8Array(size), never);
      written += size;
    }
    await chip.until(() => chip.receivedBytes === written);
    stop.abort();
    await assert.rejects(reading, failsWith("cancelled"));
    await transport.close();
    await server.close();
  });

  if (process.platform === "linux")
    it("tells the chip when its host comes and goes; what it sent to nobody is gone", async () => {
      const chip = new FakeChip();
      const server = await serveOnPty(chip);
      chip.send(Uint8Array.of(1));
      await turn();
      for (const visit of [1, 2]) {
        const transport = await openTransport(serial(server.port), { baudRate: 475_000 }, never);
        await chip.until(() => chip.presence.length === 2 * visit - 1);
        chip.baud = 475_000;
        chip.send(Uint8Array.of(2));
        assert.deepEqual(await readExactly(transport, 1), Uint8Array.of(2));
        await transport.write(Uint8Array.of(3), never);
        await transport.close();
        await chip.until(() => chip.presence.length === 2 * visit);
        assert.equal(chip.receivedBytes, visit, "bytes written just before closing arrive before the host is gone");
        chip.send(Uint8Array.of(4));
        await turn();
      }
      assert.deepEqual(chip.presence, [true, false, true, false]);
      await server.close();
      await server.close();
    });
});
