// Runs test files for `npm run mutate`, in the copy of the project that Stryker has put all its mutants into: which of them is alive
// an environment variable tells, so that the tests are bundled once for all of them.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { bundleTests, mochaArguments } from "./test-bundle.mjs";

const OUT = join("out", "mutants");
const DONE = join("out", "mutants.done");
if (!existsSync(DONE)) {
  await bundleTests(process.argv.slice(2), OUT);
  // Tests of the command line run it as it is built.
  spawnSync(process.execPath, ["esbuild.js"], { stdio: "inherit" });
  mkdirSync("out", { recursive: true });
  writeFileSync(DONE, "");
}
const run = spawnSync(process.execPath, mochaArguments(OUT, "--bail", "--exit", "--reporter=dot"), {
  stdio: "inherit",
});
process.exit(run.status ?? 1);
