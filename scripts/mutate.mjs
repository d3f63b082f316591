// `npm run mutate -- [ROOM...]`: changes one thing at a time in a room of src and sees whether its tests notice (Stryker). Rooms:
// protocol, plan, flash, backup, storage; `ROOM:PART` takes the files whose path has that part, `ROOM:PART:FIRST-LAST` these lines
// of them; `--jobs N` says how many at once, `--static` tries mutants of what runs while a module loads as well, with all tests of the
// room each. What survives is judged in test/mutants.md. Takes minutes to hours; no part of `npm test`. Reports are in out/mutation.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Stryker } from "@stryker-mutator/core";
import { RUNNER } from "./mutant-runner.mjs";
import { testFiles } from "./test-bundle.mjs";

/** Where each room is, and the tests that are about it. */
const ROOMS = {
  protocol: { src: "src/core/beken/protocol", tests: ["test/unit/protocol", "test/unit/link"] },
  plan: { src: "src/core/plan", tests: ["test/unit/plan"] },
  flash: { src: "src/core/jobs", tests: ["test/component/flash", "test/component/storage"] },
  backup: { src: "src/core/backup", tests: ["test/unit/backup"] },
  storage: { src: "src/storage", tests: ["test/unit/storage", "test/component/storage"] },
};
const OUT = join("out", "mutation");
/** What a mutant that hangs costs, beside three times what its tests take: a machine has other things to do as well. */
const HANG_MS = 15_000;

const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { jobs: { type: "string" }, static: { type: "boolean", default: false } },
});
const chosen = (words.length > 0 ? words : Object.keys(ROOMS)).map((word) => word.split(":"));
const unknown = chosen.find(([room]) => !Object.hasOwn(ROOMS, room));
if (unknown !== undefined) {
  console.error(`${unknown[0]} is no room; there are ${Object.keys(ROOMS).join(", ")}`);
  process.exit(2);
}

/** Files of a room, those alone whose name has the part. */
function sourcesOf(room, part = "") {
  const { src } = ROOMS[room];
  const names = readdirSync(src, { recursive: true }).map((name) => String(name).replaceAll("\\", "/"));
  return names.filter((name) => name.endsWith(".ts") && name.includes(part)).map((name) => `${src}/${name}`);
}

const empty = chosen.find(([room, part]) => sourcesOf(room, part).length === 0);
if (empty !== undefined) {
  console.error(`no file of ${empty[0]} has ${empty[1]} in its name`);
  process.exit(2);
}

mkdirSync(OUT, { recursive: true });
for (const [room, part, span] of chosen) {
  const { tests } = ROOMS[room];
  const name = part === undefined ? room : `${room}-${part}`;
  const json = join(OUT, `${name}.json`);
  const files = tests.flatMap((folder) => testFiles(folder).map((file) => file.replaceAll("\\", "/")));
  const stryker = new Stryker({
    mutate: sourcesOf(room, part).map((path) => (span === undefined ? path : `${path}:${span}`)),
    plugins: [resolve("scripts/mutant-runner.mjs")],
    testRunner: RUNNER,
    coverageAnalysis: "perTest",
    buildCommand: `node scripts/mutant-build.mjs ${files.join(" ")}`,
    checkers: [],
    reporters: ["progress-append-only", "json"],
    jsonReporter: { fileName: json },
    concurrency: Number(options.jobs ?? Math.min(2, availableParallelism())),
    ignoreStatic: !options.static,
    timeoutMS: HANG_MS,
    timeoutFactor: 3,
    dryRunTimeoutMinutes: 60,
    // What a sentence says is held by other tests, in two languages.
    mutator: { excludedMutations: ["StringLiteral"] },
    ignorePatterns: ["/out", "/dist", "/.vscode-test", "/test-results", "/bench-results"],
    tempDirName: join("out", "stryker"),
    cleanTempDir: "always",
    allowEmpty: false,
  });
  await stryker.runMutationTest();
  tell(name, json);
}

/** Figures, and every mutant that no test noticed as one line of a list. */
function tell(name, json) {
  const { files } = JSON.parse(readFileSync(json, "utf8"));
  const all = Object.entries(files).flatMap(([path, { source, mutants }]) =>
    mutants.map((mutant) => ({ ...mutant, path, text: textOf(source, mutant.location) })),
  );
  const count = (...states) => all.filter(({ status }) => states.includes(status)).length;
  const survived = all.filter(({ status }) => status === "Survived" || status === "NoCoverage");
  const noticed = count("Killed", "Timeout");
  const lines = survived.map(
    ({ path, location, mutatorName, text, replacement }) =>
      `- ${path}:${location.start.line} ${mutatorName}: \`${oneLine(text)}\` -> \`${oneLine(replacement ?? "")}\``,
  );
  writeFileSync(join(OUT, `${name}.md`), `${lines.join("\n")}\n`);
  console.log(
    `${name}: ${noticed} of ${noticed + survived.length} noticed; survivors are in ${join(OUT, `${name}.md`)}`,
  );
}

function textOf(source, { start, end }) {
  const lines = source.split("\n").slice(start.line - 1, end.line);
  if (lines.length === 1) return lines[0].slice(start.column - 1, end.column - 1);
  return `${lines[0].slice(start.column - 1)} ...`;
}

function oneLine(text) {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 80 ? `${line.slice(0, 77)}...` : line;
}
