import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { checkManifest, parseManifest } from "../../../src/core/index";
import { PRESETS, createChip } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/prng";
import { APP_AT, packaged, rawFirmware } from "../flash/builds";
import { failed, homeFolder, run, start, stateFolder, succeeded, withFolder, withSimulator } from "./cli";

const BLOCK = 0x10000;
const SECTOR = 0x1000;

function linesOf(file: string | undefined): string[] {
  return file !== undefined && existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line !== "")
    : [];
}

/** Runs a command and kills it, as nothing can be caught, once `when` holds; tells whether it came to that. */
async function killedWhen(when: () => boolean, ...args: readonly string[]): Promise<boolean> {
  const running = start(args);
  const timer = setInterval(() => {
    if (when()) running.child.kill("SIGKILL");
  }, 1);
  const { code } = await running.ended;
  clearInterval(timer);
  return code === null;
}

describe("command line: killed in the middle", () => {
  it("a backup goes on where it stopped, at most one block is read twice, and the file is as if nothing had happened", async () => {
    await withFolder(async (folder) => {
      const content = join(folder, "content.bin");
      const bytes = noise(21, 0x200000);
      writeFileSync(content, bytes);
      await withSimulator(["--chip", "bk7231n", "--listen", "tcp:0", "--flash", content], async ({ port }) => {
        const on = ["--port", port, "--json"];
        for (const blocks of [0, 1, 7, 30]) {
          const file = join(folder, `dump-${blocks}.bin`);
          const killed = await killedWhen(() => linesOf(`${file}.journal`).length > blocks, "backup", file, ...on);
          assert.equal(killed, true);
          assert.equal(existsSync(file) || existsSync(`${file}.json`), false);
          const journalled = linesOf(`${file}.journal`).length - 1;
          const result = succeeded(await run("backup", file, ...on));
          assert.equal(result.bytesResumed, journalled * BLOCK);
          assert.deepEqual(Buffer.compare(readFileSync(file), bytes), 0);
          const manifest = parseManifest(readFileSync(`${file}.json`, "utf8"), "manifest");
          assert.equal(checkManifest(manifest, bytes).verdict, "equal");
        }
        const names = readdirSync(folder).filter((name) => !/^(content|dump-\d+)\.bin(\.json)?$/.test(name));
        assert.deepEqual(names, []);
      });
    });
  });

  it("a backup killed between its last steps is finished, and a good file is never touched", async () => {
    await withFolder(async (folder) => {
      await withSimulator(["--chip", "bk7231n", "--listen", "tcp:0"], async ({ port }) => {
        const on = ["--port", port, "--json"];
        const file = join(folder, "dump.bin");
        succeeded(await run("backup", file, ...on));
        const good = readFileSync(file);
        failed(await run("backup", file, ...on), "file-exists");
        // All but the tidying up was done.
        writeFileSync(`${file}.journal`, "x");
        writeFileSync(`${file}.part`, "x");
        const result = succeeded(await run("backup", file, ...on));
        assert.equal(result.verified, true);
        assert.deepEqual(Buffer.compare(readFileSync(file), good), 0);
        assert.deepEqual(readdirSync(folder).sort(), ["dump.bin", "dump.bin.json"]);
        // The manifest was there, the dump not yet.
        const other = join(folder, "other.bin");
        await killedWhen(() => linesOf(`${other}.journal`).length > 3, "backup", other, ...on);
        writeFileSync(`${other}.json`, readFileSync(`${file}.json`));
        succeeded(await run("backup", other, ...on));
        assert.deepEqual(Buffer.compare(readFileSync(other), good), 0);
      });
    });
  });

  it("a write goes on, ends verified, and the bytes that were to stay are as they were", async () => {
    await withFolder(async (folder) => {
      for (const id of ["bk7231s", "bk7231n-zero"] as const) {
        const { name, bytes } = packaged(PRESETS[id], rawFirmware(0x20a50)).crc;
        const file = join(folder, name);
        writeFileSync(file, bytes);
        const tail = APP_AT + bytes.length;
        const chip = createChip(id, { pace: "none" });
        const before = chip.flash.slice();
        chip.dispose();
        before.set(noise(4, SECTOR), tail - (tail % SECTOR));
        writeFileSync(join(folder, "before.bin"), before);
        for (const [index, lines] of [1, 2, 9].entries()) {
          const saved = join(folder, `${id}-${index}.bin`);
          const simulator = ["--chip", id, "--listen", "tcp:0", "--flash", join(folder, "before.bin"), "--save", saved];
          const ended = await withSimulator(simulator, async ({ port }) => {
            const on = ["--port", port, "--json", "--no-reboot", "--no-backup"];
            const journal = (): string | undefined => {
              const home = join(stateFolder, "beken-flasher");
              const found = existsSync(home)
                ? readdirSync(home).find((entry) => entry.endsWith(".journal"))
                : undefined;
              return found && join(home, found);
            };
            assert.equal(journal(), undefined);
            assert.equal(await killedWhen(() => linesOf(journal()).length >= lines, "flash", file, ...on), true);
            assert.equal(succeeded(await run("flash", file, ...on)).verified, true);
            assert.equal(journal(), undefined);
          });
          assert.equal(ended.code, 0);
          const after = readFileSync(saved);
          const expected = before.slice();
          expected.set(bytes, APP_AT);
          assert.equal(Buffer.compare(after, expected), 0, `${id}, killed at line ${lines}`);
        }
      }
    });
  });

  it("boot code alone, and with a QIO image: the same command goes on, with the same word, and the chip starts", async () => {
    await withFolder(async (folder) => {
      const chip = createChip("bk7231n", { pace: "none" });
      const whole = chip.flash.slice();
      chip.dispose();
      const backup = join(folder, "backup-bk7231n.bin");
      writeFileSync(backup, whole);
      const application = packaged(PRESETS.bk7231n, rawFirmware(0x8a50)).rbl.bytes;
      const image = new Uint8Array(APP_AT + application.length);
      image.set(whole.subarray(0, APP_AT));
      image.set(application, APP_AT);
      const qio = join(folder, "OpenBK7231N_QIO_1.18.300.bin");
      writeFileSync(qio, image);
      const broken = whole.slice();
      broken.fill(0xff, 0, APP_AT);
      const blank = join(folder, "blank.bin");
      writeFileSync(blank, broken);
      const home = join(stateFolder, "beken-flasher");
      const journals = (): string[] =>
        existsSync(home) ? readdirSync(home).filter((name) => name.endsWith(".journal")) : [];
      for (const [command, expected] of [
        [["restore", backup, "--only-bootloader", "BK7231N"], whole],
        [["flash", qio, "--allow-bootloader", "BK7231N"], image],
      ] as const) {
        const saved = join(folder, `${command[0]}.bin`);
        await withSimulator(
          ["--chip", "bk7231n", "--listen", "tcp:0", "--flash", blank, "--save", saved],
          async ({ port }) => {
            const on = ["--port", port, "--json", "--no-reboot", "--no-backup"];
            const inJournal = (): string[] => journals().flatMap((name) => linesOf(join(home, name)));
            const killed = await killedWhen(
              () => inJournal().filter((line) => line.includes('"done"')).length >= 3,
              ...command,
              ...on,
            );
            assert.equal(killed, true);
            const ended = await run(...command, ...on);
            const result = succeeded(ended);
            assert.equal(result.verified, true);
            assert.ok(ended.lines.some(({ type, code }) => type === "note" && code === "resumed"));
            assert.equal((result.identity as { start: { starts: string } }).start.starts, "yes");
            assert.deepEqual(journals(), []);
          },
        );
        const after = readFileSync(saved).subarray(0, expected.length);
        assert.equal(Buffer.compare(after, expected), 0, command[0]);
      }
    });
  });

  it("a write that is stopped with Ctrl-C says how it goes on; one that had not begun, and another command, do not", async () => {
    await withFolder(async (folder) => {
      const { name, bytes } = packaged(PRESETS.bk7231n, rawFirmware(0x20a50)).crc;
      const file = join(folder, name);
      writeFileSync(file, bytes);
      await withSimulator(["--chip", "bk7231n", "--listen", "tcp:0"], async ({ port }) => {
        const on = ["--port", port, "--no-reboot", "--no-backup"];
        const stopped = start(["flash", file, ...on, "--json"], ({ type, phase }) => {
          if (type === "phase-started" && phase === "write") stopped.child.kill("SIGINT");
        });
        const { code, lines } = await stopped.ended;
        assert.equal(code, 130);
        assert.deepEqual(
          lines.filter(({ type }) => type === "resumable").map(({ detail }) => detail),
          [basename(file)],
        );
        const refused = await run("flash", file, "--at", "0x0", ...on, "--json");
        assert.notEqual(refused.code, 0);
        assert.ok(!refused.lines.some(({ type }) => type === "resumable"));
        succeeded(await run("flash", file, ...on, "--json"));
      });
    });
  });

  it("restore: what a backup holds comes back, this device's calibration stays, a damaged dump is refused at once", async () => {
    await withFolder(async (folder) => {
      const saved = join(folder, "after.bin");
      await withSimulator(["--chip", "bk7231t", "--listen", "tcp:0", "--save", saved], async ({ port }) => {
        const on = ["--port", port, "--json", "--no-backup", "--no-reboot"];
        const dump = join(folder, "dump.bin");
        succeeded(await run("backup", dump, ...on.slice(0, 3)));
        succeeded(await run("erase", "--start", "0x18000", "--length", "0x3000", ...on.slice(0, 4)));
        const dry = succeeded(await run("restore", dump, "--dry-run", ...on));
        assert.deepEqual([dry.dryRun, dry.bytesWritten], [true, 0]);
        const ended = await run("restore", dump, ...on);
        const result = succeeded(ended);
        assert.equal(result.verified, true);
        const { device, calibration, mac } = result.restore as Record<string, unknown>;
        assert.deepEqual([device, calibration, mac], ["same", "kept", "C8:47:8C:42:00:01"]);
        assert.equal(
          ended.lines.some(({ type }) => type === "restore-planned"),
          true,
        );
        const damaged = readFileSync(dump);
        damaged[0x20000] = (damaged[0x20000] as number) ^ 1;
        writeFileSync(join(folder, "damaged.bin"), damaged);
        writeFileSync(join(folder, "damaged.bin.json"), readFileSync(`${dump}.json`));
        failed(await run("restore", join(folder, "damaged.bin"), "--port", "/dev/none", "--json"), "backup-damaged");
        writeFileSync(join(folder, "zeros.bin"), Buffer.alloc(0x200000));
        failed(await run("restore", join(folder, "zeros.bin"), "--port", "/dev/none", "--json"), "backup-worthless");
        writeFileSync(join(folder, "damaged.bin.json"), "{");
        failed(await run("restore", join(folder, "damaged.bin"), "--port", "/dev/none", "--json"), "manifest-invalid");
      });
      assert.equal(Buffer.compare(readFileSync(saved), readFileSync(join(folder, "dump.bin"))), 0);
    });
  });

  it("--backup: the first write makes a verified backup over the same link, the second finds it, a refused file none", async () => {
    await withFolder(async (folder) => {
      const fits = packaged(PRESETS["bk7231n-zero"], rawFirmware(0x8000)).crc;
      const fitsNot = packaged(PRESETS["bk7231n-zero"], rawFirmware(0x8000), PRESETS.bk7231n.key).crc;
      const file = join(folder, fits.name);
      const other = join(folder, `other_${fits.name}`);
      writeFileSync(file, fits.bytes);
      writeFileSync(other, fitsNot.bytes);
      const backups = join(folder, "backups");
      await withSimulator(["--chip", "bk7231n-zero", "--listen", "tcp:0"], async ({ port }) => {
        const on = ["--port", port, "--json", "--no-reboot", "--backup", backups];
        const refused = await run("flash", other, ...on);
        failed(refused, "image-wrong-key");
        succeeded(await run("flash", file, "--dry-run", ...on));
        assert.equal(existsSync(backups), false);
        const first = await run("flash", file, ...on);
        assert.equal(succeeded(first).verified, true);
        assert.deepEqual(readdirSync(backups).sort(), ["bk7231m-C8478C420003.bin", "bk7231m-C8478C420003.bin.json"]);
        assert.equal(first.lines.filter(({ type }) => type === "linked").length, 1);
        assert.equal(first.lines.filter(({ type }) => type === "backup-saved").length, 1);
        const second = await run("flash", file, "--full", ...on);
        succeeded(second);
        assert.equal(
          second.lines.some(({ type }) => type === "backup-found"),
          true,
        );
        assert.equal(readdirSync(backups).length, 2);
      });
    });
  });

  it("backs up first by default, before an erase too, into a folder of the person's home; a damaged backup does not count", async () => {
    await withFolder(async (folder) => {
      const content = join(folder, "content.bin");
      const chip = createChip("bk7231t", { pace: "none" });
      const before = chip.flash.slice();
      chip.dispose();
      // A MAC address that no other test has.
      before[0x1e0000 + 0x29] = 0x77;
      writeFileSync(content, before);
      const backups = join(homeFolder, ".beken-flasher", "backups");
      const dump = join(backups, "bk7231t-C8478C420077.bin");
      await withSimulator(["--chip", "bk7231t", "--listen", "tcp:0", "--flash", content], async ({ port }) => {
        const erase = (...more: readonly string[]): ReturnType<typeof run> =>
          run("erase", "--start", "0x1a0000", "--length", "0x1000", "--port", port, "--json", ...more);
        succeeded(await erase("--dry-run"));
        succeeded(await erase("--no-backup"));
        assert.equal(existsSync(dump), false);
        const first = await erase();
        succeeded(first);
        const types = first.lines.map(({ type, phase }) => (type === "phase-started" ? String(phase) : type));
        assert.equal(types.indexOf("planned") < types.indexOf("backup-planned"), true);
        assert.equal(types.indexOf("backup-planned") < types.indexOf("backup"), true);
        assert.equal(types.indexOf("backup-saved") < types.indexOf("erase"), true);
        assert.equal(Buffer.compare(readFileSync(dump), before), 0);
        const damaged = readFileSync(dump);
        damaged[0x12345] = (damaged[0x12345] as number) ^ 1;
        writeFileSync(dump, damaged);
        const second = await erase();
        succeeded(second);
        const saved = second.lines.find(({ type }) => type === "backup-saved");
        assert.notEqual(saved?.file, dump);
        assert.equal(Buffer.compare(readFileSync(String(saved?.file)), before), 0);
        assert.equal(Buffer.compare(readFileSync(dump), damaged), 0);
      });
    });
  });

  it("a killed backup before a write goes on where it stopped, and the write comes after it", async () => {
    await withFolder(async (folder) => {
      const fits = packaged(PRESETS["bk7231n-zero"], rawFirmware(0x8000)).crc;
      const file = join(folder, fits.name);
      writeFileSync(file, fits.bytes);
      const content = join(folder, "content.bin");
      const chip = createChip("bk7231n-zero", { pace: "none" });
      const before = chip.flash.slice();
      chip.dispose();
      before.set(noise(8, 0x180000), 0x40000);
      writeFileSync(content, before);
      const backups = join(folder, "backups");
      const dump = join(backups, "bk7231m-C8478C420003.bin");
      await withSimulator(["--chip", "bk7231n-zero", "--listen", "tcp:0", "--flash", content], async ({ port }) => {
        const args = ["flash", file, "--port", port, "--json", "--no-reboot", "--backup", backups];
        assert.equal(await killedWhen(() => linesOf(`${dump}.journal`).length > 5, ...args), true);
        assert.equal(existsSync(dump), false);
        const again = await run(...args);
        assert.equal(succeeded(again).verified, true);
        const phases = again.lines.flatMap(({ type, phase }) => (type === "phase-started" ? [phase] : []));
        assert.equal(
          phases.indexOf("backup-check") < phases.indexOf("backup"),
          true,
          "what was read is compared first",
        );
        assert.equal(Buffer.compare(readFileSync(dump), before), 0);
        assert.deepEqual(readdirSync(backups).sort(), ["bk7231m-C8478C420003.bin", "bk7231m-C8478C420003.bin.json"]);
      });
    });
  });

  it("a worthless backup stops the write unless none is wanted; nothing is touched, and it is not taken for one later", async () => {
    await withFolder(async (folder) => {
      const fits = packaged(PRESETS.bk7231n, rawFirmware(0x8000)).crc;
      const file = join(folder, fits.name);
      writeFileSync(file, fits.bytes);
      const content = join(folder, "content.bin");
      writeFileSync(content, Buffer.alloc(0x200000, 0xff));
      const saved = join(folder, "after.bin");
      const simulator = ["--chip", "bk7231n", "--listen", "tcp:0", "--flash", content, "--save", saved];
      await withSimulator(simulator, async ({ port }) => {
        const args = ["flash", file, "--port", port, "--json", "--no-reboot", "--backup", join(folder, "backups")];
        for (let i = 0; i < 2; i++) {
          const refused = await run(...args);
          assert.equal(failed(refused, "backup-refused").flash, "untouched");
          const judged = refused.lines.find(({ type }) => type === "backup-judged");
          assert.equal(judged?.verdict, "worthless");
        }
        const bare = [...args.slice(0, -2), "--no-backup"];
        failed(await run(...bare), "plan-would-not-start");
        succeeded(await run(...bare, "--even-if-it-cannot-start"));
      });
    });
  });
});
