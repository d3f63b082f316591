// Bundles test files and runs them in mocha: `node scripts/mocha.mjs [FILE...]`, every *.test.ts below test/unit and test/component without arguments.
import { build } from "esbuild";
import { readdirSync, rmSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

function testFiles(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((name) => name.endsWith(".test.ts"))
    .sort();
}

const named = process.argv.slice(2).filter((arg) => !arg.startsWith("--"));
const options = process.argv.slice(2).filter((arg) => arg.startsWith("--"));
const entryPoints = named.length > 0 ? named : [...testFiles("test/unit"), ...testFiles("test/component")];
const outdir = named.length > 0 ? join("out", `some-${process.pid}`) : join("out", "test");
rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints,
  outdir,
  outbase: ".",
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  packages: "external",
  sourcemap: "inline",
  logLevel: "warning",
});
const run = spawnSync(
  process.execPath,
  ["--enable-source-maps", "node_modules/mocha/bin/mocha.js", "--timeout", "60000", ...options, `${outdir}/**/*.test.js`],
  { stdio: "inherit" },
);
if (named.length > 0) rmSync(outdir, { recursive: true, force: true });
process.exit(run.status ?? 1);
