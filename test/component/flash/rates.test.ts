/** The hint a session gets from what was remembered, and what it tells to be remembered. */
import assert from "node:assert/strict";
import type { ProvenRate } from "../../../src/core/index";
import { rememberRate, speedHints, type SpeedHints } from "../../../src/core/driver/rates";
import { noise } from "../../../src/simulator/prng";
import { limitedAdapter, refusingAdapter } from "./adapters";
import { failedWith, firstDifference, notes, resultOf, withSimulatedRig, type RigOptions } from "./rig";

/** The rates that a session asked the chip for and told, and the one a job ran at. */
interface Course {
  readonly asked: number;
  readonly fallbacks: number;
  readonly rates: readonly ProvenRate[];
  readonly baudRate: number;
}

const SET_BAUD_RATE = 0x0f;
const MOST = 1_000_000;

async function course(options: RigOptions): Promise<Course> {
  let found: Course | undefined;
  await withSimulatedRig("bk7231t", { baudRate: "auto", ...options }, async (rig) => {
    const outcome = await rig.run({ kind: "info" });
    const { baudRate } = resultOf("info", outcome);
    const isAsking = rig.log.filter((event) => event.type === "command" && event.code === SET_BAUD_RATE && !event.long);
    const fallbacks = notes(outcome.events).filter((code) => code === "baud-fallback").length;
    found = { asked: isAsking.length, fallbacks, rates: [...rig.rates], baudRate };
  });
  return found as unknown as Course;
}

describe("rates that are remembered", () => {
  const wrap = limitedAdapter(() => 500_000);
  const hinted = (speedHint: SpeedHints): RigOptions => ({ wrap, session: { adapterMaxBaud: MOST, speedHint } });

  it("a session tells the rate that held", async () => {
    const { rates, baudRate, fallbacks } = await course(hinted({}));
    assert.equal(baudRate, 460_800);
    assert.ok(fallbacks > 1);
    assert.deepEqual(rates, [{ family: "B", baudRate: 460_800, lowered: false }]);
  });

  it("the next one asks for it at once, and for nothing above", async () => {
    const { rates } = await course(hinted({}));
    const memory = rememberRate({}, "this one", rates[0] as ProvenRate);
    const again = await course(hinted(speedHints(memory, "this one")));
    assert.equal(again.baudRate, 460_800);
    assert.equal(again.fallbacks, 0);
    // Up, and down again at the end.
    assert.equal(again.asked, 2);
    const unhindered = await course({ session: { adapterMaxBaud: MOST, speedHint: { B: { baudRate: 460_800 } } } });
    assert.equal(unhindered.baudRate, 460_800);
  });

  it("a hint that no longer holds costs its own try, and the ladder goes on below it", async () => {
    const { baudRate, fallbacks, rates } = await course(hinted({ B: { baudRate: 921_600 } }));
    assert.equal(baudRate, 460_800);
    assert.equal(fallbacks, 1);
    assert.equal(rates.at(-1)?.baudRate, 460_800);
  });

  it("a hint is for its own family, for auto only, and never above what the adapter is known to do", async () => {
    const open = { adapterMaxBaud: 921_600 };
    const other = await course({ session: { ...open, speedHint: { A: { baudRate: 230_400 } } } });
    assert.equal(other.baudRate, 921_600);
    const fixed = await course({ baudRate: 921_600, session: { ...open, speedHint: { B: { baudRate: 230_400 } } } });
    assert.equal(fixed.baudRate, 921_600);
    const high = await course({ session: { ...open, speedHint: { B: { baudRate: 4_000_000 } } } });
    assert.equal(high.baudRate, 921_600);
  });

  it("a job that had to step down says so, and the next session begins there", async () => {
    let count = 0;
    let tooFast = (): boolean => false;
    // Loses a byte now and then, but not at the rates that slower wiring bears.
    const behaviours = [
      { onChipByte: (byte: number) => (++count > 60_000 && count % 3_000 === 0 && tooFast() ? [] : [byte]) },
    ];
    await withSimulatedRig("bk7231n", { behaviours, session: { adapterMaxBaud: 921_600 } }, async (rig) => {
      tooFast = () => rig.chip.baudRate > 500_000;
      rig.chip.flash.set(noise(5, 0x40000), 0x40000);
      const outcome = await rig.run({ kind: "read", start: 0x40000, length: 0x20000 });
      assert.equal(firstDifference(resultOf("read", outcome).data, rig.chip.flash.subarray(0x40000, 0x60000)), -1);
      const [first, last] = [rig.rates[0], rig.rates.at(-1)];
      assert.ok(first && last && last.lowered && !first.lowered && last.baudRate < first.baudRate);
      const memory = rememberRate(rememberRate({}, "x", first), "x", last);
      assert.deepEqual(speedHints(memory, "x"), { [last.family]: { baudRate: last.baudRate } });
    });
  });

  it("an adapter that nobody knows is tried above 921600 once: what holds is told, what does not costs one step down to that", async () => {
    const held = await course({});
    assert.equal(held.baudRate, 2_000_000);
    assert.deepEqual(held.rates, [{ family: "B", baudRate: 2_000_000, lowered: false }]);
    const limited = await course({ wrap: limitedAdapter(() => 1_200_000) });
    assert.deepEqual([limited.baudRate, limited.fallbacks], [921_600, 1]);
    const hint = speedHints(rememberRate({}, "x", limited.rates.at(-1) as ProvenRate), "x");
    const again = await course({ wrap: limitedAdapter(() => 1_200_000), session: { speedHint: hint } });
    assert.deepEqual([again.baudRate, again.fallbacks], [921_600, 0]);
    const refusing = await course({ wrap: refusingAdapter((baud) => baud > 1_000_000) });
    assert.deepEqual([refusing.baudRate, refusing.fallbacks], [921_600, 1]);
  });

  it("a connection with a speed of its own tells none", async () => {
    const { rates } = await course({ memory: { baudRate: false } });
    assert.deepEqual(rates, []);
  });
});

describe("rates that the adapter's driver refuses", () => {
  const chips = ["bk7231t", "bk7231n", "bk7231s", "bk7231q"] as const;
  const linksIn = (events: readonly { readonly type: string }[]): number =>
    events.filter(({ type }) => type === "linked").length;

  it("auto: the next one is taken, over the same link, and begun with in the next session", async () => {
    for (const id of chips) {
      const asked: number[] = [];
      const wrap = refusingAdapter((baud) => baud > 700_000, asked);
      await withSimulatedRig(id, { wrap, person: "manual", session: { adapterMaxBaud: MOST } }, async (rig) => {
        const outcome = await rig.run({ kind: "info" });
        assert.equal(resultOf("info", outcome).baudRate, 460_800, id);
        assert.equal(linksIn(outcome.events), 1);
        assert.ok(notes(outcome.events, "warning").includes("baud-fallback"));
        const proven = rig.rates.at(-1);
        assert.equal(proven?.baudRate, 460_800);
        const speedHint = speedHints(rememberRate({}, "this one", proven), "this one");
        asked.length = 0;
        const session = await rig.openSession({ speedHint });
        const again = await rig.inSession(session, { kind: "info" });
        await session.close();
        assert.equal(resultOf("info", again).baudRate, 460_800);
        assert.deepEqual(
          asked.filter((baud) => baud > 700_000),
          [],
        );
      });
    }
  });

  it("auto with a driver of one speed, and one that begins to refuse what it had taken", async () => {
    for (const id of chips) {
      await withSimulatedRig(id, { wrap: refusingAdapter((baud) => baud !== 115_200) }, async (rig) => {
        const outcome = await rig.run({ kind: "info" });
        assert.equal(resultOf("info", outcome).baudRate, 115_200);
        assert.equal(linksIn(outcome.events), 1);
      });
      const session = {
        speedHint: { A: { baudRate: 921_600 }, "A'": { baudRate: 921_600 }, B: { baudRate: 921_600 } },
      };
      await withSimulatedRig(id, { wrap: refusingAdapter((baud) => baud > 700_000), session }, async (rig) => {
        assert.equal(resultOf("info", await rig.run({ kind: "info" })).baudRate, 460_800, id);
      });
    }
  });

  it("one that was asked for fails, with the chip where it was", async () => {
    for (const id of chips) {
      const wrap = refusingAdapter((baud) => baud > 700_000);
      await withSimulatedRig(id, { wrap, baudRate: 921_600, person: "manual" }, async (rig) => {
        const error = failedWith("baud-change-failed", await rig.run({ kind: "info" }));
        assert.match(error.message, /Invalid argument/);
        assert.equal(rig.chip.state, "linked");
        const session = await rig.openSession({ baudRate: 460_800 });
        assert.equal(resultOf("info", await rig.inSession(session, { kind: "info" })).baudRate, 460_800);
        await session.close();
      });
    }
  });

  it("in the middle of a job that has to step down, the step below that is taken", async () => {
    let count = 0;
    let tooFast = (): boolean => false;
    const behaviours = [
      { onChipByte: (byte: number) => (++count > 60_000 && count % 3_000 === 0 && tooFast() ? [] : [byte]) },
    ];
    const wrap = refusingAdapter((baud) => baud === 460_800);
    await withSimulatedRig("bk7231n", { behaviours, wrap, session: { adapterMaxBaud: 921_600 } }, async (rig) => {
      tooFast = () => rig.chip.baudRate > 400_000;
      rig.chip.flash.set(noise(5, 0x40000), 0x40000);
      const outcome = await rig.run({ kind: "read", start: 0x40000, length: 0x20000 });
      assert.equal(firstDifference(resultOf("read", outcome).data, rig.chip.flash.subarray(0x40000, 0x60000)), -1);
      assert.equal(rig.rates.at(-1)?.baudRate, 230_400);
    });
  });
});
