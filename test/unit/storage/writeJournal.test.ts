/** Journals of writes on disk: there before the flash is touched, whole at any moment, and the oldest of them counts. */
import assert from "node:assert/strict";
import {
  crc32,
  deviceMark,
  erasingLine,
  planFingerprint,
  preservedSectors,
  resumeWrite,
  type FlashPlan,
  type JobEvent,
} from "../../../src/core/index";
import { rangeOf } from "../../../src/core/base/ranges";
import { readJournalLines } from "../../../src/core/backup/journal";
import { planSegments } from "../../../src/core/plan/planWrite";
import { words } from "../../../src/core/base/words";
import { runningPrograms } from "../../../src/storage/nodeFileSystem";
import { WriteJournal } from "../../../src/storage/writeJournalStore";
import { noise } from "../../../src/simulator/prng";
import { dumpOf, identityOf } from "../backup/dumps";
import { onEveryDisk } from "./disks";
import type { UntrustedDisk } from "./untrustedDisk";

const SECTOR = 0x1000;
const flash = dumpOf("bk7231t");
const chip = identityOf(flash);
const mark = deviceMark(chip);

function planOf(seed: number): FlashPlan {
  const data = noise(seed, 0x2900);
  const segments = [{ address: 0x11800, data, from: words`x` }];
  return planSegments(segments, flash.length, { allowBootloader: false, calibrationAt: undefined });
}

const plan = planOf(1);
const [EDGE = 0] = preservedSectors(plan);
const content = (seed: number): Map<number, Uint8Array> =>
  new Map(preservedSectors(plan).map((address) => [address, noise(seed + address, SECTOR)]));
const before = content(1);
const kept = (of = plan, held: ReadonlyMap<number, Uint8Array> = before): Extract<JobEvent, { type: "kept" }> => ({
  type: "kept",
  plan: of,
  before: held,
  touched: [],
  newer: [],
});
const erasing = { type: "erasing", range: rangeOf(EDGE, SECTOR) } as const;

onEveryDisk("write journals", (make) => {
  let disk: UntrustedDisk;
  beforeEach(() => {
    disk = make();
  });
  afterEach(() => disk.dispose());

  const journal = (warnings?: string[]): WriteJournal =>
    new WriteJournal({
      files: disk.files,
      programs: runningPrograms,
      folder: disk.folder,
      fileName: "f",
      warn: (why) => (warnings ? void warnings.push(why) : assert.fail(why)),
    });
  const resumed = async (of = plan): Promise<ReadonlyMap<number, Uint8Array>> =>
    (await journal().resume(chip, of))?.kept ?? new Map<number, Uint8Array>();
  const own = (name: string): boolean => name.endsWith(".journal");

  /** A write of `of` that was killed while it erased the first sector of which `held` is a part; the name of its journal. */
  async function stored(
    of: FlashPlan,
    held: ReadonlyMap<number, Uint8Array>,
    hoursAgo = 0,
    device = chip,
  ): Promise<string> {
    const known = disk.list();
    const writing = journal();
    await writing.resume(device, of);
    await writing.store({ ...kept(of, held), touched: [EDGE] });
    await writing.close();
    const [name = ""] = disk.list().filter((each) => !known.includes(each));
    disk.put(name, disk.content(name) as Buffer, new Date(Date.now() - hoursAgo * 3_600_000));
    return name;
  }

  for (const names of ["kept", "forgotten"] as const) {
    it(`have what the next erase takes before it is sent, should the power go then, with names ${names}`, async () => {
      const writing = journal();
      await writing.resume(chip, plan);
      await writing.store(kept());
      await writing.store(erasing);
      disk.cutPower(names);
      const found = await resumed();
      assert.deepEqual([...found.keys()], [EDGE], "what was erased, and nothing that was not");
      assert.deepEqual(found.get(EDGE), before.get(EDGE));
    });

    it(`have the protection that is about to be lifted, and that it is back, with names ${names}`, async () => {
      const writing = journal();
      await writing.resume(chip, plan);
      await writing.store(kept());
      await writing.store({ type: "unprotecting", status: 0x0a7c });
      disk.cutPower(names);
      const again = journal();
      assert.equal((await again.resume(chip, plan))?.protection, 0x0a7c);
      await again.store(kept());
      await again.store({ type: "note", level: "info", code: "reprotected", words: words`x`, context: {} });
      disk.cutPower(names);
      assert.equal((await journal().resume(chip, plan))?.protection, undefined);
    });

    it(`keep the one of before until the new one is whole, at any moment, with names ${names}`, async () => {
      const name = await stored(plan, before);
      const old = disk.content(name) as Buffer;
      const assertWhole = (where: string): void => {
        const text = disk.content(name)?.toString() ?? "";
        assert.equal(readJournalLines(text).incomplete, false, where);
        assert.deepEqual(resumeWrite(text, mark, plan)?.kept.get(EDGE), before.get(EDGE), where);
      };
      disk.after = ({ call, path }) => {
        if (disk.content(name)) assertWhole(`after ${call} of ${path}`);
      };
      await disk.killedAnywhere(
        () => disk.put(name, old),
        async () => {
          const writing = journal();
          const { kept: from = new Map<number, Uint8Array>() } = (await writing.resume(chip, plan)) ?? {};
          await writing.store({ ...kept(plan, new Map([...before, ...from])), touched: [...from.keys()] });
        },
        (where) => {
          assertWhole(where);
          disk.cutPower(names);
          assertWhole(`power cut ${where}`);
        },
      );
    });
  }

  it("of two devices that were given one address are two, by their calibration, and each goes on from its own", async () => {
    const twin = { ...chip, calibrationMark: "0123456789ABCDEF" };
    assert.notEqual(twin.calibrationMark, chip.calibrationMark);
    assert.equal(deviceMark(twin).mac, mark.mac);
    const names = [await stored(plan, content(1)), await stored(plan, content(2), 0, twin)];
    assert.deepEqual(disk.list().filter(own).sort(), [...names].sort());
    for (const [device, seed] of [
      [chip, 1],
      [twin, 2],
    ] as const) {
      const found = await journal().resume(device, plan);
      assert.deepEqual(found?.kept.get(EDGE), content(seed).get(EDGE));
    }
  });

  it("of several that hold the same sector the oldest counts: it saw the sector before any of them", async () => {
    for (const order of [
      [3, 2, 1],
      [1, 2, 3],
      [2, 3, 1],
    ]) {
      disk.clear();
      for (const [at, age] of order.entries()) await stored(planOf(10 + at), content(100 * age), age);
      const oldest = content(100 * Math.max(...order)).get(EDGE);
      assert.deepEqual((await resumed()).get(EDGE), oldest, order.join());
    }
  });

  it("of this very write counts before any other, whatever its age", async () => {
    await stored(planOf(10), content(7), 1_000);
    await stored(plan, before);
    assert.deepEqual((await resumed()).get(EDGE), before.get(EDGE));
  });

  it("count a sector as touched only once it was about to be erased", async () => {
    const writing = journal();
    await writing.resume(chip, plan);
    await writing.store(kept());
    assert.equal((await resumed()).size, 0);
    await writing.store(erasing);
    assert.equal((await resumed()).size, 1);
    await writing.close();
  });

  it("are gone once the write is proven; left alone after one that touched nothing went on from them", async () => {
    const writing = journal();
    await writing.resume(chip, plan);
    await writing.store(kept());
    await writing.store(erasing);
    await writing.close();
    const again = journal();
    await again.resume(chip, plan);
    await again.abandon();
    assert.equal(disk.list().filter(own).length, 1);
    const last = journal();
    await last.resume(chip, plan);
    await last.remove();
    assert.deepEqual(disk.everything(), []);
  });

  it("of other writes are gone once all that they keep was written over, and not before", async () => {
    const at = (address: number, length: number): FlashPlan =>
      planSegments([{ address, data: noise(3, length), from: words`x` }], flash.length, {
        allowBootloader: false,
        calibrationAt: undefined,
      });
    const interrupted = at(0x31800, 0x2900);
    const held = preservedSectors(interrupted);
    assert.deepEqual(held, [0x31000, 0x34000]);
    const writing = journal();
    await writing.resume(chip, interrupted);
    const its = new Map(held.map((address) => [address, noise(address, SECTOR)]));
    await writing.store({ ...kept(interrupted, its), touched: held });
    await writing.close();
    const proven = async (of: FlashPlan): Promise<void> => {
      const other = journal();
      await other.resume(chip, of);
      await other.store(kept(of, new Map()));
      await other.remove();
    };
    for (const elsewhere of [at(0x21000, SECTOR), at(0x30000, SECTOR), at(0x31000, SECTOR), at(0x34000, SECTOR)]) {
      await proven(elsewhere);
      assert.equal(disk.list().filter(own).length, 1, `after ${elsewhere.sectors[0]?.start}`);
    }
    await proven(at(0x31000, 4 * SECTOR));
    assert.deepEqual(disk.list().filter(own), []);
  });

  it("that cannot be stored are told of once, and the write goes on", async () => {
    const warnings: string[] = [];
    const writing = journal(warnings);
    await writing.resume(chip, plan);
    disk.before = () => {
      throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    };
    await writing.store(kept());
    await writing.store(erasing);
    await writing.store({ type: "sector-done", address: EDGE });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /no space left/);
  });

  it("two programs at work on one device never share a journal's lines", async () => {
    const second = planOf(2);
    const work = async (of: FlashPlan): Promise<void> => {
      const writing = journal();
      await writing.resume(chip, of);
      await writing.store(kept(of));
      await writing.store(erasing);
      await writing.close();
    };
    await Promise.all([disk.run(() => work(plan)), disk.run(() => work(second))]);
    for (const of of [plan, second]) {
      const text = disk.content(disk.list().find((name) => name.includes(planFingerprint(of))) ?? "")?.toString() ?? "";
      assert.equal(readJournalLines(text).incomplete, false);
      assert.equal(
        crc32(resumeWrite(text, mark, of)?.kept.get(EDGE) ?? new Uint8Array(0)),
        crc32(before.get(EDGE) as Uint8Array),
      );
      assert.ok(text.endsWith(erasingLine(erasing.range)));
    }
  });
});
