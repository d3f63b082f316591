/** A person may want to reset the chip by hand only: then nothing that resets or reboots leaves this program. */
import assert from "node:assert/strict";
import {
  runJob,
  silentLog,
  systemClock,
  words,
  type ControlLines,
  type SessionOptions,
  type Transport,
} from "../../../src/core/index";
import type { ResetStrategy } from "../../../src/core/transport/resetStrategies";
import { createChip, memoryTransport } from "../../../src/simulator/index";
import { collect, never } from "./rig";

const REBOOT_TEXT = "reboot";
const REBOOT_PACKET = Buffer.from([0x01, 0xe0, 0xfc, 0x02, 0x0e, 0xa5]);

interface Watched {
  readonly lines: ControlLines[];
  readonly sent: Uint8Array[];
}

async function infoWith(how: Pick<SessionOptions, "autoReset" | "resets">): Promise<Watched> {
  const chip = createChip("bk7231t", { pace: "none", person: "auto", personWaitMs: 1_500 });
  // The firmware runs: nobody has reset the chip yet.
  while (chip.state !== "app") await systemClock.sleep(20, never);
  const watched: Watched = { lines: [], sent: [] };
  const inner = memoryTransport(chip, { controlLines: true });
  const transport: Transport = {
    label: inner.label,
    can: inner.can,
    read: (timeoutMs, signal) => inner.read(timeoutMs, signal),
    write: (bytes, signal) => {
      watched.sent.push(bytes.slice());
      return inner.write(bytes, signal);
    },
    setBaudRate: (baud) => inner.setBaudRate(baud),
    setControlLines: (state) => {
      watched.lines.push(state);
      return inner.setControlLines(state);
    },
    discardInput: () => inner.discardInput(),
    close: () => inner.close(),
  };
  try {
    const outcome = await collect(
      runJob(
        { kind: "info" },
        {},
        {
          session: { port: { kind: "serial", path: "memory" }, baudRate: 115_200, linkTimeoutMs: 30_000, ...how },
          deps: { open: () => Promise.resolve(transport), clock: systemClock, log: silentLog },
          signal: never,
        },
      ),
    );
    assert.equal(outcome.error, undefined);
  } finally {
    chip.dispose();
  }
  return watched;
}

function assertAsksForNoReboot({ sent }: Watched): void {
  const everything = Buffer.concat(sent);
  assert.equal(everything.includes(REBOOT_TEXT), false);
  assert.equal(everything.includes(REBOOT_PACKET), false);
}

describe("resetting the chip", () => {
  it("is tried by every way there is, unless it is switched off: then by none", async () => {
    const [tried, left] = await Promise.all([infoWith({ autoReset: true }), infoWith({ autoReset: false })]);
    assert.ok(tried.lines.some(({ rts }) => rts) && tried.lines.some(({ dtr }) => dtr));
    assert.deepEqual(left.lines, []);
    assertAsksForNoReboot(left);
  });

  it("is tried by a person's own ways in place of those of the table, in their order, and by none where there are none", async () => {
    const [released, both] = [
      { dtr: false, rts: false },
      { dtr: true, rts: true },
    ];
    const pulse = (id: string, hold: ControlLines): ResetStrategy => ({
      id,
      name: words`${id}`,
      steps: [{ lines: hold }, { waitMs: 20 }, { lines: released }],
      listenMs: 150,
    });
    const dtr = { dtr: true, rts: false };
    const [own, none] = await Promise.all([
      infoWith({ resets: [pulse("both", both), pulse("dtr", dtr)] }),
      infoWith({ resets: [] }),
    ]);
    const held = own.lines.filter((lines) => lines.dtr || lines.rts);
    assert.deepEqual(held[0], both);
    assert.ok(
      held.every((lines) => lines.dtr),
      "not by RTS alone, which the table has",
    );
    assert.deepEqual(held[1], dtr);
    assert.deepEqual(
      none.lines.filter((lines) => lines.dtr || lines.rts),
      [],
    );
    for (const watched of [own, none]) assertAsksForNoReboot(watched);
  });
});
