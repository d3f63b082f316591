/**
 * What a job tells, held against what the chip did: every erase and every programmed sector has its event, no phase is left open,
 * and whatever must be stored is told before the chip is touched.
 */
import assert from "node:assert/strict";
import type { FlashPlan, JobEvent, JobRequest } from "../../../src/core/index";
import { lengthOf, rangeOf, split, subtract, type Range } from "../../../src/core/base/ranges";
import { narrowPlan } from "../../../src/core/plan/narrow";
import { preservedSectors, programmedSectors } from "../../../src/core/plan/planWrite";
import { PRESETS, type PresetId } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/prng";
import { packaged, rawFirmware } from "./builds";
import { flashRequest, locksUntilReset, withSimulatedRig, type Outcome, type Rig } from "./rig";

const SECTOR = 0x1000;
/** Loaders with every kind of CRC, and a boot ROM. */
const CHIPS = ["bk7231t", "bk7231s", "bk7231q", "bk7231n-zero", "bk7238"] as const satisfies readonly PresetId[];

type Phased = Extract<JobEvent, { readonly phase: string }>;

/** Each phase begins, counts up to its total without a gap, and ends, before another begins; the stretches told in each. */
function phasesOf(events: readonly JobEvent[]): Map<string, Range[]> {
  const told = new Map<string, Range[]>();
  let open: (Phased & { readonly type: "phase-started" }) | undefined;
  let done = 0;
  for (const event of events) {
    if (event.type === "phase-started") {
      assert.equal(open, undefined, `${event.phase} begins inside ${open?.phase}`);
      open = event;
      done = 0;
    } else if (event.type === "progress") {
      assert.equal(event.phase, open?.phase);
      assert.equal(event.total, open?.total);
      assert.equal(event.done - done, event.length, `${event.phase}: what is told adds up`);
      ({ done } = event);
      told.set(event.phase, [...(told.get(event.phase) ?? []), rangeOf(event.address, event.length)]);
    } else if (event.type === "phase-finished") {
      assert.equal(event.phase, open?.phase);
      assert.equal(done, open?.total, `${event.phase} ends with all of it done`);
      open = undefined;
    }
  }
  assert.equal(open, undefined, `${open?.phase} is left open`);
  return told;
}

/** Both hold the same bytes, each once. */
function assertSame(told: readonly Range[], expected: readonly Range[], what: string): void {
  assert.equal(lengthOf([...told]), lengthOf([...expected]), `${what}: nothing is told twice`);
  assert.deepEqual(subtract([...expected], [...told]), [], `${what}: nothing is left out`);
  assert.deepEqual(subtract([...told], [...expected]), [], `${what}: nothing is told that was not meant`);
}

function find<T extends JobEvent["type"]>(
  events: readonly JobEvent[],
  type: T,
): Extract<JobEvent, { readonly type: T }> {
  const found = events.find((event) => event.type === type);
  assert.ok(found, `${type} is told`);
  return found as Extract<JobEvent, { readonly type: T }>;
}

/** The job beside the chip: at each event, what was erased and programmed by then. */
async function watched(rig: Rig, request: JobRequest): Promise<Outcome & { readonly seen: readonly number[] }> {
  rig.forget();
  const seen: number[] = [];
  const outcome = await rig.run(request, undefined, () => seen.push(changes(rig).length));
  if (outcome.error) throw outcome.error;
  return { ...outcome, seen };
}

/** Erases and programmed pages since the rig last forgot, in order. */
function changes(rig: Rig): { readonly kind: "erase" | "program"; readonly range: Range }[] {
  return rig.flashOperations.flatMap(({ operation }) => {
    if (operation.kind === "status") return [];
    const length = operation.kind === "erase" ? operation.size : operation.data.length;
    // Of an erase the flash takes the block that the address is in.
    const start = operation.kind === "erase" ? operation.address - (operation.address % length) : operation.address;
    return [{ kind: operation.kind, range: rangeOf(start, length) }];
  });
}

function assertToldOfWrite(
  rig: Rig,
  { events, seen }: { readonly events: readonly JobEvent[]; readonly seen: readonly number[] },
): void {
  const { plan: whole } = find(events, "planned");
  const narrowed = events.find((event) => event.type === "narrowed");
  const plan: FlashPlan = narrowed?.plan ?? whole;
  const told = phasesOf(events);
  const kept = find(events, "kept");
  assert.equal(seen[events.indexOf(kept)], 0, "what is kept is told before the chip is touched");
  assert.deepEqual([...kept.before.keys()].sort(), preservedSectors(plan).sort());
  assertSame(told.get("erase") ?? [], plan.sectors, "erased");
  const programmed = programmedSectors(plan);
  assertSame(
    told.get("write") ?? [],
    programmed.map((address) => rangeOf(address, SECTOR)),
    "written",
  );
  assert.deepEqual(
    events.flatMap((event) => (event.type === "sector-done" ? [event.address] : [])),
    programmed,
  );
  // What the chip did is what was told, and what is kept a part of was told first.
  const erases = changes(rig).filter(({ kind }) => kind === "erase");
  assert.deepEqual(
    subtract(
      erases.map(({ range }) => range),
      told.get("erase") ?? [],
    ),
    [],
  );
  for (const address of preservedSectors(plan)) {
    const at = events.findIndex((event) => event.type === "erasing" && event.range.start === address);
    assert.notEqual(at, -1, `the erase of ${address.toString(16)} is announced`);
    const before = changes(rig).slice(0, seen[at]);
    assert.ok(
      before.every(({ range }) => range.end <= address || range.start >= address + SECTOR),
      `${address.toString(16)} is untouched when its erase is announced`,
    );
  }
  const order = events.map(({ type }) => type);
  const first = (type: JobEvent["type"]): number => order.indexOf(type);
  assert.ok(first("linked") < first("identified") && first("identified") < first("planned"));
  assert.ok(first("planned") < first("kept"));
}

describe("what a job tells", () => {
  for (const id of CHIPS) {
    const preset = PRESETS[id];
    const app = packaged(preset, rawFirmware(0x8a50)).crc;

    it(`${id}: of a write is complete: every erase, every sector, what is kept before it is touched`, async () => {
      await withSimulatedRig(id, {}, async (rig) => {
        rig.chip.flash.set(noise(3, 0x40000), 0x11000);
        assertToldOfWrite(rig, await watched(rig, flashRequest(app, { full: true })));
        // One sector of it differs now: where that is found out, its erase is the first and the only one, and keeps a part.
        const tail = 0x11000 + app.bytes.length;
        rig.chip.flash.fill(0, tail - 16, tail);
        const again = await watched(rig, flashRequest(app));
        assertToldOfWrite(rig, again);
        if (!locksUntilReset(preset)) assert.equal(changes(rig).filter(({ kind }) => kind === "erase").length, 1);
      });
    });

    it(`${id}: of a write of a few bytes into the middle of a sector is complete`, async () => {
      await withSimulatedRig(id, {}, async (rig) => {
        for (const [at, length] of [
          [0x150800, 0x100],
          [0x150ff0, 0x20],
          [0x151001, 0x2ffe],
        ] as const) {
          rig.chip.flash.set(noise(at, 0x8000), 0x150000);
          const file = { name: "data.bin", bytes: noise(9, length) };
          assertToldOfWrite(rig, await watched(rig, flashRequest(file, { at })));
        }
      });
    });

    it(`${id}: of an erase is complete`, async () => {
      await withSimulatedRig(id, {}, async (rig) => {
        rig.chip.flash.set(noise(3, 0x40000), 0x140000);
        const { events } = await watched(rig, { kind: "erase", start: 0x14f000, length: 0x12000, dryRun: false });
        assertSame(phasesOf(events).get("erase") ?? [], find(events, "planned").plan.sectors, "erased");
        assertSame(
          changes(rig).map(({ range }) => range),
          find(events, "planned").plan.sectors,
          "erased on the chip",
        );
      });
    });

    it(`${id}: of a backup is complete: every block once, and every byte read`, async () => {
      await withSimulatedRig(id, {}, async (rig) => {
        rig.chip.flash.set(noise(3, 0x40000), 0x60000);
        const { events } = await watched(rig, { kind: "backup" });
        const whole = { start: 0, end: rig.chip.flash.length };
        const blocks = events.flatMap((event) =>
          event.type === "block" ? [rangeOf(event.start, event.data.length)] : [],
        );
        assertSame(blocks, [whole], "blocks");
        assert.deepEqual(blocks, split([whole], 0x10000));
        assertSame(phasesOf(events).get("read") ?? [], [whole], "read");
        for (const event of events)
          if (event.type === "block")
            assert.equal(
              Buffer.compare(event.data, rig.chip.flash.subarray(event.start, event.start + event.data.length)),
              0,
            );
        assert.deepEqual(changes(rig), []);
      });
    });
  }

  it("of a repair counts every sector that is written again", async () => {
    let spoilt = 0;
    const behaviours = [
      {
        onFlashOperation: (operation: { readonly kind: string; readonly address?: number }) =>
          operation.kind === "program" && operation.address === 0x15000 && spoilt++ < 1
            ? ("ignore" as const)
            : undefined,
      },
    ];
    await withSimulatedRig("bk7231n-zero", { behaviours }, async (rig) => {
      const app = packaged(PRESETS["bk7231n-zero"], rawFirmware(0x8a50)).crc;
      const { events } = await rig.run(flashRequest(app, { full: true }));
      assertSame(phasesOf(events).get("repair") ?? [], [rangeOf(0x15000, SECTOR)], "repaired");
    });
  });

  it("of a repair announces each erase of a sector of which a part is kept, before the chip sees it", async () => {
    const app = packaged(PRESETS["bk7231n-zero"], rawFirmware(0x8a50)).crc;
    const end = 0x11000 + app.bytes.length;
    const last = end - (end % SECTOR);
    await withSimulatedRig("bk7231n-zero", {}, async (rig) => {
      rig.chip.flash.fill(0x5a, end, last + SECTOR);
      const erases = (): number =>
        changes(rig).filter(({ kind, range }) => kind === "erase" && range.start === last).length;
      const announced: number[] = [];
      let spoilt = false;
      const { error } = await rig.run(flashRequest(app, { full: true }), undefined, (event) => {
        if (event.type === "erasing" && event.range.start === last) announced.push(erases());
        if (event.type !== "phase-started" || event.phase !== "verify" || spoilt) return;
        spoilt = true;
        rig.chip.flash[end - 1] = (rig.chip.flash[end - 1] ?? 0) ^ 0x10;
      });
      assert.equal(error, undefined);
      assert.deepEqual(announced, [0, 1]);
      assert.equal(erases(), 2);
    });
  });

  it("is what narrowing leaves of the plan", async () => {
    await withSimulatedRig("bk7231n-zero", {}, async (rig) => {
      const app = packaged(PRESETS["bk7231n-zero"], rawFirmware(0x8a50)).crc;
      await rig.run(flashRequest(app));
      rig.chip.flash[0x13000] = (rig.chip.flash[0x13000] as number) & 0;
      const { events } = await rig.run(flashRequest(app));
      const { plan } = find(events, "planned");
      const right = new Set(
        split([...plan.sectors], SECTOR)
          .map(({ start }) => start)
          .filter((start) => start !== 0x13000),
      );
      const { skipped, plan: left } = find(events, "narrowed");
      assert.deepEqual({ skipped, plan: left }, narrowPlan(plan, right));
    });
  });
});
