import assert from "node:assert/strict";
import fc from "fast-check";
import {
  formatCoefficients,
  isScrambling,
  keyKindOf,
  parseCoefficients,
  TUYA_KEY,
  ZERO_KEY,
} from "../../../src/core/beken/chips/keys";
import type { Coefficients } from "../../../src/core/beken/chips/types";
import { APP_PHYSICAL, inferKey } from "../../../src/core/beken/images/appKey";
import { keyOfApplication, keyOfBootCode } from "../../../src/core/beken/images/chipKey";
import { scramble } from "../../../src/core/beken/images/cipher";
import { addCrcBlocks } from "../../../src/core/beken/images/crcBlocks";
import { sameKey } from "../../../src/core/beken/images/keystream";
import { packagePartition } from "../../../src/core/beken/images/rblPartition";
import { application, createChip, PRESETS } from "../../../src/simulator/index";
import { plainCode, PROJECTS, readBytes } from "./samples";

const SECTOR = 0x1000;

/** Numbers from a seed, so that a failing key can be met again. */
function randomKeys(count: number, seed: number): Coefficients[] {
  let state = seed >>> 0;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>>= 0);
  };
  return Array.from({ length: count }, (): Coefficients => [next(), next(), next(), next()]);
}

/** The sector a flasher reads of a fresh simulated chip. */
function appSector(key: Coefficients): Uint8Array {
  const chip = createChip({ ...PRESETS.bk7231u, key }, { pace: "none", person: "manual" });
  try {
    return chip.flash.slice(APP_PHYSICAL, APP_PHYSICAL + SECTOR);
  } finally {
    chip.dispose();
  }
}

/** Where coefficients are claimed, they are the key's at every address. */
function assertRight(inferred: ReturnType<typeof inferKey>, key: Coefficients): void {
  assert.equal(inferred.kind, keyKindOf(key), formatCoefficients(key));
  if (inferred.coefficients) assert.equal(sameKey(inferred.coefficients, key), true, formatCoefficients(key));
}

describe("key inference from one sector of the application", () => {
  const keys = [TUYA_KEY, ZERO_KEY, ...randomKeys(20, 0x20261122)];

  it("is right on 22 of 22 simulated chips", () => {
    const right = keys.filter((key) => inferKey(appSector(key)).kind === keyKindOf(key));
    assert.equal(right.length, 22);
    for (const key of keys) assertRight(inferKey(appSector(key)), key);
    assert.deepEqual(
      keys.slice(0, 2).map((key) => inferKey(appSector(key)).coefficients),
      [TUYA_KEY, ZERO_KEY],
    );
  });

  it("is never wrong on 2,000 more keys, and says the coefficients where they are certain", () => {
    const code = application(ZERO_KEY, 1, SECTOR);
    assert.equal(inferKey(code).kind, "zero");
    let certain = 0;
    for (const key of randomKeys(2000, 7231)) {
      const inferred = inferKey(application(key, 1, 0x400));
      assertRight(inferred, key);
      if (inferred.coefficients) certain++;
    }
    assert.ok(certain > 500, `${certain}`);
  });

  it("takes keys that switch every part off for no key", () => {
    for (const hex of ["0123456789abcdef55555555c7adeb0f", "0123456789abcdef00000000c7adeb07"]) {
      const key = parseCoefficients(hex);
      assert.equal(isScrambling(key), false);
      assertRight(inferKey(application(key, 3, 0x400)), ZERO_KEY);
    }
    assert.equal(isScrambling(parseCoefficients("00000000000000000000000101000007")), true);
  });

  it("is not taken in by keys whose mask leaves the first vector looking plain", () => {
    // Only the low half is masked, and at address 4 only below the bits that tell a load of PC.
    const found = Array.from({ length: 0x200 }, (_, c1): Coefficients => [0, c1 * 0x101, 0, 0x0100000d]).filter(
      (key) => {
        const word = scramble(Uint8Array.of(0x14, 0xf0, 0x9f, 0xe5), key, 0x10004);
        return ((word[1] ?? 0) & 0xf0) === 0xf0 && word[2] === 0x9f && word[3] === 0xe5;
      },
    );
    assert.ok(found.length > 0);
    for (const key of found) assert.equal(inferKey(application(key, 5, 0x400)).kind, "other", formatCoefficients(key));
  });

  it("is unknown where there is no application", () => {
    const unknown = (bytes: Uint8Array, what: string): void =>
      assert.deepEqual(inferKey(bytes), { kind: "unknown" }, what);
    unknown(new Uint8Array(SECTOR).fill(0xff), "blank");
    unknown(new Uint8Array(SECTOR), "zeros");
    unknown(addCrcBlocks(new Uint8Array(0xf00).fill(0xff)), "packed FF");
    unknown(addCrcBlocks(new Uint8Array(0xf00)), "packed zeros");
    unknown(plainCode(SECTOR), "code without CRC-16 blocks");
    unknown(scramble(plainCode(SECTOR), TUYA_KEY, 0x10000), "scrambled code without CRC-16 blocks");
    unknown(addCrcBlocks(scramble(new Uint8Array(0xf00).fill(0xff), TUYA_KEY, 0x10000)), "scrambled FF");
    unknown(addCrcBlocks(plainCode(0xf00).subarray(0x200)), "the middle of some code");
    unknown(new Uint8Array(20), "too little");
  });

  it("is unknown for blocks of anything that has no vectors (2,000 cases)", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0x400, maxLength: 0x400 }), (noise) => {
        assert.deepEqual(inferKey(addCrcBlocks(noise)), { kind: "unknown" });
      }),
      { numRuns: 2000, seed: 7231 },
    );
  });
});

describe("recovery of a key in no table", () => {
  const folder = PROJECTS[1].folder;
  const raw = readBytes(`${folder}/raw_firmware.bin`);
  const keys = randomKeys(24, 0xbeef).filter((key) => keyKindOf(key) === "other");

  it("gives a key that scrambles like the real one, from a whole genuine build", () => {
    for (const coefficients of keys) {
      const { application: whole } = packagePartition(raw, { coefficients, timestamp: 0, version: "1" });
      const inferred = inferKey(whole);
      assert.equal(inferred.kind, "other");
      assert.ok(inferred.coefficients, formatCoefficients(coefficients));
      assert.equal(sameKey(inferred.coefficients, coefficients), true, formatCoefficients(coefficients));
    }
  }).timeout(20_000);

  it("from one sector gives it or none, never another", () => {
    const outcomes = keys.map((coefficients) => {
      const { application: whole } = packagePartition(raw, { coefficients, timestamp: 0, version: "1" });
      const inferred = inferKey(whole.subarray(0, SECTOR));
      assertRight(inferred, coefficients);
      return inferred.coefficients !== undefined;
    });
    assert.deepEqual(new Set(outcomes), new Set([true, false]));
  }).timeout(20_000);

  it("from one sector of the application and one of the boot code always gives it", () => {
    for (const key of keys) {
      const sector = (logicalAddress: number, base: number): Uint8Array => {
        const code = logicalAddress === 0 ? plainCode(0xf00, base) : raw.slice(0, 0xf00);
        return addCrcBlocks(scramble(code, key, logicalAddress));
      };
      const inferred = inferKey(sector(0x10000, 0x10000), undefined, [{ bytes: sector(0, 0), logicalAddress: 0 }]);
      assert.ok(inferred.coefficients, formatCoefficients(key));
      assertRight(inferred, key);
    }
  });

  it("of a chip takes boot code into account where it agrees, and only there", () => {
    for (const preset of [PRESETS.bk7231u, PRESETS.bk7231t]) {
      for (const key of keys) {
        const chip = createChip({ ...preset, key }, { pace: "none", person: "manual" });
        const [boot, app] = [0, APP_PHYSICAL].map((at) => chip.flash.slice(at, at + SECTOR)) as [
          Uint8Array,
          Uint8Array,
        ];
        chip.dispose();
        const state = keyOfApplication(app, boot);
        assert.equal(state.from, "application");
        assertRight(state, key);
        assert.deepEqual(keyOfApplication(app, undefined), { ...inferKey(app), from: "application" });
        assertRight(keyOfBootCode(boot), key);
        const foreign = createChip({ ...preset, key: TUYA_KEY }, { pace: "none", person: "manual" });
        assert.deepEqual(keyOfApplication(app, foreign.flash.slice(0, SECTOR)), keyOfApplication(app, undefined));
        foreign.dispose();
      }
    }
  });

  it("gives none where boot code and application are under different keys", () => {
    const [one, two] = keys as [Coefficients, Coefficients];
    const application4k = addCrcBlocks(scramble(plainCode(0xf00), one, 0x10000));
    const boot = addCrcBlocks(scramble(plainCode(0xf00, 0), two, 0));
    assert.deepEqual(inferKey(application4k, undefined, [{ bytes: boot, logicalAddress: 0 }]), { kind: "other" });
  });
});
