import assert from "node:assert/strict";
import type { CommandName } from "../../../src/core/beken/chips/types";
import { fromHex, toHex } from "../../../src/core/base/bytes";
import { ProtocolError } from "../../../src/core/base/errors";
import { TIMING } from "../../../src/core/base/timing";
import { english } from "../../../src/core/base/words";
import {
  COMMANDS,
  deadlineMs,
  describeRequest,
  encodeRequest,
  isAnswered,
  JEDEC_REQUEST,
  type CommandFields,
} from "../../../src/core/beken/protocol/commandTable";
import { frameLong, frameShort } from "../../../src/core/beken/protocol/frames";
import vectors from "../../fixtures/vectors/frames.json";

type VectorFields = Partial<
  Record<"address" | "value" | "baudrate" | "delay" | "start" | "end" | "cmd" | "data" | "size" | "size_code", number>
>;
type Case = (typeof vectors.cases)[number];

const pattern4k = Uint8Array.from({ length: 4096 }, (_, i) => (7 * i + 3) & 0xff);
const ramp = Uint8Array.from({ length: 256 }, (_, i) => i);

/** Our name and fields for a vector's; undefined where we have no such command. */
function requestFor(one: Case): (() => Uint8Array) | undefined {
  const f = one.fields as VectorFields;
  const at = f.start ?? 0;
  const send =
    <Name extends CommandName>(name: Name, fields: CommandFields[Name]) =>
    () =>
      encodeRequest(name, fields);
  const statusBytes = one.payload.length === 4 ? 1 : 2;
  const key = `${one.long ? "long" : "short"} ${one.code}`;
  const rows: Record<string, () => Uint8Array> = {
    "short 0": send("linkCheck", {}),
    "short 1": send("writeRegister", { address: f.address ?? 0, value: f.value ?? 0 }),
    "short 3": send("readRegister", { address: f.address ?? 0 }),
    "short 14": send("reboot", {}),
    "short 15": send("setBaudRate", { baud: f.baudrate ?? 0, delay: f.delay ?? 0, tickMs: 2 }),
    "short 16": send("checkCrc", { start: at, length: (f.end ?? 0) - at + 1, range: "inclusive" }),
    "short 17": send("readBootVersion", {}),
    "short 112": send("resetRom", {}),
    "short 170": send("stayRom", {}),
    "long 6": send("writeFlash", { address: at, data: one.name.includes("256") ? ramp : Uint8Array.of(0xa5) }),
    "long 7": send("writeFlash4k", { address: at, data: pattern4k }),
    "long 8": send("readFlash", { address: at, length: f.size ?? 0 }),
    "long 9": send("readFlash4k", { address: at }),
    "long 11": send("eraseFlash4k", { address: at }),
    "long 12": send("readStatusRegister", { command: f.cmd ?? 0 }),
    "long 13": send("writeStatusRegister", {
      command: f.cmd ?? 0,
      value: f.data ?? 0,
      bytes: statusBytes,
      current: 0x407c,
    }),
    "long 14": send("spiTransfer", { bytes: JEDEC_REQUEST }),
    "long 15": send("eraseFlash", { address: at, sizeCode: f.size_code ?? 0, erase32k: true }),
  };
  return rows[key];
}

/** Frames that we can name but must not send. */
const REFUSED: Readonly<Record<string, string>> = {
  WriteReg: "value 0x1F02 has the direction bit set: it would burn an eFuse byte",
  "FlashWrite 1 byte": "short writes drag stray bytes along on some loaders: whole chunks of 32 only",
};

/** Frames for which there is no command at all. */
const ABSENT: Readonly<Record<string, string>> = {
  "Reset (old)": "no chip is known to answer FE 95279527; reboot and resetRom do the same where something listens",
  "BL2 LinkCheck": "the second-stage loader of BK7236/BK7258 is outside the supported programs",
  FlashEraseAll: "it takes calibration, MAC and keys with it; ranges are erased by sectors and blocks",
};

function refused(act: () => unknown, detail?: RegExp): void {
  assert.throws(act, (error: unknown) => {
    assert.ok(error instanceof ProtocolError, String(error));
    assert.equal(error.code, "frame-refused");
    assert.match(error.message, detail ?? /./);
    return true;
  });
}

describe("request frames", () => {
  for (const one of vectors.cases) {
    const why = REFUSED[one.name] ?? ABSENT[one.name];
    it(`${one.name}${why === undefined ? "" : ": never sent"}`, () => {
      const request = requestFor(one);
      if (one.name in ABSENT) return assert.equal(request, undefined);
      assert.ok(request);
      if (one.name in REFUSED) return refused(request);
      assert.equal(toHex(request()), one.frame);
    });
    it(`${one.name}: the bare envelope`, () => {
      const frame = (one.long ? frameLong : frameShort)(one.code, fromHex(one.payload));
      assert.equal(toHex(frame), one.frame);
    });
  }

  it("every listed exception is a real vector", () => {
    const names = new Set(vectors.cases.map((one) => one.name));
    for (const name of [...Object.keys(REFUSED), ...Object.keys(ABSENT)]) assert.ok(names.has(name), name);
  });

  it("has no command of the codes that are left out, and no code twice", () => {
    const seen = new Set<string>();
    for (const row of Object.values(COMMANDS)) {
      const key = `${row.form} ${row.code}`;
      assert.ok(!seen.has(key), key);
      seen.add(key);
    }
    for (const absent of ["short 2", "short 18", "short 254", "long 10"]) assert.ok(!seen.has(absent), absent);
    assert.equal(seen.size, 18);
  });

  it("refuses payloads that do not fit a short envelope", () => {
    assert.equal(frameShort(0x0f, new Uint8Array(253)).length, 258);
    assert.throws(() => frameShort(0x0f, new Uint8Array(254)), RangeError);
  });
});

describe("frames that could wedge or damage a chip", () => {
  const chunk = (length: number): Uint8Array => new Uint8Array(length);
  const cases: readonly (readonly [string, () => unknown, RegExp])[] = [
    ["write at 16 MiB", () => encodeRequest("writeFlash", { address: 0x1000000, data: chunk(32) }), /another flash/],
    ["write over 16 MiB", () => encodeRequest("writeFlash", { address: 0xffffe0, data: chunk(64) }), /another flash/],
    ["write below zero", () => encodeRequest("writeFlash", { address: -32, data: chunk(32) }), /another flash/],
    ["write of nothing", () => encodeRequest("writeFlash", { address: 0x11000, data: chunk(0) }), /whole chunks/],
    ["ragged write", () => encodeRequest("writeFlash", { address: 0x11000, data: chunk(33) }), /whole chunks/],
    ["over-long write", () => encodeRequest("writeFlash", { address: 0x11000, data: chunk(4128) }), /whole chunks/],
    ["unaligned write", () => encodeRequest("writeFlash", { address: 0x11010, data: chunk(32) }), /multiple/],
    ["4K write at 16 MiB", () => encodeRequest("writeFlash4k", { address: 0x1000000, data: chunk(4096) }), /another/],
    ["4K write of 4095", () => encodeRequest("writeFlash4k", { address: 0x11000, data: chunk(4095) }), /wedges/],
    ["4K write of 512", () => encodeRequest("writeFlash4k", { address: 0x11000, data: chunk(512) }), /wedges/],
    ["4K write off a sector", () => encodeRequest("writeFlash4k", { address: 0x11100, data: chunk(4096) }), /multiple/],
    ["erase at 16 MiB", () => encodeRequest("eraseFlash", { address: 0x1000000, sizeCode: 0x20 }), /erases end/],
    [
      "erase of a signed address",
      () => encodeRequest("eraseFlash", { address: -0x1000, sizeCode: 0x20 }),
      /erases end/,
    ],
    ["erase of unknown size", () => encodeRequest("eraseFlash", { address: 0x20000, sizeCode: 0xc7 }), /erase size/],
    ["32K erase unasked", () => encodeRequest("eraseFlash", { address: 0x20000, sizeCode: 0x52 }), /does nothing/],
    ["64K erase off a block", () => encodeRequest("eraseFlash", { address: 0x11000, sizeCode: 0xd8 }), /lower address/],
    ["4K erase off a sector", () => encodeRequest("eraseFlash", { address: 0x11010, sizeCode: 0x20 }), /lower address/],
    ["0B off a sector", () => encodeRequest("eraseFlash4k", { address: 0x11010 }), /lower address/],
    ["0B at 16 MiB", () => encodeRequest("eraseFlash4k", { address: 0x1000000 }), /erases end/],
    ["read beyond the alias", () => encodeRequest("readFlash4k", { address: 0x2000000 }), /reads end/],
    ["read below zero", () => encodeRequest("readFlash4k", { address: -1 }), /reads end/],
    ["read of half a byte", () => encodeRequest("readFlash4k", { address: 0.5 }), /reads end/],
    ["read of nothing", () => encodeRequest("readFlash", { address: 0x11000, length: 0 }), /length/],
    ["read of 256 by 08", () => encodeRequest("readFlash", { address: 0x11000, length: 256 }), /length/],
    ["empty CRC", () => encodeRequest("checkCrc", { start: 0x11000, length: 0, range: "inclusive" }), /hangs/],
    ["backward CRC", () => encodeRequest("checkCrc", { start: 0x11000, length: -1, range: "inclusive" }), /hangs/],
    ["CRC of 16 MiB", () => encodeRequest("checkCrc", { start: 0, length: 0x1000000, range: "inclusive" }), /hangs/],
    [
      "CRC of part of a page",
      () => encodeRequest("checkCrc", { start: 0, length: 257, range: "pages" }),
      /whole pages/,
    ],
    [
      "CRC past the alias",
      () => encodeRequest("checkCrc", { start: 0x1ffffff, length: 2, range: "inclusive" }),
      /reads end/,
    ],
    ["baud 0", () => encodeRequest("setBaudRate", { baud: 0, delay: 20, tickMs: 2 }), /rates go/],
    ["baud 26 million", () => encodeRequest("setBaudRate", { baud: 26e6, delay: 20, tickMs: 2 }), /rates go/],
    ["baud without delay", () => encodeRequest("setBaudRate", { baud: 921600, delay: 0, tickMs: 2 }), /delay/],
    ["eFuse write", () => encodeRequest("writeRegister", { address: 0x800074, value: 0x1803 }), /burn a fuse/],
    ["flash controller", () => encodeRequest("writeRegister", { address: 0x803000, value: 1 }), /no need/],
    [
      "an eFuse register half a word off",
      () => encodeRequest("writeRegister", { address: 0x800076, value: 1 }),
      /no need/,
    ],
    ["chip erase as a status read", () => encodeRequest("readStatusRegister", { command: 0xc7 }), /reads a status/],
    ["chip erase as a transfer", () => encodeRequest("spiTransfer", { bytes: Uint8Array.of(0xc7) }), /only reads/],
    [
      "program as a transfer",
      () => encodeRequest("spiTransfer", { bytes: Uint8Array.of(2, 0, 0, 0, 0) }),
      /only reads/,
    ],
    ["empty transfer", () => encodeRequest("spiTransfer", { bytes: chunk(0) }), /1 to 64/],
  ];
  for (const [name, act, detail] of cases) it(name, () => refused(act, detail));

  const status = (command: number, value: number, bytes: 1 | 2, current: number) => (): unknown =>
    encodeRequest("writeStatusRegister", { command, value, bytes, current });
  it("status: a new lock bit, wherever it is", () => {
    for (const bit of [7, 8, 11, 12, 13]) {
      refused(status(0x01, 1 << bit, 2, 0), /lock the flash/);
      assert.doesNotThrow(status(0x01, 1 << bit, 2, 1 << bit));
    }
    refused(status(0x01, 0x80, 1, 0), /lock the flash/);
    refused(status(0x31, 0x01, 1, 0), /lock the flash/);
    refused(status(0x31, 0x20, 1, 0x0080), /lock the flash/);
    assert.doesNotThrow(status(0x31, 0x01, 1, 0x0100));
  });
  it("status: other commands, sizes, and a status that was not really read", () => {
    refused(status(0x11, 0, 1, 0), /not a command/);
    refused(status(0xc7, 0, 1, 0), /not a command/);
    refused(status(0x31, 0, 2, 0), /not a command/);
    refused(status(0x01, 0x100, 1, 0), /must fit/);
    refused(status(0x01, -1, 1, 0), /must fit/);
    for (const current of [0xff, 0xffff]) refused(status(0x01, 0, 2, current), /does not answer/);
    refused(status(0x01, 0, 2, Number.NaN), /current status/);
  });
});

describe("what is allowed right up to the limits", () => {
  it("last sector, last chunk, last alias byte, longest CRC", () => {
    encodeRequest("writeFlash4k", { address: 0xfff000, data: pattern4k });
    encodeRequest("writeFlash", { address: 0xffffe0, data: ramp.subarray(0, 32) });
    encodeRequest("eraseFlash", { address: 0xff0000, sizeCode: 0xd8 });
    assert.equal(toHex(encodeRequest("readFlash4k", { address: 0x1ffffff })), "01e0fcfff4050009ffffff01");
    assert.equal(toHex(encodeRequest("readFlash4k", { address: 0x1000000 })), "01e0fcfff405000900000001");
    encodeRequest("checkCrc", { start: 0, length: 0xffff00, range: "pages" });
  });
  it("a whole-page CRC has the same bytes for every loader", () => {
    const request = { start: 0x11000, length: 0x1000 } as const;
    const pages = encodeRequest("checkCrc", { ...request, range: "pages" });
    assert.deepEqual(pages, encodeRequest("checkCrc", { ...request, range: "inclusive" }));
    assert.equal(toHex(pages), "01e0fc091000100100ff1f0100");
  });
  it("reading an eFuse byte", () => {
    const frame = encodeRequest("writeRegister", { address: 0x800074, value: 0x1801 });
    assert.equal(toHex(frame), "01e0fc09017400800001180000");
  });
});

describe("deadlines", () => {
  it("hold both frames on the wire and the chip's own time", () => {
    const at = (baud: number): number => deadlineMs("readFlash4k", { address: 0 }, baud);
    assert.ok(Math.abs(at(115_200) - (((12 + 4111) * 10_000) / 115_200 + TIMING.readMs)) < 1e-9);
    assert.ok(at(921_600) < at(115_200));
    const write = deadlineMs("writeFlash4k", { address: 0, data: pattern4k }, 115_200);
    assert.ok(Math.abs(write - (((4108 + 15) * 10_000) / 115_200 + TIMING.writeMs)) < 1e-9);
  });
  it("grow with what is asked for", () => {
    const crc = (length: number): number => deadlineMs("checkCrc", { start: 0, length, range: "pages" }, 115_200);
    assert.ok(crc(0x200000) > 10_000 && crc(0x1000) < 1_100);
    const erase = (sizeCode: number): number => deadlineMs("eraseFlash", { address: 0, sizeCode }, 115_200);
    assert.ok(erase(0xd8) > erase(0x20));
    const baud = (delay: number): number => deadlineMs("setBaudRate", { baud: 921_600, delay, tickMs: 2 }, 115_200);
    assert.ok(baud(200) > 402 + TIMING.baudReplyMs && baud(20) < baud(200));
  });
  it("know the two commands without an answer", () => {
    const silent = (Object.keys(COMMANDS) as CommandName[]).filter((name) => !isAnswered(name));
    assert.deepEqual(silent, ["reboot", "resetRom"]);
    assert.ok(deadlineMs("reboot", {}, 115_200) < 1);
  });
  it("go with a phrase for messages", () => {
    assert.equal(
      english(describeRequest("eraseFlash", { address: 0x20000, sizeCode: 0xd8 })),
      "erase 64 KiB at 0x020000",
    );
    assert.equal(
      english(describeRequest("checkCrc", { start: 0x11000, length: 256, range: "pages" })),
      "hash 256 bytes at 0x011000",
    );
  });
});
