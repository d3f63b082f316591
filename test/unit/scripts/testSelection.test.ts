/** What `npm test -- WORD...` chooses: never less than was asked for, and nothing for a word that was mistyped. */
import assert from "node:assert/strict";
import { readSelection } from "../../../scripts/test-selection.mjs";

const ALL = {
  checks: ["types", "lint"],
  files: {
    unit: ["test/unit/transport/tcp.test.ts", "test/unit/words.test.ts"],
    component: ["test/component/transport/tcp.test.ts"],
    host: ["test/host/jobs.test.ts"],
  },
};

describe("selection of tests", () => {
  it("is everything without words", () => {
    assert.deepEqual(readSelection([], ALL), ALL);
  });

  it("is a suite or a check by its name, alone", () => {
    assert.deepEqual(readSelection(["component"], ALL), {
      checks: [],
      files: { unit: [], component: ALL.files.component, host: [] },
    });
    assert.deepEqual(readSelection(["lint"], ALL), { checks: ["lint"], files: { unit: [], component: [], host: [] } });
  });

  it("is narrowed by parts of paths, in the suites that are named or in all", () => {
    const tcp = ["test/unit/transport/tcp.test.ts"];
    assert.deepEqual(readSelection(["unit", "transport"], ALL).files, { unit: tcp, component: [], host: [] });
    assert.deepEqual(readSelection(["transport"], ALL).files, { unit: tcp, component: ALL.files.component, host: [] });
  });

  it("takes no word that fits nothing, even beside one that does", () => {
    assert.equal(readSelection(["unit", "transprot"], ALL).unknown, "transprot");
    assert.equal(readSelection(["host", "tcp"], ALL).unknown, "tcp");
  });
});
