/** A chip behind a network whose answers take their time: jobs are slower, and as good. In simulated time. */
import assert from "node:assert/strict";
import { PRESETS, type PresetId } from "../../../src/simulator/index";
import { shortBuildFor } from "./builds";
import { assertCarriedOut, flashRequest, notes, resultOf, withSimulatedRig, Hand } from "./rig";

/** One of each kind of program that answers, and over a line with rates and one without. */
const CHIPS: readonly PresetId[] = ["bk7231t", "bk7231s", "bk7231n", "bk7231q"];

/** What the network takes, what was measured of it at the opening: less where a tunnel accepts by itself, and stalls now and then. */
const NETWORKS = [
  { name: "300 ms away", delayMs: () => () => 300, roundTripMs: 300 },
  { name: "600 ms away", delayMs: () => () => 600, roundTripMs: 600 },
  { name: "300 ms away, behind a tunnel that accepts at once", delayMs: () => () => 300, roundTripMs: 1 },
  {
    name: "80 ms away, with a second of nothing now and then",
    delayMs: () => {
      let count = 0;
      return () => (++count % 300 === 0 ? 1_000 : 80);
    },
    roundTripMs: 80,
  },
] as const;

describe("a chip far away", () => {
  for (const [nth, { name, delayMs, roundTripMs }] of NETWORKS.entries())
    for (const [which, id] of CHIPS.entries()) {
      const baudRate = (nth + which) % 2 === 0;
      it(`is flashed and verified: ${id}, ${name}, ${baudRate ? "with" : "without"} a rate of its own`, () => {
        const preset = PRESETS[id];
        const options = {
          network: { delayMs: delayMs(), roundTripMs },
          memory: { baudRate },
          firmware: Hand.firmwareFor(preset),
          // Loaders that leave when they hear nothing for a while: an answer is waited for longer.
          idleRebootMs: 800,
        };
        return withSimulatedRig(preset, options, async (rig) => {
          const before = rig.snapshot();
          const file = shortBuildFor(preset).rbl;
          const outcome = await rig.run(flashRequest(file));
          const { plan, verified } = resultOf("flash", outcome);
          assert.equal(verified, true);
          assertCarriedOut(plan, before, rig.chip.flash);
          assert.ok(!notes(outcome.events).includes("stray-write"));
        });
      });
    }
});
