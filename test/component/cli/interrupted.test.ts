/** What ends a command from outside, and odd things in the place of files: in order, in words, and never for ever. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { failed, run, start, succeeded, withFolder, withSimulator, type OnLine } from "./cli";
import { BEDROOM_RBL } from "../flash/builds";

const REAL = ["--chip", "bk7231t", "--listen", "tcp:0", "--pace", "real"];

describe("command line: the end from outside", () => {
  it("ends within its packet when the pipe it prints to is closed, without a stack", async () => {
    await withSimulator(REAL, async ({ port }) => {
      const flash = start(["flash", BEDROOM_RBL, "--no-backup", "--port", port, "--json"], (line, child) => {
        if (line.type === "progress" && line.phase === "write") child.stdout?.destroy();
      });
      let stderr = "";
      flash.child.stderr?.on("data", (text: Buffer) => (stderr += text.toString()));
      const [code] = (await once(flash.child, "exit")) as [number | null];
      assert.equal(code, 130);
      assert.doesNotMatch(stderr, /at .*\.js|EPIPE|Unhandled/);
      const info = await run("info", "--port", port, "--json");
      succeeded(info);
    });
  });

  it("ends within its packet when its terminal is closed", async () => {
    await withSimulator(REAL, async ({ port }) => {
      const flash = start(["flash", BEDROOM_RBL, "--no-backup", "--port", port, "--json"], (line, child) => {
        if (line.type === "progress" && line.phase === "write") child.kill("SIGHUP");
      });
      assert.equal(failed(await flash.ended, "cancelled", 130).flash, "partly-written");
    });
  });

  it("keeps its exit code when a signal comes again after its last word", async () => {
    await withFolder(async (folder) => {
      // Between the end of the command and that of its process, which a busy machine makes long.
      const require = join(folder, "lingering.cjs");
      writeFileSync(require, 'process.once("beforeExit", () => setTimeout(() => undefined, 500));');
      const isHitBy = async (signal: NodeJS.Signals): Promise<void> => {
        await withSimulator(REAL, async ({ port }) => {
          const args = ["flash", BEDROOM_RBL, "--no-backup", "--port", port, "--json"];
          const onLine: OnLine = (line, child) => {
            if ((line.type === "progress" && line.phase === "write") || line.type === "error") child.kill(signal);
          };
          const { ended } = start(args, onLine, { require });
          assert.equal(failed(await ended, "cancelled", 130).flash, "partly-written", signal);
        });
        const onLine: OnLine = (_line, child) => child.kill(signal);
        succeeded(await start(["inspect", BEDROOM_RBL, "--json"], onLine, { require }).ended);
      };
      await Promise.all((["SIGHUP", "SIGINT", "SIGTERM"] as const).map(isHitBy));
    });
  });

  it("says that a pipe or a device is no file, and waits for neither", async function () {
    if (process.platform === "win32") this.skip();
    await withFolder(async (folder) => {
      const pipe = join(folder, "pipe");
      assert.equal(spawnSync("mkfifo", [pipe]).status, 0);
      for (const path of [pipe, "/dev/zero", folder])
        assert.match(JSON.stringify(failed(await run("inspect", path, "--json"), "file-access")), /not a file/);
    });
  });

  it("finds out before any chip is asked that a backup could not go where it should", async () => {
    await withFolder(async (folder) => {
      const file = join(folder, "file");
      writeFileSync(file, "");
      // Nobody answers there: had the chip been asked first, this would be another failure.
      const args = ["flash", BEDROOM_RBL, "--port", "tcp://127.0.0.1:9", "--json", "--backup"];
      const { context } = failed(await run(...args, file), "file-access") as { context?: { detail?: string } };
      assert.match(context?.detail ?? "", /not a folder/);
    });
  });

  it("tells where a folder for backups cannot be made, instead of trying for ever", async function () {
    if (process.platform !== "linux") this.skip();
    await withSimulator(["--listen", "tcp:0"], async ({ port }) => {
      const args = ["flash", BEDROOM_RBL, "--port", port, "--json", "--backup", "/proc/nope/backups"];
      assert.equal(failed(await run(...args), "file-not-found").flash, "untouched");
    });
  });

  it("does not start a simulated chip whose flash could not be saved at the end", async () => {
    await withFolder(async (folder) => {
      const file = join(folder, "flash.bin");
      mkdirSync(file);
      failed(await run("simulate", "--listen", "tcp:0", "--save", file, "--json"), "file-exists");
    });
  });
});
