import assert from "node:assert/strict";
import { ascii, concat, toHex, u32 } from "../../../src/core/base/bytes";
import { isFlasherError, systemClock, type FlasherErrorCode } from "../../../src/core/index";
import { replyLong, replyShort } from "../../../src/core/beken/protocol/frames";
import { LINK_ANSWER, LINK_CHECK, eraseReply, linkChecksOnly, linkTo, never, readReply, type Answer } from "./fakeLine";

const READ_11000 = "01e0fcfff4050009" + "00100100";
const READ_12000 = "01e0fcfff4050009" + "00200100";
const ERASE_11000 = "01e0fcfff406000f20" + "00100100";
const reading = { signal: never, doing: "read", timeoutMs: 60 };
const GRANT = {
  label: "test",
  eraseRanges: [{ start: 0x11000, end: 0x13000 }],
  writeRanges: [{ start: 0x11000, end: 0x12000 }],
  flashSize: 0x200000,
};

const failsWith = (code: FlasherErrorCode) => (error: unknown) => isFlasherError(error) && error.code === code;

/** Answers reads as a loader would, except where `instead` says otherwise. */
function loader(instead: Answer = () => undefined): Answer {
  return (bytes, count) => {
    const other = instead(bytes, count);
    if (other !== undefined) return other;
    const hex = toHex(bytes);
    if (hex === LINK_CHECK) return LINK_ANSWER;
    if (hex === READ_11000) return readReply(0x11000, 0x11);
    if (hex === READ_12000) return readReply(0x12000, 0x12);
    if (hex === ERASE_11000) return eraseReply(0x11000);
    return undefined;
  };
}

const SILENCE: readonly Uint8Array[] = [];

describe("link: what is tried after a lost or damaged reply", () => {
  it("FF filler comes before the first link check, then the request again", async () => {
    const { link, line, retries } = linkTo(loader((_bytes, count) => (count === 1 ? SILENCE : undefined)));
    const data = await link.request("readFlash4k", { address: 0x11000 }, reading);
    assert.equal(data[0], 0x11);
    assert.deepEqual(line.sent, [READ_11000, "FF*64", LINK_CHECK, READ_11000]);
    assert.equal(retries.length, 1);
    assert.match(retries[0] ?? "", /^read: .*reply-timeout.*, try 2 of 3$/);
  });

  it("a chip that waits for the rest of a long frame gets a whole frame of filler before more link checks", async () => {
    let filled = false;
    const { link, line } = linkTo((bytes) => {
      filled ||= bytes.length > 4096;
      return filled ? loader()(bytes, 0) : undefined;
    });
    await link.request("readFlash4k", { address: 0x11000 }, reading);
    assert.deepEqual(line.sent, [
      READ_11000,
      "FF*64",
      LINK_CHECK,
      LINK_CHECK,
      LINK_CHECK,
      "FF*4109",
      LINK_CHECK,
      READ_11000,
    ]);
  });

  it("gives up on a chip that has gone, having sent nothing but filler and link checks", async () => {
    const { link, line } = linkTo(() => undefined);
    await assert.rejects(link.request("readFlash4k", { address: 0x11000 }, reading), failsWith("reply-timeout"));
    assert.deepEqual(new Set(line.sent), new Set([READ_11000, "FF*64", LINK_CHECK, "FF*4109"]));
    assert.equal(line.sent.filter((frame) => frame === READ_11000).length, 1);
  });

  it("a reply cut off, one with the wrong address and one of another length are asked for again", async () => {
    const damaged = [readReply(0x11000, 1).subarray(0, 2000), readReply(0x12000, 1), replyShort(0x10, u32(1))];
    for (const bad of damaged) {
      const { link } = linkTo(loader((_bytes, count) => (count === 1 ? bad : undefined)));
      assert.equal((await link.request("readFlash4k", { address: 0x11000 }, reading))[5], 0x11);
    }
  });

  it("tries three times, then fails with what it saw", async () => {
    const half = readReply(0x11000, 1).subarray(0, 100);
    const { link, line } = linkTo(loader((bytes) => (toHex(bytes) === READ_11000 ? half : undefined)));
    await assert.rejects(link.request("readFlash4k", { address: 0x11000 }, reading), (error: unknown) => {
      return isFlasherError(error) && error.code === "reply-timeout" && error.context.bytesSeen === 100;
    });
    assert.equal(line.sent.filter((frame) => frame === READ_11000).length, 3);
  });

  it("a refusal by status is no transmission error: it is passed on at once", async () => {
    const refused = Uint8Array.of(0x04, 0x0e, 0xff, 0x01, 0xe0, 0xfc, 0xf4, 0x07, 0, 0x09, 0x06, 0, 0x10, 0x01, 0, 4);
    const { link, line } = linkTo(() => refused);
    await assert.rejects(link.request("readFlash4k", { address: 0x11000 }, reading), failsWith("chip-status"));
    assert.deepEqual(line.sent, [READ_11000]);
  });

  it("an erase is sent once; recovering sends filler before link checks and no erase", async () => {
    const { link, line } = linkTo(linkChecksOnly);
    link.allow(GRANT);
    const erase = link.request("eraseFlash", { address: 0x11000, sizeCode: 0x20 }, { ...reading, attempts: 3 });
    await assert.rejects(erase, failsWith("reply-timeout"));
    assert.deepEqual(line.sent, [ERASE_11000]);
    assert.equal(link.mutations, 1);
    await link.recover(never);
    assert.deepEqual(line.sent, [ERASE_11000, "FF*64", LINK_CHECK]);
  });
});

describe("link: noise on the line", () => {
  const noises: readonly (readonly [string, Uint8Array])[] = [
    ["boot log", ascii("\r\n[Boot] V1.0.4 jump to app 0x10000\r\n")],
    ["our own request, echoed", concat([0x01, 0xe0, 0xfc, 0xff, 0xf4, 0x05, 0x00, 0x09], u32(0x11000))],
    ["a stale link answer", LINK_ANSWER],
    ["a stale CRC", replyShort(0x10, u32(0x12345678))],
    ["garbage with half a head", Uint8Array.of(0xff, 0x00, 0x04, 0x0e, 0x04, 0x0e, 0x80)],
  ];
  for (const [name, noise] of noises) {
    for (const chunk of [1, 7, 4096]) {
      it(`${name} before a reply, in pieces of ${chunk}`, async () => {
        const { link, line } = linkTo(
          loader((bytes) => (toHex(bytes) === READ_11000 ? concat(noise, readReply(0x11000, 0x11)) : undefined)),
          chunk,
        );
        const data = await link.request("readFlash4k", { address: 0x11000 }, { ...reading, timeoutMs: 2_000 });
        assert.deepEqual([data.length, data[0], data[4095]], [4096, 0x11, 0x11]);
        assert.deepEqual(line.sent, [READ_11000]);
      });
    }
  }

  it("every request echoed, as on a wire with TX and RX joined: no answer, and the evidence says echo", async () => {
    const { link } = linkTo((bytes) => bytes);
    assert.equal(await link.probe(8, never), false);
    assert.equal(link.evidence.echoes > 0, true);
    assert.equal(await link.isLinked(never), false);
  });

  it("an adapter that echoes and a chip that answers work together", async () => {
    const { link } = linkTo((bytes) => {
      const back = loader()(bytes, 0);
      return back instanceof Uint8Array ? concat(bytes, back) : bytes;
    });
    assert.equal(await link.probe(1, never), true);
    assert.equal((await link.request("readFlash4k", { address: 0x12000 }, reading))[0], 0x12);
  });

  it("endless text does not hold a resynchronisation for ever", async () => {
    const { link, line } = linkTo(() => undefined);
    await link.setHostBaud(921_600);
    const talking = setInterval(() => line.input.push(ascii("still here\r\n")), 5);
    try {
      await assert.rejects(link.request("readFlash4k", { address: 0x11000 }, reading), failsWith("reply-timeout"));
    } finally {
      clearInterval(talking);
    }
  });
});

describe('link: a status that is no "done"', () => {
  const READ_STATUS = "01e0fcfff402000c05";
  const status = (value: number): Uint8Array => replyLong(0x0c, value, [0x05, 0x7c]);
  const ask = (first: number, then: number) => {
    const ends = linkTo((bytes, count) =>
      toHex(bytes) === READ_STATUS ? status(count === 1 ? first : then) : undefined,
    );
    return { ...ends, value: ends.link.request("readStatusRegister", { command: 0x05 }, reading) };
  };

  it("busy, timed out, or nothing known: asked once more over the same line, then believed", async () => {
    for (const code of [1, 2, 3, 0x80]) {
      const { value, line } = ask(code, 0);
      assert.equal(await value, 0x7c);
      assert.deepEqual(line.sent, [READ_STATUS, READ_STATUS]);
      const stays = ask(code, code);
      await assert.rejects(
        stays.value,
        (error: unknown) => isFlasherError(error) && error.code === "chip-status" && error.context.attempts === 2,
      );
      assert.deepEqual(stays.line.sent, [READ_STATUS, READ_STATUS]);
    }
  });

  it("a refusal is not asked about again", async () => {
    for (const [code, failure] of [
      [4, "chip-status"],
      [5, "chip-status"],
      [6, "chip-status"],
      [7, "command-unsupported"],
    ] as const) {
      const { value, line } = ask(code, 0);
      await assert.rejects(value, failsWith(failure));
      assert.deepEqual(line.sent, [READ_STATUS]);
    }
  });

  it("an erase is never repeated by the link, whatever its status", async () => {
    const { link, line } = linkTo((bytes) =>
      toHex(bytes) === ERASE_11000 ? replyLong(0x0f, 3, concat([0x20], u32(0x11000))) : undefined,
    );
    link.allow(GRANT);
    const erase = link.request("eraseFlash", { address: 0x11000, sizeCode: 0x20 }, reading);
    await assert.rejects(erase, failsWith("chip-status"));
    assert.deepEqual(line.sent, [ERASE_11000]);
  });
});

describe("link: one conversation at a time", () => {
  it("a second request leaves only after the first was answered", async () => {
    const { link, line } = linkTo(loader((bytes) => (toHex(bytes) === READ_11000 ? SILENCE : undefined)));
    const first = link.request("readFlash4k", { address: 0x11000 }, { ...reading, timeoutMs: 2_000 });
    const second = link.request("readFlash4k", { address: 0x12000 }, reading);
    await systemClock.sleep(20, never);
    assert.deepEqual(line.sent, [READ_11000]);
    line.input.push(readReply(0x11000, 1));
    await Promise.all([first, second]);
    assert.deepEqual(line.sent, [READ_11000, READ_12000]);
  });

  it("a cancelled read ends at once, and its late reply is not taken for the next one's", async () => {
    const { link, line } = linkTo(
      loader((bytes) => (toHex(bytes) === READ_11000 ? readReply(0x11000, 1).subarray(0, 10) : undefined)),
    );
    const stop = new AbortController();
    const first = link.request(
      "readFlash4k",
      { address: 0x11000 },
      { ...reading, signal: stop.signal, timeoutMs: 5_000 },
    );
    await systemClock.sleep(5, never);
    stop.abort();
    await assert.rejects(first, failsWith("cancelled"));
    line.input.push(readReply(0x11000, 1).subarray(10));
    assert.equal((await link.request("readFlash4k", { address: 0x12000 }, reading))[0], 0x12);
  });

  it("a cancelled erase is still waited for: its answer is what the flash did", async () => {
    const { link, line } = linkTo(() => undefined);
    link.allow(GRANT);
    const stop = new AbortController();
    const erase = link.request(
      "eraseFlash",
      { address: 0x11000, sizeCode: 0x20 },
      { ...reading, signal: stop.signal, timeoutMs: 5_000 },
    );
    await systemClock.sleep(5, never);
    stop.abort();
    line.input.push(eraseReply(0x11000));
    await erase;
    await assert.rejects(link.request("linkCheck", {}, { ...reading, signal: stop.signal }), failsWith("cancelled"));
    assert.deepEqual(line.sent, [ERASE_11000]);
  });

  it("a port that goes away ends the request with port-lost, without a retry", async () => {
    const { link, line } = linkTo(() => undefined);
    const request = link.request("readFlash4k", { address: 0x11000 }, { ...reading, timeoutMs: 5_000 });
    await systemClock.sleep(5, never);
    line.unplug();
    await assert.rejects(request, failsWith("port-lost"));
    assert.deepEqual(line.sent, [READ_11000]);
  });

  it("keeps an idle loader awake, never in the middle of a request, and stops when told", async () => {
    const { link, line } = linkTo(loader((bytes) => (toHex(bytes) === READ_11000 ? SILENCE : undefined)));
    link.keepAwake();
    link.keepAwake();
    while (line.sent.length < 2) await systemClock.sleep(5, never);
    assert.deepEqual(new Set(line.sent), new Set([LINK_CHECK]));
    const request = link.request("readFlash4k", { address: 0x11000 }, { ...reading, timeoutMs: 5_000 });
    while (line.sent.at(-1) !== READ_11000) await systemClock.sleep(1, never);
    await systemClock.sleep(250, never);
    assert.equal(line.sent.at(-1), READ_11000, "nothing is sent while a reply is awaited");
    line.input.push(readReply(0x11000, 1));
    await request;
    link.letSleep();
    await systemClock.sleep(20, never);
    const before = line.sent.length;
    await systemClock.sleep(250, never);
    assert.equal(line.sent.length, before);
  });
});

describe("link: the write guard", () => {
  const sector = new Uint8Array(4096);
  const options = reading;

  it("lets nothing that changes flash leave without a grant, outside it, or after it", async () => {
    const { link, line } = linkTo(loader());
    const refused = async (work: Promise<unknown>): Promise<void> => assert.rejects(work, failsWith("frame-refused"));
    const all = async (): Promise<void> => {
      await refused(link.request("eraseFlash", { address: 0x11000, sizeCode: 0x20 }, options));
      await refused(link.request("writeFlash4k", { address: 0x11000, data: sector }, options));
      await refused(link.request("writeFlash", { address: 0x11000, data: sector }, options));
      await refused(link.request("eraseFlash4k", { address: 0x11000 }, options));
      await refused(link.request("writeStatusRegister", { command: 0x01, value: 0, bytes: 2, current: 0x7c }, options));
    };
    await all();
    link.allow(GRANT);
    await refused(link.request("eraseFlash", { address: 0x10000, sizeCode: 0xd8 }, options));
    await refused(link.request("eraseFlash", { address: 0x13000, sizeCode: 0x20 }, options));
    await refused(link.request("writeFlash4k", { address: 0x12000, data: sector }, options));
    await refused(link.request("eraseFlash", { address: 0x211000, sizeCode: 0xd8 }, options));
    assert.equal(link.mutations, 0);
    await link.request("eraseFlash", { address: 0x11000, sizeCode: 0x20 }, options);
    link.allow(undefined);
    await all();
    assert.equal(link.mutations, 1);
    assert.deepEqual(line.sent, [ERASE_11000]);
  });
});

describe("link: speed changes", () => {
  const BAUD = { request: 928_572, hostBaud: 921_600, tickMs: 2 };
  const isBaud = (bytes: Uint8Array): boolean => toHex(bytes).startsWith("01e0fc060f");
  const echo = (bytes: Uint8Array): Uint8Array => replyShort(0x0f, bytes.subarray(5));

  it("follows a chip that follows", async () => {
    const { link, line } = linkTo((bytes) => (isBaud(bytes) ? echo(bytes) : linkChecksOnly(bytes)));
    assert.equal(await link.changeBaud(BAUD, never), true);
    assert.deepEqual([link.baudRate, line.rates], [921_600, [921_600]]);
  });

  it("takes the link check's word when the answer itself was lost", async () => {
    const { link } = linkTo(linkChecksOnly);
    assert.equal(await link.changeBaud(BAUD, never), true);
    assert.equal(link.baudRate, 921_600);
  });

  it("goes back to a chip that stayed", async () => {
    const ends = linkTo((bytes) => (ends.line.rates.at(-1) === 921_600 ? undefined : linkChecksOnly(bytes)));
    assert.equal(await ends.link.changeBaud(BAUD, never), false);
    assert.equal(ends.link.baudRate, 115_200);
  });

  it("says so when the chip is at neither rate", async () => {
    const { link } = linkTo(() => undefined);
    await assert.rejects(link.changeBaud(BAUD, never), failsWith("baud-change-failed"));
  });

  it("cancelled once the chip was asked, the host still follows: both ends stay together", async () => {
    const { link, line } = linkTo(() => undefined);
    const stop = new AbortController();
    const change = link.changeBaud(BAUD, stop.signal);
    while (line.sent.length === 0) await systemClock.sleep(0, never);
    stop.abort();
    await assert.rejects(change, failsWith("cancelled"));
    assert.equal(link.baudRate, 921_600);
  });
});
