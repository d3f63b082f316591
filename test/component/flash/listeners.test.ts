/** What waits on a signal leaves it when its wait is over, and no signal is shared by jobs that have nothing to do with each other. */
import assert from "node:assert/strict";
import { PRESETS } from "../../../src/simulator/index";
import { shortBuildFor } from "./builds";
import { flashRequest, never, resultOf, Rig } from "./rig";

/** Listeners of every signal that had any: now, and at the most. */
class Listeners {
  readonly now = new Map<AbortSignal, number>();
  most = 0;

  /** Counts while `work` runs. */
  async during(work: () => Promise<void>): Promise<void> {
    const count = (signal: AbortSignal, change: number): void => {
      if (signal === never) return;
      const count = (this.now.get(signal) ?? 0) + change;
      this.now.set(signal, count);
      this.most = Math.max(this.most, count);
    };
    AbortSignal.prototype.addEventListener = function (this: AbortSignal, ...args: [string, never]) {
      count(this, 1);
      EventTarget.prototype.addEventListener.apply(this, args);
    };
    AbortSignal.prototype.removeEventListener = function (this: AbortSignal, ...args: [string, never]) {
      count(this, -1);
      EventTarget.prototype.removeEventListener.apply(this, args);
    };
    try {
      await work();
    } finally {
      // What a signal has of these it inherits.
      for (const name of ["addEventListener", "removeEventListener"])
        Reflect.deleteProperty(AbortSignal.prototype, name);
    }
  }
}

describe("abort signals", () => {
  it("are left by every wait of a job, and shared by no two of many that run at once", async () => {
    const listeners = new Listeners();
    const ids = ["bk7231t", "bk7231n"] as const;
    await listeners.during(async () => {
      await Promise.all(
        Array.from({ length: 12 }, async (_, i) => {
          const id = ids[i % ids.length] ?? "bk7231t";
          const rig = new Rig(id, { simulated: true });
          const { signal } = new AbortController();
          resultOf("flash", await rig.run(flashRequest(shortBuildFor(PRESETS[id]).crc), signal));
          rig.dispose();
        }),
      );
    });
    assert.ok(listeners.now.size >= 24, "of each job its own, and that of its line");
    assert.ok(listeners.most >= 1 && listeners.most <= 3, String(listeners.most));
    assert.deepEqual(
      [...listeners.now.values()].filter((count) => count !== 0),
      [],
    );
  });
});
