/** Monitors in terminals of the editor: which are ended for a job, how, and what is started again. */
import assert from "node:assert/strict";
import type { Holder } from "../../../src/extension/ports/holdingProgram";
import { TerminalMonitors, type EditorTerminal } from "../../../src/extension/ports/terminalMonitors";

const PORT = "/dev/ttyUSB7";
const SHELL = 100;

interface Case {
  /** Of the program that has the port, its parents behind it up to the terminal's shell. */
  readonly family: readonly string[];
  readonly hasOthers?: boolean;
  readonly typed?: string;
  readonly task?: "provided" | "of tasks.json";
  /** The kernel tells nothing, as on Windows. */
  readonly untold?: boolean;
  readonly inTerminal?: boolean;
  readonly answer?: boolean;
}

/** What is done to terminals and processes, and what the person is asked. */
async function happens(on: Case, twice = false): Promise<readonly string[]> {
  const told: string[] = [];
  let runs = true;
  let typed = on.typed;
  const end = (how: string): void => {
    told.push(how);
    runs = false;
    typed = undefined;
  };
  const family = on.family.map((command, i) => ({ pid: SHELL + on.family.length - 1 - i, words: command.split(" ") }));
  const [program, ...parents] = family;
  assert.ok(program);
  const again = (): Promise<void> => Promise.resolve(void told.push("task again"));
  const terminal: EditorTerminal = {
    name: "sh",
    pid: on.inTerminal === false ? 7 : SHELL,
    get typed() {
      return typed;
    },
    task: on.task && { end: () => end("task ends"), ...(on.task === "provided" && { again }) },
    isOpen: true,
    press: (keys) => end(`keys ${JSON.stringify(keys)}`),
    run: (command) => {
      told.push(`run ${command}`);
      runs = true;
      typed = command;
    },
  };
  const holder: Holder = { program, parents, hasOthers: on.hasOthers === true };
  const monitors = new TerminalMonitors({
    terminals: () => Promise.resolve([terminal]),
    holding: () => Promise.resolve(runs && on.untold !== true ? holder : undefined),
    hasPrograms: () => Promise.resolve(runs),
    isTold: on.untold !== true,
    kill: (pid, signal) => end(`${signal} to ${pid}`),
    ask: (title, detail) => {
      told.push(`asked: ${title}${detail.includes("not started again") ? " (for good)" : ""}`);
      return Promise.resolve(on.answer !== false);
    },
    log: { info: () => undefined, error: (doing, error) => told.push(`${doing}: ${String(error)}`) },
  });
  for (let round = 0; round < (twice ? 2 : 1); round++) {
    (await monitors.letGo(PORT, new AbortController().signal))?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return told;
}

describe("a monitor in a terminal", () => {
  it("is ended by its own keys after a yes, and started again as it was started", async () => {
    assert.deepEqual(await happens({ family: [`picocom -b 115200 ${PORT}`, "bash"] }), [
      `asked: Stop "picocom -b 115200 ttyUSB7", which has ${PORT} open?`,
      'keys "\\u0001\\u0018"',
      `run picocom -b 115200 ${PORT}`,
    ]);
    const esphome = "/usr/bin/python3 /home/me/venv/bin/esphome logs my'bulb.yaml";
    assert.deepEqual((await happens({ family: [esphome, "zsh"] })).slice(1), [
      'keys "\\u0003"',
      `run /usr/bin/python3 /home/me/venv/bin/esphome logs 'my'\\''bulb.yaml'`,
    ]);
    const typed = "esphome logs $X";
    assert.match((await happens({ family: [esphome, "zsh"], typed })).at(-1) ?? "", /^run \/usr\/bin\/python3/);
    assert.equal(
      (await happens({ family: [esphome, "zsh"], typed: "esphome logs bulb.yaml" })).at(-1),
      "run esphome logs bulb.yaml",
    );
  });

  it("is asked about once, and left alone after a no", async () => {
    const family = [`python3 -m serial.tools.miniterm ${PORT} 115200`, "bash"];
    const told = await happens({ family }, true);
    assert.deepEqual(
      told.map((line) => line.split(" ")[0]),
      ["asked:", "keys", "run", "keys", "run"],
    );
    assert.equal((await happens({ family, answer: false })).length, 1);
  });

  it("that may write, is hidden behind another, or runs outside of the editor, is not even asked about", async () => {
    for (const on of [
      { family: ["python3 esphome run bulb.yaml", "bash"] },
      { family: ["python3 esphome upload logs.yaml", "bash"] },
      { family: ["python3 pio run -t upload -t monitor", "bash"] },
      { family: ["node beken-flasher flash monitor.bin", "bash"] },
      { family: ["cat " + PORT, "bash"] },
      { family: [`picocom -e b ${PORT}`, "bash"] },
      { family: [`picocom ${PORT}`, "bash", "tmux new", "bash"] },
      { family: [`picocom ${PORT}`, "bash", "SCREEN", "screen", "bash"] },
      { family: [`SCREEN ${PORT} 115200`, `screen ${PORT} 115200`, "bash"], hasOthers: true },
      { family: ["SCREEN -S work", "screen -S work", "bash"] },
      { family: [`picocom ${PORT}`, "bash"], inTerminal: false },
      { family: [`screen ${PORT}`, "bash"], untold: true, typed: `screen ${PORT}` },
    ] satisfies Case[])
      assert.deepEqual(await happens(on), [], on.family.join(" < "));
  });

  it("whose keys may be others is told to end by its process", async () => {
    const family = [`SCREEN ${PORT} 115200`, `screen ${PORT} 115200`, "bash"];
    assert.deepEqual((await happens({ family })).slice(1), ["SIGTERM to 102", `run screen ${PORT} 115200`]);
  });

  it("is not started again by what does more than watch", async () => {
    const made = await happens({
      family: [`picocom ${PORT}`, "make flash monitor", "bash"],
      typed: "make flash monitor",
    });
    assert.deepEqual(made, [
      `asked: Stop "picocom ttyUSB7", which has ${PORT} open? (for good)`,
      'keys "\\u0001\\u0018"',
    ]);
    const typed = `beken-flasher flash x.bin && picocom ${PORT}`;
    assert.equal((await happens({ family: [`picocom ${PORT}`, "bash"], typed })).at(-1), `run picocom ${PORT}`);
  });

  it("that is a task ends and begins as one; one that others may run before is not started again", async () => {
    const monitor = "python3 /penv/bin/platformio device monitor";
    assert.deepEqual((await happens({ family: [monitor], task: "provided" })).slice(1), ["task ends", "task again"]);
    for (const family of [[monitor], [monitor, "bash -c pio-upload && pio-monitor"]])
      assert.equal((await happens({ family, task: "of tasks.json" })).at(-1), "task ends");
    const both: Case = { family: [monitor, "bash -c x&&y"], task: "provided" };
    assert.equal((await happens(both)).at(-1), "task ends");
  });

  it("is found by what was typed where no kernel tells, and only for this port", async () => {
    const typed = `pio device monitor -p ${PORT}`;
    assert.deepEqual((await happens({ family: ["?"], untold: true, typed })).slice(1), [
      'keys "\\u0003"',
      `run ${typed}`,
    ]);
    const unnamed = await happens({ family: ["?"], untold: true, typed: "pio device monitor" });
    assert.equal(unnamed[0], `asked: Stop "pio device monitor", which may have ${PORT} open?`);
    for (const other of [
      "pio device monitor -p COM9",
      "esphome run a.yaml",
      "esphome logs a.yaml",
      "make && pio device monitor",
    ])
      assert.deepEqual(await happens({ family: ["?"], untold: true, typed: other }), [], other);
  });
});
