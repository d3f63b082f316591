import assert from "node:assert/strict";
import { deflateRawSync, gzipSync } from "node:zlib";
import { concat } from "../../../src/core/base/bytes";
import { english } from "../../../src/core/base/words";
import { TUYA_KEY } from "../../../src/core/beken/chips/keys";
import { detectImage } from "../../../src/core/beken/images/detect";
import type { FirmwareImage } from "../../../src/core/beken/images/firmwareImage";
import { UF2_TAG } from "../../../src/core/beken/images/uf2Format";
import { noise } from "../../../src/simulator/prng";
import { bootloader, fullFlash, ota, packed, tar, uf2, ug } from "./samples";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const app = packed(0x4000, TUYA_KEY, "1.0.0-bk7231t", 0x8000);
const binary = app.container;

/** Bytes read as UTF-8 and written again, as an editor or a text download does. */
const asUtf8 = (bytes: Uint8Array): Uint8Array => text(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
const asLatin1 = (bytes: Uint8Array): Uint8Array => text(Buffer.from(bytes).toString("latin1"));
const withCrLf = (bytes: Uint8Array): Uint8Array =>
  Uint8Array.from([...bytes].flatMap((byte) => (byte === 10 ? [13, 10] : [byte])));
const utf16 = (content: string): Uint8Array => concat([0xff, 0xfe], Buffer.from(content, "utf16le"));
const intelHex = (bytes: Uint8Array): string =>
  Array.from({ length: Math.ceil(bytes.length / 16) }, (_, line) => {
    const data = bytes.subarray(16 * line, 16 * line + 16);
    const head = Uint8Array.of(data.length, (16 * line) >> 8, (16 * line) & 0xff, 0);
    const sum = [...head, ...data].reduce((all, byte) => all + byte, 0);
    return `:${Buffer.from(concat(head, data, [-sum & 0xff]))
      .toString("hex")
      .toUpperCase()}`;
  }).join("\r\n");
const hexDump = (bytes: Uint8Array, columns: boolean): string =>
  Array.from({ length: Math.ceil(bytes.length / 16) }, (_, line) => {
    const data = bytes.subarray(16 * line, 16 * line + 16);
    const hex = Array.from(data, (byte) => byte.toString(16).padStart(2, "0"));
    const ascii = Array.from(data, (byte) => (byte > 32 && byte < 127 ? String.fromCharCode(byte) : ".")).join("");
    const at = (16 * line).toString(16).padStart(8, "0");
    return columns ? `${at}  ${hex.join(" ")}  |${ascii}|` : `${at}: ${hex.join("").replace(/..../g, "$& ")} ${ascii}`;
  }).join("\n");

const KINDS: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ["a ZIP", concat(text("PK\x03\x04"), deflateRawSync(binary)), /ZIP archive/],
  ["an empty ZIP", concat(text("PK\x05\x06"), new Uint8Array(18)), /ZIP archive/],
  ["a gzip", gzipSync(binary), /gzip archive/],
  ["a tar", tar("firmware.uf2", binary), /tar archive/],
  ["a 7z", concat([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], noise(1, 500)), /7z archive/],
  ["an xz", concat([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], noise(1, 500)), /xz archive/],
  ["a bzip2", concat(text("BZh91AY&SY"), noise(1, 500)), /bzip2 archive/],
  ["a zstd", concat([0x28, 0xb5, 0x2f, 0xfd], noise(1, 500)), /Zstandard archive/],
  ["a RAR", concat(text("Rar!\x1a\x07\x01\x00"), noise(1, 500)), /RAR archive/],
  ["a cpio", concat(text("070701"), text("0".repeat(104)), noise(1, 500)), /cpio archive/],
  ["a compressed file of old", concat([0x1f, 0x9d, 0x90], noise(1, 500)), /compress archive/],
  ["a capture", concat([0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0], noise(1, 500)), /network capture/],
  ["a newer capture", concat([0x0a, 0x0d, 0x0d, 0x0a], noise(1, 500)), /network capture/],
  ["a CD image", concat(new Uint8Array(0x8001), text("CD001"), noise(1, 500)), /CD or DVD image/],
  ["an MCUboot image", concat([0x3d, 0xb8, 0xf3, 0x96], noise(1, 500)), /MCUboot image/],
  ["a DFU image", concat(text("DfuSe"), [1], noise(1, 500)), /DFU image for STM32/],
  ["a UBI image", concat(text("UBI#"), [1], noise(1, 500)), /UBI image of a Linux device/],
  ["a web page", text("<!DOCTYPE html>\n<html><body>Not Found</body></html>\n"), /web page/],
  ["a web page without a doctype", text("\r\n  <HTML lang=de>\n<p>ä</p>"), /web page/],
  ["a page behind a comment", text("<!-- (c) -->\n<html>"), /web page/],
  ["JSON", text('{"message": "Not Found", "status": "404"}'), /JSON/],
  ["cut JSON", text('[{"name": "firm'), /JSON/],
  ["XML", text('<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>'), /XML/],
  ["YAML", text("esphome:\n  name: plug\nbk72xx:\n  board: cb2s\n# more\nwifi:\n  - ssid: x\n"), /YAML/],
  ["a Git LFS pointer", text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"), /Git LFS/],
  ["base64", text(Buffer.from(binary).toString("base64").replace(/.{76}/g, "$&\n")), /base64/],
  ["URL-safe base64", text(Buffer.from(binary).toString("base64url")), /base64/],
  ["Intel HEX", text(intelHex(binary)), /Intel HEX/],
  ["S-records", text("S00600004844521B\nS1130000285F245F2212226A000424290008237C2A\n"), /S-record/],
  ["hexdump -C", text(hexDump(binary, true)), /hex dump/],
  ["xxd", text(hexDump(binary, false)), /hex dump/],
  ["plain hex", text(Buffer.from(binary).toString("hex")), /hex dump/],
  [
    "bytes with commas",
    text(Array.from(binary.subarray(0, 400), (byte) => `0x${byte.toString(16)}`).join(", ")),
    /hex dump/,
  ],
  ["a C array", text("const unsigned char fw[] = {\n 0x01, 0x02, 0x03 };\n"), /as an array/],
  ["plain text", text("Not Found"), /plain text/],
  ["four letters", text("404\n"), /plain text/],
  [
    "Latin-1 text",
    Uint8Array.from(Buffer.from("Die Datei wurde nicht gefunden. ".repeat(4) + "Überprüfen", "latin1")),
    /plain text/,
  ],
  [
    "GBK text",
    concat(text("error 404 not found in this place: "), Buffer.from("cec4bcfeb2bbb4e6d4da".repeat(8), "hex")),
    /plain text/,
  ],
  [
    "a boot log with noise in it",
    concat(text("V:BK7231S_1.0.5\r\nCPSR:000000D3\r\n".repeat(20)), [0, 0xff, 1]),
    /plain text/,
  ],
  ["UTF-16 text", utf16("The file was not found\r\n"), /plain text/],
  ["UTF-16 JSON", utf16('{"message": "Not Found"}'), /JSON/],
  ["PDF", concat(text("%PDF-1.7\n"), noise(1, 500)), /PDF/],
  ["PNG", concat([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10], noise(1, 500)), /PNG/],
  ["JPEG", concat([0xff, 0xd8, 0xff, 0xe0], noise(1, 500)), /JPEG/],
  ["Mach-O", concat([0xcf, 0xfa, 0xed, 0xfe], noise(1, 500)), /macOS or Java program/],
  [
    "a Windows program",
    concat(text("MZ"), noise(1, 0x3a), [0x80, 0, 0, 0], new Uint8Array(0x40), text("PE\0\0"), noise(2, 90)),
    /Windows program/,
  ],
  ["macOS's companion file", concat([0, 5, 0x16, 7, 0, 2, 0, 0], new Uint8Array(100)), /AppleDouble/],
  ["read as UTF-8", asUtf8(binary), /EF BF BD/],
  ["a UF2 read as UTF-8", asUtf8(uf2(app)), /EF BF BD/],
  ["Latin-1 converted to UTF-8", asLatin1(binary), /converted to UTF-8/],
  ["CR LF", withCrLf(binary), /CR LF/],
  ["a UF2 with CR LF", withCrLf(uf2(app)), /CR LF/],
  ["UTF-16 of a binary", utf16(Buffer.from(binary).toString("latin1")), /UTF-16/],
  ["question marks", binary.map((byte) => (byte >= 0x80 ? 0x3f : byte)), /question mark/],
];

/** Names that promise something else, and none. */
const NAMES = [
  "firmware.uf2",
  "image_bk7231t_app.0x011000.rbl",
  "image_bk7231t_app.0x129F0A.rblh",
  "OpenBK7231N_QIO_1.18.300.bin",
  "x",
];

describe("content that is no firmware as it is", () => {
  for (const [title, bytes, label] of KINDS) {
    it(`${title}: said, and written nowhere`, () => {
      for (const name of NAMES) {
        for (const offset of [undefined, 0, 0x11000, 0x132000, 0x1e0000]) {
          const image = detectImage(bytes, name, offset === undefined ? {} : { offset });
          assert.equal(image.refusal?.code, "image-foreign", `${name} ${offset}`);
          assert.match(english(image.label), label);
          assert.match(english(image.refusal.context.detail ?? ""), label);
          assert.deepEqual(image.segments, []);
        }
      }
    });
  }

  it("is not seen in firmware, dumps and the sectors of a flash", () => {
    const flash = fullFlash(binary);
    const sound: readonly (readonly [string, Uint8Array])[] = [
      ["a.rbl", binary],
      ["a.crc", app.application],
      ["a.uf2", uf2(app)],
      ["a.bin", flash],
      ["b.bin", bootloader()],
      ["a.ota.rbl", ota(3000)],
      ["a.ug.bin", ug(ota(3000))],
    ];
    for (const [name, bytes] of sound) assert.notEqual(detectImage(bytes, name).refusal?.code, "image-foreign", name);
    for (let at = 0; at < flash.length; at += 0x1000) {
      const image = detectImage(flash.subarray(at, at + 0x1000), "sector.bin", { offset: at });
      assert.notEqual(image.refusal?.code, "image-foreign", at.toString(16));
    }
    for (let seed = 0; seed < 300; seed++) {
      const bytes = noise(seed, 16 + 17 * seed);
      const image = detectImage(bytes, "data.bin", { offset: 0x1e0000 });
      assert.equal(image.refusal, undefined, `${seed} ${english(image.label)}`);
    }
    for (const letter of [0x30, 0x33, 0x55])
      assert.equal(detectImage(new Uint8Array(0x1000).fill(letter), "x.bin", { offset: 0x1e0000 }).refusal, undefined);
    const calibration = new Uint8Array(0x1000).fill(0xff);
    calibration.set(text("TLV\0"), 0);
    calibration.set([0xc8, 0x47, 0x8c, 1, 2, 3], 0x44);
    assert.equal(detectImage(calibration, "rf.bin", { offset: 0x1e0000 }).refusal, undefined);
  });
});

const word = (value: number): readonly number[] => [
  value & 0xff,
  (value >> 8) & 0xff,
  (value >> 16) & 0xff,
  value >>> 24,
];

describe("images of other makers", () => {
  const cortex = concat(
    [0x20040000, 0x8001c1, 0x8001c3, 0x8001c5].flatMap(word),
    new Uint8Array(16),
    new Uint8Array(12),
    word(0x8001d1),
    new Uint8Array(4),
    new Uint8Array(4),
    word(0x8001d5),
    word(0x8001d7),
    noise(3, 400),
  );
  const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ["ESP8266", concat([0xe9, 1, 2, 0x40, 0x84, 0xf4, 0x10, 0x40], noise(1, 600)), /Espressif/],
    [
      "a whole ESP32 flash",
      concat(new Uint8Array(0x1000).fill(0xff), [0xe9, 3, 2, 0x20, 0, 4, 8, 0x40], noise(1, 600)),
      /Espressif/,
    ],
    [
      "ESP32 partitions",
      concat([0xaa, 0x50, 1, 2], noise(1, 28), [0xaa, 0x50, 1, 0], noise(2, 28), new Uint8Array(900).fill(0xff)),
      /Espressif/,
    ],
    ["RTL8710B", concat([0x99, 0x99, 0x96, 0x96, 0x3f, 0xcc, 0x66, 0xfc], noise(1, 600)), /Realtek/],
    ["BL602", concat(text("BFNP"), noise(1, 600)), /Bouffalo/],
    ["W800", concat([0x9f, 0xff, 0xff, 0xa0], noise(1, 600)), /WinnerMicro/],
    ["XR809", concat(text("AWIH"), noise(1, 600)), /XRADIO/],
    ["a Cortex-M", cortex, /Cortex-M/],
  ];
  for (const [title, bytes, maker] of cases) {
    it(title, () => {
      for (const name of NAMES)
        for (const offset of [undefined, 0x11000, 0x1e0000]) {
          const image = detectImage(bytes, name, offset === undefined ? {} : { offset });
          assert.equal(image.refusal?.code, "image-wrong-chip", name);
          assert.match(english(image.refusal.context.actual ?? ""), maker);
          assert.deepEqual(image.segments, []);
        }
    });
  }
});

describe("raw data", () => {
  it("is never written where the application starts", () => {
    const bytes = noise(5, 0x3000);
    for (const offset of [0x10000, 0x11000]) {
      const { refusal } = detectImage(bytes, "x.bin", { offset });
      assert.equal(refusal?.code, "image-wrong-offset");
      assert.match(english(refusal.context.detail ?? ""), /application, and this is none/);
    }
    assert.equal(detectImage(bytes, "x.bin", { offset: 0x12000 }).refusal, undefined);
    assert.equal(detectImage(bytes, "x.bin", { offset: 0xe000 }).refusal, undefined, "ends before it");
  });
});

describe("UF2 files that are not of today's LibreTiny", () => {
  const label = (image: FirmwareImage): string => english(image.label);

  it("of another family: whose it is, and nothing of LibreTiny's rules", () => {
    for (const [family, name] of [
      [0xe48bff56, /RP2040/],
      [0xada52840, /nRF52840/],
      [0xbfdd4eee, /ESP32-S2/],
      [0x22e0d6fc, /RTL8710B/],
      [0x0badcafe, /0BADCAFE/],
    ] as const) {
      const image = detectImage(uf2(app, { family }), "firmware.uf2");
      assert.equal(image.refusal?.code, "image-wrong-chip");
      assert.match(label(image), name);
      assert.doesNotMatch(label(image), /LibreTiny/);
      assert.deepEqual(image.checks, []);
    }
    const bytes = uf2(app).slice();
    for (let at = 8; at < bytes.length; at += 512) bytes[at + 1] = (bytes[at + 1] as number) & ~0x20;
    const nameless = detectImage(bytes, "firmware.uf2");
    assert.equal(nameless.refusal?.code, "image-wrong-chip");
    assert.match(label(nameless), /does not name/);
  });

  it("with one damaged family id are damaged, not another chip's", () => {
    const bytes = uf2(app).slice();
    bytes[28] = (bytes[28] as number) ^ 1;
    assert.equal(detectImage(bytes, "firmware.uf2").refusal?.code, "image-corrupt");
  });

  it("of the old format are said to be that, not damaged", () => {
    const bytes = uf2(app).slice();
    const tag = Buffer.from([UF2_TAG.otaFormat2 & 0xff, (UF2_TAG.otaFormat2 >> 8) & 0xff, UF2_TAG.otaFormat2 >> 16]);
    const at = Buffer.from(bytes).indexOf(tag);
    bytes[at] = 0x11;
    const image = detectImage(bytes, "firmware.uf2");
    assert.equal(image.refusal?.code, "image-not-flashable");
    assert.match(english(image.refusal.context.detail ?? ""), /old UF2 format.*build it again/);
    assert.equal(
      image.checks.some(({ verdict }) => verdict === "bad"),
      false,
    );
  });

  it("with the application elsewhere are refused with the reason", () => {
    const image = detectImage(
      uf2(app, {
        partitions: [
          { name: "app", offset: 0x12000, length: 0x121000 },
          { name: "download", offset: 0x133000, length: 0xa6000 },
        ],
      }),
      "firmware.uf2",
    );
    assert.equal(image.refusal?.code, "image-wrong-offset");
    assert.match(english(image.refusal.context.detail ?? ""), /at 0x012000.*starts what is at 0x011000/);
  });

  it("shorter than a block, or none at all under the name, are not called LibreTiny's", () => {
    for (const bytes of [uf2(app).subarray(0, 300), noise(1, 300), noise(1, 4), noise(3, 2000)]) {
      const image = detectImage(bytes, "firmware.uf2");
      assert.equal(image.refusal?.code, "image-corrupt");
      assert.doesNotMatch(label(image), /LibreTiny/);
    }
  });
});
