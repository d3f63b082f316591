/** How sectors that differ are found by CRCs: all of them, none besides, and with no byte hashed that need not be. */
import assert from "node:assert/strict";
import { crc32 } from "../../src/core/base/checksum";
import type { JobContext } from "../../src/core/driver/jobContext";
import { findDiffering, narrow } from "../../src/core/jobs/hashSearch";
import { BK72XX } from "../../src/core/beken/chips/geometry";
import { SECTOR } from "../flashUnits";

const AT = 0x11000;

/** A chip that holds `flash` from {@link AT} on, and how much of it was hashed. */
function chipWith(flash: Uint8Array): { readonly context: JobContext; hashed: number } {
  const chip = { context: {} as JobContext, hashed: 0 };
  const crc = (start: number, length: number): Promise<number> => {
    chip.hashed += length;
    return Promise.resolve(crc32(flash, start - AT, start - AT + length));
  };
  const crcs = async function* (ranges: readonly { start: number; end: number }[]): AsyncGenerator<number> {
    for (const { start, end } of ranges) yield await crc(start, end - start);
  };
  chip.context = {
    device: { crc, crcs },
    geometry: BK72XX,
    signal: new AbortController().signal,
  } as unknown as JobContext;
  return chip;
}

async function resultOf<T>(run: AsyncGenerator<unknown, T, void>): Promise<T> {
  for (;;) {
    const step = await run.next();
    if (step.done) return step.value;
  }
}

const file = Uint8Array.from({ length: 4 * SECTOR }, (_, i) => (i * 2_654_435_761) >>> 24);
const expected = ({ start, end }: { start: number; end: number }): number => crc32(file, start - AT, end - AT);
const whole = { start: AT, end: AT + file.length };
const differingIn = (sectors: readonly number[]): Uint8Array => {
  const flash = file.slice();
  for (const sector of sectors) flash[sector * SECTOR + 17] = ~(flash[sector * SECTOR + 17] ?? 0);
  return flash;
};

describe("sectors that differ, by their CRCs", () => {
  it("are found whichever they are, each with the chip's own CRC, and the last is never hashed for it", async () => {
    let most = 0;
    let ofOne = 0;
    for (let set = 1; set < 16; set++) {
      const sectors = [0, 1, 2, 3].filter((sector) => (set >> sector) & 1);
      const flash = differingIn(sectors);
      const chip = chipWith(flash);
      const found = await resultOf(narrow(chip.context, whole, crc32(flash), expected, false));
      const wanted = sectors.map((sector) => {
        const start = sector * SECTOR;
        return { start: AT + start, end: AT + start + SECTOR, crc: crc32(flash, start, start + SECTOR) };
      });
      assert.deepEqual(found, wanted);
      most = Math.max(most, chip.hashed);
      if (sectors.length === 1) ofOne += chip.hashed;
    }
    assert.deepEqual([most, ofOne], [3 * SECTOR, 9 * SECTOR]);
  });

  it("are all taken to be where the first two are, and that is worth it", async () => {
    const flash = differingIn([0, 1]);
    const chip = chipWith(flash);
    const found = await resultOf(narrow(chip.context, whole, crc32(flash), expected, true));
    assert.deepEqual(
      found.map(({ start, crc }) => [start, crc !== undefined]),
      [
        [AT, true],
        [AT + SECTOR, true],
      ],
      "what is behind them is told to be right by then",
    );
    const all = differingIn([0, 1, 2, 3]);
    const other = chipWith(all);
    const suspects = await resultOf(narrow(other.context, whole, crc32(all), expected, true));
    assert.equal(suspects.length, 4);
    assert.equal(other.hashed, 2 * SECTOR);
  });

  it("of a piece that begins inside a sector are at most one sector each", async () => {
    const flash = differingIn([0, 3]);
    const chip = chipWith(flash);
    const some = { start: AT + 0x100, end: whole.end - 0x200 };
    const told: unknown[] = [];
    const found = await resultOf(
      findDiffering(chip.context, [some], expected, (piece) => {
        told.push(piece);
        return { type: "phase-finished", phase: "verify" };
      }),
    );
    assert.deepEqual(
      found.map(({ start, end }) => [start, end]),
      [[whole.start + 3 * SECTOR, whole.end - 0x200]],
    );
    assert.deepEqual(told, [some]);
  });
});
