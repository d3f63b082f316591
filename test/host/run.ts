/**
 * What the editor calls inside its extension host: runs every suite bundled beside it and hands the results out through the
 * file named by BEKEN_HOST_RESULTS, as JSON { passed, failed, skipped, output }. A file beside it, with ".now" behind its name, has the
 * title of the test that runs.
 */
import { readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Mocha from "mocha";

const TEST_LIMIT_MS = 120_000;

interface Outcome {
  passed: number;
  failed: number;
  skipped: number;
  output: string;
}

function runAll(begins: (title: string) => void): Promise<Outcome> {
  // Results are collected from events; what a reporter would print nobody sees in here.
  const mocha = new Mocha({ ui: "bdd", timeout: TEST_LIMIT_MS, reporter: Mocha.reporters.Base });
  const suites = readdirSync(__dirname).filter((name) => name.endsWith(".test.js"));
  for (const name of suites.sort()) mocha.addFile(join(__dirname, name));
  const outcome: Outcome = { passed: 0, failed: 0, skipped: 0, output: "" };
  return new Promise((resolve) => {
    const runner = mocha.run(() => resolve(outcome));
    runner.on("test", (test) => begins(test.fullTitle()));
    runner.on("pass", () => outcome.passed++);
    runner.on("pending", () => outcome.skipped++);
    runner.on("fail", (test, error: Error) => {
      outcome.failed++;
      outcome.output += `    FAILED ${test.fullTitle()}\n      ${error.stack ?? error.message}\n`;
    });
  });
}

export async function run(): Promise<void> {
  const results = process.env.BEKEN_HOST_RESULTS;
  if (results === undefined) throw new Error("BEKEN_HOST_RESULTS names no file");
  const outcome = await runAll((title) => writeFileSync(`${results}.now`, title)).catch((error: Error): Outcome => {
    return { passed: 0, failed: 1, skipped: 0, output: error.stack ?? error.message };
  });
  // Whole or not at all: somebody waits for it to appear.
  writeFileSync(`${results}.part`, JSON.stringify(outcome));
  renameSync(`${results}.part`, results);
  if (outcome.failed > 0) throw new Error(`${outcome.failed} failed`);
}
