import assert from "node:assert/strict";
import fc from "fast-check";
import { ascii, concat, fromHex, toHex } from "../../../src/core/base/bytes";
import { COMMANDS } from "../../../src/core/beken/protocol/commandTable";
import {
  LONG_REPLY_CODES,
  ReplyDecoder,
  SHORT_REPLY_CODES,
  TEXT_SAMPLE,
} from "../../../src/core/beken/protocol/decoder";
import { MAX_REPLY, replyLong, replyShort, type ReplyFrame } from "../../../src/core/beken/protocol/frames";

const pattern4k = Uint8Array.from({ length: 4096 }, (_, i) => (7 * i + 3) & 0xff);
const LINKED = replyShort(0x01, [0]);
const READ_4K = replyLong(0x09, 0, concat([0, 0x10, 1, 0], pattern4k));

/** One of every reply there is. */
const REPLIES: readonly Uint8Array[] = [
  LINKED,
  replyShort(0x0f, fromHex("00100e0014")),
  replyShort(0x11, ascii("BK7231S_1.0.5\0\0\0")),
  READ_4K,
  replyShort(0x10, fromHex("f598ab0e")),
  replyLong(0x09, 6, fromHex("0000000000")),
  replyShort(0x03, fromHex("000080001c230700")),
  // BK7258: its id, and the same as its ROM is said to repeat the register.
  replyShort(0x03, fromHex("0400014401003672")),
  replyShort(0x03, fromHex("0500014401003672")),
  replyLong(0x06, 0, fromHex("0000060010")),
  replyLong(0x0c, 7),
  replyLong(0x08, 0, concat([0, 0x10, 1, 0], pattern4k.subarray(0, 255))),
  replyShort(0xee),
  replyLong(0x0f, 6, fromHex("2000000000")),
];

/** What must not cost a byte of the reply behind it, beginnings of replies included. */
const GARBAGE: readonly Uint8Array[] = [
  "",
  "04",
  "0404",
  "040e",
  "040e04",
  "040e05",
  "040e0501",
  "040e0501e0",
  "040e0501e0fc",
  "040e0501e0fd",
  "040e0301e0fc",
  "040efe01e0fc01",
  "040eff",
  "040eff01e0fc",
  "040eff01e0fcf5",
  "040eff01e0fcf4",
  "040eff01e0fcf406",
  "040eff01e0fcf40610",
  "040eff01e0fcf4061009",
  "040eff01e0fcf4010009",
  "040eff01e0fcf4ffff0900",
  "040eff01e0fcf407100900",
  "040eff01e0fcf4070055",
  "01e0fc0100",
  "01e0fcfff405000900100100",
  "00ff0a04",
  "fe".repeat(300),
]
  .map(fromHex)
  .concat([ascii("\r\nBK7231S_1.0.5\r\n[ 0.1] starting"), ascii("V(0.1.0) ")]);

const bytesOf = (frame: ReplyFrame): string =>
  toHex(
    frame.form === "short" ? replyShort(frame.code, frame.payload) : replyLong(frame.code, frame.status, frame.payload),
  );

function feed(decoder: ReplyDecoder, stream: Uint8Array, chunk: number): ReplyFrame[] {
  const frames: ReplyFrame[] = [];
  for (let at = 0; at < stream.length; at += chunk) frames.push(...decoder.push(stream.subarray(at, at + chunk)));
  return frames;
}

describe("reply decoder", () => {
  it("finds every reply behind every kind of garbage, at every chunk size from 1 to 64", () => {
    const parts: Uint8Array[] = [];
    const expected: string[] = [];
    let garbage = 0;
    GARBAGE.forEach((noise, i) => {
      for (const reply of [REPLIES[i % REPLIES.length], LINKED]) {
        parts.push(noise, reply ?? LINKED);
        expected.push(toHex(reply ?? LINKED));
        garbage += noise.length;
      }
    });
    const stream = concat(...parts);
    for (let chunk = 1; chunk <= 64; chunk++) {
      const decoder = new ReplyDecoder();
      assert.deepEqual(feed(decoder, stream, chunk).map(bytesOf), expected, `chunks of ${chunk}`);
      const { bytesSeen, garbageBytes, framesSeen, pendingBytes } = decoder.diagnosis;
      assert.deepEqual(
        { bytesSeen, garbageBytes, framesSeen, pendingBytes },
        { bytesSeen: stream.length, garbageBytes: garbage, framesSeen: expected.length, pendingBytes: 0 },
      );
    }
  });

  it("gives the same frames and counts however a stream of anything is cut", () => {
    const piece = fc.oneof(
      fc.constantFrom(...REPLIES.filter((reply) => reply.length < 300), ...GARBAGE),
      fc.uint8Array({ maxLength: 40 }),
      fc.array(fc.constantFrom(0x04, 0x0e, 0xff, 0x01, 0xe0, 0xfc, 0xf4, 0x05, 0x06, 0x00), { maxLength: 24 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.integer({ min: 1, max: 64 }), (pieces, chunk) => {
        const stream = concat(...pieces);
        const whole = new ReplyDecoder();
        const cut = new ReplyDecoder();
        assert.deepEqual(feed(cut, stream, chunk), whole.push(stream));
        const { lastText, ...counts } = cut.diagnosis;
        assert.deepEqual({ lastText, ...counts }, whole.diagnosis);
        assert.ok(lastText.length <= TEXT_SAMPLE && counts.pendingBytes < MAX_REPLY);
      }),
      { numRuns: 2_000 },
    );
  });

  it("takes a megabyte at once and byte for byte, and holds back less than one reply", () => {
    const noise = Uint8Array.from({ length: 1_000_000 }, (_, i) => (i * 2_654_435_761) >>> 13);
    const decoder = new ReplyDecoder();
    decoder.push(noise);
    decoder.reset();
    assert.equal(decoder.push(READ_4K).length, 1);
    assert.equal(decoder.diagnosis.garbageBytes, noise.length);
    assert.equal(feed(new ReplyDecoder(), concat(...Array.from({ length: 40 }, () => READ_4K)), 1).length, 40);
  });

  it("does not hand out views of its own buffer", () => {
    const decoder = new ReplyDecoder();
    const [first] = decoder.push(READ_4K);
    decoder.push(new Uint8Array(9_000).fill(0x55));
    assert.deepEqual(first?.payload.subarray(4), pattern4k);
  });

  it("after a 4K answer that was cut off: the next reply is found by giving the first one up", () => {
    const decoder = new ReplyDecoder();
    const cut = concat(READ_4K.subarray(0, READ_4K.length - 17), LINKED);
    assert.deepEqual(decoder.push(cut), []);
    assert.equal(decoder.diagnosis.pendingBytes, cut.length);
    assert.deepEqual(decoder.flushStale().map(bytesOf), [toHex(LINKED)]);
    assert.equal(decoder.diagnosis.pendingBytes, 0);
    assert.equal(decoder.diagnosis.garbageBytes, READ_4K.length - 17);
  });

  it("giving up with nothing held back, or with only a beginning, loses nothing that follows", () => {
    const decoder = new ReplyDecoder();
    assert.deepEqual(decoder.flushStale(), []);
    decoder.push(fromHex("040e05"));
    assert.deepEqual(decoder.flushStale(), []);
    assert.deepEqual(decoder.push(LINKED).map(bytesOf), [toHex(LINKED)]);
    decoder.push(fromHex("040e050104"));
    assert.deepEqual(decoder.push(LINKED.subarray(1)).map(bytesOf), [toHex(LINKED)]);
  });

  it("reset drops what is held back and counts it as garbage", () => {
    const decoder = new ReplyDecoder();
    decoder.push(READ_4K.subarray(0, 100));
    decoder.reset();
    assert.deepEqual(decoder.push(READ_4K.subarray(100, 200)), []);
    assert.deepEqual(decoder.push(LINKED).map(bytesOf), [toHex(LINKED)]);
    assert.equal(decoder.diagnosis.garbageBytes, 200);
  });

  it("knows the code of every reply in the command table", () => {
    for (const { reply } of Object.values(COMMANDS)) {
      if (reply) assert.ok((reply.form === "short" ? SHORT_REPLY_CODES : LONG_REPLY_CODES).has(reply.code));
    }
  });
});

describe("what a decoder can say about the line", () => {
  it("silence", () => {
    assert.deepEqual(new ReplyDecoder().diagnosis, {
      bytesSeen: 0,
      garbageBytes: 0,
      framesSeen: 0,
      echoes: 0,
      lastText: "",
      pendingBytes: 0,
    });
  });
  it("an echo of our own requests, but not a damaged reply, which holds the same bytes", () => {
    const decoder = new ReplyDecoder();
    feed(decoder, fromHex("01e0fc010001e0fc0100 01e0fc0e a5"), 2);
    assert.equal(decoder.diagnosis.echoes, 3);
    decoder.clearDiagnosis();
    decoder.push(fromHex("0e0501e0fc0100 055501e0fd"));
    assert.equal(decoder.diagnosis.echoes, 0);
  });
  it("a boot log: its end, bounded", () => {
    const decoder = new ReplyDecoder();
    for (let i = 0; i < 1_000; i++) decoder.push(ascii(`[${i}] hello\r\n`));
    const { lastText } = decoder.diagnosis;
    assert.equal(lastText.length, TEXT_SAMPLE);
    assert.ok(lastText.endsWith("[998] hello [999] hello "), lastText);
  });
  it("half a reply; clearing the counts keeps it", () => {
    const decoder = new ReplyDecoder();
    decoder.push(LINKED.subarray(0, 6));
    decoder.clearDiagnosis();
    assert.equal(decoder.diagnosis.pendingBytes, 6);
    assert.equal(decoder.push(LINKED.subarray(6)).length, 1);
    assert.equal(decoder.diagnosis.garbageBytes, 0);
  });
});
