// `npm run mutate -- [ROOM...]`: changes one thing at a time in a room of src and sees whether its tests notice (Stryker). Rooms:
// protocol, plan, flash, backup, storage; `ROOM:PART` takes the files whose path has that part, `ROOM:PART:FIRST-LAST` these lines
// of them. What survives is judged in test/mutants.md. Takes minutes to hours; no part of `npm test`. Reports are in out/mutation.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Stryker } from "@stryker-mutator/core";
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
/** Bundling comes first in every copy that Stryker makes of the project. */
const START_MS = 60_000;

const words = process.argv.slice(2);
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
  const json = join(OUT, `${room}.json`);
  const files = tests.flatMap((folder) => testFiles(folder).map((file) => file.replaceAll("\\", "/")));
  const stryker = new Stryker({
    mutate: sourcesOf(room, part).map((path) => (span === undefined ? path : `${path}:${span}`)),
    testRunner: "command",
    commandRunner: { command: `node scripts/mutant-tests.mjs ${files.join(" ")}` },
    checkers: [],
    reporters: ["progress-append-only", "json"],
    jsonReporter: { fileName: json },
    concurrency: Math.min(2, availableParallelism()),
    timeoutMS: START_MS,
    // What a sentence says is held by other tests, in two languages.
    mutator: { excludedMutations: ["StringLiteral"] },
    ignorePatterns: ["/out", "/dist", "/.vscode-test", "/test-results", "/bench-results"],
    tempDirName: join("out", "stryker"),
    cleanTempDir: "always",
    allowEmpty: false,
  });
  await stryker.runMutationTest();
  tell(room, json);
}

/** Figures, and every mutant that no test noticed as one line of a list. */
function tell(room, json) {
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
  writeFileSync(join(OUT, `${room}.md`), `${lines.join("\n")}\n`);
  console.log(
    `${room}: ${noticed} of ${noticed + survived.length} noticed; survivors are in ${join(OUT, `${room}.md`)}`,
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
