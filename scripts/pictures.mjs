// `npm run pictures`: builds the pages, bundles test/pictures and runs it; a word after it chooses states by their names.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "./vscode/shell.mjs";

const outdir = join("out", `pictures-${process.pid}`);

await run(process.execPath, ["esbuild.js"]);
await build({
  entryPoints: ["test/pictures/main.ts"],
  outdir,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  packages: "external",
  logLevel: "warning",
});
const ran = spawnSync(process.execPath, [join(outdir, "main.js"), ...process.argv.slice(2)], { stdio: "inherit" });
rmSync(outdir, { recursive: true, force: true });
process.exit(ran.status ?? 1);
