import assert from "node:assert/strict";
import fc from "fast-check";
import { throttle } from "../../../src/extension/platform/throttle";
import type { Timers } from "../../../src/extension/platform/timers";

/** Time that passes when the test says so. */
class HandTime implements Timers {
  private at = 0;
  private timers: { readonly due: number; readonly run: () => void }[] = [];
  now(): number {
    return this.at;
  }
  after(ms: number, run: () => void): () => void {
    const timer = { due: this.at + ms, run };
    this.timers.push(timer);
    return () => (this.timers = this.timers.filter((other) => other !== timer));
  }
  pass(ms: number): void {
    const until = this.at + ms;
    for (;;) {
      const [next] = this.timers.filter(({ due }) => due <= until).sort((a, b) => a.due - b.due);
      if (next === undefined) break;
      this.timers = this.timers.filter((timer) => timer !== next);
      this.at = next.due;
      next.run();
    }
    this.at = until;
  }
}

const EVERY_MS = 100;

describe("throttle", () => {
  it("runs at once when it was quiet, and for the last of many requests as well", () => {
    const time = new HandTime();
    const runs: number[] = [];
    const throttled = throttle(EVERY_MS, () => runs.push(time.now()), time);
    for (let i = 0; i < 5; i++) throttled.request();
    assert.deepEqual(runs, [0]);
    time.pass(1_000);
    assert.deepEqual(runs, [0, 100]);
    throttled.request();
    assert.deepEqual(runs, [0, 100, 1_000]);
  });

  it("runs at most ten times in any second, however often it is asked, and never forgets the last", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 250 }), { minLength: 1, maxLength: 400 }), (pauses) => {
        const time = new HandTime();
        const runs: number[] = [];
        const throttled = throttle(EVERY_MS, () => runs.push(time.now()), time);
        let asked = 0;
        for (const pause of pauses) {
          time.pass(pause);
          throttled.request();
          asked = time.now();
        }
        time.pass(EVERY_MS);
        for (const from of runs) assert.ok(runs.filter((at) => at >= from && at < from + 1_000).length <= 10);
        assert.ok((runs.at(-1) ?? -1) >= asked);
      }),
    );
  });

  it("does nothing more once disposed", () => {
    const time = new HandTime();
    let runs = 0;
    const throttled = throttle(EVERY_MS, () => runs++, time);
    throttled.request();
    throttled.request();
    throttled.dispose();
    time.pass(1_000);
    assert.equal(runs, 1);
  });
});
