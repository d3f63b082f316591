import assert from "node:assert/strict";
import fc from "fast-check";
import { concat, equalBytes, hexAddress, isFilledWith } from "../../../src/core/base/bytes";
import { ImageError } from "../../../src/core/base/errors";
import { english } from "../../../src/core/base/words";
import { parseCoefficients, TUYA_KEY, ZERO_KEY } from "../../../src/core/beken/chips/keys";
import type { Coefficients } from "../../../src/core/beken/chips/types";
import { detectImage } from "../../../src/core/beken/images/detect";
import type { FirmwareImage } from "../../../src/core/beken/images/firmwareImage";
import { sameKey } from "../../../src/core/beken/images/keystream";
import { packagePartition, type PackedPartition } from "../../../src/core/beken/images/rblPartition";
import { canRekey, fitToKey, rekeyImage } from "../../../src/core/beken/images/rekey";
import { flashHeaderAt } from "../../../src/core/beken/images/recogniseApp";
import { NONE, TUYA, inBlocks, type ChipKey } from "../../../src/simulator/flash/codeInFlash";
import { application } from "../../../src/simulator/flash/flashImages";
import { bootloader, fullFlash, packed, plainCode, PROJECTS, readBytes, uf2 } from "./samples";

const OTHER = parseCoefficients("8f3c21d65b7a90e4d1c2b3a4c7adeb15");
const KEYS = { tuya: TUYA_KEY, zero: ZERO_KEY, other: OTHER } as const;
const NAMES = ["tuya", "zero", "other"] as const;
const PAIRS = NAMES.flatMap((from) => NAMES.filter((to) => to !== from).map((to) => [from, to] as const));

function onlyData(image: FirmwareImage): Uint8Array {
  assert.equal(image.refusal, undefined);
  assert.equal(image.segments.length, 1);
  return image.segments[0]?.data ?? new Uint8Array();
}

function assertSame(actual: Uint8Array, expected: Uint8Array): void {
  const at = actual.findIndex((byte, i) => byte !== expected[i]);
  assert.equal(at, -1, `first difference at ${hexAddress(Math.max(0, at))}`);
  assert.equal(actual.length, expected.length);
}

const badChecks = ({ checks }: FirmwareImage): readonly string[] =>
  checks.filter(({ verdict }) => verdict === "bad").map(({ name }) => english(name));

function failsWith(code: string, detail: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof ImageError && error.code === code && detail.test(english(error.context.detail ?? ""));
}

describe("re-keying the vectors", () => {
  for (const name of ["app", "odd"]) {
    for (const [from, to] of PAIRS) {
      it(`${name}: ${from} to ${to} is the other file byte for byte`, () => {
        const image = detectImage(readBytes(`test/fixtures/vectors/rekey/${name}.${from}.rbl`), `${name}.rbl`);
        const before = onlyData(image).slice();
        const result = rekeyImage(image, KEYS[to], KEYS[from]);
        assertSame(onlyData(result), readBytes(`test/fixtures/vectors/rekey/${name}.${to}.rbl`));
        assertSame(onlyData(image), before);
        assert.deepEqual(result.key, { kind: to, coefficients: KEYS[to] });
        assert.deepEqual(badChecks(result), []);
      });

      it(`${name}: ${from} to ${to} also with the key the file itself shows`, () => {
        const image = detectImage(readBytes(`test/fixtures/vectors/rekey/${name}.${from}.rbl`), `${name}.rbl`);
        assertSame(onlyData(rekeyImage(image, KEYS[to])), readBytes(`test/fixtures/vectors/rekey/${name}.${to}.rbl`));
      });
    }
  }
});

describe("re-keying genuine builds", () => {
  // Every part of the mask is on in this one.
  const keys: readonly Coefficients[] = [TUYA_KEY, ZERO_KEY, parseCoefficients("1b0c7d55e2f903a84411c6de37a1b900")];

  for (const { folder, chip } of PROJECTS) {
    const name = folder.split("/").at(-1) ?? "";
    const rbl = `${folder}/image_${chip}_app.0x011000.rbl`;

    it(`${name}: .rbl, .crc and UF2 equal a fresh package for every ordered pair of keys`, () => {
      const raw = readBytes(`${folder}/raw_firmware.bin`);
      const genuine = readBytes(rbl);
      const { timestamp, version } = flashHeaderAt(genuine, genuine.length - 102);
      const packages = keys.map((coefficients) => packagePartition(raw, { coefficients, timestamp, version }));
      const built = readBytes(`${folder}/firmware.uf2`);
      packages.forEach((source, i) => {
        const from = keys[i] as Coefficients;
        const container = detectImage(source.container, rbl);
        const crc = detectImage(source.application, `image_${chip}_app.0x011000.crc`);
        packages.forEach((target, j) => {
          if (i === j) return;
          const to = keys[j] as Coefficients;
          assertSame(onlyData(rekeyImage(container, to, from)), target.container);
          assertSame(onlyData(rekeyImage(crc, to, from)), target.application);
        });
      });
      const image = detectImage(built, "firmware.uf2");
      const own = image.key?.coefficients as Coefficients;
      assertSame(packages[keys.findIndex((key) => sameKey(key, own))]?.container ?? new Uint8Array(), genuine);
      keys.forEach((to, j) => {
        const { segments } = rekeyImage(image, to);
        const target = packages[j] as PackedPartition;
        assert.deepEqual(
          segments.map(({ address }) => address),
          [0x11000, target.headerAddress],
        );
        assertSame(segments[0]?.data ?? new Uint8Array(), target.application);
        assertSame(segments[1]?.data ?? new Uint8Array(), target.header);
      });
    }).timeout(30_000);
  }
});

describe("re-keying other files", () => {
  for (const [from, to] of PAIRS) {
    const source = packed(0x1200, KEYS[from], "1.00", 0x8000);
    const target = packed(0x1200, KEYS[to], "1.00", 0x8000);

    it(`QIO, ${from} to ${to}: the application alone, never the boot code`, () => {
      const image = detectImage(concat(bootloader(KEYS[from]), source.container), "OpenBK7231N_QIO_1.18.300.bin");
      assert.equal(image.format, "qio");
      const result = rekeyImage(image, KEYS[to], KEYS[from]);
      assert.deepEqual(
        result.segments.map(({ address }) => address),
        [0x11000],
      );
      assertSame(onlyData(result), target.container);
    });

    it(`a whole flash, ${from} to ${to}`, () => {
      const whole = packed(0x1200, KEYS[from], "1.00", 0x108700);
      const image = detectImage(fullFlash(whole.container, bootloader(KEYS[from])), "backup.bin");
      assert.equal(image.format, "full-dump");
      assertSame(
        onlyData(rekeyImage(image, KEYS[to], KEYS[from])),
        packed(0x1200, KEYS[to], "1.00", 0x108700).container,
      );
    });

    it(`UF2, ${from} to ${to}`, () => {
      const image = detectImage(uf2(source), "firmware.uf2");
      const { segments } = rekeyImage(image, KEYS[to], KEYS[from]);
      assertSame(segments[0]?.data ?? new Uint8Array(), target.application);
      assertSame(segments[1]?.data ?? new Uint8Array(), target.header);
    });
  }

  it("leaves a container's erased gap erased and its header's other fields alone", () => {
    const source = packed(0x900, TUYA_KEY);
    const result = rekeyImage(detectImage(source.container, "app.rbl"), OTHER);
    const data = onlyData(result);
    const { length } = source.application;
    assert.ok(source.container.length > length + 102);
    assert.equal(isFilledWith(data, 0xff, length, data.length - 102), true);
    const [before, after] = [source.container, data].map((bytes) => flashHeaderAt(bytes, bytes.length - 102));
    assert.deepEqual({ ...after, dataCrc: 0, hash: 0 }, { ...before, dataCrc: 0, hash: 0 });
    assert.notEqual(after?.dataCrc, before?.dataCrc);
    assert.notEqual(after?.hash, before?.hash);
  });

  it("scrambles blocks of FF in the middle of plain code, and those alone", () => {
    const code = plainCode(0x800);
    code.fill(0xff, 0x200, 0x300);
    code.fill(0xff, 0x7a0);
    const options = { timestamp: 1, version: "1.0.0-bk7231t", containerSize: 0x1000 };
    const plain = packagePartition(code, { ...options, coefficients: ZERO_KEY });
    const tuya = packagePartition(code, { ...options, coefficients: TUYA_KEY });
    const there = rekeyImage(detectImage(plain.container, "app.rbl"), TUYA_KEY);
    assertSame(onlyData(there), tuya.container);
    assertSame(onlyData(rekeyImage(detectImage(tuya.application, "app.crc"), ZERO_KEY)), plain.application);
    assertSame(onlyData(rekeyImage(there, ZERO_KEY)), plain.container);
  });

  it("equals a fresh package for any key and length, there and back (300 cases)", () => {
    const word = fc.integer({ min: 0, max: 0xffffffff });
    const key = fc.tuple(word, word, word, word);
    fc.assert(
      fc.property(key, key, fc.integer({ min: 64, max: 0xc00 }), (from, to, length) => {
        const source = packed(length, from);
        const image = detectImage(source.container, "app.rbl");
        const result = rekeyImage(image, to, from);
        assert.equal(equalBytes(onlyData(result), packed(length, to).container), true);
        assert.equal(equalBytes(onlyData(rekeyImage(result, from, to)), source.container), true);
      }),
      { numRuns: 300, seed: 7231 },
    );
  });
});

describe("an application of an Armv8-M chip", () => {
  const other = [...OTHER] as ChipKey;
  const end = inBlocks(new Uint8Array(32).fill(0xff));
  const made = (key: ChipKey): Uint8Array => concat(application(key, 5, 0x400, undefined, "thumb"), end);

  it("becomes the one that is made for the other key", () => {
    const image = detectImage(made(TUYA), "image_bk7258_app.0x011000.crc");
    assertSame(onlyData(rekeyImage(image, OTHER)), made(other));
    assertSame(onlyData(rekeyImage(image, ZERO_KEY)), made(NONE));
  });

  it("is refused under a key that is not its own", () => {
    const image = detectImage(made(TUYA), "image_bk7258_app.0x011000.crc");
    assert.throws(() => rekeyImage(image, ZERO_KEY, OTHER), failsWith("image-wrong-key", /does not start/));
  });
});

describe("a re-keyed image", () => {
  const image = detectImage(packed(0x900, TUYA_KEY).container, "image_bk7231t_app.0x011000.rbl");

  it("says what it is and what was checked", () => {
    const result = rekeyImage(image, ZERO_KEY);
    assert.equal(english(result.label), `${english(image.label)}, re-keyed from the Tuya key to no key`);
    assert.equal(result.fileName, image.fileName);
    assert.equal(result.fileSize, image.fileSize);
    assert.deepEqual(result.chips, image.chips);
    assert.equal(
      result.details.find(({ name }) => english(name) === "Key")?.value.toString(),
      "no key, re-keyed from the Tuya key to no key",
    );
    for (const name of ["CRC-16 blocks", "RBL header CRC-16", "RBL header CRC-32", "RBL data CRC-32", "RBL FNV-1a"]) {
      assert.deepEqual(
        result.checks.filter((check) => english(check.name) === name).map(({ verdict }) => verdict),
        ["ok"],
        name,
      );
    }
    assert.equal(
      result.warnings.some((text) => english(text).startsWith("re-keyed: from the Tuya key to no key")),
      true,
    );
    const again = detectImage(onlyData(result), image.fileName);
    const fact = (from: FirmwareImage, name: string): string | undefined =>
      from.details.find((row) => english(row.name) === name)?.value.toString();
    assert.equal(fact(result, "RBL data CRC-32"), fact(again, "RBL data CRC-32"));
    assert.equal(fact(result, "RBL FNV-1a"), fact(again, "RBL FNV-1a"));
    assert.deepEqual(again.key, { kind: "zero", coefficients: ZERO_KEY });
  });

  it("is refused where the source key is not known, or not the file's", () => {
    const noKey: FirmwareImage = { ...image, key: { kind: "other" } };
    assert.throws(() => rekeyImage(noKey, ZERO_KEY), failsWith("image-wrong-key", /not known/));
    assert.throws(
      () => rekeyImage({ ...image, key: { kind: "unknown" } }, ZERO_KEY),
      failsWith("image-wrong-key", /not known/),
    );
    assert.throws(() => rekeyImage(image, ZERO_KEY, OTHER), failsWith("image-wrong-key", /does not start/));
    assert.throws(() => rekeyImage(image, TUYA_KEY, ZERO_KEY), failsWith("image-wrong-key", /does not start/));
  });

  it("is refused where there is nothing to re-key", () => {
    const boot = detectImage(bootloader(), "boot.bin", { offset: 0 });
    assert.equal(boot.refusal, undefined);
    assert.throws(() => rekeyImage(boot, ZERO_KEY), failsWith("image-not-flashable", /no application/));
    const damaged = packed(0x900).container.slice();
    damaged[200] = (damaged[200] as number) ^ 1;
    assert.throws(
      () => rekeyImage(detectImage(damaged, "app.rbl"), ZERO_KEY),
      (error) => error instanceof ImageError && error.code === "image-corrupt",
    );
  });
});

describe("the offer to re-key", () => {
  const tuya = detectImage(packed(0x900, TUYA_KEY).container, "app.rbl");
  const zero = detectImage(packed(0x900, ZERO_KEY).container, "app.rbl");
  const chip = (
    kind: "tuya" | "zero" | "other" | "unknown",
    coefficients?: Coefficients,
  ): Parameters<typeof canRekey>[1] => ({
    kind,
    ...(coefficients && { coefficients }),
  });
  const why = (...args: Parameters<typeof canRekey>): string => {
    const verdict = canRekey(...args);
    return verdict.possible ? "possible" : verdict.why;
  };

  it("is made exactly where both keys are known and differ", () => {
    assert.deepEqual(canRekey(tuya, chip("zero", ZERO_KEY)), { possible: true, from: TUYA_KEY, to: ZERO_KEY });
    assert.deepEqual(canRekey(zero, chip("other", OTHER)), { possible: true, from: ZERO_KEY, to: OTHER });
    assert.equal(why(tuya, chip("tuya", TUYA_KEY)), "same-key");
    assert.equal(why(zero, chip("zero", [9, 9, 9, 0])), "same-key");
    assert.equal(why(tuya, chip("other")), "chip-key-unknown");
    assert.equal(why(tuya, chip("unknown")), "chip-key-unknown");
    assert.equal(why({ ...tuya, key: { kind: "other" } }, chip("zero", ZERO_KEY)), "image-key-unknown");
    assert.equal(why({ ...tuya, key: { kind: "unknown" } }, chip("zero", ZERO_KEY)), "image-key-unknown");
    assert.equal(why(detectImage(bootloader(), "boot.bin", { offset: 0 }), chip("zero", ZERO_KEY)), "no-application");
    assert.equal(why(detectImage(new Uint8Array(64).fill(0xff), "app.rbl"), chip("zero", ZERO_KEY)), "image-refused");
  });

  it("fits an image to a chip, leaves one that fits, and refuses what it cannot do", () => {
    assertSame(onlyData(fitToKey(tuya, chip("zero", ZERO_KEY))), onlyData(zero));
    assert.equal(fitToKey(tuya, chip("tuya", TUYA_KEY)), tuya);
    assert.equal(fitToKey(tuya, chip("unknown")), tuya);
    assert.throws(() => fitToKey(tuya, chip("other")), failsWith("image-wrong-key", /neither/));
    assert.throws(
      () => fitToKey({ ...tuya, key: { kind: "other" } }, chip("zero", ZERO_KEY)),
      failsWith("image-wrong-key", /worked out/),
    );
  });
});
