// A test runner for Stryker that keeps one process for many mutants: what scripts/mutant-build.mjs has built is loaded once, each test
// tells which mutants it reaches, and a mutant is tried by those alone, up to the first that fails. Mutants of what runs while a module
// loads are tried in a program loaded anew. Knows no rooms and writes no reports.
import Mocha from "mocha";
import { createRequire } from "node:module";
import { resolve } from "node:path";

/** Where the program with all tests is, in Stryker's copy of the project. */
export const MUTANT_TESTS = "out/mutants/tests.js";
export const RUNNER = "one-process";

const require = createRequire(import.meta.url);
/** Who may watch over what the mutants do: Stryker's own name for it, see `stryNS` in what it writes. */
const watched = (globalThis.__stryker__ ??= {});
/** A test that waits for what a mutant has taken away; Stryker's own limit comes first where the tests are short. */
const TEST_LIMIT_MS = 60_000;

class OneProcess {
  constructor() {
    this.mocha = undefined;
    /** Tests by suite, all of them, whatever is left in the suite for a run. */
    this.tests = new Map();
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    require(resolve("scripts/seed.cjs"));
  }

  async dryRun({ coverageAnalysis }) {
    this.load();
    if (coverageAnalysis === "perTest")
      this.mocha.suite.beforeEach(function () {
        watched.currentTestId = this.currentTest.fullTitle();
      });
    const tests = await this.run(undefined, false);
    // It is asked once.
    this.mocha = undefined;
    return { status: "complete", tests, mutantCoverage: watched.mutantCoverage };
  }

  async mutantRun({ activeMutant: { id }, mutantActivation, testFilter, hitLimit }) {
    watched.hitLimit = hitLimit;
    watched.hitCount = hitLimit === undefined ? undefined : 0;
    this.choose(mutantActivation === "static" ? id : undefined);
    if (mutantActivation === "static" || this.mocha === undefined) this.load();
    this.choose(id);
    const tests = await this.run(testFilter, true);
    if (mutantActivation === "static") this.mocha = undefined;
    if (hitLimit !== undefined && watched.hitCount > hitLimit) return { status: "timeout", reason: "it goes round" };
    const failed = tests.filter(({ status }) => status === 1);
    const nrOfTests = tests.length;
    return failed.length === 0
      ? { status: "survived", nrOfTests }
      : {
          status: "killed",
          nrOfTests,
          killedBy: failed.map((test) => test.id),
          failureMessage: failed[0].failureMessage,
        };
  }

  async dispose() {
    this.mocha?.dispose();
  }

  /** Processes that the tests start are told by their environment. */
  choose(id) {
    watched.activeMutant = id;
    if (id === undefined) delete process.env.__STRYKER_ACTIVE_MUTANT__;
    else process.env.__STRYKER_ACTIVE_MUTANT__ = id;
  }

  load() {
    const path = resolve(MUTANT_TESTS);
    delete require.cache[path];
    this.mocha = new Mocha({ reporter: Silent, timeout: TEST_LIMIT_MS });
    this.mocha.cleanReferencesAfterRun(false);
    const { suite } = this.mocha;
    suite.emit("pre-require", globalThis, path, this.mocha);
    suite.emit("require", require(path), path, this.mocha);
    suite.emit("post-require", globalThis, path, this.mocha);
    this.tests.clear();
    this.each(suite, (each) => this.tests.set(each, each.tests));
  }

  each(suite, visit) {
    visit(suite);
    for (const inner of suite.suites) this.each(inner, visit);
  }

  /** Resolves with how each test went that ran; `ids` undefined: all. */
  async run(ids, bail) {
    const wanted = ids === undefined ? undefined : new Set(ids);
    this.each(this.mocha.suite, (suite) => {
      suite.bail(bail);
      const all = this.tests.get(suite) ?? [];
      suite.tests = wanted === undefined ? all : all.filter((test) => wanted.has(test.fullTitle()));
    });
    const results = [];
    await new Promise((done) => {
      const runner = this.mocha.run(() => done());
      const note = (test, more) => {
        const id = test.fullTitle();
        results.push({ id, name: id, timeSpentMs: test.duration ?? 0, ...more });
      };
      runner.on("pass", (test) => note(test, { status: 0 }));
      runner.on("fail", (test, error) => note(test, { status: 1, failureMessage: String(error?.message ?? error) }));
    });
    return results;
  }
}

/** Nobody reads along. */
class Silent {}

export const strykerPlugins = [{ kind: "TestRunner", name: RUNNER, injectableClass: OneProcess }];
