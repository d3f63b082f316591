import assert from "node:assert/strict";
import { memoryTransport } from "../../../src/simulator/host/memoryTransport";
import { noise } from "../../../src/simulator/prng";
import { contract, failsWith, never, readExactly } from "./contract";
import { FakeChip } from "./fakeChip";

for (const chunk of [undefined, 1, 7, 64])
  contract(
    `memory, ${chunk ?? "any"} bytes at once`,
    { baudRate: true, controlLines: true, chipSeesRate: true },
    async () => {
      const chip = new FakeChip();
      const transport = memoryTransport(chip, chunk === undefined ? {} : { chunk: chunk === 7 ? () => chunk : chunk });
      return { transport, chip, lose: () => transport.unplug(), close: () => Promise.resolve() };
    },
  );

describe("memory transport", () => {
  it("delivers at most a chunk at once, and exactly that while more is held", async () => {
    for (let chunk = 1; chunk <= 64; chunk++) {
      const chip = new FakeChip();
      const transport = memoryTransport(chip, { chunk });
      chip.send(noise(1, 100));
      chip.send(noise(2, 28));
      const sizes: number[] = [];
      for (let left = 128; left > 0; left -= sizes.at(-1) ?? 0) sizes.push((await transport.read(1_000, never)).length);
      const expected = Array.from({ length: Math.ceil(128 / chunk) }, (_, i) => Math.min(chunk, 128 - i * chunk));
      assert.deepEqual(sizes, expected);
    }
  });

  it("without a rate or control lines refuses both, and the chip hears it at any rate", async () => {
    const chip = new FakeChip();
    const transport = memoryTransport(chip, { baudRate: false, controlLines: false, label: "bridge" });
    assert.equal(transport.label, "bridge");
    assert.deepEqual(transport.can, { baudRate: false, controlLines: false });
    await assert.rejects(transport.setBaudRate(9_600), failsWith("command-unsupported"));
    await assert.rejects(transport.setControlLines({ dtr: true, rts: true }), failsWith("command-unsupported"));
    chip.baud = 1_000_000;
    chip.send(Uint8Array.of(1, 2, 3));
    assert.deepEqual(await readExactly(transport, 3), Uint8Array.of(1, 2, 3));
    await transport.write(Uint8Array.of(4), never);
    assert.deepEqual(chip.received, [{ bytes: Uint8Array.of(4), baud: undefined }]);
  });

  it("tells the chip of its host once, and delivers what came before being unplugged", async () => {
    const chip = new FakeChip();
    const transport = memoryTransport(chip);
    chip.send(Uint8Array.of(8));
    transport.unplug();
    transport.unplug();
    assert.deepEqual(await transport.read(5, never), Uint8Array.of(8));
    await assert.rejects(transport.read(5, never), failsWith("port-lost"));
    await transport.close();
    assert.deepEqual(chip.presence, [true, false]);
  });
});
