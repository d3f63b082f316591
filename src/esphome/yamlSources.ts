/** The files that a YAML of ESPHome's takes in: their texts, by a path from its folder. Whoever reads them hands in how. */
import { filesNamedIn } from "./yamlFile";

/**
 * Texts by path, with `/`, relative to the folder of the YAML; or absolute, as it was written. Under a path that ends in `/` the names of
 * the files that ESPHome takes out of that folder, a line each.
 */
export type YamlSources = ReadonlyMap<string, string>;

/** How the files are read; paths as in {@link YamlSources}. */
export interface SourceReader {
  /** undefined where there is none */
  read(path: string): Promise<string | undefined>;
  /** Names in a folder, those of folders with `/` behind them; undefined where there is none. */
  list(path: string): Promise<readonly string[] | undefined>;
}

export const NO_SOURCES: YamlSources = new Map();
export const SECRETS_FILE = "secrets.yaml";

const MOST_FILES = 64;
const MOST_DEPTH = 8;
const LONGEST_TEXT = 1_000_000;

/** A name in one file, as a path from the folder of the first. */
export function pathFrom(file: string, name: string): string {
  const plain = name.replaceAll("\\", "/");
  if (/^(?:\/|[a-z]:\/)/i.test(plain)) return plain;
  const steps: string[] = [];
  for (const step of [...file.split("/").slice(0, -1), ...plain.split("/")]) {
    if (step === "" || step === ".") continue;
    if (step === ".." && steps.length > 0 && steps.at(-1) !== "..") steps.pop();
    else steps.push(step);
  }
  return `${file.startsWith("/") ? "/" : ""}${steps.join("/")}`;
}

/** Where the names of a folder's files are. */
export function folderPath(file: string, folder: string): string {
  return `${pathFrom(file, folder)}/`;
}

/** All files that the text needs, and those need, as far as they are there. Bounded in number, depth and size. */
export async function gatherSources(text: string, files: SourceReader): Promise<YamlSources> {
  const found = new Map<string, string>();
  const asked = new Set<string>();
  let level: readonly (readonly [path: string, text: string])[] = [["", text]];
  for (let depth = 0; depth < MOST_DEPTH && level.length > 0; depth++) {
    const next: (readonly [path: string, text: string])[] = [];
    const paths = level.flatMap(pathsIn);
    for (const folder of level.flatMap(foldersIn)) {
      if (found.has(folder)) continue;
      const names = await filesBelow(folder, files, 0);
      if (names === undefined) continue;
      found.set(folder, names.join("\n"));
      paths.push(...names.map((name) => folder + name));
    }
    for (const path of paths) {
      if (asked.has(path) || asked.size >= MOST_FILES) continue;
      asked.add(path);
      const inner = await files.read(path);
      if (inner === undefined || inner.length > LONGEST_TEXT) continue;
      found.set(path, inner);
      next.push([path, inner]);
    }
    level = next;
  }
  return found;
}

/** Secrets lie beside the file, or beside the first one. */
function pathsIn([file, text]: readonly [path: string, text: string]): readonly string[] {
  const { names, hasSecrets } = filesNamedIn(text);
  const paths = names.map((name) => pathFrom(file, name));
  return hasSecrets ? [...paths, pathFrom(file, SECRETS_FILE), SECRETS_FILE] : paths;
}

function foldersIn([file, text]: readonly [path: string, text: string]): readonly string[] {
  return filesNamedIn(text).folders.map((folder) => folderPath(file, folder));
}

/** As ESPHome goes through a folder: what ends in `.yaml`, sorted, then the folders in it; nothing hidden, no secrets. */
async function filesBelow(folder: string, files: SourceReader, depth: number): Promise<readonly string[] | undefined> {
  const names = depth > MOST_DEPTH ? [] : await files.list(folder);
  if (names === undefined) return undefined;
  const seen = [...names].sort().filter((name) => !name.startsWith("."));
  const found = seen.filter((name) => name.endsWith(".yaml") && name !== SECRETS_FILE);
  for (const inner of seen.filter((name) => name.endsWith("/")))
    if (found.length < MOST_FILES)
      found.push(...((await filesBelow(folder + inner, files, depth + 1)) ?? []).map((name) => inner + name));
  return found.slice(0, MOST_FILES);
}
