// `npm run campaign`: bundles the fault campaign and runs it in as many processes as there are cores. Options are its own:
// --count, --seed, --only SEED (one scenario, with what happened in it), --fault, --task, --chip, --condition;
// --jobs says how many processes, --counts FILE stores {"passed","failed","skipped"}: a test for each fault, and one for all.
import { build } from "esbuild";
import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

const args = process.argv.slice(2);
const own = (name) => {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args.splice(at, 2)[1];
};
const jobs = Number(own("--jobs") ?? Math.max(1, Math.min(4, availableParallelism())));
const countsFile = own("--counts");
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

const COURSES = ["unharmed", "repaired", "failed", "resumed", "told", "lost"];
const WORDS = `unharmed: as if nothing had happened; repaired: within the job; failed: with a code and advice, and the next run
succeeded; resumed: the process was killed, and the next run succeeded; told: a frame was damaged on its way, and the job said
what it changed outside of its plan; lost: it hit the boot code, the chip is silent and the job failed, as no host can prevent`;

/** Much is made that lives for one scenario: room for it, and one thread that clears it away, cost the least processor time. */
const NODE = ["--enable-source-maps", "--max-semi-space-size=32", "--single-threaded-gc"];

const began = performance.now();
const run = (more) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [...NODE, join(outdir, "main.js"), ...args, ...more], {
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

/** Prints what came of it all; true when a rule was broken or a process did not come to its end. */
function report(parts) {
  const total = { faults: {}, tasks: {}, chips: {} };
  const ended = parts.filter(({ code }) => code === 0);
  let closest = { part: 0, seed: 0 };
  for (const { output } of ended) {
    const tally = JSON.parse(output.trim().split("\n").at(-1));
    for (const kind of Object.keys(total))
      for (const [name, row] of Object.entries(tally[kind])) add(total[kind], name, row);
    if (tally.closest.part > closest.part) closest = tally.closest;
  }
  for (const [title, rows] of [
    ["fault", total.faults],
    ["job", total.tasks],
    ["chip", total.chips],
  ])
    table(title, rows);
  const faults = Object.values(total.faults);
  const sum = (of) => faults.reduce((all, row) => all + of(row), 0);
  const count = sum(countOf);
  const violations = sum((row) => row.violations);
  const busy = sum((row) => row.ms) / 1000;
  const lost = parts.length - ended.length;
  console.log(WORDS);
  console.log(
    `${count} scenarios in ${((performance.now() - began) / 1000).toFixed(0)} s, ${busy.toFixed(0)} s of processor time; ` +
      `no job took more than ${(100 * closest.part).toFixed(0)} % of its bound (${closest.seed})`,
  );
  if (lost > 0) console.log(`${lost} of ${parts.length} processes did not come to their end`);
  console.log(`violations: ${violations}`);
  const bad = lost > 0 || violations > 0 || count === 0;
  if (countsFile !== undefined) {
    const broken = faults.filter((row) => row.violations > 0).length;
    const counts = { passed: faults.length - broken + (bad ? 0 : 1), failed: broken + (bad ? 1 : 0), skipped: 0 };
    writeFileSync(countsFile, JSON.stringify(counts));
  }
  return bad;
}

function countOf({ courses }) {
  return COURSES.reduce((sum, course) => sum + courses[course], 0);
}

function add(rows, name, row) {
  const sum = (rows[name] ??= {
    courses: Object.fromEntries(COURSES.map((course) => [course, 0])),
    codes: {},
    violations: 0,
    ms: 0,
  });
  for (const course of COURSES) sum.courses[course] += row.courses[course];
  for (const [code, times] of Object.entries(row.codes)) sum.codes[code] = (sum.codes[code] ?? 0) + times;
  sum.violations += row.violations;
  sum.ms += row.ms;
}

function table(title, rows) {
  const cell = (value) => String(value).padStart(9);
  console.log(`${title.padEnd(28)}${COURSES.map(cell).join("")}   ms each  failed with`);
  for (const [name, row] of Object.entries(rows).sort(([a], [b]) => a.localeCompare(b))) {
    const codes = Object.entries(row.codes).sort(([, a], [, b]) => b - a);
    console.log(
      `${name.padEnd(28)}${COURSES.map((course) => cell(row.courses[course])).join("")}${cell((row.ms / countOf(row)).toFixed(1))}  ` +
        codes.map(([code, times]) => `${code} ${times}`).join(", "),
    );
  }
  console.log("");
}
