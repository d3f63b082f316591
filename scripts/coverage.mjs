// `npm run coverage`: which lines of src unit and component tests run. Prints the figures; the report is out/coverage/index.html.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const run = spawnSync(
  process.execPath,
  [
    join("node_modules", "c8", "bin", "c8.js"),
    // Bundles name their sources by address, `file:///.../src/x.ts`: a pattern from the root fits none, and all would count as run.
    "--include=**/src/**",
    "--exclude-after-remap",
    "--reporter=text-summary",
    "--reporter=html",
    "--reports-dir=out/coverage",
    process.execPath,
    "scripts/mocha.mjs",
    "--reporter=dot",
    ...process.argv.slice(2),
  ],
  { stdio: "inherit" },
);
process.exit(run.status ?? 1);
