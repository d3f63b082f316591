/** What earlier versions left readable for others becomes its owner's on the next use; what is not ours stays as it is. */
import assert from "node:assert/strict";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildManifest,
  deviceMark,
  formatManifest,
  manifestName,
  startReadJournal,
  startWriteJournal,
} from "../../../src/core/index";
import { BackupBeforeWrite } from "../../../src/storage/firstBackup";
import { backupsFolder } from "../../../src/cli/jobs/dataFolders";
import { nodeFiles, runningPrograms } from "../../../src/storage/nodeFileSystem";
import { makePrivate } from "../../../src/storage/privateFiles";
import { WriteJournal } from "../../../src/storage/writeJournalStore";
import { dumpOf, identityOf } from "../backup/dumps";
import { planSegments } from "../../../src/core/plan/planWrite";
import { words } from "../../../src/core/base/words";

const flash = dumpOf("bk7231t");
const chip = identityOf(flash);
const DUMP = "bk7231t.bin";
const MANIFEST = manifestName(DUMP);
const modeOf = (path: string): string => (fs.statSync(path).mode & 0o777).toString(8);
const plan = planSegments([{ address: 0x11000, data: new Uint8Array(64), from: words`application` }], chip.flash.size, {
  allowBootloader: false,
  calibrationAt: undefined,
});

(process.platform === "win32" ? describe.skip : describe)("files that others may read", () => {
  let base: string;
  let folder: string;
  const umask = process.umask();
  beforeEach(() => {
    process.umask(0);
    base = fs.mkdtempSync(join(tmpdir(), "beken-modes-"));
    folder = join(base, "backups");
    fs.mkdirSync(folder, { mode: 0o755 });
  });
  afterEach(() => {
    process.umask(umask);
    fs.rmSync(base, { recursive: true, force: true });
  });

  const put = (name: string, content: string | Uint8Array): string => {
    const path = join(folder, name);
    fs.writeFileSync(path, content, { mode: 0o644 });
    return path;
  };

  /** As an earlier version left a backup, one on its way, and the journal of a write. */
  function earlierVersion(): string[] {
    return [
      put(DUMP, flash),
      put(MANIFEST, formatManifest(buildManifest(chip, flash, "0.1.0", new Date(0)))),
      put("other.bin.part", flash),
      put("other.bin.journal", startReadJournal(deviceMark(chip))),
      put(`.${DUMP}.01234567-89ab.part`, flash),
      put("write-C8478C123456-0011.journal", startWriteJournal(deviceMark(chip), "a.rbl", plan, new Map())),
      put("bootloader-bk7231n-2026-01-02T03-04-05-678Z.bin", flash.subarray(0, 0x11000)),
    ];
  }

  const backup = (told: string[] = []): BackupBeforeWrite =>
    new BackupBeforeWrite({
      files: nodeFiles,
      folder,
      toolVersion: "1",
      accept: () => Promise.resolve(true),
      openToOthers: (path) => told.push(path),
    });
  const needed = (first: BackupBeforeWrite): Promise<boolean> =>
    first.needed(chip, (blocks) => Promise.resolve(blocks.map(() => true)));

  it("are closed on the first use of a folder of backups, and the folder too", async () => {
    const ours = earlierVersion();
    assert.deepEqual(new Set(ours.map(modeOf)), new Set(["644"]));
    await needed(backup());
    assert.deepEqual(new Set(ours.map(modeOf)), new Set(["600"]));
    assert.equal(modeOf(folder), "700");
  });

  it("are closed on the first use of a folder of journals", async () => {
    const ours = earlierVersion();
    await new WriteJournal({
      files: nodeFiles,
      programs: runningPrograms,
      folder,
      fileName: "a.rbl",
      warn: assert.fail,
    }).resume(chip, plan);
    assert.deepEqual([...ours.map(modeOf), modeOf(folder)], [...ours.map(() => "600"), "700"]);
  });

  it("stay as they are where this program did not make them, and so does a folder with one of them", async () => {
    const ours = earlierVersion();
    const theirs = [
      put("notes.txt", "soldered on Monday"),
      put("package.json", '{ "name": "mine" }'),
      put("dump-by-hand.bin", flash),
      put("system.journal", "binary"),
      put("system.part", "binary"),
      put("a.json", '{ "format": "theirs" }'),
      put("a", "x"),
    ];
    await makePrivate(nodeFiles, folder, "all", assert.fail);
    assert.deepEqual(new Set(ours.map(modeOf)), new Set(["600"]));
    assert.deepEqual(new Set(theirs.map(modeOf)), new Set(["644"]));
    assert.equal(modeOf(folder), "755");
  });

  it("are closed without the folder where a person chose the place of one backup", async () => {
    const ours = earlierVersion();
    await makePrivate(nodeFiles, folder, "files", assert.fail);
    assert.deepEqual(new Set(ours.map(modeOf)), new Set(["600"]));
    assert.equal(modeOf(folder), "755");
  });

  it("include the usual folder itself, whatever else a person put there", async () => {
    const home = process.env.HOME;
    process.env.HOME = base;
    try {
      folder = backupsFolder({});
      fs.mkdirSync(folder, { recursive: true, mode: 0o755 });
      const notes = put("notes.txt", "soldered on Monday");
      await makePrivate(nodeFiles, folder, "all", assert.fail);
      assert.deepEqual([modeOf(folder), modeOf(notes)], ["700", "644"]);
    } finally {
      if (home === undefined) delete process.env.HOME;
      else process.env.HOME = home;
    }
  });

  it("are nothing to tell of where there is no folder yet", async () => {
    const home = process.env.HOME;
    process.env.HOME = base;
    try {
      fs.rmSync(backupsFolder({}), { recursive: true, force: true });
      await makePrivate(nodeFiles, backupsFolder({}), "all", assert.fail);
    } finally {
      if (home === undefined) delete process.env.HOME;
      else process.env.HOME = home;
    }
  });

  it("keep what their owner may not do, and lead nowhere else", async () => {
    const dump = put(DUMP, flash);
    fs.chmodSync(dump, 0o444);
    put(MANIFEST, formatManifest(buildManifest(chip, flash, "0.1.0", new Date(0))));
    const elsewhere = join(base, "elsewhere.bin");
    fs.writeFileSync(elsewhere, flash, { mode: 0o644 });
    fs.symlinkSync(elsewhere, join(folder, "linked.bin"));
    fs.copyFileSync(join(folder, MANIFEST), join(folder, "linked.bin.json"));
    await makePrivate(nodeFiles, folder, "all", assert.fail);
    assert.deepEqual([modeOf(dump), modeOf(elsewhere)], ["400", "644"]);
  });

  it("are told where they cannot be closed, and nothing ends because of them", async () => {
    const ours = earlierVersion();
    const chmod = fs.promises.chmod;
    fs.promises.chmod = () => Promise.reject(new Error("EPERM: operation not permitted"));
    try {
      const told: string[] = [];
      assert.equal(await needed(backup(told)), false);
      assert.deepEqual(new Set(told), new Set([...ours, folder]));
    } finally {
      fs.promises.chmod = chmod;
    }
    await makePrivate(nodeFiles, join(base, "nowhere"), "all", assert.fail);
  });
});
