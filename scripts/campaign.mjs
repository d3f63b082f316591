// `npm run campaign`: bundles the fault campaign and runs it in as many processes as there are cores. Options are its own:
// --count, --seed, --only SEED (one scenario, with what happened in it), --fault, --task, --chip; --jobs says how many processes.
import { build } from "esbuild";
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

const args = process.argv.slice(2);
const jobsAt = args.indexOf("--jobs");
const jobs = jobsAt >= 0 ? Number(args.splice(jobsAt, 2)[1]) : Math.max(1, Math.min(4, availableParallelism()));
const outdir = join("out", `campaign-${process.pid}`);
await build({
  entryPoints: ["test/campaign/main.ts"],
  outdir,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  packages: "external",
  sourcemap: "inline",
  logLevel: "warning",
});

const began = performance.now();
const run = (more) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, ["--enable-source-maps", join(outdir, "main.js"), ...args, ...more], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => (output += chunk));
    child.on("close", (code) => resolve({ code, output }));
  });

let failed;
if (args.includes("--only")) {
  const { code, output } = await run([]);
  process.stdout.write(output);
  failed = code !== 0;
} else {
  const parts = await Promise.all(Array.from({ length: jobs }, (_, part) => run(["--part", `${part}/${jobs}`])));
  failed = report(parts);
}
rmSync(outdir, { recursive: true, force: true });
process.exitCode = failed ? 1 : 0;

function report(parts) {
  const total = {};
  let violations = 0;
  for (const { code, output } of parts) {
    if (code !== 0) violations++;
    const { tally, violations: found } = JSON.parse(output.trim().split("\n").at(-1) || '{"tally":{},"violations":1}');
    violations += found;
    for (const [fault, row] of Object.entries(tally)) {
      const sum = (total[fault] ??= { unharmed: 0, repaired: 0, failed: 0, resumed: 0, codes: {} });
      for (const course of ["unharmed", "repaired", "failed", "resumed"]) sum[course] += row[course];
      for (const [name, count] of Object.entries(row.codes)) sum.codes[name] = (sum.codes[name] ?? 0) + count;
    }
  }
  const cell = (value) => String(value).padStart(9);
  console.log(`${"fault".padEnd(24)}${["unharmed", "repaired", "failed", "resumed"].map(cell).join("")}  failed with`);
  let count = 0;
  for (const [fault, row] of Object.entries(total).sort(([a], [b]) => a.localeCompare(b))) {
    const courses = ["unharmed", "repaired", "failed", "resumed"].map((course) => row[course]);
    count += courses.reduce((sum, one) => sum + one, 0);
    const codes = Object.entries(row.codes).sort(([, a], [, b]) => b - a);
    console.log(
      `${fault.padEnd(24)}${courses.map(cell).join("")}  ${codes.map(([code, times]) => `${code} ${times}`).join(", ")}`,
    );
  }
  console.log(`${count} scenarios in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  console.log(
    "unharmed: as if nothing had happened; repaired: within the job; failed: with a code and advice, and the next run succeeded;",
  );
  console.log("resumed: the process was killed, and the next run succeeded");
  console.log(`violations: ${violations}`);
  return violations > 0;
}
