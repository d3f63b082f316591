/** A file for another key than the chip's: at a terminal re-encrypting it is offered, everywhere else it is only named. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PRESETS } from "../../../src/simulator/index";
import { packaged, rawFirmware } from "../flash/builds";
import { itWithPtys } from "../ptys";
import { failed, run, succeeded, withFolder, withSimulator } from "./cli";
import { atTerminal } from "./terminal";

const QUESTION = "[y/N]";

describe("command line: a file for another key", () => {
  const chip = PRESETS["bk7231n-zero"];
  const other = packaged(chip, rawFirmware(0x6000), PRESETS.bk7231n.key).crc;

  async function withFile(work: (on: readonly string[], file: string) => Promise<void>): Promise<void> {
    await withFolder(async (folder) => {
      const file = join(folder, other.name);
      writeFileSync(file, other.bytes);
      await withSimulator(["--chip", chip.id, "--listen", "tcp:0"], async ({ port }) => {
        await work(["--port", port, "--no-backup", "--no-reboot"], file);
      });
    });
  }

  it("is refused with its option named where nobody can be asked", async () => {
    await withFile(async (on, file) => {
      const error = failed(await run("flash", file, ...on, "--json"), "image-wrong-key");
      assert.equal(error.flash, "untouched");
      const plain = await run("flash", file, ...on);
      assert.equal(plain.code, 1);
      assert.match(plain.stderr, /--rekey/);
      assert.equal(plain.stderr.includes(QUESTION), false);
    });
  });

  itWithPtys("is re-encrypted after a yes, over the same link, and after anything else refused", async () => {
    await withFile(async (on, file) => {
      for (const answer of ["", "n", "nonsense"]) {
        const { code, text } = await atTerminal(["flash", file, ...on], [[QUESTION, answer]]);
        assert.equal(code, 1, text);
        assert.match(text, /for the tuya key.*zero key/s);
        assert.match(text, /the file itself stays as it is/i);
        assert.match(text, /Flash: untouched/);
      }
      const { code, text } = await atTerminal(["flash", file, ...on], [[QUESTION, "y"]]);
      assert.equal(code, 0, text);
      assert.equal(text.split("Linked").length, 2, text);
      assert.match(text, /verified on the chip/);
      succeeded(await run("verify", file, "--rekey", ...on.slice(0, 2), "--json"));
      failed(await run("verify", file, ...on.slice(0, 2), "--json"), "verify-failed");
    });
  });

  itWithPtys("is not asked about where it was asked for, fits already, or nothing is shown", async () => {
    await withFile(async (on, file) => {
      const quiet = await atTerminal(["flash", file, "--quiet", ...on]);
      assert.equal(quiet.code, 1);
      assert.equal(quiet.text.includes(QUESTION), false);
      const asked = await atTerminal(["flash", file, "--rekey", ...on]);
      assert.equal(asked.code, 0, asked.text);
      assert.equal(asked.text.includes(QUESTION), false);
    });
  });
});
