/** How often one thing is tried before its failure is passed on: counted at the chip. Requests are counted in test/unit/link. */
import assert from "node:assert/strict";
import { readU32 } from "../../../src/core/base/bytes";
import type { JobEvent } from "../../../src/core/index";
import { PRESETS, type Behaviour } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/prng";
import { packaged, rawFirmware } from "./builds";
import { failedWith, flashRequest, notes, resultOf, withSimulatedRig, type Outcome, type Rig } from "./rig";

const ID = "bk7231n-zero";
const AT = 0x15000;
const app = packaged(PRESETS[ID], rawFirmware(0x8a50)).crc;

/** The flash does nothing about what it is told of a sector, the first so many times. */
function deafAt(address: number, times = Infinity): { readonly behaviour: Behaviour; readonly programs: () => number } {
  let seen = 0;
  let last = -1;
  const behaviour: Behaviour = {
    onFlashOperation: (operation) => {
      if (operation.kind === "erase" && Math.floor(operation.address / 0x1000) === address / 0x1000) last = -1;
      if (operation.kind !== "program" || Math.floor(operation.address / 0x1000) !== address / 0x1000) return undefined;
      // A sector is programmed piece by piece; it is one attempt.
      if (last === -1) seen++;
      last = operation.address;
      return seen <= times ? "ignore" : undefined;
    },
  };
  return { behaviour, programs: () => seen };
}

async function flashed(behaviour: Behaviour): Promise<{ readonly outcome: Outcome; readonly rig: Rig }> {
  let result: { readonly outcome: Outcome; readonly rig: Rig } | undefined;
  await withSimulatedRig(ID, { behaviours: [behaviour] }, async (rig) => {
    rig.chip.flash.set(noise(4, 0x10000), 0x11000);
    result = { outcome: await rig.run(flashRequest(app, { full: true })), rig };
  });
  assert.ok(result);
  return result;
}

const repairs = (events: readonly JobEvent[]): number => notes(events).filter((code) => code === "repair").length;

/** Requests that a chip saw, and what it makes of them. */
const COMMANDS = { readPiece: 0x08, readSector: 0x09, transfer: 0x0e } as const;

/** Answers to none of the requests with this code, for this address where one is given, or with a status byte; the first so many. */
function unanswered(
  code: number,
  { address, status, times = Infinity }: { address?: number; status?: number; times?: number } = {},
): { readonly behaviour: Behaviour; readonly seen: () => number } {
  let seen = 0;
  const behaviour: Behaviour = {
    onCommand: ({ code: asked, long, payload }) => {
      if (!long || asked !== code || (address !== undefined && readU32(payload, 0) !== address)) return undefined;
      if (++seen > times) return undefined;
      return status === undefined ? { ignore: true } : { status };
    },
  };
  return { behaviour, seen: () => seen };
}

async function reading(...behaviours: readonly Behaviour[]): Promise<Outcome> {
  let outcome: Outcome | undefined;
  await withSimulatedRig(ID, { behaviours }, async (rig) => {
    rig.chip.flash.set(noise(4, 0x10000), 0x11000);
    outcome = await rig.run({ kind: "read", start: AT - 0x1000, length: 0x4000 });
  });
  assert.ok(outcome);
  return outcome;
}

const retries = (events: readonly JobEvent[]): number => notes(events).filter((code) => code === "retry").length;

describe("how often it is tried", () => {
  it("to read a sector whole: four times, then in pieces, which come", async () => {
    const sectors = unanswered(COMMANDS.readSector, { address: AT });
    const pieces = unanswered(COMMANDS.readPiece, { address: AT, times: 0 });
    const outcome = await reading(sectors.behaviour, pieces.behaviour);
    assert.deepEqual(
      resultOf("read", outcome).data.subarray(0x1000, 0x2000),
      noise(4, 0x10000).subarray(0x4000, 0x5000),
    );
    assert.deepEqual([sectors.seen(), pieces.seen()], [4, 1]);
  });

  it("to read a piece: twenty-four times, and the last is as good as the first", async () => {
    for (const times of [23, 24]) {
      const sectors = unanswered(COMMANDS.readSector, { address: AT });
      const pieces = unanswered(COMMANDS.readPiece, { address: AT, times });
      const outcome = await reading(sectors.behaviour, pieces.behaviour);
      resultOf("read", outcome);
      // A piece that has failed so often brings the line back, and is begun again.
      assert.deepEqual([pieces.seen(), retries(outcome.events)], [times + 1, 4 + (times - 23)]);
    }
  });

  it("to read a sector of a chip that reads no pieces: twenty-four times in all", async () => {
    const sectors = unanswered(COMMANDS.readSector, { address: AT });
    const pieces = unanswered(COMMANDS.readPiece, { address: AT, status: 7 });
    const outcome = await reading(sectors.behaviour, pieces.behaviour);
    failedWith("reply-timeout", outcome);
    assert.deepEqual([sectors.seen(), pieces.seen(), retries(outcome.events)], [24, 1, 23]);
  });

  it("to ask who a chip is: four rounds of three requests", async () => {
    const transfers = unanswered(COMMANDS.transfer);
    await withSimulatedRig(ID, { behaviours: [transfers.behaviour] }, async (rig) => {
      const outcome = await rig.run({ kind: "info" });
      failedWith("reply-timeout", outcome);
      assert.deepEqual([transfers.seen(), retries(outcome.events)], [4 * 3, 3]);
    });
    const most = unanswered(COMMANDS.transfer, { times: 4 * 3 - 1 });
    await withSimulatedRig(ID, { behaviours: [most.behaviour] }, async (rig) => {
      resultOf("info", await rig.run({ kind: "info" }));
    });
  });

  it("to find out whose a link is: four links", async () => {
    const sectors = unanswered(COMMANDS.readSector);
    await withSimulatedRig("bk7231t", { behaviours: [sectors.behaviour] }, async (rig) => {
      const outcome = await rig.run({ kind: "info" });
      failedWith("reply-timeout", outcome);
      assert.equal(retries(outcome.events), 3);
    });
  });

  it("to erase what goes first and is proven: three times, whether nothing of it took or a part", async () => {
    const erased = async (times: number, part: boolean): Promise<readonly [Outcome, number, number]> => {
      let seen = 0;
      let programs = 0;
      let flash: Uint8Array | undefined;
      const behaviour: Behaviour = {
        onFlashOperation: (operation) => {
          if (operation.kind === "program") programs++;
          if (operation.kind !== "erase" || ++seen > times) return undefined;
          if (part) flash?.fill(0xff, AT, AT + 0x800);
          return "ignore";
        },
      };
      let outcome: Outcome | undefined;
      await withSimulatedRig(ID, { behaviours: [behaviour] }, async (rig) => {
        ({ flash } = rig.chip);
        rig.chip.flash.set(noise(4, 0x1000), AT);
        outcome = await rig.run({ kind: "erase", start: AT, length: 0x1000, dryRun: false });
      });
      assert.ok(outcome);
      return [outcome, seen, programs];
    };
    for (const part of [false, true]) {
      const [outcome, seen, programs] = await erased(Infinity, part);
      const { context } = failedWith(part ? "erase-failed" : "flash-protected", outcome);
      assert.deepEqual([context.attempts, context.address, seen, programs], [3, AT, 3, 0]);
      const [third, thrice] = await erased(2, part);
      resultOf("erase", third);
      assert.equal(thrice, 3);
    }
  });

  it("to program the first sector: three times, each after an erase", async () => {
    const deaf = deafAt(0x11000);
    const { outcome } = await flashed(deaf.behaviour);
    assert.equal(failedWith("write-failed", outcome).context.attempts, 3);
    assert.equal(deaf.programs(), 3);
    assert.equal(repairs(outcome.events), 2);
  });

  it("to program the first sector, and it takes the third time: the job goes on", async () => {
    const deaf = deafAt(0x11000, 2);
    const { outcome } = await flashed(deaf.behaviour);
    assert.equal(resultOf("flash", outcome).verified, true);
    assert.equal(deaf.programs(), 3);
  });

  it("to repair what the proof finds wrong: two rounds, in each of which a sector is programmed up to three times", async () => {
    const takes = async (times: number): Promise<{ readonly outcome: Outcome; readonly programs: number }> => {
      const deaf = deafAt(AT, times);
      const { outcome } = await flashed(deaf.behaviour);
      return { outcome, programs: deaf.programs() };
    };
    const never = await takes(Infinity);
    assert.equal(failedWith("write-failed", never.outcome).context.attempts, 3);
    assert.equal(never.programs, 1 + 3);
    const third = await takes(3);
    assert.equal(resultOf("flash", third.outcome).repairedSectors, 1);
    assert.equal(third.programs, 4);
  });

  it("to repair a sector that looks right when it is programmed and wrong when it is proven: two rounds", async () => {
    // The chip's CRC of that one sector is right only where it is asked for by itself right after programming.
    let rounds = 0;
    await withSimulatedRig(ID, {}, async (rig) => {
      const { error } = await rig.run(flashRequest(app, { full: true }), undefined, (event) => {
        if (event.type !== "phase-started" || event.phase !== "verify") return;
        rounds++;
        rig.chip.flash[AT] = (rig.chip.flash[AT] as number) ^ 0xff;
      });
      assert.equal(error?.code, "verify-failed");
      assert.equal(error.context.attempts, 3);
    });
    assert.equal(rounds, 3);
  });
});
