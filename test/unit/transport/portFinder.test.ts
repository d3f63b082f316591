import assert from "node:assert/strict";
import fc from "fast-check";
import { portFinder } from "../../../src/core/transport/portFinder";
import { findAdapter, markAdapter } from "../../../src/core/transport/sameAdapter";
import type { PortInfo } from "../../../src/core/transport/transport";

const ch340 = (path: string): PortInfo => ({ path, vendorId: "1a86", productId: "7523", manufacturer: "QinHeng" });
const ftdi = (path: string, serialNumber: string): PortInfo => ({
  path,
  vendorId: "0403",
  productId: "6001",
  manufacturer: "FTDI",
  serialNumber,
});
const cp210x = (path: string): PortInfo => ({ path, vendorId: "10c4", productId: "ea60", serialNumber: "0001" });

/** Where the adapter opened as `path` is, when `before` became `after`. */
function found(path: string, before: readonly PortInfo[], after: readonly PortInfo[]): string | undefined {
  return findAdapter(markAdapter(path, before), after);
}

describe("an adapter that was pulled out", () => {
  it("is away while nothing like it is there", () => {
    assert.equal(found("COM5", [ch340("COM5")], []), undefined);
    assert.equal(found("COM5", [ch340("COM5")], [ftdi("COM6", "A1"), cp210x("COM7")]), undefined);
  });

  it("is found under its name and under another", () => {
    assert.equal(found("COM5", [ch340("COM5")], [ch340("COM5")]), "COM5");
    assert.equal(found("/dev/ttyUSB0", [ch340("/dev/ttyUSB0")], [ch340("/dev/ttyUSB1")]), "/dev/ttyUSB1");
    const others = [ftdi("/dev/ttyUSB1", "B2"), ch340("/dev/ttyUSB2")];
    assert.equal(
      found("/dev/ttyUSB0", [ftdi("/dev/ttyUSB0", "A1"), ...others], [ftdi("/dev/ttyUSB3", "A1"), ...others]),
      "/dev/ttyUSB3",
    );
  });

  it("is not another one, even under its name", () => {
    assert.equal(found("COM5", [ftdi("COM5", "A1")], [ftdi("COM5", "B2")]), undefined);
    assert.equal(found("COM5", [ftdi("COM5", "A1")], [ftdi("COM6", "B2")]), undefined);
    assert.equal(found("COM5", [ch340("COM5")], [cp210x("COM5")]), undefined);
    assert.equal(found("COM5", [ch340("COM5")], [{ path: "COM5" }]), undefined, "not described yet");
    assert.equal(found("COM5", [ch340("COM5")], [{ ...ch340("COM5"), manufacturer: "another" }]), undefined);
  });

  it("is not guessed at where there is a choice", () => {
    const [one, two] = [ch340("/dev/ttyUSB0"), ch340("/dev/ttyUSB1")];
    assert.equal(found("/dev/ttyUSB0", [one, two], [two]), undefined, "its twin was there all along");
    assert.equal(found("/dev/ttyUSB0", [one, two], [ch340("/dev/ttyUSB2")]), undefined);
    assert.equal(found("/dev/ttyUSB0", [one], [two, ch340("/dev/ttyUSB2")]), undefined);
    assert.equal(found("/dev/ttyUSB0", [one, two], [one, two]), "/dev/ttyUSB0");
    // Two ports of one adapter share its serial number.
    const [a, b] = [ftdi("/dev/ttyUSB0", "A1"), ftdi("/dev/ttyUSB1", "A1")];
    assert.equal(found("/dev/ttyUSB0", [a, b], [ftdi("/dev/ttyUSB2", "A1"), ftdi("/dev/ttyUSB3", "A1")]), undefined);
  });

  it("a port without a description is the same under the same name, unless an adapter has taken that", () => {
    assert.equal(found("/dev/ttyGS0", [], []), "/dev/ttyGS0");
    assert.equal(found("/dev/ttyS0", [{ path: "/dev/ttyS0" }], [{ path: "/dev/ttyS0" }]), "/dev/ttyS0");
    assert.equal(found("/dev/ttyX0", [], [ch340("/dev/ttyX0")]), undefined);
    assert.equal(found("/dev/ttyGS0", [], [ch340("/dev/ttyUSB0")]), "/dev/ttyGS0");
  });

  it("a pseudo-terminal never comes back: the next of its number belongs to somebody else", () => {
    assert.equal(found("/dev/pts/3", [], []), undefined);
    assert.equal(found("/dev/ttys003", [], []), undefined);
  });

  it("whatever is plugged in: what is found has the ids, maker and serial number it had, and there is only one such", () => {
    const port = fc.record({
      path: fc.constantFrom("COM1", "COM2", "COM3", "COM4"),
      vendorId: fc.constantFrom("1a86", "0403"),
      productId: fc.constantFrom("7523", "6001"),
      manufacturer: fc.constantFrom("x", "y"),
      serialNumber: fc.constantFrom("s1", "s2"),
    });
    const list = fc.uniqueArray(port, { selector: ({ path }) => path, maxLength: 4 });
    let hits = 0;
    fc.assert(
      fc.property(list, list, fc.nat(3), (before, after, which) => {
        const ours = before[which];
        if (!ours) return;
        const path = found(ours.path, before, after);
        if (path === undefined) return;
        hits++;

        const same = (one: PortInfo): boolean =>
          JSON.stringify({ ...one, path: "" }) === JSON.stringify({ ...ours, path: "" });
        const there = after.find((one) => one.path === path);
        assert.ok(there && same(there));
        if (path !== ours.path) assert.equal([...before, ...after].filter(same).length, 2);
      }),
      { numRuns: 5_000 },
    );
    assert.ok(hits > 100, `${hits}`);
  });
});

describe("finding ports again", () => {
  it("a network port is where it was", async () => {
    const ref = { kind: "tcp", host: "h", port: 1 } as const;
    const find = await portFinder(() => Promise.reject(new Error("must not be asked"))).remember(ref);
    assert.deepEqual(await find(), ref);
  });

  it("a link to a pseudo-terminal is a name that somebody gave it, and may lead to the next one", async () => {
    let target = "/dev/pts/3";
    const ref = { kind: "serial", path: "/tmp/bridge" } as const;
    const find = await portFinder(
      () => Promise.resolve([]),
      (path) => Promise.resolve(path === ref.path ? target : path),
    ).remember(ref);
    target = "/dev/pts/7";
    assert.deepEqual(await find(), ref);
  });

  it("a link to a device is followed, and kept as the name while it leads to the same adapter", async () => {
    let ports = [ch340("/dev/ttyUSB0")];
    let target = "/dev/ttyUSB0";
    const ref = { kind: "serial", path: "/dev/serial/by-id/usb-1a86" } as const;
    const behind = (path: string): Promise<string> => Promise.resolve(path === ref.path ? target : path);
    const find = await portFinder(() => Promise.resolve(ports), behind).remember(ref);
    [ports, target] = [[], ref.path];
    assert.equal(await find(), undefined);
    ports = [ch340("/dev/ttyUSB1")];
    assert.deepEqual(await find(), { kind: "serial", path: "/dev/ttyUSB1" });
    target = "/dev/ttyUSB1";
    assert.deepEqual(await find(), ref);
    [ports, target] = [[ftdi("/dev/ttyUSB1", "A1")], "/dev/ttyUSB1"];
    assert.equal(await find(), undefined);
  });
});
