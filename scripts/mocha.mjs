// Runs test files while working on them: `node scripts/mocha.mjs [--MOCHA-OPTION...] [FILE...]`, unit and component tests without arguments.
// Write mocha options as --name=value: words without dashes are files.
import { rmSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { bundleTests, mochaArguments, testFiles } from "./test-bundle.mjs";

const named = process.argv.slice(2).filter((arg) => !arg.startsWith("--"));
const options = process.argv.slice(2).filter((arg) => arg.startsWith("--"));
const files = named.length > 0 ? named : ["unit", "component"].flatMap((suite) => testFiles(join("test", suite)));
const outdir = join("out", `some-${process.pid}`);
await bundleTests(files, outdir);
const run = spawnSync(process.execPath, mochaArguments(outdir, ...options), { stdio: "inherit" });
rmSync(outdir, { recursive: true, force: true });
process.exit(run.status ?? 1);
