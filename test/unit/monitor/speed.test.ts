import assert from "node:assert/strict";
import { CancelledError } from "../../../src/core/base/errors";
import type { Clock } from "../../../src/core/base/timing";
import { BootWatch } from "../../../src/core/monitor/bootWatch";
import { LOG_SPEEDS } from "../../../src/core/monitor/logSpeeds";
import { PortLog } from "../../../src/core/monitor/portLog";
import { RecentBytes } from "../../../src/core/monitor/recentBytes";
import { findSpeed } from "../../../src/core/monitor/speedSearch";
import { likelySpeed, speedScores } from "../../../src/core/monitor/textSpeed";
import type { Transport } from "../../../src/core/transport/transport";
import { noise } from "../../../src/simulator/prng";
import { BANNER, BOOT_T, LOGGER, SETUP, SETUP_DONE, VERSION, WIFI, bytesOf, esphome } from "./logs";

const SENSORS = Array.from({ length: 40 }, (_, i) =>
  esphome("D", "sensor:118", `'Power ${i % 7}': Sending state ${(i * 37.31).toFixed(2)} W with 2 decimals of accuracy`),
).join("");
const LOG = bytesOf(BOOT_T + BANNER + LOGGER + SETUP + WIFI + SETUP_DONE + VERSION + SENSORS);

/**
 * What a UART hears of bytes that were sent at another speed: sixteen samples for each of its bits, a start bit looked at again in its
 * middle, each bit in its middle, and after a stop bit that is low a wait until the line rests.
 */
function heardAt(baud: number, sentAt: number, sent: Uint8Array): Uint8Array {
  const bits = [1, 1, 1];
  for (const byte of sent) {
    bits.push(0);
    for (let i = 0; i < 8; i++) bits.push((byte >> i) & 1);
    bits.push(1);
    if (byte === 0x0a) for (let i = 0; i < 83; i++) bits.push(1);
  }
  const step = sentAt / baud / 16;
  const at = (sample: number): number => bits[Math.floor(sample * step)] ?? 1;
  const end = bits.length / step;
  const out: number[] = [];
  for (let sample = 0; sample < end;) {
    if (at(sample) === 1 || at(sample + 7) === 1) {
      sample++;
      continue;
    }
    let byte = 0;
    for (let i = 0; i < 8; i++) byte |= at(sample + 8 + 16 * (i + 1)) << i;
    out.push(byte);
    sample += 8 + 16 * 9;
    while (at(sample) === 0) sample++;
  }
  return Uint8Array.from(out);
}

/** Each speed with the one it is heard at; clocks off by a little, as they are. */
const PAIRS = [
  [115_200, 9_600],
  [115_200, 57_600],
  [115_200, 230_400],
  [115_200, 460_800],
  [115_200, 921_600],
  [115_200, 1_500_000],
  [921_600, 115_200],
  [921_600, 1_500_000],
  [9_600, 115_200],
] as const;

describe("speed of a log", () => {
  for (const [heard, sent] of PAIRS)
    it(`${sent} heard at ${heard} is seen to be another, the likeliest the right one, whatever the pieces`, () => {
      // Long enough for a receiver that is far slower.
      const repeated = Uint8Array.from(
        { length: LOG.length * Math.ceil(Math.max(1, sent / heard)) },
        (_, i) => LOG[i % LOG.length] ?? 0,
      );
      const bytes = heardAt(heard, sent * 1.002, repeated);
      assert.equal(speedScores(bytes.subarray(-1_024), heard, LOG_SPEEDS)[0]?.speed, sent);
      const found = new Set<string>();
      for (let size = 1; size <= 64; size++) {
        const watch = new BootWatch({ heardAt: heard });
        for (let at = 0; at < bytes.length; at += size) watch.push(bytes.subarray(at, at + size), at);
        const { kind, otherSpeed } = watch.end();
        found.add(`${kind} ${otherSpeed}`);
      }
      assert.deepEqual([...found], [`wrong-speed ${sent}`]);
    });

  it("text is of no other speed, and few bytes, a resting line or random ones tell of none", () => {
    const watch = new BootWatch();
    watch.push(LOG, 0);
    assert.deepEqual([watch.end().kind, watch.end().otherSpeed], ["running", undefined]);
    assert.equal(likelySpeed(heardAt(115_200, 57_600, LOG).subarray(0, 40), 115_200, LOG_SPEEDS), undefined);
    assert.equal(likelySpeed(new Uint8Array(200), 115_200, [921_600, 1_500_000]), undefined);
    assert.equal(likelySpeed(noise(1, 1_024), 115_200, LOG_SPEEDS), undefined);
  });

  it("is found by listening at one after another, and nothing is sent", async () => {
    const tried: number[] = [];
    const found = await findSpeed([9_600, 57_600, 115_200], partsFor(57_600, tried), new AbortController().signal);
    assert.deepEqual([found, tried], [57_600, [9_600, 57_600]]);
    const none = await findSpeed([9_600, 115_200], partsFor(57_600, []), new AbortController().signal);
    assert.equal(none, undefined);
    const stopped = new AbortController();
    stopped.abort();
    await assert.rejects(findSpeed([9_600], partsFor(9_600, []), stopped.signal), CancelledError);
  });
});

/** A device that prints at one speed, on a clock that a sleeper moves. */
function partsFor(sent: number, tried: number[]) {
  let now = 0;
  const clock: Clock = {
    now: () => now,
    sleep: async (ms, signal) => {
      for (let i = 0; i < 200; i++) {
        await new Promise((resolve) => setImmediate(resolve));
        if (signal.aborted) throw new CancelledError("wait");
      }
      now += ms;
    },
  };
  const logAt = (baudRate: number): PortLog =>
    new PortLog({ kind: "serial", path: "test" }, baudRate, {
      clock,
      finder: { remember: () => Promise.resolve(() => Promise.resolve(undefined)) },
      open: (_, options) => Promise.resolve(transport(heardAt(options.baudRate, sent, LOG))),
    });
  return { logAt, clock, trying: (baudRate: number) => void tried.push(baudRate) };
}

function transport(bytes: Uint8Array): Transport {
  let at = 0;
  return {
    label: "test",
    read: async (_: number, signal: AbortSignal) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (signal.aborted) throw new CancelledError("read");
      return bytes.subarray(at, (at += 20));
    },
    write: () => assert.fail("nothing is sent"),
    close: () => Promise.resolve(),
  } as unknown as Transport;
}

describe("latest bytes", () => {
  it("are the same whatever pieces they came in", () => {
    const all = noise(7, 500);
    for (const size of [1, 3, 16, 17, 64, 499]) {
      const recent = new RecentBytes(16);
      for (let at = 0; at < all.length; at += size) recent.push(all.subarray(at, at + size));
      assert.deepEqual(Buffer.from(recent.latest(16)), Buffer.from(all.subarray(-16)), `${size}`);
      assert.deepEqual(Buffer.from(recent.latest(5)), Buffer.from(all.subarray(-5)));
    }
    assert.equal(new RecentBytes(4).latest(4).length, 0);
  });
});
