// `npm test`: builds and packages, checks types, style and the core's purity, runs every suite, those in a real VS Code last,
// and ends with the line "N passed, N failed", and ", N skipped" where this machine cannot run them all. Each check counts as
// one test. Output of parallel jobs is held back and printed whole, so that it stays readable.
// `npm test -- WORD...` runs what the words choose: see scripts/test-selection.mjs.
import { build } from "esbuild";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import builds from "../esbuild.js";
import { groupFiles } from "./test-groups.mjs";
import { CHECKS, EDITOR_SUITES, NODE_SUITES, readSelection } from "./test-selection.mjs";
import { bundleTests, mochaArguments, testFiles } from "./test-bundle.mjs";
import { runHostSuite } from "./vscode/hostSuite.mjs";

/** A job that runs longer hangs; it is ended and counts as failed. */
const JOB_LIMIT_MS = 15 * 60_000;
const OUT = join("out", "test");
/** A suite is shared out among processes that take about so many seconds each, by what its files took on two idle cores. */
const GROUP_SECONDS = 70;
/** An editor is in use for about so many seconds: fewer editors cost less to start, more of them share out better. */
const EDITOR_SECONDS = 130;
const SECONDS = JSON.parse(readFileSync("test/seconds.json", "utf8"));
/** What a person would wait for, over and over: a machine with two cores runs three editors at once. */
const WORKBENCH_TEST_LIMIT_MS = 360_000;
/** Chips, jobs and faults put together, the first of the 10,000 that `npm run campaign` runs: all of it is for a change of core and for a release. */
const CAMPAIGN_SCENARIOS = 1_000;
/** The package that is tested; test/package knows it by the same name. */
const VSIX = join("out", "beken-flasher.vsix");

const total = { passed: 0, failed: 0, skipped: 0 };

function say(name, seconds, { passed, failed, skipped }, output) {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  const left = skipped > 0 ? `, ${skipped} skipped` : "";
  console.log(
    `${failed === 0 ? "ok    " : "FAILED"} ${name}: ${passed} passed, ${failed} failed${left} (${seconds.toFixed(1)} s)`,
  );
  if (output.trim() !== "") console.log(output.trimEnd());
}

/** Runs Node on a script; resolves with its exit code (undefined when it was killed or could not start) and all it printed. */
function runNode(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (chunk) => (output += chunk);
    child.stdout.setEncoding("utf8").on("data", keep);
    child.stderr.setEncoding("utf8").on("data", keep);
    const limit = setTimeout(() => {
      output += `\nended after ${JOB_LIMIT_MS / 60_000} minutes\n`;
      child.kill("SIGKILL");
    }, JOB_LIMIT_MS);
    child.on("error", (error) => (output += String(error)));
    child.on("close", (code) => {
      clearTimeout(limit);
      resolve({ code: code ?? undefined, output });
    });
  });
}

async function timed(name, job) {
  const began = performance.now();
  const { counts, output } = await job();
  say(name, (performance.now() - began) / 1000, counts, output);
}

const one = (ok) => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 });

/** A build counts as one test; esbuild has printed its own errors by then. */
function checkBuild(name, options) {
  return timed(name, async () => {
    try {
      await build(options);
      return { counts: one(true), output: "" };
    } catch (error) {
      return { counts: one(false), output: Array.isArray(error.errors) ? "" : String(error.stack) };
    }
  });
}

function checkTool(name, args) {
  return timed(name, async () => {
    const { code, output } = await runNode(args);
    return { counts: one(code === 0), output };
  });
}

const none = () => ({ passed: 0, failed: 0, skipped: 0 });

/** Runs bundled files. A process that died, hung or lost its counts is one failure more than its tests tell. */
function runMocha(name, bundled, ...options) {
  return timed(`${name} tests`, async () => {
    const countsFile = join(OUT, `${name.replaceAll(" ", "-")}.json`);
    rmSync(countsFile, { force: true });
    const reporter = ["--reporter", "./scripts/reporter.mjs", "--reporter-option", `counts=${countsFile}`];
    const { code, output } = await runNode(mochaArguments(bundled, ...reporter, ...options));
    const counts = existsSync(countsFile) ? JSON.parse(readFileSync(countsFile, "utf8")) : none();
    const nothingRan = counts.passed + counts.failed + counts.skipped === 0;
    if (nothingRan || (code !== 0 && counts.failed === 0)) counts.failed++;
    return { counts, output };
  });
}

/** The fault campaign: a test for each fault, and one for all of it. */
function runCampaign() {
  return timed("fault campaign", async () => {
    const countsFile = join(OUT, "campaign.json");
    rmSync(countsFile, { force: true });
    const options = ["--count", String(CAMPAIGN_SCENARIOS), "--jobs", "1", "--counts", countsFile];
    const { code, output } = await runNode(["scripts/campaign.mjs", ...options]);
    const counts = existsSync(countsFile) ? JSON.parse(readFileSync(countsFile, "utf8")) : none();
    if (code !== 0 && counts.failed === 0) counts.failed++;
    return { counts, output };
  });
}

/** The suite inside the extension host; no results are one failure. */
function runHost() {
  return timed("host tests", async () => {
    try {
      const { output, ...counts } = await runHostSuite(join(OUT, "test", "host", "run.js"));
      return { counts: counts.passed + counts.failed === 0 ? one(false) : counts, output };
    } catch (error) {
      return { counts: one(false), output: String(error.stack) };
    }
  });
}

/** Fetches the editors and finds the browser; resolves with whether the suites that need them can run. */
async function prepareEditors() {
  let ready = false;
  await timed("editors and browser", async () => {
    const { code, output } = await runNode(["scripts/vscode/install.mjs"]);
    ready = code === 0;
    return { counts: one(ready), output: ready ? "" : output };
  });
  return ready;
}

/** Works through the jobs in order, so many at a time. */
async function pool(jobs, width) {
  const waiting = [...jobs];
  const worker = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await job();
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/** Bundles test files; resolves with false, and counts a failure, when they do not build. */
async function bundleFiles(files) {
  try {
    await bundleTests(files, OUT);
    return true;
  } catch {
    say("tests build", 0, one(false), "");
    return false;
  }
}

/** A suite's files shared out among processes, the longest first, so that none of them is left alone at the end. */
function partsOf(suite, files, most, ...options) {
  const groups = groupFiles(files, SECONDS, most);
  return groups.map((group, i) => {
    const part = groups.length > 1 ? ` ${i + 1} of ${groups.length}` : "";
    return { run: () => runMocha(`${suite}${part}`, group.files.map(bundle), ...options), lasts: group.seconds };
  });
}

const width = Math.min(2, availableParallelism());
const bundle = (file) => join(OUT, file.replace(/\.ts$/, ".js"));
const tool = (file, ...args) => [join("node_modules", file), ...args];
const tsc = (...args) => tool("typescript/bin/tsc", "--noEmit", ...args);

const allSuites = [...NODE_SUITES, ...EDITOR_SUITES];
const filesOf = Object.fromEntries(allSuites.map((suite) => [suite, testFiles(join("test", suite))]));
const checks = {
  types: () => checkTool("types", tsc()),
  "webview-types": () => checkTool("webview types", tsc("-p", "webview-ui")),
  lint: () => checkTool("lint", tool("eslint/bin/eslint.js", "--max-warnings", "0", ".")),
  format: () => checkTool("format", tool("prettier/bin/prettier.cjs", "--check", "--log-level", "warn", ".")),
  unused: () => checkTool("unused files, exports and packages", tool("knip/bin/knip.js")),
  campaign: runCampaign,
};

/** They take as long as a share of a suite, and begin with those: short ones fill what is left of the time at the end. */
const LONG_CHECKS = ["campaign", "lint"];

const chosen = readSelection(process.argv.slice(2), { checks: CHECKS, files: filesOf });
if (chosen.unknown !== undefined) {
  console.error(
    `nothing is called "${chosen.unknown}": a suite or check (${[...allSuites, ...CHECKS].join(", ")}), or part of a test file's path`,
  );
  process.exit(2);
}

const suites = allSuites.filter((suite) => chosen.files[suite].length > 0);
const inEditors = suites.filter((suite) => EDITOR_SUITES.includes(suite));
// What component tests and the editors run is what was built.
if (suites.some((suite) => suite !== "unit")) {
  await checkBuild("core and storage build for a browser", builds.purityBuild());
  await checkTool("package builds", ["scripts/package.mjs", VSIX]);
}
const hostRunner = suites.includes("host") ? ["test/host/run.ts"] : [];
const built =
  suites.length === 0 || (await bundleFiles([...suites.flatMap((suite) => chosen.files[suite]), ...hostRunner]));
let editors = false;
const jobs = [
  ...(inEditors.length > 0 ? [async () => (editors = await prepareEditors())] : []),
  ...chosen.checks.filter((name) => LONG_CHECKS.includes(name)).map((name) => checks[name]),
  ...(built
    ? NODE_SUITES.flatMap((suite) => partsOf(suite, chosen.files[suite], GROUP_SECONDS).map(({ run }) => run))
    : []),
  ...chosen.checks.filter((name) => !LONG_CHECKS.includes(name)).map((name) => checks[name]),
];
// Tests of the command line, of ports and of pages wait as long as they work.
await pool(jobs, width + 2);

// Afterwards, so that nothing computes beside them: chips that wait for a host listen for milliseconds. The longest first.
if (built && editors) {
  // Driven by a browser. Files that follow each other in a process share an editor.
  const limit = `--timeout=${WORKBENCH_TEST_LIMIT_MS}`;
  const workbenchTests = suites.includes("e2e") ? partsOf("e2e", chosen.files.e2e, EDITOR_SECONDS, limit) : [];
  const hostTests = suites.includes("host") ? [{ run: runHost, lasts: SECONDS["host"] }] : [];
  const longestFirst = [...workbenchTests, ...hostTests].sort((a, b) => b.lasts - a.lasts).map(({ run }) => run);
  rmSync("test-results", { recursive: true, force: true });
  // They wait for pages and chips half of the time.
  await pool(longestFirst, width + 1);
}

const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
