/** One letter per sector: marking, reading back, counting. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  SECTOR_BYTES,
  SECTOR_LETTERS,
  SECTOR_STATES,
  countStates,
  createMap,
  markRange,
  partitionsAt,
  remark,
  runsOf,
  stateAt,
} from "../../../src/shared/flashMap";

const SIZE = 64 * SECTOR_BYTES;

describe("flash map", () => {
  it("has a letter of its own for every state", () => {
    const letters = SECTOR_STATES.map((state) => SECTOR_LETTERS[state]);
    assert.equal(new Set(letters).size, SECTOR_STATES.length);
    assert.equal(Object.keys(SECTOR_LETTERS).length, SECTOR_STATES.length);
    assert.ok(letters.every((letter) => letter.length === 1));
  });

  it("marks every sector a range touches, and no other", () => {
    const map = markRange(createMap(SIZE, []), { start: 0x1fff, end: 0x3001 }, "written");
    assert.deepEqual(
      runsOf(map).map(({ state, start, end }) => [state, start, end]),
      [
        ["kept", 0, 0x1000],
        ["written", 0x1000, 0x4000],
        ["kept", 0x4000, SIZE],
      ],
    );
  });

  it("marks only sectors in the states asked for", () => {
    const erased = markRange(createMap(SIZE, []), { start: 0, end: 0x4000 }, "erased");
    const written = markRange(erased, { start: 0, end: 0x2000 }, "written");
    const skipped = remark(written, ["erased"], "skipped");
    assert.deepEqual(
      [...countStates(skipped)],
      [
        ["written", 2],
        ["skipped", 2],
        ["kept", 60],
      ],
    );
  });

  it("agrees with an array of states for any marks, also beyond the ends", () => {
    const mark = fc.tuple(fc.integer({ min: -4, max: 80 }), fc.nat(20), fc.constantFrom(...SECTOR_STATES));
    fc.assert(
      fc.property(fc.array(mark), (marks) => {
        let map = createMap(SIZE, []);
        const expected = new Array<string>(64).fill("kept");
        for (const [first, count, state] of marks) {
          map = markRange(map, { start: first * SECTOR_BYTES, end: (first + count) * SECTOR_BYTES }, state);
          for (let i = first; i < first + count; i++) if (i >= 0 && i < 64) expected[i] = state;
        }
        assert.deepEqual(
          expected.map((_, i) => stateAt(map, i * SECTOR_BYTES)),
          expected,
        );
        assert.equal(map.cells.length, 64);
        const runs = runsOf(map);
        assert.equal(
          runs.reduce((sum, { start, end }) => sum + end - start, 0),
          SIZE,
        );
        runs.forEach((run, i) => assert.notEqual(run.state, runs[i + 1]?.state));
      }),
    );
  });

  it("names all partitions over an address", () => {
    const map = createMap(SIZE, [
      { name: "b", offset: 0x2000, length: 0x2000 },
      { name: "a", offset: 0x1000, length: 0x2000 },
    ]);
    assert.deepEqual(partitionsAt(map, 0x2fff), ["a", "b"]);
    assert.deepEqual(partitionsAt(map, 0x4000), []);
    assert.deepEqual(
      map.partitions.map(({ name }) => name),
      ["a", "b"],
    );
  });
});
