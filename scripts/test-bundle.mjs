// Finds test files and bundles them for mocha. Knows nothing of how they are run or counted.
import { build } from "esbuild";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Every *.test.ts below the folder, in a stable order. */
export function testFiles(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((name) => name.endsWith(".test.ts"))
    .sort();
}

/** Bundles each file into a test of its own at the same place below `outdir`, which is emptied first. */
export async function bundleTests(entryPoints, outdir) {
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
}

/** Arguments for Node that run bundled tests, or everything bundled below a folder. */
export function mochaArguments(bundled, ...options) {
  const paths = [bundled].flat().map((path) => path.replaceAll("\\", "/"));
  const tests = paths.map((path) => (path.endsWith(".js") ? path : `${path}/**/*.test.js`));
  return [
    "--enable-source-maps",
    "node_modules/mocha/bin/mocha.js",
    "--require",
    "./scripts/seed.cjs",
    "--require",
    "./scripts/ending.cjs",
    "--timeout",
    "60000",
    ...options,
    ...tests,
  ];
}
