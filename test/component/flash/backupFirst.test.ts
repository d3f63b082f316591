import assert from "node:assert/strict";
import type { BackUpFirst, JobEvent } from "../../../src/core/index";
import { PRESETS, type PresetId } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/prng";
import { packaged, rawFirmware } from "./builds";
import { Rig, assertUntouched, failedWith, locksUntilReset, resultOf, withSimulatedRig, type Outcome } from "./rig";

/** What was asked of the copy, in order. */
class Copies implements BackUpFirst {
  readonly asked: string[] = [];
  saved: Uint8Array | undefined;
  constructor(
    private readonly wanted = true,
    private readonly accepted = true,
  ) {}
  async needed(): Promise<boolean> {
    this.asked.push("needed");
    return this.wanted;
  }
  async resume(): Promise<undefined> {
    this.asked.push("resume");
    return undefined;
  }
  async save(data: Uint8Array): Promise<boolean> {
    this.asked.push("save");
    this.saved = data;
    return this.accepted;
  }
}

const phasesOf = (events: readonly JobEvent[]): string[] =>
  events.flatMap((event) => (event.type === "phase-started" && event.total > 0 ? [event.phase] : []));

function request(id: PresetId, more: object = {}): Parameters<Rig["run"]>[0] {
  const file = packaged(PRESETS[id], rawFirmware(0x8000)).crc;
  return { kind: "flash", file, verify: true, reboot: false, dryRun: false, ...more };
}

const CRC = 0x10;

/** A ROM chip that starts nothing. */
async function withoutBootCode<T>(work: (rig: Rig) => Promise<T>): Promise<T> {
  const results: T[] = [];
  await withSimulatedRig("bk7231n", {}, async (rig) => {
    rig.chip.flash.fill(0xff, 0, 0x11000);
    results.push(await work(rig));
  });
  return results[0] as T;
}

describe("backup before a write", () => {
  for (const id of ["bk7231t", "bk7231n", "bk7231s", "bk7231q"] as const) {
    it(`${id}: the copy is the flash as it was, read after the yes and before the first erase, and the write is verified`, async () => {
      const rig = new Rig(id);
      const before = rig.snapshot();
      const backUpFirst = new Copies();
      const approve = async (): Promise<boolean> => {
        backUpFirst.asked.push("approve");
        return true;
      };
      const outcome = await rig.answering({ backUpFirst, approve }).run(request(id));
      assert.equal(resultOf("flash", outcome).verified, true);
      assert.deepEqual(backUpFirst.asked, ["needed", "approve", "resume", "save"]);
      assert.deepEqual(backUpFirst.saved, before);
      const phases = phasesOf(outcome.events);
      assert.equal(phases.indexOf("backup") >= 0 && phases.indexOf("backup") < phases.indexOf("backup-check"), true);
      assert.equal(phases.indexOf("backup-check") < phases.indexOf("erase"), true);
      assert.equal(phases.includes("read") || phases.includes("check"), false);
    });
  }

  it("is not made where there is one, on a dry run, or after a no; a refused copy ends the job untouched", async () => {
    const rig = new Rig("bk7231t");
    const before = rig.snapshot();
    const dry = new Copies();
    resultOf("flash", await rig.answering({ backUpFirst: dry }).run(request("bk7231t", { dryRun: true })));
    assert.deepEqual(dry.asked, []);
    const declined = new Copies();
    const no = await rig.answering({ backUpFirst: declined, approve: async () => false }).run(request("bk7231t"));
    assert.equal(failedWith("cancelled", no).flash, "untouched");
    assert.deepEqual(declined.asked, ["needed"]);
    const refused = new Copies(true, false);
    for (const ask of [
      request("bk7231t"),
      { kind: "erase", start: 0x1a0000, length: 0x1000, dryRun: false },
    ] as const) {
      const outcome = await rig.answering({ backUpFirst: refused }).run(ask);
      assert.equal(failedWith("cancelled", outcome).flash, "untouched");
    }
    assert.deepEqual(rig.snapshot(), before);
    const there = new Copies(false);
    const outcome = await rig.answering({ backUpFirst: there }).run(request("bk7231t"));
    resultOf("flash", outcome);
    assert.deepEqual(there.asked, ["needed"]);
    assert.equal(phasesOf(outcome.events).includes("backup"), false);
  });

  for (const id of ["bk7231t", "bk7231n", "bk7231s", "bk7231q"] as const) {
    it(`${id}: what of a copy the chip still holds is told, without a CRC where that would lock the flash`, async () => {
      await withSimulatedRig(id, {}, async (rig) => {
        const own = { start: 0x180000, bytes: noise(9, 0x2000) };
        rig.chip.flash.set(own.bytes, own.start);
        const blank = { start: 0x100000, bytes: new Uint8Array(0x1000).fill(0xff) };
        const other = { start: own.start, bytes: own.bytes.map((byte) => byte ^ 1) };
        const elsewhere = { start: own.start + 0x1000, bytes: own.bytes };
        let held: readonly boolean[] = [];
        const asking: BackUpFirst = {
          needed: async (_chip, holds) => {
            rig.forget();
            held = await holds([own, other, blank, elsewhere]);
            return false;
          },
          resume: async () => undefined,
          save: async () => true,
        };
        const stopped = await rig.answering({ backUpFirst: asking, approve: async () => false }).run(request(id));
        failedWith("cancelled", stopped);
        assert.deepEqual(held, [true, false, true, false]);
        const hashed = rig.log.some((event) => event.type === "command" && !event.long && event.code === CRC);
        assert.equal(hashed, !locksUntilReset(PRESETS[id]));
      });
    });
  }

  it("comes behind the question whether it may not start, and is made all the same where nobody can be asked that", async () => {
    const run = (more: object, says?: boolean): Promise<[string[], Outcome]> =>
      withoutBootCode(async (rig) => {
        const copies = new Copies();
        const noting =
          (what: string, answer: boolean): (() => Promise<boolean>) =>
          async () => {
            copies.asked.push(what);
            return answer;
          };
        const askStart = says === undefined ? {} : { askStart: noting("start", says) };
        const before = rig.snapshot();
        const hooks = { backUpFirst: copies, approve: noting("approve", true), ...askStart };
        const outcome = await rig.answering(hooks).run(request("bk7231n", more));
        if (outcome.error) assertUntouched(rig, before);
        return [copies.asked, outcome];
      });
    const [no, refused] = await run({}, false);
    failedWith("plan-would-not-start", refused);
    assert.deepEqual(no, ["needed", "start"]);
    const [yes, written] = await run({}, true);
    resultOf("flash", written);
    assert.deepEqual(yes, ["needed", "start", "approve", "resume", "save"]);
    const [alone, stopped] = await run({});
    failedWith("plan-would-not-start", stopped);
    assert.deepEqual(alone, ["needed", "approve", "resume", "save"]);
    for (const says of [undefined, false]) {
      const [agreed, done] = await run({ evenIfItCannotStart: true }, says);
      resultOf("flash", done);
      assert.deepEqual(agreed, ["needed", "approve", "resume", "save"]);
    }
  });

  it("says beforehand that a chip must be reset by hand once more, only where that is so", async () => {
    for (const [id, expected] of [
      ["bk7231q", true],
      ["bk7231s", false],
      ["bk7231n", false],
    ] as const) {
      const { events } = await new Rig(id).answering({ backUpFirst: new Copies() }).run(request(id));
      assert.deepEqual(
        events.flatMap((event) => (event.type === "backup-planned" ? [event.needsReset] : [])),
        [expected],
      );
    }
  });
});
