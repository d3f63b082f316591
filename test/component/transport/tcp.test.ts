import assert from "node:assert/strict";
import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import net, { type AddressInfo, type Server, type Socket, createServer } from "node:net";
import { once } from "node:events";
import { createServer as createWebServer, type OutgoingHttpHeaders } from "node:http";
import { openTransport } from "../../../src/core/transport/open";
import { isFlasherError } from "../../../src/core/base/errors";
import { english } from "../../../src/core/base/words";
import { parsePort } from "../../../src/core/transport/portRef";
import { ReplaceableTransport } from "../../../src/core/transport/replaceable";
import type { Transport } from "../../../src/core/transport/transport";
import { serveOnTcp } from "../../../src/simulator/host/tcpServer";
import { contract, failsWith, never, readExactly, turn } from "./contract";
import { FakeChip } from "./fakeChip";

const options = { baudRate: 115_200 };

contract("TCP", { baudRate: false, controlLines: false, chipSeesRate: false }, async () => {
  const chip = new FakeChip();
  const server = await serveOnTcp(chip);
  const transport = await openTransport(parsePort(`tcp://127.0.0.1:${server.port}`), options, never);
  return { transport, chip, lose: () => server.dropConnection(), close: () => server.close() };
});

async function listening(onConnection: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer(onConnection).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return { server, port: address.port };
}

describe("TCP transport", () => {
  it("names a host that refuses, and one that does not exist", async () => {
    const { server, port } = await listening(() => undefined);
    server.close();
    await assert.rejects(
      openTransport(parsePort(`socket://127.0.0.1:${port}`), options, never),
      failsWith("host-unreachable"),
    );
    await assert.rejects(
      openTransport(parsePort("tcp://no-such-host.invalid:1"), options, never),
      failsWith("host-unreachable"),
    );
  });

  const V4 = { address: "127.0.0.1", family: 4 };
  const V6 = { address: "::1", family: 6 };

  /** While names are looked up as given. */
  async function lookedUp<T>(
    as: (answer: (addresses: readonly dns.LookupAddress[]) => void) => void,
    run: () => Promise<T>,
  ): Promise<T> {
    const { lookup } = dns;
    type Callback = (error: null, addresses: readonly dns.LookupAddress[]) => void;
    dns.lookup = ((_name: string, _options: unknown, tell: Callback) =>
      as((addresses) => tell(null, addresses))) as unknown as typeof lookup;
    syncBuiltinESMExports();
    try {
      return await run();
    } finally {
      dns.lookup = lookup;
      syncBuiltinESMExports();
    }
  }

  it("tells in words what became of a name: dead addresses, each of them, or none; and is called off while it is looked up", async () => {
    const { server, port } = await listening(() => undefined);
    server.close();
    await once(server, "close");
    const saying =
      (...words: readonly RegExp[]) =>
      (error: unknown): boolean => {
        assert.ok(isFlasherError(error) && error.code === "host-unreachable", String(error));
        for (const each of words) assert.match(english(error.context.detail ?? ""), each);
        return true;
      };
    const dead = [V4, V6];
    // Of a network that nobody named: this machine has no way there, whatever it says of it.
    const nowhere = { address: "fe80::1", family: 6 };
    for (const scheme of ["tcp", "rfc2217"])
      await lookedUp(
        (answer) => answer(dead),
        () =>
          assert.rejects(
            openTransport(parsePort(`${scheme}://bench:${port}`), options, never),
            saying(/nothing takes connections/, /127\.0\.0\.1:/, /::1:/),
          ),
      );
    await lookedUp(
      (answer) => answer([nowhere, V4]),
      () =>
        assert.rejects(
          openTransport(parsePort(`tcp://bench:${port}`), options, never),
          saying(/nothing takes connections/, /fe80::1/),
        ),
    );
    await assert.rejects(
      openTransport(parsePort("tcp://no-such-host.invalid:1"), options, never),
      saying(/no host of that name/, /no-such-host\.invalid/),
    );
    const stop = new AbortController();
    await lookedUp(
      () => queueMicrotask(() => stop.abort()),
      () => assert.rejects(openTransport(parsePort("tcp://bench:1"), options, stop.signal), failsWith("cancelled")),
    );
  });

  it("goes on to the next address of a name where one is dead", async () => {
    const chip = new FakeChip();
    const server = await serveOnTcp(chip);
    const transport = await lookedUp(
      (answer) => answer([V6, V4]),
      () => openTransport(parsePort(`tcp://bench:${server.port}`), options, never),
    );
    await transport.write(Uint8Array.of(1), never);
    await chip.until(() => chip.receivedBytes === 1);
    await transport.close();
    await server.close();
  });

  it("is labelled as people write it", async () => {
    const server = await serveOnTcp(new FakeChip());
    const transport = await openTransport(parsePort(`socket://127.0.0.1:${server.port}/`), options, never);
    assert.equal(transport.label, `tcp://127.0.0.1:${server.port}`);
    await transport.close();
    await server.close();
  });

  it("is served on after an error of the server that nobody waits for", async () => {
    const made: Server[] = [];
    const { createServer: original } = net;
    net.createServer = ((...args: Parameters<typeof original>) => {
      const server = original(...args);
      made.push(server);
      return server;
    }) as typeof original;
    syncBuiltinESMExports();
    const chip = new FakeChip();
    const server = await serveOnTcp(chip).finally(() => {
      net.createServer = original;
      syncBuiltinESMExports();
    });
    // As when the process has no descriptor left for one client more.
    for (const code of ["EMFILE", "ENFILE"]) made[0]?.emit("error", Object.assign(new Error(code), { code }));
    assert.equal(made.length, 1);
    const transport = await openTransport(parsePort(`tcp://127.0.0.1:${server.port}`), options, never);
    await transport.write(Uint8Array.of(1), never);
    await chip.until(() => chip.receivedBytes === 1);
    await transport.close();
    await server.close();
  });

  it("does not open after an abort, before or during", async () => {
    await assert.rejects(
      openTransport(parsePort("tcp://127.0.0.1:1"), options, AbortSignal.abort()),
      failsWith("cancelled"),
    );
    const server = await serveOnTcp(new FakeChip());
    const stop = new AbortController();
    const opening = openTransport(parsePort(`tcp://127.0.0.1:${server.port}`), options, stop.signal);
    stop.abort();
    await assert.rejects(opening, failsWith("cancelled"));
    await server.close();
  });

  it("delivers the last words of a side that closes, then reports the loss", async () => {
    const { server, port } = await listening((socket) => socket.end("bye"));
    const transport = await openTransport(parsePort(`tcp://127.0.0.1:${port}`), options, never);
    assert.equal(Buffer.from(await readExactly(transport, 3)).toString(), "bye");
    await assert.rejects(transport.read(5_000, never), failsWith("port-lost"));
    await transport.close();
    server.close();
  });

  it("tells a Telnet server, and one that says that its port is in use, from a bridge", async () => {
    for (const [said, code, detail] of [
      [Buffer.from("fffb03fffd03fffb01", "hex"), "port-invalid", /rfc2217:\/\/127/],
      [Buffer.from("Port's device already in use\r\n"), "port-busy", /"Port's device already in use"/],
    ] as const) {
      const { server, port } = await listening((socket) => socket.end(said));
      const transport = await openTransport(parsePort(`tcp://127.0.0.1:${port}`), options, never);
      const reading = async (): Promise<void> => {
        for (;;) await transport.read(5_000, never);
      };
      await assert.rejects(reading(), (error: unknown) => {
        assert.ok(isFlasherError(error));
        assert.equal(error.code, code);
        assert.match(english(error.context.detail ?? ""), detail);
        return true;
      });
      await assert.rejects(transport.write(Uint8Array.of(1), never), failsWith(code));
      await transport.close();
      server.close();
    }
  });

  it("takes bytes of a chip for no greeting", async () => {
    const bytes = Uint8Array.of(0xff, 0xfb, 0x03, 0xff, 0x00, 0xff, 0xfd, 0x01, 0xff, 0xfd, 0x01);
    const { server, port } = await listening((socket) => socket.write(bytes));
    const transport = await openTransport(parsePort(`tcp://127.0.0.1:${port}`), options, never);
    assert.deepEqual(await readExactly(transport, bytes.length), bytes);
    await transport.close();
    server.close();
  });

  it("does not hang on abort while the other side takes nothing", async () => {
    const { server, port } = await listening((socket) => socket.pause().on("error", () => undefined));
    const transport = await openTransport(parsePort(`tcp://127.0.0.1:${port}`), options, never);
    const stop = new AbortController();
    const writing = transport.write(new Uint8Array(64 << 20), stop.signal);
    await turn();
    stop.abort();
    await assert.rejects(writing, failsWith("cancelled"));
    await transport.close();
    server.close();
  });
});

describe("a bridge that resets its chip by command", () => {
  interface Bridge {
    readonly commands: string[];
    readonly open: (reset: string) => Promise<Transport>;
    readonly close: () => Promise<void>;
  }

  async function bridge(answer: (command: string) => number, headers: OutgoingHttpHeaders = {}): Promise<Bridge> {
    const commands: string[] = [];
    const uart = await serveOnTcp(new FakeChip());
    const web = createWebServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "", "http://bridge");
      assert.equal(`${request.method} ${pathname}`, "GET /cm");
      const command = searchParams.get("cmnd") ?? "";
      commands.push(command);
      response.writeHead(answer(command), { Connection: "close", ...headers }).end("{}");
    }).listen(0, "127.0.0.1");
    await once(web, "listening");
    const { port } = web.address() as AddressInfo;
    return {
      commands,
      open: (reset) =>
        openTransport(parsePort(`tcp://127.0.0.1:${uart.port}?reset=${reset}&web=${port}`), options, never),
      async close() {
        await uart.close();
        await new Promise((resolve) => web.close(resolve));
      },
    };
  }

  it("is told one command after another, and named without them", async () => {
    const { commands, open, close } = await bridge(() => 200);
    const transport = await open("SetChannel 1 0; SetChannel 1 1");
    assert.match(transport.label, /^tcp:\/\/127\.0\.0\.1:\d+$/);
    const line = new ReplaceableTransport(transport);
    assert.deepEqual(line.can, { baudRate: false, controlLines: false });
    await line.resetByCommand?.(never);
    assert.deepEqual(commands, ["SetChannel 1 0", "SetChannel 1 1"]);
    await transport.close();
    await assert.rejects(line.resetByCommand?.(never) ?? Promise.resolve(), failsWith("port-lost"));
    assert.equal(commands.length, 2, "a closed port resets nothing");
    await close();
  });

  it("lets go of the chip when it refuses one of them", async () => {
    const { commands, open, close } = await bridge((command) => (command === "wait" ? 500 : 200));
    const transport = await open("low;wait;high");
    await assert.rejects(transport.resetByCommand?.(never) ?? Promise.resolve(), failsWith("command-unsupported"));
    assert.deepEqual(commands, ["low", "wait", "high"]);
    const stop = new AbortController();
    const resetting = transport.resetByCommand?.(stop.signal) ?? Promise.resolve();
    while (commands.length === 3) await turn();
    stop.abort();
    await assert.rejects(resetting, failsWith("cancelled"));
    assert.deepEqual(commands.slice(3), ["low", "high"], "also when the person gives up in the middle");
    await transport.close();
    await close();
  });

  it("takes only a command's own answer for one: no login, no way to elsewhere, no page", async () => {
    for (const [status, headers, detail] of [
      [401, { "WWW-Authenticate": "Basic" }, /password/],
      [302, { Location: "http://127.0.0.1:1/login" }, /302/],
      [404, {}, /404/],
      [200, { "Content-Type": "text/html; charset=utf-8" }, /web page/],
    ] as const) {
      const { open, close } = await bridge(() => status, headers);
      const transport = await open("low;high");
      await assert.rejects(transport.resetByCommand?.(never) ?? Promise.resolve(), (error: unknown) => {
        assert.ok(isFlasherError(error));
        assert.equal(error.code, "command-unsupported");
        assert.match(english(error.context.detail ?? ""), detail);
        return true;
      });
      await transport.close();
      await close();
    }
  });

  it("says that it does not answer, and has no such thing where no command is known", async () => {
    const { open, close } = await bridge(() => 200);
    const transport = await open("chip_reset");
    await close();
    await assert.rejects(transport.resetByCommand?.(never) ?? Promise.resolve(), (error: unknown) => {
      assert.ok(isFlasherError(error));
      return ["host-unreachable", "port-lost"].includes(error.code);
    });
    await transport.close();
    const server = await serveOnTcp(new FakeChip());
    const plain = await openTransport(parsePort(`tcp://127.0.0.1:${server.port}`), options, never);
    assert.equal(new ReplaceableTransport(plain).resetByCommand, undefined);
    await plain.close();
    await server.close();
  });
});

describe("simulated chip on TCP", () => {
  it("serves one client at a time, the next one when the first has gone", async () => {
    const chip = new FakeChip();
    const server = await serveOnTcp(chip);
    const ref = parsePort(`tcp://127.0.0.1:${server.port}`);
    const first = await openTransport(ref, options, never);
    await chip.until(() => chip.presence.length === 1);
    const second = await openTransport(ref, options, never);
    await assert.rejects(second.read(5_000, never), failsWith("port-lost"));
    await second.close();
    chip.send(Uint8Array.of(1));
    assert.deepEqual(await readExactly(first, 1), Uint8Array.of(1));
    await first.close();
    await chip.until(() => chip.presence.length === 2);
    chip.send(Uint8Array.of(2));
    const third = await openTransport(ref, options, never);
    await chip.until(() => chip.presence.length === 3);
    chip.send(Uint8Array.of(3));
    assert.deepEqual(await readExactly(third, 1), Uint8Array.of(3), "what was sent to nobody is gone");
    assert.deepEqual(chip.presence, [true, false, true]);
    await third.close();
    await Promise.all([server.close(), server.close()]);
  });

  it("listens where it is told to, or says why not", async () => {
    const first = await serveOnTcp(new FakeChip());
    await assert.rejects(serveOnTcp(new FakeChip(), { port: first.port }), failsWith("port-busy"));
    await first.close();
    const again = await serveOnTcp(new FakeChip(), { port: first.port });
    assert.equal(again.port, first.port);
    await again.close();
  });
});
