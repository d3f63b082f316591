/** What every transport must do, whatever carries its bytes. Run by one test file per carrier. */
import assert from "node:assert/strict";
import { concat, toHex } from "../../../src/core/base/bytes";
import { FlasherError, type FlasherErrorCode } from "../../../src/core/base/errors";
import type { Transport, TransportFactory } from "../../../src/core/transport/transport";
import { noise } from "../../../src/simulator/prng";
import type { FakeChip } from "./fakeChip";

export interface Rig {
  readonly transport: Transport;
  readonly chip: FakeChip;
  /** The far end goes away without a word. */
  lose(): Promise<void> | void;
  /** Releases everything the rig opened besides the transport. */
  close(): Promise<void>;
}

export interface Carrier {
  readonly baudRate: boolean;
  readonly controlLines: boolean;
  /** Of carriers whose platform may assert the lines while it opens the port: whether it does. */
  readonly raisesLines?: boolean;
  /** False where a rate change is the platform's business and cannot be seen by the simulator. */
  readonly chipSeesRate: boolean;
  /**
   * A pseudo-terminal's kernel does not say what the other end has yet to read, and drops it when the rate changes. So no
   * driver can wait for it as it waits for a wire, and a test that writes and changes must see the bytes arrive in between.
   */
  readonly dropsUnread?: boolean;
}

export const never = new AbortController().signal;

/** Pauses, where asked to, after every 4 KiB. */
export async function readExactly(
  transport: Transport,
  length: number,
  pause?: () => Promise<void>,
): Promise<Uint8Array> {
  let all = new Uint8Array(length);
  let held = 0;
  let pauseAt = 4_096;
  while (held < length) {
    const bytes = await transport.read(5_000, never);
    assert.notEqual(bytes.length, 0, `only ${held} of ${length} bytes came`);
    if (held + bytes.length > length) all = Uint8Array.from(concat(all, bytes));
    all.set(bytes, held);
    held += bytes.length;
    if (held < pauseAt) continue;
    pauseAt = held + 4_096;
    await pause?.();
  }
  return all.subarray(0, held);
}

/** Opens as soon as somebody listens: ser2net needs a moment before it does, and says nothing. */
export function openSoon(open: TransportFactory): TransportFactory {
  return async (ref, options, signal) => {
    for (let left = 100; ; left--) {
      try {
        return await open(ref, options, signal);
      } catch (error) {
        if (left === 0 || !(error instanceof FlasherError) || error.code !== "host-unreachable") throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };
}

export function failsWith(code: FlasherErrorCode): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof FlasherError, `not one of ours: ${String(error)}`);
    assert.equal(error.code, code, error.message);
    return true;
  };
}

function assertSame(actual: Uint8Array, expected: Uint8Array): void {
  assert.equal(actual.length, expected.length);
  const at = actual.findIndex((byte, index) => byte !== expected[index]);
  assert.equal(
    at,
    -1,
    `differs at ${at}: ${toHex(actual.subarray(at, at + 8))}, not ${toHex(expected.subarray(at, at + 8))}`,
  );
}

export const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

/** @param suite where the carrier is not there on every machine: what skips it */
export function contract(
  name: string,
  carrier: Carrier,
  open: () => Promise<Rig>,
  suite: (title: string, define: () => void) => unknown = describe,
): void {
  suite(`transport contract: ${name}`, () => {
    let rig: Rig;
    beforeEach(async () => {
      rig = await open();
    });
    afterEach(async () => {
      await rig.transport.close();
      await rig.close();
    });

    it("carries every byte value both ways, in order", async () => {
      const bytes = concat(...Array.from({ length: 4 }, () => Uint8Array.from({ length: 256 }, (_, i) => i)));
      rig.chip.echo = true;
      await rig.transport.write(bytes, never);
      assertSame(await readExactly(rig.transport, bytes.length), bytes);
      assertSame(rig.chip.all(), bytes);
    });

    it("keeps the order of many writes of odd sizes", async () => {
      const bytes = noise(7, 20_000);
      const written: Promise<void>[] = [];
      for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7 + 3) % 513)
        written.push(rig.transport.write(bytes.subarray(at, at + size), new AbortController().signal));
      await Promise.all(written);
      await rig.chip.until(() => rig.chip.receivedBytes >= bytes.length);
      assertSame(rig.chip.all(), bytes);
    });

    it("is present to the chip while open", async () => {
      await rig.transport.write(Uint8Array.of(1), never);
      await rig.chip.until(() => rig.chip.receivedBytes === 1);
      assert.deepEqual(rig.chip.presence, [true]);
    });

    it("answers an empty array when nothing comes", async () => {
      const bytes = await rig.transport.read(5, never);
      assert.ok(bytes instanceof Uint8Array);
      assert.equal(bytes.length, 0);
    });

    it("delivers what came before the read, and what comes during it", async () => {
      rig.chip.send(Uint8Array.of(1, 2));
      assert.deepEqual(await readExactly(rig.transport, 2), Uint8Array.of(1, 2));
      const reading = rig.transport.read(5_000, never);
      await turn();
      rig.chip.send(Uint8Array.of(3));
      assert.deepEqual(await reading, Uint8Array.of(3));
    });

    it("ends a read on abort and goes on afterwards, nothing lost", async () => {
      const stop = new AbortController();
      const reading = rig.transport.read(5_000, stop.signal);
      await turn();
      stop.abort();
      await assert.rejects(reading, failsWith("cancelled"));
      await assert.rejects(rig.transport.read(5, stop.signal), failsWith("cancelled"));
      await assert.rejects(rig.transport.write(Uint8Array.of(9), stop.signal), failsWith("cancelled"));
      rig.chip.send(Uint8Array.of(5));
      assert.deepEqual(await readExactly(rig.transport, 1), Uint8Array.of(5));
      await rig.transport.write(Uint8Array.of(6), never);
      await rig.chip.until(() => rig.chip.receivedBytes > 0);
      assertSame(rig.chip.all(), Uint8Array.of(6));
    });

    it("refuses a second read at the same time", async () => {
      const first = rig.transport.read(5_000, never);
      await assert.rejects(rig.transport.read(5, never), failsWith("internal"));
      rig.chip.send(Uint8Array.of(1));
      assert.deepEqual(await first, Uint8Array.of(1));
    });

    it("ends a read under way when closed, closes twice, and is gone for every call afterwards", async () => {
      const ended = assert.rejects(rig.transport.read(5_000, never), failsWith("port-lost"));
      await Promise.all([rig.transport.close(), rig.transport.close()]);
      await rig.transport.close();
      await ended;
      await assert.rejects(rig.transport.read(5, never), failsWith("port-lost"));
      await assert.rejects(rig.transport.write(Uint8Array.of(1), never), failsWith("port-lost"));
      await assert.rejects(rig.transport.setBaudRate(230_400), failsWith("port-lost"));
      await assert.rejects(rig.transport.setControlLines({ dtr: true, rts: false }), failsWith("port-lost"));
      await rig.transport.discardInput();
    });

    it("reports the loss of the far end to a read under way, then to everything", async () => {
      const ended = assert.rejects(rig.transport.read(5_000, never), failsWith("port-lost"));
      await turn();
      await rig.lose();
      await ended;
      await assert.rejects(rig.transport.read(5, never), failsWith("port-lost"));
      await assert.rejects(rig.transport.write(Uint8Array.of(1), never), failsWith("port-lost"));
    });

    it("reports the loss of the far end in the middle of writing", async () => {
      const writeOn = async (): Promise<void> => {
        for (;;) {
          await rig.transport.write(noise(1, 4_096), never);
          await turn();
        }
      };
      const ended = assert.rejects(writeOn(), failsWith("port-lost"));
      await rig.chip.until(() => rig.chip.receivedBytes > 50_000);
      await rig.lose();
      await ended;
    });

    it("drops what was received and not read", async () => {
      rig.chip.send(noise(2, 300));
      await readExactly(rig.transport, 1);
      // Everything of that burst has arrived once it has been quiet; what a read of one chunk left is dropped.
      await new Promise((resolve) => setTimeout(resolve, 30));
      await rig.transport.discardInput();
      assert.equal((await rig.transport.read(5, never)).length, 0);
      rig.chip.send(Uint8Array.of(0x42));
      assert.deepEqual(await readExactly(rig.transport, 1), Uint8Array.of(0x42));
    });

    it("loses nothing of 1 MB to a slow reader", async () => {
      const bytes = noise(3, 1 << 20);
      for (let at = 0; at < bytes.length; at += 10_000) rig.chip.send(bytes.subarray(at, at + 10_000));
      assertSame(await readExactly(rig.transport, bytes.length, turn), bytes);
    });

    it("carries 1 MB both ways at once", async () => {
      const bytes = noise(4, 1 << 20);
      rig.chip.echo = true;
      const writing = (async (): Promise<void> => {
        for (let at = 0; at < bytes.length; at += 4_100)
          await rig.transport.write(bytes.subarray(at, at + 4_100), never);
      })();
      const heard = await readExactly(rig.transport, bytes.length);
      await writing;
      assertSame(heard, bytes);
    });

    it("takes one write of 1 MB", async () => {
      const bytes = noise(5, 1 << 20);
      await rig.transport.write(bytes, never);
      await rig.chip.until(() => rig.chip.receivedBytes >= bytes.length);
      assertSame(rig.chip.all(), bytes);
    });

    it("says what it can", () => {
      const { baudRate, controlLines, raisesLines } = carrier;
      const expected = { baudRate, controlLines, ...(raisesLines !== undefined && { raisesLines }) };
      assert.deepEqual(rig.transport.can, expected);
    });

    it(`${carrier.controlLines ? "sets" : "refuses to set"} the control lines`, async () => {
      if (carrier.controlLines) {
        await rig.transport.setControlLines({ dtr: true, rts: false });
        assert.deepEqual(rig.chip.lines.at(-1), { dtr: true, rts: false });
      } else {
        await assert.rejects(rig.transport.setControlLines({ dtr: true, rts: true }), failsWith("command-unsupported"));
      }
    });

    if (!carrier.baudRate) {
      it("refuses to change the rate", async () => {
        await assert.rejects(rig.transport.setBaudRate(230_400), failsWith("command-unsupported"));
      });
      return;
    }

    it("changes its rate after what was written before", async () => {
      const sent: number[] = [];
      let byte = 0;
      for (const baud of [115_200, 921_600, 460_800, 475_000, 928_571, 2_000_000, 115_200]) {
        await rig.transport.setBaudRate(baud);
        await rig.transport.write(Uint8Array.of(byte++, byte++), never);
        sent.push(baud, baud);
        if (carrier.dropsUnread) await rig.chip.until(() => rig.chip.receivedBytes >= sent.length);
      }
      await rig.chip.until(() => rig.chip.receivedBytes >= sent.length);
      assertSame(
        rig.chip.all(),
        Uint8Array.from(sent, (_, i) => i),
      );
      if (!carrier.chipSeesRate) return;
      assert.deepEqual(
        rig.chip.received.flatMap(({ bytes, baud }) => [...bytes].map(() => baud)),
        sent,
      );
    });

    if (carrier.chipSeesRate)
      it("hears garbage while the chip is at another rate, and sense again afterwards", async () => {
        const bytes = noise(6, 200);
        rig.chip.baud = 921_600;
        rig.chip.send(bytes);
        // Long enough for all of it: quiet for 30 ms.
        const heard: Uint8Array[] = [];
        for (
          let part = await rig.transport.read(1_000, never);
          part.length > 0;
          part = await rig.transport.read(30, never)
        )
          heard.push(part);
        assert.ok(concat(...heard).length > 0);
        assert.notDeepEqual(concat(...heard), bytes);
        await rig.transport.setBaudRate(928_571);
        rig.chip.send(bytes);
        assertSame(await readExactly(rig.transport, bytes.length), bytes);
      });
  });
}
