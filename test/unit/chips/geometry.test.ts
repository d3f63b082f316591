/** What a chip's row says of its flash may only ever protect more: rows that lack a figure, or have a senseless one, lose nothing. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { CHIPS } from "../../../src/core/beken/chips/chips";
import { BK72XX } from "../../../src/core/beken/chips/geometry";
import { STRICTEST, geometryOf, strictest } from "../../../src/core/beken/chips/strictGeometry";
import type { FlashGeometry } from "../../../src/core/beken/chips/types";
import { assertCovered, type WriteGrant } from "../../../src/core/beken/protocol/writeGuard";
import { isFlasherError } from "../../../src/core/base/errors";
import { planErase } from "../../../src/core/plan/planWrite";

const figure = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    Number.NaN,
    Infinity,
    -1,
    0,
    1,
    0x10800,
    "0x9000",
    0x1000,
    0x11000,
    0x20000,
  ),
  fc.integer({ min: -0x20000, max: 0x200000 }),
);
const row = fc.record(
  {
    sector: figure,
    block: figure,
    page: figure,
    bootCodeEnd: figure,
    applicationStart: figure,
    applicationsEnd: figure,
    smallestFlash: figure,
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Partial<FlashGeometry>>;

describe("geometry", () => {
  it("of every chip known has its boot code below 0x11000", () => {
    for (const { id, geometry } of Object.values(CHIPS)) assert.equal(geometry.bootCodeEnd, 0x11000, id);
    assert.deepEqual(STRICTEST, BK72XX);
    assert.deepEqual(geometryOf({ chip: undefined }), STRICTEST);
    assert.deepEqual(geometryOf({ chip: CHIPS.bk7231n }), CHIPS.bk7231n.geometry);
  });

  it("protects at least as much as that, whatever rows say or leave out", () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 4 }), (rows) => {
        const all = strictest(rows);
        assert.ok(all.bootCodeEnd >= 0x11000 && all.bootCodeEnd % all.sector === 0);
        assert.ok(all.applicationsEnd <= BK72XX.applicationsEnd && all.smallestFlash <= BK72XX.smallestFlash);
        assert.ok(all.sector >= BK72XX.sector && all.block >= 2 * all.sector && all.page <= BK72XX.page);
        for (const unit of [all.sector, all.block, all.page]) assert.ok(Number.isInteger(Math.log2(unit)));
        for (const value of Object.values(all)) assert.ok(Number.isSafeInteger(value) && value > 0);
      }),
    );
  });

  it("of a chip that may be another one protects what either needs", () => {
    const larger = { ...CHIPS.bk7231n, geometry: { ...BK72XX, bootCodeEnd: 0x20000 } };
    assert.equal(geometryOf({ chip: CHIPS.bk7231t, alternatives: [larger] }).bootCodeEnd, 0x20000);
    assert.equal(geometryOf({ chip: larger, alternatives: [CHIPS.bk7231t] }).bootCodeEnd, 0x20000);
  });

  it("has the sectors, blocks and pages of the chip's own row, of several chips the largest sector", () => {
    const other = { ...CHIPS.bk7231n, geometry: { ...BK72XX, sector: 0x2000, block: 0x8000, page: 0x80 } };
    const { sector, block, page, bootCodeEnd } = geometryOf({ chip: other });
    assert.deepEqual([sector, block, page, bootCodeEnd], [0x2000, 0x8000, 0x80, 0x12000]);
    assert.equal(geometryOf({ chip: CHIPS.bk7231t, alternatives: [other] }).sector, 0x2000);
  });

  it("decides what a plan erases: its own sectors, block erases where a whole block is the plan's", () => {
    const geometry = strictest([{ sector: 0x2000, block: 0x8000 }]);
    const options = { allowBootloader: false, calibrationAt: 0x1f1000, geometry };
    assert.deepEqual(planErase(0x16000, 0xc000, 0x200000, options).erases, [
      { address: 0x16000, length: 0x2000 },
      { address: 0x18000, length: 0x8000 },
      { address: 0x20000, length: 0x2000 },
    ]);
    const misaligned = (error: unknown): boolean => isFlasherError(error) && error.code === "plan-misaligned";
    assert.throws(() => planErase(0x16000, 0x1000, 0x200000, options), misaligned);
    // The sector around the calibration is larger than the calibration.
    const touches = (error: unknown): boolean => isFlasherError(error) && error.code === "plan-touches-calibration";
    assert.throws(() => planErase(0x1f0000, 0x2000, 0x200000, options), touches);
  });

  it("that is left out of a plan's options is the strictest, and one that is larger is held", () => {
    const erase = (start: number, geometry?: FlashGeometry): unknown =>
      planErase(start, 0x1000, 0x200000, {
        allowBootloader: false,
        calibrationAt: undefined,
        ...(geometry && { geometry }),
      });
    const refused = (error: unknown): boolean => isFlasherError(error) && error.code === "plan-touches-bootloader";
    assert.throws(() => erase(0x10000), refused);
    erase(0x11000);
    assert.throws(() => erase(0x1f000, { ...BK72XX, bootCodeEnd: 0x20000 }), refused);
    erase(0x20000, { ...BK72XX, bootCodeEnd: 0x20000 });
  });

  it("moves the guard's wall up and never down, and a figure that is none opens nothing", () => {
    const all = [{ start: 0, end: 0x200000 }];
    const leaves = (address: number, bootCodeEnd?: number): boolean => {
      const grant: WriteGrant = {
        label: "all",
        eraseRanges: all,
        writeRanges: all,
        flashSize: 0x200000,
        ...(bootCodeEnd !== undefined && { bootCodeEnd }),
      };
      try {
        assertCovered(grant, "eraseFlash", { address, sizeCode: 0x20 });
        return true;
      } catch (error) {
        if (isFlasherError(error) && error.code === "frame-refused") return false;
        throw error;
      }
    };
    assert.ok(!leaves(0x10000) && leaves(0x11000));
    for (const bootCodeEnd of [0, -1, 0x1000, 0x10000]) {
      assert.ok(!leaves(0x10000, bootCodeEnd), String(bootCodeEnd));
      assert.ok(leaves(0x11000, bootCodeEnd), String(bootCodeEnd));
    }
    assert.ok(!leaves(0x1f000, 0x20000) && leaves(0x20000, 0x20000));
    for (const address of [0x10000, 0x11000, 0x100000]) assert.ok(!leaves(address, Number.NaN));
  });
});
