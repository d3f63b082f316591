import assert from "node:assert/strict";
import { isFlasherError } from "../../../src/core/base/errors";
import { english } from "../../../src/core/base/words";
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

  it("goes on with a warning where echoes are lost", async () => {
    const chip = new FakeChip();
    const server = await serveComPort(chip, { lines: true, mute: true });
    const warnings: string[] = [];
    const warn = (what: Parameters<typeof english>[0]): void => void warnings.push(english(what));
    const transport = await openTransport(at(server.port), { ...options, warn }, never);
    assert.ok(
      warnings.some((warning) => /115200 baud/.test(warning)),
      warnings.join("; "),
    );
    chip.echo = true;
    await transport.write(Uint8Array.of(1, 0xff, 2), never);
    assert.deepEqual(await readExactly(transport, 3), Uint8Array.of(1, 0xff, 2));
    assert.equal(transport.can.controlLines, false);
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
    await assert.rejects(
      opening,
      (error: unknown) => isFlasherError(error) && ["cancelled", "port-lost"].includes(error.code),
    );
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
});
