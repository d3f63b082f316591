/** Answers that come after they were given up: those that do not say what was asked never pass for those to later questions. */
import assert from "node:assert/strict";
import { concat, toHex, u32 } from "../../../src/core/base/bytes";
import { replyShort } from "../../../src/core/beken/protocol/frames";
import { BootLink } from "../../../src/core/beken/protocol/link";
import { silentLog, systemClock } from "../../../src/core/index";
import { FakeLine, LINK_ANSWER, LINK_CHECK, never } from "./fakeLine";

const FENCE = "01e0fcfff4050009" + "00000000";
/** A loader refuses to read there, and says where. */
const REFUSED = Uint8Array.of(0x04, 0x0e, 0xff, 0x01, 0xe0, 0xfc, 0xf4, 0x07, 0x00, 0x09, 0x06, 0, 0, 0, 0, 0);
const crcAnswer = (raw: number): Uint8Array => replyShort(0x10, u32(raw));
const options = { signal: never, doing: "hash", timeoutMs: 60 };
const range = (start: number) => ({ start, length: 0x1000, range: "pages" }) as const;

describe("link: an answer to a CRC that comes late", () => {
  /** The first CRC is answered only when something else is asked. */
  function late(): { readonly line: FakeLine; readonly link: BootLink } {
    let crcs = 0;
    let owed = new Uint8Array(0);
    const line = new FakeLine((bytes) => {
      const hex = toHex(bytes);
      if (hex === LINK_CHECK) return LINK_ANSWER;
      if (hex === FENCE) {
        const all = concat(owed, REFUSED);
        owed = new Uint8Array(0);
        return all;
      }
      if (!hex.startsWith("01e0fc0910")) return undefined;
      if (++crcs === 1) {
        owed = Uint8Array.from(crcAnswer(~0x1111_1111));
        return undefined;
      }
      const answers = concat(owed, crcAnswer(~0x2222_2222));
      owed = new Uint8Array(0);
      return answers;
    });
    return { line, link: new BootLink(line, { clock: systemClock, log: silentLog }) };
  }

  it("is let in, and forgotten, before the next CRC is asked for", async () => {
    const { line, link } = late();
    await assert.rejects(link.request("checkCrc", range(0x20000), { ...options, attempts: 1 }), {
      code: "reply-timeout",
    });
    await link.recover(never);
    assert.equal(await link.request("checkCrc", range(0x30000), options), 0x2222_2222);
    assert.ok(line.sent.indexOf(FENCE) > 0);
  });

  it("nothing is sent for it where every answer came", async () => {
    const { line, link } = late();
    await assert.rejects(link.request("checkCrc", range(0x20000), { ...options, attempts: 1 }), {
      code: "reply-timeout",
    });
    await link.recover(never);
    await link.request("checkCrc", range(0x30000), options);
    const before = line.sent.length;
    await link.request("checkCrc", range(0x40000), options);
    assert.equal(line.sent.length, before + 1);
  });
});
