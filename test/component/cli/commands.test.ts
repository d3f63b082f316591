import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BEDROOM_RBL, BUILDS, C8133U_RBL, HALL_RBL } from "../flash/builds";
import { failed, run, start, succeeded, withFolder, withSimulator } from "./cli";
import { hasPtys } from "../ptys";

const LISTEN = hasPtys ? "pty" : "tcp:0";

describe("command line: a chip from first look to verified firmware", () => {
  it("info, dry run, flash, verify, read, backup, erase, reboot; the simulator keeps what it was given", async function () {
    await withFolder(async (folder) => {
      const saved = join(folder, "chip.bin");
      const ended = await withSimulator(
        ["--chip", "bk7231t", "--listen", LISTEN, "--save", saved],
        async ({ port }) => {
          const on = ["--port", port, "--json"];
          const info = succeeded(await run("info", ...on));
          const identity = info.identity as Record<string, unknown>;
          assert.equal(identity.chip, "bk7231t");
          assert.deepEqual(identity.calibration, { address: 0x1e0000, from: "known" });
          assert.equal((identity.key as { kind: string }).kind, "tuya");

          const dry = succeeded(await run("flash", BEDROOM_RBL, "--dry-run", ...on));
          assert.deepEqual([dry.dryRun, dry.bytesWritten, dry.verified], [true, 0, false]);

          const flash = await run("flash", BEDROOM_RBL, "--no-reboot", ...on);
          const result = succeeded(flash);
          assert.equal(result.verified, true);
          assert.equal(result.rebooted, false);
          assert.equal(Number(result.bytesWritten) > 0 && Number.isInteger(result.elapsedMs), true);
          const types = flash.lines.map(({ type }) => type);
          for (const type of ["linked", "identified", "planned", "phase-started", "progress", "phase-finished"]) {
            assert.equal(types.includes(type), true, type);
          }

          assert.equal(succeeded(await run("verify", BEDROOM_RBL, ...on)).verified, true);
          failed(await run("verify", `${BUILDS.c8133u}/image_bk7231t_app.0x011000.crc`, ...on), "verify-failed");

          const part = join(folder, "part.bin");
          const read = succeeded(
            await run("read", part, "--start", "0x11000", "--length", "4660", "--baud", "460800", ...on),
          );
          assert.deepEqual([read.start, read.length], [0x11000, 4660]);
          assert.deepEqual(readFileSync(part), readFileSync(BEDROOM_RBL).subarray(0, 4660));

          const whole = join(folder, "backup.bin");
          assert.equal(succeeded(await run("backup", whole, ...on)).length, 0x200000);
          assert.equal(readFileSync(whole).length, 0x200000);

          assert.equal(
            succeeded(await run("erase", "--start", "0x12000", "--length", "8192", "--dry-run", ...on)).dryRun,
            true,
          );
          assert.equal(
            succeeded(await run("erase", "--start", "0x12000", "--length", "8192", ...on)).bytesErased,
            8192,
          );
          succeeded(await run("reboot", ...on));
        },
      );
      const end = succeeded(ended);
      assert.equal(end.command, "simulate");
      assert.deepEqual(Object.keys(ended.lines[0] ?? {}).slice(0, 2), ["type", "port"]);
      assert.equal(ended.lines[0]?.type, "listening");
      const chip = readFileSync(saved);
      const file = readFileSync(BEDROOM_RBL);
      assert.equal(
        chip.subarray(0x12000, 0x14000).every((byte) => byte === 0xff),
        true,
      );
      assert.deepEqual(chip.subarray(0x14000, 0x11000 + file.length), file.subarray(0x3000));
      assert.equal(readdirSync(folder).filter((name) => name.endsWith(".part")).length, 0);
    });
  });

  it("simulate begins with the flash it is given, and every preset listens on TCP", async () => {
    await withFolder(async (folder) => {
      const before = join(folder, "before.bin");
      const after = join(folder, "after.bin");
      const bytes = Buffer.alloc(0x200000, 0xa5);
      writeFileSync(before, bytes);
      const args = [
        "--chip",
        "BK7231N zero",
        "--listen",
        "tcp:0",
        "--flash",
        before,
        "--save",
        after,
        "--pace",
        "none",
      ];
      const ended = await withSimulator(args, ({ port }) => {
        assert.match(port, /^tcp:\/\/127\.0\.0\.1:\d+$/);
        return Promise.resolve();
      });
      assert.equal(succeeded(ended).saved, after);
      assert.deepEqual(readFileSync(after), bytes);
    });
  });

  it("inspect tells a file in full, and why another cannot be flashed; ports lists", async () => {
    const inspect = succeeded(await run("inspect", C8133U_RBL, "--json"));
    const image = inspect.image as Record<string, unknown>;
    assert.deepEqual([image.format, image.key, image.flashable], ["rbl-partition", "zero", true]);
    const ota = succeeded(await run("inspect", `${BUILDS.hall}/image_bk7231n_app.ota.rbl`, "--json")).image as Record<
      string,
      unknown
    >;
    assert.equal(ota.flashable, false);
    assert.equal((ota.refusal as { code: string }).code, "image-ota-only");
    const ports = succeeded(await run("ports", "--json"));
    assert.equal(Array.isArray(ports.ports), true);
  });

  it("reads for people: a summary on standard output, nothing when quiet, the wire when verbose", async () => {
    await withSimulator(["--listen", "tcp:0"], async ({ port }) => {
      const plain = await run("info", "--port", port);
      assert.equal(plain.code, 0);
      assert.match(plain.stdout, /BK7231T/);
      assert.equal(plain.stdout.includes("\u001b"), false);
      assert.equal(plain.stderr.includes("\u001b"), false);
      const quiet = await run("info", "--port", port, "--quiet");
      assert.deepEqual([quiet.code, quiet.stdout, quiet.stderr], [0, "", ""]);
      const quietJson = await run("info", "--port", port, "--quiet", "--json");
      assert.deepEqual(
        quietJson.lines.map(({ type }) => type),
        ["result"],
      );
      const verbose = await run("info", "--port", port, "--verbose", "--json");
      succeeded(verbose);
      assert.match(verbose.stderr, /01 ?e0 ?fc/i);
      const refused = await run("flash", HALL_RBL, "--port", port, "--quiet");
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /Flash: untouched/);
      assert.match(refused.stderr, /1\. /);
      assert.equal(refused.stdout, "");
    });
  });

  it("says nothing of the backup before a write when quiet", async () => {
    await withFolder((folder) =>
      withSimulator(["--listen", "tcp:0"], async ({ port }) => {
        const flash = ["flash", BEDROOM_RBL, "--port", port, "--backup", folder];
        for (const what of ["makes one", "finds it"]) {
          const quiet = await run(...flash, "--quiet");
          assert.deepEqual([quiet.code, quiet.stdout, quiet.stderr], [0, "", ""], what);
        }
        const aloud = await run(...flash);
        assert.match(aloud.stdout, /is a verified backup of this device/);
      }).then(() => undefined),
    );
  });
});

describe("command line: Ctrl-C", () => {
  it("while it waits for a chip: 130, flash untouched", async () => {
    await withSimulator(["--chip", "bk7231s", "--listen", "tcp:0", "--power-cycle", "manual"], async ({ port }) => {
      const info = start(["info", "--port", port, "--json"], (line, child) => {
        if (line.type === "linking") child.kill("SIGINT");
      });
      assert.equal(failed(await info.ended, "cancelled", 130).flash, "untouched");
    });
  });

  it("while it writes: 130, says that flash is partly written, and flashing again works", async () => {
    await withSimulator(["--chip", "bk7231t", "--listen", "tcp:0", "--pace", "real"], async ({ port }) => {
      const flash = start(["flash", BEDROOM_RBL, "--no-backup", "--port", port, "--json"], (line, child) => {
        if (line.type === "progress" && line.phase === "erase") child.kill("SIGINT");
      });
      assert.equal(failed(await flash.ended, "cancelled", 130).flash, "partly-written");
      succeeded(await run("info", "--port", port, "--json"));
    });
  });

  it("during a backup: 130, no file under the name that was asked for, and only what the next run goes on from", async () => {
    await withFolder(async (folder) => {
      await withSimulator(["--listen", "tcp:0", "--pace", "real"], async ({ port }) => {
        const backup = start(["backup", join(folder, "b.bin"), "--port", port, "--json"], (line, child) => {
          if (line.type === "progress" && line.phase === "read") child.kill("SIGINT");
        });
        failed(await backup.ended, "cancelled", 130);
      });
      assert.deepEqual(
        readdirSync(folder).filter((name) => name !== "b.bin.part" && name !== "b.bin.journal"),
        [],
      );
      assert.equal(existsSync(join(folder, "b.bin")), false);
    });
  });
});

describe("command line: boot code", () => {
  it("is changed with the chip's name given, after a checked copy of it was stored beside the file", async () => {
    await withFolder(async (folder) => {
      const data = join(folder, "data.bin");
      writeFileSync(data, Uint8Array.of(0, 1, 2, 3, 4, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe));
      await withSimulator(["--chip", "bk7231n", "--listen", "tcp:0"], async ({ port }) => {
        const on = ["--at", "0x2000", "--no-backup", "--no-reboot", "--port", port, "--json"];
        succeeded(await run("flash", data, ...on, "--allow-bootloader", "BK7231N"));
        const copy = readdirSync(folder).find((name) => name.startsWith("bootloader-bk7231n-"));
        assert.equal(copy !== undefined && readFileSync(join(folder, copy)).length, 0x11000);
      });
    });
  });
});
