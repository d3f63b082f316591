import assert from "node:assert/strict";
import fc from "fast-check";
import { TransportError } from "../../../src/core/base/errors";
import { english } from "../../../src/core/base/words";
import { formatPort, parsePort, shownPort } from "../../../src/core/transport/portRef";

describe("port names", () => {
  it("are serial paths unless they have a scheme", () => {
    for (const path of [
      "COM5",
      "/dev/ttyUSB0",
      "/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0",
      "/dev/cu.usbserial-1410",
    ])
      assert.deepEqual(parsePort(path), { kind: "serial", path });
    assert.deepEqual(parsePort("  COM5 "), { kind: "serial", path: "COM5" });
    assert.deepEqual(parsePort("\\\\.\\COM12"), { kind: "serial", path: "COM12" });
  });

  it("have their folder also where it was left out, and the capitals and the twin that are meant", () => {
    const meant: readonly (readonly [string, string])[] = [
      ["ttyUSB0", "/dev/ttyUSB0"],
      ["ttyACM12", "/dev/ttyACM12"],
      ["ttyS0", "/dev/ttyS0"],
      ["ttyAMA0", "/dev/ttyAMA0"],
      ["dev/ttyUSB0", "/dev/ttyUSB0"],
      ["/dev/ttyusb1", "/dev/ttyUSB1"],
      ["ttyacm0", "/dev/ttyACM0"],
      ["cu.usbserial-10", "/dev/cu.usbserial-10"],
      ["tty.usbserial-10", "/dev/cu.usbserial-10"],
      ["/dev/tty.wchusbserial1420", "/dev/cu.wchusbserial1420"],
      ["serial/by-id/usb-1a86-if00", "/dev/serial/by-id/usb-1a86-if00"],
      ["by-id/usb-1a86-if00", "/dev/serial/by-id/usb-1a86-if00"],
      ["/DEV/ttyUSB0", "/dev/ttyUSB0"],
      ["DEV/TTYUSB0", "/dev/ttyUSB0"],
      ["TTYS0", "/dev/ttyS0"],
      ["ttyama0", "/dev/ttyAMA0"],
      ["CU.usbserial-10", "/dev/cu.usbserial-10"],
      ["TTY.usbserial-10", "/dev/cu.usbserial-10"],
      ["BY-ID/usb-1a86-if00", "/dev/serial/by-id/usb-1a86-if00"],
      ["ttyUSB0\u200b", "/dev/ttyUSB0"],
    ];
    for (const [typed, path] of meant) assert.deepEqual(parsePort(typed), { kind: "serial", path }, typed);
    for (const path of ["./ttyUSB0", "/dev/pts/3", "/dev/ttys003", "/tmp/tty.link", "usb-10c4-ea60", "COM5"])
      assert.deepEqual(parsePort(path), { kind: "serial", path });
  });

  it("are taken out of what stands around them, and Windows' as people write them", () => {
    for (const typed of [
      "com10",
      "COM 10",
      "COM10:",
      "COM010",
      '"COM10"',
      " 'com10' ",
      "`COM10`",
      "“COM10”",
      "\\\\.\\com10",
      "//./COM10",
      // As a file of settings has it, and as a shell leaves it.
      "\\\\\\\\.\\\\COM10",
      "\\.\\COM10",
      "\\.COM10",
      "com10/",
      '"com10 /"',
      // Out of the Device Manager, a dialog that turns text round, lists of ports, a Chinese keyboard.
      "USB-SERIAL CH340 (COM10)",
      "COM10 - Silicon Labs CP210x USB to UART Bridge",
      "\u202aCOM10",
      "ＣＯＭ１０",
    ])
      assert.deepEqual(parsePort(typed), { kind: "serial", path: "COM10" }, typed);
    for (const typed of ["/dev/ttyUSB0/", "ttyUSB0/", '"/dev/ttyUSB0"', "'ttyUSB0'", " /dev/ttyusb0// "])
      assert.deepEqual(parsePort(typed), { kind: "serial", path: "/dev/ttyUSB0" }, typed);
    assert.deepEqual(parsePort('"tcp://10.0.0.5:23"'), { kind: "tcp", host: "10.0.0.5", port: 23 });
    for (const path of ["COM", "COMA", "/dev/com1", "/", "/tmp/a b", "it's"])
      assert.deepEqual(parsePort(path), { kind: "serial", path }, path);
    assert.throws(() => parsePort('""'), /port/);
  });

  it("read TCP addresses in every spelling", () => {
    assert.deepEqual(parsePort("tcp://bridge.local:3333"), { kind: "tcp", host: "bridge.local", port: 3333 });
    assert.deepEqual(parsePort("socket://192.168.1.5:23"), { kind: "tcp", host: "192.168.1.5", port: 23 });
    assert.deepEqual(parsePort("TCP://h:65535/"), { kind: "tcp", host: "h", port: 65_535 });
    assert.deepEqual(parsePort("tcp://[::1]:3000"), { kind: "tcp", host: "::1", port: 3000 });
    assert.deepEqual(parsePort("tcp://[::ffff:192.168.1.5]:1"), { kind: "tcp", host: "::ffff:192.168.1.5", port: 1 });
    for (const typed of ["tcp：／／192.168.1.5：23", "ＴＣＰ：//192。168。1。5:２３", "tcp://192.168.1.5:23\u200b"])
      assert.deepEqual(parsePort(typed), { kind: "tcp", host: "192.168.1.5", port: 23 }, typed);
    for (const zone of ["%eth0", "%25eth0"])
      assert.deepEqual(parsePort(`tcp://[fe80::1${zone}]:1`), { kind: "tcp", host: "fe80::1%eth0", port: 1 });
  });

  it("are one for one host, however its name is written", () => {
    assert.equal(formatPort(parsePort("RFC2217://Bridge.Local:04000/")), "rfc2217://bridge.local:4000");
    // A zone is the name of a network of this machine, which has capitals.
    assert.equal(formatPort(parsePort("tcp://[FE80::AB%25Eth0]:1")), "tcp://[fe80::ab%Eth0]:1");
  });

  it("take the bridge's own reset, however its command is written, and give it back", () => {
    for (const name of [
      "tcp://10.0.0.5:8888?reset=SetChannel 1 0; SetChannel 1 1",
      "tcp://10.0.0.5:8888/?reset=SetChannel%201%200;%20SetChannel%201%201",
      "socket://10.0.0.5:8888?reset= SetChannel 1 0%3B SetChannel 1 1 ",
      "tcp://10.0.0.5:8888?Reset=SetChannel 1 0; SetChannel 1 1",
    ]) {
      const ref = parsePort(name);
      assert.deepEqual(
        ref,
        { kind: "tcp", host: "10.0.0.5", port: 8888, reset: "SetChannel 1 0; SetChannel 1 1" },
        name,
      );
      assert.deepEqual(parsePort(formatPort(ref)), ref);
    }
    const other = {
      kind: "tcp",
      host: "fe80::1",
      port: 8888,
      reset: "chip_reset 100% & more=?",
      webPort: 8080,
    } as const;
    assert.deepEqual(parsePort(formatPort(other)), other);
  });

  it("take RFC 2217 servers, also as pyserial writes them", () => {
    for (const name of [
      "rfc2217://cellar:4000",
      "RFC2217://cellar:4000/",
      "rfc2217://cellar:4000?ign_set_control&timeout=3",
      "rfc2217://cellar:4000?ign_set_control=1&poll_modem=",
    ]) {
      const ref = parsePort(name);
      assert.deepEqual(ref, { kind: "rfc2217", host: "cellar", port: 4000 }, name);
      assert.equal(formatPort(ref), "rfc2217://cellar:4000");
    }
    assert.throws(() => parsePort("rfc2217://cellar:4000?speed=fast"), /expected/);
  });

  it("say what is wrong", () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ["", /no port was given/],
      ["   ", /no port was given/],
      ["tcp://host", /port number is missing/],
      ["tcp://host:", /port number is missing/],
      ["tcp://[::1]", /port number is missing/],
      ["tcp://host:0", /not within 1 to 65535/],
      ["tcp://host:65536", /not within 1 to 65535/],
      ["tcp://host:99999999999999999999", /not within 1 to 65535/],
      ["tcp://", /expected tcp:\/\/host:port/],
      ["tcp//host:80", /for a port on the network write tcp:\/\/host:port/],
      ["tcp;//host:80", /for a port on the network write/],
      ["192.168.1.20", /for a port on the network write/],
      ["host:80/", /for a port on the network write/],
      ["tcp://:23", /expected/],
      ["tcp://host:abc", /expected/],
      ["tcp://host:-1", /expected/],
      ["tcp://host:1.5", /expected/],
      ["tcp://::1:23", /expected.*brackets/],
      ["tcp://user@host:23", /no user name/],
      ["user:pw@host:23", /for a port on the network write/],
      ["rfc2217://host:4000/path", /expected/],
      ["rfc2217://host:4000?reset=a", /expected/],
      ["tcp://ho st:23", /expected/],
      ["tcp://[host]:23", /not an IPv6 address/],
      ["tcp://[12345::1]:23", /not an IPv6 address/],
      ["tcp://[:::]:23", /not an IPv6 address/],
      ["tcp://[::1%]:23", /not an IPv6 address/],
      ["tcp://999.1.1.1:23", /not an IPv4 address/],
      ["tcp://192.168.1:23", /not an IPv4 address/],
      ["tcp://host\\:23", /expected/],
      ["tcp://host#a:23", /expected/],
      ["[::1]:3333", /for a port on the network write/],
      ["fe80::1%eth0", /for a port on the network write/],
      ["192.168.1.20：8888", /for a port on the network write/],
      ["telnet://host:23", /only tcp/],
      ["tcp://host:23?", /"reset=" and "web="/],
      ["tcp://host:23?rate=9600", /"reset=" and "web="/],
      ["tcp://host:23?reset=", /takes the commands/],
      ["tcp://host:23?reset=;%20;", /takes the commands/],
      ["tcp://host:23?web=80", /takes the commands/],
      ["tcp://host:23?reset=a&web=0", /not within 1 to 65535/],
      ["tcp://host:23?reset=a&web=x", /not within 1 to 65535/],
      ["tcp://host:23?reset=a&web=", /port number is missing/],
      ["tcp://host:23?reset=50%", /%20/],
      ["COM\0", /NUL/],
    ];
    for (const [text, words] of cases)
      assert.throws(
        () => parsePort(text),
        (error) => {
          assert.ok(error instanceof TransportError);
          assert.equal(error.code, "port-invalid", text);
          assert.match(english(error.context.detail ?? ""), words, text);
          return true;
        },
      );
  });

  it("show no password, also where it has no place", () => {
    for (const name of [
      "tcp://me:hunter2@host:23",
      "rfc2217://me:hunter2@host:4000",
      "tcp://me:hun/ter2@host:23",
      "tcp://me:hun?ter2@host:23",
      "tcp//me:hunter2@host:23",
      "https://me:hunter2@host",
      "me:hunter2@host:23",
      "tcp://host:23?password=hunter2",
      "tcp://host:23?a=b&api_token=hunter2&c=d",
      "practice:tcp://me:hunter2@host:23",
    ]) {
      assert.doesNotMatch(shownPort(name), /hunter2|ter2/, name);
      assert.throws(
        () => parsePort(name),
        (error) => {
          assert.ok(error instanceof TransportError && error.code === "port-invalid", name);
          return !/hunter2|ter2/.test(`${error.message} ${error.context.port} ${english(error.context.detail ?? "")}`);
        },
        name,
      );
    }
    for (const name of [
      "/dev/serial/by-path/platform-fd500000.pcie@0-usb",
      "COM5",
      "rfc2217://[fe80::1%eth0]:4000",
      "tcp://10.0.0.5:8888?reset=SetChannel 1 0;SetChannel 1 1",
    ])
      assert.equal(shownPort(name), name);
  });

  it("come back from what is shown", () => {
    const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(host, fc.integer({ min: 1, max: 65_535 }), (name, port) => {
        const ref = { kind: "tcp", host: name, port } as const;
        assert.deepEqual(parsePort(formatPort(ref)), ref);
      }),
    );
    assert.equal(formatPort(parsePort("/dev/ttyACM3")), "/dev/ttyACM3");
  });

  it("never fail in any other way", () => {
    const piece = fc.constantFrom(
      ..."tcp:// RFC2217:// COM com 3 : / \\ \\\\.\\ dev/ /DEV/ tty TTY cu. USB 0 by-id/ [ ] :: fe80 %25 eth0 ?reset= &web= ; \" ' ( ) host . @ ：".split(
        " ",
      ),
      " ",
      "\u202a",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join("")),
          fc.string().map((tail) => `tcp://${tail}`),
          fc.string().map((tail) => `tcp://h:1?reset=${tail}`),
        ),
        (text) => {
          try {
            const ref = parsePort(text);
            assert.deepEqual(parsePort(formatPort(ref)), ref);
          } catch (error) {
            assert.ok(error instanceof TransportError && error.code === "port-invalid", String(error));
          }
        },
      ),
    );
  });
});
