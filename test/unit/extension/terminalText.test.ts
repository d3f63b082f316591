import assert from "node:assert/strict";
import fc from "fast-check";
import { TerminalText } from "../../../src/extension/monitor/terminalText";
import { TypedLine } from "../../../src/extension/monitor/typedLine";

const ESC = "\u001b";

function shown(text: string, size = 1_000, stamp = ""): string {
  const terminal = new TerminalText(() => stamp);
  const bytes = new TextEncoder().encode(text);
  let out = "";
  for (let at = 0; at < bytes.length; at += size) out += terminal.push(bytes.subarray(at, at + size));
  return out;
}

describe("log in a terminal", () => {
  it("line ends become the terminal's, each once, however the bytes are cut", () => {
    const text = "a\r\nb\nc\r\r\nd\r\n\r\n\u00fc\u20ac\r\n";
    for (let size = 1; size < 12; size++)
      assert.equal(shown(text, size).replaceAll(`${ESC}[0m`, ""), "a\r\nb\r\nc\r\nd\r\n\u00fc\u20ac\r\n", String(size));
  });

  it("colours stay; titles, cursor moves and the clipboard are written out", () => {
    assert.equal(shown(`${ESC}[1;32mgood${ESC}[0m`, 3), `${ESC}[1;32mgood${ESC}[0m`);
    for (const bad of [
      `${ESC}]0;title\u0007`,
      `${ESC}[2J`,
      `${ESC}]52;c;aGk=\u0007`,
      `${ESC}[10A`,
      `${ESC}c`,
      "\u0007",
      "\u202e",
      "\u0000",
    ]) {
      for (let size = 1; size < 8; size++) {
        const out = shown(`x${bad}y`, size);
        // eslint-disable-next-line no-control-regex -- what must not be there
        assert.equal(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u202e]/.test(out), false, JSON.stringify(out));
      }
    }
  });

  it("nothing but colours and line ends reaches the terminal, whatever a device prints", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 9 }), (bytes, size) => {
        const terminal = new TerminalText(() => "");
        let out = "";
        for (let at = 0; at < bytes.length; at += size) out += terminal.push(bytes.subarray(at, at + size));
        // eslint-disable-next-line no-control-regex -- what may be there is taken out first
        const rest = out.replace(/\u001b\[[0-9;]*m|\r\n|\t/g, "");
        // eslint-disable-next-line no-control-regex -- and nothing else may
        return !/[\u0000-\u001f\u007f-\u009f]/.test(rest);
      }),
    );
  });

  it("a stamp stands before each line, once", () => {
    assert.equal(shown("a\nb\n", 1, "12:00:00 ").replaceAll(`${ESC}[0m`, ""), "12:00:00 a\r\n12:00:00 b\r\n");
  });
});

describe("line that is typed below a log", () => {
  const type = (line: TypedLine, ...keys: readonly string[]): readonly string[] =>
    keys.flatMap((key) => line.push(key).lines);

  it("is sent whole with Enter, corrected before, and comes back with the arrow keys", () => {
    const line = new TypedLine();
    assert.deepEqual(type(line, "h", "e", "lq", "\u007f", "p", "\r"), ["help"]);
    assert.deepEqual(type(line, "reboot\r"), ["reboot"]);
    assert.deepEqual(type(line, `${ESC}[A`, `${ESC}[A`, "\r"), ["help"]);
    assert.deepEqual(type(line, `${ESC}[A`, `${ESC}[B`, "x\r"), ["x"]);
    assert.deepEqual(type(line, "gone\u0015new\r"), ["new"]);
    assert.deepEqual(type(line, "two\rlines\r"), ["two", "lines"]);
  });
});
