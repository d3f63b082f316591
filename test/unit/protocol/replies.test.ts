import assert from "node:assert/strict";
import type { CommandName } from "../../../src/core/beken/chips/types";
import { ascii, concat, fromHex, readU32 } from "../../../src/core/base/bytes";
import {
  JEDEC_REQUEST,
  jedecIdOf,
  matchReply,
  type CommandFields,
  type ReplyMatch,
} from "../../../src/core/beken/protocol/commandTable";
import { ReplyDecoder } from "../../../src/core/beken/protocol/decoder";
import { replyLong, replyShort, type ReplyFrame } from "../../../src/core/beken/protocol/frames";
import { STATUS_BYTES, statusWords } from "../../../src/core/base/statusBytes";
import responses from "../../fixtures/vectors/responses.json";
import captured from "../../fixtures/vectors/captured.json";

const pattern4k = Uint8Array.from({ length: 4096 }, (_, i) => (7 * i + 3) & 0xff);

type Judge = (frame: ReplyFrame) => ReplyMatch<unknown>;

function judge<Name extends CommandName>(name: Name, fields: CommandFields[Name]): Judge {
  return (frame) => matchReply(name, fields, frame);
}

/** The request that a recorded frame is; frames cut in the vectors ("...") count as whole. */
function judgeOf(hex: string): Judge {
  const bytes = fromHex(hex.split(/\.\.| /)[0] ?? "");
  const long = bytes[3] === 0xff;
  const payload = bytes.subarray(long ? 8 : 5);
  const word = (at: number): number => readU32(payload, at);
  switch (`${long ? "long" : "short"} ${bytes[long ? 7 : 4]}`) {
    case "short 0":
      return judge("linkCheck", {});
    case "short 1":
      return judge("writeRegister", { address: word(0), value: word(4) });
    case "short 3":
      return judge("readRegister", { address: word(0) });
    case "short 15":
      return judge("setBaudRate", { baud: word(0), delay: payload[4] ?? 0, tickMs: 2 });
    case "short 16":
      return judge("checkCrc", { start: word(0), length: word(4) - word(0) + 1, range: "inclusive" });
    case "short 17":
      return judge("readBootVersion", {});
    case "short 170":
      return judge("stayRom", {});
    case "long 6": {
      const announced = (bytes[5] ?? 0) + 256 * (bytes[6] ?? 0) - 5;
      return judge("writeFlash", { address: word(0), data: new Uint8Array(announced) });
    }
    case "long 7":
      return judge("writeFlash4k", { address: word(0), data: pattern4k });
    case "long 9":
      return judge("readFlash4k", { address: word(0) });
    case "long 12":
      return judge("readStatusRegister", { command: payload[0] ?? 0 });
    case "long 13":
      return judge("writeStatusRegister", {
        command: payload[0] ?? 0,
        value: (payload[1] ?? 0) + 256 * (payload[2] ?? 0),
        bytes: payload.length === 3 ? 2 : 1,
        current: 0,
      });
    case "long 14":
      return judge("spiTransfer", { bytes: payload });
    case "long 15":
      return judge("eraseFlash", { sizeCode: payload[0] ?? 0, address: readU32(payload, 1) });
    default:
      throw new Error(`no command for ${hex}`);
  }
}

/** What a link would make of these bytes: the first frame that is about the request decides. */
function outcome(ask: Judge, received: Uint8Array, chunk: number): ReplyMatch<unknown> | { readonly kind: "timeout" } {
  const decoder = new ReplyDecoder();
  for (let at = 0; at < received.length; at += chunk) {
    for (const frame of decoder.push(received.subarray(at, at + chunk))) {
      const result = ask(frame);
      if (result.kind !== "other") return result;
    }
  }
  return { kind: "timeout" };
}

/** The vectors' recommendations, as kinds of outcome. */
const RECOMMENDED: Readonly<Record<string, string>> = {
  ok: "match",
  "ok; drain the rest": "match",
  "ok after skipping": "match",
  "ok after skipping the link answer": "match",
  "ok: id 0B 40 15": "match",
  timeout: "timeout",
  "timeout, try again": "timeout",
  "timeout: drop, drain, link, read again": "timeout",
  "ignore, keep reading": "timeout",
  "not linked": "reply-invalid",
  error: "reply-invalid",
  "treat as unsupported": "command-unsupported",
  "error: status 7, unknown command": "command-unsupported",
  "error: status 6": "chip-status 6",
  "error: status 6, address refused; use address + flash size": "chip-status 6",
  "error: status 1, flash busy": "chip-status 1",
  "error: SPI operation timed out": "chip-status 2",
  "error: loader reports a fault (EE) or an error (FE)": "chip-status 238",
  "error: the ROM answers with its current rate and delay 0 when it saw receive errors": "baud-change-failed",
  "error: bad power or flash not answering": "flash-dead",
  "error: flash not answering": "flash-dead",
};

function summary(result: ReturnType<typeof outcome>): string {
  if (result.kind !== "failure") return result.kind;
  const { code, status } = result.failure;
  return code === "chip-status" && status !== undefined ? `${code} ${status}` : code;
}

/** Lines of a log, an echo, and heads that prove wrong. */
const NOISE = concat(ascii("\r\nBK7231S_1.0.5 "), fromHex("04 040e 040eff01e0fcf4ffff 01e0fc0100 040e0501e0fd ff"));

describe("recorded replies, good and broken", () => {
  for (const one of responses.cases) {
    it(`${one.name}: ${one.recommended}`, () => {
      const expected = RECOMMENDED[one.recommended];
      assert.ok(expected, "a recommendation without a meaning here");
      const head = fromHex(one.received ?? one.received_head ?? "");
      const whole = concat(head, pattern4k.subarray(1)).subarray(0, one.received_len ?? head.length);
      for (let chunk = 1; chunk <= 64; chunk++) {
        assert.equal(summary(outcome(judgeOf(one.request), whole, chunk)), expected, `chunks of ${chunk}`);
        assert.equal(summary(outcome(judgeOf(one.request), concat(NOISE, whole), chunk)), expected, `noise, ${chunk}`);
      }
    });
  }
});

describe("answers captured from six vendor loaders", () => {
  for (const [name, loader] of Object.entries(captured.loaders)) {
    it(`${name}: done is read as done, refused as refused`, () => {
      let checked = 0;
      for (const step of loader.exchanges as readonly { step: string; request?: string; response?: string }[]) {
        // Whole single answers only: data is cut in the vectors, and two link checks at once have no one request.
        if (!step.request || !step.response || /at once|noise|partial/.test(step.step)) continue;
        const response = fromHex(step.response);
        const long = response[2] === 0xff;
        const expected = long && response[10] !== 0 ? `chip-status ${response[10]}` : "match";
        assert.equal(summary(outcome(judgeOf(step.request), response, 5)), expected, step.step);
        checked++;
      }
      assert.ok(checked > 40, `${checked}`);
    });
  }
});

describe("values of replies", () => {
  const value = (ask: Judge, bytes: Uint8Array): unknown => {
    const result = outcome(ask, bytes, 64);
    assert.equal(result.kind, "match");
    return result.kind === "match" ? result.value : undefined;
  };
  it("come typed and whole", () => {
    const crc = judge("checkCrc", { start: 0, length: 0x1000, range: "pages" });
    assert.equal(value(crc, fromHex("040e0801e0fc10f598ab0e")), 0xf154670a);
    assert.equal(
      value(judge("readRegister", { address: 0x800000 }), fromHex("040e0c01e0fc03000080001c230700")),
      0x7231c,
    );
    const version = fromHex("040e1401e0fc11424b37323331535f312e302e35000000");
    assert.equal(value(judge("readBootVersion", {}), version), "BK7231S_1.0.5");
    const read = replyLong(0x09, 0, concat([0, 0x10, 1, 0], pattern4k));
    assert.deepEqual(value(judge("readFlash4k", { address: 0x11000 }), read), pattern4k);
    const few = judge("readFlash", { address: 0x11000, length: 3 });
    assert.deepEqual(value(few, replyLong(0x08, 0, [0, 0x10, 1, 0, 7, 8, 9])), Uint8Array.of(7, 8, 9));
    assert.equal(value(judge("readStatusRegister", { command: 0x35 }), replyLong(0x0c, 0, [0x35, 0x40])), 0x40);
    const id = value(judge("spiTransfer", { bytes: JEDEC_REQUEST }), replyLong(0x0e, 0, [0, 0x0b, 0x40, 0x15]));
    assert.equal(jedecIdOf(id as Uint8Array), "0B4015");
  });
  it("a transfer of other commands may well read as zeros", () => {
    const bytes = Uint8Array.of(0x5a, 0, 0);
    assert.deepEqual(value(judge("spiTransfer", { bytes }), replyLong(0x0e, 0, [0, 0, 0])), new Uint8Array(3));
  });
});

describe("whether a frame is about a request", () => {
  const ask = (request: Judge, bytes: Uint8Array): string => summary(outcome(request, bytes, 64));
  it("the same code in the other form is another command", () => {
    assert.equal(
      ask(judge("eraseFlash", { sizeCode: 0x20, address: 0 }), replyShort(0x0f, fromHex("00100e0014"))),
      "timeout",
    );
    assert.equal(ask(judge("setBaudRate", { baud: 921600, delay: 20, tickMs: 2 }), replyLong(0x0f, 6, [1])), "timeout");
  });
  it("code 01 is told apart by length", () => {
    assert.equal(ask(judge("linkCheck", {}), replyShort(0x01, new Uint8Array(8))), "timeout");
    assert.equal(ask(judge("writeRegister", { address: 0, value: 0 }), replyShort(0x01, [0])), "timeout");
    assert.equal(ask(judge("writeRegister", { address: 0, value: 0 }), replyShort(0x01, [7])), "command-unsupported");
  });
  it("commands without an answer match nothing, but hear faults", () => {
    assert.equal(ask(judge("reboot", {}), replyShort(0x0e, [0])), "timeout");
    assert.equal(ask(judge("resetRom", {}), replyShort(0xfe)), "chip-status 254");
  });
  it("refusals keep their status whatever their length and echo", () => {
    const read = judge("readFlash4k", { address: 0 });
    for (const tail of ["", "00000000", "0000000000", "e020000000"]) {
      assert.equal(ask(read, replyLong(0x09, 6, fromHex(tail))), "chip-status 6", tail);
    }
    assert.equal(
      ask(judge("writeFlash4k", { address: 0, data: pattern4k }), replyLong(7, 6, [0, 0x20, 0, 0])),
      "chip-status 6",
    );
    assert.equal(
      ask(judge("checkCrc", { start: 0, length: 256, range: "pages" }), replyShort(0x10, [5])),
      "chip-status 5",
    );
  });
  it("success needs the right length and the right echo", () => {
    const erase = judge("eraseFlash", { sizeCode: 0x20, address: 0x12000 });
    assert.equal(ask(erase, replyLong(0x0f, 0, fromHex("2000300100"))), "reply-invalid");
    assert.equal(ask(erase, replyLong(0x0f, 0, fromHex("d800200100"))), "reply-invalid");
    assert.equal(ask(erase, replyLong(0x0f, 0, fromHex("20002001"))), "reply-invalid");
    const write = judge("writeFlash", { address: 0x60000, data: new Uint8Array(64) });
    assert.equal(ask(write, replyLong(0x06, 0, fromHex("0000060040"))), "match");
    assert.equal(ask(write, replyLong(0x06, 0, fromHex("0000060020"))), "reply-invalid");
    for (const length of [256, 4096]) {
      const whole = judge("writeFlash", { address: 0x60000, data: new Uint8Array(length) });
      assert.equal(ask(whole, replyLong(0x06, 0, fromHex("0000060000"))), "match");
    }
  });
  it("every status has words, unknown ones too", () => {
    const words = [0, 1, 2, 3, 4, 5, 6, 7].map(statusWords);
    assert.equal(new Set(words).size, 8);
    assert.deepEqual(Object.keys(STATUS_BYTES).map(Number), [0, 1, 2, 3, 4, 5, 6, 7, 0xee, 0xfe]);
    assert.ok(!words.includes(statusWords(0x2a)));
    const odd = outcome(judge("readFlash4k", { address: 0 }), replyLong(0x09, 0x2a), 64);
    assert.ok(odd.kind === "failure" && odd.failure.reason.toString().includes("42"));
  });
});
