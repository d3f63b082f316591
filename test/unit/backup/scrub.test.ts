import assert from "node:assert/strict";
import fc from "fast-check";
import { traceLine } from "../../../src/core/base/coreLog";
import { concat, toHex, u32 } from "../../../src/core/base/bytes";
import { crc32 } from "../../../src/core/base/checksum";
import { frameLong, frameShort, replyLong, replyShort } from "../../../src/core/beken/protocol/frames";
import { REMOVED, scrub } from "../../../src/core/backup/scrub";

/** Numbers from a seed: the same bundle each time. */
function random(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 12345;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 0x100000000) * below);
  };
}

const LETTERS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const HEX = "0123456789abcdef";

interface Secrets {
  readonly ssid: string;
  readonly password: string;
  readonly otaPassword: string;
  readonly uuid: string;
  readonly authKey: string;
  readonly localKey: string;
  readonly apiKey: string;
  readonly token: string;
  readonly mac: string;
  readonly email: string;
  readonly ip: string;
}

function makeSecrets(seed: number): Secrets {
  const next = random(seed);
  const word = (length: number, from = LETTERS): string =>
    Array.from({ length }, () => from[next(from.length)] ?? "x").join("");
  const odd = [" ", '"', "\\", "&", "ü", "%", "'", "€", ":", "#", ","];
  const pick = (): string => odd[next(odd.length)] ?? " ";
  const last = word(6, HEX);
  return {
    ssid: `${word(5)}${pick()}${word(4)}`,
    password: `${word(6)}${pick()}${pick()}${word(5)}`,
    otaPassword: word(12),
    uuid: word(20, "abcdef0123456789"),
    authKey: word(32),
    localKey: word(16),
    apiKey: Buffer.from(word(32)).toString("base64"),
    token: `${word(24)}.${word(10)}`,
    mac: `c8478c${last}`.toUpperCase().replace(/(..)(?=.)/g, "$1:"),
    email: `${word(7)}@${word(6).toLowerCase()}.example`,
    ip: `192.168.${next(250) + 1}.${next(250) + 1}`,
  };
}

function utf16(text: string, order: "le" | "be"): Buffer {
  const bytes = Buffer.from(text, "utf16le");
  return order === "le" ? bytes : bytes.swap16();
}

/** Forms a secret is looked for in; none of the code under test is used. */
function forms(secret: string): string[] {
  const bytes = [Buffer.from(secret), utf16(secret, "le"), utf16(secret, "be")];
  const base64 = bytes.flatMap((raw) =>
    [0, 1, 2].map((before) => {
      const all = Buffer.concat([Buffer.alloc(before), raw]).toString("base64");
      return all.slice(Math.ceil((before * 8) / 6), Math.floor(((before + raw.length) * 8) / 6));
    }),
  );
  const hex = bytes.flatMap((raw) => [
    raw.toString("hex"),
    ...[" ", ":", "-", ", 0x", "\\x"].map((between) => (raw.toString("hex").match(/../g) ?? []).join(between)),
  ]);
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    [...(bytes[0] ?? [])].join(","),
    ...base64,
    ...hex,
  ];
}

function hexDump(bytes: Uint8Array): string[] {
  return Array.from({ length: Math.ceil(bytes.length / 16) }, (_, row) => {
    const part = bytes.subarray(16 * row, 16 * row + 16);
    const text = Array.from(part, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    return `${(16 * row).toString(16).padStart(8, "0")}  ${Array.from(part, (byte) => byte.toString(16).padStart(2, "0")).join(" ")} |${text}|`;
  });
}

/** A flash's settings go over the wire in pieces that cut them anywhere. */
function wire(config: Uint8Array, chunk: number): string[] {
  const reply = replyLong(0x09, 0, concat(u32(0x1ee000), config));
  const chunks = Array.from({ length: Math.ceil(reply.length / chunk) }, (_, i) =>
    reply.subarray(i * chunk, (i + 1) * chunk),
  );
  return [
    traceLine("tx", frameLong(0x09, u32(0x1ee000)), 12.5),
    ...chunks.map((bytes, i) => traceLine("rx", bytes, 13 + i)),
    traceLine("tx", frameLong(0x07, concat(u32(0x1ee000), config)), 99),
    traceLine("rx", config, 120),
  ];
}

function bundle(s: Secrets, seed: number): string {
  const json = JSON.stringify({
    wifi: { ssid: s.ssid, password: s.password },
    uuid: s.uuid,
    auth_key: s.authKey,
    localKey: s.localKey,
    mac: s.mac,
    token: s.token,
  });
  const config = new TextEncoder().encode(json);
  const settings = [
    `esphome:\n  name: bulb\nwifi:\n  ssid: ${JSON.stringify(s.ssid)}\n  password: ${JSON.stringify(s.password)}`,
    `api:\n  encryption:\n    key: "${s.apiKey}"\nota:\n  password: ${s.otaPassword}`,
    json,
    JSON.stringify({ type: "log", line: json }),
    JSON.stringify(JSON.stringify({ line: json })),
    `[C][wifi:600]:   SSID: '${s.ssid.replaceAll("'", "")}'   then ${s.ssid}`,
    `Info:MAIN:Connecting to SSID [${s.otaPassword}]`,
    `http://${s.ip}/cfg_wifi_set?ssid=${encodeURIComponent(s.ssid)}&pass=${encodeURIComponent(s.password)}&x=1`,
    `form ssid=${encodeURIComponent(s.ssid)}&pass=${encodeURIComponent(s.password)}`,
    `mqtt://${s.otaPassword}:${s.localKey}@broker.example:1883`,
    `Authorization: Bearer ${s.token}`,
    `MAC ${s.mac} ${s.mac.toLowerCase()} ${s.mac.replaceAll(":", "-")} ${s.mac.replaceAll(":", "")} ${s.mac.replaceAll(":", " ")}`,
    `hotspot SmartLife-${s.mac.replaceAll(":", "").slice(-6)} at ${s.ip}, owner ${s.email}`,
    `uuid ${s.uuid} authkey ${s.authKey}`,
  ];
  const encoded = [s.password, s.ssid, s.otaPassword, s.authKey, s.localKey].flatMap((secret) => [
    `loose ${secret} end`,
    `escaped ${JSON.stringify(secret)}`,
    `hex ${Buffer.from(secret).toString("hex")}`,
    `HEX ${Buffer.from(secret).toString("hex").toUpperCase()}`,
    `spaced ${(Buffer.from(secret).toString("hex").match(/../g) ?? []).join(" ")}`,
    `c "${Array.from(Buffer.from(secret), (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}"`,
    `wide ${utf16(secret, "le").toString("hex")} ${utf16(secret, "be").toString("hex")}`,
    `wide text ${Array.from(secret).join("\0")}\0`,
    `url ${encodeURIComponent(secret)} ${encodeURIComponent(encodeURIComponent(secret))}`,
    `base64 ${Buffer.from(secret).toString("base64")} ${Buffer.from(`x${secret}`).toString("base64")} ${utf16(secret, "le").toString("base64")}`,
    `bytes [${[...Buffer.from(secret)].join(", ")}] ${JSON.stringify({ ...Buffer.from(secret) })}`,
  ]);
  const blobs = [
    ...hexDump(config),
    ...(Buffer.from(config)
      .toString("base64")
      .match(/.{1,76}/g) ?? []),
    utf16(json, "le").toString("base64url"),
    ...wire(config, 1 + (seed % 5) * 13),
  ];
  return [...settings, ...encoded, ...blobs].join("\n");
}

function leaks(text: string, secrets: Secrets): string[] {
  const lower = text.toLowerCase();
  return Object.entries({ ...secrets }).flatMap(([name, secret]) =>
    forms(secret)
      .filter((form) => form.length >= 6 && lower.includes(form.toLowerCase()))
      .map((form) => `${name} as ${form}`),
  );
}

const FACTS = [
  "Beken Flasher 0.1.0, linux x64, 2026-11-22T09:24:20.123Z",
  "Chip: BK7231N, boot ROM, 921600 baud, flash 0B4015 (2 MiB), boot code CRC 1A2B3C4D",
  "write 0x011000-0x12A000 failed: chip-status 0x06 after 3 attempts [write-failed]",
  "Key: Tuya (as the bootloader shows)",
  "file OpenBK7231N_QIO_1.18.123.bin on /dev/serial/by-id/usb-1a86_USB_Serial-if00-port0",
  '{"type":"progress","phase":"write","done":65536,"total":1048576,"address":69632}',
];

describe("diagnostics scrubber", () => {
  it("finds nothing of 20 planted sets of secrets in 20 bundles", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const secrets = makeSecrets(seed);
      const planted = bundle(secrets, seed);
      assert.ok(leaks(planted, secrets).length > 60, `bundle ${seed} plants too little`);
      assert.deepEqual(leaks(scrub(planted), secrets), [], `bundle ${seed}`);
    }
  });

  it("leaves no piece of eight characters of any planted secret behind", () => {
    for (let seed = 21; seed <= 24; seed++) {
      const secrets = makeSecrets(seed);
      const clean = scrub(bundle(secrets, seed)).toLowerCase();
      for (const secret of Object.values({ ...secrets })) {
        for (let at = 0; at + 8 <= secret.length; at++) {
          const piece = secret.slice(at, at + 8).toLowerCase();
          if (!secrets.ip.includes(piece.trim()) && piece !== ".example")
            assert.ok(!clean.includes(piece), `bundle ${seed}: ${piece}`);
        }
      }
    }
  });

  it("changes nothing more when it runs on its own result", () => {
    for (let seed = 1; seed <= 2; seed++) {
      const clean = scrub(bundle(makeSecrets(seed), seed));
      assert.equal(scrub(clean), clean);
    }
  });

  it("takes a number of steps that grows as the text does, whatever the text is", () => {
    const steps = (text: string): number => {
      let all = 0;
      scrub(text, [], (more) => (all += more));
      return all;
    };
    const next = random(7);
    const shapes: readonly ((times: number) => string)[] = [
      (times) => '"key="'.repeat(times),
      (times) => "key=".repeat(times),
      (times) => "password ".repeat(times),
      (times) => "ssid: |\n  a\n".repeat(times),
      (times) => Array.from({ length: times }, (_, i) => `key=secret${i}x`).join("\n"),
      (times) => Array.from({ length: times }, (_, i) => `key=${LETTERS[next(50)]}${"aaaa".repeat(9)}${i}`).join(" "),
      (times) => 'pass "a" + '.repeat(times),
      (times) => "-----BEGIN A-----".repeat(times),
      (times) => "a-".repeat(times),
      (times) => "41 ".repeat(times),
      (times) => "1, ".repeat(times),
      (times) => "/home/a b".repeat(times),
      (times) => "\\".repeat(times),
      (times) => " ".repeat(times),
    ];
    for (const shape of shapes) {
      const [small, large] = [shape(100), shape(800)] as const;
      const growth = large.length / small.length;
      assert.ok(
        steps(large) <= 1.3 * growth * steps(small) + 1000,
        `${small.slice(0, 20)}: ${steps(small)} ${steps(large)}`,
      );
      assert.ok(steps(large) <= 1500 * large.length, `${small.slice(0, 20)}: ${steps(large) / large.length} each`);
    }
  });

  it("comes to an end with 50,000 names and no values", () => {
    const text = '"key="'.repeat(50_000);
    assert.ok(scrub(text).length <= text.length * 2);
  });

  const PLACES: readonly (readonly [string, string])[] = [
    ["without a sign", "pass hunter2"],
    ["doubled quotes", "password: 'hun''ter2'"],
    ["joined pieces", 'password = "hun" + "ter2"'],
    ["neighbours", 'WIFI_PASSWORD "x" \npassword: "hun" "ter2"'],
    ["over a line end", 'password="hun" \\\n  "ter2"'],
    ["a block of YAML", "password: >-\n    hunter2\nboard: cb2s"],
    ["escaped quotes", '{"line":"password=\\"hun\\" + \\"ter2\\""}'],
  ];
  for (const [name, text] of PLACES) {
    it(`takes out a secret in pieces or without a sign: ${name}`, () => {
      const clean = scrub(text);
      for (const piece of ["hunter2", "hun", "ter2"]) assert.ok(!clean.includes(piece), clean);
    });
  }

  it("takes out a known secret that is cut by a line end or joined from pieces", () => {
    for (const form of [
      "correct\nhorse",
      "correct\r\n    horse",
      'x = "corr" + "ecthorse"',
      "'correct'\n 'horse'",
      "corr\\\necthorse",
    ]) {
      const clean = scrub(`psk: correcthorse\nlog ${form} end`);
      for (const piece of ["correct", "corr", "horse"]) assert.ok(!clean.includes(piece), `${form}: ${clean}`);
    }
  });

  it("takes out people and secrets in names of files and folders", () => {
    assert.equal(
      scrub("C:\\Users\\John Smith\\fw\\a.bin, C:\\\\Users\\\\John Smith\\\\a.bin"),
      `C:\\Users\\${REMOVED}\\fw\\a.bin, C:\\\\Users\\\\${REMOVED}\\\\a.bin`,
    );
    for (const [text, name] of [
      ["/home/margarete/dump.bin and margarete-backup.bin", "margarete"],
      ["C:\\Users\\John Smith\\x and John Smith.uf2", "John Smith"],
      ["file wifi-password-hunter2.txt", "hunter2"],
      ["ssid_MyHome.bin is MyHome", "MyHome"],
      ["ssid: MyHome\nfile backup-MyHome-1.bin", "MyHome"],
    ] as const)
      assert.ok(!scrub(text).includes(name), scrub(text));
    assert.equal(scrub("/home/user/firmware of a user.bin"), `/home/${REMOVED}/firmware of a user.bin`);
  });

  it("leaves facts of a failure as they are", () => {
    for (const fact of FACTS) assert.equal(scrub(fact), fact);
  });

  it("takes out what the caller knows, wherever and however it stands", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 5, maxLength: 24, unit: "grapheme" }), fc.nat(10), (secret, which) => {
        fc.pre(
          !/^(?:\s|removed|\[|\])+$/i.test(secret) && !REMOVED.includes(secret) && !/[\0\ue000-\ue002]|\\/.test(secret),
        );
        const all = forms(secret).filter((form) => form.length >= 6);
        const form = all[which % Math.max(1, all.length)] ?? secret;
        assert.ok(!scrub(`before ${form} after`, [secret]).includes(form), form);
      }),
    );
  });

  it("takes any text without failing", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => typeof scrub(text) === "string"));
    fc.assert(
      fc.property(
        fc.stringMatching(/^(ssid|"key"|pass|rx|tx)[:= "'\\[]{0,4}[a-f0-9 :"'\\%]{0,60}$/),
        (text) => typeof scrub(text) === "string",
      ),
    );
  });

  it("keeps the heads of frames and nothing of what they carry", () => {
    const payload = new TextEncoder().encode("no network is called like this one, and none shall be, ever");
    const lines = {
      read: scrub(traceLine("rx", replyLong(0x09, 0, concat(u32(0x1ee000), payload)), 1)),
      write: scrub(traceLine("tx", frameLong(0x07, concat(u32(0x1ee000), payload)), 1)),
      part: scrub(traceLine("rx", payload, 1)),
      spi: scrub(traceLine("rx", replyLong(0x0e, 0, payload), 1)),
    };
    assert.match(lines.read, /rx 040eff01e0fcf4\w{4}090000e01e00\.\. \(\d+ bytes\)$/);
    assert.match(lines.write, /tx 01e0fcfff4\w{4}0700e01e00\.\. \(\d+ bytes\)$/);
    assert.match(lines.part, /rx \.\. \(59 bytes\)$/);
    assert.match(lines.spi, /rx 040eff01e0fcf4\w{4}0e00\.\. \(\d+ bytes\)$/);
    for (const line of Object.values(lines)) assert.ok(!line.includes(toHex(payload.subarray(0, 3))), line);
  });

  it("keeps short frames whole but for registers other than the chip id's", () => {
    const crc = traceLine("rx", replyShort(0x10, u32(crc32(Uint8Array.of(1)))), 1);
    assert.equal(scrub(crc), crc);
    const checks = traceLine("tx", concat(frameShort(0x00), frameShort(0x00), frameShort(0x00)), 1);
    assert.equal(scrub(checks), checks);
    const chipId = traceLine("rx", replyShort(0x03, concat(u32(0x800000), u32(0x7231c))), 1);
    assert.equal(scrub(chipId), chipId);
    const efuse = traceLine("rx", replyShort(0x03, concat(u32(0x800078), u32(0x0193))), 1);
    assert.match(scrub(efuse), /rx 040e0c01e0fc0378008000\.\. \(15 bytes\)$/);
  });

  it("takes out names of people in paths, addresses and hosts", () => {
    assert.equal(
      scrub("/home/alice/fw/a.bin C:\\Users\\Bob\\a.bin"),
      `/home/${REMOVED}/fw/a.bin C:\\Users\\${REMOVED}\\a.bin`,
    );
    assert.equal(scrub("fe80::c847:8cff:fe42:1 10.0.0.7 127.0.0.1"), `${REMOVED} ${REMOVED} 127.0.0.1`);
  });
});
