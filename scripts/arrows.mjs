// Who may import whom: the table `test/unit/arrows.json`, and the one way to read it. Used by the linter and by architecture.test.ts.
import { existsSync, readFileSync } from "node:fs";
import { posix } from "node:path";

// Paths are those of the checkout that tests and linter are run in.
/** `rows`: each room, and the rooms and files it may import. `packages`: what else may be reached from where. */
export const arrows = JSON.parse(readFileSync("test/unit/arrows.json", "utf8"));

/** Whether the file or room `name` is `place`, or lies in it. */
export const isWithin = (name, place) => name === place || name.startsWith(`${place}/`);

/** The most exact of `places` that holds the file; undefined when none does. */
export function placeOf(name, places) {
  return places.filter((place) => isWithin(name, place)).sort((a, b) => b.length - a.length)[0];
}

/**
 * What a relative import names, as the table does: below src, without its extension, a folder as its index. Rooms that are
 * not below src begin with `../`.
 */
export function resolveImport(from, target) {
  const path = posix
    .join(posix.dirname(from), target)
    .replace(/^\.\.\/src\//, "")
    .replace(/\.m?js$/, "");
  return !existsSync(`src/${path}.ts`) && existsSync(`src/${path}/index.ts`) ? `${path}/index` : path;
}

/** Whether the file `from` may import the file `to`. */
export function isArrow(from, to, rows = arrows.rows) {
  const row = placeOf(from, Object.keys(rows)) ?? from;
  return placeOf(to, Object.keys(rows)) === row || (rows[row] ?? []).some((open) => isWithin(to, open));
}
