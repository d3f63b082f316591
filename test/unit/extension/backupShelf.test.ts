/** Backups by device, and what each holds: looked into once, one at a time, again when the file is another. */
import assert from "node:assert/strict";
import { english, buildManifest } from "../../../src/core/index";
import { BackupShelf, byDevice } from "../../../src/extension/jobs/backupShelf";
import type { KnownBackup } from "../../../src/storage/backups";
import { createBackup } from "../../../src/storage/backups";
import { dumpOf, identityOf } from "../backup/dumps";
import { tuyaDump } from "../passport/sampleDump";
import { NodeDisk } from "../storage/disk";

const flash = dumpOf("bk7231t");
const chip = identityOf(flash);

function known(path: string, mac: string | null, day: number, id: string | null = "bk7231t"): KnownBackup {
  const manifest = buildManifest(chip, flash, "1.0.0", new Date(Date.UTC(2026, 0, day)));
  return { path, manifest: { ...manifest, chipName: id, device: { ...manifest.device, mac, chip: id } } };
}

describe("backups by device", () => {
  it("are those of one address, newest first, the device with the newest first", () => {
    const devices = byDevice([
      known("a1", "C8:47:8C:00:00:11", 1),
      known("b3", "C8:47:8C:00:00:22", 3),
      known("a4", "C8:47:8C:00:00:11", 4),
      known("n2", null, 2),
      known("n5", null, 5, null),
    ]);
    assert.deepEqual(
      devices.map(({ mac, backups }) => [mac, backups.map(({ path }) => path)]),
      [
        [undefined, ["n5"]],
        ["C8:47:8C:00:00:11", ["a4", "a1"]],
        ["C8:47:8C:00:00:22", ["b3"]],
        [undefined, ["n2"]],
      ],
    );
    assert.equal(new Set(devices.map(({ id }) => id)).size, devices.length);
  });
});

describe("what a backup holds", () => {
  let disk: NodeDisk;
  let reads: number;
  let shelf: BackupShelf;

  beforeEach(() => {
    disk = new NodeDisk();
    reads = 0;
    const read = async (path: string): Promise<Uint8Array> => {
      if (path.endsWith(".bin")) reads++;
      return await disk.files.read(path);
    };
    const files = new Proxy(disk.files, {
      get: (target, name) =>
        name === "read" ? read : (Reflect.get(target, name, target) as (() => void) | undefined)?.bind?.(target),
    });
    shelf = new BackupShelf({
      files,
      folders: () => [disk.folder, disk.folder],
      saved: () => [disk.path("gone.bin")],
      ignored: () => undefined,
      breathe: () => Promise.resolve(),
    });
  });
  afterEach(() => disk.dispose());

  it("is a line of device, firmware and chip, what it is worth, and whether it is private", async () => {
    const dump = tuyaDump();
    await createBackup(disk.files, disk.path("kitchen.bin"), identityOf(dump), dump, "1.0.0");
    const all = await shelf.all();
    assert.deepEqual(
      all.map(({ path }) => path),
      [disk.path("kitchen.bin")],
    );
    const details = await shelf.detailsOf(all[0] as KnownBackup);
    assert.equal(
      details.passport.line && english(details.passport.line),
      "CB2S, Tuya: oem_bk7231n_plug, 1.1.12 (on 2.3.1), BK7231N",
    );
    assert.equal(details.passport.paired, true);
    assert.deepEqual([details.size, details.judgement.verdict, details.isUnchanged], [0x200000, "good", true]);
    assert.ok(details.passport.private.length > 0);
    assert.ok(!JSON.stringify(details).includes("FormerHome"));
  });

  it("is looked into once, and again when the file is another", async () => {
    await createBackup(disk.files, disk.path("a.bin"), chip, flash, "1.0.0");
    const [backup] = (await shelf.all()) as [KnownBackup];
    const [one, two] = await Promise.all([shelf.detailsOf(backup), shelf.detailsOf(backup)]);
    assert.ok(one === two && reads === 1);
    disk.put("a.bin", flash.subarray(0, 0x100000));
    const changed = await shelf.detailsOf(backup);
    assert.equal(reads, 2);
    assert.deepEqual([changed.isUnchanged, changed.judgement.verdict], [false, "suspicious"]);
    disk.clear();
    await assert.rejects(shelf.detailsOf(backup));
  });
});
