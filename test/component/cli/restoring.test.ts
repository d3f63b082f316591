/** A backup that is not plainly this device's: at a terminal it is asked about, a program has said what it wants. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createChip } from "../../../src/simulator/index";
import { itWithPtys } from "../ptys";
import { run, succeeded, withFolder, withSimulator } from "./cli";
import { atTerminal } from "./terminal";

const QUESTION = "[y/N]";

describe("command line: a doubtful backup", () => {
  async function withDump(work: (args: readonly string[], own: string) => Promise<void>): Promise<void> {
    await withFolder(async (folder) => {
      const flash = createChip("bk7231t").flash.slice();
      // Without calibration and MAC nobody can tell whose it is.
      flash.fill(0xff, 0x1e0000, 0x1e1000);
      const dump = join(folder, "dump.bin");
      writeFileSync(dump, flash);
      const own = join(folder, "own.bin");
      await withSimulator(["--chip", "bk7231t", "--listen", "tcp:0"], async ({ port }) => {
        succeeded(await run("backup", own, "--port", port, "--json"));
        await work(["restore", dump, "--port", port, "--no-backup", "--no-reboot"], own);
      });
    });
  }

  it("is restored where nobody can be asked, with all that speaks against it told", async () => {
    await withDump(async (args) => {
      const { code, stderr, stdout } = await run(...args);
      assert.equal(code, 0, stderr);
      assert.match(stderr + stdout, /calibration/);
      assert.ok(!(stderr + stdout).includes(QUESTION));
    });
  });

  itWithPtys("is restored after a yes, and not after anything else; this device's own is not asked about", async () => {
    await withDump(async (args, own) => {
      for (const answer of ["", "no"]) {
        const { code, text } = await atTerminal(args, [[QUESTION, answer]]);
        assert.equal(code, 130, text);
        assert.match(text, /Nothing was changed on the chip/);
      }
      const yes = await atTerminal(args, [[QUESTION, "y"]]);
      assert.equal(yes.code, 0, yes.text);
      assert.match(yes.text, /verified on the chip/);
      const same = await atTerminal(["restore", own, ...args.slice(2)]);
      assert.equal(same.code, 0, same.text);
      assert.ok(!same.text.includes(QUESTION), same.text);
    });
  });
});
