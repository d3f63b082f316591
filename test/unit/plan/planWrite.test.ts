import assert from "node:assert/strict";
import fc from "fast-check";
import { isFilledWith } from "../../../src/core/base/bytes";
import { FlasherError } from "../../../src/core/base/errors";
import { rangeOf, overlaps, subtract, join, split, lengthOf } from "../../../src/core/base/ranges";
import { words } from "../../../src/core/base/words";
import { CHIPS } from "../../../src/core/beken/chips/chips";
import { parseCoefficients, TUYA_KEY, ZERO_KEY } from "../../../src/core/beken/chips/keys";
import type { ChipIdentity, ChipProfile } from "../../../src/core/beken/chips/types";
import { detectImage } from "../../../src/core/beken/images/detect";
import type { FirmwareImage, ImageKey, Segment } from "../../../src/core/beken/images/firmwareImage";
import type { FlashPlan } from "../../../src/core/plan/flashPlan";
import {
  keysDiffer,
  misfitOf,
  planErase,
  planSegments,
  preservedSectors,
  programmedSectors,
  sectorContent,
  type PlanOptions,
} from "../../../src/core/plan/planWrite";
import { PRESETS } from "../../../src/simulator/index";
import { packaged, rawFirmware } from "../../component/flash/builds";
import { dumpOf, identityOf } from "../backup/dumps";
import { BLOCK, SECTOR } from "../../flashUnits";

/** Where boot code ends on every BK72xx. */
const BOOTLOADER_END = 0x11000;

const MIB = 0x100000;
const SIZE = 2 * MIB;
const OPEN: PlanOptions = { allowBootloader: false, calibrationAt: undefined };

function segment(address: number, length: number, fill = 0x5a): Segment {
  return { address, data: new Uint8Array(length).fill(fill), from: words`test` };
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof FlasherError) return error.code;
    throw error;
  }
  return "no error";
}

/** As equalBytes, but native: the flashes here are long, and compared often. */
function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** What a flash holds after the plan, as erases and programming work: whole units to FF, then bits only cleared. */
function carryOut(plan: FlashPlan, flash: Uint8Array): Uint8Array {
  const before = new Map(preservedSectors(plan).map((at) => [at, flash.slice(at, at + SECTOR)]));
  const after = flash.slice();
  for (const { address, length } of plan.erases) {
    assert.equal(address % length, 0, "the flash would erase from a lower address");
    after.fill(0xff, address, address + length);
  }
  for (const address of programmedSectors(plan)) {
    const content = sectorContent(plan, address, before.get(address));
    for (let i = 0; i < SECTOR; i++) after[address + i] = (after[address + i] as number) & (content[i] as number);
  }
  return after;
}

describe("planning a write", () => {
  it("erases exactly the sectors of the image, in blocks where a block is wholly its own", () => {
    const plan = planSegments([segment(0x11000, 0x20000)], SIZE, OPEN);
    assert.deepEqual(plan.sectors, [{ start: 0x11000, end: 0x31000 }]);
    assert.deepEqual(
      plan.erases.filter(({ length }) => length === BLOCK),
      [{ address: 0x20000, length: BLOCK }],
    );
    assert.equal(plan.erases.length, 15 + 1 + 1);
    assert.deepEqual(plan.preserved, []);
    assert.deepEqual(plan.totals, { preserve: 0, erase: 0x20000, write: 0x20000, verify: 0x20000 });
  });

  it("keeps what is not the file's in ragged first and last sectors, and never blocks them", () => {
    const plan = planSegments([segment(0x20010, BLOCK)], SIZE, OPEN);
    assert.deepEqual(plan.preserved, [
      { start: 0x20000, end: 0x20010 },
      { start: 0x30010, end: 0x31000 },
    ]);
    assert.ok(plan.erases.every(({ length }) => length === SECTOR));
    assert.deepEqual(preservedSectors(plan), [0x20000, 0x30000]);
  });

  it("shows what it leaves alone as what it is: the boot code, and the whole sector of the calibration", () => {
    for (const calibrationAt of [0x1d0000, 0x1e0000, 0x1e3000, 0x1f3000]) {
      const plan = planSegments([segment(0x11000, 0x4000)], SIZE, { ...OPEN, calibrationAt });
      assert.deepEqual(plan.protectedRanges, [
        { start: 0, end: BOOTLOADER_END, why: "bootloader" },
        { start: calibrationAt, end: calibrationAt + SECTOR, why: "calibration" },
      ]);
      const within = (address: number): string =>
        codeOf(() => planSegments([segment(address, 1)], SIZE, { ...OPEN, calibrationAt }));
      assert.equal(within(calibrationAt), "plan-touches-calibration");
      assert.equal(within(calibrationAt + SECTOR - 1), "plan-touches-calibration");
      assert.deepEqual([within(calibrationAt - 1), within(calibrationAt + SECTOR)], ["no error", "no error"]);
    }
  });

  it("does not program what is blank in the file", () => {
    const data = new Uint8Array(0x4000).fill(0xff);
    data[0x2fff] = 0;
    const plan = planSegments([{ address: 0x12000, data, from: words`sparse` }], SIZE, OPEN);
    assert.deepEqual(programmedSectors(plan), [0x14000]);
    assert.equal(plan.totals.write, SECTOR);
  });

  it("refuses what is not there, not whole, or not ours", () => {
    assert.equal(
      codeOf(() => planSegments([], SIZE, OPEN)),
      "plan-empty",
    );
    assert.equal(
      codeOf(() => planSegments([segment(SIZE - 16, 32)], SIZE, OPEN)),
      "plan-out-of-range",
    );
    assert.equal(
      codeOf(() => planSegments([segment(0.5, 32)], SIZE, OPEN)),
      "plan-out-of-range",
    );
    assert.equal(
      codeOf(() => planSegments([segment(0x12000, 0x1000), segment(0x12fff, 2)], SIZE, OPEN)),
      "plan-overlap",
    );
    assert.equal(
      codeOf(() => planSegments([segment(0x10fff, 2)], SIZE, OPEN)),
      "plan-touches-bootloader",
    );
    const guarded = { ...OPEN, calibrationAt: 0x1f3000 };
    assert.equal(
      codeOf(() => planSegments([segment(0x1f2ff0, 0x20)], SIZE, guarded)),
      "plan-touches-calibration",
    );
    assert.equal(
      codeOf(() => planSegments([segment(0x1f2000, 0x1000)], SIZE, guarded)),
      "no error",
    );
    assert.equal(
      codeOf(() => planErase(0x11001, SECTOR, SIZE, OPEN)),
      "plan-misaligned",
    );
    assert.equal(
      codeOf(() => planErase(0x12000, 0, SIZE, OPEN)),
      "plan-empty",
    );
    assert.equal(
      codeOf(() => planErase(SIZE - SECTOR, 2 * SECTOR, SIZE, OPEN)),
      "plan-out-of-range",
    );
    assert.equal(
      codeOf(() => planErase(0x10000, SECTOR, SIZE, OPEN)),
      "plan-touches-bootloader",
    );
  });

  it("takes an erase of whole sectors anywhere up to the end, and nothing that is a part of one or reaches out", () => {
    const all = { allowBootloader: true, calibrationAt: undefined };
    const erase = (start: number, length: number, options = OPEN): string =>
      codeOf(() => planErase(start, length, SIZE, options));
    for (const [start, length] of [
      [0x12001, SECTOR],
      [0x12000, SECTOR + 1],
      [0x12000, SECTOR - 1],
      [0x12800, 0x800],
      [0x12000, 1],
    ] as const)
      assert.equal(erase(start, length), "plan-misaligned", `${start} ${length}`);
    assert.equal(erase(SIZE - SECTOR, SECTOR), "no error");
    assert.equal(erase(SIZE, SECTOR), "plan-out-of-range");
    assert.equal(erase(0, SECTOR, all), "no error");
    assert.equal(erase(-SECTOR, SECTOR, all), "plan-out-of-range");
    assert.equal(erase(0, SIZE, all), "no error");
    assert.equal(
      codeOf(() => planSegments([segment(SIZE - 16, 16)], SIZE, OPEN)),
      "no error",
    );
  });

  it("writes nothing for segments without bytes, and keeps and programs by address, whatever their order", () => {
    assert.equal(
      codeOf(() => planSegments([segment(0x12000, 0)], SIZE, OPEN)),
      "plan-empty",
    );
    const plan = planSegments([segment(0x20800, 0x10), segment(0x30000, 0), segment(0x12010, 0x20)], SIZE, OPEN);
    assert.deepEqual(
      plan.writes.map(({ address }) => address),
      [0x12010, 0x20800],
    );
    assert.deepEqual(plan.sectors, [rangeOf(0x12000, SECTOR), rangeOf(0x20000, SECTOR)]);
    const before = new Uint8Array(SECTOR).fill(0x11);
    const expected = before.slice().fill(0x5a, 0x800, 0x810);
    assert.deepEqual(sectorContent(plan, 0x20000, before), expected);
    assert.equal(
      codeOf(() => sectorContent(plan, 0x20000, undefined)),
      "internal",
    );
    const far = planSegments([segment(0x12000, SECTOR), segment(0x20000, SECTOR, 0xff)], SIZE, OPEN);
    assert.deepEqual([programmedSectors(far), far.totals.write], [[0x12000], SECTOR]);
  });

  it("says where it would touch what is protected: of that only", () => {
    const guarded = { allowBootloader: false, calibrationAt: 0x1f3000, lifeline: true };
    const told = (address: number, length: number): unknown => {
      try {
        planSegments([segment(address, length)], SIZE, guarded);
      } catch (error) {
        if (error instanceof FlasherError) return [error.context.address, error.context.length, error.context.lifeline];
      }
      return undefined;
    };
    assert.deepEqual(told(0xf000, 0x4000), [0xf000, 0x2000, true]);
    assert.deepEqual(told(0x1f1000, 0x8000), [0x1f3000, SECTOR, undefined]);
  });

  it("lets the boot area in only when it was asked for", () => {
    const plan = planSegments([segment(0, 0x100)], SIZE, { allowBootloader: true, calibrationAt: undefined });
    assert.deepEqual(plan.sectors, [{ start: 0, end: SECTOR }]);
    assert.deepEqual(plan.protectedRanges, []);
  });
});

describe("the key of a file and the key of a chip", () => {
  const other = parseCoefficients("8f3c21d65b7a90e4d1c2b3a4c7adeb15");
  const another = parseCoefficients("8f3c21d65b7a90e4d1c2b3a5c7adeb15");

  it("differ only where both are known, and code for the one does not run under the other", () => {
    const differ = (image: ImageKey, chip: ImageKey): boolean => {
      assert.equal(keysDiffer(chip, image), keysDiffer(image, chip), "either way round");
      return keysDiffer(image, chip);
    };
    const tuya = { kind: "tuya", coefficients: TUYA_KEY } as const;
    const zero = { kind: "zero", coefficients: ZERO_KEY } as const;
    const unknown = { kind: "unknown" } as const;
    const named = (coefficients?: typeof other): ImageKey => ({ kind: "other", ...(coefficients && { coefficients }) });
    for (const key of [tuya, zero, unknown, named(other), named()]) {
      assert.equal(differ(key, unknown), false);
      assert.equal(differ(key, key), false);
    }
    assert.equal(differ(tuya, zero), true);
    assert.equal(differ(tuya, named(other)), true);
    assert.equal(differ(zero, named()), true);
    assert.equal(differ(named(other), named(another)), true);
    assert.equal(differ(named(other), named()), false, "nothing tells");
    // Whatever the other words are, these two do not scramble.
    assert.equal(differ(zero, { kind: "zero", coefficients: [1, 2, 3, 0] }), false);
  });
});

describe("a file for several chips", () => {
  it("fits where one of them is the chip, or one that the chip may be, and no other", () => {
    const image = detectImage(packaged(PRESETS["bk7231n-zero"], rawFirmware(0x2000)).crc.bytes, "x.crc");
    const misfit = (chips: FirmwareImage["chips"], chip: ChipIdentity["chip"], alternatives?: ChipProfile[]): unknown =>
      misfitOf(
        { ...image, chips },
        { ...identityOf(dumpOf("bk7231n-zero"), 0x1d0000), chip, ...(alternatives && { alternatives }) },
      )?.code;
    const { bk7231n, bk7231t, bk7231m } = CHIPS;
    assert.equal(misfit(["bk7231t", "bk7231n"], bk7231n), undefined);
    assert.equal(misfit(["bk7231t"], bk7231n), "image-wrong-chip");
    assert.equal(misfit(["bk7231t"], bk7231n, [bk7231m, bk7231t]), undefined);
    assert.equal(misfit(["bk7252"], bk7231n, [bk7231m, bk7231t]), "image-wrong-chip");
    assert.equal(misfit("any", bk7231n), undefined);
    assert.equal(misfit(["bk7252"], undefined), undefined);
  });
});

describe("any plan (20,000 cases)", function () {
  this.timeout(120_000);
  const SMALL = 0x40000;
  const pieces = fc.uniqueArray(
    fc.record({ at: fc.nat(SMALL - 1), length: fc.integer({ min: 1, max: 0x6000 }), blank: fc.boolean() }),
    {
      maxLength: 4,
    },
  );
  const calibration = fc.option(fc.nat(SMALL - 1), { nil: undefined });

  it("leaves every byte outside its sectors, the boot area and calibration as they were, and the file where it belongs", () => {
    const flash = Uint8Array.from({ length: SMALL }, (_, i) => (i * 131 + (i >> 8)) & 0xff);
    let planned = 0;
    fc.assert(
      fc.property(pieces, calibration, (list, calibrationAt) => {
        const segments = list.map(({ at, length, blank }) => segment(at, length, blank ? 0xff : (at * 7) & 0xff));
        let plan: FlashPlan;
        try {
          plan = planSegments(segments, SMALL, { allowBootloader: false, calibrationAt });
        } catch (error) {
          assert.ok(error instanceof FlasherError && error.code.startsWith("plan-"));
          return;
        }
        planned++;
        const expected = flash.slice();
        for (const { address, data } of segments) expected.set(data, address);
        const after = carryOut(plan, flash);
        assert.ok(same(after, expected));
        for (const { start, end } of plan.sectors) {
          assert.ok(start >= BOOTLOADER_END && end <= SMALL);
          if (calibrationAt !== undefined) assert.ok(!overlaps({ start, end }, rangeOf(calibrationAt, 1)));
        }
        const erased = join(plan.erases.map(({ address, length }) => rangeOf(address, length)));
        assert.deepEqual(erased, plan.sectors);
        assert.equal(lengthOf(plan.sectors), plan.totals.erase);
        const untouched = subtract([{ start: 0, end: SMALL }], plan.sectors);
        for (const { start, end } of untouched) assert.ok(same(after.subarray(start, end), flash.subarray(start, end)));
        const programmed = new Set(programmedSectors(plan));
        for (const { start } of split(plan.sectors, SECTOR)) {
          if (!programmed.has(start)) assert.ok(isFilledWith(after, 0xff, start, start + SECTOR));
        }
      }),
      { numRuns: 20_000 },
    );
    assert.ok(planned > 2_000, `only ${planned} cases made a plan`);
  });
});
