import assert from "node:assert/strict";
import { FlasherError, type FlasherErrorCode } from "../../../src/core/base/errors";
import { remedyFor } from "../../../src/core/base/remedies";
import { bridgeSurroundings } from "../../../src/core/transport/bridges";
import { parsePort } from "../../../src/core/transport/portRef";
import { surroundingsOf, type MachineFacts } from "../../../src/core/transport/portSurroundings";
import { surroundings } from "../../../src/core/transport/serial";

const PLAIN: MachineFacts = {
  platform: "linux",
  env: {},
  kernel: "Linux version 6.8.0-45-generic (buildd@lcy02) (x86_64-linux-gnu-gcc-13)",
  marks: [],
  cgroup: "0::/init.scope\n",
  running: ["systemd", "bash", "cron.service"],
  account: { name: "ann", isRoot: false, groups: ["ann"], memberOf: [] },
  ports: [],
};
const NODE = { path: "/dev/ttyUSB0", group: "dialout", mode: 0o20660 };
const CODES = ["port-not-found", "port-permission", "port-busy", "port-lost", "host-unreachable"] as const;

const seen = (code: (typeof CODES)[number], facts: Partial<MachineFacts>): string =>
  surroundingsOf(code, { ...PLAIN, ...facts })
    .map(({ kind, values = [] }) => [kind, ...values].join(" "))
    .join("; ");

describe("what of a machine is in the way of a port", () => {
  it("is nothing where nothing is seen, and nothing of other failures", () => {
    for (const code of CODES)
      assert.equal(seen(code, { account: { ...PLAIN.account, groups: ["dialout"] }, node: NODE }), "");
    assert.equal(seen("port-lost", { env: { FLATPAK_ID: "x", CODESPACES: "true" }, running: ["brltty"] }), "");
  });

  it("is the group that owns the node, whichever that is on the system", () => {
    for (const group of ["dialout", "uucp", "plugdev"])
      assert.equal(seen("port-permission", { node: { ...NODE, group } }), `group ${group} ann`);
    const account = { ...PLAIN.account, memberOf: ["dialout", "video"] };
    assert.equal(seen("port-permission", { node: NODE, account }), "group-not-yet dialout ann");
    for (const node of [
      { ...NODE, group: "root" },
      { ...NODE, mode: 0o20600 },
      { ...NODE, mode: 0o20640 },
    ])
      assert.equal(seen("port-permission", { node }), "root-only /dev/ttyUSB0");
    assert.equal(seen("port-permission", { node: NODE, account: { ...account, isRoot: true } }), "");
    assert.equal(seen("port-permission", { node: NODE, platform: "darwin" }), "");
  });

  it("is the box that the program runs in", () => {
    const cases: readonly (readonly [string, Partial<MachineFacts>])[] = [
      ["flatpak com.visualstudio.code", { env: { FLATPAK_ID: "com.visualstudio.code", container: "flatpak" } }],
      ["flatpak APP", { marks: ["/.flatpak-info"] }],
      ["snap code", { env: { SNAP: "/snap/code/170" } }],
      ["snap node", { env: { SNAP_NAME: "node", SNAP: "/snap/node/9" } }],
      ["container", { marks: ["/.dockerenv"] }],
      ["container", { marks: ["/run/.containerenv"] }],
      ["container", { env: { REMOTE_CONTAINERS: "true" } }],
      ["container", { cgroup: "12:devices:/docker/0a1b\n" }],
      ["container", { cgroup: "1:name=systemd:/kubepods/besteffort/pod1\n" }],
      ["codespace", { env: { CODESPACES: "true", SSH_CONNECTION: "::1 1 ::1 2222" }, marks: ["/.dockerenv"] }],
      ["wsl", { kernel: "Linux version 5.15.167.4-microsoft-standard-WSL2 (root@f9c8)" }],
      ["wsl1", { kernel: "Linux version 4.4.0-19041-Microsoft (Microsoft@Microsoft.com)" }],
      ["wsl", { kernel: "Linux version 4.19.128-microsoft-standard (oe-user@oe-host)" }],
      ["wsl", { env: { WSL_DISTRO_NAME: "Ubuntu" } }],
      ["ssh", { env: { SSH_CONNECTION: "10.0.0.1 5000 10.0.0.2 22" } }],
      [
        "container; wsl",
        { marks: ["/.dockerenv"], kernel: "Linux version 5.15.167.4-microsoft-standard-WSL2 (root@f9c8)" },
      ],
    ];
    for (const [expected, facts] of cases) {
      assert.equal(seen("port-not-found", facts), expected);
      assert.equal(seen("port-permission", facts), expected);
      assert.equal(seen("port-busy", facts), "");
    }
  });

  it("is another program that takes adapters", () => {
    for (const running of [["brltty"], ["brltty.service"], ["brltty-udev.service"]]) {
      assert.equal(seen("port-not-found", { running }), "brltty");
      assert.equal(seen("port-busy", { running }), "brltty");
    }
    for (const running of [["ModemManager"], ["ModemManager.service"]]) {
      assert.equal(seen("port-busy", { running }), "modem-manager");
      assert.equal(seen("port-not-found", { running }), "");
    }
    assert.equal(seen("port-busy", { running: ["brltty", "ModemManager"], platform: "win32" }), "");
    assert.equal(seen("port-busy", { running: ["brltty", "ModemManager"], holder: "picocom" }), "", "they are not it");
    assert.equal(seen("port-busy", { running: ["brltty"], holder: "ModemManager" }), "modem-manager");
  });

  it("is the driver on a Mac without any port of an adapter; the ports there are come first", () => {
    assert.equal(seen("port-not-found", { platform: "darwin" }), "mac-driver");
    assert.equal(
      seen("port-not-found", { platform: "darwin", ports: ["/dev/cu.usbserial-1"] }),
      "other-ports /dev/cu.usbserial-1",
    );
    assert.equal(
      seen("port-not-found", { ports: ["/dev/ttyUSB1", "/dev/ttyS0"], running: ["brltty"] }),
      "other-ports /dev/ttyUSB1, /dev/ttyS0; brltty",
    );
  });

  it("comes before the general advice, filled in", () => {
    const error = new FlasherError("port-permission", "open it");
    error.around = surroundingsOf(error.code, { ...PLAIN, node: NODE });
    const { steps } = remedyFor(error);
    assert.match(steps[0] ?? "", /group dialout: run "sudo usermod -aG dialout ann"/);
    assert.ok(steps.length > 1);
  });

  it("is the bridge behind a port, when it is added and when a job fails there of what it cannot do", () => {
    const kinds = (name: string, code?: FlasherErrorCode): string =>
      bridgeSurroundings(parsePort(name), code)
        .map(({ kind }) => kind)
        .join();
    assert.equal(kinds("tcp://bulb.local:6638"), "esphome-stream");
    assert.equal(kinds("tcp://bulb.local:6638", "read-crc-mismatch"), "esphome-stream");
    assert.equal(kinds("tcp://bulb.local:6638", "image-corrupt"), "");
    assert.equal(kinds("tcp://bulb.local:6053", "host-unreachable"), "esphome-api");
    assert.equal(kinds("socket://10.0.0.5:8888?reset=chip_reset", "reply-timeout"), "openbeken-bridge");
    for (const name of ["tcp://bulb.local:8880", "rfc2217://bulb.local:6638", "/dev/ttyUSB0"])
      assert.equal(kinds(name), "");
  });

  it("is looked for on this very machine without an error", async () => {
    for (const code of CODES)
      for (const path of [undefined, "/dev/null", "/dev/no-such-port"]) await surroundings(code, path);
  });
});
