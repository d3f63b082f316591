/**
 * The wrong build, made right for the chip and flashed: the chip starts it. Wrong as it is, the chip does not.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { keyKindOf, parseCoefficients, TUYA_KEY, ZERO_KEY } from "../../src/core/beken/chips/keys";
import type { Coefficients, KeyState } from "../../src/core/beken/chips/types";
import { detectImage } from "../../src/core/beken/images/detect";
import type { FirmwareImage } from "../../src/core/beken/images/firmwareImage";
import { packagePartition } from "../../src/core/beken/images/rblPartition";
import { canRekey, fitToKey } from "../../src/core/beken/images/rekey";
import { planWrite } from "../../src/core/plan/planWrite";
import { PRESETS, type Preset, type SimulatedChip } from "../../src/simulator/index";
import { packaged, rawFirmware } from "./flash/builds";
import { failedWith, flashRequest, resultOf, withRig, type FlashFile } from "./flash/rig";

const RANDOM = parseCoefficients("6d2b79f5a8c1e034975f10e2419a0c60");
const KEYS = { tuya: TUYA_KEY, zero: ZERO_KEY, random: RANDOM } as const;
const NAMES = ["tuya", "zero", "random"] as const;
const PAIRS = NAMES.flatMap((from) => NAMES.filter((to) => to !== from).map((to) => [from, to] as const));

/** BK7231N: its eFuse tells any key. */
function chipWith(key: Coefficients): Preset {
  return { ...PRESETS.bk7231n, key };
}

/** Start-up code that every build begins with, and filler behind it. */
function code(): Uint8Array {
  const words = Uint32Array.from({ length: 0x2400 }, (_, i) => Math.imul(i + 7, 0x9e3779b1));
  words.set([
    0xea00000e,
    ...new Array<number>(7).fill(0xe59ff014),
    ...new Array<number>(7).fill(0x00010048),
    0xdeadbeef,
  ]);
  return new Uint8Array(words.buffer);
}

function build(coefficients: Coefficients): FlashFile {
  const { container } = packagePartition(code(), { coefficients, timestamp: 1_700_000_000, version: "1.0.0-bk7231n" });
  return { name: "image_bk7231n_app.0x011000.rbl", bytes: container };
}

async function started(chip: SimulatedChip): Promise<string> {
  chip.powerCycle();
  for (let waited = 0; waited < 2000 && chip.state !== "app" && chip.state !== "crashed"; waited++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return chip.state;
}

/** What a programmer on the flash's own pins would do with the plan for an image. */
function programme({ flash }: SimulatedChip, image: FirmwareImage): void {
  for (const { address, data } of image.segments) flash.set(data, address);
}

describe("re-key and flash", () => {
  for (const [from, to] of PAIRS) {
    it(`${from} to ${to}: refused as it is, starts when re-keyed`, async () => {
      await withRig(chipWith(KEYS[to]), { personWaitMs: 100 }, async (rig) => {
        const file = build(KEYS[from]);
        const image = detectImage(file.bytes, file.name);
        const session = await rig.openSession();
        const { chip } = resultOf("info", await rig.inSession(session, { kind: "info" }));
        assert.equal(chip.key.from, "efuse");
        failedWith("image-wrong-key", await rig.inSession(session, flashRequest(file)));
        assert.deepEqual(rig.flashOperations, []);

        // A file this short leaves two keys of its maker's possible; the person knows which.
        const known: FirmwareImage = {
          ...image,
          key: { kind: image.key?.kind ?? "unknown", coefficients: KEYS[from] },
        };
        const fitted = fitToKey(known, chip.key);
        const plan = planWrite(fitted, chip, { allowBootloader: false, calibrationAt: chip.calibration?.address });
        assert.deepEqual(
          plan.writes.map(({ address }) => address),
          [0x11000],
        );

        const bytes = fitted.segments[0]?.data ?? new Uint8Array();
        const result = resultOf("flash", await rig.inSession(session, flashRequest({ name: file.name, bytes })));
        assert.equal(result.verified, true);
        await session.close();
        assert.equal(await started(rig.chip), "app");

        programme(rig.chip, image);
        assert.equal(await started(rig.chip), "crashed", "the test chip tells right from wrong");
      });
    });
  }

  it("a genuine application, for every ordered pair of keys: byte for byte a fresh package, and the chip starts it", async () => {
    const raw = rawFirmware();
    const fresh = (coefficients: Coefficients): FlashFile => packaged(PRESETS.bk7231n, raw, coefficients).rbl;
    for (const [from, to] of PAIRS) {
      const { name, bytes } = fresh(KEYS[from]);
      const fitted = fitToKey(detectImage(bytes, name), {
        kind: keyKindOf(KEYS[to]),
        coefficients: KEYS[to],
      });
      const [segment, ...more] = fitted.segments;
      assert.deepEqual(more, []);
      assert.equal(Buffer.compare(segment?.data ?? new Uint8Array(), fresh(KEYS[to]).bytes), 0, `${from} to ${to}`);
      await withRig(chipWith(KEYS[to]), {}, async (rig) => {
        programme(rig.chip, fitted);
        assert.equal(await started(rig.chip), "app");
      });
    }
  });

  it("the seed case: a UF2 for a Tuya board on a BK7231S without key", async () => {
    await withRig("bk7231s", { personWaitMs: 100 }, async (rig) => {
      const { chip } = resultOf("info", await rig.run({ kind: "info" }));
      const folder = "examples/esphome/.esphome/build/bedroom-bulb/.pioenvs/bedroom-bulb";
      const image = detectImage(new Uint8Array(readFileSync(`${folder}/firmware.uf2`)), "firmware.uf2");
      assert.throws(() => planWrite(image, chip, { allowBootloader: false, calibrationAt: 0x1f3000 }), {
        code: "image-wrong-key",
      });
      const fitted = fitToKey(image, chip.key);
      const plan = planWrite(fitted, chip, { allowBootloader: false, calibrationAt: 0x1f3000 });
      assert.equal(plan.writes.length, 2);
      programme(rig.chip, image);
      assert.equal(await started(rig.chip), "crashed");
      programme(rig.chip, fitted);
      assert.equal(await started(rig.chip), "app");
    });
  });

  it("a chip whose key cannot be read is offered nothing", () => {
    const chip: KeyState = { kind: "other", from: "application" };
    const image = detectImage(build(TUYA_KEY).bytes, "app.rbl");
    assert.deepEqual(
      { ...canRekey(image, chip), detail: "" },
      { possible: false, why: "chip-key-unknown", detail: "" },
    );
  });
});
