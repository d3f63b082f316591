/** Tasks of tasks.json and the matchers of what builds print, as package.json contributes them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { isForTheseChips } from "../../../src/builds/project";
import { TASKS, TASK_TYPE, parseTask } from "../../../src/extension/tasks/taskDefinition";

interface Pattern {
  readonly regexp: string;
  readonly file?: number;
  readonly line?: number;
  readonly column?: number;
  readonly severity?: number;
  readonly message?: number;
}

interface Manifest {
  readonly contributes: {
    readonly taskDefinitions: readonly {
      readonly type: string;
      readonly required: readonly string[];
      readonly properties: Readonly<Record<string, { readonly enum?: readonly string[] }>>;
    }[];
    readonly problemMatchers: readonly { readonly name: string; readonly pattern: Pattern | readonly Pattern[] }[];
  };
}

const { contributes } = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;

type Problem = Readonly<Partial<Record<"file" | "line" | "column" | "severity" | "message", string>>>;

/** As the editor does it: patterns match lines that follow each other, and each match is taken once. */
function problemsIn(output: string): readonly Problem[] {
  const lines = output.split("\n");
  const found: Problem[] = [];
  for (let at = 0; at < lines.length; at++) {
    for (const { pattern } of contributes.problemMatchers) {
      const patterns = [pattern].flat() as readonly Pattern[];
      const matches = patterns.map(({ regexp }, index) => new RegExp(regexp).exec(lines[at + index] ?? "\u0000"));
      if (matches.some((match) => match === null)) continue;
      const fields = patterns.flatMap((each, index) =>
        (["file", "line", "column", "severity", "message"] as const).flatMap((name) => {
          const group = each[name];
          const value = group === undefined ? undefined : matches[index]?.[group];
          return value === undefined ? [] : [[name, value] as const];
        }),
      );
      found.push(Object.fromEntries(fields));
      break;
    }
  }
  return found;
}

describe("problem matchers", () => {
  it("find errors of an ESPHome configuration, with or without options before them", () => {
    const output = [
      "INFO ESPHome 2025.5.0",
      "INFO Reading configuration /config/plug.yaml...",
      "Failed config",
      "",
      "bk72xx: [source /config/plug.yaml:7]",
      "  ",
      "  'board' is a required option for [bk72xx].",
      "  framework: ",
      "    version: recommended",
      "light.rgbww: [source /config/plug.yaml:31]",
      "  platform: rgbww",
      "  name: Lamp",
      "  ",
      "  Couldn't find ID 'out_r'. Please check you have defined an ID with that name in your configuration.",
      "  red: out_r",
    ].join("\n");
    assert.deepEqual(problemsIn(output), [
      { file: "/config/plug.yaml", line: "7", message: "'board' is a required option for [bk72xx]." },
      {
        file: "/config/plug.yaml",
        line: "31",
        message: "Couldn't find ID 'out_r'. Please check you have defined an ID with that name in your configuration.",
      },
    ]);
  });

  it("find errors of YAML itself", () => {
    const output = [
      "ERROR Error while reading config: Invalid YAML syntax:",
      "",
      "while scanning a simple key",
      '  in "/config/plug.yaml", line 9, column 1',
      "could not find expected ':'",
      '  in "/config/plug.yaml", line 10, column 1',
    ].join("\n");
    assert.deepEqual(problemsIn(output), [
      { file: "/config/plug.yaml", line: "9", column: "1", message: "while scanning a simple key" },
      { file: "/config/plug.yaml", line: "10", column: "1", message: "could not find expected ':'" },
    ]);
  });

  it("find errors and warnings of GCC, with their kind, on every system", () => {
    const output = [
      "Compiling .pio/build/generic-bk7231t/src/main.cpp.o",
      "src/main.cpp: In function 'void setup()':",
      "src/main.cpp:12:3: error: 'digitalWrit' was not declared in this scope",
      "/config/plug.yaml:20:15: warning: unused variable 'x' [-Wunused-variable]",
      "C:\\plugs\\src\\main.cpp:1:10: fatal error: Ardino.h: No such file or directory",
    ].join("\n");
    assert.deepEqual(problemsIn(output), [
      {
        file: "src/main.cpp",
        line: "12",
        column: "3",
        severity: "error",
        message: "'digitalWrit' was not declared in this scope",
      },
      {
        file: "/config/plug.yaml",
        line: "20",
        column: "15",
        severity: "warning",
        message: "unused variable 'x' [-Wunused-variable]",
      },
      {
        file: "C:\\plugs\\src\\main.cpp",
        line: "1",
        column: "10",
        severity: "error",
        message: "Ardino.h: No such file or directory",
      },
    ]);
  });

  it("find errors behind lists and code, in paths with spaces, on Windows, and those of the linker", () => {
    const output = [
      "Failed config",
      "",
      "binary_sensor.gpio: [source C:\\My plugs\\the plug.yaml:204]",
      "  platform: gpio",
      "  pin: ",
      "    number: P6",
      "  on_press: ",
      "    - lambda: |-",
      "        // store the time",
      "        id(pressed) = millis();",
      "    - script.execute: nothing",
      "  ",
      "  [on_pres] is an invalid option for [binary_sensor.gpio]. Did you mean [on_press]?",
      "  on_pres: ",
      "api: [source /config/my plug.yaml:20]",
      "  id: api_server",
      "  on_client_connected: ",
      "    then: ",
      "      - if: ",
      "          condition: ",
      "            - text_sensor.state: ",
      "  ",
      "  two or more values in the same group of exclusion 'actions'.",
      "/opt/bin/../lib/ld: .pioenvs/plug/src/main.cpp.o: in function `setup':",
      "/config/my plug/src/main.cpp:22: undefined reference to `foo'",
      "In file included from src/main.cpp:2:",
      "src/led.h:7:1: error: unknown type name 'led'",
    ].join("\n");
    assert.deepEqual(
      problemsIn(output).map(({ file, line, message }) => `${file}:${line} ${message}`),
      [
        "C:\\My plugs\\the plug.yaml:204 [on_pres] is an invalid option for [binary_sensor.gpio]. Did you mean [on_press]?",
        "/config/my plug.yaml:20 two or more values in the same group of exclusion 'actions'.",
        "/config/my plug/src/main.cpp:22 undefined reference to `foo'",
        "src/led.h:7 unknown type name 'led'",
      ],
    );
  });

  it("find nothing in a build that went well", () => {
    const output = [
      "INFO Generating C++ source...",
      "RAM:   [====      ]  38.4% (used 100768 bytes from 262144 bytes)",
      "Flash: [=====     ]  53.1% (used 574512 bytes from 1083136 bytes)",
      "========================= [SUCCESS] Took 34.10 seconds =========================",
    ].join("\n");
    assert.deepEqual(problemsIn(output), []);
  });
});

describe("tasks", () => {
  it("are declared as the code reads them", () => {
    const [definition] = contributes.taskDefinitions;
    assert.equal(definition?.type, TASK_TYPE);
    assert.deepEqual(definition?.properties["task"]?.enum, TASKS);
    assert.deepEqual(Object.keys(definition?.properties ?? {}).sort(), ["at", "file", "port", "task", "untilVerdict"]);
  });

  it("are read as people write them", () => {
    assert.deepEqual(parseTask({ type: "beken", task: "flash", file: "a.uf2", port: "COM5", at: "0x011000" }), {
      task: "flash",
      file: "a.uf2",
      port: "COM5",
      at: 0x11000,
      untilVerdict: false,
    });
    assert.deepEqual(parseTask({ task: "monitor", untilVerdict: true }), {
      task: "monitor",
      file: undefined,
      port: undefined,
      at: undefined,
      untilVerdict: true,
    });
  });

  it("that make no sense are told, each by what is wrong", () => {
    const bad = [
      {},
      { task: "erase" },
      { task: "flash", file: 7 },
      { task: "flash", port: "" },
      { task: "flash", at: "here" },
      { task: "flash", at: -1 },
      { task: "verify" },
      { task: "monitor", untilVerdict: "yes" },
    ];
    const told = bad.map((fields) => parseTask(fields));
    assert.equal(
      told.every((answer) => typeof answer === "string" && answer !== ""),
      true,
      JSON.stringify(told),
    );
  });
});

describe("configurations that can be built", () => {
  it("are those that name the platform of these chips", () => {
    assert.equal(isForTheseChips("esphome:\n  name: plug\nbk72xx:\n  board: cb2s\n"), true);
    assert.equal(isForTheseChips("libretiny :\n  board: x\n"), true);
    assert.equal(isForTheseChips("esphome:\n  name: x\nesp32:\n  board: y\n# bk72xx:\n"), false);
    assert.equal(isForTheseChips("x:\n  bk72xx:\n"), false);
  });
});
