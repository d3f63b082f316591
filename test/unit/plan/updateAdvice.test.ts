/** Pairs of a chip and a build: whether updates over the air will be unpacked, and the patch as a person wrote it. */
import assert from "node:assert/strict";
import { findBoard } from "../../../src/core/beken/chips/boards";
import { findBootloaders } from "../../../src/core/beken/chips/bootloaders";
import { TUYA_KEY, ZERO_KEY } from "../../../src/core/beken/chips/keys";
import { words } from "../../../src/core/base/words";
import type { StartReason, StartReasonCode, StartVerdict } from "../../../src/core/beken/chips/startVerdict";
import type { ChipIdentity, KeyKind } from "../../../src/core/beken/chips/types";
import { updateAdvice, updateDevice, type UpdateAdvice } from "../../../src/core/plan/updateAdvice";
import { chip } from "../webview/scenes";

interface Pair {
  readonly table?: readonly [start: number, end: number] | "without download" | "none";
  readonly key?: KeyKind;
  readonly calibrationAt?: number;
  readonly crc256?: number;
  readonly board: string;
  readonly buildKey?: KeyKind;
}

function advice({ table = "none", key = "tuya", calibrationAt, crc256, board, buildKey = key }: Pair): UpdateAdvice {
  const found = findBoard(board);
  const [profile] = crc256 === undefined ? [] : findBootloaders({ crc256 });
  const download = typeof table === "string" ? undefined : { start: table[0], end: table[1] };
  const coefficients = key === "tuya" ? TUYA_KEY : key === "zero" ? ZERO_KEY : undefined;
  return updateAdvice(
    { bootCode: { isThere: true, profile, download, hasTable: table !== "none" }, key, coefficients, calibrationAt },
    { board: found, partitions: [], key: buildKey },
  );
}

const T = [0x132000, 0x1d8000] as const;
const N = [0x12a000, 0x1d0000] as const;
const ZERO_LINES = [
  'board_build.bkcrypt_coeffs: "00000000000000000000000000000000"',
  "board_build.bkota.key: 0123456789ABCDEF0123456789ABCDEF",
  "board_build.bkota.iv: 0123456789ABCDEF",
];

const PAIRS: readonly (readonly [name: string, pair: Pair, works: UpdateAdvice["works"], patch: readonly string[]])[] =
  [
    ["BK7231T and its own board", { table: T, board: "wb3s", calibrationAt: 0x1e0000 }, "yes", []],
    ["BK7231N and its own board", { table: N, board: "cb2s", calibrationAt: 0x1d0000 }, "yes", []],
    [
      "BK7231N boot code that looks where BK7231T's does",
      { table: T, board: "cb2s", calibrationAt: 0x1d0000 },
      "no",
      ["board_flash.download: 0x132000+0xA6000"],
    ],
    [
      "BK7231T board on boot code that looks earlier",
      { table: N, board: "wb3s", calibrationAt: 0x1e0000 },
      "no",
      ["board_flash.app: 0x11000+0x119000", "board_flash.download: 0x12A000+0xA6000"],
    ],
    [
      "the seed: AliOS boot code, no key, its calibration elsewhere",
      {
        crc256: 0xbefd79d6,
        key: "zero",
        calibrationAt: 0x1f3000,
        board: "generic-bk7231t-qfn32-tuya",
        buildKey: "tuya",
      },
      "no",
      [...ZERO_LINES, "board_flash.calibration: 0x1F3000+0x1000"],
    ],
    ["a table without a download partition", { table: "without download", board: "wb3s" }, "no", []],
    [
      "a chip without key and a build for Tuya's",
      { table: T, key: "zero", board: "wb3s", buildKey: "tuya" },
      "no",
      ZERO_LINES,
    ],
    ["known boot code whose table was not read", { crc256: 0x4b31e44d, board: "wb3s" }, "yes", []],
    [
      "another place of the calibration alone",
      { table: T, board: "wb3s", calibrationAt: 0x1e3000 },
      "yes",
      ["board_flash.calibration: 0x1E3000+0x1000"],
    ],
    [
      "T1 boot code and a T1 board",
      { table: [0x12c000, 0x1e1000], key: "zero", board: "t1-3s", calibrationAt: 0x1e3000 },
      "yes",
      [],
    ],
  ];

describe("update doctor on a chip on the wire", () => {
  const build = { board: findBoard("generic-bk7231t-qfn32-tuya"), partitions: [], key: "tuya" } as const;
  const wire = (crc256: number | undefined, samples: ChipIdentity["samples"] = []): UpdateAdvice =>
    updateAdvice(
      updateDevice({
        ...chip,
        bootloader: { profile: findBootloaders({ crc256 })[0], crc256, version: undefined },
        key: { kind: "tuya", coefficients: TUYA_KEY, from: "bootloader" },
        calibration: { address: 0x1e0000, from: "known" },
        samples,
      }),
      build,
    );

  it("takes what is known of the boot code, and says unknown where nothing is", () => {
    assert.equal(wire(0x4b31e44d).works, "yes");
    assert.equal(wire(0xbefd79d6).works, "no");
    assert.match(String(wire(0xbefd79d6).words), /^wired only/);
    assert.equal(wire(undefined).works, "unknown");
    const part = [{ address: 0, data: new Uint8Array(0x1000) }];
    assert.equal(wire(undefined, part).works, "unknown");
    assert.equal(wire(undefined, [{ address: 0, data: new Uint8Array(0x11000) }]).works, "no");
  });
});

describe("update doctor on a chip whose boot code must be replaced", () => {
  const build = { board: findBoard("generic-bk7231t-qfn32-tuya"), partitions: [], key: "tuya" } as const;
  const withReason = (code: StartReasonCode, weight: StartReason["weight"]): UpdateAdvice => {
    const start: StartVerdict = { starts: "no", reasons: [{ code, weight, words: words`why` }], calibration: true };
    const [profile] = findBootloaders({ crc256: 0x4b31e44d });
    return updateAdvice(
      updateDevice({
        ...chip,
        bootloader: { profile, crc256: 0x4b31e44d, version: undefined },
        key: { kind: "tuya", coefficients: TUYA_KEY, from: "bootloader" },
        calibration: { address: 0x1e0000, from: "known" },
        start,
      }),
      build,
    );
  };

  it("promises nothing of what it would look for", () => {
    for (const code of ["boot-code-other-chip", "boot-code-other-key", "boot-code-damaged"] as const) {
      const { works, words: said } = withReason(code, "no");
      assert.deepEqual([works, String(said)], ["unknown", "the device does not start with this boot code: why"]);
    }
    assert.equal(withReason("boot-code-other-key", "doubt").works, "yes");
    assert.equal(withReason("boot-code-unknown", "open").works, "yes");
    assert.equal(withReason("application-missing", "no").works, "yes", "what is flashed now takes its place");
  });
});

describe("update doctor", () => {
  for (const [name, pair, works, patch] of PAIRS) {
    it(name, () => {
      const given = advice(pair);
      assert.deepEqual([given.works, given.patch], [works, patch], String(given.words));
      if (pair.crc256 === 0xbefd79d6) assert.match(String(given.words), /^wired only/);
    });
  }
});
