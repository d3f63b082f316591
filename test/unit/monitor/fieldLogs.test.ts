/** Logs of the field with what somebody who knows these chips says of them: verdict, why, what to do. Made up in the published shapes. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { english } from "../../../src/core/base/words";
import { BootWatch, judgeLog } from "../../../src/core/monitor/bootWatch";
import type { BootVerdict, BootVerdictKind } from "../../../src/core/monitor/bootVerdict";
import {
  BANNER,
  BOOT_7238,
  BOOT_N,
  BOOT_T,
  LOGGER,
  OPENBEKEN,
  SDK_START,
  SETTLED,
  SETUP,
  SETUP_DONE,
  VERSION,
  WIFI,
  bootWithUpdates,
  bytesOf,
  esphome,
  lines,
  trap,
} from "./logs";

const START = BOOT_N + BANNER + LOGGER + SETUP + WIFI;
const RUNS = START + SETUP_DONE;
const QUIET = BOOT_N + BANNER;
const OBK = BOOT_N + SDK_START("0") + OPENBEKEN;
const obkTime = (seconds: number, joined = 1): string =>
  `Info:MAIN:Time ${seconds}, idle 180000/s, free 70000, MQTT 0(1), bWifi ${joined}, secondsWithNoPing -1, socks 3/38 \r\n`;
const DUMP = trap("data abort", "0x00010024", "0x00010031");

/** ESPHome of 2026 on these chips, not getting in for a reason. */
const tries = (reason: string): string =>
  (
    esphome("W", "wifi_lt:520", `Disconnected ssid='' bssid=00:00:00:00:00:00 reason='${reason}'`) +
    esphome("W", "wifi:1703", "Connecting to network failed (callback)")
  ).repeat(3);
const OLD_TRIES = (
  esphome("W", "wifi_lt:296", "Event: Disconnected ssid='' bssid=00:00:00:00:00:00 reason='Association Leave'") +
  esphome("W", "wifi:669", "Connecting to WiFi network failed. Are the credentials wrong?")
).repeat(2);
const JOINED = esphome("I", "wifi:1500", "Connected");
const ESP32 = lines("\r\n", "ets Jul 29 2019 12:21:46", "rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)");
const ESP8266 = lines("\r\n", " ets Jan  8 2013,rst cause:2, boot mode:(3,6)", "load 0x4010f000, len 3424, room 16");
const otherBoard = (board: string): string => BANNER.replace("generic-bk7231n-qfn32-tuya", board);
const TALK = esphome("D", "sensor:094", "'Power': Sending state 12.30000 W with 1 decimals of accuracy");

interface Row {
  readonly log: string;
  readonly kind: BootVerdictKind;
  readonly summary?: RegExp;
  readonly next?: RegExp;
  readonly evidence?: RegExp;
  readonly is?: Partial<BootVerdict>;
}

const ROWS: Readonly<Record<string, Row>> = {
  "a wrong password": {
    log: START + tries("Authentication Failed"),
    kind: "started",
    summary: /does not get into its network: the access point refuses it/,
    next: /password/,
    evidence: /Disconnected/,
    is: { network: "refused", settled: true },
  },
  "a handshake that fails": {
    log: START + tries("4-Way Handshake Timeout"),
    kind: "started",
    is: { network: "refused" },
  },
  "a wrong password in 2024": { log: START + OLD_TRIES, kind: "started", is: { network: "refused" } },
  "a network that is not heard": {
    log: START + tries("Probe Request Unsuccessful"),
    kind: "started",
    next: /2\.4 GHz/,
    is: { network: "not-found" },
  },
  "a wrong password, with an access point of its own": {
    log: START + tries("Authentication Failed") + SETUP_DONE,
    kind: "running",
    summary: /runs, but is not in its network/,
    next: /password/,
  },
  "a first attempt that failed, and the next did not": {
    log: START + tries("Association Failed") + JOINED + SETUP_DONE,
    kind: "running",
    summary: /runs\.$/,
    is: { network: undefined },
  },
  "OpenBeken with a wrong password": {
    log: `${OBK}Info:MAIN:Main_OnWiFiStatusChange - WIFI_STA_AUTH_FAILED - 3\r\n${obkTime(20, 0)}`,
    kind: "running",
    next: /password/,
    is: { network: "refused" },
  },
  "OpenBeken that got in at last": {
    log: `${OBK}Info:MAIN:Main_OnWiFiStatusChange - WIFI_STA_AUTH_FAILED - 3\r\n${obkTime(80)}`,
    kind: "running",
    is: { network: undefined },
  },
  "restarts every 15 minutes as nothing connects": {
    log:
      (RUNS + esphome("E", "api:127", "No clients; rebooting") + esphome("I", "app:247", "Forcing a reboot")).repeat(
        5,
      ) + RUNS,
    kind: "running",
    next: /reboot_timeout/,
  },
  "the same in 2024": {
    log: (RUNS + esphome("E", "api:102", "No client connected to API. Rebooting...")).repeat(4) + START,
    kind: "started",
    next: /reboot_timeout/,
  },
  "the same with warnings alone": {
    log: (QUIET + esphome("E", "wifi:1800", "Can't connect; rebooting")).repeat(5) + QUIET,
    kind: "started",
    next: /reboot_timeout/,
  },
  "an adapter that is restarted is none of them": {
    log: (START + esphome("W", "wifi:488", "Restarting WiFi adapter...")).repeat(5),
    kind: "boot-loop",
  },
  "updates over the air, one after another": {
    log: (
      RUNS +
      esphome("I", "esphome.ota:300", "Update complete") +
      esphome("I", "app:250", "Rebooting safely")
    ).repeat(4),
    kind: "running",
  },
  "OpenBeken that restarts as it was told": {
    log: `${OBK}${obkTime(10)}Info:MAIN:Going to call HAL_RebootModule\r\n`.repeat(5) + OBK + obkTime(1),
    kind: "running",
  },
  "OpenBeken that ran for a day each time, without stamps": {
    log: (OBK + obkTime(1) + obkTime(86_300)).repeat(5),
    kind: "running",
  },
  "OpenBeken that ran for three seconds each time": { log: (OBK + obkTime(3)).repeat(5), kind: "boot-loop" },
  "LibreTiny that was asked into its loader": {
    log: `${RUNS}I [     35.120] Auto download mode: rebooting\r\n`.repeat(4) + START,
    kind: "started",
  },
  "nothing but a banner": { log: QUIET, kind: "started", next: /level: INFO/ },
  "OpenBeken that stops early": { log: OBK, kind: "started", next: /backup of the maker's firmware/ },
  "the newest banner, its build time on a line of its own": {
    log: `${BOOT_T}I [      0.000] LibreTiny v1.14.0 on cb2s, GCC 10.3.1 (-O1)\r\nI [      0.000] Compiled at Sep 12 2026 10:11:12\r\n`,
    kind: "started",
    is: { firmware: { kind: "libretiny", version: "1.14.0", board: "cb2s", compiled: "Sep 12 2026 10:11:12" } },
  },
  "the configuration that is told to a client, from the middle": {
    log: `[16:19:12.980][I][app:185]: ESPHome version 2025.10.3 compiled on Nov  2 2025, 16:12:01\n${TALK}`,
    kind: "running",
    is: { firmware: { kind: "esphome", version: "2025.10.3", compiled: "Nov  2 2025, 16:12:01" }, tookMs: undefined },
  },
  "states alone, from the middle": { log: TALK.repeat(20), kind: "started" },
  "an ESP32": {
    log: ESP32 + LOGGER + SETUP + SETUP_DONE + VERSION,
    kind: "unknown-text",
    is: { foreignChip: "ESP32" },
  },
  "an ESP32 that loops": {
    log: (ESP32 + LOGGER + SETUP + WIFI + "Guru Meditation Error: Core  1 panic'ed\r\n").repeat(5),
    kind: "unknown-text",
    summary: /another chip: ESP32/,
  },
  "an ESP32 from the middle": {
    log: esphome("D", "esp32.preferences:114", "Saving 1 preferences to flash...") + LOGGER + SETUP_DONE,
    kind: "unknown-text",
    is: { foreignChip: "ESP32", firmware: undefined },
  },
  "an ESP8266": { log: ESP8266 + LOGGER + SETUP + SETUP_DONE, kind: "unknown-text", is: { foreignChip: "ESP8266" } },
  "an ESP8266, its first line lost": { log: ESP8266.slice(3) + SETUP_DONE, kind: "unknown-text" },
  "LibreTiny on an RTL8710": {
    log: otherBoard("generic-rtl8710bn-2mb-468k") + LOGGER + SETUP_DONE,
    kind: "unknown-text",
  },
  "LibreTiny on an LN882": { log: otherBoard("generic-ln882h") + LOGGER + SETUP_DONE, kind: "unknown-text" },
  "OpenBeken's sister on a BL602": { log: `OpenBL602, version 1.18.100\r\n${obkTime(1)}`, kind: "unknown-text" },
  "an ESP32, and one of ours behind it": { log: ESP32 + LOGGER + SETUP_DONE + RUNS, kind: "running" },
  "one of ours, and an ESP32 behind it": { log: RUNS + ESP32 + SETUP_DONE, kind: "unknown-text" },
  "three devices in one file": { log: BOOT_T + BANNER + LOGGER + OBK + BOOT_7238, kind: "boot-code" },
  "builds that were flashed one after another": {
    log: [1, 2, 3, 4].map((minute) => START.replace("05:06:07", `05:0${minute}:07`)).join(""),
    kind: "started",
  },
  "only the failed starts of a loop are counted": {
    log: (RUNS + SETTLED).repeat(5) + START.repeat(3),
    kind: "boot-loop",
    summary: /started 3 times/,
    is: { restarts: 7 },
  },
  "a long loop is counted whole": { log: START.repeat(40), kind: "boot-loop", summary: /started 40 times/ },
  "an update that is refused at every start": {
    log: bootWithUpdates("[E/OTA] (ota_main:128) none encryption Not allow!")
      .replace(/go os.*/s, "")
      .repeat(4),
    kind: "update-refused",
    summary: /4 times/,
  },
  "BK7236 starts": {
    log: "init:I(0):reason - power on\r\nbk_init:I(0):armino app init: Jul 21 2023 10:12:47\r\n",
    kind: "started",
  },
  "BK7258 after its watchdog": {
    log: "init:I(0):reason - interrupt watchdog\r\nbk_init:I(0):armino app init: Jul 21 2023 10:12:47\r\n",
    kind: "watchdog",
  },
  "it runs now, and crashed before": {
    log: START + DUMP + RUNS,
    kind: "running",
    summary: /Before, it crashed: data abort/,
    is: { cause: "crash" },
  },
  "it runs now, and hung before": {
    log: BOOT_N + SDK_START("2") + OPENBEKEN + obkTime(2),
    kind: "running",
    summary: /hung/,
    is: { cause: "watchdog" },
  },
  "a crash that the start behind it records, and which is through": {
    log:
      START +
      esphome("E", "bk72xx.crash:143", "*** CRASH DETECTED ON PREVIOUS BOOT ***") +
      esphome("E", "bk72xx.crash:144", "  Reason: Data abort") +
      esphome("E", "bk72xx.crash:145", "  PC:  0x00010024  (fault location)") +
      SETUP_DONE,
    kind: "running",
    summary: /Before, it crashed: data abort/,
  },
  "a crash, by the line that names it": { log: START + DUMP, kind: "crash", evidence: /^data abort$/ },
  "starts that failed before the log began": {
    log: QUIET + LOGGER + esphome("C", "safe_mode:187", "Unsuccessful boot attempts: 7") + SETUP,
    kind: "started",
    summary: /by its own count, 7 starts/,
  },
  "a stack that overflowed": { log: `${START}Stack overflow in task 'loopTask'\r\n`, kind: "crash", summary: /stack/ },
  "an assertion, in two lines": {
    log: `${START}ASSERT: queue.c, 873\r\nhalted\r\n`,
    kind: "crash",
    summary: /assertion/,
  },
  "a text about assertions": { log: `Read about the stack overflow\r\nassert failed: never\r\n`, kind: "unknown-text" },
  "a text that quotes a running one": {
    log: "When the log says [I][app:122]: setup() finished successfully! all is well.\n",
    kind: "unknown-text",
  },
  "a sensor that says the words of OpenBeken": {
    log:
      START +
      esphome("D", "text_sensor:064", "'Log': Sending state 'Info:MAIN:Boot complete time reached (30 seconds)'"),
    kind: "started",
  },
  "what the program of a terminal says is nobody's": {
    log: `picocom v3.1\nport is        : /dev/ttyUSB0\nType [C-a] [C-h] to see available commands\nTerminal ready\n${BOOT_N}\nTerminating...\nThanks for using picocom\npi@raspberrypi:~ $ \n`,
    kind: "no-application",
    evidence: /^J 0x10000$/,
  },
};

describe("boot verdict on logs of the field", () => {
  for (const [name, { log, kind, summary, next, evidence, is }] of Object.entries(ROWS))
    it(`${name}: ${kind}`, () => {
      const verdict = judgeLog(bytesOf(log));
      assert.equal(verdict.kind, kind);
      if (summary !== undefined) assert.match(english(verdict.summary), summary);
      if (next !== undefined) assert.match(verdict.next.map(english).join("\n"), next);
      if (evidence !== undefined) assert.match(verdict.evidence.map(({ text }) => text).join("\n"), evidence);
      for (const [field, value] of Object.entries(is ?? {}))
        assert.deepEqual(verdict[field as keyof BootVerdict], value, field);
    });

  it("one byte again and again is of no speed, but for the slow one that gives it", () => {
    const { kind, otherSpeed, summary } = judgeLog(new Uint8Array(3_000).fill(0xff));
    assert.deepEqual([kind, otherSpeed], ["wrong-speed", undefined]);
    assert.match(english(summary), /byte FF/);
  });
});

const whole = (log: string): string[] => log.split(/[\r\n]+/).filter((line) => line !== "");
const each =
  (dress: (line: string, index: number) => string) =>
  (log: string): string =>
    `${whole(log).map(dress).join("\n")}\n`;
const written =
  (esc: string) =>
  (log: string): string =>
    log.replaceAll("\u001b", esc);
const escaped = (line: string): string =>
  line
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;")
    .replace(/'/g, "&#39;");

/** What stands around a log that somebody saved or pasted. */
const WRAPPERS: Readonly<Record<string, (log: string) => string>> = {
  "a quote": each((line) => `> ${line}`),
  "a quote of a quote": each((line) => `>> ${line}`),
  "a block of code": (log) => `\`\`\`text\n${log}\n\`\`\`\n`,
  "an indented block": each((line) => `    ${line}`),
  "line numbers with a colon": each((line, i) => `${i + 1}: ${line}`),
  "line numbers with a tab": each((line, i) => `${String(i + 1).padStart(6)}\t${line}`),
  "line numbers of a pager": each((line, i) => `${String(i + 1).padStart(7)} ${line}`),
  "line numbers with a bar": each((line, i) => `${i + 1} \u2502 ${line}`),
  "numbers and times": each((line, i) => `${i + 1}: [12:00:00.123] ${line}`),
  "a quote with times": each((line) => `> [12:00:00]${line}`),
  "times twice": each((line) => `[2026-11-30 12:00:00]  [12:00:00.123] ${line}`),
  "times with AM and PM": each((line) => `[11/30/26, 12:00:00 PM] ${line}`),
  "German dates": each((line) => `30.11.2026 12:00:00 ${line}`),
  "times in parentheses": each((line) => `(12:00:00.123) ${line}`),
  HTML: each((line) => `<span class="log">${escaped(line)}</span><br>`),
  "blanks that do not break": (log) => log.replaceAll(" ", "\u00a0"),
  "blanks run together": each((line) => line.replace(/ +/g, " ")),
  "a table": each((line) => `| ${line} |`),
  "the rows of a gist": each((line) => `${line} | |`),
  "a container's name": each((line) => `esphome-1  | ${line}`),
  "monitor --json": each((line, i) =>
    JSON.stringify({
      type: "log",
      time: new Date(1_700_000_000_000 + i).toISOString(),
      // eslint-disable-next-line no-control-regex -- colours
      text: line.replace(/\u001b\[[0-9;]*m/g, ""),
    }),
  ),
  "no colours": written(""),
  "colours as \\033": written("\\033"),
  "colours as \\e": written("\\e"),
  "colours as ESC": written("<ESC>"),
  "colours as a letter that could not be shown": written("\ufffd"),
  "colours as an entity": written("&#27;"),
  "noise before each line and behind it": each((line) => `q9Lkw)7e\u0001\u0003${line}\u0002`),
  "a mark of UTF-8": (log) => `\ufeff${log}`,
  PuTTY: (log) => `=~=~=~=~=~=~=~=~=~=~=~= PuTTY log 2026.11.30 12:00:00 =~=~=~=~=~=~=~=~=~=~=~=\r\n${log}`,
  "esphome logs": (log) => `INFO ESPHome 2026.7.4\nINFO Starting log output from COM3 with baud rate 115200\n${log}`,
};

const DRESSED: Readonly<Record<string, string>> = {
  running: RUNS + TALK,
  started: OBK,
  "boot-loop": START.repeat(4),
  crash: START + DUMP,
  "no-application": BOOT_T,
  "safe-mode": START + esphome("W", "safe_mode:131", "SAFE MODE IS ACTIVE"),
  "update-unpacking": bootWithUpdates("[I/OTA] OTA firmware(app) upgrade(1.0.0->1.0.1) startup."),
  "unknown-text": ESP32 + SETUP_DONE,
};

function utf16(log: string, bigEndian: boolean): Uint8Array {
  const bytes = Buffer.from(`\ufeff${log}`, "utf16le");
  return Uint8Array.from(bigEndian ? bytes.swap16() : bytes);
}

function inPieces(bytes: Uint8Array, size: number): BootVerdict {
  const watch = new BootWatch();
  for (let at = 0; at < bytes.length; at += size) watch.push(bytes.subarray(at, at + size), at);
  return watch.end();
}

describe("boot verdict on logs as they are pasted", () => {
  for (const [wrapper, dress] of Object.entries(WRAPPERS))
    it(`${wrapper}: changes nothing`, () => {
      for (const [kind, log] of Object.entries(DRESSED))
        for (const end of ["\n", "\r\n", "\r"])
          assert.equal(
            judgeLog(bytesOf(dress(log).replace(/\r?\n/g, end))).kind,
            kind,
            `${kind}, ${JSON.stringify(end)}`,
          );
    });

  it("UTF-16 of either order, in pieces of any size, is what it says", () => {
    for (const [kind, log] of Object.entries(DRESSED))
      for (const bigEndian of [false, true])
        for (const size of [1, 2, 3, 7, 64, 1 << 20])
          assert.equal(inPieces(utf16(log, bigEndian), size).kind, kind, `${kind}, pieces of ${size}`);
    // A glitch that is like a mark of UTF-16 is a glitch.
    for (const glitch of [[0xff, 0xfe], [0xfe, 0xff], [0xff]])
      assert.equal(
        inPieces(Uint8Array.from([...glitch, ...bytesOf(BOOT_N)]), 1).kind,
        "no-application",
        String(glitch),
      );
  });

  it("what was printed is shown as it was: only what is judged is without what stands around it", () => {
    const watch = new BootWatch();
    const shown = watch.push(bytesOf("> 12: [I][app:1]: a\r\n   7 apples\r\n| 1 |\r\n"), 0).map(({ text }) => text);
    assert.deepEqual(shown, ["> 12: [I][app:1]: a", "7 apples", "| 1 |"]);
  });
});

describe("boot verdict, whatever the log", () => {
  /** The first line that says by itself that it is up. */
  const UP =
    /setup\(\) finished successfully|ESPHome version|Project \S+ version|Info:MAIN:Time \d|Boot seems successful/;
  const LOGS = [
    RUNS + TALK,
    OBK + obkTime(1),
    START.repeat(4),
    START + DUMP + RUNS,
    ESP32 + SETUP_DONE,
    RUNS + BOOT_N + OBK,
  ];

  it("no beginning of it is said to run before it says so itself", () => {
    for (const log of LOGS) {
      const bytes = bytesOf(log);
      const first = log.search(UP);
      const watch = new BootWatch();
      for (let at = 0; at < bytes.length; at++) {
        watch.push(bytes.subarray(at, at + 1), at);
        if (watch.verdict(at).kind === "running") assert.ok(first >= 0 && at >= first, `byte ${at} of ${log.length}`);
      }
    }
  });

  it("cut anywhere, it is the same; so are noise between its lines and lines of nobody", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...LOGS),
        fc.array(fc.tuple(fc.nat(10_000), fc.uint8Array({ minLength: 1, maxLength: 24 })), { maxLength: 3 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 8 }),
        (log, noises, sizes) => {
          const all = whole(log).map((line) => bytesOf(`${line}\r\n`));
          for (const [place, noise] of noises)
            all.splice(place % (all.length + 1), 0, Uint8Array.from([...noise.filter((byte) => byte >= 0x80), 0x0a]));
          const bytes = Buffer.concat(all);
          const watch = new BootWatch();
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const size = sizes[i % sizes.length] ?? 1;
            watch.push(bytes.subarray(at, at + size), at);
            at += size;
          }
          return watch.end().kind === judgeLog(bytesOf(log)).kind;
        },
      ),
      { numRuns: 400 },
    );
  });
});
