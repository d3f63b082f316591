/**
 * How long jobs take, in simulated time: chip, adapter and host share one clock, so the figures are the same on every machine
 * and under any load. Held against the limit with the chip's own processor counted (test/bench/limits.ts); what the strict
 * limits and targets come out as is in docs/protocol.md.
 */
import assert from "node:assert/strict";
import { PRESETS, type PresetId } from "../../../src/simulator/index";
import { APP_AT, actualRate, buildsOf, genuineApp, randomFlash, speedOf, typicalFlash } from "../../bench/chips";
import type { TimedJob } from "../../bench/jobs";
import { backupLimit } from "../../bench/limits";
import { STALLS, TITLES, limitOf, requestOf, type Content, type MeasureId } from "../../bench/measures";
import { VirtualChip } from "../../bench/virtual";
import { firstDifference, flashRequest } from "./rig";
import { SECTOR } from "../../flashUnits";

const BAUD = 921_600;
/** One of each kind of program; the two families whose CRC locks the flash differ in how they are reset. */
const CHIPS = ["bk7231t", "bk7231n", "bk7231q", "bk7231s", "bk7231u"] as const;

interface Timed {
  readonly job: TimedJob;
  /** Times the limit with the chip's processor, and times that of wire and datasheet alone. */
  readonly ratio: number;
  readonly strict: number;
}

async function onChip<T>(
  id: PresetId,
  latencyMs: number,
  flash: Uint8Array,
  work: (run: (measure: MeasureId) => Promise<Timed>, chip: VirtualChip) => Promise<T>,
): Promise<T> {
  const preset = PRESETS[id];
  const chip = new VirtualChip(preset, { flash, latencyMs });
  const content: Content = { app: genuineApp(preset, "older"), builds: buildsOf(preset) };
  try {
    return await work(async (measure) => {
      const job = await chip.run(BAUD, requestOf(measure, content, genuineApp(preset, "new"), 1));
      const limit = limitOf(measure, flash.length, content, actualRate(preset, BAUD), speedOf(preset, BAUD));
      return { job, ratio: job.ms / limit.chipMs, strict: job.ms / limit.ms };
    }, chip);
  } finally {
    chip.dispose();
  }
}

const typical = (id: PresetId): Uint8Array => typicalFlash(PRESETS[id], genuineApp(PRESETS[id], "older"));

describe("jobs in simulated time", function () {
  this.timeout(120_000);

  for (const id of CHIPS) {
    it(`${id}: a verified full write takes hardly longer than chip and wire do`, async () => {
      const { job, ratio } = await onChip(id, 0, typical(id), (run) => run("write"));
      assert.ok(ratio <= 1.02, `${ratio.toFixed(3)}`);
      assert.equal(job.result.kind === "flash" && job.result.verified, true);
    });

    it(`${id}: a whole backup takes no longer, and half as long where the flash is mostly blank`, async () => {
      const { ratio } = await onChip(id, 0, randomFlash(PRESETS[id]), (run) => run("backup-random"));
      assert.ok(ratio <= 1.0, `${ratio.toFixed(3)}`);
      const half = await onChip(id, 0, typical(id), (run) => run("backup-typical"));
      assert.ok(half.ratio <= 0.55, `${half.ratio.toFixed(3)}`);
    });

    it(`${id}: who it is takes under half a second from the first answer`, async () => {
      const { job } = await onChip(id, 0, typical(id), (run) => run("info"));
      assert.ok(job.ms <= 450, `${job.ms}`);
    });

    it(`${id}: an adapter that holds answers back for 16 ms costs less than a quarter`, async () => {
      // The eFuse of a ROM takes turns behind which nothing may be sent.
      const measures = ["write", "verify", "unchanged", "changed"] as const;
      for (const measure of id === "bk7231n" ? measures : (["info", ...measures] as const)) {
        const [plain, late] = await Promise.all(
          [0, 16].map((ms) =>
            onChip(id, ms, typical(id), async (run) => {
              if (measure !== "write" && measure !== "info") await run("write");
              return await run(measure);
            }),
          ),
        );
        const ratio = (late?.job.ms ?? Infinity) / (plain?.job.ms ?? 0);
        assert.ok(ratio <= 1.25, `${measure}: ${ratio.toFixed(3)}`);
      }
    });
  }

  for (const id of ["bk7231t", "bk7231n", "bk7231u"] as const) {
    it(`${id}: what is on the chip already is found out in the time of one CRC over it, a small change hardly later`, async () => {
      await onChip(id, 0, typical(id), async (run) => {
        const all = await run("write");
        const [unchanged, changed] = [await run("unchanged"), await run("changed")];
        assert.ok(unchanged.ratio <= 1.05, `unchanged ${unchanged.ratio.toFixed(3)}`);
        assert.ok(changed.ratio <= 1.25, `changed ${changed.ratio.toFixed(3)}`);
        assert.ok(unchanged.job.ms <= 0.08 * all.job.ms, `unchanged ${unchanged.job.ms} of ${all.job.ms}`);
        assert.ok(changed.job.ms <= 0.12 * all.job.ms, `changed ${changed.job.ms} of ${all.job.ms}`);
      });
    });
  }

  for (const id of ["bk7231t", "bk7231n"] as const) {
    it(`${id}: a verified full write takes at most a tenth longer than wire and datasheet say`, async () => {
      const { strict } = await onChip(id, 0, typical(id), (run) => run("write"));
      assert.ok(strict <= 1.1, `${strict.toFixed(4)}`);
    });
  }

  for (const id of CHIPS) {
    it(`${id}: a file is compared in the time of one CRC over it, wherever it ends`, async () => {
      const { ratio } = await onChip(id, 0, typical(id), async (run) => {
        await run("write");
        return await run("verify");
      });
      assert.ok(ratio <= 1.02, `${ratio.toFixed(3)}`);
    });
  }

  it("the eFuse of a ROM waits for an adapter's timer only until its packets are known", async () => {
    const [plain, late] = await Promise.all(
      [0, 16].map((ms) => onChip("bk7231n", ms, typical("bk7231n"), (run) => run("info"))),
    );
    const ratio = (late?.job.ms ?? Infinity) / (plain?.job.ms ?? 0);
    assert.ok(ratio <= 1.5, `${ratio.toFixed(3)}`);
  });

  describe("where hashing a byte takes 2 us", () => {
    const hashUs = 2;
    const seconds = async (id: PresetId, baud: number, measure: MeasureId, flash: Uint8Array): Promise<number> => {
      const preset = PRESETS[id];
      const stallS = STALLS[measure];
      const chip = new VirtualChip(preset, { flash, latencyMs: 0, hashUs, stallS });
      const content: Content = { app: genuineApp(preset, "older"), builds: buildsOf(preset) };
      try {
        // What is changed is changed in what the other leaves.
        if (measure.startsWith("changed")) {
          const whole = measure.replace("changed", "write") as MeasureId;
          await chip.run(baud, requestOf(whole, content, content.app, 0));
        }
        const job = await chip.run(baud, requestOf(measure, content, content.app, 0));
        assert.equal(chip.chip.state, "linked");
        return job.ms / 1000;
      } finally {
        chip.dispose();
      }
    };

    for (const [measure, most] of [
      ["write-rbl", 14.2],
      ["write-uf2", 12.9],
      ["changed-uf2", 2.6],
      // The chip hashes for 2.3 s of these.
      ["changed-rbl", 3.1],
    ] as const) {
      it(`bk7231t: ${TITLES[measure]}: at most ${most} s`, async () => {
        const took = await seconds("bk7231t", BAUD, measure, typical("bk7231t"));
        assert.ok(took <= most, `${took}`);
      });
    }

    it("a backup at 2 Mbaud takes 2 % more than wire and hash, and 5 % on a loader, which takes 1 ms over each reading", async () => {
      for (const [id, most] of [
        ["bk7231n", 1.02],
        ["bk7231t", 1.05],
      ] as const) {
        const preset = PRESETS[id];
        const flash = randomFlash(preset);
        const took = await seconds(id, 2_000_000, "backup-random", flash);
        const wire = backupLimit(flash.length, 2_000_000, speedOf(preset, 2_000_000, hashUs)).ms / 1000;
        const ratio = took / (wire + (flash.length * hashUs) / 1e6);
        assert.ok(ratio <= most, `${id}: ${ratio}`);
      }
    });

    for (const [measure, stallS] of [
      ["stall-3", 3],
      ["stall-30", 30],
    ] as const) {
      it(`a backup outlasts a stall of ${stallS} s, and loses hardly more than that by it`, async () => {
        for (const id of CHIPS) {
          const without = await seconds(id, BAUD, "backup-random", randomFlash(PRESETS[id]));
          const took = await seconds(id, BAUD, measure, randomFlash(PRESETS[id]));
          assert.ok(took - without <= stallS + 4, `${id}: ${took} s, ${without} s without`);
        }
      });
    }
  });

  it("whatever differs, the flash comes out as a full write leaves it", async () => {
    const id = "bk7231t";
    const file = { name: "application.crc", bytes: genuineApp(PRESETS[id], "new") };
    await onChip(id, 0, typical(id), async (run, virtual) => {
      const { chip } = virtual;
      await run("write");
      for (const [every, from] of [
        [1, 0],
        [2, 1],
        [3, 0],
        [40, 7],
        [97, 96],
      ] as const) {
        for (let at = APP_AT + from * SECTOR; at < APP_AT + file.bytes.length; at += every * SECTOR)
          chip.flash[at + 77] = (chip.flash[at + 77] ?? 0) ^ 0x10;
        await virtual.run(BAUD, { ...flashRequest(file), at: APP_AT, evenIfChipUnknown: true });
        assert.equal(firstDifference(chip.flash.subarray(APP_AT, APP_AT + file.bytes.length), file.bytes), -1);
      }
    });
  });
});
