/** Which device the dashboard shows. */
import assert from "node:assert/strict";
import { askApproval, cancel, newJob, type JobState } from "../../../src/shared/jobState";
import type { DashboardState } from "../../../src/shared/messages";
import { ENGLISH } from "../../../src/shared/strings";
import { devicesOf, firstSelection, nextSelection } from "../../../webview-ui/dashboard/selection";

const job = (id: string, port: string): JobState =>
  newJob({ id, kind: "info", title: id, port: { id: port, label: port } }, 0);

const state = (ports: readonly string[], jobs: readonly JobState[] = [], selectedPortId?: string): DashboardState => ({
  locale: "en",
  strings: ENGLISH,
  ports: ports.map((id) => ({ id, label: id, present: true })),
  selectedPortId,
  jobs,
  history: [],
  interrupted: [],
});

describe("the device that is shown", () => {
  it("is at first the one with a running job, else the remembered one, else the selected one, else any", () => {
    const first = (some: DashboardState, remembered?: string): string | undefined =>
      firstSelection(some, remembered).portId;
    assert.equal(first(state(["a", "b"], [job("1", "b")], "a"), "a"), "b");
    assert.equal(first(state(["a", "b"], [], "a"), "b"), "b");
    assert.equal(first(state(["a", "b"], [], "b"), "gone"), "b");
    assert.equal(first(state(["a", "b"])), "a");
    assert.equal(first(state([])), undefined);
  });

  it("stays while others go on, and turns to where a job starts", () => {
    const one = state(["a", "b"], [job("1", "a")]);
    const shown = firstSelection(one, undefined);
    assert.equal(nextSelection(shown, one, one).portId, "a");
    const two = state(["a", "b"], [job("1", "a"), job("2", "b")]);
    assert.equal(nextSelection(shown, one, two).portId, "b");
  });

  it("turns to a job that asks for a yes, but not away from another question", () => {
    const before = state(["a", "b"], [job("1", "a"), job("2", "b")]);
    const shown = { portId: "a", knownJobs: new Set(["1", "2"]) };
    const asks = state(["a", "b"], [job("1", "a"), askApproval(job("2", "b"), 0)]);
    assert.equal(nextSelection(shown, before, asks).portId, "b");
    assert.equal(nextSelection(shown, asks, asks).portId, "a");
    const both = state(["a", "b"], [askApproval(job("1", "a"), 0), askApproval(job("2", "b"), 0)]);
    assert.equal(nextSelection(shown, before, both).portId, "a");
  });

  it("follows the port picked elsewhere, and leaves one that is gone", () => {
    const before = state(["a", "b"], [], "a");
    const shown = firstSelection(before, undefined);
    assert.equal(nextSelection(shown, before, state(["a", "b"], [], "b")).portId, "b");
    assert.equal(nextSelection(shown, before, state(["b"], [], "a")).portId, "b");
  });

  it("is the one that somebody asked for elsewhere, as long as it is there", () => {
    const before = state(["a", "b"], [job("1", "a")], "a");
    const wanted = { ...before, wantedPortId: "b" };
    assert.equal(firstSelection(wanted, "a").portId, "b");
    const shown = firstSelection(before, undefined);
    assert.equal(nextSelection(shown, before, wanted).portId, "b");
    assert.equal(nextSelection(shown, before, { ...before, wantedPortId: "gone" }).portId, "a");
  });

  it("may be one that was unplugged, as long as its job is shown", () => {
    const ended = cancel(job("1", "a"), "untouched", 1);
    assert.deepEqual(
      devicesOf(state(["b"], [ended])).map(({ id, present }) => [id, present]),
      [
        ["b", true],
        ["a", false],
      ],
    );
  });
});
