import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backup } from "../../../src/cli/commands/backup";
import type { Output, ResultLine } from "../../../src/cli/output";
import { FileError, checkManifest, parseManifest, silentLog } from "../../../src/core/index";
import { createChip, serveOnTcp, type SimulatedChip } from "../../../src/simulator/index";

/** Collects what a command prints. */
class Recorded implements Output {
  readonly log = silentLog;
  readonly isInteractive = false;
  summary: readonly string[] = [];
  line: ResultLine = {};
  event(): void {}
  facts(): void {}
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

  async function backUp(chip: SimulatedChip, file: string): Promise<Recorded> {
    const server = await serveOnTcp(chip);
    const output = new Recorded();
    try {
      await backup(
        file,
        "9.8.7",
        { port: `tcp://127.0.0.1:${server.port}`, baud: "auto", linkTimeout: 20, reset: true },
        output,
      );
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
