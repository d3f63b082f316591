/** A whole job behind serial servers of the network: backup, flash and verify, byte for byte, at the speed that the server lets them have. */
import assert from "node:assert/strict";
import { FlasherSession, openTransport, parsePort } from "../../../src/core/index";
import { serveOnPty } from "../../../src/simulator/index";
import { PYTHON, SER2NET, realServer, serveComPort } from "../transport/comPortServer";
import { openSoon } from "../transport/contract";
import { APP_AT, BEDROOM_RBL, fileAt } from "./builds";
import { Rig, firstDifference, flashRequest, never, resultOf } from "./rig";

const FILE = fileAt(BEDROOM_RBL);

interface Served {
  readonly port: number;
  readonly close: () => Promise<void>;
}

async function behindReal(kind: "ser2net" | "pyserial", rig: Rig): Promise<Served> {
  const pty = await serveOnPty(rig.chip);
  const server = await realServer(kind, pty.port);
  return {
    port: server.port,
    async close() {
      await server.close();
      await pty.close();
    },
  };
}

const SERVERS = [
  ["ser2net", SER2NET !== undefined, (rig: Rig) => behindReal("ser2net", rig)],
  ["pyserial", PYTHON !== undefined, (rig: Rig) => behindReal("pyserial", rig)],
  ["one that sets the lines", true, ({ chip }: Rig) => serveComPort(chip, { lines: true })],
] as const;

for (const [name, isThere, serve] of SERVERS)
  (isThere ? describe : describe.skip)(`a whole job behind ${name}`, () => {
    it("backs up, flashes and verifies", async () => {
      const rig = new Rig("bk7231t");
      const server = await serve(rig);
      const port = parsePort(`rfc2217://127.0.0.1:${server.port}`);
      const deps = { ...rig.deps, open: openSoon(openTransport) };
      const session = await FlasherSession.open({ ...rig.sessionOptions, port }, deps, never);
      try {
        const before = rig.snapshot();
        const backup = resultOf("backup", await rig.inSession(session, { kind: "backup" }));
        assert.equal(firstDifference(backup.data, before), -1, "the backup");
        const flashed = resultOf("flash", await rig.inSession(session, flashRequest(FILE)));
        assert.equal(flashed.verified, true);
        assert.equal(firstDifference(FILE.bytes, rig.chip.flash.slice(APP_AT, APP_AT + FILE.bytes.length)), -1);
        assert.equal(firstDifference(before.subarray(0, APP_AT), rig.chip.flash.subarray(0, APP_AT)), -1, "boot code");
        assert.ok((rig.rates.at(-1)?.baudRate ?? 0) >= 460_800, `at ${rig.rates.at(-1)?.baudRate}`);
      } finally {
        await session.close();
        await server.close();
        rig.dispose();
      }
    });
  });
