import assert from "node:assert/strict";
import fc from "fast-check";
import { ascii, concat, fromHex, u32 } from "../../../src/core/base/bytes";
import { crc16, crc32 } from "../../../src/core/base/checksum";
import { english } from "../../../src/core/base/words";
import { BOOTLOADERS } from "../../../src/core/beken/chips/bootloaders";
import { describeIdentity } from "../../../src/core/beken/chips/describeIdentity";
import { identifyChip, type ChipEvidence } from "../../../src/core/beken/chips/identify";
import { bootCodeKey } from "../../../src/core/beken/chips/keyEvidence";
import { TUYA_KEY, ZERO_KEY } from "../../../src/core/beken/chips/keys";
import type { KeyState } from "../../../src/core/beken/chips/types";

const PLAIN_VECTORS = fromHex("0e0000ea14f09fe5");
const TUYA_VECTORS = fromHex("430 9b596 35ff2a99");
const TUYA_APP: KeyState = { kind: "tuya", coefficients: TUYA_KEY, from: "application" };
const ZERO_APP: KeyState = { kind: "zero", coefficients: ZERO_KEY, from: "application" };

/** 257 bytes with given first bytes whose fingerprint is a row of the table: four bytes are solved for the CRC. */
function bootCode(id: string, head: Uint8Array = PLAIN_VECTORS): Uint8Array {
  const row = BOOTLOADERS.find((candidate) => candidate.id === id);
  assert.ok(row, id);
  const length = row.crc256 === undefined ? 257 : 256;
  const bytes = concat(head, new Uint8Array(length - head.length).fill(0x5a));
  forgeCrc(bytes, row.crc256 ?? (row.crc257 as number), length - 4);
  if (length === 257 || row.crc257 === undefined) return length === 257 ? bytes : concat(bytes, [0]);
  for (let last = 0; last < 256; last++) {
    const whole = concat(bytes, [last]);
    if (crc32(whole) === row.crc257) return whole;
  }
  throw new Error(`no byte continues ${id}`);
}

/** Sets the four bytes at `at`, the last of `bytes`, so that the CRC-32 of all is `target`: CRC-32 is linear over bits. */
function forgeCrc(bytes: Uint8Array, target: number, at: number): void {
  const withTail = (tail: number): number => {
    bytes.set(u32(tail), at);
    return crc32(bytes);
  };
  const base = withTail(0);
  const rows = Array.from({ length: 32 }, (_, bit) => ({
    effect: (withTail((1 << bit) >>> 0) ^ base) >>> 0,
    tail: (1 << bit) >>> 0,
  }));
  let wanted = (target ^ base) >>> 0;
  let tail = 0;
  for (let bit = 31; bit >= 0; bit--) {
    const pivot = rows.findIndex(({ effect }) => effect >>> bit === 1);
    assert.ok(pivot >= 0);
    const [row] = rows.splice(pivot, 1) as [{ effect: number; tail: number }];
    for (const other of rows) {
      if ((other.effect >>> bit) & 1) {
        other.effect = (other.effect ^ row.effect) >>> 0;
        other.tail = (other.tail ^ row.tail) >>> 0;
      }
    }
    if ((wanted >>> bit) & 1) {
      wanted = (wanted ^ row.effect) >>> 0;
      tail = (tail ^ row.tail) >>> 0;
    }
  }
  assert.equal(withTail(tail), target);
}

function calibrationSector(): Uint8Array {
  const bytes = new Uint8Array(0x1000).fill(0xff);
  bytes.set(ascii("TLV\0"), 0);
  bytes.set(fromHex("0211111106000000c8478c112233"), 0x1c);
  return bytes;
}

describe("identification on flash loaders", () => {
  it("names the seed case whole, without an alarm", () => {
    const identity = identifyChip({
      familyHint: "loader",
      bootCode: bootCode("alios-0.1.0"),
      sizeByWrap: 0x200000,
      calibration: { address: 0x1f3000, from: "known", sector: calibrationSector() },
      applicationKey: ZERO_APP,
    });
    assert.equal(identity.chip?.id, "bk7231s");
    assert.equal(identity.protocol.family, "A");
    assert.equal(identity.protocol.rebootCommand, "resets");
    assert.equal(identity.protocol.crcLocks, "until-reset");
    assert.equal(identity.bootloader.crc256, 0xbefd79d6);
    assert.equal(identity.key.kind, "zero");
    assert.equal(identity.mac, "C8:47:8C:11:22:33");
    assert.deepEqual(identity.calibration, { address: 0x1f3000, from: "known" });
    assert.equal(identity.layout, undefined);
    const lines = new Map(describeIdentity(identity).map(({ name, value }) => [name, value]));
    assert.equal(lines.get("Chip"), "BK7231S");
    assert.match(lines.get("Bootloader") ?? "", /AliOS.*BEFD79D6/);
    assert.match(lines.get("Key") ?? "", /^zero key/);
    assert.equal(lines.get("Calibration"), "0x1F3000");
    assert.ok(!lines.has("Chip id") && !lines.has("Status register"));
  });

  it("believes the boot code that runs over an application that may be the wrong one, and keeps both visible", () => {
    const identity = identifyChip({
      familyHint: "loader",
      bootCode: bootCode("alios-0.1.0"),
      applicationKey: TUYA_APP,
    });
    assert.deepEqual({ kind: identity.key.kind, from: identity.key.from }, { kind: "zero", from: "bootloader" });
    assert.deepEqual(
      identity.keyEvidence?.map(({ kind }) => kind),
      ["zero", "tuya"],
    );
    const key = describeIdentity(identity).find(({ name }) => name === "Key")?.value;
    assert.match(key ?? "", /zero key.*but the application on the flash has Tuya key/);
  });

  it("takes a Tuya loader for BK7231T", () => {
    const identity = identifyChip({
      familyHint: "loader",
      bootCode: bootCode("bk7231t-1.0.5", TUYA_VECTORS),
      bootVersion: "BK7231S_1.0.5",
    });
    assert.equal(identity.chip?.id, "bk7231t");
    assert.equal(identity.protocol.family, "B");
    assert.equal(identity.key.kind, "tuya");
    assert.equal(identity.flash.sizeFrom, "bootloader");
    assert.equal(identity.layout?.id, "libretiny-bk7231t-tuya");
  });

  it("tells BK7231U from BK7252 by flash size where they share boot code", () => {
    const chipOf = (evidence: Partial<ChipEvidence>): string | undefined =>
      identifyChip({ familyHint: "loader", bootCode: bootCode("bk7231u-bk7252-1.0.15"), ...evidence }).chip?.id;
    assert.equal(chipOf({ sizeByWrap: 0x400000 }), "bk7252");
    assert.equal(chipOf({ sizeByWrap: 0x200000 }), "bk7231u");
    assert.equal(chipOf({}), "bk7231u");
  });

  it("goes by the version text when boot code is unknown, and carefully", () => {
    const unknown = concat(PLAIN_VECTORS, new Uint8Array(249).fill(7));
    const identity = identifyChip({ familyHint: "loader", bootCode: unknown, bootVersion: "BK7231S_1.0.9" });
    assert.equal(identity.bootloader.profile, undefined);
    assert.equal(identity.protocol.family, "B'");
    assert.equal(identity.chip?.id, "bk7231s", "zero key: not Tuya's");
    assert.deepEqual(
      identity.alternatives?.map(({ id }) => id),
      ["bk7231t"],
    );
    assert.equal(identifyChip({ familyHint: "loader", bootVersion: "BK7231S_1.0.9" }).chip?.id, "bk7231t");
    assert.equal(identifyChip({ familyHint: "loader", bootVersion: "hello" }).chip, undefined);
  });

  it("is content with knowing nothing", () => {
    const identity = identifyChip({ familyHint: "loader" });
    assert.equal(identity.chip, undefined);
    assert.equal(identity.protocol.family, "loader");
    assert.deepEqual(identity.key, { kind: "unknown", from: "nothing" });
    assert.deepEqual(identity.flash, {
      jedecId: undefined,
      part: undefined,
      size: 0x200000,
      sizeFrom: "assumed",
      sizeProven: false,
    });
    assert.equal(identity.layout, undefined);
    const lines = describeIdentity(identity);
    assert.deepEqual(lines[0], { name: "Chip", value: "unknown" });
    assert.equal(lines.find(({ name }) => name === "Bootloader")?.value, "not read");
  });
});

describe("identification on ROM chips", () => {
  it("believes the register over boot code", () => {
    const identity = identifyChip({
      familyHint: "rom",
      registerChipId: 0x7238,
      bootCode: bootCode("bk7231n-1.0.1"),
      jedecId: "eb6015",
    });
    assert.equal(identity.chip?.id, "bk7238");
    assert.equal(identity.bootloader.profile?.id, "bk7231n-1.0.1");
    assert.equal(identity.protocol.family, "rom");
    assert.equal(identity.flash.jedecId, "EB6015");
    assert.equal(identity.flash.part?.name, "TH25Q_16HB");
    assert.equal(identity.flash.sizeFrom, "jedec");
    assert.equal(
      identifyChip({ familyHint: "rom", registerChipId: 0x7256, bootCode: bootCode("bk7231n-1.0.1") }).chip,
      undefined,
    );
    assert.equal(
      identifyChip({ familyHint: "rom", registerChipId: 0xffffffff, bootCode: bootCode("bk7238-t1-2.0.0") }).chip?.id,
      "bk7238",
    );
  });

  it("tells N from M by the eFuse key", () => {
    const efuse = new Uint8Array(32);
    const zero = identifyChip({ familyHint: "rom", registerChipId: 0x7231c, efuse });
    assert.equal(zero.chip?.id, "bk7231m");
    assert.deepEqual(
      zero.alternatives?.map(({ id }) => id),
      ["bk7231n"],
    );
    assert.equal(zero.key.from, "efuse");
    efuse.set(fromHex("93b00f51dceacba37ea1935903ebadc7"));
    const tuya = identifyChip({ familyHint: "rom", registerChipId: 0x7231c, efuse });
    assert.equal(tuya.chip?.id, "bk7231n");
    assert.deepEqual(tuya.alternatives, []);
    assert.equal(identifyChip({ familyHint: "rom", registerChipId: 0x7231c }).chip?.id, "bk7231n");
    const dreo = identifyChip({
      familyHint: "rom",
      registerChipId: 0x7231c,
      bootCode: bootCode("bl2028n-dreo", new Uint8Array(8)),
    });
    assert.equal(dreo.chip?.id, "bl2028n");
  });

  it("does not trust a key the chip hides, and takes the application before boot code", () => {
    const efuse = new Uint8Array(32).fill(0xaa, 0, 16);
    efuse[31] = 0x10;
    const identity = identifyChip({
      familyHint: "rom",
      registerChipId: 0x7231c,
      efuse,
      applicationKey: ZERO_APP,
      bootCode: bootCode("bk7231n-1.0.1", TUYA_VECTORS),
    });
    assert.equal(identity.key.from, "application");
    assert.deepEqual(
      identity.keyEvidence?.map(({ kind, from }) => `${kind} ${from}`),
      ["zero application", "tuya bootloader"],
    );
  });

  it("tells the two boot codes with equal first 256 bytes by the next one, or by the register when that was not read", () => {
    const boot = (bytes: Uint8Array, registerChipId?: number): string | undefined =>
      identifyChip({ familyHint: "rom", registerChipId, bootCode: bytes }).bootloader.profile?.id;
    const whole = bootCode("bk7252n-1.0.15");
    assert.equal(boot(whole), "bk7252n-1.0.15");
    assert.equal(boot(bootCode("bk7238-1.0.14")), "bk7238-1.0.14");
    assert.equal(boot(whole.subarray(0, 256)), undefined);
    assert.equal(boot(whole.subarray(0, 256), 0x7238), "bk7238-1.0.14");
    assert.equal(boot(whole.subarray(0, 256), 0x7252a), "bk7252n-1.0.15");
  });

  it("tells BK7236 from BK7258 by flash size and gives status bits in words", () => {
    const big = identifyChip({
      familyHint: "rom",
      registerChipId: 0x7236,
      jedecId: "C84017",
      statusRegister: { value: 0x27c, bytes: 2 },
    });
    assert.equal(big.chip?.id, "bk7258");
    assert.equal(identifyChip({ familyHint: "rom", registerChipId: 0x7236, jedecId: "C84016" }).chip?.id, "bk7236");
    assert.deepEqual(big.statusRegister?.words.map(english), ["BP0-BP4: all protected", "QE: quad mode on"]);
    const line = describeIdentity(big).find(({ name }) => name === "Status register");
    assert.equal(line?.value, "0x027C (BP0-BP4: all protected; QE: quad mode on)");
  });

  it("takes no size from a dead flash id", () => {
    const { flash } = identifyChip({ familyHint: "rom", registerChipId: 0x7231c, jedecId: "000000" });
    assert.deepEqual(flash, {
      jedecId: "000000",
      part: undefined,
      size: 0x200000,
      sizeFrom: "assumed",
      sizeProven: false,
    });
    assert.equal(identifyChip({ familyHint: "rom", jedecId: "FFFFFF", sizeByWrap: 0x400000 }).flash.size, 0x400000);
  });
});

describe("key of boot code", () => {
  it("is told by its vectors", () => {
    assert.equal(bootCodeKey(PLAIN_VECTORS), "zero");
    assert.equal(bootCodeKey(TUYA_VECTORS), "tuya");
    assert.equal(bootCodeKey(fromHex("690cb59635ff2a99")), "tuya", "BK7231N");
    assert.equal(bootCodeKey(new Uint8Array(64).fill(0xff)), "unknown");
    assert.equal(bootCodeKey(new Uint8Array(64)), "unknown");
    assert.equal(bootCodeKey(PLAIN_VECTORS.subarray(0, 7)), "unknown");
    const block = Uint8Array.from({ length: 32 }, (_, i) => (i * 37 + 11) & 0xff);
    const crc = crc16(block);
    assert.equal(bootCodeKey(concat(block, [crc >>> 8, crc & 0xff])), "other");
    assert.equal(bootCodeKey(concat(block, [crc & 0xff, crc >>> 8])), "unknown");
  });
});

describe("identification of anything", () => {
  it("never throws, and always ends with a size and a protocol", () => {
    const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
      fc.option(arbitrary, { nil: undefined });
    fc.assert(
      fc.property(
        fc.record({
          familyHint: fc.constantFrom("rom" as const, "loader" as const),
          registerChipId: maybe(fc.constantFrom(0, 0x7231c, 0x7238, 0x7252a, 0x7236, 0x12345678, 0xffffffff)),
          bootCode: maybe(fc.uint8Array({ maxLength: 300 })),
          bootVersion: maybe(fc.oneof(fc.string(), fc.constantFrom("BK7231S_1.0.5", "BK7252_0.1.3", "constructor"))),
          jedecId: maybe(fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom("C84015", "000000"))),
          sizeByWrap: maybe(fc.constantFrom(0x200000, 0x400000)),
          efuse: maybe(fc.uint8Array({ minLength: 32, maxLength: 32 })),
          applicationKey: maybe(fc.constantFrom(TUYA_APP, ZERO_APP)),
        }),
        (evidence) => {
          const identity = identifyChip(evidence);
          assert.ok(identity.flash.size >= 0x10000);
          assert.equal(identity.protocol.family === "rom", evidence.familyHint === "rom");
          assert.ok(describeIdentity(identity).every(({ value }) => value.length > 0 && !value.includes("undefined")));
        },
      ),
      { numRuns: 500 },
    );
  });
});
