/** The files that a YAML of ESPHome's takes in: their texts, by a path from its folder. Whoever reads them hands in how. */
import { filesNamedIn } from "./yamlFile";

/** Texts by path, with `/`, relative to the folder of the YAML; or absolute, as it was written. */
export type YamlSources = ReadonlyMap<string, string>;

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

/**
 * All files that the text needs, and those need, as far as they are there. Bounded in number, depth and size.
 * @param read the text at a path from the YAML's folder; undefined where there is none
 */
export async function gatherSources(
  text: string,
  read: (path: string) => Promise<string | undefined>,
): Promise<YamlSources> {
  const found = new Map<string, string>();
  const asked = new Set<string>();
  let level: readonly (readonly [path: string, text: string])[] = [["", text]];
  for (let depth = 0; depth < MOST_DEPTH && level.length > 0; depth++) {
    const next: (readonly [path: string, text: string])[] = [];
    for (const path of level.flatMap(pathsIn)) {
      if (asked.has(path) || asked.size >= MOST_FILES) continue;
      asked.add(path);
      const inner = await read(path);
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
