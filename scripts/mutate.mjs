// `npm run mutate -- [ROOM...]`: changes one thing at a time in a room of src and sees whether its tests notice (Stryker). What can be
// said besides the room, and what survived, is in test/mutants.md. Takes minutes to hours; no part of `npm test`. Reports are in
// out/mutation.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Stryker } from "@stryker-mutator/core";
import { IGNORER } from "./mutant-ignore.mjs";
import { DOES_NOT_COMPILE, RUNNER } from "./mutant-runner.mjs";
import { Types, copySources } from "./mutant-types.mjs";
import { testFiles } from "./test-bundle.mjs";

/** Where each room is, and the tests that are about it, without those that take longer than there is for one mutant. */
const ROOMS = {
  protocol: {
    src: "src/core/beken/protocol",
    tests: ["test/unit/protocol", "test/unit/link", ...flashTests("guards", "lines", "retryCounts", "slowing")],
  },
  plan: {
    src: "src/core/plan",
    tests: ["test/unit/plan", ...flashTests("bootCode", "doubts", "guards", "keeping", "protection", "startability")],
  },
  flash: {
    src: "src/core/jobs",
    tests: [
      "test/component/flash",
      "test/component/storage",
      "test/unit/backup/leftOvers.test.ts",
      "test/unit/holesInBootCode.test.ts",
      "test/unit/sameDevice.test.ts",
    ],
    without: [
      "everyChip",
      "lastSession",
      "lineStore",
      "replug",
      "speed",
      "stamina",
      "swapped",
      "twoDevices",
      "wireDamage",
    ],
  },
  backup: {
    src: "src/core/backup",
    tests: ["test/unit/backup", "test/component/storage", "test/unit/storage", ...flashTests("backup", "restore")],
    without: ["lineStore", "twoDevices"],
  },
  storage: {
    src: "src/storage",
    tests: ["test/unit/storage", "test/component/storage", ...flashTests("backup", "backupFirst")],
  },
};
/** Files in which a wrong line loses bytes, or tells of a success that is none. */
const GUARDS = {
  protocol: ["longCommands", "refusals", "replies", "writeGuard"],
  plan: ["narrow", "planWrite", "startability"],
  flash: [
    "approvePlan",
    "backupFirst",
    "eraseSectors",
    "executePlan",
    "outsidePlanCheck",
    "preservedSectors",
    "programSectors",
    "strayWrites",
    "verifyFlash",
  ],
  backup: ["journal", "judgeDump", "readJournal", "restoreFit", "writeJournal"],
  storage: ["firstBackup", "wholeFiles", "writeJournalStore"],
};
const OUT = join("out", "mutation");
const SOURCES = resolve(OUT, "sources");
/** No test is ended by the clock on the wall, see mutant-time.mjs. */
const NEVER_MS = 24 * 60 * 60 * 1000;

const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: "string" },
    static: { type: "boolean", default: false },
    sample: { type: "string", default: "1" },
    whole: { type: "boolean", default: false },
    budget: { type: "string", default: "20" },
    tests: { type: "string", default: "" },
  },
});
const chosen = (words.length > 0 ? words : Object.keys(ROOMS)).map((word) => word.split(":"));
const unknown = chosen.find(([room]) => !Object.hasOwn(ROOMS, room));
if (unknown !== undefined) {
  console.error(`${unknown[0]} is no room; there are ${Object.keys(ROOMS).join(", ")}`);
  process.exit(2);
}

function flashTests(...names) {
  return names.map((name) => `test/component/flash/${name}.test.ts`);
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
copySources(SOURCES);
for (const [room, part, span] of chosen) {
  const { tests, without = [] } = ROOMS[room];
  const name = part === undefined ? room : `${room}-${part}`;
  const whole = options.whole ? GUARDS[room].map((file) => `${ROOMS[room].src}/${file}.ts`) : [];
  const log = resolve(OUT, `${name}.log`);
  rmSync(log, { force: true });
  const json = join(OUT, `${name}.json`);
  const files = tests
    .flatMap((at) => (at.endsWith(".ts") ? [at] : testFiles(at).map((file) => file.replaceAll("\\", "/"))))
    .filter(
      (file) => options.tests === "" || options.tests.split(",").some((name) => file.endsWith(`/${name}.test.ts`)),
    )
    .filter((file) => !without.some((name) => file.endsWith(`/${name}.test.ts`)));
  const stryker = new Stryker({
    mutate: sourcesOf(room, part).map((path) => (span === undefined ? path : `${path}:${span}`)),
    plugins: [resolve("scripts/mutant-runner.mjs"), resolve("scripts/mutant-ignore.mjs")],
    ignorers: [IGNORER],
    testRunner: RUNNER,
    coverageAnalysis: "perTest",
    buildCommand: `node scripts/mutant-build.mjs ${files.join(" ")}`,
    checkers: [],
    reporters: ["progress-append-only", "json"],
    jsonReporter: { fileName: json },
    concurrency: Number(options.jobs ?? Math.min(2, availableParallelism())),
    ignoreStatic: !options.static,
    timeoutMS: NEVER_MS,
    dryRunTimeoutMinutes: 60,
    // Texts are held by other tests, in two languages; without its `?` a call of what may not be there does not compile.
    mutator: { excludedMutations: ["StringLiteral", "OptionalChaining"] },
    mutants: {
      project: process.cwd(),
      sources: SOURCES,
      log,
      sample: Number(options.sample),
      whole,
      budgetMs: Number(options.budget) * 1000,
    },
    warnings: { unknownOptions: false },
    ignorePatterns: ["/out", "/dist", "/.vscode-test", "/test-results", "/bench-results"],
    tempDirName: join("out", "stryker"),
    cleanTempDir: "always",
    allowEmpty: false,
  });
  await stryker.runMutationTest();
  tell(name, json, whole);
}

/** Figures, and every mutant that no test noticed as one line of a list. */
function tell(name, json, whole) {
  const { files } = JSON.parse(readFileSync(json, "utf8"));
  const tried = Object.entries(files).flatMap(([path, { source, mutants }]) =>
    mutants
      .filter(({ id, status }) => status !== "Ignored" && (Number(id) % options.sample === 0 || whole.includes(path)))
      .map((mutant) => ({ ...mutant, path, text: textOf(source, mutant.location) })),
  );
  const of = (...states) => tried.filter(({ status }) => states.includes(status));
  const types = new Types(SOURCES);
  const refused = ({ statusReason }) => statusReason === DOES_NOT_COMPILE;
  const unnoticed = of("Survived", "NoCoverage").filter((mutant) => compiles(types, mutant));
  const sections = [
    ["Survived", unnoticed.filter(({ status }) => status === "Survived")],
    ["Reached by no test of the room", unnoticed.filter(({ status }) => status === "NoCoverage")],
    ["Hung", of("Timeout")],
    ["Ended their process", of("RuntimeError").filter((mutant) => !refused(mutant))],
  ];
  const text = sections.map(([title, mutants]) => `## ${title}\n\n${mutants.map(lineOf).join("\n")}\n`).join("\n");
  writeFileSync(join(OUT, `${name}.md`), text);
  const figures = [
    ["tried", tried.length],
    ["killed", of("Killed").length],
    [
      "do not compile",
      tried.length - of("Killed").length - sections.reduce((sum, [, mutants]) => sum + mutants.length, 0),
    ],
    ...sections.map(([title, mutants]) => [title.toLowerCase(), mutants.length]),
  ];
  console.log(
    `${name}: ${figures.map(([what, count]) => `${what} ${count}`).join(", ")}; see ${join(OUT, `${name}.md`)}`,
  );
}

function lineOf({ path, location, mutatorName, text, replacement, status, statusReason }) {
  const why = status === "Timeout" || status === "RuntimeError" ? ` (${oneLine(statusReason ?? "")})` : "";
  return `- ${path}:${location.start.line} ${mutatorName}: \`${oneLine(text)}\` -> \`${oneLine(replacement ?? "")}\`${why}`;
}

/** In a report lines and columns begin at 1. */
function compiles(types, { path: fileName, location: { start, end }, replacement }) {
  const [from, to] = [start, end].map(({ line, column }) => ({ line: line - 1, column: column - 1 }));
  return types.compiles({ fileName, location: { start: from, end: to }, replacement });
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
