// `npm test`: builds, checks types, style and the core's purity, runs every suite, and ends with the line "N passed, N failed".
// Each check counts as one test. Output of parallel jobs is held back and printed whole, so that it stays readable.
import { build } from "esbuild";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import builds from "../esbuild.js";
import { bundleTests, mochaArguments, testFiles } from "./test-bundle.mjs";

/** A job that runs longer hangs; it is ended and counts as failed. */
const JOB_LIMIT_MS = 15 * 60_000;
const OUT = join("out", "test");
const SUITES = ["component", "unit"];

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

/** A suite whose process died, hung or lost its counts is one failure more than its tests tell. */
function runSuite(suite) {
  return timed(`${suite} tests`, async () => {
    const countsFile = join(OUT, `${suite}.json`);
    rmSync(countsFile, { force: true });
    const reporter = ["--reporter", "./scripts/reporter.mjs", "--reporter-option", `counts=${countsFile}`];
    const { code, output } = await runNode(mochaArguments(join(OUT, "test", suite), ...reporter));
    const counts = existsSync(countsFile)
      ? JSON.parse(readFileSync(countsFile, "utf8"))
      : { passed: 0, failed: 0, skipped: 0 };
    const nothingRan = counts.passed + counts.failed === 0;
    if (nothingRan || (code !== 0 && counts.failed === 0)) counts.failed++;
    return { counts, output };
  });
}

/** Works through the jobs in order, so many at a time. */
async function pool(jobs, width) {
  const waiting = [...jobs];
  const worker = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await job();
  };
  await Promise.all(Array.from({ length: width }, worker));
}

await checkBuild("command line builds", builds.cliBuild());
await checkBuild("core builds for a browser", builds.purityBuild());
const jobs = [
  () => checkTool("types", ["node_modules/typescript/bin/tsc", "--noEmit"]),
  () => checkTool("lint", ["node_modules/eslint/bin/eslint.js", "--max-warnings", "0", "."]),
];
try {
  await bundleTests(
    SUITES.flatMap((suite) => testFiles(join("test", suite))),
    OUT,
  );
  jobs.unshift(...SUITES.map((suite) => () => runSuite(suite)));
} catch {
  say("tests build", 0, one(false), "");
}
await pool(jobs, Math.min(2, availableParallelism()));

console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
