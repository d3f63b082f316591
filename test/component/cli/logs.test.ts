import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { BANNER, BOOT_N, BOOT_T, LOGGER, SETUP, SETUP_DONE, bytesOf, esphome, trap } from "../../unit/monitor/logs";
import { sampledAt } from "../../../src/simulator/index";
import { buildElf } from "../../unit/monitor/elfBuilder";
import { failed, run, succeeded, withFolder } from "./cli";

/** A device that prints a log to whoever connects, in two pieces. */
async function withLog(log: string, work: (port: string) => Promise<void>): Promise<void> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    const half = Math.floor(log.length / 2);
    socket.write(log.slice(0, half), () => setTimeout(() => socket.write(log.slice(half)), 20));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await work(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
  }
}

const HEALTHY =
  BOOT_T + BANNER + LOGGER + SETUP + esphome("I", "wifi:313", "WiFi Connecting to 'Villa Kunterbunt'...") + SETUP_DONE;
const CRASH = BOOT_T + BANNER + LOGGER + trap("data abort", "0x00010024", "0x00010031");

function elf(folder: string, time: string): string {
  const path = join(folder, "raw_firmware.elf");
  writeFileSync(
    path,
    buildElf({
      functions: [
        { name: "read_sensor", address: 0x10020, size: 8 },
        { name: "app_loop", address: 0x10028, size: 12 },
      ],
      labels: [],
      rows: [
        { address: 0x10020, line: 16 },
        { address: 0x10028, line: 26 },
      ],
      lineEnd: 0x10034,
      folder: "/build",
      file: "app.cpp",
      text: `Mar  4 2026\0${time}\0`,
    }),
  );
  return path;
}

describe("command line: logs", () => {
  it("monitor prints lines and ends with the verdict; what is saved bears no secrets and is private", async () => {
    await withFolder(async (folder) => {
      await withLog(HEALTHY, async (port) => {
        const saved = join(folder, "bulb.log");
        const ended = await run("monitor", "--port", port, "--until-verdict", "--save", saved, "--json");
        const result = succeeded(ended);
        assert.deepEqual([result.verdict, result.bootCode], ["running", "BK7231S_1.0.5"]);
        const texts = ended.lines.filter(({ type }) => type === "log").map(({ text }) => String(text));
        assert.equal(texts.includes("[I][wifi:313]: WiFi Connecting to 'Villa Kunterbunt'..."), true, "shown as it is");
        const stored = readFileSync(saved, "utf8");
        assert.equal(stored.includes("Kunterbunt"), false);
        assert.equal(stored.trim().split("\n").length, texts.length);
        if (process.platform !== "win32") assert.equal(statSync(saved).mode & 0o777, 0o600);
        failed(await run("monitor", "--port", port, "--save", saved, "--json"), "file-exists");
        failed(await run("monitor", "--port", port, "--elf", join(folder, "gone.elf"), "--json"), "file-not-found");
        failed(await run("monitor", "--port", port, "--elf", saved, "--json"), "elf-unusable");
      });
    });
  });

  it("what is saved bears no keys on lines of their own, the time before each or not", async () => {
    await withFolder(async (folder) => {
      const key = "00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff";
      await withLog(`get key:\r\n${key}\r\n${HEALTHY}`, async (port) => {
        const saved = join(folder, "key.log");
        succeeded(await run("monitor", "--port", port, "--until-verdict", "--timestamps", "--save", saved, "--json"));
        const [, second = ""] = readFileSync(saved, "utf8").split("\n");
        assert.match(second, /^[\d:.]{12} \[removed\]$/);
      });
    });
  });

  it("monitor waits for silence behind the boot code, and gives up in time where nothing comes", async () => {
    await withLog(BOOT_N, async (port) => {
      assert.equal(
        succeeded(await run("monitor", "--port", port, "--until-verdict", "--json")).verdict,
        "no-application",
      );
    });
    await withLog("", async (port) => {
      const none = succeeded(await run("monitor", "--port", port, "--until-verdict", "--timeout", "1", "--json"));
      assert.equal(none.verdict, "silence");
    });
  });

  it("a log of another speed is told which it looks like, and a monitor finds the one that gives text", async () => {
    await withFolder(async (folder) => {
      const log = join(folder, "other.log");
      writeFileSync(log, sampledAt(bytesOf(HEALTHY.repeat(4)), 57_600, 115_200));
      const judged = succeeded(await run("verdict", log, "--json"));
      assert.deepEqual([judged.verdict, judged.otherSpeed], ["wrong-speed", 57_600]);
      assert.match((await run("verdict", log)).stdout, /Looks like another speed: 57600\?/);
      writeFileSync(log, sampledAt(bytesOf(HEALTHY.repeat(4)), 115_200, 921_600));
      const faster = succeeded(await run("verdict", log, "--baud", "921600", "--json"));
      assert.deepEqual([faster.verdict, faster.otherSpeed], ["wrong-speed", 115_200]);
    });
    // A network port gives text at any speed: the first that is tried.
    await withLog(HEALTHY, async (port) => {
      const ended = await run(
        "monitor",
        "--port",
        port,
        "--baud",
        "auto",
        "--until-verdict",
        "--timeout",
        "3",
        "--json",
      );
      succeeded(ended);
      assert.deepEqual(
        ended.lines.filter(({ type }) => type === "trying" || type === "opened").map(({ baudRate }) => baudRate),
        [115_200, 115_200],
      );
    });
  });

  it("verdict judges a saved log; the build's ELF file names the places of a crash", async () => {
    await withFolder(async (folder) => {
      const log = join(folder, "crash.log");
      writeFileSync(log, bytesOf(CRASH));
      const judged = succeeded(await run("verdict", log, "--elf", elf(folder, "05:06:07"), "--json"));
      assert.equal(judged.verdict, "crash");
      assert.deepEqual(judged.places, [
        { role: "fault", address: 0x10024, symbol: "read_sensor+0x4", file: "/build/app.cpp", line: 16 },
        { role: "caller", address: 0x10031, symbol: "app_loop+0x6", file: "/build/app.cpp", line: 26 },
      ]);
      const { stdout } = await run("verdict", log, "--elf", elf(folder, "05:06:07"));
      assert.match(stdout, /read_sensor\+0x4 {2}\/build\/app\.cpp:16/);
      assert.doesNotMatch(stdout, /Name the build's ELF/);
      assert.deepEqual(judged.next, []);
      failed(await run("verdict", log, "--elf", elf(folder, "05:06:08"), "--json"), "elf-unusable");
    });
  });

  it("verdict looks at the ELF file it is given, also where nothing crashed", async () => {
    await withFolder(async (folder) => {
      const log = join(folder, "good.log");
      writeFileSync(log, bytesOf(HEALTHY));
      failed(await run("verdict", log, "--elf", join(folder, "gone.elf"), "--json"), "file-not-found");
      failed(await run("verdict", log, "--elf", log, "--json"), "elf-unusable");
      const judged = succeeded(await run("verdict", log, "--elf", elf(folder, "05:06:07"), "--json"));
      assert.deepEqual([judged.verdict, judged.places, judged.isOfThatBuild], ["running", [], true]);
      const { stdout } = await run("verdict", log, "--elf", elf(folder, "05:06:08"));
      assert.match(stdout, /the ELF file is of another build/);
    });
  });

  it("verdict reads a log of any length to its end; a folder is none", async () => {
    await withFolder(async (folder) => {
      const log = join(folder, "months.log");
      // Longer than any firmware file; the device loops at the end of it alone.
      writeFileSync(
        log,
        Buffer.concat([
          bytesOf(HEALTHY),
          Buffer.alloc(65 << 20, "\n"),
          bytesOf(`${BOOT_T}${BANNER}${LOGGER}`.repeat(4)),
        ]),
      );
      assert.equal(succeeded(await run("verdict", log, "--json")).verdict, "boot-loop");
      failed(await run("verdict", folder, "--json"), "file-access");
      failed(await run("verdict", join(folder, "none.log"), "--json"), "file-not-found");
    });
  });
});
