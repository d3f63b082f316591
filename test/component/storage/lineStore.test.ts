/** What outlives a killed session of how it left its line. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LineState } from "../../../src/core/index";
import { PRESETS } from "../../../src/simulator/index";
import { LineStore } from "../../../src/storage/lineStore";
import { run, start, stateFolder, succeeded, withFolder, withSimulator } from "../cli/cli";
import { packaged, rawFirmware } from "../flash/builds";
import { onBothFileSystems, type Place } from "./places";

onBothFileSystems("how the last session left the line", (make) => {
  let place: Place;
  beforeEach(() => {
    place = make();
  });
  afterEach(() => place.dispose());

  it("is kept for each adapter until it is over; rubbish is as good as nothing", async () => {
    const { files, folder } = place;
    const state = files.join(folder, "state");
    const kept = async (): Promise<readonly string[]> => await files.list(state);
    const one = new LineStore(files, "0403:6001:A1", state);
    const other = new LineStore(files, "1a86:7523:COM5", state);
    assert.equal(await one.recall(), undefined);
    await one.keep(undefined);
    await one.keep({ baudRate: 921_600, filler: 0 });
    await one.keep({ baudRate: 460_800, filler: 4 });
    assert.deepEqual(await new LineStore(files, "0403:6001:A1", state).recall(), { baudRate: 460_800, filler: 4 });
    assert.equal(await other.recall(), undefined);
    const [file, ...more] = await kept();
    assert.deepEqual(more, []);
    for (const rubbish of ["", "[]", "null", '{"baudRate":1,"filler":0}', '{"baudRate":115200,"filler":256}']) {
      place.put(`state/${file}`, rubbish);
      assert.equal(await one.recall(), undefined, rubbish);
    }
    await one.keep({ baudRate: 460_800, filler: 4 });
    await other.keep({ baudRate: 115_200, filler: 0 });
    await one.keep(undefined);
    assert.equal((await kept()).length, 1);
    assert.deepEqual(await other.recall(), { baudRate: 115_200, filler: 0 });
    await other.keep(undefined);
    assert.deepEqual(await kept(), []);
  });
});

describe("a session that was killed", () => {
  it("leaves word, and the next one that ends as it should takes it away", async () => {
    await withFolder(async (folder) => {
      // The plan has the blocks 2 to 4 to itself.
      for (const [id, isOfAWrite] of [
        ["bk7231t", (filler: number) => filler === 0x90],
        ["bk7231n-zero", (filler: number) => [2, 3, 4].includes(filler & 0x1f)],
      ] as const) {
        const { name, bytes } = packaged(PRESETS[id], rawFirmware(0x40000)).crc;
        const file = join(folder, name);
        writeFileSync(file, bytes);
        await withSimulator(["--chip", id, "--listen", "tcp:0"], async ({ port }) => {
          const args = ["flash", file, "--port", port, "--json", "--no-reboot", "--no-backup"];
          const word = (): string | undefined => {
            const home = join(stateFolder, "beken-flasher");
            const found = existsSync(home) ? readdirSync(home).find((each) => /^line-.*\.json$/.test(each)) : undefined;
            return found && join(home, found);
          };
          const says = (): LineState | undefined => {
            try {
              return JSON.parse(readFileSync(word() ?? "", "utf8")) as LineState;
            } catch {
              return undefined;
            }
          };
          const isWriting = (): boolean => isOfAWrite(says()?.filler ?? 0);
          const running = start(args);
          const timer = setInterval(() => {
            if (isWriting()) running.child.kill("SIGKILL");
          }, 1);
          const { code } = await running.ended;
          clearInterval(timer);
          assert.equal(code, null);
          assert.ok(isWriting());
          assert.equal(says()?.baudRate, 115_200);
          assert.equal(succeeded(await run(...args)).verified, true);
          assert.equal(word(), undefined);
        });
      }
    });
  });
});
