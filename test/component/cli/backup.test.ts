import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { thisMachine } from "../../../src/cli/jobs/machine";
import { backup } from "../../../src/cli/commands/backupCommand";
import type { Output, ResultLine } from "../../../src/cli/terminal/output";
import { FileError, FlasherError, checkManifest, parseManifest, silentLog } from "../../../src/core/index";
import { createChip, serveOnTcp, type SimulatedChip } from "../../../src/simulator/index";

/** Collects what a command prints. */
class Recorded implements Output {
  readonly log = silentLog;
  readonly isInteractive = false;
  summary: readonly string[] = [];
  line: ResultLine = {};
  event(): void {}
  facts(): void {}
  news(): void {}
  failure(): void {}
  usage(): void {}
  result(summary: readonly string[], line: ResultLine): void {
    this.summary = summary;
    this.line = line;
  }
}

describe("backup command", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "beken-backup-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function backUp(chip: SimulatedChip, file: string, since?: string): Promise<Recorded> {
    const server = await serveOnTcp(chip);
    const output = new Recorded();
    try {
      const port = `tcp://127.0.0.1:${server.port}`;
      const options = {
        port,
        baud: "auto",
        linkTimeout: 20,
        reset: true,
        machine: thisMachine,
        ...(since !== undefined && { since }),
      } as const;
      await backup(file, "9.8.7", options, output);
    } finally {
      await server.close();
    }
    return output;
  }

  function fresh(flash?: Uint8Array): SimulatedChip {
    return createChip("bk7231n", { pace: "none", person: "auto", ...(flash && { flash }) });
  }

  it("leaves the dump and a manifest that holds for it, and nothing else", async () => {
    const chip = fresh();
    const file = join(folder, "dump.bin");
    const { summary, line } = await backUp(chip, file);
    assert.deepEqual(readdirSync(folder).sort(), ["dump.bin", "dump.bin.json"]);
    const dump = new Uint8Array(readFileSync(file));
    assert.deepEqual(dump, chip.flash.slice());
    const manifest = parseManifest(readFileSync(`${file}.json`, "utf8"), "dump.bin.json");
    assert.equal(checkManifest(manifest, dump).verdict, "equal");
    assert.deepEqual(
      [manifest.tool, manifest.device.chip, manifest.device.flashSize],
      ["9.8.7", "bk7231n", dump.length],
    );
    assert.equal(line["verdict"], "good");
    assert.equal(line["manifest"], `${file}.json`);
    assert.match(summary.join("\n"), /a good backup/);
  });

  it("calls a backup of a flash without application and calibration what it is", async () => {
    const boot = fresh().flash.slice(0, 0x11000);
    const { summary, line } = await backUp(fresh(boot), join(folder, "dump.bin"));
    assert.equal(line["verdict"], "suspicious");
    assert.match(summary.join("\n"), /suspicious[\s\S]*no application[\s\S]*no calibration/);
  });

  it("since an earlier one: transfers what changed, and is a backup of its own", async () => {
    const chip = fresh();
    const [first, second] = [join(folder, "first.bin"), join(folder, "second.bin")];
    await backUp(chip, first);
    chip.flash[0x54321] = 0x5a;
    const { summary, line } = await backUp(chip, second, first);
    const dump = new Uint8Array(readFileSync(second));
    assert.deepEqual(dump, chip.flash.slice());
    assert.equal(checkManifest(parseManifest(readFileSync(`${second}.json`, "utf8"), "m"), dump).verdict, "equal");
    assert.deepEqual([line["bytesFromBase"], line["bytesResumed"]], [dump.length - 0x1000, 0]);
    assert.match(summary.join("\n"), /as in first\.bin/);
    assert.deepEqual(readdirSync(folder).sort(), ["first.bin", "first.bin.json", "second.bin", "second.bin.json"]);
  });

  it("since a file that cannot serve: says so, with the chip and the disk as they were", async () => {
    const [first, second] = [join(folder, "first.bin"), join(folder, "second.bin")];
    await backUp(fresh(), first);
    const refused = async (code: string): Promise<void> => {
      await assert.rejects(
        backUp(fresh(), second, first),
        (error) => error instanceof FlasherError && error.code === code,
        code,
      );
      assert.equal(readdirSync(folder).includes("second.bin"), false);
    };
    const manifest = readFileSync(`${first}.json`, "utf8");
    writeFileSync(`${first}.json`, manifest.replace(/"mac": ".."?/, '"mac": "99'));
    await refused("backup-other-device");
    writeFileSync(`${first}.json`, "{}");
    await refused("manifest-invalid");
    rmSync(`${first}.json`);
    await refused("file-not-found");
    writeFileSync(`${first}.json`, manifest);
    writeFileSync(first, readFileSync(first).fill(0, 0x20000, 0x20010));
    await refused("backup-damaged");
    rmSync(first);
    await refused("file-not-found");
  });

  it("touches neither chip nor disk when the dump or its manifest is there already", async () => {
    for (const taken of ["dump.bin", "dump.bin.json"]) {
      const path = join(folder, taken);
      writeFileSync(path, "mine");
      await assert.rejects(
        backUp(fresh(), join(folder, "dump.bin")),
        (error) => error instanceof FileError && error.code === "file-exists",
      );
      assert.deepEqual(readdirSync(folder), [taken]);
      assert.equal(readFileSync(path, "utf8"), "mine");
      rmSync(path);
    }
  });
});
