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

describe("secrets of a log, in the shapes in which firmware prints them", () => {
  const ESC = "\u001b";
  const SHAPES = [
    `${ESC}[0;35m[C][wifi:428]:   SSID: ${ESC}[5m'Zuhause 7'${ESC}[6m${ESC}[0m`,
    `[I][wifi:617]: WiFi Connecting to 'Zuhause's 7'...`,
    `[D][wifi:481]: - 'Zuhause 7' ${ESC}[5m(AA:BB:CC:00:11:22)${ESC}[6m`,
    "[I][wifi:480]: - 'Zuhause 7' hidden (AA:BB:CC:00:11:22)",
    "[W][wifi_lt:1]: Disconnected ssid='Zuhause 7' bssid=AA:BB:CC:00:11:22 reason='Auth'",
    "[C][mqtt:1]:   Username: Zuhause",
    "I [      1.200] Connecting to Zuhause 7",
    "Info:MAIN:Using SSID [Zuhause 7]",
    "Info:MAIN:Using Pass [Zuhause 7!]",
    "Info:CMD:[WebApp Cmd 'SSID1 Zuhause' Result] OK",
    "Info:CMD:SSID1 Zuhause; Password1 Zuhause",
    "bk_wlan_start ssid:Zuhause key:Zuhause",
    '[01-01 18:12:15 TUYA Info][x.c:1] {"ssid":"Zuhause","passwd":"Zuhause","token":"Zuhause1"}',
    "[01-01 18:12:15 TUYA D][a.c:1] auz_key is Zuhause7Zuhause7",
    "WPA: PMK - hexdump(len=32): 5a 75 68 61 75 73 65",
    // As pasted into a report: the ESC of what ESPHome makes blink is lost.
    "[C][wifi:506]:   SSID: [5m'Zuhause 7'[6m",
    "[D][wifi:462]: Finding best AP for Zuhause 7",
    "[D][text_sensor:064]: 'WLAN': Sending state 'Zuhause 7'",
    "[S][text_sensor]: 'Wifi name' >> 'Zuhause 7'",
    '[D][main:001]: token "Zuhause7"',
    "Connecting to Zuhause 7",
    "Connecting to WiFi Zuhause...",
    "Connected to Zuhause, IP 10.0.0.7",
    "connect ap Zuhause key Zuhause7",
    "[01-01 18:12:15 TUYA N][x.c:1] ap:Zuhause psk:Zuhause7",
    "[01-01 18:12:15 TUYA N][x.c:1] select ap: Zuhause rssi -40",
    '[01-01 18:12:15 TUYA N][x.c:1] {"gwId":"Zuhause7"}',
    "Info:CMD:exec: SSID1 Mein Zuhause; Password1 7! Zuhause",
    "Info:HTTP:cm?cmnd=Backlog%20SSID1%20Zuhause%3BPassword1%20Zuhause7",
    "Info:HTTP:cm?cmnd=Password1+Zuhause7",
    "WLAN-Schl\u00fcssel: Mein Zuhause",
    "\u5bc6\u7801\uff1aZuhause7",
    // With signs in them that stand around them elsewhere.
    "[C][wifi:506]:   SSID: 'dogs' Zuhause'",
    `[D][wifi:481]: - 'dogs' Zuhause' ${ESC}[5m(AA:BB:CC:00:11:22) ${ESC}[6m`,
    "[I][wifi:313]: WiFi Connecting to 'dogs' Zuhause'...",
    "[W][wifi_lt:1]: Disconnected ssid='dogs' Zuhause' bssid=AA:BB:CC:00:11:22 reason='Auth'",
    "[C][mqtt:1]:   Username: 'it's Zuhause'",
    "Info:MAIN:Using Pass [a] Zuhause]",
    "mqtt_pass a;b 'Zuhause",
    "Info:CMD:cmd [Password1 semi;Zuhause 7!]",
    "I [      1.000] Connecting to dogs' Zuhause",
    "[D][text:064]: 'MQTT Password': Setting value 'Mein Zuhause'",
  ];
  for (const line of SHAPES)
    it(line.replaceAll(ESC, ""), () => {
      const [read] = new BootWatch().push(new TextEncoder().encode(`${line}\r\n`), 0);
      const masked = new LogMask().mask(read?.text ?? "");
      assert.match(masked, /\[removed\]/);
      assert.doesNotMatch(masked, /Zuhause|7!|5a 75|AA:BB/);
    });

  const NO_SECRETS = [
    "[I][app:100]: setup() finished successfully!",
    "[C][wifi:1]:   Channel: 6",
    "J 0x10000",
    "[W][wifi:669]: Connecting to WiFi network failed. Are the credentials wrong?",
    "[W][wifi:1703]: Connecting to network failed (callback)",
    "[I][mqtt:1]: Connecting to MQTT...",
    "[D][api:1]: Client connected to Home Assistant",
    "[D][text_sensor:064]: 'WiFi Status': Sending state 'Connected'",
    "ap:init:I(12):reason - power on",
    "selftest passed all 5 tests",
  ];
  it("and leave alone what is none", () => {
    for (const line of NO_SECRETS) {
      const mask = new LogMask();
      assert.equal(mask.mask(line), line);
      for (const other of NO_SECRETS) assert.equal(mask.mask(other), other, `behind ${line}`);
    }
  });

  it("leave the reason for which an access point refuses it", () => {
    for (const name of ["", "Zuhause"]) {
      const line = `[W][wifi_lt:520]: Disconnected ssid='${name}' bssid=AA:BB:CC:00:11:22 reason='Authentication Failed'`;
      const masked = new LogMask().mask(line);
      assert.match(masked, /reason='Authentication Failed'$/);
      assert.doesNotMatch(masked, /Zuhause|AA:BB/);
    }
  });

  it("leave the words of a sensor behind one that tells the network", () => {
    const mask = new LogMask();
    mask.learn("[D][text_sensor:064]: 'Connected SSID': Sending state '\u00c4rger'");
    assert.equal(mask.mask("[D][sensor:094]: 'T': Sending state 1"), "[D][sensor:094]: 'T': Sending state 1");
  });

  it("leave the tags of ESPHome, whatever a network is called", () => {
    const mask = new LogMask();
    mask.learn("[C][wifi:506]:   SSID: 'app'");
    assert.equal(mask.mask("[I][app:100]: setup() finished"), "[I][app:100]: setup() finished");
  });

  for (const [named, later] of [
    ["ssid:Zuhause key:Geheim7!", "get_security_type_from_ie, Zuhause Geheim7!"],
    ["ssid:Mein Zuhause key: Geheim7!", "scan: Mein Zuhause"],
    ["Info:MQTT:mqtt_userName Zuhause", "mqtt_clientID Zuhause-plug"],
    ["user=Geheim7!&x=1", "hello Geheim7!"],
    ['{"ssid":"Mein Zuhause","passwd":"$Geheim"}', "Mein Zuhause, $Geheim"],
    ["Connecting to WiFi Zuhause...", "joined Zuhause"],
    ["[S][text_sensor]: 'Connected SSID' >> 'Mein Zuhause'", "Mein Zuhause is heard"],
  ] as const)
    it(`are known later, without their label: ${named}`, () => {
      const mask = new LogMask();
      mask.learn(named);
      assert.doesNotMatch(mask.mask(later), /Zuhause|Geheim|Mein/);
    });

  it("a network is still known when it was named again behind many others, and as a part of a longer name", () => {
    const mask = new LogMask();
    for (let i = 0; i < 70; i++) {
      mask.learn("[I][wifi:1]: WiFi Connecting to 'Zuhause'...");
      mask.learn(`[D][wifi:1]: - 'Nachbar ${i}' (AA:BB:CC:00:11:22)`);
    }
    assert.doesNotMatch(mask.mask("heard: Zuhause"), /Zuhause/);
    mask.learn("[D][wifi:1]: - 'Mein Zuhause' (AA:BB:CC:00:11:22)");
    assert.doesNotMatch(mask.mask("heard: Mein Zuhause"), /Mein/);
  });

  it("are none of the evidence of a verdict, where a line before named them", () => {
    const watch = new BootWatch();
    const log = "[I][logger:1]: Log initialized\n[I][wifi:1]: Connecting to 'Zuhause'\n[D][custom:1]: joined Zuhause\n";
    watch.push(new TextEncoder().encode(log), 0);
    assert.doesNotMatch(JSON.stringify(watch.end().evidence), /Zuhause/);
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
