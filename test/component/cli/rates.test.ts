import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasPtys } from "../ptys";
import { run, stateFolder, succeeded, withSimulator } from "./cli";

const FOLDER = join(stateFolder, "beken-flasher");
const FILE = join(FOLDER, "rates.json");

describe("command line: rates that held before", () => {
  it("are tried first at the next session with this adapter, but only where the speed was left to the program", async () => {
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
