/** The simulator's clock at real pace, kept to the tenth of a millisecond: order and times of events as the chip sees them. */
import assert from "node:assert/strict";
import { RealTime } from "../../../src/simulator/clock/simTime";

describe("real pace", () => {
  for (const exact of [false, true]) {
    it(`runs events in order of their due times, ${exact ? "sleeping" : "on timers"}`, async () => {
      const time = new RealTime(exact);
      const seen: string[] = [];
      let early = 0;
      const started = time.now();
      await new Promise<void>((done) => {
        const at = (us: number, kind: "busy" | "loose" | "idle", then?: () => void): void => {
          const due = time.now() + us;
          time.schedule(us, kind, () => {
            seen.push(`${kind} ${us}`);
            // Inside an event it is exactly the time it was due at, and never before the wall says so.
            if (time.now() < due) early++;
            then?.();
          });
        };
        at(6_000, "busy", () => at(150, "busy", () => at(0, "busy", done)));
        at(2_500, "loose");
        at(4_000, "idle");
        at(300, "busy");
        time.schedule(1_000, "busy", () => seen.push("cancelled")).cancel();
      });
      assert.deepEqual(seen, ["busy 300", "loose 2500", "idle 4000", "busy 6000", "busy 150", "busy 0"]);
      assert.equal(early, 0);
      assert.ok(time.now() - started >= 6_150);
      time.schedule(100, "busy", () => seen.push("after the end"));
      time.dispose();
      await new Promise((resolve) => setTimeout(resolve, 5));
      assert.equal(seen.length, 6);
    });
  }
});
