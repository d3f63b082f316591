import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { APP_AT, BEDROOM_RBL, BUILDS, C8133U_RBL, HALL_RBL } from "../flash/builds";
import { failed, run, start, withFolder, withSimulator, type Ended } from "./cli";

/** Name, what it holds, and the code that a flash of it ends with, before any chip is asked for. */
function badFiles(): readonly (readonly [string, Uint8Array, string])[] {
  const rbl = readFileSync(C8133U_RBL);
  const crc = readFileSync(`${BUILDS.c8133u}/image_bk7231t_app.0x011000.crc`);
  const uf2 = readFileSync(`${BUILDS.c8133u}/firmware.uf2`);
  const flipped = (bytes: Buffer, at: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] as number) ^ 0x04;
    return copy;
  };
  const claiming = Buffer.from(uf2);
  claiming.writeUInt32LE(0xffffffff, 24);
  const header = Buffer.from(rbl);
  return [
    ["empty.rbl", new Uint8Array(0), "image-empty"],
    ["one.bin", Uint8Array.of(0x42), "image-needs-offset"],
    ["image_bk7231t_app.0x011000.rbl", rbl.subarray(0, 300_001), "image-corrupt"],
    ["header-cut.0x011000.rbl", rbl.subarray(0, rbl.length - 1), "image-corrupt"],
    ["flipped.0x011000.rbl", flipped(rbl, 0x5000), "image-corrupt"],
    ["flipped-header.0x011000.rbl", flipped(header, header.length - 60), "image-corrupt"],
    ["cut.crc", crc.subarray(0, crc.length - 34), "image-corrupt"],
    ["flipped.crc", flipped(crc, 0x1234), "image-corrupt"],
    ["cut.uf2", uf2.subarray(0, uf2.length - 512), "image-corrupt"],
    ["flipped.uf2", flipped(uf2, 512 * 40 + 100), "image-corrupt"],
    ["claims-4-gib.uf2", claiming, "image-corrupt"],
    ["blank.bin", new Uint8Array(0x20000).fill(0xff), "image-not-flashable"],
    ["image_bk7231n_app.0x011000.rbl", readFileSync(C8133U_RBL), "image-name-mismatch"],
    ["image_bk7231t_app.0x132000.rbl", rbl, "image-name-mismatch"],
    ["raw_firmware.bin", readFileSync(`${BUILDS.c8133u}/raw_firmware.bin`), "image-not-flashable"],
    ["image_bk7231t_app.ota.rbl", readFileSync(`${BUILDS.c8133u}/image_bk7231t_app.ota.rbl`), "image-ota-only"],
    ["image_bk7231t_app.ota.ug.bin", readFileSync(`${BUILDS.c8133u}/image_bk7231t_app.ota.ug.bin`), "image-ota-only"],
  ];
}

/** At most four at once: each is a process of its own. */
async function inFours<T>(list: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < list.length; at += 4) await Promise.all(list.slice(at, at + 4).map(work));
}

describe("command line: files that must not be flashed", () => {
  it("each ends in its own error before a chip is asked for, with the flash untouched", async () => {
    await withFolder(async (folder) => {
      await inFours(badFiles(), async ([name, bytes, code]) => {
        const path = join(folder, name);
        writeFileSync(path, bytes);
        const error = failed(await run("flash", path, "--port", "/dev/no-such-port", "--json"), code);
        assert.equal(error.flash, "untouched");
      });
    });
  });

  it("a missing file, a folder, one of 4 GiB, a wrong offset", async () => {
    await withFolder(async (folder) => {
      const port = ["--port", "/dev/no-such-port", "--json"];
      const giant = join(folder, "giant.bin");
      writeFileSync(giant, "x");
      truncateSync(giant, 4 * 2 ** 30);
      mkdirSync(join(folder, "folder.rbl"));
      const cases: readonly (readonly [string, readonly string[]])[] = [
        ["file-not-found", ["flash", join(folder, "none.rbl"), ...port]],
        ["file-access", ["flash", join(folder, "folder.rbl"), ...port]],
        ["image-too-large", ["flash", giant, ...port]],
        ["image-too-large", ["inspect", giant, "--json"]],
        ["image-wrong-offset", ["flash", C8133U_RBL, "--at", "0x12000", ...port]],
        ["image-wrong-offset", ["verify", C8133U_RBL, "--at", "0", ...port]],
      ];
      await inFours(cases, async ([code, args]) => void failed(await run(...args), code));
    });
  });
});

describe("command line: ports", () => {
  it("names what is wrong with each", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.resume();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const quiet = typeof address === "object" && address !== null ? address.port : 0;
    const cases: readonly (readonly [string, string])[] = [
      ["port-not-found", process.platform === "win32" ? "COM199" : "/dev/no-such-port"],
      ["port-invalid", "http://host"],
      ["port-invalid", "tcp://host"],
      ["host-unreachable", "tcp://127.0.0.1:1"],
      ["no-link-silence", `tcp://127.0.0.1:${quiet}`],
    ];
    await inFours(cases, async ([code, port]) => {
      failed(await run("info", "--port", port, "--link-timeout", "0.5", "--json"), code);
    });
    await new Promise((resolve) => server.close(resolve));
  });

  it("echo and noise are told apart from silence", async () => {
    const listen = async (answer: (bytes: Buffer) => Buffer): Promise<Ended> => {
      const server = createServer((socket) => {
        socket.on("error", () => socket.destroy());
        socket.on("data", (bytes) => void socket.write(answer(bytes)));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      try {
        return await run("info", "--port", `tcp://127.0.0.1:${port}`, "--link-timeout", "0.5", "--json");
      } finally {
        server.close();
      }
    };
    failed(await listen((bytes) => bytes), "no-link-echo");
    failed(await listen((bytes) => Buffer.alloc(bytes.length, 0x9c)), "no-link-noise");
  });

  it("a port in use is busy; one that goes away while writing is lost, with what that left", async function () {
    if (process.platform === "win32") this.skip();
    await withSimulator(["--listen", "pty", "--pace", "real"], async (simulator) => {
      const busy: Promise<Ended>[] = [];
      const flash = start(["flash", BEDROOM_RBL, "--no-backup", "--port", simulator.port, "--json"], (line) => {
        if (line.type === "identified") busy.push(run("info", "--port", simulator.port, "--json"));
        if (line.type === "progress" && line.phase === "write" && busy.length === 1) {
          busy.push(simulator.stop());
        }
      });
      assert.equal(failed(await flash.ended, "port-lost").flash, "partly-written");
      failed((await Promise.all(busy))[0] as Ended, "port-busy");
    });
  });
});

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

describe("command line: what the chip and the plan refuse", () => {
  it("each with its code, on one simulated chip", async () => {
    await withFolder(async (folder) => {
      const there = join(folder, "there.bin");
      writeFileSync(there, "mine");
      const small = join(folder, "data.bin");
      writeFileSync(small, "0123456789");
      await withSimulator(["--chip", "bk7231t", "--listen", "tcp:0"], async ({ port }) => {
        const cases: readonly (readonly [string, readonly string[]])[] = [
          ["file-exists", ["backup", there]],
          ["file-exists", ["read", there]],
          ["file-not-found", ["backup", join(folder, "no", "folder.bin")]],
          ["image-wrong-key", ["flash", C8133U_RBL]],
          ["image-wrong-chip", ["flash", HALL_RBL]],
          ["plan-touches-bootloader", ["erase", "--start", "0", "--length", "0x1000"]],
          ["plan-touches-bootloader", ["flash", small, "--at", "0x2000"]],
          ["plan-touches-bootloader", ["flash", small, "--at", "0x2000", "--allow-bootloader"]],
          ["plan-touches-calibration", ["flash", small, "--at", "0x1e0100"]],
          ["plan-out-of-range", ["erase", "--start", "0x200000", "--length", "0x1000"]],
          ["plan-out-of-range", ["read", join(folder, "r.bin"), "--start", "0x1fffff", "--length", "2"]],
          ["plan-misaligned", ["erase", "--start", `${APP_AT + 1}`, "--length", "0x1000"]],
          ["plan-empty", ["erase", "--start", "0x11000", "--length", "0"]],
          ["verify-failed", ["verify", BEDROOM_RBL]],
        ];
        for (const [code, args] of cases) {
          const error = failed(await run(...args, "--port", port, "--baud", "115200", "--json"), code);
          assert.equal(error.flash, "untouched");
        }
      });
      assert.equal(readFileSync(there, "utf8"), "mine");
      assert.equal(existsSync(join(folder, "r.bin")), false);
      assert.deepEqual(readdirSync(folder).sort(), ["data.bin", "there.bin"]);
    });
  });
});
