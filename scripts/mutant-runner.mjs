// A test runner for Stryker that keeps one process for many mutants: what scripts/mutant-build.mjs has built is loaded once, each test
// tells which mutants it reaches, and a mutant is tried by those alone: short ones of many subjects first, up to the first that fails,
// no more of them than the time that is allowed for one mutant. Mutants of what runs while a module loads are tried in a program
// loaded anew. Knows no rooms and writes no reports.
import Mocha from "mocha";
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { relative, resolve } from "node:path";
import { OwnTime } from "./mutant-time.mjs";
import { Types } from "./mutant-types.mjs";

/** Where the program with all tests is, in Stryker's copy of the project. */
export const MUTANT_TESTS = "out/mutants/tests.js";
export const RUNNER = "one-process";
/** What mutants end with that are not tried: outside the sample, or refused by the compiler. Stryker has no words for it. */
export const NOT_IN_SAMPLE = "not in the sample";
export const DOES_NOT_COMPILE = "does not compile";

const require = createRequire(import.meta.url);
/** Who may watch over what the mutants do: Stryker's own name for it, see `stryNS` in what it writes. */
const watched = (globalThis.__stryker__ ??= {});
/** How long tests took without a mutant: kept in a file, since a mutant that hangs ends the process. */
const TIMES = "out/mutants/times.json";
/** The mutant that ended the process by going round, left by mutant-time.mjs. */
const STUCK = "out/mutants/stuck";
/** Tests that take about as long go together, milliseconds: the suites' own preparations are run once for each of these groups. */
const GROUPS_MS = [30, 300, 3000, Infinity];
/** A mutant hangs when a test takes this much of its own time, milliseconds, and so many times what it takes without one. */
const HANG_MS = 10_000;
const HANG_FACTOR = 5;

class OneProcess {
  static inject = ["options"];

  constructor({ mutants: { project, sources, log, sample, whole, budgetMs } }) {
    /** Folder of the project itself, and of a copy of its sources: here they have all mutants in them. */
    this.project = project;
    this.sources = sources;
    /** Survivors as they come, for who cannot wait. */
    this.log = log;
    this.sample = sample;
    this.whole = whole;
    this.budgetMs = budgetMs;
    this.mocha = undefined;
    /** Tests by suite, all of them, whatever is left in the suite for a run. */
    this.tests = new Map();
    /** The outermost suite of each test. */
    this.subjects = new Map();
    this.time = new OwnTime(resolve(STUCK));
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
    writeFileSync(TIMES, JSON.stringify(Object.fromEntries(tests.map(({ id, timeSpentMs }) => [id, timeSpentMs]))));
    return { status: "complete", tests, mutantCoverage: watched.mutantCoverage };
  }

  async mutantRun({ activeMutant, mutantActivation, testFilter, hitLimit }) {
    const { id, fileName } = activeMutant;
    if (!this.sampled(id, fileName)) return { status: "error", errorMessage: NOT_IN_SAMPLE };
    if (existsSync(STUCK) && readFileSync(STUCK, "utf8") === id) {
      rmSync(STUCK);
      return { status: "timeout", reason: "it goes round without end" };
    }
    this.times ??= JSON.parse(readFileSync(TIMES, "utf8"));
    watched.hitLimit = hitLimit;
    watched.hitCount = hitLimit === undefined ? undefined : 0;
    this.choose(mutantActivation === "static" ? id : undefined);
    if (mutantActivation === "static" || this.mocha === undefined) this.load();
    this.choose(id);
    const result = await this.try(activeMutant, testFilter ?? Object.keys(this.times), hitLimit);
    this.choose(undefined);
    if (mutantActivation === "static") this.mocha = undefined;
    if (result.status === "survived" || result.status === "timeout") this.note(activeMutant, result);
    return result;
  }

  async try(mutant, wanted, hitLimit) {
    const { id } = mutant;
    let nrOfTests = 0;
    let asked = false;
    for (const { limit, ids } of this.groups(wanted)) {
      // The compiler takes longer than a few short tests, and less than long ones.
      if (limit > GROUPS_MS[0] && !asked && !this.compiles(mutant))
        return { status: "error", errorMessage: DOES_NOT_COMPILE };
      asked ||= limit > GROUPS_MS[0];
      const tests = await this.run(ids, true, id);
      nrOfTests += tests.length;
      const failed = tests.find(({ status }) => status === 1);
      if (hitLimit !== undefined && watched.hitCount > hitLimit)
        return { status: "timeout", reason: "it goes round too often" };
      if (failed?.hung) {
        this.mocha = undefined;
        return { status: "timeout", reason: `${failed.id} waits for what never comes` };
      }
      if (failed !== undefined && (await this.fails(failed.id, id)))
        return { status: "killed", nrOfTests, killedBy: [failed.id], failureMessage: failed.failureMessage };
    }
    return { status: "survived", nrOfTests };
  }

  note({ fileName, location: { start }, replacement, mutatorName }, { status, nrOfTests, reason }) {
    const where = `${relative(this.project, fileName)}:${start.line + 1}:${start.column + 1}`;
    appendFileSync(this.log, `${where} ${mutatorName} -> ${replacement}: ${status} ${nrOfTests ?? reason}\n`);
  }

  compiles(mutant) {
    this.types ??= new Types(this.sources);
    return this.types.compiles({ ...mutant, fileName: relative(this.project, mutant.fileName) });
  }

  /** Whether a test that failed does so because of the mutant: what an earlier one left behind may be to blame. */
  async fails(test, id) {
    this.choose(undefined);
    if (passed(await this.run([test], true))) {
      this.choose(id);
      return true;
    }
    this.load();
    this.choose(id);
    return !passed(await this.run([test], true, id));
  }

  /** Tests that fit the time for one mutant, at least one of them, the shortest first. */
  groups(ids) {
    const fitting = this.ordered(ids);
    let spent = 0;
    const count = Math.max(
      1,
      fitting.findIndex(({ ms }) => (spent += ms) > this.budgetMs),
    );
    const chosen = spent > this.budgetMs ? fitting.slice(0, count) : fitting;
    return GROUPS_MS.map((limit, index) => {
      const from = GROUPS_MS[index - 1] ?? 0;
      return { limit, ids: chosen.filter(({ ms }) => ms < limit && ms >= from).map(({ id }) => id) };
    }).filter((group) => group.ids.length > 0);
  }

  /** Those that are short and of many subjects: tests of one subject are alike, so each counts for more than the one before it. */
  ordered(ids) {
    const seen = new Map();
    return ids
      .map((id) => ({ id, ms: this.times[id] ?? 0 }))
      .sort((a, b) => a.ms - b.ms)
      .map(({ id, ms }) => {
        const subject = this.subjects.get(id);
        const rank = (seen.get(subject) ?? 0) + 1;
        seen.set(subject, rank);
        return { id, ms, cost: (ms + 1) * rank };
      })
      .sort((a, b) => a.cost - b.cost);
  }

  sampled(id, fileName) {
    return Number(id) % this.sample === 0 || this.whole.some((path) => fileName.replaceAll("\\", "/").endsWith(path));
  }

  async dispose() {
    this.time.stop();
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
    // The clock on the wall ends no test: another program that takes the processor would.
    this.mocha = new Mocha({ reporter: Silent, timeout: 0 });
    this.mocha.cleanReferencesAfterRun(false);
    const { suite } = this.mocha;
    suite.emit("pre-require", globalThis, path, this.mocha);
    suite.emit("require", require(path), path, this.mocha);
    suite.emit("post-require", globalThis, path, this.mocha);
    this.tests.clear();
    this.each(suite, (each) => {
      this.tests.set(each, each.tests);
      const [subject] = each.titlePath();
      for (const test of each.tests) {
        test.timeout(0);
        this.subjects.set(test.fullTitle(), subject);
      }
    });
  }

  each(suite, visit) {
    visit(suite);
    for (const inner of suite.suites) this.each(inner, visit);
  }

  /** Resolves with how each test went that ran; `ids` undefined: all. */
  async run(ids, bail, mutant) {
    const wanted = ids === undefined ? undefined : new Set(ids);
    this.each(this.mocha.suite, (suite) => {
      suite.bail(bail);
      const all = this.tests.get(suite) ?? [];
      suite.tests = wanted === undefined ? all : all.filter((test) => wanted.has(test.fullTitle()));
    });
    const results = [];
    const hung = new Set();
    await new Promise((done) => {
      const runner = this.mocha.run(() => done());
      const note = (test, more) => {
        const id = test.fullTitle();
        results.push({ id, name: id, timeSpentMs: test.duration ?? 0, ...more });
      };
      if (mutant !== undefined) this.watch(runner, mutant, hung);
      runner.on("pass", (test) => note(test, { status: 0 }));
      runner.on("fail", (test, error) =>
        note(test, { status: 1, failureMessage: String(error?.message ?? error), hung: hung.has(test) }),
      );
    });
    this.time.stop();
    return results;
  }

  /** Ends a test that takes too much of its own time. */
  watch(runner, mutant, hung) {
    const limit = (test) => HANG_MS + HANG_FACTOR * (this.times[test?.fullTitle()] ?? 0);
    const start = (test) =>
      this.time.start(mutant, limit(test), () => {
        const runnable = runner.currentRunnable;
        if (runnable === undefined) return;
        hung.add(runnable);
        runnable.timeout(1);
        runnable.resetTimeout();
      });
    start();
    runner.on("test", start);
  }
}

function passed(tests) {
  return tests.every(({ status }) => status === 0);
}

/** Its output is not shown. */
class Silent {}

export const strykerPlugins = [{ kind: "TestRunner", name: RUNNER, injectableClass: OneProcess }];
