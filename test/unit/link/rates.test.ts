import assert from "node:assert/strict";
import fc from "fast-check";
import {
  TRY_HIGHER_AFTER,
  isWorthKeeping,
  readRateMemory,
  rememberRate,
  speedHints,
  type ProvenRate,
  type RateMemory,
} from "../../../src/core/driver/rates";

const held = (baudRate: number, lowered = false): ProvenRate => ({ family: "B", baudRate, lowered });

function after(memory: RateMemory, ...rates: readonly ProvenRate[]): RateMemory {
  return rates.reduce((known, rate) => rememberRate(known, "a", rate), memory);
}

describe("the memory of rates", () => {
  it("gives back what held, for its adapter and family only", () => {
    const memory = after({}, held(921_600));
    assert.deepEqual(speedHints(memory, "a"), { B: { baudRate: 921_600 } });
    assert.deepEqual(speedHints(memory, "b"), {});
    const both = rememberRate(memory, "a", { family: "A", baudRate: 460_800, lowered: false });
    assert.deepEqual(speedHints(both, "a"), { A: { baudRate: 460_800 }, B: { baudRate: 921_600 } });
  });

  it("goes down with a job that had to, and up with a session that got higher", () => {
    assert.deepEqual(speedHints(after({}, held(921_600), held(230_400, true)), "a"), { B: { baudRate: 230_400 } });
    assert.deepEqual(speedHints(after({}, held(230_400), held(921_600)), "a"), { B: { baudRate: 921_600 } });
  });

  it("tries the best again after enough good sessions, then relies on what that came to", () => {
    const good = Array.from({ length: TRY_HIGHER_AFTER + 1 }, () => held(460_800));
    const early = after({}, ...good.slice(1));
    assert.deepEqual(speedHints(early, "a"), { B: { baudRate: 460_800 } });
    const due = after({}, ...good);
    assert.deepEqual(speedHints(due, "a"), {});
    assert.deepEqual(speedHints(after(due, held(460_800)), "a"), { B: { baudRate: 460_800 } });
    assert.deepEqual(speedHints(after(due, held(921_600)), "a"), { B: { baudRate: 921_600 } });
  });

  it("counts good sessions from the last step down", () => {
    const good = Array.from({ length: TRY_HIGHER_AFTER }, () => held(460_800));
    const memory = after({}, ...good, held(460_800, true), ...good.slice(1));
    assert.deepEqual(speedHints(memory, "a"), { B: { baudRate: 460_800 } });
  });

  it("does not take a failure for a finding, but for a rate that was lowered", () => {
    assert.deepEqual(
      [isWorthKeeping(held(1), true), isWorthKeeping(held(1), false), isWorthKeeping(held(1, true), false)],
      [true, false, true],
    );
  });

  it("comes back from JSON as it was, keeps few adapters, the latest of them", () => {
    let memory: RateMemory = {};
    for (let i = 0; i < 200; i++) memory = rememberRate(memory, `adapter ${i}`, held(921_600));
    memory = rememberRate(memory, "adapter 150", held(460_800));
    assert.ok(Object.keys(memory).length <= 50);
    assert.equal(Object.keys(memory).at(-1), "adapter 150");
    assert.deepEqual(readRateMemory(JSON.parse(JSON.stringify(memory))), memory);
  });

  it("takes anything that was stored, and only rates from it", () => {
    assert.deepEqual(readRateMemory(undefined), {});
    assert.deepEqual(readRateMemory({ a: { B: { baudRate: 1, good: 0 }, A: { baudRate: "fast", good: 0 } } }), {});
    const __proto__ = { B: { baudRate: 921_600, good: 1 } };
    assert.equal(Object.getPrototypeOf(readRateMemory({ ["__proto__"]: __proto__ })), Object.prototype);
    fc.assert(
      fc.property(fc.jsonValue(), (stored) => {
        const memory = readRateMemory(stored);
        for (const adapter of Object.keys(memory))
          for (const { baudRate } of Object.values(speedHints(memory, adapter)))
            assert.ok(Number.isInteger(baudRate) && baudRate >= 9_600 && baudRate <= 4_000_000);
      }),
    );
  });
});
