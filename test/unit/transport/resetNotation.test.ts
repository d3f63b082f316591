/** Resets as people write them: what each word does, and where a word is wrong. */
import assert from "node:assert/strict";
import { english } from "../../../src/core/base/words";
import { parseResetNotation } from "../../../src/core/transport/resetNotation";
import { RESET_STRATEGIES, chosenResets, runReset, type ResetPort } from "../../../src/core/transport/resetStrategies";
import type { ControlLines } from "../../../src/core/transport/transport";

const [NONE, RTS, DTR, BOTH] = [
  { dtr: false, rts: false },
  { dtr: false, rts: true },
  { dtr: true, rts: false },
  { dtr: true, rts: true },
] as const;

describe("the notation of resets", () => {
  it("sets lines, together or one after the other, waits, asks and repeats", () => {
    assert.deepEqual(parseResetNotation("R1D0 w120 R0"), {
      steps: [{ lines: RTS }, { waitMs: 120 }, { lines: NONE }],
    });
    assert.deepEqual(parseResetNotation(" r1  d1 w1 D0R0 "), {
      steps: [{ lines: RTS }, { lines: BOTH }, { waitMs: 1 }, { lines: NONE }],
    });
    assert.deepEqual(parseResetNotation("D1 w5000 d0 X2"), {
      steps: [{ lines: DTR }, { waitMs: 5_000 }, { lines: NONE }, { lines: DTR }, { waitMs: 5_000 }, { lines: NONE }],
    });
    assert.deepEqual(parseResetNotation("Ｒ１　ｗ１２０ ｒ０"), parseResetNotation("R1 w120 R0"));
    assert.deepEqual(parseResetNotation("Reboot w10 bridge"), {
      steps: [{ ask: "running-firmware" }, { waitMs: 10 }, { ask: "bridge" }],
    });
  });

  it("says what is wrong, and at which character", () => {
    const wrong: readonly (readonly [text: string, at: number, says: RegExp])[] = [
      ["R1 w120 R2", 8, /"R2" is no step/],
      ["R1 R0\u200b", 3, /"R0\\u200b" is no step/],
      ["R1 120 R0", 3, /"120" is no step/],
      ["  R1R0", 2, /same line twice/],
      ["R1 w0 R0", 3, /1 to 5000 ms/],
      ["R1 w5001", 3, /1 to 5000 ms/],
      ["R1 x1", 3, /2 to 5 times/],
      ["R1 x6", 3, /2 to 5 times/],
      ["x2", 0, /nothing before "x2"/],
      ["R1 x2 R0", 6, /nothing can follow/],
      ["w100", 0, /no step/],
      ["", 0, /no step/],
      [`${"R1 ".repeat(41)}`, 120, /at most 40 steps/],
    ];
    for (const [text, at, says] of wrong) {
      const parsed = parseResetNotation(text);
      assert.ok("problem" in parsed, text);
      assert.equal(parsed.at, at, text);
      assert.match(english(parsed.problem), says);
    }
  });

  it("is how the rows of the table are written; names go before steps", () => {
    for (const { id, notation, steps } of RESET_STRATEGIES) {
      assert.deepEqual(parseResetNotation(notation), { steps }, id);
      assert.deepEqual(chosenResets(` ${id.toUpperCase()} `), {
        resets: [RESET_STRATEGIES.find((row) => row.id === id)],
      });
    }
    assert.deepEqual(
      [chosenResets(""), chosenResets("auto"), chosenResets("None")],
      [{ resets: undefined }, { resets: undefined }, { resets: [] }],
    );
    const wrong = chosenResets("R1 wait");
    assert.ok("problem" in wrong && wrong.at === 3);
  });
});

describe("a reset under way", () => {
  const row = RESET_STRATEGIES.find(({ id }) => id === "rts-twice");
  const port = (more: Partial<ResetPort>, lines: ControlLines[]): ResetPort => ({
    setControlLines: (now) => {
      lines.push(now);
      return Promise.resolve();
    },
    wait: () => Promise.resolve(false),
    askFirmware: () => Promise.resolve(),
    askBridge: () => Promise.resolve(false),
    ...more,
  });

  it("stops at the answer and says with which lines it came, or goes on to its end", async () => {
    assert.ok(row);
    const lines: ControlLines[] = [];
    let waits = 0;
    assert.deepEqual(await runReset(row, port({ wait: () => Promise.resolve(++waits === 2) }, lines)), NONE);
    assert.deepEqual(lines, [RTS, NONE]);
    assert.equal(await runReset(row, port({}, lines)), undefined);
    assert.deepEqual(lines.slice(2), [RTS, NONE, RTS, NONE]);
  });

  it("leaves the lines as its last step would, however it ends", async () => {
    assert.ok(row);
    const lines: ControlLines[] = [];
    await assert.rejects(runReset(row, port({ wait: () => Promise.reject(new Error("gone")) }, lines)), /gone/);
    assert.deepEqual(lines, [RTS, NONE]);
  });
});
