/** A backup that is not plainly this device's: at a terminal it is asked about, a program has said what it wants. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
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

  itWithPtys("is one question, whatever speaks against it, where its code is damaged", async () => {
    await withDump(async (args, own) => {
      const damaged = new Uint8Array(readFileSync(own));
      damaged[0x13000] = (damaged[0x13000] ?? 0) ^ 1;
      const [, dump = "", ...on] = args;
      // Without its manifest, and of a device that cannot be told, its application damaged.
      damaged.fill(0xff, 0x1e0000, 0x1e1000);
      writeFileSync(dump, damaged);
      const no = await atTerminal(["restore", dump, ...on], [[QUESTION, "n"]]);
      assert.equal(no.code, 1, no.text);
      assert.match(no.text, /Afterwards it does not start/);
      assert.match(no.text, /Flash: untouched/);
      const yes = await atTerminal(["restore", dump, ...on], [[QUESTION, "y"]]);
      assert.equal(yes.code, 0, yes.text);
      for (const { text } of [no, yes]) assert.equal(text.split(QUESTION).length, 2, text);
    });
  });
});
