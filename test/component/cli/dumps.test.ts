/** Dumps at the command line: passport, configuration, parts, comparison; and that nothing of a person's is in any of it unasked. */
import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { IN_OLD_PAGE, SECRETS, plantedDump } from "../../unit/passport/plantedSecrets";
import { tuyaDump } from "../../unit/passport/sampleDump";
import { BUILDS } from "../flash/builds";
import { endOf, failed, run, succeeded, withFolder, type Ended, type Line } from "./cli";

/** The command has done its work, and its exit code says that there are errors. */
function foundErrors(ended: Ended): Line {
  const end = endOf(ended);
  assert.deepEqual([end.type, end.ok, ended.code], ["result", true, 3]);
  return end;
}

describe("command line: dumps", () => {
  it("keeps 25 planted secrets out of everything that was not asked for with them", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "dump.bin");
      const other = join(folder, "other.bin");
      writeFileSync(path, plantedDump());
      writeFileSync(other, plantedDump().fill(0xff, 0x1f0000, 0x1f1000));
      const commands = [
        ["inspect", path],
        ["config", path],
        ["config", path, "--format", "openbeken"],
        ["config", path, "--format", "json"],
        ["diff", path, other],
        ["extract", path, join(folder, "out.bin"), "--partition", "nonsense"],
      ];
      for (const command of commands) {
        for (const how of [[], ["--json"], ["--verbose"]]) {
          const { stdout, stderr } = await run(...command, ...how);
          for (const secret of SECRETS)
            assert.equal(`${stdout}${stderr}`.includes(secret), false, `${command.join(" ")}: ${secret}`);
        }
      }
      const { stdout } = await run("config", path, "--format", "json", "--show-secrets");
      // Old pages are warned of, and their content is never shown.
      for (const secret of SECRETS) assert.equal(stdout.includes(secret), secret !== IN_OLD_PAGE, secret);
    });
  });

  it("makes YAML, a template and JSON, takes parts out and compares", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "dump.bin");
      writeFileSync(path, plantedDump());
      const yaml = succeeded(await run("config", path, "--json"));
      assert.match(String(yaml.yaml), /\nbk72xx:\n {2}board: cb2s\n/);
      assert.match((await run("config", path)).stdout, /^# Made from a backup/);
      const template = succeeded(await run("config", path, "--format", "openbeken", "--json")).template as {
        pins: object;
      };
      assert.deepEqual(template.pins, { 10: "Btn;1", 26: "Rel;1" });
      const inspect = succeeded(await run("inspect", path, "--json"));
      const passport = inspect.passport as { module: string; private: string[]; partitions: { name: string }[] };
      assert.equal(passport.module, "CB2S");
      assert.equal(passport.private.length >= 3, true);
      assert.equal(
        passport.partitions.some(({ name }) => name === "tuya"),
        true,
      );

      const out = join(folder, "tuya.bin");
      const part = succeeded(await run("extract", path, out, "--partition", "tuya", "--decrypt", "--json"));
      assert.deepEqual([part.start, part.decrypted], [0x1ee000, true]);
      assert.equal(readFileSync(out).includes("{rl1_pin:26"), true);
      assert.equal(statSync(out).mode & 0o077, 0, "what is extracted is the person's own");
      failed(await run("extract", path, out, "--json"), "file-exists");

      const other = join(folder, "other.bin");
      writeFileSync(other, plantedDump().fill(0, 0x1d1000, 0x1d1002));
      const diff = succeeded(await run("diff", path, other, "--json"));
      assert.deepEqual(
        [diff.same, diff.bytes, diff.differences],
        [false, 2, [{ start: 0x1d1000, end: 0x1d2000, bytes: 2, partitions: ["config"] }]],
      );
      assert.equal(succeeded(await run("diff", path, path, "--json")).same, true);
    });
  });

  it("checks a YAML, also against a backup, and puts it right in a new file", async () => {
    await withFolder(async (folder) => {
      const zeros = "0".repeat(32);
      const yaml = join(folder, "lamp.yaml");
      const text = `esphome:\n  name: lamp\n  platformio_options:\n    board_build.bkcrypt_coeffs: ${zeros}\nbk72xx:\n  board: wb3s\n`;
      writeFileSync(yaml, text);
      const found = foundErrors(await run("check", yaml, "--json"));
      const [first] = found.diagnostics as { code: string; line: number; column: number }[];
      assert.deepEqual([found.errors, first?.code, first?.line, first?.column], [1, "value-changes", 4, 33]);
      const backup = join(folder, "dump.bin");
      writeFileSync(backup, plantedDump());
      const fixed = join(folder, "fixed.yaml");
      const { diagnostics } = foundErrors(await run("check", yaml, "--backup", backup, "--fixed", fixed, "--json"));
      assert.deepEqual(
        (diagnostics as { code: string }[]).map(({ code }) => code),
        ["value-changes", "chip-board"],
      );
      assert.equal(readFileSync(fixed, "utf8"), text.replace(zeros, `"${zeros}"`).replace("wb3s", "cb2s"));
      assert.equal(readFileSync(yaml, "utf8"), text);
      assert.equal(succeeded(await run("check", fixed, "--json")).errors, 0);
    });
  });

  it("looks into the secrets and the files that a YAML takes in", async () => {
    await withFolder(async (folder) => {
      const yaml = join(folder, "lamp.yaml");
      const options = "esphome:\n  platformio_options:\n    board_build.bkcrypt_coeffs: !secret key\n";
      writeFileSync(yaml, "packages:\n  base: !include base.yaml\nbk72xx:\n  board: wb3s\n");
      writeFileSync(join(folder, "base.yaml"), options);
      assert.match(
        (await run("check", yaml)).stdout,
        /information in base\.yaml {2}Not checked: .*secrets\.yaml is not here/,
      );
      writeFileSync(join(folder, "secrets.yaml"), `key: ${"0".repeat(32)}\n`);
      const ended = await run("check", yaml);
      assert.match(ended.stdout, /2:18 {2}error in secrets\.yaml {2}YAML reads this key as a number/);
      assert.equal(ended.code, 3);
      assert.match((await run("check", "--help")).stdout, /3 errors found/);
    });
  });

  it("tells whether a build's updates will be unpacked on the device of a backup", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "dump.bin");
      writeFileSync(path, plantedDump());
      const told = succeeded(await run("doctor", path, `${BUILDS.hall}/firmware.uf2`, "--json"));
      assert.deepEqual([told.works, told.board, told.patch], ["unknown", "generic-bk7231n-qfn32-tuya", []]);
    });
  });

  it("shows in a backup what a build for its board must say, so that updates are unpacked", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "dump.bin");
      writeFileSync(path, tuyaDump(0x122000));
      const wanted = ["board_flash.app: 0x11000+0x111000", "board_flash.download: 0x122000+0xA6000"];
      assert.deepEqual(succeeded(await run("inspect", path, "--json")).patch, wanted);
      assert.match(
        (await run("inspect", path)).stdout,
        /yaml {5}a build for board cb2s needs .*\n {13}board_flash\.app: 0x11000\+0x111000\n/,
      );
      writeFileSync(path, tuyaDump());
      assert.deepEqual(succeeded(await run("inspect", path, "--json")).patch, []);
    });
  });

  it("gives one reason, for people and programs, where there are no settings", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "blank.bin");
      writeFileSync(path, new Uint8Array(0x200000).fill(0xff));
      const { context } = failed(await run("config", path, "--json"), "no-settings");
      assert.equal((context as { reason: string }).reason, "erased");
      assert.match((await run("config", path)).stderr, /blank/);
    });
  });
});
