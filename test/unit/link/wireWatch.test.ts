/** What is on the wire while a chip is waited for: streams in the shapes of real ones, cut at every size. */
import assert from "node:assert/strict";
import { ascii, concat } from "../../../src/core/base/bytes";
import { WireWatch } from "../../../src/core/beken/device/wireWatch";
import { ReplyDecoder } from "../../../src/core/beken/protocol/decoder";
import type { LinkReading } from "../../../src/core/driver/driverEvents";
import { sampledAt } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/prng";

const CHECK = Uint8Array.of(0x01, 0xe0, 0xfc, 0x01, 0x00);
const EVERY_MS = 4;
const CHUNKS = [1, 2, 3, 5, 7, 16, 64, 4096];

interface Recorded {
  /** What is heard, and when, while link checks flow every 4 ms. */
  readonly heard: readonly (readonly [at: number, bytes: Uint8Array])[];
  /** When lines are asserted, from and to. */
  readonly asserted?: readonly [from: number, to: number];
  /** Nothing is sent from and to. */
  readonly quiet?: readonly [from: number, to: number];
}

const boot = ascii("\r\r\nV:BK7231S_1.0.5\r\r\nCPSR:000000D3\r\r\nR0:FE5BEEFF\r\r\nR1:DFFFBFFF\r\r\nJ 0x10000\r\r\n");
const esphome = ascii(
  "\u001b[0;32m[I][app:158]: ESPHome version 2026.8.0 compiled on 2026-08-20 10:00:00 +0000\u001b[0m\r\n",
);
const openBeken = ascii("OpenBK7231T, version 1.18.300\r\nInfo:MAIN:Main_Init_Before_Delay\r\n");
const tuya = ascii("[01-01 18:12:15 TUYA N][lr:0xa5969] uni_thread start\r\n");
const unknown = ascii("hello from a board of my own, counter is 17\r\n");
const spread = (bytes: Uint8Array, from = 300): Recorded["heard"] =>
  Array.from({ length: 8 }, (_, i) => [from + 150 * i, bytes] as const);
const whileSending = Array.from({ length: 20 }, (_, i) => [300 + EVERY_MS * i, noise(i + 1, 2)] as const);

const STREAMS: Readonly<Record<string, Recorded & { readonly expected: Partial<LinkReading> }>> = {
  silence: { heard: [], expected: { wire: "silence" } },
  "own echo": { heard: spread(concat(CHECK, CHECK)), expected: { wire: "echo" } },
  "boot code's text": { heard: spread(boot), expected: { wire: "log-text", firmware: "BK7231S_1.0.5" } },
  ESPHome: { heard: spread(esphome), expected: { wire: "log-text", firmware: "ESPHome 2026.8.0" } },
  OpenBeken: { heard: spread(openBeken), expected: { wire: "log-text", firmware: "OpenBK7231T 1.18.300" } },
  Tuya: { heard: spread(tuya), expected: { wire: "log-text", firmware: "Tuya" } },
  "text of nobody known": { heard: spread(unknown), expected: { wire: "log-text" } },
  "a log at 38400": {
    heard: spread(sampledAt(openBeken, 38_400, 115_200)),
    expected: { wire: "other-speed", rate: { baud: 38_400, orSlower: false } },
  },
  "a microcontroller at 9600": {
    heard: spread(sampledAt(Uint8Array.of(0x55, 0xaa, 3, 0, 0, 1, 1, 4, 0x55, 0xaa, 3, 7), 9_600, 115_200)),
    expected: { wire: "other-speed", rate: { baud: 9_600, orSlower: true } },
  },
  "held in reset": { heard: [[520, boot]], asserted: [500, 620], expected: { wire: "held" } },
  "crossed wires": { heard: whileSending, quiet: [400, 700], expected: { wire: "crossed" } },
  "noise that comes by itself": {
    heard: [...whileSending, [600, noise(99, 9)]],
    quiet: [400, 700],
    expected: { wire: "noise" },
  },
};

/** @returns the last reading, and when it was first this one, ms */
function play(
  { heard, asserted, quiet, expected }: (typeof STREAMS)[string],
  chunk: number,
): { readonly last: LinkReading; readonly at: number } {
  const watch = new WireWatch();
  const decoder = new ReplyDecoder();
  const RELEASED = { dtr: false, rts: false };
  watch.lines(RELEASED, 0);
  let last = watch.reading(decoder.diagnosis);
  let first: number | undefined;
  for (let at = 0; at <= 2_000; at++) {
    if (at === asserted?.[0]) watch.lines({ dtr: false, rts: true }, at);
    if (at === asserted?.[1]) watch.lines(RELEASED, at);
    const isQuiet = quiet !== undefined && at >= quiet[0] && at < quiet[1];
    if (at % EVERY_MS === 0 && !isQuiet) watch.sent(at);
    for (const [when, bytes] of heard) {
      if (when !== at) continue;
      for (let from = 0; from < bytes.length; from += chunk) {
        const piece = bytes.subarray(from, from + chunk);
        decoder.push(piece);
        watch.heard(piece, 115_200, at);
      }
    }
    last = watch.reading(decoder.diagnosis);
    const isRight = last.wire === expected.wire;
    if (!isRight) first = undefined;
    else first ??= at;
  }
  return { last, at: first ?? Infinity };
}

describe("what is on the wire", () => {
  for (const [name, stream] of Object.entries(STREAMS))
    it(`is told in whatever pieces it comes: ${name}`, () => {
      for (const chunk of CHUNKS) {
        const { last } = play(stream, chunk);
        const { bytesSeen, ...read } = last;
        assert.deepEqual(read, stream.expected, `in pieces of ${chunk}, of ${bytesSeen} bytes`);
      }
    });

  it("is told within two seconds, on the streams' own clock", () => {
    const times = Object.values(STREAMS).map((stream) => play(stream, 16).at);
    times.sort((a, b) => a - b);
    assert.ok((times[Math.floor(times.length / 2)] ?? Infinity) < 2_000, times.join());
    assert.ok((times.at(-1) ?? Infinity) <= 2_000, times.join());
  });

  it("is told of a faster sender once the host listens at its rate", () => {
    const watch = new WireWatch();
    const decoder = new ReplyDecoder();
    const garbled = sampledAt(esphome, 921_600, 115_200);
    decoder.push(garbled);
    watch.heard(garbled, 115_200, 10);
    watch.heard(esphome, 921_600, 20);
    assert.deepEqual(watch.reading(decoder.diagnosis).rate, { baud: 921_600, orSlower: false });
  });
});
