/** A chip that is swapped for another of its kind in the middle of a job, where neither has anything of its own. */
import assert from "node:assert/strict";
import type { JobEvent, JobRequest } from "../../../src/core/index";
import { PRESETS, createChip, type PresetId, type SimulatedChip } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/prng";
import { Bench } from "./adapterBench";
import { shortBuildFor } from "./builds";
import { failedWith, firstDifference, flashRequest, notes, resultOf, withRig, type Rig } from "./rig";

const APP_AT = 0x11000;
const CHIPS = ["bk7231t", "bk7231n", "bk7231s", "bk7231q"] as const satisfies readonly PresetId[];

function withoutCalibration(id: PresetId, flash: Uint8Array): void {
  flash.fill(0xff, PRESETS[id].calibrationAt, PRESETS[id].calibrationAt + 0x1000);
}

async function swapping(
  id: PresetId,
  phase: string,
  request: JobRequest,
  prepare: (first: Uint8Array, second: Uint8Array) => void,
  check: (outcome: Awaited<ReturnType<Bench["run"]>>, rig: Rig, second: SimulatedChip, before: Uint8Array) => void,
  also: (event: JobEvent) => void = () => undefined,
): Promise<void> {
  await withRig(id, {}, async (rig) => {
    const second = createChip(PRESETS[id], { pace: "none", person: "auto", personWaitMs: 400 });
    try {
      withoutCalibration(id, rig.chip.flash);
      withoutCalibration(id, second.flash);
      prepare(rig.chip.flash, second.flash);
      const before = second.flash.slice();
      const bench = new Bench(rig);
      const swap = (event: JobEvent): void => {
        also(event);
        if (event.type === "replugging") bench.chip = second;
      };
      check(await bench.run(request, bench.replugsIn(phase, swap)), rig, second, before);
    } finally {
      second.dispose();
    }
  });
}

describe("a chip without calibration, swapped for another without", () => {
  for (const id of CHIPS)
    for (const phase of ["erase", "write", "verify"]) {
      it(`${id}, ${phase}: what was written must be there, or the job ends with the second untouched`, async () => {
        const request = flashRequest(shortBuildFor(PRESETS[id]).crc, { full: true });
        await swapping(
          id,
          phase,
          request,
          () => undefined,
          (outcome, _rig, second, before) => {
            failedWith("chip-changed", outcome);
            assert.equal(firstDifference(before, second.flash), -1);
          },
        );
      });
    }

  for (const id of CHIPS)
    it(`${id}: one with an address that thousands have is no better off`, async () => {
      const request = flashRequest(shortBuildFor(PRESETS[id]).crc, { full: true });
      await withRig({ ...PRESETS[id], mac: [0xc8, 0x47, 0x8c, 0x42, 0x88, 0x48] }, {}, async (rig) => {
        const second = createChip(rig.chip.preset, { pace: "none", person: "auto", personWaitMs: 400 });
        try {
          const before = second.flash.slice();
          const bench = new Bench(rig);
          const outcome = await bench.run(
            request,
            bench.replugsIn("write", (event) => {
              if (event.type === "replugging") bench.chip = second;
            }),
          );
          failedWith("chip-changed", outcome);
          assert.equal(firstDifference(before, second.flash), -1);
        } finally {
          second.dispose();
        }
      });
    });

  it("that cannot be told apart is said, and all of the plan is proven on the one that is there in the end", async () => {
    for (const id of ["bk7231n", "bk7231t", "bk7231s"] as const) {
      const file = shortBuildFor(PRESETS[id]).crc;
      const last = APP_AT + file.bytes.length - 0x2000;
      // The first holds all of the file but its start; the second all but its end, which the first is not asked to write.
      await swapping(
        id,
        "verify",
        flashRequest(file),
        (first, second) => {
          first.set(file.bytes, APP_AT);
          first.set(noise(1, 0x1000), APP_AT);
          second.set(file.bytes, APP_AT);
          second.set(noise(2, 0x2000), last);
        },
        (outcome, _rig, second) => {
          assert.ok(notes(outcome.events, "warning").includes("chip-unmarked"));
          if (outcome.error) return void failedWith("chip-changed", outcome);
          assert.equal(resultOf("flash", outcome).verified, true);
          assert.equal(firstDifference(file.bytes, second.flash.subarray(APP_AT, APP_AT + file.bytes.length)), -1);
        },
      );
    }
  });

  it("while a sector is repaired: all of the file is proven on the second, and not what was left to write on the first", async () => {
    for (const id of ["bk7231n", "bk7231t"] as const) {
      const file = shortBuildFor(PRESETS[id]).crc;
      const last = APP_AT + file.bytes.length - 0x2000;
      let spoilt: Uint8Array | undefined;
      await swapping(
        id,
        "repair",
        flashRequest(file),
        (first, second) => {
          spoilt = first;
          first.set(file.bytes, APP_AT);
          first.set(noise(1, 0x2000), APP_AT);
          second.set(file.bytes, APP_AT);
          second.set(noise(2, 0x2000), last);
        },
        (outcome, _rig, second) => {
          assert.ok(notes(outcome.events).includes("repair"), id);
          assert.ok(
            outcome.events.some(({ type }) => type === "replugging"),
            id,
          );
          if (outcome.error) return void failedWith("chip-changed", outcome);
          assert.equal(firstDifference(file.bytes, second.flash.subarray(APP_AT, APP_AT + file.bytes.length)), -1, id);
        },
        // Two sectors come out wrong: the link is lost between their repairs.
        (event) => {
          if (spoilt && event.type === "phase-started" && event.phase === "verify") {
            for (const at of [APP_AT + 7, APP_AT + 0x1007]) spoilt[at] = (spoilt[at] ?? 0) ^ 0xff;
            spoilt = undefined;
          }
        },
      );
    }
  });

  it("in the middle of a backup leaves no dump of which half is of each", async () => {
    for (const id of CHIPS)
      for (const phase of ["read", "check"]) {
        await swapping(
          id,
          phase,
          { kind: "backup" },
          (first, second) => {
            first.set(noise(5, 0x3000), 0x130000);
            second.set(noise(6, 0x3000), 0x130000);
            second.set(noise(7, 0x3000), 0x1a0000);
          },
          (outcome, _rig, second) => {
            if (outcome.error) return void failedWith("chip-changed", outcome);
            assert.equal(firstDifference(resultOf("backup", outcome).data, second.flash), -1, `${id} ${phase}`);
          },
        );
      }
  });

  it("goes on with the same chip, which it still is", async () => {
    for (const id of CHIPS)
      for (const phase of ["erase", "write", "verify"]) {
        await withRig(id, {}, async (rig) => {
          withoutCalibration(id, rig.chip.flash);
          const file = shortBuildFor(PRESETS[id]).crc;
          const bench = new Bench(rig);
          const outcome = await bench.run(flashRequest(file, { full: true }), bench.replugsIn(phase));
          assert.equal(resultOf("flash", outcome).verified, true);
          assert.ok(notes(outcome.events, "warning").includes("chip-unmarked"));
        });
      }
  });
});
