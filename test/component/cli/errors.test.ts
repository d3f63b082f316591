import assert from "node:assert/strict";
import { failed, run } from "./cli";

/** At most four at once: each is a process of its own. */
async function inFours<T>(list: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < list.length; at += 4) await Promise.all(list.slice(at, at + 4).map(work));
}

describe("command line: wrong usage", () => {
  it("ends with 2, and with one error line where JSON was asked for", async () => {
    const cases: readonly (readonly string[])[] = [
      ["flash"],
      ["fly"],
      ["info", "--baud", "fast"],
      ["info", "--baud", "300"],
      ["info", "--link-timeout", "0"],
      ["erase", "--start", "0x1000"],
      ["read", "out.bin", "--start", "-1"],
      ["simulate", "--chip", "esp8266"],
      ["simulate", "--pace", "slow"],
      ["simulate", "--listen", "udp:1"],
      ["info", "--no-such-option"],
    ];
    await inFours(cases, async (args) => {
      failed(await run(...args, "--json"), "usage", 2);
    });
    const plain = await run("fly");
    assert.equal(plain.code, 2);
    assert.notEqual(plain.stderr, "");
    assert.equal((await run("--help")).code, 0);
  });

  it("help names every option there is", async () => {
    const help = async (command: string): Promise<string> => (await run(command, "--help")).stdout;
    const flash = await help("flash");
    for (const option of [
      "--port",
      "--baud",
      "--at",
      "--dry-run",
      "--backup",
      "--no-backup",
      "--no-verify",
      "--no-reboot",
      "--allow-bootloader",
      "--link-timeout",
      "--json",
      "--quiet",
      "--verbose",
    ]) {
      assert.equal(flash.includes(option), true, option);
    }
    const read = await help("read");
    assert.equal(read.includes("--start") && read.includes("--length"), true);
    const simulate = await help("simulate");
    for (const option of ["--chip", "--flash", "--listen", "--pace"])
      assert.equal(simulate.includes(option), true, option);
    const all = (await run("--help")).stdout;
    for (const command of [
      "ports",
      "info",
      "read",
      "backup",
      "flash",
      "verify",
      "erase",
      "reboot",
      "inspect",
      "simulate",
    ]) {
      assert.match(all, new RegExp(`^  ${command}`, "m"));
    }
  });
});
