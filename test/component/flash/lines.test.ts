import assert from "node:assert/strict";
import {
  PRESETS,
  bootLog,
  dropBytes,
  duplicateByte,
  ignoreCommand,
  insertNoise,
  powerLossAtFlashOperation,
  stall,
  type Behaviour,
  type PresetId,
} from "../../../src/simulator/index";
import { limitedAdapter } from "./adapters";
import { PRESET_IDS, shortBuildFor } from "./builds";
import type { Rig } from "./rig";
import {
  assertCarriedOut,
  failedWith,
  flashRequest,
  never,
  notes,
  resultOf,
  withSimulatedRig,
  type Outcome,
  type RigOptions,
} from "./rig";

/** Flashes a short build through a bad line; the result must be what the plan says. */
async function flashesThrough(
  id: PresetId,
  options: RigOptions,
  onEvent?: (rig: Rig) => Parameters<Rig["run"]>[2],
): Promise<Outcome> {
  let outcome: Outcome | undefined;
  await withSimulatedRig(id, options, async (rig) => {
    const before = rig.snapshot();
    outcome = await rig.run(flashRequest(shortBuildFor(PRESETS[id]).crc), never, onEvent?.(rig));
    assertCarriedOut(resultOf("flash", outcome).plan, before, rig.chip.flash);
  });
  return outcome as Outcome;
}

/** A chip that is switched off in the middle of an operation, and on again by the test once somebody waits for it. */
function backAgain(rig: Rig): Parameters<Rig["run"]>[2] {
  return (event) => {
    if (event.type === "linking" && rig.chip.state === "off") rig.chip.powerOn();
    else if (event.type === "linking" && event.needsPerson) rig.chip.powerCycle();
  };
}

const ONE_OF_EACH = ["bk7231s", "bk7231q", "bk7231t", "bk7231n-zero", "bk7252"] as const;

describe("flashing over a line that is not perfect", () => {
  const faults: readonly (readonly [string, () => readonly Behaviour[]])[] = [
    ["bytes to the chip lost", () => [dropBytes("from-host", 9_000), dropBytes("from-host", 31_000, 40)]],
    ["bytes from the chip lost", () => [dropBytes("from-chip", 6_000), dropBytes("from-chip", 25_300, 9)]],
    [
      "noise in both directions",
      () => [insertNoise("from-chip", 7_001, [0x04, 0x0e, 0xff]), insertNoise("from-host", 20_000, [0x00])],
    ],
    ["bytes doubled", () => [duplicateByte("from-host", 12_345), duplicateByte("from-chip", 9_999)]],
    ["requests ignored", () => [ignoreCommand(40), ignoreCommand(57)]],
    ["a slow answer", () => [stall(45, 100)]],
  ];
  it("done and verified all the same, on every family, whatever the fault", async () => {
    const through = async (id: PresetId, [name, behaviours]: (typeof faults)[number]): Promise<void> => {
      try {
        await flashesThrough(id, { behaviours: behaviours(), personWaitMs: 3_000 });
      } catch (error) {
        throw new Error(`${id}, ${name}`, { cause: error });
      }
    };
    await Promise.all(faults.flatMap((fault) => ONE_OF_EACH.map((id) => through(id, fault))));
  });

  it("bytes in ones and twos, as slow adapters deliver them", async () => {
    await flashesThrough("bk7231n-zero", { memory: { chunk: 61 } });
  });

  it("a boot log before every link", async () => {
    const behaviours = [bootLog("\r\nBooting... V1.2 reset_reason=0 \u0004\u000e jump to 0x10000\r\n")];
    await Promise.all(ONE_OF_EACH.map((id) => flashesThrough(id, { behaviours })));
  });

  /** The nth and `times - 1` more commands with this code are answered with `status`, and not carried out. */
  function answers(status: number, command: number, nth: number, times: number): Behaviour {
    let seen = 0;
    return {
      onCommand: ({ code, long }) =>
        long && code === command && ++seen >= nth && seen < nth + times ? { status } : undefined,
    };
  }
  const COMMANDS = { write: 0x07, erase: 0x0f } as const;

  it("a refusing status in the middle is an answer, not silence: chip-status at once, and what is left is told", async () => {
    for (const status of [4, 5, 6]) {
      const behaviours = [answers(status, COMMANDS.write, 5, 1)];
      await withSimulatedRig("bk7231n-zero", { behaviours }, async (rig) => {
        const outcome = await rig.run(flashRequest(shortBuildFor(PRESETS["bk7231n-zero"]).crc));
        const error = failedWith("chip-status", outcome);
        assert.deepEqual([error.context.status, error.flash], [status, "partly-written"]);
        assert.deepEqual(notes(outcome.events, "warning"), []);
      });
    }
    const behaviours = [answers(7, COMMANDS.write, 5, 1)];
    await withSimulatedRig("bk7231n-zero", { behaviours }, async (rig) => {
      failedWith("command-unsupported", await rig.run(flashRequest(shortBuildFor(PRESETS["bk7231n-zero"]).crc)));
    });
  });

  it("busy and timed out are asked once more: done when that was all, chip-status when it stays", async () => {
    const once = async (status: number, command: number): Promise<void> => {
      const { events } = await flashesThrough("bk7231n-zero", { behaviours: [answers(status, command, 3, 1)] });
      assert.deepEqual(notes(events, "warning"), ["retry"], `${status}`);
    };
    const stays = (status: number, command: number): Promise<void> =>
      withSimulatedRig("bk7231n-zero", { behaviours: [answers(status, command, 3, 2)] }, async (rig) => {
        const outcome = await rig.run(flashRequest(shortBuildFor(PRESETS["bk7231n-zero"]).crc, { full: true }));
        assert.equal(failedWith("chip-status", outcome).context.status, status);
      });
    await Promise.all(
      [1, 2, 3].flatMap((status) =>
        Object.values(COMMANDS).flatMap((command) => [once(status, command), stays(status, command)]),
      ),
    );
  });
});

describe("power", () => {
  it("lost in the middle of an erase and of a write, and back: the same job goes on", async () => {
    const survives = async (id: PresetId, operation: number): Promise<void> => {
      const behaviours = [powerLossAtFlashOperation(operation)];
      const { events } = await flashesThrough(id, { behaviours, person: "manual" }, backAgain);
      assert.equal(notes(events, "warning").includes("retry"), true, id);
      assert.equal(events.filter(({ type }) => type === "linked").length, 2, id);
    };
    await Promise.all(ONE_OF_EACH.flatMap((id) => [survives(id, 5), survives(id, 400)]));
  });

  it("on every chip, at the first and a later erase and write, a differential job and a full one, with somebody to switch it on", async () => {
    /** Power fails at the nth operation of this kind. */
    const powerLossAt = (kind: "erase" | "program", nth: number): Behaviour => {
      let seen = 0;
      return {
        onFlashOperation: (operation) => (operation.kind === kind && ++seen === nth ? "power-loss" : undefined),
      };
    };
    const survives = (id: PresetId, kind: "erase" | "program", nth: number, full: boolean): Promise<void> =>
      withSimulatedRig(id, { behaviours: [powerLossAt(kind, nth)], person: "manual" }, async (rig) => {
        const before = rig.snapshot();
        const request = flashRequest(shortBuildFor(PRESETS[id]).crc, { full });
        const outcome = await rig.run(request, never, backAgain(rig));
        const what = `${id} ${kind} ${nth}`;
        assert.equal(resultOf("flash", outcome).verified, true, what);
        assertCarriedOut(resultOf("flash", outcome).plan, before, rig.chip.flash);
      });
    for (const id of PRESET_IDS) {
      await Promise.all([
        survives(id, "erase", 1, true),
        survives(id, "erase", 3, false),
        survives(id, "program", 1, false),
        survives(id, "program", 700, true),
      ]);
    }
  });

  it("lost for good: the link error of its kind, with the flash partly written", async () => {
    const behaviours = [powerLossAtFlashOperation(30)];
    await withSimulatedRig("bk7231t", { behaviours, person: "manual", linkTimeoutMs: 3_000 }, async (rig) => {
      const error = failedWith("no-link-silence", await rig.run(flashRequest(shortBuildFor(PRESETS.bk7231t).crc)));
      assert.equal(error.flash, "partly-written");
    });
  });

  it("a plug that bounces during identification costs a second link, not the job", async () => {
    for (const id of ["bk7231s", "bk7231n"] as const) {
      let bounced = false;
      const bounce: Behaviour = {
        onCommand: ({ code }, around) => {
          if (bounced || code !== 0x09) return undefined;
          bounced = true;
          around.powerCycle();
          return { ignore: true };
        },
      };
      await withSimulatedRig(id, { behaviours: [bounce] }, async (rig) => {
        assert.equal(resultOf("info", await rig.run({ kind: "info" })).chip.chip?.id, id);
      });
    }
  });
});

describe("speed", () => {
  it("falls back, with a note, until host and chip understand each other", async () => {
    const fallsBack = async (id: PresetId): Promise<void> => {
      const { events } = await flashesThrough(id, { wrap: limitedAdapter(() => 500_000), baudRate: 1_000_000 });
      assert.equal(notes(events, "warning").includes("baud-fallback"), true);
      const identified = events.find((event) => event.type === "identified");
      assert.equal(identified?.type === "identified" && identified.baudRate, 460_800);
    };
    await Promise.all((["bk7231t", "bk7231s"] as const).map(fallsBack));
  });

  it("a chip left at a higher speed by a tool that was killed is found", async () => {
    const found = (baud: number): Promise<void> =>
      withSimulatedRig("bk7231s", { person: "manual", baudRate: baud }, async (rig) => {
        const session = await rig.openSession();
        resultOf("info", await rig.inSession(session, { kind: "info" }));
        assert.equal(rig.chip.baudRate > 200_000, true);
        rig.transport?.unplug();
        const outcome = await rig.run({ kind: "info" });
        resultOf("info", outcome);
        const linked = outcome.events.find((event) => event.type === "linked");
        assert.match(linked?.type === "linked" ? linked.by : "", /left at/);
      });
    await Promise.all([230_400, 460_800, 921_600, 1_000_000, 1_500_000, 2_000_000, 3_000_000].map(found));
  });

  it("a carrier without a speed of its own keeps its own, and says so when another was asked for", async () => {
    const { events } = await flashesThrough("bk7231t", { memory: { baudRate: false }, baudRate: 921_600 });
    assert.equal(notes(events, "info").includes("baud-fixed"), true);
  });
});

describe("a person who thinks about the plan", () => {
  it("finds the chip still linked, on every chip, idle reboot or not", async () => {
    const waits = (id: PresetId): Promise<void> =>
      withSimulatedRig(id, { idleRebootMs: 700 }, async (rig) => {
        const before = rig.snapshot();
        const approve = async (): Promise<boolean> => {
          await rig.clock.sleep(2_000, never);
          return true;
        };
        const outcome = await rig.answering({ approve }).run(flashRequest(shortBuildFor(PRESETS[id]).crc));
        assertCarriedOut(resultOf("flash", outcome).plan, before, rig.chip.flash);
        assert.equal(outcome.events.filter(({ type }) => type === "linked").length, 1, id);
        assert.deepEqual(notes(outcome.events, "warning"), [], id);
      });
    await Promise.all(PRESET_IDS.map(waits));
  });
});
