/** Web Serial: the contract over a port as a browser has it, and what only browsers do. */
import assert from "node:assert/strict";
import { openWebSerial } from "../../../src/core/transport/webSerial";
import { SimulatedWebSerialPort } from "../../../src/simulator/host/webSerialPort";
import { contract, failsWith, never, readExactly, turn } from "./contract";
import { FakeChip } from "./fakeChip";

const options = { baudRate: 115_200 };
const LABEL = "CP2102 (browser)";

contract("Web Serial", { baudRate: true, controlLines: true, raisesLines: true, chipSeesRate: true }, async () => {
  const chip = new FakeChip();
  const port = new SimulatedWebSerialPort(chip);
  const transport = await openWebSerial(port, LABEL, options, never);
  return { transport, chip, lose: () => port.unplug(), close: () => Promise.resolve() };
});

describe("Web Serial transport", () => {
  let chip: FakeChip;
  let port: SimulatedWebSerialPort;

  beforeEach(() => {
    chip = new FakeChip();
    port = new SimulatedWebSerialPort(chip);
  });

  it("lets go of DTR and RTS before it sends anything, at every opening", async () => {
    const transport = await openWebSerial(port, LABEL, options, never);
    await transport.setBaudRate(921_600);
    assert.equal(port.openings, 2);
    const raised = { dtr: true, rts: true };
    const released = { dtr: false, rts: false };
    assert.deepEqual(chip.lines, [raised, released, raised, released]);
    assert.equal(chip.receivedBytes, 0);
    await transport.close();
  });

  it("puts the lines back as they were when the rate changes: a released one may hold the chip in reset", async () => {
    const transport = await openWebSerial(port, LABEL, options, never);
    await transport.setControlLines({ dtr: false, rts: true });
    chip.lines.length = 0;
    await transport.setBaudRate(921_600);
    assert.deepEqual(chip.lines, [
      { dtr: true, rts: true },
      { dtr: false, rts: true },
    ]);
    await transport.close();
  });

  it("goes on after noise and a full buffer", async () => {
    const transport = await openWebSerial(port, LABEL, options, never);
    for (const name of ["FramingError", "BufferOverrunError", "BreakError", "ParityError"] as const) {
      port.disturb(name);
      await turn();
      chip.send(Uint8Array.of(7));
      assert.deepEqual(await readExactly(transport, 1), Uint8Array.of(7), name);
    }
    await transport.close();
  });

  it("can be opened again after it was closed", async () => {
    for (let round = 0; round < 3; round++) {
      const transport = await openWebSerial(port, LABEL, options, never);
      chip.echo = true;
      await transport.write(Uint8Array.of(round), never);
      assert.deepEqual(await readExactly(transport, 1), Uint8Array.of(round));
      await transport.close();
    }
  });

  it("says that another page or program has it, and that it is gone", async () => {
    await port.open(options);
    await assert.rejects(openWebSerial(port, LABEL, options, never), failsWith("port-busy"));
    port.unplug();
    await assert.rejects(openWebSerial(port, LABEL, options, never), failsWith("port-not-found"));
  });

  it("closes a port again that opens after the person gave up", async () => {
    const stop = new AbortController();
    const opening = openWebSerial(port, LABEL, options, stop.signal);
    stop.abort();
    await assert.rejects(opening, failsWith("cancelled"));
    while (port.openings === 0 || port.readable !== null) await turn();
    const transport = await openWebSerial(port, LABEL, options, never);
    await transport.close();
  });

  it("keeps the rate it has where the browser does not open the port at another", async () => {
    const transport = await openWebSerial(port, LABEL, options, never);
    await transport.setControlLines({ dtr: false, rts: true });
    const open = port.open.bind(port);
    port.open = (asked) => {
      if (asked.baudRate > 115_200)
        return Promise.reject(new DOMException("Failed to open serial port.", "NetworkError"));
      return open(asked);
    };
    await assert.rejects(transport.setBaudRate(921_600), failsWith("baud-change-failed"));
    chip.echo = true;
    await transport.write(Uint8Array.of(1, 2), never);
    assert.deepEqual(await readExactly(transport, 2), Uint8Array.of(1, 2));
    assert.deepEqual(chip.lines.at(-1), { dtr: false, rts: true });
    await transport.close();
  });

  it("is lost where the port opens at no rate any more", async () => {
    const transport = await openWebSerial(port, LABEL, options, never);
    port.open = () => Promise.reject(new DOMException("Failed to open serial port.", "NetworkError"));
    await assert.rejects(transport.setBaudRate(921_600), failsWith("port-lost"));
    await assert.rejects(transport.read(5, never), failsWith("port-lost"));
    await transport.close();
  });

  it("leaves no port open that is closed while its rate changes", async () => {
    const transport = await openWebSerial(port, LABEL, options, never);
    const open = port.open.bind(port);
    let goOn = (): void => undefined;
    let asked = 0;
    let opening = Promise.resolve();
    const slowly = async (at: { readonly baudRate: number }): Promise<void> => {
      await new Promise<void>((resolve) => (goOn = resolve));
      // Longer than closing takes, which finds it not open yet.
      for (let turns = 0; turns < 10; turns++) await turn();
      await open(at);
    };
    port.open = (at) => {
      asked++;
      return (opening = slowly(at));
    };
    const changing = assert.rejects(transport.setBaudRate(921_600), failsWith("port-lost"));
    while (asked === 0) await turn();
    const closing = transport.close();
    goOn();
    await Promise.all([changing, closing, opening]);
    assert.ok(port.readable === null, "it is closed");
    assert.equal(asked, 1);
    port.open = open;
    await (await openWebSerial(port, LABEL, options, never)).close();
  });

  it("is lost where noise leaves the browser without a stream", async () => {
    const transport = await openWebSerial(port, LABEL, options, never);
    const reading = assert.rejects(transport.read(5_000, never), failsWith("port-lost"));
    port.disturb("BreakError");
    port.readable = null;
    await reading;
    await transport.close();
  });
});
