import assert from "node:assert/strict";
import type { ChipIdentity, FlashPlan, JobEvent, WriteResume } from "../../../src/core/index";
import { noise } from "../../../src/simulator/prng";
import { PRESETS, type PresetId } from "../../../src/simulator/index";
import { APP_AT, packaged, rawFirmware } from "./builds";
import { KeptRead, KeptWrite, killedAt } from "./kept";
import { assertCarriedOut, firstDifference, flashRequest, resultOf, withSimulatedRig } from "./rig";

const BLOCK = 0x10000;
const SECTOR = 0x1000;
const MIB = 0x100000;

describe("a backup that was interrupted", () => {
  for (const id of ["bk7231t", "bk7231s", "bk7231n"] as const) {
    it(`${id}: goes on with at most one block read twice, wherever it stopped`, async () => {
      const content = noise(7, 2 * MIB);
      await withSimulatedRig(id, { flash: content }, async (rig) => {
        for (const blocks of [1, 31]) {
          const kept = new KeptRead();
          const request = { kind: "backup" } as const;
          const hooks = { resumeBackup: kept.resume };
          let seen = 0;
          const early = await killedAt(rig, request, hooks, (event) => {
            kept.store(event);
            return event.type === "block" && ++seen === blocks;
          });
          assert.equal(early, undefined);
          const read: number[] = [];
          const outcome = await rig.answering(hooks).run(request, undefined, (event) => {
            if (event.type === "block") read.push(event.start);
          });
          const { data, bytesTaken } = resultOf("backup", outcome);
          assert.equal(firstDifference(data, content), -1);
          assert.equal(bytesTaken, blocks * BLOCK);
          assert.deepEqual(
            read,
            Array.from({ length: 32 - blocks }, (_, i) => (blocks + i) * BLOCK),
          );
        }
      });
    });
  }

  it("takes nothing over that the chip does not agree to: a flash that changed since, a part file that was damaged with its journal", async () => {
    const content = noise(8, 2 * MIB);
    await withSimulatedRig("bk7231n", { flash: content }, async (rig) => {
      const kept = new KeptRead();
      const request = { kind: "backup" } as const;
      const hooks = { resumeBackup: kept.resume };
      let seen = 0;
      await killedAt(rig, request, hooks, (event) => {
        kept.store(event);
        return event.type === "block" && ++seen === 20;
      });
      rig.chip.flash[0x35678] = (rig.chip.flash[0x35678] as number) ^ 0xff;
      // Bytes and line agree with each other, and with nothing else.
      const forged = noise(9, BLOCK);
      kept.store({ type: "block", start: 5 * BLOCK, data: forged });
      const { data, bytesTaken } = resultOf("backup", await rig.answering(hooks).run(request));
      assert.equal(firstDifference(data, rig.chip.flash), -1);
      assert.equal(bytesTaken, 18 * BLOCK);
    });
  });
});

/** An application that ends in the middle of a sector, over a flash that holds something there. */
function ragged(id: PresetId): { name: string; bytes: Uint8Array } {
  return packaged(PRESETS[id], rawFirmware(0x8a50)).crc;
}

describe("a write that was interrupted", () => {
  for (const id of ["bk7231t", "bk7231s", "bk7231n-zero", "bk7231q"] as const) {
    it(`${id}: the next one ends verified, with the bytes that stay as they were, wherever it stopped`, async () => {
      const file = ragged(id);
      const tail = APP_AT + file.bytes.length;
      assert.notEqual(tail % SECTOR, 0);
      const total = Math.ceil(file.bytes.length / SECTOR);
      const stops: readonly [string, (event: JobEvent, seen: number) => boolean][] = [
        ["kept", ({ type }) => type === "kept"],
        ["erasing the edge", ({ type }) => type === "erasing"],
        ["third sector", (event) => event.type === "sector-done" && event.address === APP_AT + 2 * SECTOR],
        ["last sector", (event) => event.type === "sector-done" && event.address === APP_AT + (total - 1) * SECTOR],
      ];
      for (const [where, stop] of stops) {
        await withSimulatedRig(id, {}, async (rig) => {
          rig.chip.flash.set(noise(3, SECTOR), tail - (tail % SECTOR));
          const before = rig.snapshot();
          const kept = new KeptWrite();
          const request = flashRequest(file);
          const hooks = { resumeWrite: kept.resume };
          await killedAt(rig, request, hooks, (event, seen) => {
            kept.store(event);
            return stop(event, seen);
          });
          // Once more, killed at the next erase, if it comes to one.
          await killedAt(rig, request, hooks, (event) => {
            kept.store(event);
            return event.type === "progress" && event.phase === "erase";
          });
          rig.forget();
          const outcome = await rig.answering(hooks).run(request, undefined, (event) => kept.store(event));
          const { plan, verified } = resultOf("flash", outcome);
          assert.equal(verified, true, where);
          assertCarriedOut(plan, before, rig.chip.flash);
        });
      }
    });
  }

  it("transfers nothing again but the sector it stopped in, on loaders of every kind of CRC", async () => {
    for (const id of ["bk7231t", "bk7231s", "bk7231n-zero"] as const) {
      const file = ragged(id);
      await withSimulatedRig(id, {}, async (rig) => {
        const kept = new KeptWrite();
        const request = flashRequest(file);
        const hooks = { resumeWrite: kept.resume };
        let written = 0;
        await killedAt(rig, request, hooks, (event) => {
          kept.store(event);
          return event.type === "sector-done" && ++written === 5;
        });
        const { bytesWritten } = resultOf("flash", await rig.answering(hooks).run(request));
        const sectors = Math.ceil(file.bytes.length / SECTOR);
        assert.equal(bytesWritten <= (sectors - 5 + 1) * SECTOR, true, `${id}: ${bytesWritten}`);
      });
    }
  });

  it("a journal that claims what is not so is found out by the chip's CRC, also where that comes last", async () => {
    for (const id of ["bk7231s", "bk7231q", "bk7231n-zero"] as const) {
      const file = ragged(id);
      await withSimulatedRig(id, {}, async (rig) => {
        const before = rig.snapshot();
        const liar = (_chip: ChipIdentity, plan: FlashPlan): Promise<WriteResume> =>
          Promise.resolve({
            kept: new Map(),
            claimed: Array.from({ length: 4 }, (_, i) => (plan.sectors[0]?.start ?? 0) + i * SECTOR),
          });
        const { plan, verified } = resultOf(
          "flash",
          await rig.answering({ resumeWrite: liar }).run(flashRequest(file)),
        );
        assert.equal(verified, true);
        assertCarriedOut(plan, before, rig.chip.flash);
      });
    }
  });
});
