// `npm run test:watch -- FILE...`: runs test files again whenever a source or a test changes. Ctrl-C ends it.
import { spawn } from "node:child_process";
import { watch } from "node:fs";

/** Editors write a file more than once when they save it. */
const SETTLED_MS = 150;

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("name the test files to run: npm run test:watch -- test/unit/words.test.ts");
  process.exit(2);
}

let running;
let again = false;

function run() {
  if (running !== undefined) {
    again = true;
    return;
  }
  running = spawn(process.execPath, ["scripts/mocha.mjs", ...files], { stdio: "inherit" });
  running.on("close", () => {
    running = undefined;
    if (!again) return;
    again = false;
    run();
  });
}

let timer;
for (const folder of ["src", "test", "webview-ui"])
  watch(folder, { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(run, SETTLED_MS);
  });
run();
