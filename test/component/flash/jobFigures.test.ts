/** What is said of a plan and of the job that carried it out are the same figures. */
import assert from "node:assert/strict";
import { figuresOf, type JobEvent } from "../../../src/core/index";
import { plannedFigures, type FlashFigures } from "../../../src/core/plan/jobFigures";
import { noise } from "../../../src/simulator/prng";
import { PRESETS } from "../../../src/simulator/index";
import { packaged, rawFirmware } from "./builds";
import { flashRequest, resultOf, withSimulatedRig } from "./rig";

const SECTOR = 0x1000;

/** As the last plan of a job announces them. */
function announced(events: readonly JobEvent[]): FlashFigures {
  const figures = events.flatMap((event) =>
    event.type === "planned"
      ? [plannedFigures(event.plan)]
      : event.type === "narrowed"
        ? [plannedFigures(event.plan, event.skipped)]
        : [],
  );
  return figures.at(-1) as FlashFigures;
}

const flashed = ({ bytesErased, bytesWritten, bytesSkipped, bytesKept }: FlashFigures): FlashFigures => ({
  bytesErased,
  bytesWritten,
  bytesSkipped,
  bytesKept,
});

describe("figures of a job", () => {
  for (const id of ["bk7231n", "bk7231t"] as const) {
    it(`${id}: what was announced is what was done, on a chip with other content and on one that holds it already`, async () => {
      const file = packaged(PRESETS[id], rawFirmware(0x8a50)).crc;
      const end = 0x11000 + file.bytes.length;
      await withSimulatedRig(id, {}, async (rig) => {
        rig.chip.flash.set(noise(3, SECTOR), end - (end % SECTOR));
        for (const full of [true, false]) {
          for (const how of ["other content", "the same"]) {
            const { events, ...outcome } = await rig.run(flashRequest(file, { full }));
            const result = resultOf("flash", { events, ...outcome });
            assert.deepEqual(flashed(result), announced(events), `${how}, full ${full}`);
            assert.equal(result.bytesErased + result.bytesSkipped, result.plan.totals.erase);
            if (!full) assert.equal(result.bytesSkipped, result.plan.totals.erase);
            else assert.equal(result.bytesKept, SECTOR - (end % SECTOR));
          }
        }
        const erase = { kind: "erase", start: 0x1a0000, length: 2 * SECTOR, dryRun: false } as const;
        const { events, ...outcome } = await rig.run(erase);
        const erased = resultOf("erase", { events, ...outcome });
        assert.deepEqual(flashed(erased), announced(events));
        assert.equal(erased.bytesErased, 2 * SECTOR);
      });
    });
  }

  it("are all that a result tells in figures, and none that its kind does not have", async () => {
    await withSimulatedRig("bk7231n", {}, async (rig) => {
      const read = resultOf("read", await rig.run({ kind: "read", start: 0, length: SECTOR }));
      assert.deepEqual(figuresOf(read), { bytesRead: SECTOR });
      const backup = resultOf("backup", await rig.run({ kind: "backup" }));
      assert.deepEqual(figuresOf(backup), { bytesRead: backup.data.length, verified: true });
      const dry = resultOf("erase", await rig.run({ kind: "erase", start: 0x1a0000, length: SECTOR, dryRun: true }));
      assert.deepEqual(figuresOf(dry), {
        bytesErased: 0,
        bytesWritten: 0,
        bytesSkipped: 0,
        bytesKept: 0,
        verified: false,
        repairedSectors: 0,
        rebooted: false,
        dryRun: true,
      });
    });
  });
});
