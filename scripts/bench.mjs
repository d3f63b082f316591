// `npm run bench`: bundles the command line as it is in the tree and the bench itself, then runs the bench. Options are its
// own; see test/bench/options.ts.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const { cliBuild } = createRequire(import.meta.url)("../esbuild.js");
const outdir = join("out", `bench-${process.pid}`);

await build({ ...cliBuild(), outfile: join(outdir, "cli.js"), sourcemap: false });
await build({
  entryPoints: ["test/bench/main.ts", "test/bench/cpu.ts"],
  outdir,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  packages: "external",
  logLevel: "warning",
});
const run = spawnSync(process.execPath, [join(outdir, "main.js"), ...process.argv.slice(2)], { stdio: "inherit" });
rmSync(outdir, { recursive: true, force: true });
process.exit(run.status ?? 1);
