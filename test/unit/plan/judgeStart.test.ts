import assert from "node:assert/strict";
import { CancelledError, TransportError } from "../../../src/core/base/errors";
import { english } from "../../../src/core/base/words";
import type { StartSigns } from "../../../src/core/driver/startSigns";
import { judgeStart, notChecked, type StartCheckKind } from "../../../src/core/jobs/judgeStart";

const RUNS: StartSigns = { unasked: [], asked: [35, 41], heldUpMs: 0, watchedMs: 2_950, left: true };

function kindOf(signs: Partial<StartSigns>): StartCheckKind {
  return judgeStart({ ...RUNS, ...signs }, 4_400).kind;
}

describe("what a watched start means", () => {
  it("runs only what went to its loader each time it was asked to, alike, and at no other time", () => {
    assert.deepEqual(judgeStart(RUNS, 4_400), {
      kind: "running",
      summary: judgeStart(RUNS, 4_400).summary,
      next: [],
      tookMs: 4_400,
      ranMs: 2_950,
    });
    assert.equal(kindOf({ asked: [35, undefined] }), "unknown");
    assert.equal(kindOf({ asked: [35, 400] }), "unknown", "each time after another while: its own rhythm");
    assert.equal(kindOf({ asked: [50, 400, 780, 1_200] }), "unknown");
    assert.equal(
      kindOf({ asked: [50, 1_400, 1_410] }),
      "unknown",
      "late answers are alike where it restarts by itself",
    );
    assert.equal(kindOf({ asked: [400, 35, 60] }), "running", "one was held up on its way");
    assert.equal(kindOf({ asked: [400, 35, undefined] }), "unknown");
    assert.equal(kindOf({ asked: [400, 35, 60], unasked: [900] }), "unknown");
    assert.equal(kindOf({ asked: [], heldUpMs: 700 }), "unknown", "nobody looked");
    assert.equal(kindOf({ asked: [35] }), "unknown", "nobody asked again");
    assert.equal(kindOf({ asked: [undefined] }), "no-answer");
    assert.equal(kindOf({ unasked: [900] }), "unknown", "one restart by itself");
  });

  it("says of answers that prove nothing what was seen of them, and no more", () => {
    const said = (signs: Partial<StartSigns>): string => english(judgeStart({ ...RUNS, ...signs }, 1).summary);
    assert.equal(said({ asked: [35, undefined] }), "The application answered, and not each time.");
    assert.match(said({ asked: [35, 400] }), /^The application answered each time after another while, /);
    assert.match(said({ asked: [35, 400], heldUpMs: 300 }), /^This computer was too busy /);
    assert.match(said({ asked: [], heldUpMs: 300 }), /^This computer was too busy /);
    assert.equal(said({ asked: [35] }), "The application answered once, and was not asked again.");
  });

  it("a loader that was not left yet at the first look says nothing against what came later", () => {
    assert.equal(kindOf({ unasked: [2] }), "running");
  });

  it("tells a chip that starts again and again from one that never leaves its loader", () => {
    assert.equal(kindOf({ unasked: [520, 140], asked: [] }), "restarting");
    assert.equal(kindOf({ unasked: [2, 140], asked: [] }), "restarting");
    // Where there is no boot code, none of an application has run.
    const { summary } = judgeStart({ ...RUNS, unasked: [2, 140], asked: [] }, 0);
    assert.equal(english(summary), "The device restarts again and again.");
    assert.equal(kindOf({ unasked: [2, 3], asked: [] }), "in-loader");
    assert.equal(kindOf({ unasked: [2, 3], asked: [], heldUpMs: 300 }), "unknown", "nobody looked all the time");
    assert.equal(kindOf({ left: false }), "in-loader");
    const next = judgeStart({ ...RUNS, left: false }, 1).next.map(english);
    assert.match(next[0] ?? "", /Cut the power/);
  });

  it("is unknown where the check did not come to its end, and says why", () => {
    const lost = notChecked(new TransportError("port-lost", "read from the port", {}), 10);
    assert.equal(lost.kind, "unknown");
    assert.match(english(lost.summary), /could not be seen: read from the port/);
    assert.match(lost.next.map(english).join(" "), /Cut the power/);
    assert.deepEqual(notChecked(new CancelledError("wait"), 10).next, []);
  });
});
