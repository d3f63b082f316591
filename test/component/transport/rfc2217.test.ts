import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { isFlasherError } from "../../../src/core/base/errors";
import { english, type Words } from "../../../src/core/base/words";
import { openTransport } from "../../../src/core/transport/open";
import { parsePort } from "../../../src/core/transport/portRef";
import { serveOnPty } from "../../../src/simulator/host/ptyServer";
import { PYTHON, SER2NET, realServer, serveComPort, type Manners } from "./comPortServer";
import { contract, failsWith, never, openSoon, readExactly, type Carrier, type Rig } from "./contract";
import { FakeChip } from "./fakeChip";

const options = { baudRate: 115_200 };
const at = (port: number): ReturnType<typeof parsePort> => parsePort(`rfc2217://127.0.0.1:${port}`);

async function rig(manners: Manners): Promise<Rig> {
  const chip = new FakeChip();
  const server = await serveComPort(chip, manners);
  const transport = await openTransport(at(server.port), options, never);
  // What opening sets is no business of the contract.
  chip.lines.length = 0;
  return { transport, chip, lose: () => server.drop(), close: () => server.close() };
}

/** Lines are not confirmed: the test looks when the server has told the chip, which it does so many times for both. */
function linesThere(on: Rig, reports: number): Rig {
  const { transport, chip } = on;
  const set = transport.setControlLines.bind(transport);
  transport.setControlLines = async (lines) => {
    const told = chip.lines.length + reports;
    await set(lines);
    await chip.until(() => chip.lines.length >= told);
  };
  return on;
}

contract("RFC 2217, lines set", { baudRate: true, controlLines: true, chipSeesRate: true }, async () =>
  linesThere(await rig({ lines: true }), 1),
);
contract("RFC 2217, lines swallowed", { baudRate: true, controlLines: false, chipSeesRate: true }, () =>
  rig({ lines: false }),
);
contract("RFC 2217, a storm of options", { baudRate: true, controlLines: false, chipSeesRate: true }, () =>
  rig({ lines: false, storms: true }),
);

async function realRig(kind: "ser2net" | "pyserial"): Promise<Rig> {
  const chip = new FakeChip();
  const pty = await serveOnPty(chip);
  const server = await realServer(kind, pty.port, (lines) => chip.setControlLines(lines));
  const transport = await openSoon(openTransport)(at(server.port), options, never);
  await chip.until(() => chip.presence.length > 0);
  const on = {
    transport,
    chip,
    lose: () => server.drop(),
    async close() {
      await server.close();
      await pty.close();
    },
  };
  if (!transport.can.controlLines) return on;
  // Opening has let go of both; one is told after the other.
  await chip.until(() => chip.lines.length === 2);
  return linesThere(on, 2);
}

/** What each can do before a pseudo-terminal, which has no lines: ser2net says nothing then, pyserial's manager has an object here that takes them. */
const REAL: readonly (readonly [kind: "ser2net" | "pyserial", program: string | undefined, carrier: Carrier])[] = [
  ["ser2net", SER2NET, { baudRate: true, controlLines: false, chipSeesRate: true, dropsUnread: true }],
  ["pyserial", PYTHON, { baudRate: true, controlLines: true, chipSeesRate: true, dropsUnread: true }],
];

for (const [kind, program, carrier] of REAL)
  contract(`RFC 2217 behind ${kind}`, carrier, () => realRig(kind), program === undefined ? describe.skip : describe);

describe("RFC 2217 transport", () => {
  it("says so where nothing there speaks it, having sent no byte of data", async () => {
    const chip = new FakeChip();
    const server = await serveComPort(chip, { lines: false, raw: true });
    await assert.rejects(openTransport(at(server.port), options, never), (error: unknown) => {
      assert.ok(isFlasherError(error));
      assert.equal(error.code, "host-unreachable");
      assert.match(english(error.context.detail ?? ""), /tcp:\/\//);
      return true;
    });
    await server.close();
  });

  it("tells whoever only sends back what it gets, and agrees to everything by that, from a server", async () => {
    const server = createServer((socket) => void socket.on("error", () => undefined).pipe(socket)).listen(
      0,
      "127.0.0.1",
    );
    await once(server, "listening");
    const { port } = server.address() as { readonly port: number };
    const warned: Words[] = [];
    await assert.rejects(
      openTransport(at(port), { ...options, warn: (what) => warned.push(what) }, never),
      (error: unknown) => {
        assert.ok(isFlasherError(error));
        assert.equal(error.code, "host-unreachable");
        assert.match(english(error.context.detail ?? ""), /sends back.*tcp:\/\//);
        return true;
      },
    );
    assert.deepEqual(warned, []);
    await new Promise((resolve) => server.close(resolve));
  });

  it("goes on with a warning where echoes are lost, waits for none again, and takes no late one for another question's", async () => {
    const chip = new FakeChip();
    let silent = true;
    const answers = (command: Buffer): Buffer | undefined => (silent ? undefined : command);
    const server = await serveComPort(chip, { lines: true, answers });
    const warnings: string[] = [];
    const warn = (what: Words): void => void warnings.push(english(what));
    const transport = await openTransport(at(server.port), { ...options, warn }, never);
    assert.ok(
      warnings.some((warning) => /115200 baud/.test(warning)),
      warnings.join("; "),
    );
    assert.equal(warnings.length, 2, "one of the rate, one of the purge");
    chip.echo = true;
    await transport.write(Uint8Array.of(1, 0xff, 2), never);
    assert.deepEqual(await readExactly(transport, 3), Uint8Array.of(1, 0xff, 2));
    assert.equal(transport.can.controlLines, false);
    for (const baud of [921_600, 460_800]) await transport.setBaudRate(baud);
    await transport.discardInput();
    assert.equal(warnings.length, 2);
    // Three answers about the rate that were owed and two about purges, then those that are asked for.
    for (const late of ["650001c200", "65000e1000", "6500070800", "7001", "7001"]) server.say(`fffa2c${late}fff0`);
    chip.baud = 460_800;
    chip.send(Uint8Array.of(7));
    assert.deepEqual(await readExactly(transport, 1), Uint8Array.of(7), "behind them");
    silent = false;
    await transport.setBaudRate(230_400);
    chip.baud = 230_400;
    await transport.write(Uint8Array.of(1, 0xff), never);
    assert.deepEqual(await readExactly(transport, 2), Uint8Array.of(1, 0xff));
    assert.equal(warnings.length, 2);
    await transport.close();
    await server.close();
  });

  it("tells a server that keeps another rate", async () => {
    const server = await serveComPort(new FakeChip(), { lines: false, fixedRate: 9_600 });
    await assert.rejects(openTransport(at(server.port), options, never), failsWith("baud-change-failed"));
    await server.close();
  });

  it("ends in the middle of opening, of a change of the rate and on abort", async () => {
    const server = await serveComPort(new FakeChip(), { lines: false, mute: true });
    const stop = new AbortController();
    const opening = openTransport(at(server.port), options, stop.signal);
    setTimeout(() => stop.abort(), 20);
    await assert.rejects(opening, failsWith("cancelled"));
    const other = openTransport(at(server.port), options, never);
    setTimeout(() => server.drop(), 50);
    await assert.rejects(other, failsWith("port-lost"));
    await server.close();
    const plain = await serveComPort(new FakeChip(), { lines: true });
    const transport = await openTransport(at(plain.port), options, never);
    const changing = transport.setBaudRate(921_600);
    plain.drop();
    await assert.rejects(changing, failsWith("port-lost"));
    await transport.close();
    await plain.close();
  });

  /** What opening such a server ends with. */
  async function refusal(manners: Manners): Promise<string> {
    const server = await serveComPort(new FakeChip(), manners);
    try {
      await (await openTransport(at(server.port), options, never)).close();
      return "";
    } catch (error) {
      assert.ok(isFlasherError(error), String(error));
      return `${error.code}: ${english(error.context.detail ?? "")}`;
    } finally {
      await server.close();
    }
  }

  it("says what the server itself said to whom it sends away, and what a port that is not set as asked would do", async () => {
    assert.match(
      await refusal({ lines: true, says: "Port already in use\r\n" }),
      /^port-busy: .*"Port already in use"/,
    );
    assert.match(
      await refusal({ lines: true, raw: true, says: "Device open failure: No such file\r\n" }),
      /^host-unreachable: .*"Device open failure/,
    );
    const sevenBits = (command: Buffer): Buffer => (command[0] === 2 ? Buffer.from([2, 7]) : command);
    assert.match(await refusal({ lines: true, answers: sevenBits }), /^command-unsupported: .*8 data bits/);
  });

  it("goes back to the rate before where another one was set than asked for, and drops what came until then", async () => {
    const chip = new FakeChip();
    const asked: number[] = [];
    const answers = (command: Buffer): Buffer => {
      if (command[0] !== 1) return command;
      asked.push(command.readUInt32BE(1));
      if (asked.at(-1) !== 921_600) return command;
      chip.send(Uint8Array.of(1, 2, 3));
      return Buffer.from("0100002580", "hex");
    };
    const server = await serveComPort(chip, { lines: false, answers });
    const transport = await openTransport(at(server.port), options, never);
    await assert.rejects(transport.setBaudRate(921_600), failsWith("baud-change-failed"));
    assert.deepEqual(asked, [115_200, 921_600, 115_200]);
    chip.send(Uint8Array.of(9));
    assert.deepEqual(await readExactly(transport, 1), Uint8Array.of(9));
    await transport.close();
    await server.close();
  });

  it("sends nothing while the server's buffer is full, and all of it in order afterwards", async () => {
    const chip = new FakeChip();
    const server = await serveComPort(chip, { lines: false });
    const transport = await openTransport(at(server.port), options, never);
    server.say("fffa2c6cfff0");
    // Said before: the answer to a purge is behind it.
    await transport.discardInput();
    const given = new AbortController();
    const written = [1, 2, 3].map((byte) => transport.write(Uint8Array.of(byte), never));
    const dropped = transport.write(Uint8Array.of(4), given.signal);
    given.abort();
    await assert.rejects(dropped, failsWith("cancelled"));
    await transport.discardInput();
    assert.equal(chip.receivedBytes, 0);
    server.say("fffa2c6dfff0");
    await Promise.all(written);
    await chip.until(() => chip.receivedBytes === 3);
    assert.deepEqual(chip.all(), Uint8Array.of(1, 2, 3));
    await transport.close();
    await server.close();
  });
});
