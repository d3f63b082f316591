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
        // Frames of few kinds of bytes fit rates near this one as well, and nothing is told.
        if (bytes === MCU && sender === 74_880) continue;
        const heard = sampledAt(concat(bytes, bytes, bytes, bytes), sender, 115_200);
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

/**
 * A receiver that takes a low stop bit for the next start bit, or waits until the line rests; written apart from the simulator's.
 * @param resting bits of the sender's between two lines, or between two bytes each
 */
function heardBy(
  bytes: Uint8Array,
  step: number,
  resync: "rest" | "at-once",
  resting: { readonly lines: number; readonly bytes: number },
): Uint8Array {
  const bits: number[] = [];
  bytes.forEach((byte) => {
    bits.push(0);
    for (let i = 0; i < 8; i++) bits.push((byte >> i) & 1);
    bits.push(1);
    for (let i = 0; i < (byte === 0x0a ? resting.lines : resting.bytes); i++) bits.push(1);
  });
  const heard: number[] = [];
  const level = (at: number): number => bits[Math.floor(at)] ?? 1;
  for (let at = 0; heard.length < 256;) {
    if (resync === "rest") while (level(at) === 0) at = Math.floor(at) + 1;
    while (at < bits.length && level(at) === 1) at = Math.floor(at) + 1;
    if (at >= bits.length) break;
    if (level(at + step / 2) === 1) {
      at += step / 2;
      continue;
    }
    let byte = 0;
    for (let i = 0; i < 8; i++) byte |= level(at + (i + 1.5) * step) << i;
    heard.push(byte);
    at += 9.5 * step;
  }
  return Uint8Array.from(heard);
}

describe("the rate of a sender, by whatever receiver and of whatever it sends", () => {
  const CHINESE = new TextEncoder().encode("[I][传感器:094]: 温度传感器发送状态 21.5 摄氏度，湿度百分之四十五\r\n");
  const ALL = { ...SENT, CHINESE, RANDOM: noise(5, 300) };
  const SPEEDS = [
    300, 600, 1200, 2400, 4800, 9600, 14_400, 19_200, 28_800, 31_250, 38_400, 50_000, 57_600, 62_500, 74_880, 100_000,
    111_111, 115_200, 128_000, 153_600, 230_400, 250_000, 256_000, 460_800, 500_000, 921_600, 1_000_000, 1_500_000,
    2_000_000,
  ];
  const told = { right: 0, of: 0 };

  for (const [name, bytes] of Object.entries(ALL))
    it(`is never told wrongly: ${name}`, () => {
      for (const sender of SPEEDS)
        for (const resync of ["rest", "at-once"] as const)
          for (const resting of [
            { lines: 37, bytes: 0 },
            { lines: 3, bytes: 3 },
          ])
            for (const off of [0.985, 1.015]) {
              const count = Math.ceil((600 * sender) / 115_200) + 200;
              const sent = Uint8Array.from({ length: Math.min(9_000, count) }, (_, i) => bytes[i % bytes.length] ?? 0);
              const heard = heardBy(sent, (sender * off) / 115_200, resync, resting);
              for (const length of [40, 64, 256]) {
                const rate = measureRate(heard.subarray(0, length), 115_200);
                const isUsual = sender < 76_000 && ![31_250, 50_000, 62_500].includes(sender);
                if (isUsual && resync === "rest" && length === 256) told.of++;
                if (rate === undefined) continue;
                if (isUsual && resync === "rest" && length === 256) told.right++;
                const { baud, orSlower } = rate;
                assert.ok(
                  orSlower ? sender <= baud : Math.abs(baud / sender - 1) < 0.05,
                  `${sender} taken for ${baud}, ${resync}, ${off}, ${length}`,
                );
              }
            }
    });

  it("is told of nearly all that send slower than they are heard", () => {
    assert.ok(told.right > 0.9 * told.of, `${told.right} of ${told.of}`);
  });

  it("is not told of one byte over and over, which fits many", () => {
    for (const byte of [0x55, 0x2e, 0xff, 0xe0, 0xf8])
      for (const sender of [38_400, 74_880, 115_200, 153_600, 460_800, 921_600]) {
        const heard = heardBy(new Uint8Array(2_000).fill(byte), sender / 115_200, "rest", { lines: 0, bytes: 0 });
        if (heard.some((each) => each !== 0))
          assert.equal(measureRate(heard, 115_200), undefined, `${byte}, ${sender}`);
      }
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
