import assert from "node:assert/strict";
import { LogMask } from "../../../src/core/index";
import { ALL, KeptLines, isShown, levelOf } from "../../../src/extension/monitor/logView";

describe("what of a log is shown", () => {
  it("knows the level of ESPHome's, LibreTiny's and OpenBeken's lines, and of no others", () => {
    assert.equal(levelOf("[E][wifi:1]: no"), "error");
    assert.equal(levelOf("[C][logger:1]: config"), "info");
    assert.equal(levelOf("[VV][a:1]: x"), "debug");
    assert.equal(levelOf("W [      1.250] slow"), "warning");
    assert.equal(levelOf("Error:CFG:bad"), "error");
    assert.equal(levelOf("ExtraDebug:MAIN:x"), "debug");
    assert.equal(levelOf("V:BK7231S_1.0.5"), undefined);
    assert.equal(levelOf("Information of mine"), undefined);
  });

  it("by level and by text, whatever its case; lines without a level are always there", () => {
    const warnings = { ...ALL, level: "warning" } as const;
    assert.deepEqual(
      ["[E][a:1]: x", "[W][a:1]: x", "[I][a:1]: x", "J 0x10000"].map((line) => isShown(line, warnings)),
      [true, true, false, true],
    );
    assert.equal(isShown("[I][wifi:1]: Connected", { ...ALL, text: "WIFI" }), true);
    assert.equal(isShown("[I][wifi:1]: Connected", { ...ALL, text: "mqtt" }), false);
  });

  it("keeps the latest lines, and masks secrets in what is saved", () => {
    const kept = new KeptLines();
    const line = (text: string) => ({ text, at: 0, ended: true });
    kept.push([line("Connecting to 'my home'"), line("[I][a:1]: joined my home")], "12:00:00");
    assert.doesNotMatch(kept.saved(new LogMask()), /my home/);
    assert.match(kept.saved(new LogMask()), /^12:00:00 /);
    assert.deepEqual(kept.matching({ ...ALL, text: "joined" }), ["[I][a:1]: joined my home"]);
    for (let i = 0; i < 50; i++)
      kept.push(
        Array.from({ length: 1_000 }, () => line(`line ${i}`)),
        "",
      );
    const { length } = kept.matching(ALL);
    assert.ok(length >= 20_000 && length <= 22_000, `${length}`);
    kept.clear();
    assert.equal(kept.saved(new LogMask()), "");
  });
});
