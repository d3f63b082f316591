import assert from "node:assert/strict";
import fc from "fast-check";
import { ImageError } from "../../../src/core/base/errors";
import {
  buildManifest,
  checkManifest,
  compareDevices,
  formatManifest,
  isMarked,
  manifestName,
  type BackupManifest,
} from "../../../src/core/backup/manifest";
import { parseManifest } from "../../../src/core/backup/parseManifest";
import { dumpOf, identityOf } from "./dumps";

const DATE = new Date("2026-11-22T09:24:20.123Z");
const invalid = (error: unknown): boolean => error instanceof ImageError && error.code === "manifest-invalid";

describe("backup manifest", () => {
  const dump = dumpOf("bk7231t");
  const manifest = buildManifest(identityOf(dump), dump, "1.2.3", DATE);

  it("says of which chip, when, by what, and how to prove it", () => {
    assert.equal(manifestName("a/b.bin"), "a/b.bin.json");
    assert.equal(manifest.date, "2026-11-22T09:24:20.123Z");
    assert.equal(manifest.tool, "1.2.3");
    assert.equal(manifest.device.chip, "bk7231t");
    assert.equal(manifest.device.flashSize, 0x200000);
    assert.match(manifest.device.mac ?? "", /^C8:47:8C:42:00:\w\w$/);
    assert.equal(manifest.calibration, 0x1e0000);
    assert.deepEqual(manifest.ranges, [{ start: 0, length: 0x200000 }]);
    assert.equal(manifest.blocks.crc32.length, 32);
  });

  it("comes back from its text as it was", () => {
    assert.deepEqual(parseManifest(formatManifest(manifest), "x.json"), manifest);
  });

  it("names public keys and never another", () => {
    const own = {
      ...identityOf(dump),
      key: { kind: "other", coefficients: [1, 2, 3, 0x50000000], from: "efuse" },
    } as const;
    const secret = buildManifest(own, dump, "1", DATE);
    assert.deepEqual(secret.key, { kind: "other", coefficients: null });
    const tuya = {
      ...own,
      key: { kind: "tuya", coefficients: [0x510fb093, 0xa3cbeadc, 0x5993a17e, 0xc7adeb03], from: "efuse" },
    } as const;
    assert.equal(buildManifest(tuya, dump, "1", DATE).key.coefficients, "510fb093a3cbeadc5993a17ec7adeb03");
  });

  it("holds for the dump, and tells where any byte changed", () => {
    assert.deepEqual(checkManifest(manifest, dump), { verdict: "equal", damaged: [] });
    fc.assert(
      fc.property(fc.nat(dump.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bad = dump.slice();
        bad[at] = (bad[at] ?? 0) ^ flip;
        const start = at - (at % 0x10000);
        assert.deepEqual(checkManifest(manifest, bad), {
          verdict: "damaged",
          damaged: [{ start, end: start + 0x10000 }],
        });
      }),
      { numRuns: 10 },
    );
  });

  it("tells a dump that was cut or has grown", () => {
    const short = checkManifest(manifest, dump.subarray(0, 0x1f8000));
    assert.deepEqual(short, { verdict: "short", damaged: [{ start: 0x1f0000, end: 0x200000 }] });
    const long = new Uint8Array(dump.length + 1);
    long.set(dump);
    assert.deepEqual(checkManifest(manifest, long), { verdict: "long", damaged: [] });
  });

  it("gives damage by flash address where the file begins elsewhere", () => {
    const moved: BackupManifest = {
      ...manifest,
      ranges: [
        { start: 0x11000, length: 0x1ef000 },
        { start: 0, length: 0x11000 },
      ],
    };
    const bad = dump.slice();
    bad[0x1f0000] = (bad[0x1f0000] ?? 0) ^ 1;
    const { damaged } = checkManifest(moved, bad);
    assert.deepEqual(damaged, [{ start: 0x1000, end: 0x11000 }]);
  });

  it("refuses every manifest with a field gone, of another kind, or far too large", () => {
    const fields = Object.keys(manifest);
    const needed = new Set([
      "format",
      "version",
      "tool",
      "date",
      "device",
      "family",
      "key",
      "ranges",
      "blocks",
      "crc32",
    ]);
    for (const name of fields) {
      const without = JSON.stringify({ ...manifest, [name]: undefined });
      if (needed.has(name)) assert.throws(() => parseManifest(without, "x.json"), invalid, name);
      else assert.equal(parseManifest(without, "x.json")[name as keyof BackupManifest], null);
      for (const wrong of [[], { toString: 1 }, true, -1, 1e300, "\0", "x".repeat(300)]) {
        assert.throws(() => parseManifest(JSON.stringify({ ...manifest, [name]: wrong }), "x.json"), invalid, name);
      }
    }
    for (const text of ["", "[]", "null", "{", "\ufeff{}", " ".repeat(0x50000)])
      assert.throws(() => parseManifest(text, "x.json"), invalid);
    const newer = JSON.stringify({ ...manifest, version: 2 });
    assert.throws(() => parseManifest(newer, "x.json"), /version 2/);
    const greedy = { ...manifest, ranges: Array.from({ length: 60 }, () => ({ start: 0, length: 0x4000000 })) };
    assert.throws(() => parseManifest(JSON.stringify(greedy), "x.json"), invalid);
  });

  it("never fails on any JSON but with its own code", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        assert.throws(() => parseManifest(text, "x.json"), invalid);
      }),
    );
  });

  it("takes equal MAC addresses for one device only with equal calibration, and never those that many devices have", () => {
    const mark = manifest.device;
    assert.equal(compareDevices(mark, { ...mark, calibration: "0123456789ABCDEF" }), "unknown");
    assert.equal(compareDevices(mark, { ...mark, calibration: null }), "unknown");
    const older = { ...mark };
    delete (older as { calibration?: unknown }).calibration;
    assert.equal(compareDevices(older, mark), "unknown", "a manifest of an older version");
    assert.equal(compareDevices(older, older), "unknown");
    const shared = [
      "C8:47:8C:42:88:48",
      "C8:47:8C:42:00:48",
      "C8:47:8C:00:00:00",
      "C8:47:8C:00:00:18",
      "7C:F6:66:00:00:00",
    ];
    for (const mac of [...shared, "00:00:00:00:00:00", "FF:FF:FF:FF:FF:FF", "01:00:5E:11:22:33", "AA:BB:CC:DD:EE:FF"]) {
      assert.equal(compareDevices({ ...mark, mac }, { ...mark, mac }), "unknown", mac);
      assert.equal(compareDevices({ ...mark, mac }, mark), "unknown", mac);
      assert.equal(isMarked({ ...mark, mac }), false);
    }
    for (const mac of ["C8:47:8C:42:13:07", "7C:F6:66:AB:CD:EF", "D4:A6:51:12:35:56"])
      assert.equal(isMarked({ ...mark, mac }), true, mac);
    assert.equal(compareDevices(mark, { ...mark, chip: "bk7231n" }), "other", "another die");
    assert.equal(compareDevices(mark, { ...mark, flashSize: 0x400000 }), "unknown");
  });

  it("compares devices by MAC, and by contradiction where a MAC is missing", () => {
    const mark = manifest.device;
    assert.equal(compareDevices(mark, { ...mark, chip: "bk7231s", bootloader: "00000000" }), "same");
    assert.equal(compareDevices(mark, { ...mark, mac: "C8:47:8C:42:00:99" }), "other");
    assert.equal(compareDevices(mark, { ...mark, mac: null }), "unknown");
    assert.equal(compareDevices(mark, { ...mark, mac: null, flashSize: 0x400000 }), "other");
    assert.equal(compareDevices(mark, { ...mark, mac: null, chip: null }), "unknown");
  });
});
