// The boot ROM chips: recorded dialogues, the answers to bad frames, registers, and who keeps it waiting.
import assert from "node:assert/strict";
import { concat, equalBytes, fromHex, isFilledWith, toHex, u32 } from "../../../src/core/base/bytes";
import { crc32Raw } from "../../../src/core/base/checksum";
import { TUYA_KEY } from "../../../src/core/beken/chips/keys";
import { Bench, frames, LINK, LINK_ANSWER, long, short } from "./bench";
import sessions from "../../fixtures/vectors/sessions.json";
import responses from "../../fixtures/vectors/responses.json";

const session = (name: string): readonly { readonly tx: string; readonly rx: string }[] => {
  const found = sessions.sessions.find((each) => each.name.startsWith(name));
  assert.ok(found, name);
  return found.exchanges;
};

describe("boot ROM", () => {
  for (const name of ["BK7231N connect", "BK7231N write 8292", "BK7231N write, 1-byte", "BK7231N unaligned write"]) {
    it(`answers the recorded session "${name}"`, () => {
      const exchanges = session(name);
      const idAnswer = exchanges.find(({ tx }) => tx.endsWith("0e9f000000"));
      const bench = Bench.linked("bk7231n", {
        jedecId: (idAnswer?.rx.slice(-6) ?? "").toUpperCase(),
        statusRegister: name.includes("1-byte") ? 0x7c : 0x407c,
      });
      bench.chip.flash.fill(0xff, 0x1d0000, 0x1e0000);
      for (const { tx, rx } of exchanges) {
        const [head, more] = tx.split(" +") as [string, string | undefined];
        const answer = bench.askHex(concat(fromHex(head), new Uint8Array(Number(more ?? 0)).fill(0x5a)));
        // The CRCs are over the session's own data; all but the empty sector and the boot code.
        const known = !rx.startsWith("040e0801e0fc10") || rx.endsWith("456ebe1e");
        if (known) assert.equal(answer, rx.split(" +")[0], tx);
      }
    });
  }

  it("reads eFuse bytes as recorded, through the register window", () => {
    const bench = Bench.linked("bk7231n");
    const recordedMac = [0xc8, 0x47];
    for (const { tx, rx } of session("eFuse bytes")) {
      assert.equal(bench.askHex(fromHex(tx)), rx, tx);
    }
    const efuse = Array.from({ length: 32 }, (_, index) => {
      bench.ask(short(0x01, u32(0x800074), u32((index << 8) | 1)));
      assert.equal(bench.ask(short(0x03, u32(0x800074)))[11] ?? 0, 0);
      return bench.ask(short(0x03, u32(0x800078)))[11] ?? 0;
    });
    assert.equal(toHex(efuse.slice(0, 16)), toHex(concat(...TUYA_KEY.map(u32))));
    assert.deepEqual(efuse.slice(24, 26), recordedMac);
    assert.equal(bench.chip.counters.fusesBurned, 0);
    bench.ask(short(0x01, u32(0x800074), u32((30 << 8) | (0x40 << 16) | 3)));
    assert.equal(bench.chip.counters.fusesBurned, 1);
  });

  it("answers the frames of the response vectors that a ROM gives", () => {
    const bench = Bench.linked("bk7231n", { statusRegister: 0x007c });
    const fits = [
      "link ok",
      "baud ok",
      "boot version unsupported",
      "read reg ok",
      "write reg ok",
      "stay rom",
      "flash id, length 6 (ROM)",
    ];
    for (const name of fits) {
      const found = responses.cases.find((each) => each.name === name);
      assert.ok(found?.received);
      assert.equal(bench.askHex(fromHex(found.request)), found.received, name);
    }
    assert.equal(bench.askHex(long(0x0c, [0x05])), "040eff01e0fcf404000c00057c");
    assert.equal(bench.askHex(long(0x0d, [0x01, 0x00, 0x02])), "040eff01e0fcf405000d00010002");
    assert.equal(bench.chip.statusRegister, 0x0200);
    assert.equal(bench.askHex(long(0x0d, [0x01, 0x7c])), "040eff01e0fcf404000d00017c");
    assert.equal(bench.chip.statusRegister, 0x027c);
  });

  it("says what is wrong with a frame", () => {
    const bench = Bench.linked("bk7238");
    assert.equal(bench.askHex(short(0x55, [1, 2])), "040e0501e0fc5507");
    assert.equal(bench.askHex(long(0x33, [1])), "040eff01e0fcf402003307");
    assert.equal(bench.askHex(long(0x07, u32(0x12000), new Uint8Array(256))), "040eff01e0fcf40600070400200100");
    assert.equal(bench.askHex(frames.erase(0x21, 0x12000)), "040eff01e0fcf407000f062100200100");
    assert.equal(bench.askHex(short(0x70, [0x53, 0x45, 0x41, 0x00])), "040e0801e0fc7053454100");
    assert.equal(bench.askHex(short(0x0e, [0x00])), "040e0501e0fc0e00");
    assert.equal(bench.askHex(short(0x03, [0x00])), "040e0601e0fc030005");
    assert.equal(bench.askHex(concat([0x01, 0x01, 0xe0], LINK)), LINK_ANSWER);
    assert.equal(
      bench.askHex(long(0x08, u32(0x11000), [4])).slice(22),
      `00100100${toHex(bench.chip.flash.subarray(0x11000, 0x11004))}`,
    );
    assert.equal(bench.askHex(long(0x0e, [0x4b, 0, 0, 0, 0, 0, 0])).length, 2 * (10 + 1 + 7));
  });

  it("erases and programs everywhere, boot code too, and survives it", () => {
    const bench = Bench.linked("bk7231n", { statusRegister: 0 });
    const { chip } = bench;
    bench.ask(frames.erase(0xd8, 0));
    assert.ok(isFilledWith(chip.flash, 0xff, 0, 0x10000));
    bench.ask(frames.erase(0x52, 0x19000));
    assert.ok(isFilledWith(chip.flash, 0xff, 0x18000, 0x20000));
    const data = Uint8Array.from({ length: 256 }, (_, i) => i);
    bench.ask(frames.write(0x18010, data));
    assert.ok(equalBytes(chip.flash.subarray(0x18010, 0x18110), data));
    bench.ask(long(0x0b, u32(0x18000)));
    assert.ok(isFilledWith(chip.flash, 0xff, 0x18000, 0x19000));
    assert.equal(chip.state, "linked");
    // Without boot code for this chip the ROM waits for ever.
    chip.powerCycle();
    bench.time.advance(60_000_000);
    assert.equal(chip.state, "window");
    assert.equal(bench.askHex(LINK), LINK_ANSWER);
  });

  it("stays linked for ever, restarts on request, and leaves for boot code when nobody links", () => {
    const bench = Bench.linked("bk7231n", { idleRebootMs: 100 });
    bench.time.advance(60_000_000);
    assert.equal(bench.chip.state, "linked");
    assert.equal(bench.askHex(short(0x70, [0x53, 0x45, 0x41, 0x4e]), 10_000), "");
    assert.equal(bench.chip.state, "window");
    bench.time.advance(100_000);
    assert.equal(bench.chip.state, "app");
  });

  it("keeps its transmitter off until it is linked", () => {
    const bench = new Bench("bk7231n");
    bench.time.advance(5_000);
    assert.equal(bench.askHex(short(0x03, u32(0x800000)), 5_000), "");
    assert.equal(bench.askHex(short(0xaa, [0x55]), 5_000), "040e0501e0fcaa55");
    assert.equal(bench.askHex(short(0x03, u32(0x800000)), 5_000), "040e0c01e0fc03000080001c230700");
  });

  it("ignores writes to protected flash as the flash itself does, saying it is done", () => {
    const bench = Bench.linked("bk7238");
    const before = bench.chip.flash.slice();
    assert.equal(bench.askHex(frames.erase(0x20, 0x12000)), "040eff01e0fcf407000f002000200100");
    assert.ok(equalBytes(bench.chip.flash, before));
    bench.ask(long(0x0d, [0x01, 0x00, 0x00]));
    bench.ask(frames.erase(0x20, 0x12000));
    assert.ok(isFilledWith(bench.chip.flash, 0xff, 0x12000, 0x13000));
    const crc = bench.askHex(frames.crc(0x12000, 0x12fff));
    assert.equal(crc, `040e0801e0fc10${toHex(u32(crc32Raw(new Uint8Array(4096).fill(0xff))))}`);
  });

  it("answers at the new rate after the delay in milliseconds", () => {
    const bench = Bench.linked("bk7231n");
    const before = bench.time.now();
    assert.equal(bench.askHex(frames.baud(921_600, 20)), "040e0901e0fc0f00100e0014");
    assert.equal(Math.round(bench.chip.baudRate), 928_571);
    const took = (bench.lastByteAt - before) / 1000;
    assert.ok(took > 20 && took < 22, `${took} ms`);
  });
});
