/** `--reset`: how the chip is reset, by name or by one's own steps; `ports --forget`: what was learnt of it. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createChip } from "../../../src/simulator/index";
import { serveComPort } from "../transport/comPortServer";
import { run, stateFolder, succeeded, type Ended, type Line } from "./cli";

const FOLDER = join(stateFolder, "beken-flasher");
const RESETS = join(FOLDER, "resets.json");
const RATES = join(FOLDER, "rates.json");

/** A server of the network whose RTS is wired to CEN of a chip that runs firmware which hears nothing. */
async function withServer(
  lines: boolean,
  work: (port: string, restart: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const chip = createChip("bk7231t", { pace: "none", person: "manual", firmware: "none", wiring: { reset: "rts" } });
  const server = await serveComPort(chip, { lines });
  const restart = async (): Promise<void> => {
    chip.powerCycle();
    while (chip.state !== "app") await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const port = `rfc2217://127.0.0.1:${server.port}`;
  try {
    await work(port, restart);
  } finally {
    await server.close();
    chip.dispose();
  }
}

function linkedIn({ lines }: Ended): Line {
  return lines.find(({ type }) => type === "linked") ?? assert.fail(JSON.stringify(lines));
}

describe("command line: ways to reset the chip", () => {
  it("are done as named, or as one's own steps say, and learnt where nobody chose", async () => {
    await withServer(true, async (port, restart) => {
      const info = async (...more: readonly string[]): Promise<Ended> => {
        await restart();
        const ended = await run("info", "--port", port, "--json", ...more);
        succeeded(ended);
        return ended;
      };
      const named = linkedIn(await info("--reset", "rts"));
      assert.deepEqual([named.reset, named.missed], ["rts", undefined]);
      const own = linkedIn(await info("--reset", "r1 w60 R0"));
      assert.deepEqual([own.reset, own.by], ["own", "reset by r1 w60 R0"]);
      assert.equal(existsSync(RESETS), false, "what a person chose is theirs to choose again");
      assert.equal(linkedIn(await info()).reset, "rts");
      const learnt = JSON.parse(readFileSync(RESETS, "utf8")) as Record<string, unknown>;
      assert.deepEqual(learnt[port], { works: "rts", missed: 0, told: false });
    });
  });

  it("are said where the port cannot do them, and none are tried where none are wanted", async () => {
    await withServer(false, async (port, restart) => {
      await restart();
      const tried = async (reset: string): Promise<Ended> =>
        await run("info", "--port", port, "--link-timeout", "0.5", "--json", "--reset", reset);
      for (const [reset, says] of [
        ["dtr", /reset through DTR: this port has no control lines/],
        ["bridge", /names no command behind \?reset=/],
      ] as const) {
        const { lines } = await tried(reset);
        const note = lines.find(({ code }) => code === "control-lines-unavailable");
        assert.match(JSON.stringify(note), says);
      }
      const { lines, last } = await tried("none");
      assert.equal(last?.code, "no-link-silence");
      assert.ok(!lines.some(({ code }) => code === "control-lines-unavailable"));
    });
  });

  it("are refused where a step is none, with its place and what would do", async () => {
    const { code, stderr } = await run("info", "--port", "COM1", "--reset", "R1 w120 R2 w9");
    assert.equal(code, 2);
    assert.match(stderr, /At character 9: "R2" is no step/);
    const [typed = "", caret = ""] = stderr.split("\n").slice(1);
    assert.equal(typed[caret.indexOf("^")], "R", stderr);
    assert.equal(typed.slice(caret.indexOf("^")), "R2 w9", stderr);
    assert.match(stderr, /Takes auto, none, a name \(bridge, rts, .*R1D0 w120 R0/);
    assert.match(stderr, /--help/);
  });

  it("and speeds are forgotten by ports --forget, also where nothing was learnt", async () => {
    mkdirSync(FOLDER, { recursive: true });
    for (const file of [RESETS, RATES]) writeFileSync(file, JSON.stringify({ "/dev/ttyUSB0": { works: "rts" } }));
    const other = join(FOLDER, "somebody-elses.json");
    writeFileSync(other, "{}");
    for (let times = 0; times < 2; times++) {
      const ended = await run("ports", "--forget", "--json");
      succeeded(ended);
      assert.ok(ended.lines.some(({ type }) => type === "forgotten"));
      assert.deepEqual([RESETS, RATES, other].map(existsSync), [false, false, true]);
    }
    assert.match((await run("ports", "--forget")).stdout, /Forgotten: the speeds .*how each resets its chip/);
  });
});
