import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { groupFiles } from "../../../scripts/test-groups.mjs";

describe("groups of test files", () => {
  it("have every file once, and none is much longer than the others", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 40 }), { minKeys: 1 }),
        (seconds) => {
          const files = Object.keys(seconds);
          const groups = groupFiles(files, seconds, 40);
          assert.deepEqual(groups.flatMap((group) => group.files).sort(), [...files].sort());
          assert.ok(groups.every((group) => group.seconds <= 80));
        },
      ),
    );
  });

  it("begin with the longest, and know files by their place", () => {
    const groups = groupFiles(["test/unit/a.test.ts", "test\\unit\\b.test.ts"], { "unit/b.test.ts": 30 }, 30);
    assert.deepEqual(
      groups.map(({ seconds }) => seconds),
      [30, 1],
    );
    assert.deepEqual(groups[0]?.files, ["test\\unit\\b.test.ts"]);
  });

  it("are made by files that are there", () => {
    const seconds = JSON.parse(readFileSync("test/seconds.json", "utf8")) as Record<string, number>;
    for (const file of Object.keys(seconds)) assert.ok(existsSync(`test/${file}`), file);
  });
});
