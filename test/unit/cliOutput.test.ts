/** Every failure as the command line prints it for people: what, what was left, what to do, where to read more. */
import assert from "node:assert/strict";
import { linkingWords } from "../../src/cli/terminal/progressLine";
import { createOutput } from "../../src/cli/terminal/output";
import { roundNewsText } from "../../src/cli/terminal/roundTexts";
import { FLASHER_ERROR_CODES, FlasherError, type ErrorContext } from "../../src/core/index";
import { roundEntry } from "./round/entry";

const CONTEXTS: readonly ErrorContext[] = [
  {},
  { status: 3, detail: "a detail" },
  { crcSays: "blank", expected: "CRC 1", actual: "CRC 2", address: 0x12000 },
  { port: "COM5", file: "a.rbl", instead: "b.rbl", bytesSeen: 7 },
];

function printed(error: FlasherError): string {
  const write = process.stderr.write.bind(process.stderr);
  let text = "";
  process.stderr.write = (chunk: string | Uint8Array): boolean => {
    text += String(chunk);
    return true;
  };
  try {
    createOutput({ json: false, quiet: true, verbose: false }).failure(error);
  } finally {
    process.stderr.write = write;
  }
  return text;
}

describe("a round on the command line", () => {
  it("sends for the next device while it takes more, and for none behind the last", () => {
    const entry = roundEntry();
    for (const result of ["running", "failed", "refused"] as const) {
      const lines = (isLast: boolean): readonly string[] =>
        roundNewsText({ type: "entry", port: "COM5", entry: { ...entry, result }, why: undefined }, isLast).lines;
      assert.match(lines(false).join(" "), /connect the next device/, result);
      assert.equal(lines(true).length, 1, result);
    }
  });
});

describe("what a person is to do while a chip is waited for, on the command line", () => {
  const link = { type: "linking", limitMs: 60_000, needsPerson: true, bytesSeen: 0 } as const;

  it("is the power cycle at first, then where to look by what is heard", () => {
    assert.match(linkingWords({ ...link, elapsedMs: 3_000, wire: "silence" }) ?? "", /^Power-cycle the chip now/);
    const long = linkingWords({ ...link, elapsedMs: 30_000, wire: "silence" }) ?? "";
    assert.match(long, /3\.3 V.*GND.*RX and TX.*CEN.*cut the power/);
    assert.match(linkingWords({ ...link, elapsedMs: 30_000, wire: "noise" }) ?? "", /unreadable/);
  });
});

describe("a failure on the command line", () => {
  it("of every code is whole lines, ending in a link into the guide", () => {
    for (const code of FLASHER_ERROR_CODES) {
      for (const context of CONTEXTS) {
        const text = printed(new FlasherError(code, "do it", context, { cause: new Error("the cause") }));
        const lines = text.trimEnd().split("\n");
        assert.match(lines[0] ?? "", /Failed: [A-Z]/, code);
        assert.ok(
          lines.some((line) => /^ {2}1\. [A-Z]/.test(line)),
          code,
        );
        assert.match(lines.at(-1) ?? "", new RegExp(`^ {2}More: .*docs/guide\\.md#${code}$`));
        assert.doesNotMatch(text, /\{\d\}|undefined|NaN|\[object|\n\s*at |the cause/, code);
      }
    }
  });
});
