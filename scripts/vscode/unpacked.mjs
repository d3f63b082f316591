// The extension as it ships, in a folder of its own: what .vscodeignore lets through, and nothing of the working tree around
// it, which the packager would search and the editor take for part of the extension. Expects a build.
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";

/** The patterns of the allow-list, without their exclamation marks. */
function allowed() {
  const lines = readFileSync(".vscodeignore", "utf8").split("\n");
  return lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1).trim());
}

function toRegExp(pattern) {
  const parts = pattern.split(/(\*\*\/|\*\*|\*)/).map((part) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "**") return ".*";
    return part === "*" ? "[^/]*" : part.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`);
}

/** Files that match, searched only below the part of the pattern that has no stars. */
function matches(pattern) {
  if (!pattern.includes("*")) return existsSync(pattern) ? [pattern] : [];
  const folder = posix.dirname(`${pattern.slice(0, pattern.indexOf("*"))}x`);
  if (!existsSync(folder)) return [];
  const expression = toRegExp(pattern);
  const recursive = pattern.includes("/");
  return readdirSync(folder, { recursive })
    .map((name) => posix.join(folder, String(name).replaceAll("\\", "/")))
    .filter((file) => expression.test(file) && statSync(file).isFile());
}

/** Replaces the folder `to` with the extension; returns the files' paths in it, sorted. */
export function unpackExtension(to) {
  rmSync(to, { recursive: true, force: true });
  const files = [...new Set(allowed().flatMap(matches))].sort();
  for (const file of files) cpSync(file, join(to, file));
  return files;
}

/** The same, and of its manifest what an editor without a server has: the entry for browsers alone. */
export function unpackForBrowser(to) {
  unpackExtension(to);
  const file = join(to, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  delete manifest.main;
  delete manifest.extensionKind;
  writeFileSync(file, JSON.stringify(manifest));
}
