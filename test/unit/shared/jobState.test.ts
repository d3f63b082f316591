/** The one reducer: a job's events, in the order of events.ts, become what every surface draws. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { english } from "../../../src/core/base/words";
import type { JobEvent, JobResult } from "../../../src/core/jobs/events";
import { NOTE_WORDS } from "../../../src/core/driver/noteWords";
import { narrowPlan } from "../../../src/core/plan/narrow";
import { countStates, stateAt } from "../../../src/shared/flashMap";
import {
  approved,
  askApproval,
  cancel,
  fail,
  isFinished,
  newJob,
  reduceJob,
  succeed,
  tookMs,
  type JobState,
} from "../../../src/shared/jobState";
import { toHistoryEntry } from "../../../src/shared/historyEntry";
import {
  START,
  done,
  failure,
  flashEvents,
  flashJob,
  flashResult,
  image,
  linkEvents,
  plan,
  play,
  romChip,
  usb,
} from "../webview/scenes";

const after = (state: JobState, ...events: readonly JobEvent[]): JobState => play(state, events);
const planned = play(flashJob(), flashEvents, { until: (state) => state.plan !== undefined });

function backupOf(length: number, crc32: number): JobResult {
  const data = new Uint8Array(length);
  const figures = { bytesRead: length, verified: true, bytesTaken: 0, bytesFromBase: 0 };
  return { kind: "backup", chip: romChip, data, crc32, ...figures };
}

/** Every state on the way. */
function states(events: readonly JobEvent[], everyMs = 60): JobState[] {
  let now = START;
  const all = [flashJob()];
  for (const event of events) all.push(reduceJob(all.at(-1) as JobState, event, (now += everyMs), english));
  return all;
}

/** Counts of sectors by state, as one line. */
const mapLine = ({ map }: JobState): string =>
  map ? [...countStates(map)].map(([state, count]) => `${state} ${count}`).join(", ") : "";

describe("job state", () => {
  it("follows a flash from the queue to its end", () => {
    const line: string[] = [];
    for (const state of states(flashEvents)) {
      const active = state.phases.find((phase) => phase.state === "active")?.phase ?? "-";
      const now = `${state.status} ${active}`;
      if (line.at(-1) !== now) line.push(now);
    }
    assert.deepEqual(line, [
      "queued -",
      "linking -",
      "running -",
      "running identify",
      "running -",
      "running preserve",
      "running -",
      "running erase",
      "running -",
      "running write",
      "running -",
      "running verify",
      "running -",
    ]);
  });

  it("paints each sector with what happened to it last", () => {
    const total = (plan.flashSize / 0x1000) | 0;
    const touched = plan.totals.erase / 0x1000;
    const written = plan.totals.write / 0x1000;
    assert.ok(written < touched, "the build has blank stretches");
    const at = (until: (state: JobState) => boolean): string => mapLine(play(flashJob(), flashEvents, { until }));
    const finished = (name: string) => (state: JobState) =>
      state.phases.some(({ phase, state: is }) => phase === name && is === "done");
    assert.equal(mapLine(planned), `kept ${total - touched}, planned ${touched}`);
    assert.equal(at(finished("erase")), `kept ${total - touched}, erased ${touched}`);
    assert.equal(at(finished("write")), `kept ${total - touched}, written ${written}, skipped ${touched - written}`);
    assert.equal(at(finished("verify")), `kept ${total - touched}, verified ${touched}`);
  });

  it("never lets the overall share go down, and keeps the last hundredth for success", () => {
    const shares = states(flashEvents).map(({ overall }) => overall);
    shares.forEach((share, i) => assert.ok(share >= (shares[i - 1] ?? 0)));
    assert.equal(shares.at(-1), 0.99);
    assert.equal(done.overall, 1);
  });

  it("never lets the overall share go down whatever phases come, in any order and number", () => {
    const phases = fc.constantFrom(
      "identify",
      "preserve",
      "compare",
      "erase",
      "write",
      "verify",
      "repair",
      "read",
      "check",
    );
    const event = fc.tuple(
      phases,
      fc.nat(64),
      fc.nat(64),
      fc.constantFrom("phase-started", "progress", "phase-finished"),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.nat(500), (list, everyMs) => {
        let state = planned;
        let now = START;
        for (const [phase, done, total, type] of list) {
          const next = reduceJob(
            state,
            type === "phase-started"
              ? { type, phase, total: total * 4096 }
              : type === "progress"
                ? {
                    type,
                    phase,
                    done: Math.min(done, total) * 4096,
                    total: total * 4096,
                    address: done * 4096,
                    length: 4096,
                  }
                : { type, phase },
            (now += everyMs),
            english,
          );
          assert.ok(next.overall >= state.overall && next.overall <= 0.99);
          assert.ok(next.etaMs === undefined || (Number.isFinite(next.etaMs) && next.etaMs >= 0));
          assert.deepEqual(JSON.parse(JSON.stringify(next.map)), next.map);
          state = next;
        }
      }),
    );
  });

  it("keeps what the wire showed while linking, and says when a person is needed", () => {
    const state = after(flashJob(), ...linkEvents.slice(0, 2));
    assert.equal(state.status, "linking");
    assert.deepEqual(state.link, {
      elapsedMs: 6000,
      limitMs: 60_000,
      wire: "log-text",
      bytesSeen: 812,
      needsPerson: true,
    });
    assert.deepEqual(after(state, ...linkEvents.slice(2)).linked, { afterMs: 8200, by: "power cycle" });
  });

  it("measures speed over time and tells the time left by it", () => {
    const total = 0x100000;
    let state = reduceJob(
      newJob({ id: "r", kind: "read", title: "Read", port: usb }, START),
      { type: "phase-started", phase: "read", total },
      START,
      english,
    );
    assert.equal(state.etaMs, undefined);
    for (let i = 1; i <= 100; i++) {
      state = reduceJob(
        state,
        { type: "progress", phase: "read", done: i * 4096, total, address: i * 4096, length: 4096 },
        START + i * 50,
        english,
      );
    }
    assert.ok(Math.abs((state.pace?.bytesPerSecond ?? 0) - 4096 * 20) < 1500, String(state.pace?.bytesPerSecond));
    assert.ok(Math.abs((state.etaMs ?? 0) - (156 * 4096 * 1000) / (4096 * 20)) < 200, String(state.etaMs));
  });

  it("holds the progress of a job that links again half way", () => {
    const half = play(flashJob(), flashEvents, { until: ({ overall }) => overall > 0.5 });
    const [linking] = linkEvents;
    const again = after(half, linking as JobEvent);
    assert.equal(again.status, "linking");
    assert.equal(again.overall, half.overall);
    assert.equal(mapLine(again), mapLine(half));
    assert.equal(after(again, { type: "linked", afterMs: 10, by: "reset" }).status, "running");
  });

  it("waits for a yes, and only then", () => {
    const asked = askApproval(planned, START);
    assert.equal(asked.status, "approval");
    assert.equal(approved(asked, START).status, "running");
    assert.equal(approved(done, START).status, "succeeded");
    assert.equal(askApproval(done, START).status, "succeeded");
  });

  it("counts no time that a person thought about it", () => {
    const { startedAt } = planned;
    const going = approved(askApproval(planned, startedAt + 1_000), startedAt + 31_000);
    assert.equal(tookMs(cancel(going, "untouched", startedAt + 36_000)), 6_000);
    const refused = cancel(askApproval(going, startedAt + 40_000), "untouched", startedAt + 50_000);
    assert.equal(tookMs(refused), 10_000);
    assert.equal(toHistoryEntry(refused)?.durationMs, 10_000);
  });

  it("shows sectors that are right already as skipped, and works with what is left", () => {
    const same = new Set([plan.sectors[0]?.start ?? 0]);
    const narrowed = narrowPlan(plan, same);
    const preserved = after(
      planned,
      { type: "phase-started", phase: "preserve", total: 4096 },
      { type: "phase-finished", phase: "preserve" },
    );
    const state = after(preserved, { type: "narrowed", ...narrowed });
    assert.equal(state.map && stateAt(state.map, plan.sectors[0]?.start ?? 0), "skipped");
    assert.deepEqual(
      state.phases.map(({ phase, total }) => [phase, total]),
      [
        ["identify", 2],
        ["preserve", 4096],
        ["erase", narrowed.plan.totals.erase],
        ["write", narrowed.plan.totals.write],
        ["verify", narrowed.plan.totals.verify],
      ],
    );
    const none = after(preserved, { type: "narrowed", plan: { ...plan, sectors: [] }, skipped: plan.sectors });
    assert.deepEqual(
      none.phases.map(({ phase }) => phase),
      ["identify", "preserve"],
    );
    assert.equal(countStates(none.map ?? assert.fail()).get("planned"), undefined);
  });

  it("marks the first sector that failed, and takes back what was not proven beyond it", () => {
    const state = fail(play(flashJob(), flashEvents), failure, START + 1000);
    const map = state.map ?? assert.fail("no map");
    const address = failure.address ?? 0;
    assert.equal(stateAt(map, address), "failed");
    assert.equal(stateAt(map, address - 0x1000), "verified");
    assert.equal(stateAt(map, address + 0x1000), "written");
    assert.equal(state.phases.find(({ phase }) => phase === "verify")?.state, "failed");
    assert.equal(state.flash, "partly-written");
  });

  it("marks a sector that is repaired, then what the repair and the second verification did", () => {
    const verified = play(flashJob(), flashEvents);
    const repair = after(verified, {
      type: "note",
      level: "warning",
      code: "repair",
      words: NOTE_WORDS.repair,
      context: { address: 0x20000, length: 4096, attempts: 1 },
    });
    assert.equal(repair.map && stateAt(repair.map, 0x20000), "failed");
    const mended = after(
      repair,
      { type: "phase-started", phase: "repair", total: 4096 },
      { type: "progress", phase: "repair", done: 4096, total: 4096, address: 0x20000, length: 4096 },
      { type: "phase-finished", phase: "repair" },
      { type: "phase-started", phase: "verify", total: plan.totals.verify },
    );
    assert.equal(mended.map && stateAt(mended.map, 0x20000), "written");
    assert.equal(mended.phases.find(({ phase }) => phase === "verify")?.rounds, 2);
  });

  it("does not take boot code that is read aside for part of the work", () => {
    const state = after(
      planned,
      { type: "phase-started", phase: "read", total: 0x11000 },
      { type: "progress", phase: "read", done: 4096, total: 0x11000, address: 0, length: 4096 },
    );
    assert.equal(mapLine(state), mapLine(planned));
  });

  it("counts the same note once, and keeps a bounded number of them", () => {
    const retry = (detail: string): JobEvent => ({
      type: "note",
      level: "warning",
      code: "retry",
      words: NOTE_WORDS.retry,
      context: { detail },
    });
    const twice = after(flashJob(), retry("a"), retry("a"));
    assert.deepEqual(
      twice.notes.map(({ times }) => times),
      [2],
    );
    const many = after(flashJob(), ...Array.from({ length: 90 }, (_, i) => retry(String(i))));
    assert.equal(many.notes.length, 20);
    assert.equal(many.notes.at(-1)?.detail, "89");
  });

  it("changes nothing after the end", () => {
    const ends = [done, cancel(planned, "untouched", START + 5), fail(planned, failure, START + 5)];
    for (const end of ends) {
      assert.ok(isFinished(end));
      assert.equal(reduceJob(end, flashEvents[0] as JobEvent, START + 99, english), end);
    }
  });

  it("tells in the history what a job came to", () => {
    assert.equal(toHistoryEntry(planned), undefined);
    const entry = toHistoryEntry(succeed(planned, backupOf(8, 1), START + 2500, english, "a.bin"));
    assert.deepEqual([entry?.status, entry?.durationMs, entry?.remark], ["succeeded", 2500, "a.bin"]);
    const { bytesWritten, bytesRead, verified } = toHistoryEntry(done)?.figures ?? {};
    assert.deepEqual([bytesWritten, bytesRead, verified], [plan.totals.write, undefined, true]);
    assert.equal(toHistoryEntry(fail(planned, failure, START + 1))?.remark, failure.title);
    assert.equal(toHistoryEntry(fail(planned, failure, START + 1))?.figures, undefined);
  });

  it("says in figures what a job did", () => {
    assert.deepEqual(
      { ...done.outcome, savedTo: undefined, started: undefined, steps: undefined },
      {
        started: undefined,
        steps: undefined,
        bytesWritten: plan.totals.write,
        bytesErased: plan.totals.erase,
        bytesSkipped: 0,
        bytesKept: 0,
        verified: true,
        rebooted: true,
        dryRun: false,
        repairedSectors: 0,
        savedTo: undefined,
      },
    );
    const backup = succeed(flashJob(), backupOf(4096, 0xab), START, english);
    assert.equal(backup.outcome?.crc32, "000000AB");
    assert.equal(succeed(flashJob(), { ...flashResult, verified: false }, START, english).outcome?.verified, false);
  });

  it("survives being posted, and stays small", () => {
    for (const state of states(flashEvents)) {
      const posted = JSON.stringify(state);
      assert.deepEqual(JSON.stringify(JSON.parse(posted)), posted);
      assert.ok(posted.length < 6000, `${posted.length} bytes`);
    }
  });

  it("gives the same state for the same events", () => {
    assert.deepEqual(play(flashJob(), flashEvents), play(flashJob(), flashEvents));
    assert.equal(image.refusal, undefined);
  });
});
