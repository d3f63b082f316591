/** Adapters that hold short answers back: how they are told, what is sent behind a question then, and behind what never. */
import assert from "node:assert/strict";
import { concat, toHex } from "../../../src/core/base/bytes";
import { silentLog, systemClock, isFlasherError } from "../../../src/core/index";
import { replyShort } from "../../../src/core/beken/protocol/frames";
import { BootLink } from "../../../src/core/beken/protocol/link";
import { FakeLine, LINK_ANSWER, LINK_CHECK, eraseReply, never, readReply, type Answer } from "./fakeLine";

const NUDGE = LINK_CHECK.repeat(9);
const READ = "01e0fcfff4050009" + "00100100";
const ERASE = "01e0fcfff406000f20" + "00100100";
const REGISTER = "01e0fc0503" + "00008000";
const VERSION = "01e0fc0111";
const GRANT = {
  label: "test",
  eraseRanges: [{ start: 0x11000, end: 0x12000 }],
  writeRanges: [],
  flashSize: 0x200000,
};
const reading = { signal: never, doing: "read" };

/** A link over an adapter on which every question takes `lateMs`. */
function over(lateMs: number, answer: Answer): { readonly line: FakeLine; readonly link: BootLink } {
  let extra = 0;
  const line = new FakeLine((bytes, count) => {
    extra += lateMs;
    return answer(bytes, count);
  });
  const clock = { ...systemClock, now: () => systemClock.now() + extra };
  return { line, link: new BootLink(line, { clock, log: silentLog }) };
}

const chip: Answer = (bytes) => {
  const hex = toHex(bytes);
  if (hex === LINK_CHECK) return LINK_ANSWER;
  if (hex === NUDGE) return concat(...Array.from({ length: 9 }, () => LINK_ANSWER));
  if (hex === READ) return readReply(0x11000, 0x11);
  if (hex === ERASE) return eraseReply(0x11000);
  return undefined;
};

async function twoChecks(link: BootLink): Promise<void> {
  for (let i = 0; i < 2; i++) assert.equal(await link.isLinked(never), true);
}

describe("link: an adapter that holds short answers back", () => {
  it("gets link checks behind a question once two answers in a row were late", async () => {
    const { line, link } = over(16, chip);
    await twoChecks(link);
    assert.equal((await link.request("readFlash4k", { address: 0x11000 }, reading))[9], 0x11);
    assert.deepEqual(line.sent, [LINK_CHECK, LINK_CHECK, READ, NUDGE]);
  });

  it("is not suspected where answers are prompt", async () => {
    const { line, link } = over(0, chip);
    await twoChecks(link);
    await link.request("readFlash4k", { address: 0x11000 }, reading);
    assert.deepEqual(line.sent, [LINK_CHECK, LINK_CHECK, READ]);
  });

  it("nothing ever follows an erase before it is answered", async () => {
    const { line, link } = over(16, chip);
    await twoChecks(link);
    link.allow(GRANT);
    await link.request("eraseFlash", { address: 0x11000, sizeCode: 0x20 }, reading);
    assert.deepEqual(line.sent, [LINK_CHECK, LINK_CHECK, ERASE]);
  });

  it("nothing ever follows a register write: questions before it make its answer the end of a packet", async () => {
    const fuse = { address: 0x800074, value: 0x0001 };
    const write = "01e0fc0901" + "74008000" + "01000000";
    const answer = replyShort(0x01, [0x74, 0, 0x80, 0, 1, 0, 0, 0]);
    const { line, link } = over(16, (bytes, count) => (toHex(bytes) === write ? answer : chip(bytes, count)));
    await twoChecks(link);
    await link.request("readFlash4k", { address: 0x11000 }, reading);
    const before = line.sent.length;
    const ask = (): Promise<void> => link.request("writeRegister", fuse, { signal: never, doing: "write" });
    await ask();
    const [lead = "", ...rest] = line.sent.slice(before);
    assert.deepEqual(rest, [write]);
    const checks = lead.split(LINK_CHECK).length - 1;
    const registers = lead.split(REGISTER).length - 1;
    assert.equal(lead, LINK_CHECK.repeat(checks) + REGISTER.repeat(registers));
    assert.ok(lead.length / 2 <= 100);
    // The reading and what was sent behind it came before.
    assert.equal((4111 + 9 * 8 + checks * 8 + registers * 15 + answer.length) % 62, 0);
    // Where that does not help it is not done again.
    await ask();
    const again = line.sent.length;
    await ask();
    assert.deepEqual(line.sent.slice(again), [write]);
  });

  it("late answers to those checks do not pass for the answer to a later one", async () => {
    let gone = false;
    const { link } = over(16, (bytes, count) => (gone ? undefined : chip(bytes, count)));
    await twoChecks(link);
    await link.request("readFlash4k", { address: 0x11000 }, reading);
    gone = true;
    assert.equal(await link.isLinked(never), false);
  });

  it("a chip that answers nothing behind a question is asked the plain way from then on", async () => {
    const { line, link } = over(16, (bytes, count) => (toHex(bytes) === NUDGE ? undefined : chip(bytes, count)));
    await twoChecks(link);
    for (let i = 0; i < 2; i++) await link.request("readFlash4k", { address: 0x11000 }, reading);
    assert.deepEqual(line.sent, [LINK_CHECK, LINK_CHECK, READ, NUDGE, READ]);
  });

  it("an answer that lost a byte does not pass with the first byte of what follows in its place", async () => {
    const whole = readReply(0x11000, 0x11);
    const short = concat(whole.subarray(0, 100), whole.subarray(101));
    let reads = 0;
    const { line, link } = over(16, (bytes, count) =>
      toHex(bytes) === READ && ++reads === 1 ? short : chip(bytes, count),
    );
    await twoChecks(link);
    const data = await link.request("readFlash4k", { address: 0x11000 }, reading);
    assert.ok(data.every((byte) => byte === 0x11));
    assert.equal(line.sent.filter((frame) => frame === READ).length, 2);
  });
});

describe("link: several reads under way", () => {
  const list = [{ address: 0x11000 }, { address: 0x12000 }];
  const READ_NEXT = READ.replace("00100100", "00200100");

  async function readBoth(first: Uint8Array): Promise<readonly number[]> {
    const { link } = over(0, (bytes) => {
      const hex = toHex(bytes);
      if (hex === READ_NEXT) return concat(first, readReply(0x12000, 0x12));
      return undefined;
    });
    const got: number[] = [];
    try {
      for await (const data of link.requestMany("readFlash4k", list, {
        ...reading,
        doing: () => reading.doing,
        window: 2,
        timeoutMs: 60,
      }))
        got.push(data[0] as number);
    } catch (error) {
      assert.ok(isFlasherError(error) && ["reply-invalid", "reply-timeout"].includes(error.code));
    }
    return got;
  }

  it("all of them come, in order", async () => {
    assert.deepEqual(await readBoth(readReply(0x11000, 0x11)), [0x11, 0x12]);
  });

  it("one that is a byte short or long is not delivered: the next would have been part of it", async () => {
    const whole = readReply(0x11000, 0x11);
    assert.deepEqual(await readBoth(concat(whole.subarray(0, 500), whole.subarray(501))), []);
    assert.deepEqual(await readBoth(concat(whole.subarray(0, 500), [0x11], whole.subarray(500))), []);
  });
});

describe("link: questions that many chips pass over", () => {
  const ask = (link: BootLink): Promise<number | undefined> =>
    link.ask("readRegister", { address: 0x800000 }, { signal: never, doing: "ask for the chip id" });

  it("a link check behind it ends the wait", async () => {
    const { line, link } = over(0, (bytes) => (toHex(bytes) === LINK_CHECK ? LINK_ANSWER : undefined));
    assert.equal(await ask(link), undefined);
    assert.deepEqual(line.sent, [REGISTER, LINK_CHECK]);
  });

  it("an answer before that is taken", async () => {
    const register = replyShort(0x03, [0, 0, 0x80, 0, 0x1c, 0x23, 0x07, 0]);
    const { link } = over(0, (bytes) => (toHex(bytes) === LINK_CHECK ? concat(register, LINK_ANSWER) : undefined));
    assert.equal(await ask(link), 0x7231c);
  });

  it("a lost check is no answer: it is asked again", async () => {
    let checks = 0;
    const { line, link } = over(0, (bytes) => (toHex(bytes) === LINK_CHECK && ++checks > 1 ? LINK_ANSWER : undefined));
    assert.equal(await link.ask("readBootVersion", {}, { signal: never, doing: "ask" }), undefined);
    assert.deepEqual(line.sent, [VERSION, LINK_CHECK, "FF*64", LINK_CHECK, VERSION, LINK_CHECK]);
  });
});
