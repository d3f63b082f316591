/**
 * Lines and loaders that make a job take longer, and must not end it: pauses at any time, bytes that get lost at every speed,
 * a reboot that is none, a limit that is higher than its family's.
 */
import assert from "node:assert/strict";
import type { JobEvent, JobRequest } from "../../../src/core/index";
import {
  LOADER_PRESETS,
  PRESETS,
  loseBytes,
  pauseAtByte,
  type Behaviour,
  type PauseFate,
  type Preset,
} from "../../../src/simulator/index";
import { LOADER_U, type SimulatedLoader } from "../../../src/simulator/loader/loaderProfiles";
import { noise } from "../../../src/simulator/prng";
import { shortBuildFor } from "./builds";
import {
  assertCarriedOut,
  failedWith,
  firstDifference,
  flashRequest,
  notes,
  resultOf,
  withSimulatedRig,
  type Outcome,
  type Rig,
  type RigOptions,
} from "./rig";

const KINDS = ["bk7231s", "bk7231q", "bk7231t", "bk7231n", "bk7231u"] as const;
const READ: JobRequest = { kind: "read", start: 0x40000, length: 0x20000 };

/** Nobody is there, and nothing restarts by itself. */
const ALONE: RigOptions = { person: "manual", idleRebootMs: 600_000, linkTimeoutMs: 60_000 };

function fill(rig: Rig): void {
  rig.chip.flash.set(noise(5, 0x30000), 0x40000);
}

function assertRead(rig: Rig, outcome: Outcome): void {
  const { data } = resultOf("read", outcome);
  assert.equal(firstDifference(data, rig.chip.flash.subarray(0x40000, 0x60000)), -1);
}

describe("a chip that is not heard for a while", () => {
  /** At this share of the way through the job, as the commands and bytes of an undisturbed one tell. */
  async function paused(
    preset: Preset,
    request: JobRequest,
    share: number,
    ms: number,
    direction: "from-chip" | "from-host",
    fate: PauseFate,
    judge: (rig: Rig, before: Uint8Array, outcome: Outcome) => void,
  ): Promise<void> {
    let sent = 0;
    const count: Behaviour = { [direction === "from-chip" ? "onChipByte" : "onHostByte"]: () => void sent++ };
    await withSimulatedRig(preset, { ...ALONE, behaviours: [count] }, async (rig) => {
      fill(rig);
      const { error } = await rig.run(request);
      if (error) throw error;
    });
    const behaviours = [pauseAtByte(direction, Math.max(20, Math.floor(share * sent)), ms, fate)];
    await withSimulatedRig(preset, { ...ALONE, behaviours }, async (rig) => {
      fill(rig);
      const before = rig.snapshot();
      const outcome = await rig.run(request);
      judge(rig, before, outcome);
      const started = rig.log.filter((event) => event.type === "state" && event.state === "boot");
      assert.deepEqual(started, [], "it never left its loader");
    });
  }

  const carriedOut = (rig: Rig, before: Uint8Array, outcome: Outcome): void => {
    assert.equal(resultOf("flash", outcome).verified, true);
    assertCarriedOut(resultOf("flash", outcome).plan, before, rig.chip.flash);
  };

  for (const id of KINDS) {
    for (const [ms, shares] of [
      [700, [0.02, 0.6]],
      [3_000, [0.02, 0.06, 0.1, 0.5, 0.97]],
      [30_000, [0.5]],
    ] as const) {
      it(`${id}: for ${ms} ms, wherever it begins, what was held back and what was lost: read whole`, async () => {
        for (const share of shares) {
          for (const fate of ["held", "lost"] as const)
            await paused(PRESETS[id], READ, share, ms, "from-chip", fate, (rig, _before, outcome) => {
              assertRead(rig, outcome);
              assert.equal(notes(outcome.events).includes("needs-reset"), false);
            });
        }
        await paused(PRESETS[id], READ, 0.5, ms, "from-host", "held", (rig, _before, outcome) =>
          assertRead(rig, outcome),
        );
        await paused(PRESETS[id], READ, 0.7, ms, "from-host", "lost", (rig, _before, outcome) =>
          assertRead(rig, outcome),
        );
      });
    }
    it(`${id}: for 3 s in the middle of a write: written and verified`, async () => {
      const request = flashRequest(shortBuildFor(PRESETS[id]).crc, { full: true });
      for (const share of [0.02, 0.2, 0.5, 0.9, 0.999])
        await paused(PRESETS[id], request, share, 3_000, "from-chip", "held", carriedOut);
    });
  }
});

describe("a line that loses bytes at every speed", () => {
  for (const id of ["bk7231n", "bk7231t", "bk7231s"] as const) {
    it(`${id}: one in ten thousand, on either way: a backup gets through, and it is said`, async () => {
      for (const seed of [1, 2, 3]) {
        const behaviours = [loseBytes("from-chip", 1e-4, seed, 100), loseBytes("from-host", 1e-5, seed, 100)];
        await withSimulatedRig(id, { ...ALONE, person: "auto", behaviours }, async (rig) => {
          rig.chip.flash.set(noise(7, 0x1a0000), 0x20000);
          const outcome = await rig.run({ kind: "backup" });
          assert.equal(firstDifference(resultOf("backup", outcome).data, rig.chip.flash), -1);
          assert.equal(notes(outcome.events).includes("line-loses-bytes"), true);
        });
      }
    });
  }

  it("one in a thousand, on a ROM, which can be asked for less at a time", async () => {
    const behaviours = [loseBytes("from-chip", 1e-3, 4, 100)];
    await withSimulatedRig("bk7231n", { ...ALONE, behaviours }, async (rig) => {
      fill(rig);
      assertRead(rig, await rig.run(READ));
    });
  });
});

describe("a loader whose reboot command only begins again", () => {
  const lock: JobRequest = { kind: "backup" };

  for (const id of ["u_ottime", "u_aws"]) {
    it(`${id}: what a CRC has locked is taken for unlocked only once the power was cycled`, async () => {
      const preset = LOADER_PRESETS[id] as Preset;
      await withSimulatedRig(preset, { ...ALONE, statusRegister: 0 }, async (rig) => {
        const session = await rig.openSession();
        resultOf("backup", await rig.inSession(session, lock));
        const before = rig.snapshot();
        let asked = 0;
        const onEvent = (event: JobEvent): void => {
          if (event.type === "linking" && event.needsPerson && ++asked === 1) rig.chip.powerCycle();
        };
        const outcome = await rig.inSession(session, flashRequest(shortBuildFor(preset).crc), undefined, onEvent);
        assertCarriedOut(resultOf("flash", outcome).plan, before, rig.chip.flash);
        assert.ok(asked > 0);
        await session.close();
      });
    });

    it(`${id}: over a network port too; nobody there: the code of its kind, with the flash untouched`, async () => {
      const preset = LOADER_PRESETS[id] as Preset;
      const options: RigOptions = { ...ALONE, statusRegister: 0, memory: { baudRate: false }, linkTimeoutMs: 5_000 };
      await withSimulatedRig(preset, options, async (rig) => {
        const session = await rig.openSession();
        resultOf("backup", await rig.inSession(session, lock));
        const before = rig.snapshot();
        const failed = await rig.inSession(session, flashRequest(shortBuildFor(preset).crc));
        assert.equal(failedWith("flash-protected", failed).flash, "untouched");
        const onEvent = (event: JobEvent): void => {
          if (event.type === "linking" && event.needsPerson) rig.chip.powerCycle();
        };
        const outcome = await rig.inSession(session, flashRequest(shortBuildFor(preset).crc), undefined, onEvent);
        assertCarriedOut(resultOf("flash", outcome).plan, before, rig.chip.flash);
        await session.close();
      });
    });
  }

  it("a chip that was only not heard for a while is as locked as it was", async () => {
    for (const id of ["bk7231q", "bk7231s"] as const) {
      let pause = false;
      const once: Behaviour = {
        onChipByte: (_byte, _count, around) => {
          if (pause) around.pause("from-chip", 3_000, "held");
          pause = false;
          return undefined;
        },
      };
      await withSimulatedRig(id, { ...ALONE, statusRegister: 0, behaviours: [once] }, async (rig) => {
        fill(rig);
        const session = await rig.openSession();
        resultOf("backup", await rig.inSession(session, lock));
        assert.equal(session.lockedByCrc, true);
        const outcome = await rig.inSession(
          session,
          { kind: "read", start: 0x40000, length: 0x4000 },
          undefined,
          (event) => {
            pause ||= event.type === "phase-started" && event.phase === "read";
          },
        );
        resultOf("read", outcome);
        assert.equal(notes(outcome.events).includes("retry"), true, id);
        assert.equal(session.lockedByCrc, true, id);
        await session.close();
      });
    }
  });

  it("a loader that nobody knows, and one that is taken for one that resets: found out by the erase that does nothing", async () => {
    for (const id of ["bk7231s", "s101"]) {
      const known = { ...PRESETS, ...LOADER_PRESETS }[id] as Preset;
      assert.ok(known.answers.kind === "loader");
      const preset = {
        ...known,
        answers: { ...known.answers, loader: { ...known.answers.loader, reboot: "begins-again" } },
      } as const;
      await withSimulatedRig(preset, { ...ALONE, statusRegister: 0 }, async (rig) => {
        const session = await rig.openSession();
        resultOf("backup", await rig.inSession(session, lock));
        const before = rig.snapshot();
        const onEvent = (event: JobEvent): void => {
          if (event.type === "linking" && event.needsPerson) rig.chip.powerCycle();
        };
        const outcome = await rig.inSession(session, flashRequest(shortBuildFor(known).crc), undefined, onEvent);
        assertCarriedOut(resultOf("flash", outcome).plan, before, rig.chip.flash);
        await session.close();
      });
    }
  });
});

describe("a loader that refuses reads above the limit of its family", () => {
  const refusing = (readLimit: number): Preset => ({
    ...PRESETS.bk7231u,
    answers: { kind: "loader", loader: { ...LOADER_U, readLimit } },
  });

  it("is read by the alias: backup, flash and restore of all of it", async () => {
    for (const limit of [0x10000, 0x12000, 0x80000, 0x1f0000]) {
      await withSimulatedRig(refusing(limit), ALONE, async (rig) => {
        const before = rig.snapshot();
        const { data } = resultOf("backup", await rig.run({ kind: "backup" }));
        assert.equal(firstDifference(data, before), -1);
        const outcome = await rig.run(flashRequest(shortBuildFor(PRESETS.bk7231u).crc));
        assertCarriedOut(resultOf("flash", outcome).plan, before, rig.chip.flash);
        const file = { name: "backup.bin", bytes: before };
        const back = await rig.run({ kind: "restore", file, verify: true, reboot: false, dryRun: false });
        assert.equal(resultOf("restore", back).verified, true);
        assert.equal(firstDifference(rig.chip.flash, before), -1);
      });
    }
  });

  it("what cannot be read either way is told with its own address", async () => {
    const loader: { -readonly [K in keyof SimulatedLoader]: SimulatedLoader[K] } = { ...LOADER_U };
    await withSimulatedRig({ ...PRESETS.bk7231u, answers: { kind: "loader", loader } }, ALONE, async (rig) => {
      const session = await rig.openSession();
      resultOf("info", await rig.inSession(session, { kind: "info" }));
      // Below it not as they are, and from there on not by the alias either.
      loader.readLimit = 0x66000;
      loader.readEnd = 0x1066000;
      const outcome = await rig.inSession(session, { kind: "read", start: 0x60000, length: 0x20000 });
      assert.match(failedWith("chip-status", outcome).message, /read 0x066000/);
    });
  });
});
