/** `verify` of files that begin and end anywhere: every byte of theirs counts, and none beside them. */
import assert from "node:assert/strict";
import type { PresetId } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/prng";
import { failedWith, firstDifference, resultOf, withSimulatedRig, type Outcome, type Rig } from "./rig";

/** One whose CRC takes any length, one whose CRC takes whole pages, one that locks its flash with it. */
const CHIPS = ["bk7231t", "bk7231n-zero", "bk7231s"] as const satisfies readonly PresetId[];
/** Where files begin and end: at pages, inside them, inside one. */
const SPANS = [
  [0x150000, 0x2300],
  [0x150000, 0x2301],
  [0x1500f3, 0x10],
  [0x1507ff, 0x1f02],
  [0x150ff8, 0x10],
] as const;

describe("verify of a file at an address", () => {
  for (const id of CHIPS)
    it(`${id}: finds every byte that differs, at its edges too, and takes no offence at what lies beside it`, async () => {
      await withSimulatedRig(id, {}, async (rig: Rig) => {
        for (const [at, length] of SPANS) {
          const bytes = noise(at, length);
          const verified = (): Promise<Outcome> => rig.run({ kind: "verify", file: { name: "data.bin", bytes }, at });
          for (const beside of [0xff, 0x5a]) {
            rig.chip.flash.fill(beside, 0x14f000, 0x154000).set(bytes, at);
            const before = rig.snapshot();
            resultOf("verify", await verified());
            for (const place of [0, 1, length >> 1, length - 2, length - 1]) {
              rig.chip.flash[at + place] = (rig.chip.flash[at + place] ?? 0) ^ 0x20;
              const { context } = failedWith("verify-failed", await verified());
              const { address = -1, length: told = 0 } = context;
              assert.ok(address <= at + place && at + place < address + told, `${at} ${place}: ${address}+${told}`);
              rig.chip.flash[at + place] = before[at + place] ?? 0;
            }
            for (const place of [at - 1, at + length]) {
              rig.chip.flash[place] = (rig.chip.flash[place] ?? 0) ^ 0x20;
              resultOf("verify", await verified());
              rig.chip.flash[place] = before[place] ?? 0;
            }
            assert.equal(firstDifference(before, rig.chip.flash), -1);
          }
        }
      });
    });
});
