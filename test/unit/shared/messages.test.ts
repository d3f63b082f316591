/** The border between host and webviews: what passes the guards, what does not, and what is worth showing. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { cancel, newJob } from "../../../src/shared/jobState";
import {
  DASHBOARD_COMMANDS,
  PROTOCOL_VERSION,
  isFromDashboard,
  isFromImageViewer,
  isToDashboard,
  isToImageViewer,
  jobsToShow,
} from "../../../src/shared/messages";
import { ENGLISH, allTexts, localise } from "../../../src/shared/strings";
import {
  fill,
  formatBytes,
  formatDuration,
  formatPercent,
  formatSpeed,
  formatTook,
  hexRange,
} from "../../../src/shared/figures";
import { ERROR_ACTIONS } from "../../../src/shared/jobState";

describe("messages", () => {
  it("from the dashboard are believed when they are on the list", () => {
    const good: readonly unknown[] = [
      { type: "ready", version: 1 },
      { type: "cancel", jobId: "job-1" },
      { type: "retry", jobId: "job-1" },
      { type: "guide", jobId: "job-1" },
      { type: "reveal", jobId: "job-1" },
      { type: "rekey", jobId: "job-1" },
      { type: "resume", interruptedId: "11AA22BB" },
      { type: "dismiss", interruptedId: "11AA22BB" },
      { type: "approve", jobId: "job-1", yes: true },
      ...DASHBOARD_COMMANDS.map((command) => ({ type: "run", command })),
      { type: "run", command: "flashFile", portId: "/dev/ttyUSB0" },
      { type: "run", command: "inspectImage", portId: "/dev/ttyUSB0", jobId: "job-1" },
      { type: "shows", portId: "/dev/ttyUSB0" },
    ];
    const bad: readonly unknown[] = [
      undefined,
      null,
      "ready",
      [],
      {},
      { type: "ready" },
      { type: "shows" },
      { type: "run", command: "inspectImage", jobId: 1 },
      { type: "ready", version: "1" },
      { type: "cancel" },
      { type: "cancel", jobId: 3 },
      { type: "guide" },
      { type: "guide", jobId: "" },
      { type: "cancel", jobId: "" },
      { type: "cancel", jobId: "x".repeat(5000) },
      { type: "resume" },
      { type: "dismiss", interruptedId: 7 },
      { type: "approve", jobId: "job-1" },
      { type: "approve", jobId: "job-1", yes: "true" },
      { type: "run", command: "workbench.action.quit" },
      { type: "run", command: "toString" },
      { type: "run", command: "flashFile", portId: {} },
      { type: "flash" },
    ];
    for (const message of good) assert.ok(isFromDashboard(message), JSON.stringify(message));
    for (const message of bad) assert.ok(!isFromDashboard(message), JSON.stringify(message));
  });

  it("from the image viewer are believed when they are on the list", () => {
    for (const type of ["flash", "verify", "openInstead"]) assert.ok(isFromImageViewer({ type }));
    for (const message of [undefined, {}, { type: "run", command: "flashFile" }, { type: "ready", version: 1.5 }]) {
      assert.ok(!isFromImageViewer(message));
    }
  });

  it("never make a guard throw", () => {
    fc.assert(
      fc.property(fc.anything(), (message) => {
        for (const guard of [isFromDashboard, isFromImageViewer, isToDashboard, isToImageViewer])
          assert.equal(typeof guard(message), "boolean");
      }),
    );
  });

  it("to a webview of another version are dropped", () => {
    const snapshot = { type: "state", version: PROTOCOL_VERSION, revision: 1, state: { jobs: [] } };
    assert.ok(isToDashboard(snapshot));
    assert.ok(!isToDashboard({ ...snapshot, version: PROTOCOL_VERSION + 1 }));
    assert.ok(!isToDashboard({ ...snapshot, type: "image" }));
    assert.ok(!isToImageViewer(snapshot));
  });

  it("carry the jobs that run and the last one of each port", () => {
    const job = (id: string, port: string, at: number): ReturnType<typeof newJob> =>
      newJob({ id, kind: "info", title: id, port: { id: port, label: port } }, at);
    const old = cancel(job("a", "x", 1), "untouched", 2);
    const newer = cancel(job("b", "x", 3), "untouched", 4);
    const running = job("c", "y", 2);
    assert.deepEqual(
      jobsToShow([old, newer, running]).map(({ id }) => id),
      ["b", "c"],
    );
  });
});

describe("strings", () => {
  it("are translated one by one, with their structure kept", () => {
    const shouted = localise((english) => english.toUpperCase());
    assert.equal(shouted.linking.heading, ENGLISH.linking.heading.toUpperCase());
    assert.deepEqual(Object.keys(shouted.next), Object.keys(ENGLISH.next));
    assert.ok(allTexts().length > 150);
    assert.ok(allTexts().every((text) => text.trim() === text && text !== ""));
  });

  it("label every button a failure can have", () => {
    for (const action of ERROR_ACTIONS) assert.ok(ENGLISH.action[action]);
  });
});

describe("figures", () => {
  it("read as people of this field write them", () => {
    assert.deepEqual([0, 1023, 4096, 10_240, 69_632, 1_150_832, 0x200000, 0x400000].map(formatBytes), [
      "0 B",
      "1023 B",
      "4 KiB",
      "10 KiB",
      "68 KiB",
      "1.1 MiB",
      "2 MiB",
      "4 MiB",
    ]);
    assert.deepEqual([0, 440, 949, 950, 1_400, 125_000].map(formatTook), [
      "0.1 s",
      "0.4 s",
      "0.9 s",
      "1 s",
      "1 s",
      "2 min 5 s",
    ]);
    assert.deepEqual([0, 8200, 59_600, 90_000, 120_000, 125_000, 3_725_000, 7_200_000].map(formatDuration), [
      "0 s",
      "8 s",
      "60 s",
      "1 min 30 s",
      "2 min",
      "2 min 5 s",
      "1 h 2 min",
      "2 h",
    ]);
    assert.deepEqual([900, 11_264, 92_000].map(formatSpeed), ["0.9 KiB/s", "11 KiB/s", "90 KiB/s"]);
    assert.deepEqual([-1, 0, 0.29, 0.999, 1, 2].map(formatPercent), ["0%", "0%", "29%", "99%", "100%", "100%"]);
    assert.equal(hexRange(0x11000, 0x12a000), "0x011000–0x12A000");
    assert.equal(fill("{1} of {0}, {2}", 5, "a"), "a of 5, {2}");
  });
});
