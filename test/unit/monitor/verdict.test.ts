import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { english } from "../../../src/core/base/words";
import { BootWatch, judgeLog } from "../../../src/core/monitor/bootWatch";
import type { BootVerdict, BootVerdictKind, VerdictContext } from "../../../src/core/monitor/bootVerdict";
import {
  BANNER,
  BOOT_7238,
  BOOT_N,
  BOOT_T,
  LOGGER,
  OPENBEKEN,
  OPENBEKEN_UP,
  SDK_START,
  SETTLED,
  SETUP,
  SETUP_DONE,
  VERSION,
  WIFI,
  bootWithUpdates,
  bytesOf,
  esphome,
  trap,
} from "./logs";

const START = BOOT_T + BANNER + LOGGER + SETUP;
const CRASHED = START + trap("data abort", "0x00010024", "0x00010031");

/** Every verdict there is, with logs that show it. */
const LOGS: Readonly<Record<string, readonly [string, BootVerdictKind]>> = {
  "the boot code alone": [BOOT_N, "no-application"],
  "the boot code alone, in the middle of it": [BOOT_N.slice(0, -15), "boot-code"],
  "a boot code that prints on the wire that flashes": [BOOT_7238, "boot-code"],
  "an update on its way": [
    bootWithUpdates("[I/OTA] OTA firmware(app) upgrade(1.0.0->1.0.1) startup."),
    "update-unpacking",
  ],
  "an update that is refused": [
    bootWithUpdates("[E/OTA] (ota_main:128) none encryption Not allow!").replace(/go os.*/s, ""),
    "update-refused",
  ],
  "an application that begins": [START, "started"],
  "an application that is through": [START + WIFI + SETUP_DONE, "running"],
  "an application that is through and told its version": [START + SETUP_DONE + VERSION + SETTLED, "running"],
  "an application on the other wire": [BANNER + LOGGER + SETUP, "started"],
  "OpenBeken begins": [BOOT_N + SDK_START("0") + OPENBEKEN, "started"],
  "OpenBeken runs": [BOOT_N + SDK_START("0") + OPENBEKEN + OPENBEKEN_UP, "running"],
  "OpenBeken in safe mode": [
    BOOT_N +
      OPENBEKEN +
      "Info:MAIN:###### safe mode activated - boot failures 5\r\n" +
      OPENBEKEN_UP.replace("Time", "[SAFE] Time"),
    "safe-mode",
  ],
  "ESPHome in safe mode": [
    START +
      esphome("E", "safe_mode:092", "Boot loop detected") +
      SETUP_DONE +
      esphome("W", "safe_mode:131", "SAFE MODE IS ACTIVE"),
    "safe-mode",
  ],
  "ESPHome of 2024 in safe mode": [
    START + esphome("E", "safe_mode:100", "Boot loop detected. Proceeding to safe mode"),
    "safe-mode",
  ],
  "a loop": [(START + WIFI).repeat(4), "boot-loop"],
  "a loop without an application": [BOOT_T.repeat(5), "boot-loop"],
  "a loop cut off as the radio begins": [
    START + WIFI + START + esphome("C", "wifi:600", "Sta", "").replace("\u001b[0m", "") + START + WIFI + START + WIFI,
    "brown-out",
  ],
  "a crash": [CRASHED, "crash"],
  "a crash and the start behind it": [CRASHED + START, "crash"],
  "a crash long ago, and all is well": [CRASHED + START + SETUP_DONE + SETTLED, "running"],
  "a crash that the chip tells of": [BOOT_N + SDK_START("8") + OPENBEKEN, "crash"],
  "a watchdog": [BOOT_N + SDK_START("2") + OPENBEKEN, "watchdog"],
  "a watchdog by LibreTiny": [BOOT_T + BANNER + "W [      0.001] Reset reason: WDT Reset\r\n" + LOGGER, "watchdog"],
  "an application of another chip": [BOOT_N + "Unsupported chip or dev\r\n", "other-chip"],
  "wake-ups are no loop": [(BOOT_N + SDK_START("3") + OPENBEKEN).repeat(5), "started"],
  "two starts are no loop": [START + WIFI + START + SETUP_DONE, "running"],
  "a text of something else": ["hello from another device\r\nhow are you\r\n", "unknown-text"],
  nothing: ["", "silence"],
};

function kindOf(text: string): BootVerdictKind {
  return judgeLog(bytesOf(text)).kind;
}

/** The log in pieces of a size, ten milliseconds apart. */
function inPieces(bytes: Uint8Array, size: number, context?: VerdictContext): BootVerdict {
  const watch = new BootWatch(context);
  for (let at = 0; at < bytes.length; at += size) watch.push(bytes.subarray(at, at + size), at);
  return watch.end();
}

describe("boot verdict", () => {
  for (const [name, [text, kind]] of Object.entries(LOGS)) {
    it(`${name}: ${kind}, however it is cut, with any line end`, () => {
      const bytes = bytesOf(text);
      for (let size = 1; size <= 64; size++) assert.equal(inPieces(bytes, size).kind, kind, `pieces of ${size}`);
      for (const end of ["\n", "\r", "\r\n", "\r\r\n"])
        assert.equal(kindOf(text.replace(/[\r\n]+/g, end)), kind, JSON.stringify(end));
    });
  }

  it("a cut first line, glitches before it and stamps of other tools change nothing", () => {
    for (const [name, [text, kind]] of Object.entries(LOGS)) {
      if (text === "" || kind === "unknown-text") continue;
      assert.equal(kindOf(`\u0000\u00fe${text}`), kind, name);
      // What is left of a line that was cut says nothing.
      const cut = text.replace(/^[\r\n]*/, "").slice(3);
      assert.equal(kindOf(cut), kind, `${name}, cut`);
      let second = 0;
      const stamped = text.replace(/^(?=.)/gm, () => `[12:00:${String(second++ % 60).padStart(2, "0")}]`);
      if (kind !== "brown-out") assert.equal(kindOf(stamped), kind, `${name}, stamped`);
    }
  });

  it("what firmware is, and how long it took", () => {
    const watch = new BootWatch();
    watch.push(bytesOf(START), 1_000);
    watch.push(bytesOf(SETUP_DONE + VERSION), 3_500);
    const verdict = watch.verdict(3_600);
    assert.deepEqual(
      [verdict.kind, verdict.settled, verdict.tookMs, verdict.bootCode, english(verdict.summary)],
      ["running", true, 2_500, "BK7231S_1.0.5", "ESPHome 2026.8.0 runs."],
    );
    assert.deepEqual(verdict.firmware, {
      kind: "esphome",
      version: "2026.8.0",
      board: "generic-bk7231n-qfn32-tuya",
      compiled: "Mar  4 2026 05:06:07",
    });
  });

  it("silence is judged by time, not before", () => {
    const watch = new BootWatch();
    assert.deepEqual([watch.verdict(0).kind, watch.verdict(0).settled], ["silence", false]);
    assert.deepEqual([watch.verdict(3_000).kind, watch.verdict(3_000).settled], ["silence", true]);
    watch.push(bytesOf(BOOT_N), 4_000);
    assert.deepEqual([watch.verdict(6_900).kind, watch.verdict(6_900).settled], ["boot-code", false]);
    assert.deepEqual([watch.verdict(7_000).kind, watch.verdict(7_000).settled], ["no-application", true]);
    watch.push(bytesOf(BANNER), 7_100);
    assert.equal(watch.verdict(7_200).kind, "started");
  });

  it("starts far apart are no loop; starts that count themselves good are none either", () => {
    const watch = new BootWatch();
    for (let i = 0; i < 5; i++) watch.push(bytesOf(START + WIFI), i * 61_000);
    assert.equal(watch.verdict(5 * 61_000).kind, "started");
    assert.equal(kindOf((START + SETUP_DONE + SETTLED).repeat(6)), "running");
    assert.equal(kindOf((START + SETUP_DONE).repeat(6)), "boot-loop");
  });

  it("what the flasher knows decides what is advised", () => {
    const advised = (context: VerdictContext): string => english(inPieces(bytesOf(BOOT_N), 64, context).next[0] ?? "");
    assert.match(advised({ application: "other-key" }), /another key/);
    assert.match(advised({ application: "blank" }), /no application/);
    assert.match(advised({ application: "damaged" }), /damaged/);
    assert.match(advised({ application: "verified" }), /switched off/);
    assert.match(english(judgeLog(new Uint8Array(0), { wire: "flash" }).next[0] ?? ""), /nothing is expected/);
  });

  it("a mute crash loop of ESPHome leads to the lines that show it", () => {
    const { next } = judgeLog(bytesOf((START + SETUP).repeat(4)));
    assert.match(next.map(english).join("\n"), /sdk_silent: none/);
  });

  it("bytes that are no text are another speed, whatever they are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 400 }), (bytes) => {
        const noise = bytes.map((byte) => byte | 0x80);
        return inPieces(noise, 7).kind === "wrong-speed";
      }),
      { numRuns: 200 },
    );
  });

  it("evidence bears no secrets", () => {
    const said = judgeLog(
      bytesOf((START + esphome("I", "wifi:313", "WiFi Connecting to 'Villa Kunterbunt'...")).repeat(4)),
    );
    assert.equal(JSON.stringify(said).includes("Kunterbunt"), false);
    assert.match(JSON.stringify(said.evidence), /Connecting to/);
  });

  it("10,000 damaged logs: no crash, and none of a device that does not run is said to run", function () {
    this.timeout(60_000);
    const notRunning = Object.values(LOGS).filter(
      ([text, kind]) => kind !== "running" && !text.includes("finished") && !/Time \d/.test(text),
    );
    const kinds = new Set<BootVerdictKind>();
    fc.assert(
      fc.property(
        fc.nat(notRunning.length - 1),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.uint8Array({ maxLength: 40 }), fc.nat(30)), {
          maxLength: 6,
        }),
        (index, edits) => {
          let bytes = bytesOf(notRunning[index]?.[0] ?? "");
          for (const [where, put, gone] of edits) {
            const at = Math.floor(where * bytes.length);
            bytes = Uint8Array.from([...bytes.subarray(0, at), ...put, ...bytes.subarray(at + gone)]);
          }
          const { kind } = judgeLog(bytes);
          kinds.add(kind);
          return kind !== "running";
        },
      ),
      { numRuns: 10_000 },
    );
    assert.equal(kinds.size > 8, true);
  });

  it("memory is bounded: a loop of days and a line without end", () => {
    const watch = new BootWatch();
    for (let i = 0; i < 2_000; i++) watch.push(bytesOf(START), i * 1_000);
    assert.equal(watch.verdict(2_000_000).restarts, 1_999);
    const endless = new BootWatch();
    assert.equal(
      endless.push(new Uint8Array(100_000).fill(0x41), 0).every(({ text }) => text.length <= 1_024),
      true,
    );
  });
});

const VECTORS = join("..", "..", "shared", "reference", "vectors", "bootlogs");
/** What the manifest of the public logs expects, in our kinds. */
const EXPECTED: Readonly<Record<string, readonly BootVerdictKind[]>> = {
  "application speaks": ["started"],
  "application healthy": ["running"],
  "boot code still working": ["boot-code"],
  "boot code only": ["no-application"],
  "boot loop, application speaks then resets": ["boot-loop"],
  "safe mode": ["safe-mode"],
  "boot code applies an update": ["update-unpacking"],
};

interface Manifest {
  readonly logs: readonly { readonly name: string; readonly files: readonly string[]; readonly expect: string }[];
}

describe("boot verdict on logs of public devices", () => {
  it("all have the expected one at every size of pieces", function () {
    const root = [VECTORS, join("..", "shared", "reference", "vectors", "bootlogs")].find(existsSync);
    if (root === undefined) return this.skip();
    const { logs } = JSON.parse(readFileSync(join(root, "manifest.json"), "utf8")) as Manifest;
    for (const { name, files, expect } of logs) {
      const bytes = readFileSync(join(root, files[0] ?? ""));
      for (let size = 1; size <= 64; size++) {
        const { kind } = inPieces(bytes, size);
        assert.equal(EXPECTED[expect]?.includes(kind), true, `${name}: ${kind} in pieces of ${size}, ${expect}`);
      }
    }
  });
});
