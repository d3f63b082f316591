/** The bench's physical model against sums done by hand from docs/protocol.md and datasheet figures. */
import assert from "node:assert/strict";
import { backupLimit, hashLimit, infoLimit, readLimit, wireMs, writeLimit, type ChipSpeed } from "../../bench/limits";

const FLASH = { erase4kUs: 45_000, erase64kUs: 250_000, program32Us: 110 };
const LOADER: ChipSpeed = { flash: FLASH, streams: true, programOverheadUs: 80, readUs: 1_000, crcUsPerByte: 1 };
const BUFFERING: ChipSpeed = { ...LOADER, streams: false };
/** A rate at which one byte takes exactly 10 microseconds. */
const MBAUD = 1_000_000;
const NOTHING = { blocks: 0, sectors: 0, programmed: 0, preserved: 0, hashed: 0 };

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} is not ${expected}`);
}

describe("bench limits", () => {
  it("count ten bits for a byte", () => {
    near(wireMs(4111, MBAUD), 41.11);
    near(wireMs(4111, 2_000_000), 20.555);
  });

  it("let requests of reads travel while answers come back", () => {
    near(readLimit(1, MBAUD, LOADER).ms, 0.12 + 41.11);
    near(readLimit(512, MBAUD, LOADER).ms, 0.12 + 512 * 41.11);
    near(readLimit(0, MBAUD, LOADER).ms, 0);
  });

  it("keep the chip's own work apart from wire and datasheet", () => {
    const backup = backupLimit(0x200000, MBAUD, LOADER);
    near(backup.ms, 0.12 + 512 * 41.11 + 0.24);
    near(backup.chipMs - backup.ms, 512 + 2097.152);
    const hash = hashLimit(0x1000, MBAUD, LOADER);
    near(hash.ms, 0.24);
    near(hash.chipMs, 0.24 + 4.096);
  });

  it("give 2 MiB at 921600 the time its real rate of 26 MHz / 28 needs", () => {
    const { ms } = backupLimit(0x200000, 26_000_000 / 28, LOADER);
    assert.equal(Math.round(ms), 22_668);
  });

  it("take a block's erase as a whole or by sectors, whichever is less", () => {
    const frame = 0.29;
    near(writeLimit({ ...NOTHING, blocks: 1 }, MBAUD, LOADER).ms, 250 + frame);
    const slowBlocks = { ...LOADER, flash: { ...FLASH, erase4kUs: 10_000, erase64kUs: 400_000 } };
    near(writeLimit({ ...NOTHING, blocks: 1 }, MBAUD, slowBlocks).ms, 16 * (10 + frame));
    near(writeLimit({ ...NOTHING, sectors: 3 }, MBAUD, LOADER).ms, 3 * (45 + frame));
  });

  it("add programming to the wire where the chip waits for all data, and hide it where it streams", () => {
    const one = { ...NOTHING, programmed: 1 };
    near(writeLimit(one, MBAUD, BUFFERING).ms, 41.08 + 128 * 0.11 + 0.15);
    near(writeLimit(one, MBAUD, LOADER).ms, 41.08 + 0.11 + 0.15);
    const slow = { ...LOADER, flash: { ...FLASH, program32Us: 1_000 } };
    near(writeLimit(one, MBAUD, slow).ms, 128 + 0.15);
    near(writeLimit(one, MBAUD, LOADER).chipMs, 41.08 + 8 * 0.19 + 0.15);
  });

  it("add up all of a write", () => {
    const work = { blocks: 2, sectors: 3, programmed: 35, preserved: 1, hashed: 0x23000 };
    const parts = [
      { ...NOTHING, blocks: 2 },
      { ...NOTHING, sectors: 3 },
      { ...NOTHING, programmed: 35 },
      { ...NOTHING, preserved: 1 },
      { ...NOTHING, hashed: 0x23000 },
    ].map((part) => writeLimit(part, MBAUD, LOADER));
    const whole = writeLimit(work, MBAUD, LOADER);
    near(
      whole.ms,
      parts.reduce((sum, { ms }) => sum + ms, 0),
    );
    near(
      whole.chipMs,
      parts.reduce((sum, { chipMs }) => sum + chipMs, 0),
    );
  });

  it("read what tells a chip at the full rate", () => {
    near(infoLimit(MBAUD, LOADER).ms, 0.12 + 3 * 41.11);
  });
});
