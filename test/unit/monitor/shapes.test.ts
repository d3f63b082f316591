/** Logs as people save them, of firmware of many years and makers, each with the only verdict that is true of it. Made up in the published shapes. */
import assert from "node:assert/strict";
import { BootWatch, judgeLog } from "../../../src/core/monitor/bootWatch";
import type { BootVerdictKind } from "../../../src/core/monitor/bootVerdict";
import { BOOT_7238, BOOT_N, BOOT_T, SDK_START, bootWithUpdates, bytesOf, trap } from "./logs";

const ESC = "\u001b";
const line = (text: string): string => `${ESC}[0;36m${text}${ESC}[0m\n`;
const BANNER_2026 = `${ESC}[1;32mI [      0.000] ${ESC}[0mLibreTiny v1.13.0 on cb2s, compiled at Sep 12 2026 10:11:12, GCC 10.3.1 (-O1)\r\n`;
const SETUP_2026 = [
  "[I][logger:100]: Log initialized",
  "[C][safe_mode:078]: Unsuccessful boot attempts: 0",
  "[I][app:090]: Running through setup()",
  "[C][gpio.switch:013]: Setting up",
  "[C][wifi:600]: Starting",
].map(line);
const DONE_2026 = line("[I][app:139]: setup() finished successfully!");
const BEGINS = BOOT_T + BANNER_2026 + SETUP_2026.join("");
const RUNS = BEGINS + DONE_2026;
const OBK = (version: string): string => `OpenBK7231N, version ${version}\r\nInfo:MAIN:Main_Init_Before_Delay\r\n`;
const UPDATE_BOOT = "BK7231n_1.0.8\r\nCPSR:0x000000D3\r\nR0:0x00000000\r\n";
const GO = "go os_addr(0x10000)..........\r\n";

/** Every line with what a tool puts before it. */
const stamped = (log: string, stamp: string): string => log.replace(/[\r\n]+/g, "\n").replace(/^(?=.)/gm, stamp);

const LOGS: Readonly<Record<string, readonly [string, BootVerdictKind]>> = {
  "ESPHome 2026": [RUNS, "running"],
  "ESPHome, the line from another task": [
    `${BEGINS}${ESC}[0;32m[I][app:1139]${ESC}[1;31m[main]${ESC}[0;32m: setup() finished successfully!${ESC}[0m\n`,
    "running",
  ],
  "ESPHome, warned of a quick reset": [
    RUNS + line("[W][safe_mode:035]: Last reset too quick; invoke in 3 restarts"),
    "running",
  ],
  "ESPHome with warnings alone": [
    BOOT_T + BANNER_2026 + line("[W][component:443]: wifi took a long time for an operation (312 ms)"),
    "started",
  ],
  "ESPHome with a component that failed": [
    BOOT_T + BANNER_2026 + line("[E][component:119]: Component i2c is marked FAILED: unspecified"),
    "started",
  ],
  "ESPHome that repeats the words of a running one in a sensor": [
    BEGINS + line("[D][text_sensor:064]: 'Log': Sending state '[I][app:139]: setup() finished successfully!'"),
    "started",
  ],
  "ESPHome that repeats a banner in a sensor, each minute": [
    BEGINS + line("[D][text_sensor:064]: 'Core': Sending state 'LibreTiny v1.13.0 on cb2s'").repeat(5),
    "started",
  ],
  "ESPHome that repeats words of safe mode": [
    RUNS + line("[D][mqtt:101]: got [W][safe_mode:131]: SAFE MODE IS ACTIVE"),
    "running",
  ],
  "ESPHome on UART1, where neither boot code nor banner is": [SETUP_2026.join("").repeat(4), "boot-loop"],
  "ESPHome on UART1, its first lines lost": [SETUP_2026.slice(2).join("").repeat(4), "boot-loop"],
  "ESPHome that sleeps between its starts": [
    (RUNS + line("[I][deep_sleep:064]: Beginning sleep")).repeat(5) + RUNS,
    "running",
  ],
  "ESPHome in safe mode, its first lines lost": [
    DONE_2026 + line("[C][safe_mode:018]: Safe Mode:") + line("[W][safe_mode:035]: SAFE MODE IS ACTIVE"),
    "safe-mode",
  ],
  "ESPHome that has just left safe mode": [
    BEGINS + line("[E][safe_mode:097]: Boot loop detected") + line("[W][safe_mode:150]: Timeout, restarting") + BEGINS,
    "started",
  ],
  "ESPHome that ran and is in its boot code again": [RUNS + BOOT_T.slice(0, -20), "boot-code"],
  "ESPHome that ran and then trapped, its registers lost": [`${RUNS}data abort\n`, "crash"],
  "ESPHome that ran and then trapped, the first register lost": [`${RUNS}prefetch abort\nCurrent regs:\n`, "crash"],
  "ESPHome that trapped mutely, and started again": [`${RUNS}undefined instruction\n${BEGINS}`, "crash"],
  "a sentence about a trap": [`${RUNS}data abort\n${line("[D][sensor:094]: 'T': Sending state 1")}`, "running"],
  "a program for Arduino on LibreTiny": [`${BOOT_T}${BANNER_2026}Hello\r\nHello\r\n`, "started"],
  "a program of somebody's own, in German": [`${BOOT_T}Gerät gestartet\r\nVerbinde mit WLAN\r\n`, "started"],
  "a program of somebody's own, in Chinese": [`${BOOT_N}系统启动完成\r\n设备已连接网络\r\n`, "started"],
  "a program of somebody's own that says it is through": [
    `${BOOT_T}Init\r\nsetup() finished successfully!\r\n`,
    "started",
  ],
  "the boot code alone, and what the terminal says": [
    `--- Miniterm on /dev/ttyUSB0  115200,8,N,1 ---\n${BOOT_T}\n--- exit ---\n`,
    "no-application",
  ],
  "the boot code alone, in picocom": [`Terminal ready\r\n${BOOT_N}Thanks for using picocom\r\n`, "no-application"],
  "the boot code alone, and a glitch": [`${BOOT_N}\u0000\u0000ÿ`, "no-application"],
  "the boot code again and again, a line of it damaged": [
    BOOT_T.repeat(2) + BOOT_T.replace("V:BK7231S", "\u0002K\u0000S") + BOOT_T.repeat(2),
    "boot-loop",
  ],
  "boot code of 1.0.6": [BOOT_T.replace("1.0.5", "1.0.6"), "no-application"],
  "OpenBeken of today": [
    BOOT_N + SDK_START("0") + OBK("1.18.300") + "Info:MAIN:Time 1, idle 185633/s, free 77304, MQTT 0(0), bWifi 0\r\n",
    "running",
  ],
  "OpenBeken of 2022": [`${BOOT_T}${OBK("1.12.40")}Info:MAIN:Time 1, free 77304, MQTT 0, bWifi 0\r\n`, "running"],
  "OpenBeken of 2021": [`${BOOT_T}${OBK("1.8.1")}Info:MAIN:Timer is 1 free mem 77304\r\n`, "running"],
  "OpenBeken that lost some text": [`${BOOT_N}${OBK("1.17.551")}^Info:MAIN:Time 5, idle 1/s, free 2\r\n`, "running"],
  "OpenBeken in safe mode, its first lines lost": ["Info:MAIN:[SAFE] Time 1, idle 1/s, free 2\r\n", "safe-mode"],
  "OpenBeken that stops early": [BOOT_N + SDK_START("0") + OBK("1.17.551"), "started"],
  "OpenBeken that stops early, again and again": [(BOOT_N + OBK("1.17.551")).repeat(4), "boot-loop"],
  "OpenBeken on BK7238": [
    `${BOOT_7238}${SDK_START("0")}OpenBK7238, version 1.18.300\r\nInfo:MAIN:Time 1, idle 1/s, free 2\r\n`,
    "running",
  ],
  "an application of another chip that the watchdog restarts": [
    `${BOOT_N}${SDK_START("2")}Unsupported chip or dev\r\n`.repeat(4),
    "other-chip",
  ],
  "Tuya of 2019": [
    `${BOOT_T}${SDK_START("0")}[01-01 18:12:15 TUYA Info][mqc_app.c:175] mqc app init ...\r\n`,
    "started",
  ],
  "Tuya of 2021": [`${BOOT_N}[01-01 18:12:15 TUYA I][lr:0xa5969] oem_bk7231n_plug:1.1.17\r\n`, "started"],
  "Tuya of 2024": [`${BOOT_N}[01-01 00:00:00:012 ty N][tal_workqueue.c:1] init\r\n`, "started"],
  "an update that is over": [
    `${UPDATE_BOOT}[E/OTA] (ota_main:128) none encryption Not allow!\r\n${GO}${BANNER_2026}${SETUP_2026.join("")}${DONE_2026}`,
    "running",
  ],
  "an update that is refused, and nothing starts": [
    `${UPDATE_BOOT}[E/OTA] (ota_main:128) none encryption Not allow!\r\n${GO}`,
    "update-refused",
  ],
  "another maker's chip": [
    "ets Jun  8 2016 00:22:57\r\nrst:0x1 (POWERON_RESET),boot:0x13\r\nI (300) app: setup finished\r\n",
    "unknown-text",
  ],
  "a modem": ["AT\r\nOK\r\n", "unknown-text"],
  "a crash, its lines stamped": [
    stamped(BOOT_T + BANNER_2026 + trap("data abort", "0x00010024", "0x00010031"), "[12:00:01.123] "),
    "crash",
  ],
};

/** What tools and people put around lines. */
const FRAMES: Readonly<Record<string, readonly [before: string, behind?: string]>> = {
  syslog: ["Nov 30 12:00:00 host esphome[123]: "],
  "syslog of today": ["2026-11-30T12:00:00.123456+01:00 host picocom[12]: "],
  ser2net: ["Nov 30 12:00:00 host ser2net[1]: RX: "],
  grep: ["bulb.log:12:"],
  "grep with lines around": ["/tmp/bulb.log-12-"],
  "Python's logging": ["INFO:root:"],
  "Python's logging, in columns": ["2026-11-30 12:00:00,123 INFO     "],
  "Home Assistant": ["2026-11-30 12:00:00.123 INFO (MainThread) [custom.bulb] "],
  "bytes that Python prints": ["b'", "\\r\\n'"],
  "a list": ["* "],
  "a list with dashes": ["  - "],
  "a comment": ["# "],
  "another comment": ["// "],
  "a number in brackets": ["[12] "],
  "a direction": ["RX: "],
  "a direction behind a time": ["12:00:00.123 RX "],
  "an arrow": ["<- "],
  "a port": ["COM3: "],
  "a port in brackets": ["[COM3] "],
  "a port's path": ["/dev/ttyUSB0: "],
  "an output": ["[stdout] "],
  "milliseconds since 1970": ["1700000000123 "],
  "seconds since the line before": ["+0.012 "],
  "seconds in parentheses": ["(12.345) "],
  SSCOM: ["[12:00:00.123]\u6536\u2190\u25c6"],
  "SSCOM with its brackets": ["\u301012:00:00.123\u3011\u6536\u2190\u25c6"],
  XCOM: ["[2026-11-30 12:00:00.123]# RECV ASCII>\n"],
  "Chinese tools": ["\u63a5\u6536: "],
  "line ends that are written out": ["", "\\r\\n"],
  "line ends as words": ["", "<CR><LF>"],
  "line ends as signs": ["", "\u240d\u240a"],
};

/** What tools put before lines. */
const STAMPS: Readonly<Record<string, string>> = {
  Arduino: "12:00:01.123 -> ",
  "Tera Term": "[Mon Nov 30 12:00:01.123 2026] ",
  minicom: "[2026-11-30 12:00:01] ",
  tio: "[12:00:01.123] ",
  ts: "Nov 30 12:00:01 ",
  "ts with microseconds": "00:00:01.123456 ",
  grabserial: "[1.123456 0.000012] ",
  "seconds since 1970": "1700000000.123 ",
  "ISO 8601": "2026-11-30T12:00:01.123Z ",
  "ISO 8601 with a zone": "2026-11-30T12:00:01.123+01:00 ",
  CoolTerm: "12:00:01.123\t",
  "a colon before milliseconds": "[12:00:01:123] ",
  PlatformIO: "12:00:01.123 > ",
  ESPHome: "[12:00:01]",
};

describe("boot verdict on logs as people save them", () => {
  for (const [name, [text, kind]] of Object.entries(LOGS))
    it(`${name}: ${kind}`, () => {
      assert.equal(judgeLog(bytesOf(text)).kind, kind);
      // As pasted into a report: the ESC of colours lost, or written out.
      for (const written of ["", "^[", "\u241b", "\\x1b"])
        assert.equal(judgeLog(bytesOf(text.replaceAll(ESC, written))).kind, kind, `colours as ${written}[0m`);
    });

  it("stamps of any tool are none of the firmware's words, and tell the time", () => {
    for (const [tool, stamp] of Object.entries(STAMPS))
      for (const [log, kind] of [
        [BOOT_T, "no-application"],
        [RUNS, "running"],
      ] as const)
        assert.equal(judgeLog(bytesOf(stamped(log, stamp))).kind, kind, tool);
    const times = (first: string, last: string): number | undefined =>
      judgeLog(bytesOf(stamped(BEGINS, first) + stamped(DONE_2026, last))).tookMs;
    assert.equal(times("[12:00:01.250] ", "[12:00:03.500] "), 2_250);
    assert.equal(times("[23:59:59:900] ", "[00:00:00:100] "), 200);
    assert.equal(times("[1.123456 0.000012] ", "[2.623456 0.000012] "), 1_500);
    assert.equal(times("1700000000.5 ", "1700000001.75 "), 1_250);
  });

  for (const [tool, [before, behind = ""]] of Object.entries(FRAMES))
    it(`${tool} is around lines, and none of the firmware's words`, () => {
      for (const [log, kind] of [
        [BOOT_T, "no-application"],
        [BEGINS, "started"],
        [RUNS, "running"],
        [BOOT_T + OBK("1.18.300"), "started"],
        [RUNS + trap("data abort", "0x00010024", "0x00010031"), "crash"],
        [(BOOT_T + BANNER_2026).repeat(4), "boot-loop"],
        [bootWithUpdates(), "no-application"],
      ] as const)
        assert.equal(judgeLog(bytesOf(stamped(log, before).replace(/\n$|(?<=.)\n/g, `${behind}\n`))).kind, kind, kind);
    });

  it("what recorded it says at its ends is no application", () => {
    for (const [first, last] of [
      ['Script started on 2026-11-30 12:00:00+01:00 [TERM="xterm"]', "Script done on 2026-11-30 12:00:09+01:00"],
      ["Port opened", "Serial port closed"],
    ])
      assert.equal(judgeLog(bytesOf(`${first}\n${BOOT_T}\n${last}\n`)).kind, "no-application", first);
  });

  it("UTF-16 is read in both orders, with its mark and where that was cut off, however it is cut", () => {
    const little = Buffer.from(RUNS.slice(RUNS.indexOf("V:")), "utf16le");
    const big = Buffer.from(little).swap16();
    for (const bytes of [little, big, Buffer.from([0xff, 0xfe, ...little]), Buffer.from([0xfe, 0xff, ...big])])
      for (const size of [1, 2, 3, 7, bytes.length]) {
        const watch = new BootWatch();
        for (let at = 0; at < bytes.length; at += size) watch.push(bytes.subarray(at, at + size), 0);
        assert.equal(watch.end().kind, "running", `pieces of ${size}`);
      }
    // A glitch of the supply is none.
    assert.equal(judgeLog(Buffer.concat([Buffer.from([0, 0x41, 0]), bytesOf(RUNS)])).kind, "running");
    assert.equal(judgeLog(Buffer.concat([Buffer.from([0x41, 0]), bytesOf(RUNS)])).kind, "running");
  });

  it("text in GB 2312 is text; the same bytes shifted by one are not of another speed either", () => {
    const text = Uint8Array.from(
      Buffer.from("cfb5cdb3c6f4b6afcdeab3c90d0ac9e8b1b8d2d1c1acbdd3cdf8c2e70d0ab3f5cabcbbafb3c9b9a60d0a", "hex"),
    );
    assert.equal(judgeLog(text).kind, "unknown-text");
    assert.equal(judgeLog(text.subarray(1)).kind, "unknown-text");
    assert.equal(judgeLog(text.map((byte) => (byte < 0x80 ? byte : byte ^ 0x5f))).kind, "wrong-speed");
  });
});
