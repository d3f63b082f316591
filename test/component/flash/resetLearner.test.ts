/** How an adapter resets its chip is found out once, however it is wired; from then on the first attempt brings the chip. */
import assert from "node:assert/strict";
import {
  chosenResets,
  runJob,
  type AdapterResets,
  type JobEvent,
  type ResetMemory,
  type SessionOptions,
  type Transport,
} from "../../../src/core/index";
import type { Behaviour, ChipOptions, MemoryOptions } from "../../../src/simulator/index";
import { collect, failedWith, never, notes, resultOf, withSimulatedRig, type Rig } from "./rig";

class Memory implements ResetMemory {
  kept: AdapterResets | undefined;

  recall(): Promise<AdapterResets | undefined> {
    return Promise.resolve(this.kept);
  }

  keep(resets: AdapterResets): Promise<void> {
    this.kept = resets;
    return Promise.resolve();
  }
}

const LINES: MemoryOptions = { controlLines: true };
/** Nobody cycles the power, and the firmware hears nothing. */
const ALONE = { person: "manual", firmware: "none" } as const;

type Linked = Extract<JobEvent, { readonly type: "linked" }>;

function linkedIn(events: readonly JobEvent[]): Linked {
  const linked = events.find((event) => event.type === "linked");
  assert.ok(linked);
  return linked;
}

/** One connection of its own, to a chip whose firmware runs, or which is held in reset. */
async function connect(rig: Rig, more: Partial<SessionOptions> = {}): Promise<Connected> {
  rig.chip.powerCycle();
  await rig.clock.sleep(2_000, never);
  const session = { ...rig.sessionOptions, ...more };
  const outcome = await collect(runJob({ kind: "info" }, {}, { session, deps: rig.deps, signal: never }));
  resultOf("info", outcome);
  return { ...linkedIn(outcome.events), codes: notes(outcome.events), events: outcome.events };
}

interface Connected extends Linked {
  readonly codes: readonly string[];
  readonly events: readonly JobEvent[];
}

/** The same line, but for this. */
function but(transport: Transport, instead: Partial<Transport>): Transport {
  return {
    label: transport.label,
    can: transport.can,
    read: (timeoutMs, signal) => transport.read(timeoutMs, signal),
    write: (bytes, signal) => transport.write(bytes, signal),
    setBaudRate: (baud) => transport.setBaudRate(baud),
    setControlLines: (lines) => transport.setControlLines(lines),
    discardInput: () => transport.discardInput(),
    close: () => transport.close(),
    ...instead,
  };
}

interface Board {
  readonly wiring: NonNullable<ChipOptions["wiring"]>;
  readonly memory?: MemoryOptions;
  readonly firmware?: ChipOptions["firmware"];
  /** What is remembered after the first connection. */
  readonly works: string;
}

const BOARDS: Readonly<Record<string, Board>> = {
  "RTS to CEN": { wiring: { reset: "rts" }, works: "rts" },
  "DTR to CEN": { wiring: { reset: "dtr" }, works: "dtr-twice" },
  "RTS, and the adapter swallows the first pulse": { wiring: { reset: "rts", swallows: 1 }, works: "rts-twice" },
  "DTR, and the adapter swallows the first pulse": { wiring: { reset: "dtr", swallows: 1 }, works: "dtr-twice" },
  "lines crossed, as on ESP boards": { wiring: { reset: "crossed" }, works: "rts" },
  "both lines together": { wiring: { reset: "both" }, works: "both-twice" },
  "both lines together, and the first pulse swallowed": { wiring: { reset: "both", swallows: 1 }, works: "both-twice" },
  "RTS, and a large capacitor at CEN": { wiring: { reset: "rts", slowMs: 500 }, works: "rts-long" },
  "DTR, and a large capacitor at CEN": { wiring: { reset: "dtr", slowMs: 500 }, works: "dtr-long" },
  "RTS through a capacitor": { wiring: { reset: "rts", byEdge: true }, works: "rts" },
  "RTS inverted: held while it is released": { wiring: { reset: "rts", inverted: true }, works: "rts-held" },
  "DTR inverted: held while it is released": { wiring: { reset: "dtr", inverted: true }, works: "dtr-held" },
  "DTR inverted, first pulse swallowed": { wiring: { reset: "dtr", inverted: true, swallows: 1 }, works: "dtr-held" },
  "both inverted: held until both are asserted": { wiring: { reset: "both", inverted: true }, works: "both-held" },
  "a bridge's command": { wiring: {}, memory: { controlLines: false, resetsByCommand: true }, works: "bridge" },
  "none, and firmware that listens": { wiring: {}, firmware: "openbeken", works: "firmware" },
};

describe("how an adapter resets its chip", () => {
  for (const [name, { wiring, memory = LINES, firmware, works }] of Object.entries(BOARDS))
    it(`is learnt: ${name}`, async () => {
      const resets = new Memory();
      const options = { ...ALONE, ...(firmware && { firmware }), wiring, memory, resets };
      await withSimulatedRig("bk7231t", options, async (rig) => {
        const first = await connect(rig);
        assert.equal(resets.kept?.works, works, `missed: ${String(first.missed)}`);
        const isHeld = works.endsWith("-held");
        assert.equal(first.codes.includes("reset-line-held"), isHeld);
        for (let again = 0; again < 2; again++) {
          const next = await connect(rig);
          assert.deepEqual([next.reset, next.missed], [works, undefined], "the first attempt brings it");
        }
        assert.deepEqual(resets.kept, { works, missed: 0, told: false });
      });
    });

  it("is not learnt where nothing resets it: a person is asked soon, and each time", async () => {
    const resets = new Memory();
    const person = { person: "auto", personWaitMs: 8_000, firmware: "none" } as const;
    await withSimulatedRig("bk7231t", { ...person, memory: LINES, resets }, async (rig) => {
      for (let times = 0; times < 2; times++) {
        const { events, by, reset } = await connect(rig);
        const asked = events.find((event) => event.type === "linking" && event.needsPerson);
        assert.ok(asked?.type === "linking" && asked.elapsedMs < 3_000, JSON.stringify(asked));
        assert.deepEqual([by, reset], ["power cycle", undefined]);
      }
      assert.equal(resets.kept, undefined);
    });
  });

  it("is forgotten where it does not help any more, and learnt anew", async () => {
    const resets = new Memory();
    resets.kept = { works: "rts-twice", missed: 0, told: true };
    await withSimulatedRig("bk7231t", { ...ALONE, wiring: { reset: "dtr" }, memory: LINES, resets }, async (rig) => {
      assert.deepEqual((await connect(rig)).missed, ["rts-twice", "rts"]);
      assert.deepEqual(resets.kept, { works: "dtr-twice", missed: 0, told: true });
    });
    const person = { person: "auto", personWaitMs: 8_000, firmware: "none" } as const;
    await withSimulatedRig("bk7231t", { ...person, memory: LINES, resets }, async (rig) => {
      for (const missed of [1, 2, 3]) {
        assert.equal((await connect(rig)).missed?.[0], "dtr-twice");
        assert.deepEqual(resets.kept, { works: "dtr-twice", missed, told: true });
      }
      assert.equal((await connect(rig)).missed?.[0], "rts", "in the order of the table again");
    });
  });

  it("is learnt anew at the first connection to another board, and no line is left that would hold it", async () => {
    const RE_WIRED: readonly (readonly [from: string, Board])[] = [
      ["rts-held", { wiring: { reset: "rts" }, works: "rts" }],
      ["dtr-held", { wiring: { reset: "dtr" }, works: "dtr" }],
      ["both-held", { wiring: { reset: "both" }, works: "both" }],
      ["rts-held", { wiring: { reset: "dtr" }, works: "dtr-twice" }],
      ["rts", { wiring: { reset: "rts", inverted: true }, works: "rts-held" }],
      ["rts-long", { wiring: { reset: "dtr", inverted: true }, works: "dtr-held" }],
      ["rts-held", { wiring: { reset: "rts", swallows: 1 }, works: "rts-twice" }],
    ];
    for (const [from, { wiring, works }] of RE_WIRED) {
      const resets = new Memory();
      resets.kept = { works: from, missed: 0, told: false };
      await withSimulatedRig("bk7231t", { ...ALONE, wiring, memory: LINES, resets }, async (rig) => {
        const { afterMs } = await connect(rig);
        assert.equal((await resets.recall())?.works, works, from);
        assert.ok(afterMs < 6_000, `${from}: ${afterMs} ms`);
        assert.deepEqual((await connect(rig)).missed, undefined, `${from}: the second attempt`);
      });
    }
  });

  it("is believed until it fails once where a person may have been the one who reset the chip", async () => {
    const resets = new Memory();
    // In the middle of an attempt with a line that is not wired.
    const person = { person: "auto", personWaitMs: 2_500, firmware: "none" } as const;
    await withSimulatedRig("bk7231t", { ...person, memory: LINES, resets }, async (rig) => {
      assert.match((await connect(rig)).reset ?? "", /-twice$/);
      assert.equal((await resets.recall())?.missed, 2);
    });
  });

  it("is learnt over an adapter whose driver moves the lines while it opens the port", async () => {
    const resets = new Memory();
    const opens = (transport: Transport): Transport => {
      void transport.setControlLines({ dtr: true, rts: true });
      void transport.setControlLines({ dtr: false, rts: false });
      return transport;
    };
    const options = { ...ALONE, wiring: { reset: "rts", swallows: 1 }, memory: LINES, resets, wrap: opens } as const;
    await withSimulatedRig("bk7231t", options, async (rig) => {
      await connect(rig);
      for (let again = 0; again < 2; again++) assert.deepEqual((await connect(rig)).missed, undefined);
    });
  });

  it("is no matter of learning where a person has chosen, by name, in steps of their own, or none", async () => {
    const chosen = (text: string): Partial<SessionOptions> => {
      const parsed = chosenResets(text);
      assert.ok("resets" in parsed && parsed.resets);
      return { resets: parsed.resets };
    };
    const resets = new Memory();
    await withSimulatedRig("bk7231t", { ...ALONE, wiring: { reset: "dtr" }, memory: LINES, resets }, async (rig) => {
      assert.deepEqual((await connect(rig, chosen("dtr"))).missed, undefined);
      const own = await connect(rig, chosen("D1 w60 D0"));
      assert.deepEqual([own.reset, own.missed, own.by], ["own", undefined, "reset by D1 w60 D0"]);
      rig.chip.powerCycle();
      await rig.clock.sleep(2_000, never);
      const none = collect(
        runJob(
          { kind: "info" },
          {},
          {
            session: { ...rig.sessionOptions, ...chosen("none"), linkTimeoutMs: 4_000 },
            deps: rig.deps,
            signal: never,
          },
        ),
      );
      assert.equal((await none).error?.code, "no-link-silence");
      assert.equal(resets.kept, undefined);
    });
  });

  it("is told once for an adapter that the platform raises its lines", async () => {
    const resets = new Memory();
    const raises = (transport: Transport): Transport =>
      but(transport, { can: { ...transport.can, raisesLines: true } });
    const options = { ...ALONE, wiring: { reset: "rts" }, memory: LINES, resets, wrap: raises } as const;
    await withSimulatedRig("bk7231t", options, async (rig) => {
      const told = [(await connect(rig)).codes, (await connect(rig)).codes];
      assert.deepEqual(
        told.map((codes) => codes.includes("lines-raised")),
        [true, false],
      );
    });
  });
});

describe("the control lines in the middle of a job", () => {
  /** A read during which the chip's firmware comes up. */
  async function linesMovedIn(
    wiring: NonNullable<ChipOptions["wiring"]>,
  ): Promise<{ readonly before: number; readonly after: number }> {
    const moved = { before: 0, after: 0 };
    let identified = false;
    const watched = (transport: Transport): Transport =>
      but(transport, {
        setControlLines: (lines) => {
          moved[identified ? "after" : "before"]++;
          return transport.setControlLines(lines);
        },
      });
    // The supply gives way for a moment in the middle of what the chip sends: then its firmware runs.
    const behaviours: Behaviour[] = [
      { onChipByte: (_byte, count, around) => void (count === 60_000 && around.powerCycle()) },
    ];
    const options = { ...ALONE, wiring, memory: LINES, wrap: watched, behaviours } as const;
    await withSimulatedRig("bk7231t", options, async (rig) => {
      // Where nothing resets it, it waits for a link when the port is opened.
      rig.chip.powerCycle();
      if (wiring.reset !== undefined) await rig.clock.sleep(2_000, never);
      const read = { kind: "read", start: 0x11000, length: 0x80000 } as const;
      const outcome = await rig.run(read, never, ({ type }) => (identified ||= type === "identified"));
      if (wiring.reset === undefined) failedWith("no-link-silence", outcome);
      else resultOf("read", outcome);
    });
    return moved;
  }

  it("stay as they are where none was seen to reset the chip, though it falls silent", async () => {
    assert.deepEqual(await linesMovedIn({}), { before: 0, after: 0 });
  });

  it("are moved only by the way that has brought the chip before", async () => {
    const { before, after } = await linesMovedIn({ reset: "rts" });
    assert.ok(before > 0 && after > 0 && after % 2 === 0, JSON.stringify({ before, after }));
  });
});
