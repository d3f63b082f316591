/** What is on the wire while a chip is waited for: streams in the shapes of real ones, cut at every size. */
import assert from "node:assert/strict";
import { ascii, concat } from "../../../src/core/base/bytes";
import { WireWatch } from "../../../src/core/beken/device/wireWatch";
import { ReplyDecoder } from "../../../src/core/beken/protocol/decoder";
import type { LinkReading } from "../../../src/core/driver/driverEvents";
import { sampledAt } from "../../../src/simulator/index";
import { mix, noise } from "../../../src/simulator/prng";

const CHECK = Uint8Array.of(0x01, 0xe0, 0xfc, 0x01, 0x00);
const EVERY_MS = 4;
/** While nothing is sent, it is looked for bytes as often. */
const LOOK_MS = 10;
/** From, to, and what comes first after it: what came meanwhile is read, or what was due is sent. */
type Busy = readonly [from: number, to: number, then: "reads first" | "sends first"];
const CHUNKS = [...Array.from({ length: 64 }, (_, i) => i + 1), 4096];
/** As often as whoever waits for a chip is told. */
const READ_EVERY_MS = 250;

type Span = readonly [from: number, to: number];

interface Recorded {
  /** What is heard, and when, while link checks flow every 4 ms. */
  readonly heard: readonly (readonly [at: number, bytes: Uint8Array])[];
  /** When lines are asserted, from and to. */
  readonly asserted?: readonly (readonly [from: number, to: number])[];
  /** Nothing is sent from and to. */
  readonly quiet?: readonly Span[];
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
const QUIET: readonly Span[] = [
  [600, 900],
  [1_000, 1_300],
];
const within = (spans: readonly Span[], at: number): boolean => spans.some(([from, to]) => at >= from && at < to);
/** Crosstalk, as long as something is sent. */
const whileSending = [...Array(200).keys()]
  .map((i) => [300 + 8 * i, noise(i + 1, 2)] as const)
  .filter(([at]) => !within(QUIET, at));
const chinese = new TextEncoder().encode("[I][传感器:094]: 温度传感器发送状态，设备已连接到无线网络\r\n");
/** Every 20 ms a byte that nobody has sent. */
const disturbed = (heard: Recorded["heard"], every = 20): Recorded["heard"] =>
  [...heard, ...Array.from({ length: 1_500 / every }, (_, i) => [300 + every * i, noise(i + 7, 1)] as const)].sort(
    ([a], [b]) => a - b,
  );

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
  "Chinese text": { heard: spread(chinese), expected: { wire: "log-text" } },
  "held in reset": { heard: [[520, boot]], asserted: [[500, 620]], expected: { wire: "held" } },
  "held in reset, and nobody known": {
    heard: [
      [520, unknown],
      [1_020, unknown],
    ],
    asserted: [
      [500, 620],
      [1_000, 1_120],
    ],
    expected: { wire: "held" },
  },
  "a line that happened to come while one was asserted": {
    heard: [[520, unknown]],
    asserted: [[500, 620]],
    expected: { wire: "log-text" },
  },
  "crossed wires": { heard: whileSending, quiet: QUIET, expected: { wire: "crossed" } },
  "noise that comes by itself": {
    heard: [...whileSending, [700, noise(99, 9)] as const].sort(([a], [b]) => a - b),
    quiet: QUIET,
    expected: { wire: "noise" },
  },
  "a sender that stands still for one of the pauses": {
    heard: [...whileSending, ...Array.from({ length: 60 }, (_, i) => [1_000 + 5 * i, noise(i, 3)] as const)].sort(
      ([a], [b]) => a - b,
    ),
    quiet: QUIET,
    expected: { wire: "noise" },
  },
  "a glitch as the supply comes up, and a pause of our own": {
    heard: [[500, noise(3, 9)]],
    quiet: QUIET,
    expected: { wire: "noise" },
  },
  "somebody unreadable now and then, in whose pause nothing is sent": {
    heard: [500, 1_400, 1_900].flatMap((from) => [0, 4, 8, 12].map((ms) => [from + ms, noise(from + ms, 4)] as const)),
    quiet: [[900, 1_200]],
    expected: { wire: "noise" },
  },
  "own echo over a bad wire": { heard: disturbed(spread(concat(CHECK, CHECK))), expected: { wire: "echo" } },
  "own echo, and a log": {
    heard: spread(concat(CHECK, esphome, CHECK)),
    expected: { wire: "echo" },
  },
  "ESPHome over a bad wire": {
    heard: disturbed(spread(esphome)),
    expected: { wire: "log-text", firmware: "ESPHome 2026.8.0" },
  },
  "a log at 38400 over a bad wire": {
    heard: disturbed(spread(sampledAt(openBeken, 38_400, 115_200)), 200),
    expected: { wire: "other-speed", rate: { baud: 38_400, orSlower: false } },
  },
};

/** @returns the last reading, since when it was this one in ms, and all that was told */
function play(
  { heard, asserted = [], quiet = [] }: Recorded,
  chunk: number,
  { until = 2_000, every = READ_EVERY_MS, busy = [] as readonly Busy[], lateMs = 0 } = {},
): { readonly last: LinkReading; readonly at: number; readonly told: ReadonlySet<LinkReading["wire"]> } {
  const watch = new WireWatch(() => lateMs);
  const decoder = new ReplyDecoder();
  const RELEASED = { dtr: false, rts: false };
  watch.lines(RELEASED, 0);
  let last = watch.reading(decoder.diagnosis);
  let since = 0;
  const told = new Set<LinkReading["wire"]>();
  let next = 0;
  const send = (at: number): void => {
    watch.sent(at);
    watch.looking(at);
  };
  const hear = (at: number): void => {
    for (; (heard[next]?.[0] ?? Infinity) <= at; next++) {
      const bytes = heard[next]?.[1] ?? new Uint8Array(0);
      for (let from = 0; from < bytes.length; from += chunk) {
        const piece = bytes.subarray(from, from + chunk);
        decoder.push(piece);
        watch.heard(piece, 115_200, at);
        watch.looking(at);
      }
    }
  };
  for (let at = 0; at <= until; at++) {
    if (busy.some(([from, to]) => at >= from && at < to)) continue;
    const sends = at % EVERY_MS === 0 && !within(quiet, at);
    // What was due while the host was busy is done as soon as it can be, and what had come is read before or after.
    const late = busy.find(([, to]) => to === at);
    if (late?.[2] === "reads first") hear(at);
    if (late && within(quiet, at)) watch.looking(at);
    else if (late) send(at);
    if (asserted.some(([from]) => from === at)) watch.lines({ dtr: false, rts: true }, at);
    if (asserted.some(([, to]) => to === at)) watch.lines(RELEASED, at);
    if (sends) send(at);
    else if (at % LOOK_MS === 0) watch.looking(at);
    hear(at);
    if (at % every !== 0) continue;
    const reading = watch.reading(decoder.diagnosis);
    if (reading.wire !== last.wire) since = at;
    told.add(reading.wire);
    last = reading;
  }
  return { last, at: since, told };
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
    const times: number[] = [];
    for (const [name, stream] of Object.entries(STREAMS)) {
      const { last, at } = play(stream, 16);
      assert.equal(last.wire, stream.expected.wire, name);
      times.push(at);
    }
    times.sort((a, b) => a - b);
    assert.ok((times[Math.floor(times.length / 2)] ?? Infinity) <= 1_000, times.join());
  });

  it("is never taken for its contrary because the host is busy", () => {
    const own = STREAMS["noise that comes by itself"] as Recorded;
    const babbled = { ...own, heard: [...Array(170).keys()].map((i) => [300 + 10 * i, noise(i + 1, 4)] as const) };
    const crossed = STREAMS["crossed wires"] as Recorded;
    let drawn = 0;
    const below = (limit: number): number => mix(drawn++) % limit;
    const told = { babbled: new Set<string>(), crossed: new Set<string>() };
    for (const from of [550, 595, 640, 700])
      for (const order of ["reads first", "sends first"] as const) {
        const busy: Busy[] = [
          [from, 900, order],
          [from + 400, 1_300, order],
        ];
        told.babbled.add(play(babbled, 64, { busy }).last.wire);
      }
    for (let run = 0; run < 150; run++) {
      const busy: Busy[] = [];
      for (let at = 300; at < 1_900;) {
        const from = at + below(150);
        at = from + 5 + below(run % 2 ? 60 : 290);
        busy.push([from, at, below(2) ? "reads first" : "sends first"]);
      }
      told.babbled.add(play(babbled, 64, { busy }).last.wire);
      told.crossed.add(play(crossed, 64, { busy }).last.wire);
    }
    assert.ok(!told.babbled.has("crossed"), [...told.babbled].join());
    assert.ok(told.crossed.has("crossed"), [...told.crossed].join());
  });

  it("is not told of one pause, in which a sender may stand still", () => {
    const { told } = play(STREAMS["a sender that stands still for one of the pauses"] as Recorded, 64, { every: 1 });
    assert.ok(!told.has("crossed"), [...told].join());
  });

  it("is crosstalk on a busy host too", () => {
    const crossed = STREAMS["crossed wires"] as Recorded;
    for (const order of ["reads first", "sends first"] as const)
      for (const ms of [20, 45, 60, 100])
        for (const from of [310, 500, 930, 1_400]) {
          const { last } = play(crossed, 16, { busy: [[from, from + ms, order]] });
          assert.equal(last.wire, "crossed", `${order}, ${ms} ms from ${from}`);
        }
  });

  it("is crosstalk behind a network too, that brings it late", () => {
    const lateMs = 300;
    const quiet = QUIET.map(([from, to]) => [from, to + lateMs] as const).map(
      ([from, to], i) => [from + i * lateMs, to + i * lateMs] as const,
    );
    const answered = [...Array(300).keys()].map((i) => 300 + 8 * i).filter((at) => !within(quiet, at));
    const heard = answered.map((at) => [at + lateMs, noise(at, 2)] as const);
    assert.equal(play({ heard, quiet }, 16, { lateMs, until: 2_600 }).last.wire, "crossed");
    assert.equal(play({ heard, quiet }, 16, { until: 2_600 }).last.wire, "noise");
  });

  it("is told anew once the wires were changed", () => {
    const echoes = spread(concat(CHECK, CHECK));
    const tests: readonly (readonly [string, Recorded["heard"], LinkReading["wire"]])[] = [
      ["the bridge was taken off", echoes, "silence"],
      ["and firmware prints", [...echoes, ...spread(esphome, 4_000)], "log-text"],
      ["only a glitch long ago", [[300, noise(3, 9)]], "silence"],
      ["the firmware's wire is now bridged", [...spread(esphome), ...spread(concat(CHECK, CHECK), 9_000)], "echo"],
      ["the log stopped: it is the same wire", spread(esphome), "log-text"],
      [
        "another part, after a pause",
        [...spread(esphome), ...spread(sampledAt(openBeken, 38_400, 115_200), 15_000)],
        "other-speed",
      ],
    ];
    for (const [name, heard, expected] of tests) {
      const until = (heard.at(-1)?.[0] ?? 0) + (expected === "silence" ? 8_000 : 500);
      assert.equal(play({ heard }, 7, { until }).last.wire, expected, name);
    }
  });

  it("is not told of the rest of our own bytes, which may come behind the look at them", () => {
    const heard: Recorded["heard"] = [
      [240, CHECK.subarray(0, 3)],
      [252, CHECK.subarray(3)],
      [1_520, boot],
    ];
    assert.equal(play({ heard, asserted: [[1_500, 1_620]] }, 1).last.wire, "held");
  });

  it("asks for a pause only where bytes come with what is sent, again and again, and tell nothing", () => {
    const asks = (heard: Recorded["heard"]): boolean => {
      const watch = new WireWatch();
      for (let at = 0; at < 1_000; at += EVERY_MS) {
        watch.sent(at);
        watch.looking(at);
        for (const [when, bytes] of heard) if (when === at) watch.heard(bytes, 115_200, at);
        if (watch.needsQuiet) return true;
      }
      return false;
    };
    assert.equal(asks(whileSending), true);
    // A chip that starts at this moment is not to be missed.
    assert.equal(asks([[400, noise(3, 40)]]), false);
    assert.equal(
      asks([...Array(50).keys()].map((i) => [300 + 8 * i, boot.subarray(4 * i, 4 * i + 4)] as const)),
      false,
    );
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
