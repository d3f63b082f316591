/** The rate of a sender, from what a receiver at another makes of it: text and frames through a receiver that samples as UARTs do. */
import assert from "node:assert/strict";
import { ascii, concat } from "../../../src/core/base/bytes";
import { measureRate } from "../../../src/core/monitor/measuredRate";
import { sampledAt } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/prng";

const BOOT = ascii("\r\r\nV:BK7231S_1.0.5\r\r\nCPSR:000000D3\r\r\nR0:FE5BEEFF\r\r\nR1:DFFFBFFF\r\r\nJ 0x10000\r\r\n");
const ESPHOME = ascii(
  "\u001b[0;32m[I][logger:049]: Log initialized\u001b[0m\r\n\u001b[0;35m[C][wifi:600]: Starting\u001b[0m\r\n",
);
const OPENBEKEN = ascii("Info:MAIN:Time 1, idle 180000/s, free 70000, MQTT 0(0), bWifi 0, socks 2/38 \r\n");
/** What a microcontroller of Tuya's says to the module: heartbeat, product, states. */
const MCU = concat(
  Uint8Array.of(0x55, 0xaa, 0x03, 0x00, 0x00, 0x01, 0x01, 0x04),
  Uint8Array.of(0x55, 0xaa, 0x03, 0x07, 0x00, 0x05, 0x01, 0x01, 0x00, 0x01, 0x01, 0x12),
  Uint8Array.of(0x55, 0xaa, 0x03, 0x07, 0x00, 0x08, 0x06, 0x02, 0x00, 0x04, 0x00, 0x00, 0x00, 0xc8, 0xe5),
);
const SENT = { BOOT, ESPHOME, OPENBEKEN, MCU };
const SLOWER = [19_200, 38_400, 57_600, 74_880];

describe("the rate of a sender", () => {
  it("is measured from what a faster receiver makes of its bytes, whatever it says", () => {
    for (const [name, bytes] of Object.entries(SENT))
      for (const sender of SLOWER) {
        const heard = sampledAt(concat(bytes, bytes), sender, 115_200);
        assert.deepEqual(measureRate(heard, 115_200), { baud: sender, orSlower: false }, `${name} at ${sender}`);
      }
  });

  it("is measured where neither end keeps its rate exactly", () => {
    for (const off of [0.98, 0.99, 1.01, 1.02])
      for (const sender of SLOWER)
        assert.equal(measureRate(sampledAt(BOOT, sender * off, 115_044), 115_200)?.baud, sender, `${sender}, ${off}`);
  });

  it("is told as a limit where one of its bits is longer than a byte of the receiver's", () => {
    for (const sender of [9_600, 4_800, 2_400])
      assert.deepEqual(measureRate(sampledAt(OPENBEKEN, sender, 115_200), 115_200), { baud: 9_600, orSlower: true });
    assert.deepEqual(measureRate(sampledAt(OPENBEKEN, 115_200, 921_600), 921_600), { baud: 115_200, orSlower: false });
  });

  it("is not told of text at the receiver's own rate, of a faster sender, of noise, and of next to nothing", () => {
    for (const bytes of Object.values(SENT)) assert.equal(measureRate(bytes, 115_200), undefined);
    for (const sender of [230_400, 460_800, 921_600])
      assert.equal(measureRate(sampledAt(concat(BOOT, ESPHOME, OPENBEKEN), sender, 115_200), 115_200), undefined);
    for (let seed = 1; seed <= 50; seed++) assert.equal(measureRate(noise(seed, 40), 115_200), undefined, `${seed}`);
    assert.equal(measureRate(new Uint8Array(7), 115_200), undefined);
    assert.equal(measureRate(Uint8Array.of(0xe0, 0xe0, 0xe0, 0xe0, 0xe0, 0xe0, 0xe0, 0xe0), 115_200), undefined);
  });
});

describe("a receiver at another rate than the sender", () => {
  it("hears every byte at the same rate, and what its own bits see of the line at another", () => {
    assert.deepEqual(sampledAt(BOOT, 115_200, 115_200), BOOT);
    assert.deepEqual(sampledAt(BOOT, 115_044, 115_200), BOOT);
    // Low for the start bit of two, high for the stop bit: 01, then a one, a zero, and all ones up to the next byte.
    assert.deepEqual([...sampledAt(Uint8Array.of(0x01), 57_600, 115_200)].slice(0, 1), [0b00000110]);
    assert.deepEqual([...sampledAt(Uint8Array.of(0x00), 9_600, 115_200)], [0x00]);
  });
});
