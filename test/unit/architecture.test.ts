/**
 * Holds the source to its own rules by reading it: who imports whom (arrows.json), no cycles, a core that needs no
 * Node, and the shape of files. It reads text only; types and bundling are judged elsewhere.
 */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { posix, sep } from "node:path";
import { arrows, isArrow, isWithin, placeOf, resolveImport } from "../../scripts/arrows.mjs";

interface Import {
  readonly target: string;
  readonly kind: "static" | "type" | "dynamic";
}

interface SourceFile {
  /** Below src, without extension: `core/base/bytes`. */
  readonly name: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

const ROWS = arrows.rows;
const PACKAGES = arrows.packages;

function importsOf(text: string): Import[] {
  const found: Import[] = [];
  for (const [, type, target = ""] of text.matchAll(/^(?:import|export)\s+(type\s)?[^"';]*?\bfrom\s+"([^"]+)"/gm))
    found.push({ target, kind: type === undefined ? "static" : "type" });
  for (const [, target = ""] of text.matchAll(/^import\s+"([^"]+)"/gm)) found.push({ target, kind: "static" });
  for (const [, query, target = "", member] of text.matchAll(/(typeof\s+)?\bimport\(\s*"([^"]+)"\s*\)(\.[A-Z])?/g))
    found.push({ target, kind: query === undefined && member === undefined ? "dynamic" : "type" });
  return found;
}

/** The folders that have rows, and what a file of them is called. */
const FOLDERS: readonly (readonly [folder: string, extension: string])[] = [
  ["src", ".ts"],
  ["webview-ui", ".ts"],
  ["webview-ui", ".tsx"],
  ["scripts", ".mjs"],
];

function readSource(): SourceFile[] {
  return FOLDERS.flatMap(([folder, extension]) =>
    readdirSync(folder, { recursive: true })
      .map((name) => String(name).replaceAll("\\", "/"))
      .filter((name) => name.endsWith(extension))
      .sort()
      .map((name) => {
        const text = readFileSync(posix.join(folder, name), "utf8");
        const below = name.slice(0, -extension.length);
        return { name: folder === "src" ? below : `../${folder}/${below}`, text, imports: importsOf(text) };
      }),
  );
}

const isRelative = (target: string): boolean => target.startsWith(".");

/** Rooms that import each other, in both directions, with a file of each. */
function twoWayPairs(files: readonly SourceFile[]): readonly string[] {
  const rowOf = (name: string): string => placeOf(name, Object.keys(ROWS)) ?? name;
  const ways = new Set(
    files.flatMap(({ name, imports }) =>
      imports
        .filter(({ target }) => isRelative(target))
        .map(({ target }) => `${rowOf(name)} -> ${rowOf(resolveImport(name, target))}`),
    ),
  );
  const reverse = (way: string): string => way.split(" -> ").reverse().join(" -> ");
  return [...ways].filter((way) => way !== reverse(way) && ways.has(reverse(way)));
}

function fitsPackage(target: string, allowed: readonly string[]): boolean {
  return allowed.some((name) => name === target || (name.endsWith("*") && target.startsWith(name.slice(0, -1))));
}

/** The first way round that leads back to where it began. */
function findCycle(edges: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const next of edges.get(name) ?? []) {
      const cycle = visit(next, [...path, name]);
      if (cycle !== undefined) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of edges.keys()) {
    const cycle = visit(name, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

describe("architecture", () => {
  const files = readSource();
  const core = files.filter(({ name }) => isWithin(name, "core"));
  const offenders = (bad: (file: SourceFile) => boolean, among = files): string[] =>
    among.filter(bad).map(({ name }) => name);

  it("is read from import lines of every shape", () => {
    const text = [
      'import a from "./a";',
      'import type { B } from "./b";',
      "import {",
      "  c,",
      '} from "./c";',
      'export * from "./d";',
      'export type { E } from "./e";',
      'import "./f";',
      'const g = await import("./g");',
      'type H = typeof import("./h");',
      'const text = `from "./nowhere"`;',
    ].join("\n");
    const byTarget = new Map(importsOf(text).map(({ target, kind }) => [target, kind]));
    assert.deepEqual([...byTarget].sort(), [
      ["./a", "static"],
      ["./b", "type"],
      ["./c", "static"],
      ["./d", "static"],
      ["./e", "type"],
      ["./f", "static"],
      ["./g", "dynamic"],
      ["./h", "type"],
    ]);
    assert.deepEqual(
      findCycle(
        new Map([
          ["a", ["b"]],
          ["b", ["c", "d"]],
          ["c", []],
          ["d", ["b"]],
        ]),
      ),
      ["b", "d", "b"],
    );
    assert.ok(core.length > 10);
  });

  it("gives every file of src a row in the table of arrows", () => {
    assert.deepEqual(
      offenders(({ name }) => placeOf(name, Object.keys(ROWS)) === undefined),
      [],
    );
  });

  it("lets imports run along the arrows only", () => {
    const wrong = files.flatMap(({ name, imports }) =>
      imports
        .filter(({ target }) => isRelative(target))
        .map(({ target }) => resolveImport(name, target))
        .filter((to) => !isArrow(name, to))
        .map((to) => `${name} -> ${to}`),
    );
    assert.deepEqual(wrong, []);
  });

  it("has no two rooms that import each other", () => {
    assert.deepEqual(twoWayPairs(files), []);
  });

  it("has no name twice, so that a search for a file answers once", () => {
    const names = files.map(({ name }) => posix.basename(name)).filter((name) => !["index", "main"].includes(name));
    assert.deepEqual(
      names.filter((name, i) => names.indexOf(name) !== i),
      [],
    );
  });

  it("has no cycles between files", () => {
    const edges = new Map(
      files.map(({ name, imports }) => [
        name,
        imports.filter(({ target }) => isRelative(target)).map(({ target }) => resolveImport(name, target)),
      ]),
    );
    assert.deepEqual(findCycle(edges), undefined);
  });

  it("reaches packages and Node only where the table says, and from the core only lazily", () => {
    const wrong = files.flatMap(({ name, imports }) => {
      const allowed = PACKAGES[placeOf(name, Object.keys(PACKAGES)) ?? ""] ?? [];
      return imports
        .filter(({ target }) => !isRelative(target))
        .filter(({ target, kind }) => !fitsPackage(target, allowed) || (isWithin(name, "core") && kind === "static"))
        .map(({ target, kind }) => `${name}: ${kind} import of ${target}`);
    });
    assert.deepEqual(wrong, []);
  });

  it("keeps the core silent, and core and storage free of Node's globals but in the files that are Node's", () => {
    const native = Object.keys(PACKAGES);
    const usesNode = (text: string): boolean => /\bprocess\s*\.|\bBuffer\b|\brequire\s*\(/.test(text);
    assert.deepEqual(
      offenders(({ text }) => /\bconsole\s*\./.test(text), core),
      [],
    );
    assert.deepEqual(
      offenders(
        ({ name, text }) => usesNode(text) && placeOf(name, native) === undefined,
        files.filter(({ name }) => isWithin(name, "core") || isWithin(name, "storage")),
      ),
      [],
    );
  });

  it("exports by name only", () => {
    assert.deepEqual(
      offenders(({ name, text }) => !isWithin(name, "../scripts") && /^export\s+default\b|\bas default\b/m.test(text)),
      [],
    );
  });

  it("opens every file by saying what it owns", () => {
    assert.deepEqual(
      offenders(({ text }) => !/^(?:#!.*\n)?(?:\/\*\*|\/\/ )/.test(text)),
      [],
    );
  });

  it("keeps files below 400 lines", () => {
    assert.deepEqual(
      offenders(({ text }) => text.split("\n").length > 400),
      [],
    );
  });

  it("is drawn in docs/architecture.md with every room", () => {
    const page = readFileSync("docs/architecture.md", "utf8");
    const folders = new Set(files.map(({ name }) => posix.dirname(name)).filter((folder) => folder !== "."));
    // A language is its folder: the page need not know which there are.
    const drawn = [...folders].filter((folder) => !folder.startsWith("languages/"));
    const absent = drawn.filter((folder) => !page.includes(posix.basename(folder) + "/") && !page.includes(folder));
    assert.deepEqual(absent, []);
  });

  it("and the pages around it name only files and folders that are there", () => {
    const pages = ["architecture", "job", "texts", "glossary"]
      .map((name) => `docs/${name}.md`)
      .concat("CONTRIBUTING.md");
    const roots = ["src", "webview-ui", "api", "scripts", "test", "docs"];
    const there = roots.flatMap((root) => [
      root,
      ...readdirSync(root, { recursive: true, encoding: "utf8" }).map((name) =>
        posix.join(root, name.split(sep).join("/")),
      ),
    ]);
    const isThere = (path: string): boolean => there.some((each) => `/${each}`.endsWith(`/${path}`));
    const missing = pages.flatMap((page) =>
      [...readFileSync(page, "utf8").matchAll(/`([\w./-]+(?:\.(?:tsx?|mjs|json|md)|\/))`/g)]
        .map((match) => (match[1] ?? "").replace(/\/$/, ""))
        .filter((path) => !/NAME|^(?:dist|examples|package\.json)$/.test(path) && !isThere(path))
        .map((path) => `${page}: ${path}`),
    );
    assert.deepEqual(missing, []);
  });
});
