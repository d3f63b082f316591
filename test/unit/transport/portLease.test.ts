import assert from "node:assert/strict";
import fc from "fast-check";
import { PortLeases, type PortHolder } from "../../../src/core/transport/portLease";

/** A monitor that counts: it must never have the port while a job has it. */
class Holder implements PortHolder {
  open = false;
  constructor(private readonly log: string[]) {}
  letGo(): Promise<void> {
    this.log.push("let go");
    return Promise.resolve().then(() => {
      this.open = false;
    });
  }
  takeBack(): void {
    this.log.push("back");
    this.open = true;
  }
}

describe("port lease", () => {
  it("a job has the holder let go first, and gives the port back once", async () => {
    const leases = new PortLeases();
    const log: string[] = [];
    const holder = new Holder(log);
    assert.equal(leases.hold("COM5", holder).free, true);
    const giveBack = await leases.borrow("COM5");
    assert.equal(holder.open, false);
    giveBack();
    giveBack();
    assert.deepEqual(log, ["let go", "back"]);
  });

  it("who wants the port while a job has it gets it when the job is done; who gave it up does not", async () => {
    const leases = new PortLeases();
    const log: string[] = [];
    const giveBack = await leases.borrow("COM5");
    const { free } = leases.hold("COM5", new Holder(log));
    assert.equal(free, false);
    giveBack();
    assert.deepEqual(log, ["back"]);
    const again = await leases.borrow("COM5");
    leases.hold("COM5", new Holder(log)).end();
    again();
    assert.deepEqual(log, ["back", "let go"]);
    assert.equal(leases.isHeld("COM5"), false);
  });

  it("tells followers of a job once, however many wait for one another, also of one that runs already", async () => {
    const leases = new PortLeases();
    const log: string[] = [];
    const follower = (name: string) => ({
      jobBegins: () => log.push(`${name} begins`),
      jobEnds: () => log.push(`${name} ends`),
    });
    const unfollow = leases.follow("COM5", follower("first"));
    const one = await leases.borrow("COM5");
    const two = await leases.borrow("COM5");
    leases.follow("COM5", follower("second"));
    one();
    assert.deepEqual(log, ["first begins", "second begins"]);
    two();
    unfollow();
    (await leases.borrow("COM5"))();
    assert.deepEqual(log.slice(2), ["first ends", "second ends", "second begins", "second ends"]);
  });

  it("jobs one behind another: back after the last", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 4 }), async (scheduler, jobs) => {
        const leases = new PortLeases();
        const log: string[] = [];
        const holder = new Holder(log);
        leases.hold("COM5", holder);
        holder.open = true;
        let using = 0;
        const job = async (): Promise<void> => {
          const giveBack = await leases.borrow("COM5");
          using++;
          assert.equal(holder.open, false);
          await scheduler.schedule(Promise.resolve());
          assert.equal(holder.open, false);
          using--;
          giveBack();
        };
        const all = Array.from({ length: jobs }, job);
        await scheduler.waitFor(Promise.all(all));
        assert.equal(using, 0);
        assert.equal(log.at(-1), "back");
        assert.equal(holder.open, true);
      }),
    );
  });
});
