/**
 * One byte lost or damaged at the worst place, or a chip in the worst state: what that must never cost. Frames carry no
 * checksum, so each of these is a way in which a flasher can erase boot code or claim what is not so.
 */
import assert from "node:assert/strict";
import type { Behaviour } from "../../../src/simulator/index";
import { BEDROOM_RBL, C8133U_RBL, fileAt } from "./builds";
import type { Rig } from "./rig";
import { failedWith, firstDifference, flashRequest, resultOf, withSimulatedRig } from "./rig";

/** Where boot code ends on every BK72xx. */
const BOOTLOADER_END = 0x11000;

const ERASE_HEAD = [0x01, 0xe0, 0xfc, 0xff, 0xf4, 0x06, 0x00, 0x0f].join();
const CRC_REPLY_START = [0x04, 0x0e, 0x08].join();

/** Loses byte `which` of the address in the `nth` erase frame. */
function loseEraseAddress(nth: number, which: number, onHit: () => void = () => undefined): Behaviour {
  const seen: number[] = [];
  let frames = 0;
  let at = -1;
  return {
    onHostByte(byte) {
      if (at >= 0) {
        const place = at;
        at = place < 4 ? place + 1 : -1;
        if (frames !== nth || place !== 1 + which) return [byte];
        onHit();
        return [];
      }
      seen.push(byte);
      if (seen.length > 8) seen.shift();
      if (seen.join() === ERASE_HEAD) {
        frames++;
        at = 0;
      }
      return [byte];
    },
  };
}

/** The bytes of an erase frame behind its length, in order: an added byte comes before one of them. */
const ERASE_PLACES = ["code", "size", "address 0", "address 1", "address 2", "address 3"] as const;

/** Adds a byte to the first erase frame, before one of {@link ERASE_PLACES}: a foreign one, or the one before once more. */
function addToErase(place: number, extra: number | "double"): Behaviour {
  const head = [0x01, 0xe0, 0xfc, 0xff, 0xf4, 0x06, 0x00].join();
  const seen: number[] = [];
  let at = -1;
  return {
    onHostByte(byte) {
      const last = seen.at(-1) ?? 0;
      seen.push(byte);
      if (seen.length > 7) seen.shift();
      if (at >= 0 && at++ === place) return [extra === "double" ? last : extra, byte];
      if (at < 0 && seen.join() === head) at = 0;
      return [byte];
    },
  };
}

/** Loses one byte of the `nth` reply to a CRC request. */
function loseCrcReply(nth: number): Behaviour {
  const seen: number[] = [];
  let replies = 0;
  return {
    onChipByte(byte) {
      seen.push(byte);
      if (seen.length > 3) seen.shift();
      return seen.join() === CRC_REPLY_START && ++replies === nth ? [] : [byte];
    },
  };
}

/** Flips one bit, `at` bytes into the data, of the first reply to a read of `address`. */
function flipInRead(address: number, at: number): Behaviour {
  const bytes = [address & 0xff, (address >> 8) & 0xff, (address >> 16) & 0xff, address >>> 24];
  const head = [0x04, 0x0e, 0xff, 0x01, 0xe0, 0xfc, 0xf4, 0x06, 0x10, 0x09, 0x00, ...bytes].join();
  const seen: number[] = [];
  let left = -1;
  let done = false;
  return {
    onChipByte(byte) {
      if (left >= 0) return left-- === 0 ? [byte ^ 0x10] : [byte];
      seen.push(byte);
      if (seen.length > 15) seen.shift();
      if (!done && seen.join() === head) {
        left = at;
        done = true;
      }
      return [byte];
    },
  };
}

function assertBootCodeAsBefore(rig: Rig, before: Uint8Array): void {
  assert.equal(firstDifference(rig.chip.flash.subarray(0, BOOTLOADER_END), before.subarray(0, BOOTLOADER_END)), -1);
}

describe("damage on the wire", function () {
  this.timeout(120_000);

  for (const [id, path] of [
    ["bk7231t", BEDROOM_RBL],
    ["bk7231s", C8133U_RBL],
  ] as const) {
    for (const which of [0, 1, 2, 3]) {
      it(`${id}: an erase that loses byte ${which} of its address never becomes an erase of boot code`, async () => {
        await withSimulatedRig(id, { behaviours: [loseEraseAddress(3, which)] }, async (rig) => {
          const before = rig.snapshot();
          const { verified } = resultOf("flash", await rig.run({ ...flashRequest(fileAt(path)), full: true }));
          assert.ok(verified);
          assertBootCodeAsBefore(rig, before);
        });
      });
    }

    it(`${id}: nor when the person gives up while it is unanswered`, async () => {
      const stop = new AbortController();
      const behaviours = [loseEraseAddress(1, 0, () => setTimeout(() => stop.abort(), 50))];
      await withSimulatedRig(id, { behaviours }, async (rig) => {
        const before = rig.snapshot();
        const error = failedWith(
          "cancelled",
          await rig.run({ ...flashRequest(fileAt(path)), full: true }, stop.signal),
        );
        assert.equal(error.flash, "partly-written");
        assertBootCodeAsBefore(rig, before);
      });
    });
  }

  for (const id of ["bk7231t", "bk7231s", "bk7252"] as const) {
    it(`${id}: an erase that a byte is added to never becomes one of boot code`, async () => {
      for (const [place, before] of ERASE_PLACES.entries()) {
        for (const extra of ["double", 0x00, 0x06, 0x07, 0x20, 0xd8, 0xff] as const) {
          // In front of the third byte of the address, a foreign one names the place alone: it cannot be helped.
          if (before === "address 2" && extra !== "double") continue;
          await withSimulatedRig(id, { behaviours: [addToErase(place, extra)] }, async (rig) => {
            const flash = rig.snapshot();
            await rig.run({ kind: "erase", start: 0x26000, length: 0x1a000, dryRun: false });
            const at = firstDifference(rig.chip.flash.subarray(0, BOOTLOADER_END), flash.subarray(0, BOOTLOADER_END));
            assert.equal(at, -1, `${String(extra)} before ${before}`);
          });
        }
      }
    });
  }

  it("a CRC reply that is lost does not let the next one pass for it", async () => {
    const { bytes } = fileAt(BEDROOM_RBL);
    // Two blocks that are blank in the file; the first holds something on the chip, and its CRC reply is the one lost.
    const block = 0xc0000;
    const isBlank = bytes.subarray(block - 0x11000, block + 0x20000 - 0x11000).every((byte) => byte === 0xff);
    assert.ok(isBlank);
    const nth = 1 + (block - 0x10000) / 0x10000;
    await withSimulatedRig("bk7231t", { behaviours: [loseCrcReply(nth)] }, async (rig) => {
      const { flash } = rig.chip;
      for (let at = block; at < block + 0x10000; at++) flash[at] = (at * 7) & 0xff;
      flash.fill(0xff, block + 0x10000, block + 0x20000);
      const { verified } = resultOf("flash", await rig.run(flashRequest(fileAt(BEDROOM_RBL))));
      assert.ok(verified);
      assert.equal(firstDifference(flash.subarray(0x11000, 0x11000 + bytes.length), bytes), -1);
    });
  });

  it("one damaged reading does not double the flash, and nothing past its end reaches boot code", async () => {
    await withSimulatedRig("bk7231t", { behaviours: [flipInRead(0x200000, 2_000)] }, async (rig) => {
      const before = rig.snapshot();
      const { chip } = resultOf("info", await rig.run({ kind: "info" }));
      assert.equal(chip.flash.size, 0x200000);
      failedWith(
        "plan-out-of-range",
        await rig.run({ kind: "erase", start: 0x200000, length: 0x10000, dryRun: false }),
      );
      assert.equal(firstDifference(rig.chip.flash, before), -1);
    });
  });

  it("bytes that a plan keeps are read until two readings agree", async () => {
    await withSimulatedRig("bk7231t", { behaviours: [flipInRead(0x150000, 3_000)] }, async (rig) => {
      const { flash } = rig.chip;
      for (let at = 0x150000; at < 0x151000; at++) flash[at] = at & 0xff;
      const before = rig.snapshot();
      const file = { name: "kv.bin", bytes: new Uint8Array(100).fill(0x42) };
      resultOf("flash", await rig.run({ ...flashRequest(file), at: 0x150000 }));
      assert.equal(firstDifference(flash.subarray(0x150064, 0x151000), before.subarray(0x150064, 0x151000)), -1);
    });
  });
});

describe("chips in an awkward state", function () {
  this.timeout(120_000);

  it("a locked chip whose first sector is blank is found out by the first write, and written whole", async () => {
    await withSimulatedRig("bk7231s", { statusRegister: 0 }, async (rig) => {
      const { flash } = rig.chip;
      const file = fileAt(C8133U_RBL);
      flash.fill(0xff, 0x11000, 0x12000);
      failedWith("verify-failed", await rig.run({ kind: "verify", file }));
      resultOf("flash", await rig.run({ ...flashRequest(file), verify: false }));
      assert.equal(firstDifference(flash.subarray(0x11000, 0x11000 + file.bytes.length), file.bytes), -1);
    });
  });

  it("calibration at no known place is not erased: it is known by its content", async () => {
    await withSimulatedRig("bk7231s", {}, async (rig) => {
      const { flash } = rig.chip;
      flash.copyWithin(0x155000, 0x1f3000, 0x1f4000);
      flash.fill(0xff, 0x1f3000, 0x1f4000);
      const before = rig.snapshot();
      failedWith(
        "plan-touches-calibration",
        await rig.run({ kind: "erase", start: 0x132000, length: 0x40000, dryRun: false }),
      );
      assert.equal(firstDifference(flash, before), -1);
    });
  });
});
