// `npm run check`: types, style and layout of everything, in parallel and from caches; what one runs before a commit.
import { spawn } from "node:child_process";
import { join } from "node:path";

const CACHE = join("out", "check");
const CHECKS = {
  // Builds look at the time of files before they read any: nothing has changed mostly.
  types: ["typescript/bin/tsc", "-b", "tsconfig.check.json", "webview-ui/tsconfig.check.json"],
  lint: [
    "eslint/bin/eslint.js",
    "--max-warnings",
    "0",
    "--cache",
    // By what is in files: another branch and back makes them no newer.
    "--cache-strategy",
    "content",
    "--cache-location",
    join(CACHE, "lint"),
    ".",
  ],
  format: [
    "prettier/bin/prettier.cjs",
    "--check",
    "--log-level",
    "warn",
    "--cache",
    "--cache-location",
    join(CACHE, "format"),
    ".",
  ],
};

/** Resolves with whether it found nothing; what it prints is shown whole. */
function run(name, [tool, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join("node_modules", tool), ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (chunk) => (output += chunk);
    child.stdout.setEncoding("utf8").on("data", keep);
    child.stderr.setEncoding("utf8").on("data", keep);
    child.on("error", (error) => (output += String(error)));
    child.on("close", (code) => {
      console.log(`${code === 0 ? "ok    " : "FAILED"} ${name}`);
      if (output.trim() !== "") console.log(output.trimEnd());
      resolve(code === 0);
    });
  });
}

const results = await Promise.all(Object.entries(CHECKS).map(([name, command]) => run(name, command)));
process.exitCode = results.every(Boolean) ? 0 : 1;
