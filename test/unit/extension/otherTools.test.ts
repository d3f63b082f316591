import assert from "node:assert/strict";
import { howToClose } from "../../../src/extension/ports/otherTools";

describe("other tools that hold ports", () => {
  it("are told by their command lines, each with its own way out", () => {
    const cases: readonly (readonly [command: string, how: RegExp])[] = [
      ["python pio device monitor", /Ctrl\+C/],
      ["platformio device monitor -b", /Ctrl\+C/],
      ["python3 esphome logs kitchen.yaml", /Ctrl\+C/],
      ["python3 -m serial.tools.miniterm /dev/ttyUSB0", /Ctrl\+\]/],
      ["screen ttyUSB0 115200", /Ctrl\+A, then K/],
      ["minicom -D ttyUSB0", /Ctrl\+A, then X/],
      ["picocom -b 115200 ttyUSB0", /Ctrl\+A, then Ctrl\+X/],
      ["tio ttyUSB0", /Ctrl\+T/],
      ["cu -l ttyUSB0", /full stop/],
    ];
    for (const [command, how] of cases) assert.match(howToClose(command) ?? "", how, command);
  });

  it("are not seen in programs that only sound like them", () => {
    for (const command of [
      "node server.js",
      "screenshot --loop",
      "esphome compile kitchen.yaml",
      "studio -x",
      "discuss -a",
    ])
      assert.equal(howToClose(command), undefined, command);
  });
});
