/** Two programs at the same moment, two chips, one folder: each ends with what is its own, and neither takes anything from the other. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkManifest, parseManifest } from "../../../src/core/index";
import { PRESETS, createChip } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/prng";
import { APP_AT, packaged, rawFirmware } from "../flash/builds";
import { failed, run, simulate, start, stateFolder, succeeded, withFolder } from "./cli";

const SECTOR = 0x1000;
const ID = "bk7231n-zero";
const home = join(stateFolder, "beken-flasher");
const journals = (): readonly string[] =>
  existsSync(home) ? readdirSync(home).filter((name) => name.endsWith(".journal")) : [];

function fresh(): Uint8Array {
  const chip = createChip(ID, { pace: "none" });
  const flash = chip.flash.slice();
  chip.dispose();
  return flash;
}

interface Device {
  readonly port: string;
  readonly before: Uint8Array;
  /** What it holds in the end; stops it. */
  readonly after: () => Promise<Uint8Array>;
}

/** Two chips of one kind, of which everything is the same but what `set` makes of each. */
async function withTwo(
  set: (flash: Uint8Array, seed: number) => void,
  work: (devices: readonly [Device, Device], folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const device = async (seed: number): Promise<Device> => {
      const before = fresh();
      set(before, seed);
      const [content, saved] = [join(folder, `before-${seed}`), join(folder, `after-${seed}`)];
      writeFileSync(content, before);
      const simulator = await simulate("--chip", ID, "--listen", "tcp:0", "--flash", content, "--save", saved);
      const after = async (): Promise<Uint8Array> => {
        await simulator.stop();
        return new Uint8Array(readFileSync(saved));
      };
      return { port: simulator.port, before, after };
    };
    const devices = [await device(1), await device(2)] as const;
    try {
      await work(devices, folder);
    } finally {
      for (const { after } of devices) await after();
    }
  });
}

const unmarked = (flash: Uint8Array, seed: number): void => {
  const { calibrationAt } = PRESETS[ID];
  flash.fill(0xff, calibrationAt, calibrationAt + SECTOR);
  flash.set(noise(seed, 0x20000), 0x150000);
};

describe("command line: two at once", () => {
  it("backups before a first write go into one folder, each complete and under a name of its own", async () => {
    await withTwo(unmarked, async (devices, folder) => {
      const { name, bytes } = packaged(PRESETS[ID], rawFirmware(0x8a50)).crc;
      const file = join(folder, name);
      writeFileSync(file, bytes);
      const backups = join(folder, "backups");
      const ended = await Promise.all(
        devices.map(({ port }) => run("flash", file, "--port", port, "--backup", backups, "--no-reboot", "--json")),
      );
      for (const each of ended) assert.equal(succeeded(each).verified, true);
      const names = readdirSync(backups);
      const dumps = names.filter((each) => each.endsWith(".bin"));
      assert.deepEqual(names.sort(), dumps.flatMap((dump) => [dump, `${dump}.json`]).sort(), "nothing else is left");
      const stored = dumps.map((dump) => {
        const data = new Uint8Array(readFileSync(join(backups, dump)));
        const manifest = parseManifest(readFileSync(join(backups, `${dump}.json`), "utf8"), dump);
        assert.equal(checkManifest(manifest, data).verdict, "equal", dump);
        return Buffer.from(data).toString("base64");
      });
      const wanted = devices.map(({ before }) => Buffer.from(before).toString("base64"));
      assert.deepEqual(stored.sort(), wanted.sort());
      const told = ended.map(({ lines }) => lines.find(({ type }) => type === "backup-saved")?.file);
      assert.deepEqual(told.map(String).sort(), dumps.map((dump) => join(backups, dump)).sort());
    });
  });

  it("one name for two backups: one gets it, the other another, and each is of one chip", async () => {
    await withTwo(unmarked, async (devices, folder) => {
      const file = join(folder, "dump.bin");
      const ended = await Promise.all(devices.map(({ port }) => run("backup", file, "--port", port, "--json")));
      const stored = ended.map((each) => String(succeeded(each).file));
      assert.ok(stored.includes(file) && stored[0] !== stored[1], stored.join());
      for (const [i, { before }] of devices.entries()) {
        const dump = stored[i] ?? "";
        const data = new Uint8Array(readFileSync(dump));
        assert.equal(Buffer.compare(data, before), 0, "of one chip, not of both");
        const manifest = parseManifest(readFileSync(`${dump}.json`, "utf8"), dump);
        assert.equal(checkManifest(manifest, data).verdict, "equal");
      }
      const names = readdirSync(folder).filter((each) => each.startsWith("dump"));
      assert.equal(names.length, 4, names.join());
      for (const { port } of devices) failed(await run("backup", file, "--port", port, "--json"), "file-exists");
    });
  });

  it("two chips with the same marks, one file: each keeps its own bytes, also where both are killed", async () => {
    const { name, bytes } = packaged(PRESETS[ID], rawFirmware(0x20a50)).crc;
    const tail = APP_AT + bytes.length;
    const sector = tail - (tail % SECTOR);
    const own = (flash: Uint8Array, seed: number): void => void flash.set(noise(seed, sector + SECTOR - tail), tail);
    for (const kills of [false, true])
      await withTwo(own, async (devices, folder) => {
        const file = join(folder, name);
        writeFileSync(file, bytes);
        const command = (port: string): readonly string[] => [
          "flash",
          file,
          "--port",
          port,
          "--no-backup",
          "--no-reboot",
          "--full",
          "--json",
        ];
        assert.deepEqual(journals(), []);
        if (kills) {
          let writing = 0;
          const running = devices.map(({ port }) =>
            start(command(port), ({ type, phase }) => {
              if (type !== "phase-started" || phase !== "write" || ++writing < 2) return;
              for (const { child } of running) child.kill("SIGKILL");
            }),
          );
          const killed = (await Promise.all(running.map(({ ended }) => ended))).filter(({ code }) => code === null);
          assert.ok(killed.length > 0);
          const texts = journals().map((journal) => readFileSync(join(home, journal), "utf8"));
          for (const { before, after } of devices) {
            const isBack =
              Buffer.compare(
                (await after()).subarray(tail, sector + SECTOR),
                before.subarray(tail, sector + SECTOR),
              ) === 0;
            const kept = Buffer.from(before.subarray(sector, sector + SECTOR)).toString("base64");
            assert.ok(
              isBack || texts.some((text) => text.includes(kept)),
              "what each has taken out is on the chip, or on disk",
            );
          }
          for (const journal of journals()) rmSync(join(home, journal));
          return;
        }
        const ended = await Promise.all(devices.map(({ port }) => run(...command(port))));
        for (const each of ended) assert.equal(succeeded(each).verified, true);
        for (const { before, after } of devices) {
          const expected = before.slice();
          expected.set(bytes, APP_AT);
          assert.equal(Buffer.compare(expected, await after()), 0);
        }
        assert.deepEqual(journals(), []);
      });
  });
});
