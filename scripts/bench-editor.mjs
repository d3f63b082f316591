// `npm run bench:editor`: builds the extension, runs jobs on simulated chips at real pace inside a real extension host, and
// prints what they cost it, and how long activation takes there and in a browser's worker. Writes bench-results/editor.json and editor.md.
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { simulated } from "./simulated.mjs";
import { bundleTests } from "./test-bundle.mjs";
import { activationsInBrowser } from "./vscode/browserActivation.mjs";
import { runHostSuite } from "./vscode/hostSuite.mjs";
import { run } from "./vscode/shell.mjs";

/** 2 MiB and 4 MiB of flash. */
const CHIPS = ["bk7231t", "bk7252"];
const RESULTS = "bench-results";
const out = join("out", `bench-editor-${process.pid}`);
const LISTEN = process.platform === "win32" ? "tcp:0" : "pty";

async function device(chip, flash) {
  const file = join(out, `${chip}.bin`);
  writeFileSync(file, flash);
  const { chip: child, port } = await simulated([
    "--chip",
    chip,
    "--flash",
    file,
    "--listen",
    LISTEN,
    "--pace",
    "real",
  ]);
  return { chip, port, child };
}

await run(process.execPath, ["esbuild.js", "--production"]);
await bundleTests(["test/bench/editorCost.ts", "test/bench/editorReport.ts"], out);
const report = pathToFileURL(join(out, "test", "bench", "editorReport.js")).href;
const { editorPage, fullFlash } = (await import(report)).default;
const devices = await Promise.all(CHIPS.map((chip) => device(chip, fullFlash(chip))));
try {
  const chips = devices.map(({ chip, port }) => ({ chip, port }));
  const { costs, activationMs, failure } = await runHostSuite(join(out, "test", "bench", "editorCost.js"), {
    BEKEN_COST_CHIPS: JSON.stringify(chips),
  });
  const machine = `${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`;
  const about = `\`npm run bench:editor\`, ${new Date().toISOString()}; ${machine}. The whole extension host, dashboard and devices view open; simulated chips at real pace in other processes. Growth is the highest value during the job above its start.`;
  const activations = [`Activation beside a server: ${activationMs?.toFixed(0) ?? "unknown"} ms.`];
  for (const release of ["floor", "newest"]) {
    const inBrowser = await activationsInBrowser(release);
    const all = inBrowser.map((ms) => ms.toFixed(0)).join(", ");
    activations.push(`Activation in a browser's worker, ${release} editor: ${all} ms.`);
  }
  const bytes = statSync(join("dist", "extension", "browser.js")).size;
  activations.push(`The browser's entry: ${(bytes / 1000).toFixed(0)} kB.`);
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, "editor.json"), `${JSON.stringify({ about, activations, costs }, undefined, 2)}\n`);
  const page = editorPage(costs, about, activations);
  writeFileSync(join(RESULTS, "editor.md"), page);
  console.log(page);
  if (failure !== undefined || costs.some(({ outcome }) => outcome.startsWith("failed"))) {
    console.error(failure ?? "a job failed");
    process.exitCode = 1;
  }
} finally {
  for (const { child } of devices) child.kill("SIGINT");
  rmSync(out, { recursive: true, force: true });
}
