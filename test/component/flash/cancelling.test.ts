import assert from "node:assert/strict";
import { PRESETS, type PresetId } from "../../../src/simulator/index";
import type { JobEvent, JobRequest } from "../../../src/core/index";
import { packaged, rawFirmware, shortBuildFor } from "./builds";
import {
  assertUntouched,
  failedWith,
  firstDifference,
  flashRequest,
  never,
  resultOf,
  withSimulatedRig,
  type Outcome,
  type Rig,
} from "./rig";

/** Where a job is stopped: at the `nth` event that fits. */
interface Point {
  readonly name: string;
  readonly fits: (event: JobEvent) => boolean;
  readonly nth?: number;
}

const inPhase = (phase: string, type: "phase-started" | "progress" | "phase-finished"): Point["fits"] => {
  return (event) => event.type === type && event.phase === phase;
};

const BEFORE: readonly Point[] = [
  { name: "linking", fits: ({ type }) => type === "linking" },
  { name: "linked", fits: ({ type }) => type === "linked" },
  { name: "identifying", fits: inPhase("identify", "progress"), nth: 2 },
  { name: "identified", fits: ({ type }) => type === "identified" },
  { name: "planned", fits: ({ type }) => type === "planned" },
  { name: "before the first erase", fits: inPhase("erase", "phase-started") },
];
const WITHIN: readonly Point[] = [
  { name: "first erase", fits: inPhase("erase", "progress") },
  { name: "erased", fits: inPhase("erase", "phase-finished") },
  { name: "first write", fits: inPhase("write", "progress") },
  { name: "fifth write", fits: inPhase("write", "progress"), nth: 5 },
];
const AFTER: readonly Point[] = [
  { name: "written", fits: inPhase("verify", "phase-started") },
  { name: "verifying", fits: inPhase("verify", "progress") },
];

/** Stops the job at the point; `after` counts the steps that were done all the same. */
async function stoppedAt(
  rig: Rig,
  request: JobRequest,
  { fits, nth = 1 }: Point,
): Promise<Outcome & { readonly after: number }> {
  const stop = new AbortController();
  let seen = 0;
  let after = 0;
  const outcome = await rig.run(request, stop.signal, (event) => {
    if (stop.signal.aborted) after += event.type === "progress" ? 1 : 0;
    else if (fits(event) && ++seen === nth) stop.abort();
  });
  assert.equal(stop.signal.aborted, true, "the point was reached");
  return { ...outcome, after };
}

async function worksAgain(rig: Rig, id: PresetId): Promise<void> {
  const again = await rig.run({ kind: "info" });
  assert.equal(resultOf("info", again).chip.flash.size, rig.chip.flash.length, id);
}

describe("stopping a flash job", () => {
  const ids = ["bk7231s", "bk7231t", "bk7231n", "bk7252"] as const;

  const endsWell = (id: PresetId, point: Point): Promise<void> =>
    withSimulatedRig(id, {}, async (rig) => {
      const where = `${id}, ${point.name}`;
      // Only a chip whose firmware runs already makes a job wait for its link.
      if (point.name === "linking") await rig.untilStarted();
      const before = rig.snapshot();
      const outcome = await stoppedAt(rig, flashRequest(packaged(PRESETS[id], rawFirmware(0x30000)).crc), point);
      const error = failedWith("cancelled", outcome);
      // What a loader has in its queue already is waited for.
      assert.equal(outcome.after <= 5, true, `${where}: ${outcome.after} more steps`);
      if (BEFORE.includes(point)) {
        assert.equal(error.flash, "untouched", where);
        assert.equal(firstDifference(before, rig.chip.flash), -1, where);
        assert.deepEqual(
          rig.flashOperations.filter(({ operation }) => operation.kind !== "status"),
          [],
          where,
        );
      } else {
        assert.equal(error.flash, AFTER.includes(point) ? "written" : "partly-written", where);
        assert.notEqual(firstDifference(before, rig.chip.flash), -1, where);
      }
      await worksAgain(rig, id);
    });

  for (const [when, points] of [
    ["before the first erase", BEFORE],
    ["while erasing and writing", WITHIN],
    ["while verifying", AFTER],
  ] as const) {
    it(`${when}: ends at once, tells what it left, and the chip can be used`, async () => {
      await Promise.all(points.flatMap((point) => ids.map((id) => endsWell(id, point))));
    });
  }

  it("in the same session the next job goes on over the same link", async () => {
    await withSimulatedRig("bk7231s", {}, async (rig) => {
      const session = await rig.openSession();
      const { crc } = shortBuildFor(PRESETS.bk7231s);
      const stop = new AbortController();
      const first = await rig.inSession(session, flashRequest(crc), stop.signal, (event) => {
        if (event.type === "progress" && event.phase === "write") stop.abort();
      });
      failedWith("cancelled", first);
      const second = await rig.inSession(session, flashRequest(crc));
      assert.equal(resultOf("flash", second).verified, true);
      assert.equal(
        second.events.some(({ type }) => type === "linked"),
        false,
      );
      await session.close();
    });
  });

  it("an answer of no to the plan ends as cancelled, and touches nothing", async () => {
    await withSimulatedRig("bk7231t", {}, async (rig) => {
      const before = rig.snapshot();
      const no = rig.answering({ approve: () => Promise.resolve(false) });
      const outcome = await no.run(flashRequest(shortBuildFor(PRESETS.bk7231t).crc));
      assert.equal(failedWith("cancelled", outcome).flash, "untouched");
      assertUntouched(rig, before);
    });
  });

  it("a signal that was aborted before ends the job without opening anything, or at its first wait", async () => {
    await withSimulatedRig("bk7231t", {}, async (rig) => {
      const before = rig.snapshot();
      failedWith("cancelled", await rig.run({ kind: "backup" }, AbortSignal.abort()));
      assertUntouched(rig, before);
    });
  });

  for (const phase of ["read", "check"] as const) {
    it(`a backup stopped in its ${phase} leaves the chip as it was and usable`, async () => {
      await withSimulatedRig("bk7231u", {}, async (rig) => {
        const before = rig.snapshot();
        const outcome = await stoppedAt(
          rig,
          { kind: "backup" },
          { name: phase, fits: inPhase(phase, "progress"), nth: 3 },
        );
        assert.equal(failedWith("cancelled", outcome).flash, "untouched");
        assert.equal(firstDifference(before, rig.chip.flash), -1);
        await worksAgain(rig, "bk7231u");
      });
    });
  }

  it("the chip is left at the speed where the next program looks for it", async () => {
    await withSimulatedRig("bk7231s", {}, async (rig) => {
      await stoppedAt(rig, { kind: "backup" }, { name: "read", fits: inPhase("read", "progress"), nth: 3 });
      assert.equal(rig.chip.state, "linked");
      assert.equal(Math.abs(rig.chip.baudRate - 115_200) < 2_400, true, `${rig.chip.baudRate}`);
    });
  });

  it("aborts at any moment, not only between events, are answered by cancelled or by the finished job", async () => {
    const { crc } = shortBuildFor(PRESETS["bk7231n-zero"]);
    const stopAfter = (turns: number): Promise<void> =>
      withSimulatedRig("bk7231n-zero", {}, async (rig) => {
        const before = rig.snapshot();
        const stop = new AbortController();
        const job = rig.run(flashRequest(crc), stop.signal);
        for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
        stop.abort();
        const { error } = await job;
        assert.equal(error === undefined || error.code === "cancelled", true, error?.message);
        if (error?.flash === "untouched") assertUntouched(rig, before);
        const session = await rig.openSession();
        assert.equal(resultOf("flash", await rig.inSession(session, flashRequest(crc), never)).verified, true);
        await session.close();
      });
    await Promise.all(Array.from({ length: 8 }, (_, i) => stopAfter(50 + 500 * i)));
  });
});
