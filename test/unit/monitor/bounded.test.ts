import assert from "node:assert/strict";
import { serialize } from "node:v8";
import { BootWatch } from "../../../src/core/monitor/bootWatch";
import { LogMask } from "../../../src/core/monitor/logMask";
import { noise } from "../../../src/simulator/prng";

/** What a log of days may make a monitor keep, in bytes. */
const MOST = 256 * 1024;
const HOUR_MS = 3_600_000;

/** One restart after another, each with a name of its own, a crash, a line without end, and rubbish. */
function restart(count: number): Uint8Array {
  const text = [
    "V:BK7231S_1.0.5",
    "J 0x10000",
    `I [      0.000] LibreTiny v1.13.${count} on board-${count}, compiled at Jan  1 2026 00:00:00`,
    `[I][wifi:100]: Connecting to 'network ${count}'`,
    "data abort",
    "Current regs:",
    `r00:0x${count.toString(16).padStart(8, "0")} r01:0x00000001 r02:0x00000002 r03:0x00000003`,
    "x".repeat(3_000),
    `[D][sensor:094]: 'Sensor ${count}': Sending state ${count} with 1 decimals`,
    "",
  ].join("\r\n");
  return Buffer.concat([Buffer.from(text), noise(count + 1, 64)]);
}

describe("secrets of a log", () => {
  it("that were in lines nobody was told are masked in later ones, and keys on the lines behind their name", () => {
    const mask = new LogMask();
    mask.learn("[I][wifi:313]: WiFi Connecting to 'Villa Kunterbunt'...");
    assert.doesNotMatch(mask.mask("[D][custom:001]: joined Villa Kunterbunt at last"), /Kunterbunt/);
    mask.learn("dev id key: 16");
    assert.equal(mask.mask("00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff"), "[removed]");
    assert.equal(mask.learn("[D][sensor:094]: 'A': Sending state 1"), false);
  });
});

describe("a log of days", () => {
  it("keeps as much after a day as after an hour, and little", () => {
    const watch = new BootWatch();
    const mask = new LogMask();
    const kept: number[] = [];
    // Twenty starts a simulated hour; what grows with the log would grow by megabytes.
    for (let hour = 0; hour < 24; hour++) {
      for (let i = 0; i < 20; i++) {
        const at = hour * HOUR_MS + i * 60_000;
        for (const { text } of watch.push(restart(hour * 20 + i), at)) if (text.includes("Connecting")) mask.mask(text);
        watch.verdictIfDue(at);
      }
      kept.push(serialize({ ...watch }).length + serialize({ ...mask }).length);
    }
    assert.ok(Math.max(...kept) < MOST, `${Math.max(...kept)} bytes`);
    assert.ok(
      (kept.at(-1) ?? 0) < 1.1 * (kept[1] ?? 0),
      `${kept[1]} bytes after two hours, ${kept.at(-1)} after a day`,
    );
  });

  it("judges a log that never pauses five times a second, and the end of it", () => {
    const watch = new BootWatch();
    let judged = 0;
    for (let at = 0; at < 1_000; at++) {
      watch.push(Buffer.from("[D][a:1]: b\r\n"), at);
      if (watch.verdictIfDue(at) !== undefined) judged++;
    }
    assert.equal(judged, 5);
    assert.notEqual(watch.verdictIfDue(1_250), undefined);
  });
});
