import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packaged, rawFirmware } from "../flash/builds";
import { PRESETS } from "../../../src/simulator/index";
import { run, withFolder, withSimulator } from "./cli";

/** A second line, a cleared screen, a title, an eight-bit escape, and a name that reads backwards. */
const NAME = "two\nlines\u001b[2J\u001b]0;x\u0007\u009b31m\u202efu.crc";
// eslint-disable-next-line no-control-regex -- these are what is looked for
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

describe("what hides in names of files", () => {
  it("never reaches a terminal, whatever is said of the file", async function () {
    if (process.platform === "win32") return this.skip();
    await withFolder(async (base) => {
      const folder = join(base, NAME.replace(".crc", ""));
      mkdirSync(folder);
      const good = join(folder, NAME);
      const page = join(folder, `page${NAME}`);
      const build = packaged(PRESETS.bk7231n, rawFirmware(0x8000));
      writeFileSync(good, build.crc.bytes);
      writeFileSync(page, "<html>");
      await withSimulator(["--chip", "bk7231n", "--listen", "tcp:0"], async ({ port }) => {
        const at = ["--port", port, "--backup", join(folder, "backups")];
        const commands = [
          ["inspect", good],
          ["inspect", page],
          ["inspect", join(folder, "none\u001b[m")],
          ["flash", page, ...at],
          ["flash", good, ...at, "--verbose"],
          ["verify", good, "--port", port],
          ["backup", join(folder, "out\u001b[m.bin"), "--port", port],
          ["backup", good, "--port", port],
          ["restore", join(folder, "out\u001b[m.bin"), ...at],
          ["info", "--port", `/dev/\u001b[2J\nx`],
          [`\u001b[2J\u202enothing`],
          ["info", `--\u001b[2J`],
          ["erase", "--start", "\u001b[2J", "--length", "1"],
          ["simulate", "--chip", "\u009b2J"],
        ];
        for (const command of commands) {
          const human = await run(...command);
          for (const [stream, text] of Object.entries({ stdout: human.stdout, stderr: human.stderr })) {
            assert.doesNotMatch(text, OBEYED, `${command[0]} ${stream}: ${JSON.stringify(text)}`);
            assert.doesNotMatch(text, /^lines/m, `${command[0]} ${stream}`);
          }
          const json = await run(...command, "--json");
          assert.doesNotMatch(json.stdout + json.stderr, OBEYED, `${command[0]} --json`);
        }
      });
    });
  });
});
