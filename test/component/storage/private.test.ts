import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { manifestName } from "../../../src/core/index";
import { BackupBeforeWrite } from "../../../src/storage/firstBackup";
import { nodeFiles } from "../../../src/storage/nodeFileSystem";
import { createFolder } from "../../../src/storage/wholeFiles";
import { Rig, resultOf } from "../flash/rig";

describe("what is read from a chip, on disk", () => {
  const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

  it("is for nobody but its owner: folders, parts, journals, dumps, manifests", async function () {
    if (process.platform === "win32") return this.skip();
    const base = mkdtempSync(join(tmpdir(), "beken-private-"));
    const umask = process.umask(0);
    try {
      const folder = join(base, "new", "backups");
      const { chip } = resultOf("info", await new Rig("bk7231n").run({ kind: "info" }));
      let begun = "";
      const first = new BackupBeforeWrite({
        files: nodeFiles,
        folder,
        toolVersion: "1",
        accept: () => Promise.resolve(true),
        begun: (path) => Promise.resolve(void (begun = path)),
      });
      await first.resume(chip);
      assert.deepEqual([modeOf(`${begun}.part`), modeOf(`${begun}.journal`)], ["600", "600"]);
      assert.deepEqual([modeOf(folder), modeOf(dirname(folder))], ["700", "700"]);
      await first.save(new Uint8Array(chip.flash.size).fill(0xff), chip);
      await first.close();
      assert.deepEqual([modeOf(begun), modeOf(manifestName(begun))], ["600", "600"]);
      await createFolder(nodeFiles, folder);
    } finally {
      process.umask(umask);
      rmSync(base, { recursive: true, force: true });
    }
  });
});
