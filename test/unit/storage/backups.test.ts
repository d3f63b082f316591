/** A backup on disk: never without its manifest, found only while it is what was read, and gone on with after any end. */
import assert from "node:assert/strict";
import {
  FileError,
  buildManifest,
  deviceMark,
  formatManifest,
  manifestName,
  parseManifest,
} from "../../../src/core/index";
import type { ChipIdentity } from "../../../src/core/index";
import { backupsOf, createBackup, newBackupPath, readManifest, renameBackup } from "../../../src/storage/backups";
import { PartialBackup } from "../../../src/storage/partialBackup";
import { CALIBRATION, dumpOf, identityOf, withMac } from "../backup/dumps";
import type { UntrustedDisk } from "./untrustedDisk";
import { onEveryDisk } from "./disks";

const BLOCK = 0x10000;
const flash = dumpOf("bk7231t");
const chip = identityOf(flash);
const DUMP = "bk7231t.bin";
const MANIFEST = manifestName(DUMP);

const manifestOf = (data: Uint8Array, of: ChipIdentity = chip): string =>
  formatManifest(buildManifest(of, data, "1.2.3", new Date(0)));

onEveryDisk("backups", (make) => {
  let disk: UntrustedDisk;
  beforeEach(() => {
    disk = make();
  });
  afterEach(() => disk.dispose());

  /** The first of those that are of the device by their marks. */
  const findBackup = async (
    folder: string,
    of: ChipIdentity,
    elsewhere?: readonly string[],
  ): Promise<string | undefined> => (await backupsOf(disk.files, folder, of, elsewhere))[0]?.path;

  /** Whole with its manifest, or not there. */
  function assertSound(where: string): void {
    const dump = disk.content(DUMP);
    const manifest = disk.content(MANIFEST);
    if (dump !== undefined) assert.ok(dump.equals(flash) && manifest !== undefined, where);
    if (manifest !== undefined) assert.equal(parseManifest(manifest.toString(), MANIFEST).tool, "1.2.3", where);
  }

  it("get another name whole, and are there under one of the two, with their manifest, wherever the program or the power ends", async () => {
    const other = "kitchen.bin";
    const isSound = (name: string): boolean =>
      disk.content(name)?.equals(flash) === true && disk.content(manifestName(name)) !== undefined;
    for (const names of ["kept", "forgotten"] as const)
      await disk.killedAnywhere(
        () => {
          disk.put(DUMP, flash);
          disk.put(MANIFEST, manifestOf(flash));
        },
        () => renameBackup(disk.files, disk.path(DUMP), disk.path(other)),
        (where) => {
          assert.ok(isSound(DUMP) || isSound(other), where);
          disk.cutPower(names);
          assert.ok(isSound(DUMP) || isSound(other), `power cut ${where}`);
        },
      );
  });

  it("take no other's name", async () => {
    disk.put(DUMP, flash);
    disk.put(MANIFEST, manifestOf(flash));
    for (const taken of ["taken.bin", manifestName("taken.bin")]) {
      const before = Buffer.from("somebody's");
      disk.put(taken, before);
      await assert.rejects(
        renameBackup(disk.files, disk.path(DUMP), disk.path("taken.bin")),
        (error) => error instanceof FileError && error.code === "file-exists",
      );
      assert.ok(disk.content(taken)?.equals(before) && disk.content(DUMP)?.equals(flash));
      await disk.files.remove(disk.path(taken));
    }
  });

  it("are never without their manifest, wherever the program or the power ends", async () => {
    disk.after = ({ call, path }) => assertSound(`after ${call} of ${path}`);
    for (const names of ["kept", "forgotten"] as const)
      await disk.killedAnywhere(
        () => undefined,
        () => createBackup(disk.files, disk.path(DUMP), chip, flash, "1.2.3"),
        (where) => {
          assertSound(where);
          disk.cutPower(names);
          assertSound(`power cut ${where}`);
        },
      );
  });

  it("are found by their device, here and where they were saved by hand", async () => {
    await createBackup(disk.files, disk.path(DUMP), chip, flash, "1.2.3");
    assert.equal(await findBackup(disk.folder, chip), disk.path(DUMP));
    assert.equal(await findBackup(disk.path("none"), chip, [disk.path(DUMP)]), disk.path(DUMP));
    assert.equal(await findBackup(disk.path("none"), chip, [disk.path("gone.bin")]), undefined);
    assert.equal(await findBackup(disk.folder, identityOf(withMac(flash, CALIBRATION, 0x77))), undefined);
  });

  for (const [what, damage] of [
    ["one bit of the dump is another", (dump) => dump.map((byte, at) => (at === 0x123456 ? byte ^ 4 : byte))],
    ["the last byte of the dump is missing", (dump) => dump.subarray(0, -1)],
    ["the dump is longer", (dump) => Buffer.concat([dump, Uint8Array.of(0xff)])],
    ["the dump is empty", () => new Uint8Array(0)],
    ["the dump is half blank", (dump) => dump.map((byte, at) => (at < 0x100000 ? byte : 0xff))],
  ] as readonly (readonly [string, (dump: Uint8Array) => Uint8Array])[])
    it(`are none any more where ${what}, beside a manifest that is sound`, async () => {
      disk.put(DUMP, damage(flash));
      disk.put(MANIFEST, manifestOf(flash));
      assert.equal(await findBackup(disk.folder, chip), undefined);
      assert.equal(await findBackup(disk.path("none"), chip, [disk.path(DUMP)]), undefined);
      // A sound one beside it still is.
      await createBackup(disk.files, disk.path("other.bin"), chip, flash, "1.2.3");
      assert.equal(await findBackup(disk.folder, chip), disk.path("other.bin"));
    });

  it("are none where the manifest is damaged, of other bytes, or alone", async () => {
    for (const text of ["", "{", manifestOf(flash).slice(0, -9), manifestOf(flash.map((byte) => byte ^ 1))]) {
      disk.put(DUMP, flash);
      disk.put(MANIFEST, text);
      assert.equal(await findBackup(disk.folder, chip), undefined, text.slice(0, 20));
    }
    disk.clear();
    disk.put(MANIFEST, manifestOf(flash));
    assert.equal(await findBackup(disk.folder, chip), undefined);
  });

  it("never take a name that is in use", async () => {
    const first = await newBackupPath(disk.files, disk.folder, chip);
    assert.equal(
      await newBackupPath(disk.files, disk.folder, chip),
      first,
      "the same one, so that an interrupted one is found",
    );
    await createBackup(disk.files, first, chip, flash, "1.2.3");
    const second = await newBackupPath(disk.files, disk.folder, chip);
    assert.notEqual(second, first);
    await assert.rejects(createBackup(disk.files, first, chip, flash, "9"), (error: unknown) => {
      return error instanceof FileError && error.code === "file-exists";
    });
    assert.equal((await readManifest(disk.files, first)).tool, "1.2.3");
  });
});

onEveryDisk("backups under way", (make) => {
  let disk: UntrustedDisk;
  beforeEach(() => {
    disk = make();
  });
  afterEach(() => disk.dispose());

  const COUNT = 6;
  const block = (index: number) =>
    ({ type: "block", start: index * BLOCK, data: flash.slice(index * BLOCK, (index + 1) * BLOCK) }) as const;

  async function begin(): Promise<PartialBackup> {
    const partial = await PartialBackup.prepare(disk.files, disk.path(DUMP));
    assert.ok(partial instanceof PartialBackup, "there is something to be read");
    return partial;
  }

  /** Reads blocks from `from` on, as a job tells them. */
  async function read(from: number, to = COUNT): Promise<void> {
    const partial = await begin();
    await partial.resume(chip);
    for (let index = from; index < to; index++) await partial.store(block(index));
    await partial.close();
  }

  /** Blocks that the next run takes over; each is what the chip holds. */
  async function taken(): Promise<number[]> {
    const partial = await begin();
    const found = await partial.resume(chip);
    await partial.close();
    for (const { start, length } of found?.blocks ?? [])
      assert.equal(
        Buffer.compare(flash.subarray(start, start + length), found?.bytes.subarray(start, start + length) ?? flash),
        0,
      );
    return (found?.blocks ?? []).map(({ start }) => start / BLOCK);
  }

  for (const [end, afterwards] of [
    ["killed", () => undefined],
    ["stopped by a power cut, on a disk that keeps its names", () => disk.cutPower("kept")],
    ["stopped by a power cut, on a disk that keeps only what was flushed", () => disk.cutPower("forgotten")],
  ] as const)
    it(`lose at most the block that was being stored when they were ${end}`, async () => {
      let stored = 0;
      const run = async (): Promise<void> => {
        const partial = await begin();
        await partial.resume(chip);
        for (; stored < COUNT; stored++) await partial.store(block(stored));
        await partial.close();
      };
      for (let last = 0, through = false; !through; last++) {
        disk.clear();
        stored = 0;
        let steps = 0;
        disk.before = () => (steps++ < last ? undefined : disk.kill());
        through = (await disk.run(run)) !== "killed";
        disk.before = undefined;
        afterwards();
        const blocks = await taken();
        assert.ok(
          blocks.length >= stored && blocks.length <= stored + 1,
          `step ${last}: ${blocks.length} of ${stored}`,
        );
      }
    });

  it("go on on after a line that was cut off, and start anew where nothing is to be believed", async () => {
    await read(0, 4);
    const journal = disk.content(`${DUMP}.journal`) as Buffer;
    disk.put(`${DUMP}.journal`, journal.subarray(0, -5));
    assert.deepEqual(await taken(), [0, 1, 2]);
    await read(3);
    assert.deepEqual(await taken(), [0, 1, 2, 3, 4, 5]);
    const partial = await begin();
    assert.equal(await partial.resume(identityOf(withMac(flash, CALIBRATION, 0x77))), undefined, "another device");
    await partial.close();
    // What was read of this one is still there: it may be another run's, at work on this chip.
    assert.deepEqual(await taken(), [0, 1, 2, 3, 4, 5]);
  });

  it("end in the backup, and nothing beside it, wherever a run ends between the last block and the tidying up", async () => {
    const finish = async (): Promise<void> => {
      const partial = await PartialBackup.prepare(disk.files, disk.path(DUMP));
      if (!(partial instanceof PartialBackup)) return;
      await partial.resume(chip);
      await createBackup(disk.files, disk.path(DUMP), chip, flash, "1.2.3");
      await partial.remove();
    };
    for (let last = 0; ; last++) {
      disk.clear();
      await read(0);
      let steps = 0;
      disk.before = () => (steps++ < last ? undefined : disk.kill());
      const end = await disk.run(finish);
      disk.before = undefined;
      if (end === "killed") await disk.run(finish);
      assert.deepEqual(disk.everything(), [DUMP, MANIFEST], `killed at step ${last}`);
      assert.ok(disk.content(DUMP)?.equals(flash));
      if (end !== "killed") return;
    }
  });

  it("tell a mark that the journal of the same device agrees with", async () => {
    await read(0, 1);
    assert.match(disk.content(`${DUMP}.journal`)?.toString() ?? "", new RegExp(deviceMark(chip).mac ?? "none"));
  });
});
