// The build of `npm run mutate`, in the copy of the project that Stryker has put all its mutants into: the test files that are named
// become one program, so that each source is there once. Which mutant is alive is told to it while it runs.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { MUTANT_TESTS } from "./mutant-runner.mjs";

const files = process.argv.slice(2);
await build({
  stdin: { contents: files.map((file) => `import "./${file}";`).join("\n"), resolveDir: ".", loader: "ts" },
  outfile: MUTANT_TESTS,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  packages: "external",
  logLevel: "warning",
});
// Tests of the command line run it as it is built.
process.exit(spawnSync(process.execPath, ["esbuild.js"], { stdio: "inherit" }).status ?? 1);
