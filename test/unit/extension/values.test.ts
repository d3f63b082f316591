/** What comes in from outside: settings typed by hand, command arguments of anybody, ports of several sources, log lines. */
import assert from "node:assert/strict";
import { factOf, filesOf, portOf } from "../../../src/extension/commands/commandArguments";
import { parsePort, type FlasherError } from "../../../src/core/index";
import { english, say } from "../../../src/extension/text/l10n";
import {
  adapterEntry,
  mergePorts,
  obviousPort,
  practiceEntry,
  withExtra,
} from "../../../src/extension/ports/portEntry";
import { RecentLines } from "../../../src/extension/platform/recentLines";
import {
  boundedNumber,
  parseBaudRate,
  parseNumber,
  settingsNamedIn,
} from "../../../src/extension/platform/settingValues";

describe("setting values", () => {
  it("baud rates: automatic, a number or its text within bounds; all else is automatic", () => {
    assert.deepEqual(["auto", 921_600, "115200", " 230400 "].map(parseBaudRate), ["auto", 921_600, 115_200, 230_400]);
    for (const value of [1, 9_599, 4_000_001, 0.5, NaN, "fast", "", null, undefined, {}])
      assert.equal(parseBaudRate(value), "auto");
  });

  it("numbers are moved into their bounds", () => {
    const bounds = { minimum: 5, maximum: 600 };
    assert.deepEqual(
      [1, 60, 9_999, "60", NaN].map((value) => boundedNumber(value, 30, bounds)),
      [5, 60, 600, 30, 30],
    );
  });

  it("addresses in every spelling people use", () => {
    assert.deepEqual(
      ["0x11000", "4096", "4k", "1M", "64 KiB", "0x1_1000"].map(parseNumber),
      [0x11000, 4096, 4096, 0x100000, 0x10000, 0x11000],
    );
    for (const text of ["", "x", "-1", "1.5", "11000h", "0x", "1e3", "0x123456789"])
      assert.equal(parseNumber(text), undefined, text);
  });
});

describe("ports as they are typed", () => {
  it("a network address that lost a sign is told, and no serial port of any system is taken for one", () => {
    const told = (name: string): string | undefined => {
      try {
        return void parsePort(name);
      } catch (error) {
        return english(
          String((error as FlasherError).context.detail && say((error as FlasherError).context.detail ?? "")),
        );
      }
    };
    for (const name of [
      "tcp//host:1",
      "tcp:/host:1",
      "tcp:host:1",
      "socket//h:1",
      "192.168.1.20:8880",
      "bulb.local:23",
    ])
      assert.equal(told(name), "for a port on the network write tcp://host:port", name);
    for (const name of [
      "COM5",
      "COM5:",
      "\\\\.\\COM12",
      "/dev/ttyUSB0",
      "/dev/serial/by-path/pci-0:1.2",
      "tcp://h:1",
      "ttyS0",
    ])
      assert.equal(told(name), undefined, name);
  });
});

describe("command arguments", () => {
  const uri = (path: string): object => ({
    scheme: "file",
    path,
    with: () => undefined,
    toString: () => `file://${path}`,
  });

  it("name a port, or nothing", () => {
    assert.deepEqual(portOf({ portId: "COM5", type: "port" }), { portId: "COM5" });
    for (const value of [undefined, null, "COM5", 5, {}, { portId: "" }, { portId: 5 }, uri("/a")])
      assert.equal(portOf(value), undefined);
  });

  it("take the selection when the clicked file is in it, else the clicked file", () => {
    const [a, b, c] = [uri("/a"), uri("/b"), uri("/c")];
    assert.deepEqual(filesOf([a, [a, b]]), [a, b]);
    assert.deepEqual(filesOf([c, [a, b]]), [c]);
    assert.deepEqual(filesOf([a]), [a]);
    assert.deepEqual(filesOf([]), []);
    assert.deepEqual(filesOf(["/etc/passwd", { path: "/x" }]), []);
  });

  it("take the file of a tree item, and the recommended file of a build", () => {
    const file = uri("/a");
    assert.deepEqual(filesOf([{ type: "file", resourceUri: file }, [{ type: "file", resourceUri: file }]]), [file]);
    assert.deepEqual(filesOf([{ type: "build", build: { recommended: { uri: file } } }, undefined]), [file]);
    assert.deepEqual(filesOf([{ type: "build", build: { recommended: undefined } }]), []);
  });

  it("take the value of a fact", () => {
    assert.equal(factOf({ fact: { value: "C8:47" } }), "C8:47");
    assert.equal(factOf({ fact: {} }), undefined);
    assert.equal(factOf(7), undefined);
  });
});

describe("ports", () => {
  const adapter = { path: "COM5", adapter: "CH340", vendorId: "1a86", productId: "7523" };

  it("are described by adapter and ids", () => {
    const entry = adapterEntry(adapter);
    assert.deepEqual(entry.facts, ["CH340", "1a86:7523"]);
    assert.equal(entry.isUsb, true);
  });

  it("come from all sources, each once, and nonsense in the settings is left out", () => {
    const practice = practiceEntry(4000, "BK7231T");
    const ports = mergePorts(
      [adapter, { path: "/dev/ttyS0" }],
      ["COM5", "tcp://10.0.0.2:88", "http://x", "tcp://noport"],
      [practice],
    );
    assert.deepEqual(
      ports.map(({ id, kind }) => [id, kind]),
      [
        ["tcp://127.0.0.1:4000", "practice"],
        ["COM5", "extra"],
        ["tcp://10.0.0.2:88", "extra"],
        ["/dev/ttyS0", "adapter"],
      ],
    );
    assert.match(practice.facts.join(), /not a real chip/);
  });

  it("of the network are RFC 2217 servers too, and one added twice is there once", () => {
    const ports = mergePorts(
      [],
      [
        "rfc2217://cellar:4000",
        "RFC2217://Cellar:4000/?ign_set_control",
        "rfc2217://[fe80::1%25eth0]:4000",
        "rfc2217://x",
      ],
      [],
    );
    assert.deepEqual(
      ports.map(({ id, kind, label, isUsb }) => [id, kind, label, isUsb]),
      ["rfc2217://cellar:4000", "rfc2217://[fe80::1%eth0]:4000"].map((id) => [id, "extra", id, false]),
    );
    assert.deepEqual(ports[0]?.ref, { kind: "rfc2217", host: "cellar", port: 4000 });
    assert.match(ports[0]?.facts.join() ?? "", /network/);
  });

  it("are added as they are read, a bridge's commands as they were typed, and each once", () => {
    const bridge = "tcp://10.0.0.5:8888?reset=SetChannel 1 0;SetChannel 1 1";
    let extras: readonly string[] = [];
    for (const typed of [
      '"RFC2217://Cellar:4000/"',
      "tcp：//10.0.0.5：23",
      "ttyUSB0",
      ` ${bridge}`,
      "rfc2217://cellar:4000",
      "COM 10:",
      "tcp://nonsense",
    ])
      extras = withExtra(extras, typed);
    assert.deepEqual(extras, ["rfc2217://cellar:4000", "tcp://10.0.0.5:23", "/dev/ttyUSB0", bridge, "COM10"]);
  });

  it("that were added by hand and are adapters as well keep what is known of those", () => {
    const listed = { ...adapter, path: "/dev/ttyUSB0", serialNumber: "A1", maxBaud: 2_000_000 };
    const [port, ...none] = mergePorts([listed], ["ttyUSB0"], []);
    assert.deepEqual(none, []);
    assert.ok(port?.isAdded && port.isUsb);
    assert.deepEqual([port.maxBaud, port.adapterKey], [2_000_000, adapterEntry(listed).adapterKey]);
    assert.deepEqual(port.facts, ["CH340", "1a86:7523", "A1", "added by hand"]);
  });

  it("that are simulated by another program are practice devices, told so by their name in the settings", () => {
    const [port, ...none] = mergePorts([], ["practice:tcp://127.0.0.1:8123", "practice:", "practice:tcp://x"], []);
    assert.deepEqual(none, []);
    assert.deepEqual([port?.id, port?.kind, port?.label], ["tcp://127.0.0.1:8123", "practice", "Practice device"]);
    assert.deepEqual(port?.ref, { kind: "tcp", host: "127.0.0.1", port: 8_123 });
    assert.match(port?.facts.join() ?? "", /simulated/);
  });

  it("are chosen without a question only when one alone can be meant", () => {
    const usb = adapterEntry(adapter);
    const builtIn = adapterEntry({ path: "/dev/ttyS0" });
    assert.equal(obviousPort([usb, builtIn]), usb);
    assert.equal(obviousPort([builtIn]), undefined);
    assert.equal(obviousPort([usb, practiceEntry(1, "x")]), undefined);
    assert.equal(obviousPort([]), undefined);
  });
});

describe("recent lines", () => {
  it("are the last ones, with their level", () => {
    const lines = new RecentLines(3);
    for (let i = 0; i < 9; i++) lines.add("info", `line ${i}`);
    assert.equal(lines.text, "info    line 6\ninfo    line 7\ninfo    line 8");
  });
});

describe("text", () => {
  it("is filled in, and left alone where nothing is to be filled in", () =>
    assert.equal(english("{0} of {1}, {2}", 1, "two"), "1 of two, {2}"));
});

describe("settings of an untrusted workspace", () => {
  const wanted = ["beken.autoReset", "beken.backupFolder"];

  it("are found by their names, whatever else the file holds", () => {
    assert.deepEqual(settingsNamedIn('{"beken.autoReset":false, "beken.backupFolder" : "x"}', wanted), wanted);
    assert.deepEqual(
      settingsNamedIn('{\n  // "beken.autoReset": false,\n  "beken.baudRate": 1, "x": "beken.autoReset"\n}', wanted),
      [],
    );
    assert.deepEqual(settingsNamedIn('/* "beken.autoReset": 1 */ {"bekenXautoReset": 1}', wanted), []);
    assert.deepEqual(settingsNamedIn('{"folders": [], "settings": {"beken.backupFolder": "../x"', wanted), [
      "beken.backupFolder",
    ]);
  });
});
