/** Two devices and one place to keep what was read of them: marks that they share, names that they both want. */
import assert from "node:assert/strict";
import {
  checkManifest,
  parseManifest,
  type BackupResult,
  type ChipIdentity,
  type FlashPlan,
  type JobPlace,
  type JobRequest,
} from "../../../src/core/index";
import { PRESETS, type Preset, type PresetId } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/prng";
import { BackupBeforeWrite } from "../../../src/storage/firstBackup";
import { storeBackup } from "../../../src/storage/backups";
import type { FileSystem } from "../../../src/storage/fileSystem";
import { PartialBackup } from "../../../src/storage/partialBackup";
import { runningPrograms } from "../../../src/storage/nodeFileSystem";
import { WriteJournal } from "../../../src/storage/writeJournalStore";
import { APP_AT, packaged, rawFirmware } from "../flash/builds";
import { Rig, resultOf, type Outcome } from "../flash/rig";
import { onBothFileSystems, textOf, type Place } from "./places";

const SECTOR = 0x1000;
const OWN = [0xc8, 0x47, 0x8c, 0x42, 0x13, 0x07];

function placeOf(rig: Rig): JobPlace {
  return { session: rig.sessionOptions, deps: rig.deps, signal: new AbortController().signal };
}

onBothFileSystems("two devices, one folder", (make) => {
  let place: Place;
  const rigs: Rig[] = [];
  beforeEach(() => {
    place = make();
  });
  afterEach(() => {
    for (const rig of rigs.splice(0)) rig.dispose();
    place.dispose();
  });

  function device(id: PresetId, mac: readonly number[], seed: number, edit?: (flash: Uint8Array) => void): Rig {
    const preset: Preset = { ...PRESETS[id], mac };
    const rig = new Rig(preset, { seed, simulated: true });
    edit?.(rig.chip.flash);
    rigs.push(rig);
    return rig;
  }

  const dumps = (): Uint8Array[] =>
    place
      .names()
      .filter((name) => name.endsWith(".bin"))
      .map((name) => {
        const bytes = place.bytes(name);
        const manifest = parseManifest(textOf(place, `${name}.json`), name);
        assert.equal(checkManifest(manifest, bytes).verdict, "equal");
        return bytes;
      });

  async function flash(rig: Rig, id: PresetId, size = 0x8000): Promise<string | undefined> {
    let found: string | undefined;
    const backUpFirst = new BackupBeforeWrite({
      files: place.files,
      folder: place.folder,
      toolVersion: "1",
      accept: () => Promise.resolve(true),
      found: (path) => (found = path),
    });
    const file = packaged(PRESETS[id], rawFirmware(size)).crc;
    const request: JobRequest = { kind: "flash", file, verify: true, reboot: false, dryRun: false };
    const { runJob } = await import("../../../src/core/index");
    const job = runJob(request, { backUpFirst }, placeOf(rig));
    try {
      for (;;) {
        const step = await job.next();
        if (step.done) break;
        await backUpFirst.store(step.value);
      }
    } finally {
      await job.return(undefined as never);
      await backUpFirst.close();
    }
    return found;
  }

  async function bothAreBackedUp(id: PresetId, first: Rig, second: Rig): Promise<void> {
    const [one, two] = [first.snapshot(), second.snapshot()];
    await flash(first, id);
    assert.equal(await flash(second, id), undefined, "no backup of the first serves the second");
    for (const whole of [one, two]) assert.ok(dumps().some((dump) => Buffer.compare(dump, whole) === 0));
    assert.deepEqual(
      place.names().filter((name) => !/\.bin(\.json)?$/.test(name)),
      [],
    );
  }

  for (const id of ["bk7231t", "bk7231n", "bk7231s", "bk7231q"] as const) {
    it(`${id}: one MAC address of their own and different calibration: both are backed up`, async () => {
      await bothAreBackedUp(id, device(id, OWN, 1), device(id, OWN, 2));
    });

    it(`${id}: a default MAC address and the same calibration: both are backed up`, async () => {
      const shared = [0xc8, 0x47, 0x8c, 0x42, 0x88, 0x48];
      const other = (flash: Uint8Array): void => void flash.set(noise(9, 0x200), 0x1a0000);
      await bothAreBackedUp(id, device(id, shared, 1), device(id, shared, 1, other));
    });

    it(`${id}: the same MAC address and calibration, and other settings: both are backed up`, async () => {
      const settings = PRESETS[id].calibrationAt + SECTOR;
      const other = (flash: Uint8Array): void => void flash.set(noise(9, 0x200), settings);
      await bothAreBackedUp(id, device(id, OWN, 1), device(id, OWN, 1, other));
    });

    it(`${id}: no MAC address and no calibration: both are backed up`, async () => {
      const blank = (flash: Uint8Array): void => {
        flash.fill(0xff, PRESETS[id].calibrationAt, PRESETS[id].calibrationAt + SECTOR);
      };
      const other = (flash: Uint8Array): void => {
        blank(flash);
        flash.set(noise(9, 0x200), 0x1a0000);
      };
      await bothAreBackedUp(id, device(id, OWN, 1, blank), device(id, OWN, 1, other));
    });

    it(`${id}: one device that is flashed again, with another application on it, is known again`, async () => {
      const rig = device(id, OWN, 1);
      await flash(rig, id);
      assert.match((await flash(rig, id, 0xc000)) ?? "", /\.bin$/);
      assert.equal(dumps().length, 1);
    });
  }

  it("what firmware writes into its settings costs one more backup, not one each time", async () => {
    const id = "bk7231n";
    const rig = device(id, OWN, 1);
    const written = (seed: number): void => rig.chip.flash.set(noise(seed, 0x400), 0x1e8000);
    await flash(rig, id);
    written(1);
    assert.equal(await flash(rig, id), undefined);
    for (const seed of [2, 3]) {
      written(seed);
      assert.notEqual(await flash(rig, id), undefined);
    }
    assert.equal(dumps().length, 2);
  });

  it("a manifest of an older version is read, and is a doubt", async () => {
    const rig = device("bk7231t", OWN, 1);
    await flash(rig, "bk7231t");
    for (const name of place.names().filter((each) => each.endsWith(".json"))) {
      const text = textOf(place, name);
      assert.match(text, /"calibration": "[0-9A-F]{16}"/);
      place.put(name, text.replace(/,\s*"calibration": "[0-9A-F]{16}"/, ""));
    }
    assert.equal(await flash(rig, "bk7231t"), undefined);
    assert.equal(dumps().length, 2);
  });

  it("the journal of one without a MAC address is never applied to another", async () => {
    const id = "bk7231n-zero";
    const short = packaged(PRESETS[id], rawFirmware(0x8a50)).crc;
    const end = APP_AT + short.bytes.length;
    const tail = end - (end % SECTOR);
    const blank = (flash: Uint8Array): void => {
      flash.fill(0xff, PRESETS[id].calibrationAt, PRESETS[id].calibrationAt + SECTOR);
      flash.fill(0xff, end, tail + SECTOR);
    };
    const first = device(id, OWN, 1, (flash) => {
      blank(flash);
      flash.set(noise(77, tail + SECTOR - end), end);
    });
    const second = device(id, OWN, 1, blank);
    const before = second.snapshot();
    const left: string[] = [];
    const write = async (rig: Rig, stops: boolean): Promise<Outcome> => {
      const journal = new WriteJournal({
        files: place.files,
        programs: runningPrograms,
        folder: place.folder,
        fileName: "f",
        warn: (why) => assert.fail(why),
        leftAlone: (path) => left.push(path),
      });
      const resumeWrite = (chip: ChipIdentity, plan: FlashPlan): ReturnType<WriteJournal["resume"]> =>
        journal.resume(chip, plan);
      const { runJob } = await import("../../../src/core/index");
      const request: JobRequest = { kind: "flash", file: short, verify: true, reboot: false, dryRun: false };
      const job = runJob(request, { resumeWrite }, placeOf(rig));
      try {
        for (;;) {
          const step = await job.next();
          if (step.done) {
            await journal.remove();
            return { events: [], result: step.value, error: undefined };
          }
          await journal.store(step.value);
          const { value } = step;
          if (stops && value.type === "progress" && value.phase === "erase" && value.address + value.length > tail)
            return { events: [], result: undefined, error: undefined };
        }
      } finally {
        await job.return(undefined as never);
        await journal.close();
      }
    };
    await write(first, true);
    assert.equal(place.names().length, 1);
    assert.equal(resultOf("flash", await write(second, false)).verified, true);
    const expected = before.slice();
    expected.set(short.bytes, APP_AT);
    assert.equal(Buffer.compare(second.snapshot(), expected), 0);
    assert.equal(left.length, 1);
    assert.equal(place.names().length, 1, "what it keeps is still there");
  });

  it("kept bytes never go over what the chip holds now, and what is newer counts from then on", async () => {
    const id = "bk7231n-zero";
    const short = packaged(PRESETS[id], rawFirmware(0x8a50)).crc;
    const long = packaged(PRESETS[id], rawFirmware(0x8b90)).crc;
    const end = APP_AT + short.bytes.length;
    const tail = end - (end % SECTOR);
    const rig = device(id, OWN, 1, (flash) => flash.set(noise(77, SECTOR), tail));
    const write = async (file: typeof short, stops: boolean): Promise<void> => {
      const journal = new WriteJournal({
        files: place.files,
        programs: runningPrograms,
        folder: place.folder,
        fileName: file.name,
        warn: (why) => assert.fail(why),
      });
      const resumeWrite = (chip: ChipIdentity, plan: FlashPlan): ReturnType<WriteJournal["resume"]> =>
        journal.resume(chip, plan);
      const { runJob } = await import("../../../src/core/index");
      const request: JobRequest = { kind: "flash", file, verify: true, reboot: false, dryRun: false };
      const job = runJob(request, { resumeWrite }, placeOf(rig));
      try {
        for (;;) {
          const step = await job.next();
          if (step.done) return await journal.remove();
          await journal.store(step.value);
          const { value } = step;
          if (stops && value.type === "progress" && value.phase === "erase" && value.address + value.length > tail)
            return;
        }
      } finally {
        await job.return(undefined as never);
        await journal.close();
      }
    };
    await write(short, true);
    // Brought back by other means, and used since.
    const newer = noise(78, SECTOR);
    rig.chip.flash.set(newer, tail);
    await write(long, true);
    // Now neither is on the chip any more: the newer one is what it held.
    await write(long, false);
    const longEnd = APP_AT + long.bytes.length;
    assert.deepEqual(rig.snapshot().slice(longEnd, tail + SECTOR), newer.slice(longEnd - tail));
    await write(short, false);
    assert.deepEqual(rig.snapshot().slice(longEnd, tail + SECTOR), newer.slice(longEnd - tail));
    // What was not written back is nobody's to throw away.
    assert.ok(place.names().length > 0);
    for (const name of place.names()) assert.match(name, /^older-/);
  });

  it("that are read at once both get their name, and neither touches what is the other's", async () => {
    const [first, second] = [device("bk7231n", OWN, 1), device("bk7231n", [...OWN.slice(0, 5), 8], 2)];
    const path = place.files.join(place.folder, "same.bin");
    place.put(`.same.bin.${process.pid}.part`, "left over");
    const read = async (rig: Rig): Promise<string> => {
      const partial = await PartialBackup.prepare(place.files, path);
      assert.ok(partial instanceof PartialBackup);
      const hooks = { resumeBackup: partial.resume.bind(partial) };
      const { runJob } = await import("../../../src/core/index");
      const job = runJob({ kind: "backup" }, hooks, placeOf(rig));
      for (;;) {
        const step = await job.next();
        if (!step.done) {
          await partial.store(step.value);
          continue;
        }
        assert.equal(step.value.kind, "backup");
        if (step.value.kind !== "backup") throw new Error("no backup");
        const stored = await storeBackup(place.files, path, step.value.chip, step.value.data, "1");
        await partial.remove();
        return stored;
      }
    };
    const stored = await Promise.all([read(first), read(second)]);
    assert.equal(new Set(stored).size, 2);
    for (const [i, rig] of [first, second].entries()) {
      const dump = place.bytes(place.files.nameOf(stored[i] ?? ""));
      assert.equal(Buffer.compare(dump, rig.snapshot()), 0);
      const manifest = parseManifest(textOf(place, `${place.files.nameOf(stored[i] ?? "")}.json`), "manifest");
      assert.equal(checkManifest(manifest, dump).verdict, "equal");
    }
    assert.equal(place.names().length, 5, "two dumps, two manifests, and what was somebody else's");
  });

  it("one that is stored at whatever moment of the other's beginning is in nobody's way", async () => {
    const blank = (flash: Uint8Array): void => {
      flash.fill(0xff, PRESETS.bk7231t.calibrationAt, PRESETS.bk7231t.calibrationAt + SECTOR);
    };
    const other = (flash: Uint8Array): void => {
      blank(flash);
      flash.set(noise(9, 0x200), 0x150000);
    };
    const { runJob } = await import("../../../src/core/index");
    const readOf = async (rig: Rig): Promise<BackupResult> => {
      const job = runJob({ kind: "backup" }, {}, placeOf(rig));
      for (;;) {
        const step = await job.next();
        if (step.done && step.value.kind === "backup") return step.value;
      }
    };
    const one = await readOf(device("bk7231t", OWN, 1, blank));
    const two = await readOf(device("bk7231t", OWN, 1, other));
    const block = { type: "block", start: 0, data: one.data.subarray(0, 0x1000) } as const;
    let at = 0;
    for (let begun = Infinity; at <= begun; at++) {
      const path = place.files.join(place.folder, `${at}.bin`);
      const first = await PartialBackup.prepare(place.files, path);
      assert.ok(first instanceof PartialBackup);
      await first.resume(one.chip);
      await first.store(block);
      let calls = 0;
      let isStored = false;
      const stores = async (): Promise<void> => {
        if (isStored) return;
        isStored = true;
        await storeBackup(place.files, path, one.chip, one.data, "1");
        await first.remove();
      };
      const mayStore = async (): Promise<void> => {
        if (calls++ === at) await stores();
      };
      const second = await PartialBackup.prepare(place.files, path);
      assert.ok(second instanceof PartialBackup);
      // From here on the first may be through at any call.
      Object.assign(second, { files: before(place.files, mayStore) });
      await second.resume(two.chip);
      begun = calls;
      await stores();
      const stored = await storeBackup(place.files, path, two.chip, two.data, "1");
      await second.remove();
      const names = [`${at}.bin`, place.files.nameOf(stored)];
      for (const [i, { data }] of [one, two].entries())
        assert.equal(Buffer.compare(place.bytes(names[i] ?? ""), data), 0, `before call ${at}`);
      const left = place.names().filter((name) => /^\d+/.exec(name)?.[0] === String(at));
      assert.deepEqual(left.sort(), names.flatMap((name) => [name, `${name}.json`]).sort(), `before call ${at}`);
    }
    assert.ok(at > 5, `${at} moments`);
  });
});

/** The same file system, whose answers wait for `first`. */
function before(files: FileSystem, first: () => Promise<void>): FileSystem {
  const waits = new Set([
    "read",
    "stat",
    "list",
    "write",
    "publish",
    "replace",
    "remove",
    "openToAppend",
    "openToPatch",
  ]);
  return new Proxy(files, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      const bound = method.bind(target) as (...given: unknown[]) => unknown;
      if (!waits.has(String(name))) return bound;
      return async (...given: unknown[]): Promise<unknown> => {
        await first();
        return await bound(...given);
      };
    },
  });
}
