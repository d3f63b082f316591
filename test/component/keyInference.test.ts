/** The key of a chip, as a job over its line finds it: with one read of the application, and never a wrong one. */
import assert from "node:assert/strict";
import { keyKindOf, TUYA_KEY, ZERO_KEY } from "../../src/core/beken/chips/keys";
import type { Coefficients, KeyState } from "../../src/core/beken/chips/types";
import { sameKey } from "../../src/core/beken/images/keystream";
import { createChip, PRESETS, type Preset } from "../../src/simulator/index";
import { LOADER_U } from "../../src/simulator/loader/loaderProfiles";
import { noise } from "../../src/simulator/prng";
import { Bench } from "../campaign/bench";
import { NOWHERE } from "../campaign/footprint";
import { Content } from "../campaign/medium";
import { only } from "../campaign/programs";

const APP_AT = 0x11000;
const BOUND_MS = 100_000;
const READ_4K = 0x09;

/** Twenty keys of nobody's. */
const RANDOM = Array.from({ length: 20 }, (_, i): Coefficients => {
  const words = new DataView(noise(0x7231 + i, 16).buffer);
  return [words.getUint32(0), words.getUint32(4), words.getUint32(8), words.getUint32(12)];
});

interface Inferred {
  readonly key: KeyState;
  /** How often the first sector of the application was read. */
  readonly reads: number;
}

async function inferred(preset: Preset, change: (flash: Uint8Array) => void = () => undefined): Promise<Inferred> {
  const chip = createChip(preset, { pace: "none" });
  const base = chip.flash.slice();
  chip.dispose();
  change(base);
  const content = new Content(base);
  let reads = 0;
  const device = { preset, base, jedecId: preset.jedecId, status: preset.status, describe: "" };
  const task = {
    flash: content,
    expected: content,
    footprint: NOWHERE,
    program: only({ kind: "info" }),
    changesFlash: false,
  } as const;
  const bench = new Bench(device, task, () => ({
    behaviour: {
      onCommand({ code, payload }) {
        const address = payload.length >= 4 ? new DataView(payload.slice().buffer).getUint32(0, true) : 0;
        // One turn further on the same sector is read too, to prove how large the flash is.
        if (code === READ_4K && address === APP_AT) reads++;
        return undefined;
      },
    },
    describe: "",
  }));
  try {
    const { result, error } = await bench.attempt(0, BOUND_MS);
    if (result?.kind !== "info") throw error ?? new Error("no result");
    return { key: result.chip.key, reads };
  } finally {
    bench.dispose();
  }
}

describe("key inference over the line", () => {
  // A flash loader in no list, and no eFuse: what is in the flash has to do.
  const loader: Preset = {
    ...PRESETS.bk7231u,
    answers: { kind: "loader", loader: { ...LOADER_U, crc256: 0x12345678 } },
  };

  it("is right on 22 of 22 chips, by one 4 KiB read of the application", async () => {
    let right = 0;
    for (const key of [TUYA_KEY, ZERO_KEY, ...RANDOM]) {
      const found = await inferred({ ...loader, key });
      assert.equal(found.reads, 1);
      if (found.key.coefficients) assert.ok(sameKey(found.key.coefficients, key));
      if (found.key.kind === keyKindOf(key)) right++;
    }
    assert.equal(right, 22);
  });

  it("is unknown rather than wrong where the application is absent, whatever is in its place", async () => {
    const places: readonly ((flash: Uint8Array) => void)[] = [
      (flash) => void flash.fill(0xff, APP_AT, APP_AT + 0x10000),
      (flash) => void flash.fill(0x00, APP_AT, APP_AT + 0x10000),
      (flash) => void flash.set(noise(8, 0x10000), APP_AT),
    ];
    for (const key of [TUYA_KEY, ZERO_KEY, ...RANDOM.slice(0, 3)]) {
      for (const change of places) {
        const withBoot = await inferred({ ...loader, key }, change);
        assert.ok(["unknown", keyKindOf(key)].includes(withBoot.key.kind), withBoot.key.kind);
        const without = await inferred({ ...loader, key }, (flash) => {
          change(flash);
          flash.set(noise(9, APP_AT), 0);
        });
        assert.equal(without.key.kind, "unknown");
      }
    }
  });
});
