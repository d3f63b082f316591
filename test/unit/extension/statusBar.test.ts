/** The status bar asks for a port where that makes sense: not in every window of somebody who has this extension. */
import assert from "node:assert/strict";
import { concerns, type Surroundings } from "../../../src/extension/text/statusText";

const ELSEWHERE: Surroundings = {
  ports: [{ kind: "adapter", isUsb: false }],
  isSelected: false,
  isRunning: false,
  hasBuilds: false,
  isProject: false,
  isSlow: false,
};

describe("status bar", () => {
  it("is not in a window that has nothing to do with these chips, a port of the machine itself or not", () => {
    assert.equal(concerns(ELSEWHERE), false);
    assert.equal(concerns({ ...ELSEWHERE, isProject: undefined }), false, "while it is looked for");
  });

  it("is there for a project, a build, a port that somebody plugged in or added, and whatever is in use", () => {
    const facts: readonly Partial<Surroundings>[] = [
      { isProject: true },
      { hasBuilds: true },
      { isSelected: true },
      { isRunning: true },
      { ports: [{ kind: "adapter", isUsb: true }] },
      { ports: [{ kind: "extra", isUsb: false }] },
      { ports: [{ kind: "practice", isUsb: false }] },
    ];
    for (const fact of facts) assert.equal(concerns({ ...ELSEWHERE, ...fact }), true, JSON.stringify(fact));
  });

  it("is there where a large workspace is still looked through after a while, or cannot be looked through", () => {
    assert.equal(concerns({ ...ELSEWHERE, isProject: undefined, isSlow: true }), true);
  });
});
