import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { C8133U_RBL, HALL_RBL, packaged, rawFirmware } from "../flash/builds";
import { PRESETS } from "../../../src/simulator/index";
import { tar, zip } from "../../unit/images/samples";
import { failed, run, succeeded, withFolder, withSimulator } from "./cli";

describe("command line: firmware inside an archive", () => {
  const build = packaged(PRESETS.bk7231n, rawFirmware(0x8000)).crc;

  it("is told, flashed and verified by the name of the archive alone, and by its own where there are several", async () => {
    await withFolder(async (folder) => {
      const at = (name: string, bytes: Uint8Array): string => {
        writeFileSync(join(folder, name), bytes);
        return join(folder, name);
      };
      const one = at(
        "one.zip",
        zip([
          ["readme.md", new TextEncoder().encode("text, and more text")],
          ["b/app.crc", build.bytes],
        ]),
      );
      const tgz = at("one.tgz", gzipSync(tar("app.crc", build.bytes)));
      const two = at(
        "two.zip",
        zip([
          ["t.rbl", readFileSync(C8133U_RBL)],
          ["n.rbl", readFileSync(HALL_RBL)],
        ]),
      );
      const none = at(
        "none.zip",
        zip([
          ["index.html", new TextEncoder().encode("<html>")],
          ["a.txt", new TextEncoder().encode("some text")],
        ]),
      );
      for (const [path, entry] of [
        [one, "b/app.crc"],
        [tgz, "app.crc"],
      ] as const) {
        const told = succeeded(await run("inspect", path, "--json"));
        assert.equal(told.file, `${path}#${entry}`);
        assert.equal((told.image as { format: string }).format, "crc-app");
      }
      const many = failed(await run("flash", two, "--port", "/dev/none", "--json"), "image-foreign");
      assert.match(String(many.message), /t\.rbl, n\.rbl; name one behind a #, as in two\.zip#/);
      assert.match(
        String(failed(await run("flash", none, "--port", "/dev/none", "--json"), "image-foreign").message),
        /index\.html, a\.txt/,
      );
      failed(await run("flash", `${two}#x.rbl`, "--port", "/dev/none", "--json"), "file-not-found");
      assert.equal(succeeded(await run("inspect", `${two}#n.rbl`, "--json")).file, `${two}#n.rbl`);
      await withSimulator(["--chip", "bk7231n", "--listen", "tcp:0"], async ({ port }) => {
        const flashed = succeeded(
          await run("flash", one, "--port", port, "--no-backup", "--even-if-chip-unknown", "--json"),
        );
        assert.equal(flashed.file, `${one}#b/app.crc`);
        assert.equal(flashed.verified, true);
        assert.equal(succeeded(await run("verify", `${one}#app.crc`, "--port", port, "--json")).verified, true);
      });
    });
  });

  it("that is a file with a # in its name is that file", async () => {
    await withFolder(async (folder) => {
      mkdirSync(join(folder, "a#b"));
      const path = join(folder, "a#b", "x#y.crc");
      writeFileSync(path, build.bytes);
      assert.equal(succeeded(await run("inspect", path, "--json")).file, path);
    });
  });

  it("is a backup to restore, its manifest beside it", async () => {
    await withFolder(async (folder) => {
      const dump = join(folder, "dump.bin");
      await withSimulator(["--chip", "bk7231n", "--listen", "tcp:0"], async ({ port }) => {
        succeeded(await run("backup", dump, "--port", port, "--json"));
        const path = join(folder, "kept.zip");
        writeFileSync(
          path,
          zip([
            ["kept/dump.bin", readFileSync(dump)],
            ["kept/dump.bin.json", readFileSync(`${dump}.json`)],
          ]),
        );
        const end = succeeded(await run("restore", path, "--port", port, "--no-backup", "--json"));
        assert.equal(end.file, `${path}#kept/dump.bin`);
        assert.equal((end.restore as { device: string }).device, "same");
      });
    });
  });
});
