import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeFiles } from "../../../src/storage/nodeFileSystem";
import { RateStore } from "../../../src/storage/rateStore";
import { hasPtys } from "../ptys";
import { run, stateFolder, succeeded, withFolder, withSimulator } from "./cli";

const FOLDER = join(stateFolder, "beken-flasher");
const FILE = join(FOLDER, "rates.json");

describe("command line: rates are remembered", () => {
  it("in a file that holds for the next run, whole or not at all", async () => {
    await withFolder(async (folder) => {
      const state = join(folder, "state");
      const store = new RateStore(nodeFiles, "0403:6001:A1", state);
      assert.deepEqual(await store.hint(), { speedHint: {} });
      await store.store({ family: "B", baudRate: 921_600, lowered: false });
      await new RateStore(nodeFiles, "1a86:7523:COM5", state).store({ family: "A", baudRate: 460_800, lowered: true });
      assert.deepEqual(await store.hint(), { speedHint: { B: { baudRate: 921_600 } } });
      assert.deepEqual(readdirSync(state), ["rates.json"]);
      for (const rubbish of ["", "[]", '{"0403:6001:A1":{"B":{"baudRate":-1}}}']) {
        writeFileSync(join(state, "rates.json"), rubbish);
        assert.deepEqual(await store.hint(), { speedHint: {} });
      }
    });
  });

  it("and tried first at the next session with this adapter, but only where the speed was left to the program", async () => {
    await withSimulator(["--listen", hasPtys ? "pty" : "tcp:0"], async ({ port }) => {
      // A connection with a speed of its own has none to remember.
      const expected = hasPtys ? { B: { baudRate: 230_400, good: 3 } } : { B: { baudRate: 230_400, good: 2 } };
      mkdirSync(FOLDER, { recursive: true });
      writeFileSync(FILE, JSON.stringify({ [port]: { B: { baudRate: 230_400, good: 2 } } }));
      const stored = (): unknown => (JSON.parse(readFileSync(FILE, "utf8")) as Record<string, unknown>)[port];
      const { baudRate } = succeeded(await run("info", "--port", port, "--json"));
      assert.equal(baudRate, hasPtys ? 230_400 : 115_200);
      assert.deepEqual(stored(), expected);
      succeeded(await run("info", "--port", port, "--baud", "460800", "--json"));
      assert.deepEqual(stored(), expected);
      assert.equal(existsSync(FILE), true);
    });
  });
});
