/** What people and programs read at a terminal about a chip that does not start, and how they bring it back. */
import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PRESETS, createChip } from "../../../src/simulator/index";
import { shortBuildFor } from "../flash/builds";
import { failed, run, succeeded, withFolder, withSimulator } from "./cli";

const BOOT = 0x11000;
const CLAIMS = /told to start|told to reboot into/;

function fresh(): Uint8Array {
  const chip = createChip("bk7231n", { pace: "none" });
  const flash = chip.flash.slice();
  chip.dispose();
  return flash;
}

/** A simulated chip without boot code, and a build, a QIO image and a backup for it. */
async function onBlankChip(
  work: (port: string, files: { build: string; qio: string; backup: string; folder: string }) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const put = (name: string, bytes: Uint8Array): string => {
      writeFileSync(join(folder, name), bytes);
      return join(folder, name);
    };
    const whole = fresh();
    const { crc, rbl } = shortBuildFor(PRESETS.bk7231n);
    const image = new Uint8Array(BOOT + rbl.bytes.length);
    image.set(whole.subarray(0, BOOT));
    image.set(rbl.bytes, BOOT);
    const files = {
      folder,
      build: put(crc.name, crc.bytes),
      qio: put("OpenBK7231N_QIO_1.18.300.bin", image),
      backup: put("backup-bk7231n.bin", whole),
    };
    const broken = whole.slice();
    broken.fill(0xff, 0, BOOT);
    await withSimulator(["--chip", "bk7231n", "--listen", "tcp:0", "--flash", put("blank.bin", broken)], ({ port }) =>
      work(port, files),
    );
  });
}

describe("command line: a chip that does not start", () => {
  it("info, plan, outcome and reboot say so; a write needs the option, and nothing claims a start", async () => {
    await onBlankChip(async (port, { build }) => {
      const on = ["--port", port, "--no-backup"];
      const info = await run("info", "--port", port);
      assert.match(info.stdout, /^Starts +no: there is no boot code/m);
      const json = succeeded(await run("info", "--port", port, "--json"));
      assert.equal((json.identity as { start: { starts: string } }).start.starts, "no");

      const refused = await run("flash", build, ...on);
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /Afterwards it does not start: there is no boot code/);
      assert.match(refused.stderr, /plan-would-not-start/);
      assert.match(refused.stderr, /restore FILE --only-bootloader/);
      assert.match(refused.stderr, /Flash: untouched/);

      const dry = await run("flash", build, ...on, "--dry-run");
      assert.equal(dry.code, 0);
      assert.match(dry.stderr, /Afterwards it does not start/);

      const written = await run("flash", build, ...on, "--even-if-it-cannot-start");
      assert.equal(written.code, 0, written.stderr);
      assert.match(written.stdout, /The chip was reset\.\nIt does not start: there is no boot code/);
      const reboot = await run("reboot", "--port", port);
      assert.match(reboot.stdout, /It does not start/);
      for (const { stdout, stderr } of [refused, dry, written, reboot]) assert.doesNotMatch(stdout + stderr, CLAIMS);
    });
  });

  it("a comparison says whether the chip starts, whatever comes of it, and a program reads it", async () => {
    await onBlankChip(async (port, { build, qio }) => {
      await run("flash", build, "--port", port, "--no-backup", "--even-if-it-cannot-start", "--no-reboot");
      const held = await run("verify", build, "--port", port);
      assert.match(held.stdout, /The chip holds .*\nIt does not start: there is no boot code/);
      const json = succeeded(await run("verify", build, "--port", port, "--json"));
      assert.equal((json.start as { starts: string }).starts, "no");
      assert.deepEqual((json.identity as { start: unknown }).start, json.start);
      const differs = failed(await run("verify", qio, "--port", port, "--json"), "verify-failed");
      assert.match(JSON.stringify(differs), /as it is, the chip does not start: there is no boot code/);
      await run("restore", qio, "--only-bootloader", "BK7231N", "--port", port, "--no-backup", "--no-reboot");
      const sound = await run("verify", build, "--port", port);
      assert.match(sound.stdout, /It starts, as far as boot code and application tell\./);
    });
  });

  it("boot code comes back alone from a backup, and then an ordinary flash goes through", async () => {
    await onBlankChip(async (port, { build, backup, folder }) => {
      const on = ["--port", port, "--no-backup", "--json"];
      failed(await run("restore", backup, "--only-bootloader", "BK7231T", ...on), "bootloader-not-confirmed");
      failed(await run("restore", build, "--only-bootloader", "BK7231N", ...on), "image-not-flashable");
      const back = succeeded(await run("restore", backup, "--only-bootloader", "BK7231N", ...on));
      assert.deepEqual([back.only, back.verified], ["boot-code", true]);
      assert.equal(readdirSync(folder).filter((name) => name.startsWith("bootloader-bk7231n-")).length, 1);
      const flashed = await run("flash", build, "--port", port, "--no-backup");
      assert.match(flashed.stdout, /The chip was told to start it/);
    });
  });

  it("a QIO image brings it along with the option, and says of the option where it does nothing", async () => {
    await onBlankChip(async (port, { build, qio }) => {
      const on = ["--port", port, "--no-backup"];
      const refused = failed(await run("flash", qio, ...on, "--json"), "plan-would-not-start");
      assert.match((refused.remedy as readonly string[])[0] ?? "", /--allow-bootloader/);
      const whole = await run("flash", qio, "--allow-bootloader", "BK7231N", ...on);
      assert.match(whole.stderr, /write {2}0x000000-0x011000/);
      assert.match(whole.stdout, /The chip was told to start it/);
      const unused = await run("flash", build, "--allow-bootloader", "BK7231N", ...on);
      assert.match(unused.stderr, /makes no difference here: the file holds no boot code/);
    });
  });
});
