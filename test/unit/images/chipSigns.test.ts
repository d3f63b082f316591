/** The bytes tell the chip: signs, alone and together, and names that say otherwise. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { english } from "../../../src/core/base/words";
import { parseCoefficients } from "../../../src/core/beken/chips/keys";
import { BOOTLOADERS } from "../../../src/core/beken/chips/bootloaders";
import type { ChipId, ChipSign } from "../../../src/core/beken/chips/types";
import { chipsBySigns, textSigns } from "../../../src/core/beken/images/chipSigns";
import { detectImage } from "../../../src/core/beken/images/detect";
import type { FirmwareImage } from "../../../src/core/beken/images/firmwareImage";
import { contentOf, PRESETS, type PresetId } from "../../../src/simulator/chip/presets";
import { appInFlash, bareBootCode, bootCodeInFlash, flashOf, tableWithDownloadAt, TUYA_KEY, ZERO_KEY } from "./flashes";
import type { Coefficients } from "../../../src/core/beken/chips/types";
import { concat } from "../../../src/core/base/bytes";
import { words } from "../../../src/core/base/words";

const OTHER = parseCoefficients("8f3c21d65b7a90e4d1c2b3a4c7adeb15");

interface Device {
  readonly key?: Coefficients;
  readonly says?: string;
  readonly download?: number;
  readonly calibrationAt?: number;
  readonly app?: readonly string[];
  readonly version?: string;
  readonly size?: number;
}

function flashFrom({ key = ZERO_KEY, says, download, calibrationAt, app = [], version, size }: Device): Uint8Array {
  const boot = bootCodeInFlash({
    key,
    texts: says === undefined ? [] : [`V:${says}`],
    ...(download !== undefined && { table: tableWithDownloadAt(download, 0x50000) }),
    constant: true,
  });
  return flashOf({
    boot,
    app: appInFlash({ key, texts: app, ...(version !== undefined && { version }) }),
    ...(calibrationAt !== undefined && { calibrationAt }),
    ...(size !== undefined && { size }),
  });
}

const told = (device: Device, name = "dump.bin"): readonly ChipId[] | "any" =>
  detectImage(flashFrom(device), name).chips;
const code = ({ refusal }: FirmwareImage): string | undefined => refusal?.code;

describe("the chip of a dump", () => {
  const devices: readonly (readonly [string, Device, ChipId])[] = [
    ["Tuya's BK7231T by its boot code", { key: TUYA_KEY, says: "BK7231S_1.0.9" }, "bk7231s"],
    ["Tuya's BK7231T by key and places", { key: TUYA_KEY, download: 0x132000, calibrationAt: 0x1e0000 }, "bk7231t"],
    ["Tuya's BK7231N by key and table", { key: TUYA_KEY, download: 0x12a000 }, "bk7231n"],
    ["Tuya's BK7231N by places", { download: 0x12a000, calibrationAt: 0x1d0000 }, "bk7231n"],
    ["BL2028N, which calls itself BK7231n", { says: "BK7231n_1.0.8" }, "bk7231n"],
    [
      "BK7231N of another key, by places in clear text",
      { key: OTHER, download: 0x12a000, calibrationAt: 0x1d0000 },
      "bk7231n",
    ],
    ["Tuya's T1 by places", { download: 0x12c000, calibrationAt: 0x1e3000 }, "bk7238"],
    ["BK7238 by its boot code", { says: "BK7238_1.0.15", download: 0x132000 }, "bk7238"],
    ["BK7252N by its boot code", { says: "BK7252N_1.0.15" }, "bk7252n"],
    ["BK7252 by its application", { app: ["OpenBK7252"], calibrationAt: 0x1e0000 }, "bk7252"],
    ["BK7231U by its application", { app: ["OpenBK7231U", "github.com/openshwprojects/OpenBK7231T_App"] }, "bk7231u"],
    ["BK7231Q by LibreTiny's banner", { app: ["LibreTiny v1.13.0 on wa2, compiled at x"] }, "bk7231q"],
    ["BK7231N by LibreTiny's banner", { app: ["LibreTiny v1.13.0 on wb2l-m1, compiled at x"] }, "bk7231n"],
    ["a board of the future", { app: ["LibreTiny v2.0.0 on generic-bk7238-qfn48, compiled at x"] }, "bk7238"],
    ["LibreTiny's RBL version", { version: "26.08.01-bk7231n" }, "bk7231n"],
    ["Tuya's SDK by its texts", { key: TUYA_KEY, app: ["oem_bk7231n_plug", "bk7231n_common"] }, "bk7231n"],
  ];
  for (const [title, device, chip] of devices) {
    it(`is told by its bytes: ${title}`, () => {
      const chips = told(device);
      assert.ok(chips !== "any" && chips.includes(chip), JSON.stringify(chips));
      // Another chip in the name changes nothing, and is said.
      for (const name of ["bk7231n_backup.bin", "bk7231t_backup.bin", "bk7238.bin"]) {
        const named = detectImage(flashFrom(device), name);
        const mentioned = name.split(/[_.]/)[0] ?? "";
        assert.ok(named.chips !== "any" && named.chips.every((id) => chips.includes(id)), name);
        if (!chips.some((id) => id.startsWith(mentioned)))
          assert.match(named.warnings.map(english).join(), /name-chip-differs/);
      }
    });
  }

  it("is told for every simulated chip", () => {
    for (const id of Object.keys(PRESETS) as PresetId[]) {
      const { chips } = detectImage(contentOf(PRESETS[id], PRESETS[id].jedecId, 1), "dump.bin");
      assert.ok(chips !== "any" && chips.includes(PRESETS[id].chip), `${id}: ${JSON.stringify(chips)}`);
    }
  });

  it("is told for every boot code in the table, also read from 0x11000 on", () => {
    for (const { id, chips } of BOOTLOADERS) {
      const verdict = chipsBySigns([{ chips, weight: 4, words: words`fingerprint` }]);
      assert.deepEqual([...verdict.chips].sort(), [...chips].sort(), id);
      assert.equal(verdict.contradicts, false);
    }
    const flash = flashFrom({ says: "BK7231S_1.0.5" });
    const shifted = concat(flash.subarray(0x11000), flash.subarray(0, 0x11000));
    assert.deepEqual(detectImage(shifted, "bk7231n.bin").chips, ["bk7231s"]);
  });

  it("is unknown where nothing, or too little, tells it, and a name alone is only a name", () => {
    for (const device of [{}, { calibrationAt: 0x1e0000 }, { key: TUYA_KEY }, { download: 0x12a000 }]) {
      assert.equal(told(device), "any");
      assert.match(detectImage(flashFrom(device), "dump.bin").warnings.map(english).join(), /chip-not-told/);
    }
    const named = detectImage(flashFrom({}), "bk7231n.bin");
    assert.deepEqual(named.chips, ["bk7231n"]);
    assert.match(named.warnings.map(english).join(), /chip-by-name/);
    assert.equal(told({ download: 0x12a000 }, "bk7231t.bin"), "any");
  });

  it("that contradicts itself is refused", () => {
    const image = detectImage(flashFrom({ says: "BK7231S_1.0.5", app: ["OpenBK7238"] }), "dump.bin");
    assert.equal(code(image), "image-wrong-chip");
    assert.match(english(image.refusal?.context.detail ?? ""), /contradicts itself.*BK7231S_1\.0\.5.*OpenBK7238/);
    const texts = detectImage(flashFrom({ says: "BK7231N_1.0.1", app: ["oem_bk7231s_plug"] }), "dump.bin");
    assert.deepEqual([code(texts), texts.chips], [undefined, ["bk7231n"]]);
  });

  it("is what a QIO image of a build tool must be named for", () => {
    const boot = bootCodeInFlash({ key: TUYA_KEY, texts: ["V:BK7231S_1.0.5"] });
    const app = appInFlash({ key: TUYA_KEY });
    const qio = flashOf({ boot, app }).slice(0, 0x129f70);
    assert.equal(code(detectImage(qio, "OpenBK7231N_QIO_1.18.300.bin")), "image-name-mismatch");
    assert.equal(code(detectImage(qio, "OpenBK7231T_QIO_1.18.300.bin")), undefined);
    assert.deepEqual(detectImage(qio, "OpenBK7231T_QIO_1.18.300.bin").chips, ["bk7231s"]);
  });

  it("comes from applications by themselves as well, and from boot code without CRC-16s", () => {
    const { blocks } = appInFlash({ texts: ["OpenBK7231N"] });
    assert.deepEqual(detectImage(blocks, "app.bin").chips, ["bk7231n"]);
    assert.deepEqual(detectImage(bareBootCode({ texts: ["BK7238_1.0.15"] }), "bootloader.bin").chips, ["bk7238"]);
  });
});

describe("texts of a program", () => {
  const chipOf = (text: string): readonly ChipId[] => textSigns(text).flatMap(({ chips }) => chips);

  it("name its chip where they name only one die's", () => {
    assert.deepEqual(chipOf("see OpenBK7231T_App and OpenBK7231N, BK7231N"), ["bk7231n"]);
    // Every build has the address of the repository in it, which is named after one chip.
    assert.deepEqual(
      textSigns("OpenBK7231T_App OpenBK7231N").map(({ weight }) => weight),
      [4],
    );
    assert.deepEqual(chipOf("OpenBK7231N OpenBK7231T"), []);
    assert.deepEqual(chipOf("oem_bk7231t_x bk7231s"), ["bk7231t"]);
    assert.deepEqual(chipOf("bk7231t or bk7231n"), []);
    assert.deepEqual(chipOf("xbk7231n bk7231nx bk72311"), []);
    assert.deepEqual(chipOf(""), []);
  });
});

describe("signs together", () => {
  const all: readonly ChipId[] = [
    "bk7231t",
    "bk7231s",
    "bk7231n",
    "bk7231m",
    "bl2028n",
    "bk7238",
    "bk7252",
    "bk7252n",
    "bk7231q",
  ];
  const sign = fc.record({
    chips: fc.subarray([...all], { minLength: 1 }),
    weight: fc.constantFrom(1.5, 2, 3, 4),
    words: fc.constant(words`a sign`),
  }) as fc.Arbitrary<ChipSign>;

  it("never tell a chip that a strong one excludes, whatever their order", () => {
    const dies: readonly (readonly ChipId[])[] = [
      ["bk7231t", "bk7231s", "bk7231u"],
      ["bk7231n", "bk7231m", "bl2028n"],
      ["bk7252", "bk7251"],
    ];
    const near = (a: ChipId, b: ChipId): boolean => a === b || dies.some((die) => die.includes(a) && die.includes(b));
    fc.assert(
      fc.property(fc.array(sign, { maxLength: 6 }), (signs) => {
        const { chips, contradicts } = chipsBySigns(signs);
        for (const id of chips) {
          const against = signs.filter((each) => !each.chips.some((other) => near(other, id)));
          assert.ok(against.reduce((sum, { weight }) => sum + weight, 0) < 4);
        }
        assert.ok(!(contradicts && chips.length > 0));
        assert.deepEqual([...chipsBySigns([...signs].reverse()).chips].sort(), [...chips].sort());
      }),
    );
  });
});
