import assert from "node:assert/strict";
import fc from "fast-check";
import { FlasherError } from "../../../src/core/base/errors";
import { ascii, fromHex } from "../../../src/core/base/bytes";
import { english } from "../../../src/core/base/words";
import { findCalibration, formatMac, isCalibrationSector, macOf } from "../../../src/core/beken/chips/calibration";
import {
  EFUSE_CONTROL_REGISTER,
  decodeEfuse,
  efuseByteOf,
  efuseIsReady,
  efuseReadRequest,
} from "../../../src/core/beken/chips/efuse";
import { TUYA_KEY, ZERO_KEY } from "../../../src/core/beken/chips/keys";
import { encodeRequest } from "../../../src/core/beken/protocol/commandTable";

function sector(mac: string): Uint8Array {
  const bytes = new Uint8Array(0x1000).fill(0xff);
  bytes.set(ascii("TLV\0"), 0);
  bytes.set(fromHex("0211111106000000"), 0x1c);
  bytes.set(fromHex(mac), 0x24);
  return bytes;
}

describe("calibration sector", () => {
  it("is recognised by content and gives its MAC", () => {
    const bytes = sector("c8478c112233");
    assert.ok(isCalibrationSector(bytes));
    assert.equal(macOf(bytes), "C8:47:8C:11:22:33");
    assert.ok(!isCalibrationSector(new Uint8Array(0x1000).fill(0xff)));
    assert.ok(!isCalibrationSector(ascii("TL")));
    assert.equal(macOf(bytes.subarray(0, 0x28)), undefined);
  });

  it("gives no MAC where none is plausible", () => {
    for (const mac of ["000000000000", "ffffffffffff", "01478c112233"])
      assert.equal(macOf(sector(mac)), undefined, mac);
    const other = sector("c8478c112233");
    other[0x1c] = 0x03;
    assert.equal(macOf(other), undefined);
    assert.equal(formatMac(fromHex("c8478c1122")), undefined);
  });

  it("is found in a dump, on sector boundaries only, from a start address on", () => {
    const dump = new Uint8Array(0x200000).fill(0xff);
    assert.equal(findCalibration(dump), undefined);
    dump.set(ascii("TLV"), 0x100800);
    assert.equal(findCalibration(dump), undefined);
    dump.set(sector("c8478c112233"), 0x1d0000);
    dump.set(sector("c8478c112233"), 0x1f3000);
    assert.equal(findCalibration(dump), 0x1d0000);
    assert.equal(findCalibration(dump, 0x1d0001), 0x1f3000);
    assert.equal(findCalibration(dump, 0x1f4000), undefined);
  });
});

describe("eFuse handshake", () => {
  it("never sets the burn bit and keeps what is not its own", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), fc.integer({ min: 0, max: 31 }), (current, index) => {
        const value = efuseReadRequest(current, index);
        assert.ok(value >= 0);
        assert.equal(value & 0x1f03, (index << 8) | 1);
        assert.equal((value & ~0x1f03) >>> 0, (current & ~0x1f03) >>> 0);
        encodeRequest("writeRegister", { address: EFUSE_CONTROL_REGISTER, value });
      }),
    );
    assert.equal(efuseReadRequest(0, 0x18), 0x1801, "the documented example");
  });

  it("refuses what would burn, and bytes that do not exist", () => {
    const refused = (error: unknown): boolean => error instanceof FlasherError && error.code === "frame-refused";
    assert.throws(() => encodeRequest("writeRegister", { address: EFUSE_CONTROL_REGISTER, value: 0x1803 }), refused);
    for (const index of [-1, 32, 1.5, NaN]) assert.throws(() => efuseReadRequest(0, index), refused);
  });

  it("reads results", () => {
    assert.ok(efuseIsReady(0x1800) && !efuseIsReady(0x1801));
    assert.equal(efuseByteOf(0x193), 0x93);
    assert.equal(efuseByteOf(0x093), undefined);
  });

  it("decodes the Tuya key, id, MAC and control bits", () => {
    const tuya = fromHex("93b00f51dceacba37ea1935903ebadc7" + "0102030405060708" + "c8478c112233" + "00" + "b8");
    const content = decodeEfuse(tuya);
    assert.deepEqual(content.coefficients, TUYA_KEY);
    assert.equal(content.uniqueId, "0102030405060708");
    assert.equal(content.mac, "C8:47:8C:11:22:33");
    assert.equal(content.keyReadable, false);
    assert.deepEqual(content.controlBits.map(english), [
      "JTAG off",
      "encryption on",
      "key not readable",
      "key not writable",
    ]);
    const blank = decodeEfuse(new Uint8Array(32));
    assert.deepEqual(blank.coefficients, ZERO_KEY);
    assert.equal(blank.mac, undefined);
    assert.equal(blank.keyReadable, true);
    assert.deepEqual(blank.controlBits, []);
    assert.throws(() => decodeEfuse(new Uint8Array(31)), RangeError);
  });
});
