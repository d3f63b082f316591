import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PRESETS, practiceFirmware } from "../../../src/simulator/index";
import { start, succeeded, withFolder, withSimulator, type Ended } from "./cli";

describe("command line: is it running?", () => {
  const { name, bytes } = practiceFirmware(PRESETS.bk7231n);

  /** What a flash says, where this firmware runs on the chip. */
  async function flashed(json: boolean, ...firmware: readonly string[]): Promise<Ended> {
    let ended: Ended | undefined;
    await withFolder(async (folder) => {
      const file = join(folder, name);
      writeFileSync(file, bytes);
      await withSimulator(["--chip", "bk7231n", "--listen", "tcp:0", ...firmware], async ({ port }) => {
        const args = ["flash", file, "--port", port, "--no-backup", ...(json ? ["--json"] : [])];
        ended = await start(args).ended;
      });
    });
    assert.equal(ended?.code, 0, ended?.stderr);
    return ended;
  }

  it("says that it was seen running, and what it cost to look", async () => {
    const { stdout: said } = await flashed(false);
    assert.match(said, /verified on the chip, and running\./);
    assert.match(said, /restarted when it was asked to.*looking took \d/);
  });

  it("says what speaks against it, in fields as well", async () => {
    const line = succeeded(await flashed(true, "--firmware", "libretiny-hangs"));
    const { kind, next, tookMs } = line["started"] as { kind: string; next: string[]; tookMs: number };
    assert.equal(kind, "no-answer");
    assert.match(next[0] ?? "", /serial monitor/);
    assert.ok(tookMs < 8_000, `${tookMs} ms`);
  });
});
