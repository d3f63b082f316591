// What a line, a relabelled flash and a loader that only begins again do to a host.
import assert from "node:assert/strict";
import { concat, toHex } from "../../../src/core/base/bytes";
import {
  createChip,
  loseBytes,
  LOADER_PRESETS,
  memoryTransport,
  pauseAtByte,
  pauseAtCommand,
} from "../../../src/simulator/index";
import { Bench, LINK, LINK_ANSWER, frames, long, short } from "./bench";

const REBOOT = short(0x0e, [0xa5]);
const CHECKS = 10;
const MANY = concat(...Array.from({ length: CHECKS }, () => LINK));

describe("line faults", () => {
  it("loses its share of the bytes, the same ones each time, in either direction", () => {
    const share = (seed: number): number => {
      const bench = Bench.linked("bk7231n", { behaviours: [loseBytes("from-chip", 0.01, seed, 9)] });
      let heard = 0;
      for (let i = 0; i < 20; i++) heard += bench.ask(frames.read(0x11000)).length;
      return 1 - heard / (20 * 4111);
    };
    assert.ok(share(1) > 0.005 && share(1) < 0.015, `${share(1)}`);
    assert.equal(share(1), share(1));
    assert.notEqual(share(1), share(2));
    const deaf = Bench.linked("bk7231n", { behaviours: [loseBytes("from-host", 0.5, 1, 6)] });
    deaf.ask(MANY);
    assert.ok(deaf.chip.counters.received < 5 + 0.8 * MANY.length);
  });

  it("a pause holds back what leaves the chip, from the very byte, and hands it over in order afterwards", () => {
    const bench = Bench.linked("bk7231n", { behaviours: [pauseAtByte("from-chip", 8 + 5, 3_000)] });
    assert.equal(bench.askHex(LINK, 20_000), LINK_ANSWER.slice(0, 8));
    assert.equal(bench.askHex(MANY, 2_900_000), "");
    bench.time.advance(100_000);
    assert.equal(toHex(bench.take()), LINK_ANSWER.slice(8) + LINK_ANSWER.repeat(CHECKS));
    assert.equal(bench.askHex(LINK, 20_000), LINK_ANSWER);
  });

  it("or loses it, and the chip has done what it was asked meanwhile", () => {
    const bench = Bench.linked("bk7231n", { behaviours: [pauseAtCommand("from-chip", 2, 1_000, "lost")] });
    assert.equal(bench.askHex(frames.erase(0x20, 0x50000), 990_000), "");
    assert.equal(
      bench.operations().some((line) => line.startsWith("SE 4K 050000")),
      true,
    );
    bench.time.advance(20_000);
    assert.equal(bench.askHex(LINK, 20_000), LINK_ANSWER);
  });

  it("what the host sends comes late, or never", () => {
    const late = Bench.linked("bk7231n", { behaviours: [pauseAtByte("from-host", 10, 1_000)] });
    const before = late.askHex(MANY, 500_000);
    const after = late.askHex(LINK, 600_000);
    assert.ok(before.length < MANY.length * 2 && after.length > 2 * LINK_ANSWER.length);
    assert.equal(before + after, LINK_ANSWER.repeat(CHECKS + 1));
    const never = Bench.linked("bk7231n", { behaviours: [pauseAtByte("from-host", 11, 1_000, "lost")] });
    assert.equal(never.askHex(MANY, 900_000), LINK_ANSWER);
    assert.equal(never.askHex(LINK, 20_000), "");
    never.time.advance(200_000);
    assert.equal(never.askHex(LINK, 20_000), LINK_ANSWER);
  });
});

describe("a flash that gives another part's name", () => {
  it("keeps its own size", () => {
    const bench = Bench.linked("bk7231n", { claimsJedecId: "0B4016" });
    assert.equal(toHex(bench.ask(long(0x0e, [0x9f, 0, 0, 0]))).slice(-6), "0b4016");
    assert.equal(bench.chip.flash.length, 0x200000);
    const read = (address: number): string => toHex(bench.ask(frames.read(address)).subarray(15));
    assert.equal(read(0x211000), read(0x11000));
  });
});

describe("a loader whose reboot command only begins again", () => {
  for (const id of ["u_ottime", "u_aws"]) {
    it(`${id}: at the first speed, with the lock of a CRC as it was; only power lifts it`, () => {
      const preset = LOADER_PRESETS[id];
      assert.ok(preset);
      const bench = Bench.linked(preset, { statusRegister: 0 });
      bench.ask(frames.baud(921_600, 10));
      bench.ask(frames.crc(0, 0xff));
      bench.ask(REBOOT, 1_000);
      assert.ok(Math.abs(bench.chip.baudRate - 115_200) < 1_000);
      assert.equal(bench.askHex(LINK, 20_000), LINK_ANSWER);
      bench.operations();
      bench.ask(frames.erase(0x20, 0x50000));
      assert.equal(
        bench.operations().some((line) => line.endsWith("IGNORED (protected)")),
        true,
      );
      bench.powerUp(0);
      bench.ask(frames.erase(0x20, 0x50000));
      assert.deepEqual(bench.operations(), ["SE 4K 050000 (phys 050000)"]);
      bench.ask(REBOOT, 200_000);
      assert.equal(bench.chip.state, "app", "nobody asked for it");
    });
  }
});

describe("a change of speed without pace", () => {
  it("is answered no sooner than was asked, so that a host has time to follow", async () => {
    for (const [id, ticks] of [
      ["bk7231t", 15],
      ["bk7231n", 30],
    ] as const) {
      const chip = createChip(id, { pace: "none", person: "auto" });
      const { signal } = new AbortController();
      const line = memoryTransport(chip);
      while (chip.state !== "linked") {
        await line.write(LINK, signal);
        await line.read(5, signal);
      }
      await line.read(20, signal);
      const asked = performance.now();
      await line.write(frames.baud(1_000_000, ticks), signal);
      await line.setBaudRate(1_000_000);
      assert.equal((await line.read(2_000, signal)).length, 12, id);
      const took = performance.now() - asked;
      assert.ok(took >= 29, `${id}: ${took} ms`);
      await line.close();
      chip.dispose();
    }
  });
});
