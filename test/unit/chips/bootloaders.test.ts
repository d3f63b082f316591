import assert from "node:assert/strict";
import { crc32, crc32Raw } from "../../../src/core/base/checksum";
import {
  BOOTLOADERS,
  emptinessOf,
  findBootloader,
  findBootloaders,
  fingerprintOf,
  protocolOf,
} from "../../../src/core/beken/chips/bootloaders";
import { TUYA_KEY } from "../../../src/core/beken/chips/keys";
import { scramble } from "../../../src/core/beken/images/cipher";
import { addCrcBlocks } from "../../../src/core/beken/images/crcBlocks";
import { CHIPS } from "../../../src/core/beken/chips/chips";
import { PROFILES } from "../../../src/core/beken/chips/profiles";

describe("bootloader table", () => {
  it("has unique ids and fingerprint pairs, unsigned", () => {
    const ids = new Set(BOOTLOADERS.map(({ id }) => id));
    assert.equal(ids.size, BOOTLOADERS.length);
    const pairs = new Set(BOOTLOADERS.map(({ crc256, crc257 }) => `${crc256}/${crc257}`));
    assert.equal(pairs.size, BOOTLOADERS.length);
    for (const { id, crc256, crc257 } of BOOTLOADERS) {
      assert.ok(crc256 !== undefined || crc257 !== undefined, id);
      for (const crc of [crc256, crc257]) assert.ok(crc === undefined || (crc > 0 && crc <= 0xffffffff), id);
    }
  });

  it("shares first 256 bytes only between BK7238 and BK7252N", () => {
    const shared = BOOTLOADERS.filter(({ crc256 }) => crc256 !== undefined && findBootloaders({ crc256 }).length > 1);
    assert.deepEqual(
      shared.map(({ id }) => id),
      ["bk7238-1.0.14", "bk7252n-1.0.15"],
    );
  });

  it("pairs the two lengths consistently: one more byte leads from the first CRC to the second", () => {
    // The state behind a CRC-32 is its complement, and one byte takes it on: 256 values are possible, four billion are not.
    const pairs = BOOTLOADERS.filter(({ crc256, crc257 }) => crc256 !== undefined && crc257 !== undefined);
    assert.ok(pairs.length >= 10);
    for (const { id, crc256 = 0, crc257 } of pairs) {
      const continued = Array.from({ length: 256 }, (_, byte) => ~crc32Raw(Uint8Array.of(byte), ~crc256 >>> 0) >>> 0);
      assert.ok(continued.includes(crc257 ?? 0), id);
    }
  });

  it("has the same program with and without Tuya's key as far from each other as the key's mask is", () => {
    // CRC-32 and CRC-16 are linear: a mask changes them by the same amount in every program.
    const zeros = new Uint8Array(512);
    const masked = addCrcBlocks(scramble(zeros, TUYA_KEY, 0));
    const plain = addCrcBlocks(zeros);
    const byId = (id: string): readonly (number | undefined)[] => {
      const row = BOOTLOADERS.find((each) => each.id === id);
      return [row?.crc256, row?.crc257];
    };
    const pairs = [
      ["bk7231t-1.0.1", "bk7231s-1.0.1"],
      ["bk7231t-1.0.4", "bk7231t-1.0.4-zero"],
      ["bk7231t-1.0.5", "bk7231t-1.0.5-zero"],
      ["bk7231t-1.0.6", "bk7231t-1.0.6-zero-tuya"],
      ["bk7231n-1.0.1", "bk7231m-1.0.1"],
    ] as const;
    for (const [tuya, zero] of pairs) {
      [256, 257].forEach((length, i) => {
        const [with_, without] = [byId(tuya)[i], byId(zero)[i]];
        if (with_ === undefined || without === undefined) return;
        assert.equal((with_ ^ without) >>> 0, (crc32(masked, 0, length) ^ crc32(plain, 0, length)) >>> 0, tuya);
      });
    }
    assert.equal(findBootloader({ crc256: 0x05de41da })?.version, "1.0.5");
  });

  it("names chips and a family for every row, ROM rows only for chips with a ROM", () => {
    const romChips = new Set(["bk7231n", "bk7231m", "bk7238", "bk7252n", "bk7236", "bk7258", "bl2028n"]);
    for (const row of BOOTLOADERS) {
      assert.ok(row.chips.length > 0, row.id);
      for (const chip of row.chips) {
        assert.ok(CHIPS[chip], row.id);
        assert.equal(romChips.has(chip), row.family === "rom", `${row.id} ${chip}`);
      }
    }
  });

  it("gives the families that the executed loaders have", () => {
    const families: [number, string][] = [
      [0xbefd79d6, "A"],
      [0xb61ca79c, "A"],
      [0x42c221ea, "A'"],
      [0xff5a3eac, "A'"],
      [0x5e11d360, "A'"],
      [0x7e662813, "B'"],
      [0x4b31e44d, "B'"],
      [0xba54c1b8, "B"],
      [0xe5cbc953, "B"],
      [0x7c09e286, "B"],
      [0x39f9b50c, "C"],
      [0x8bcec3b4, "C"],
    ];
    for (const [crc256, family] of families)
      assert.equal(findBootloader({ crc256 })?.family, family, crc256.toString(16));
  });

  it("knows every fingerprint of the older, un-inverted table", () => {
    // bk7231tools keeps a second list of raw values: an independent source for the same programs.
    const raw: [number, string][] = [
      [0xbf9c2d66, "bk7231n-1.0.1"],
      [0x0fdce109, "bk7231q"],
      [0x00a5c153, "bk7231q-tysdk"],
      [0x3e13578e, "bk7231t-1.0.1"],
      [0xb4ce1bb2, "bk7231t-1.0.4"],
      [0x45ab3e47, "bk7231t-1.0.5"],
      [0x1a3436ac, "bk7231t-1.0.6"],
      [0xc6064af3, "bk7252-0.1.3"],
      [0x1c5d83d9, "bk7252-sdk-2019"],
    ];
    for (const [value, id] of raw) assert.equal(findBootloader({ crc256: ~value >>> 0 })?.id, id);
    assert.equal(findBootloader({ crc257: ~0x1ebe6e45 >>> 0 })?.id, "bk7231n-1.0.1");
  });
});

describe("finding a bootloader", () => {
  it("tells BK7238 from BK7252N by the 257th byte and admits it cannot without", () => {
    assert.equal(findBootloader({ crc256: 0x8f32a0ec, crc257: 0x6beb0924 })?.id, "bk7238-1.0.14");
    assert.equal(findBootloader({ crc256: 0x8f32a0ec, crc257: 0x6c86cd3d })?.id, "bk7252n-1.0.15");
    assert.equal(findBootloader({ crc256: 0x8f32a0ec }), undefined);
    assert.equal(findBootloaders({ crc256: 0x8f32a0ec }).length, 2);
  });

  it("takes a row with one length only whatever the other says, and refuses a contradiction", () => {
    assert.equal(findBootloader({ crc256: 0xbefd79d6, crc257: 0x12345678 })?.id, "alios-0.1.0");
    assert.equal(findBootloader({ crc256: 0xba54c1b8, crc257: 0x12345678 }), undefined);
    assert.equal(findBootloader({}), undefined);
  });

  it("knows the checksum of a flash that does not answer, and of a blank one, for what they are", () => {
    const zeros = new Uint8Array(257);
    const blank = new Uint8Array(257).fill(0xff);
    // ltchiptool issue 29 and bk7231tools issue 30 report this as an unknown bootloader.
    assert.equal(fingerprintOf(zeros).crc257, 0xb7bfa0ce);
    assert.equal(emptinessOf(zeros), "zeros");
    assert.equal(emptinessOf(blank), "blank");
    assert.equal(emptinessOf(new Uint8Array(257).fill(0xff, 1)), undefined);
    assert.equal(emptinessOf(new Uint8Array()), undefined);
  });

  it("fingerprints only lengths that are there", () => {
    const bytes = new Uint8Array(300).fill(0xff);
    assert.deepEqual(fingerprintOf(bytes.subarray(0, 255)), { crc256: undefined, crc257: undefined });
    assert.deepEqual(fingerprintOf(bytes.subarray(0, 256)), { crc256: 0xfea8a821, crc257: undefined });
    assert.notEqual(fingerprintOf(bytes).crc257, undefined);
    assert.equal(fingerprintOf(bytes).crc256, fingerprintOf(bytes.subarray(0, 256)).crc256);
  });
});

describe("protocol profiles", () => {
  it("are filed under their own family", () => {
    for (const [family, profile] of Object.entries(PROFILES)) assert.equal(profile.family, family);
  });

  it("let only the ROM reach everything, and give every flash loader an alias that any flash size divides", () => {
    for (const profile of Object.values(PROFILES)) {
      const isRom = profile.family === "rom";
      assert.equal(profile.commands.has("readRegister"), isRom, profile.family);
      assert.equal(profile.bootloaderIsLifeline, !isRom);
      assert.equal(profile.crcRange, isRom ? "inclusive" : "pages");
      assert.equal(Math.max(...Object.values(profile.limits)) === 0, isRom);
      if (isRom) assert.equal(profile.readAlias, undefined);
      else for (let size = 0x10000; size <= 0x1000000; size *= 2) assert.equal((profile.readAlias ?? 1) % size, 0);
    }
  });

  it("keep the unknown loader inside what every known one does", () => {
    const { loader, A, B, C, "A'": a2, "B'": b2 } = PROFILES;
    for (const known of [A, a2, b2, B, C]) {
      for (const command of loader.commands) assert.ok(known.commands.has(command), `${known.family} ${command}`);
      for (const key of ["read", "erase", "write", "write4k"] as const)
        assert.ok(loader.limits[key] >= known.limits[key]);
      assert.ok(!known.rebootsWhenIdle || loader.rebootsWhenIdle);
    }
    assert.equal(loader.crcLocks, "until-reset");
    // The application begins at 0x11000: even the careful limits leave it reachable.
    assert.ok(Math.max(...Object.values(loader.limits)) <= 0x11000);
  });

  it("differ per program where one family's programs do: only the AliOS one of family A resets", () => {
    const reboot = (crc256: number): string | undefined => {
      const row = findBootloader({ crc256 });
      return row && protocolOf(row).rebootCommand;
    };
    assert.equal(reboot(0xbefd79d6), "resets");
    assert.equal(reboot(0xb61ca79c), "begins-again");
    assert.equal(reboot(0x42c221ea), "starts-app");
    assert.equal(reboot(0xba54c1b8), "resets");
  });
});
