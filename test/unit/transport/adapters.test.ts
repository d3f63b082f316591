import assert from "node:assert/strict";
import { ADAPTERS, adapterKey, adapterOf, comparePorts, describePort } from "../../../src/core/transport/adapters";

describe("serial adapters", () => {
  it("are known by ids in any case, each once", () => {
    assert.equal(adapterOf("1A86", "7523")?.name, "CH340");
    assert.equal(adapterOf("10c4", "EA60")?.name, "CP210x");
    assert.equal(adapterOf("0403", "6001")?.maxBaud, 3_000_000);
    assert.equal(adapterOf("1a86", undefined), undefined);
    assert.equal(adapterOf("ffff", "ffff"), undefined);
    assert.equal(new Set(ADAPTERS.map(({ vendorId, productId }) => `${vendorId}:${productId}`)).size, ADAPTERS.length);
    for (const { vendorId, productId } of ADAPTERS)
      assert.match(`${vendorId}:${productId}`, /^[0-9a-f]{4}:[0-9a-f]{4}$/);
  });

  it("are described without empty fields, ids as USB has them", () => {
    assert.deepEqual(
      describePort({ path: "COM5", vendorId: "1A86", productId: "7523", manufacturer: "wch.cn", serialNumber: "" }),
      {
        path: "COM5",
        vendorId: "1a86",
        productId: "7523",
        manufacturer: "wch.cn",
        adapter: "CH340",
        maxBaud: 2_000_000,
      },
    );
    assert.deepEqual(
      describePort({ path: "/dev/ttyUSB0", vendorId: "0x403\n", productId: "6015\n", serialNumber: "DN01\n" }),
      {
        path: "/dev/ttyUSB0",
        vendorId: "0403",
        productId: "6015",
        serialNumber: "DN01",
        adapter: "FT230X/FT231X",
        maxBaud: 3_000_000,
      },
    );
    assert.deepEqual(describePort({ path: "/dev/ttyS0", vendorId: undefined, productId: "no id" }), {
      path: "/dev/ttyS0",
    });
    assert.deepEqual(describePort({ path: "/dev/tty.usbserial-1" }), { path: "/dev/cu.usbserial-1" });
  });

  it("are told apart by serial numbers, and where those say nothing by the ports they are at", () => {
    const ids = { vendorId: "10c4", productId: "ea60" } as const;
    const at = (path: string, serialNumber?: string): string =>
      adapterKey({ kind: "serial", path }, { path, ...ids, ...(serialNumber !== undefined && { serialNumber }) });
    assert.equal(at("COM5", "A1"), at("COM9", "A1"));
    assert.notEqual(at("COM5", "A1"), at("COM5", "A2"));
    for (const none of [undefined, "0001"]) assert.notEqual(at("COM5", none), at("COM9", none));
    assert.equal(at("COM5"), at("COM5"));
    const ft232 = { vendorId: "0403", productId: "6001", serialNumber: "0001" };
    const [here, there] = ["COM5", "COM9"].map((path) => adapterKey({ kind: "serial", path }, { path, ...ft232 }));
    assert.equal(here, there, "somebody has given it that number");
    assert.equal(adapterKey({ kind: "rfc2217", host: "h", port: 1 }), "rfc2217://h:1");
  });

  it("sort known adapters first, then USB, then the rest, numbers as numbers", () => {
    const ports = [
      { path: "COM1" },
      { path: "COM10", vendorId: "1a86", productId: "7523" },
      { path: "COM3", vendorId: "dead", productId: "beef" },
      { path: "COM9", vendorId: "0403", productId: "6001" },
      { path: "/dev/ttyACM0" },
    ].map(describePort);
    const sorted = ports.sort(comparePorts).map(({ path }) => path);
    assert.deepEqual(sorted, ["COM9", "COM10", "/dev/ttyACM0", "COM3", "COM1"]);
  });
});
