/**
 * Finds builds below a folder: ESPHome's and PlatformIO's by the folders they make, OpenBeken's by file names. Works on a
 * small file-system interface, so that it runs on any editor file system and on a table in a test. Bounded: a workspace
 * may hold anything.
 */
import { assignRoles, inDisplayOrder, openBekenRole, type Artefact } from "./artefacts";
import {
  boardOfIni,
  boardOfJson,
  boardOfYaml,
  factsOfUf2Name,
  makeProject,
  parseStorage,
  type Facts,
  type Project,
} from "./project";

export interface Entry {
  readonly name: string;
  readonly kind: "file" | "folder";
}

/** Paths have forward slashes and start with the folder that was handed in. */
export interface BuildFiles {
  /** Empty for what is no folder. */
  list(path: string): Promise<readonly Entry[]>;
  stat(path: string): Promise<{ readonly size: number; readonly modified: number } | undefined>;
  text(path: string): Promise<string | undefined>;
}

/** How far below a workspace folder builds are looked for, and in how many folders in all. */
const DEPTH = 4;
const MOST_FOLDERS = 1_500;
const SKIPPED =
  /^(node_modules|\.git|\.hg|\.svn|\.venv|venv|__pycache__|\.vscode|\.vscode-test|\.cache|dist|out|\.pio|\.esphome)$/;

interface Search {
  readonly files: BuildFiles;
  readonly found: Project[];
  folders: number;
}

/** All builds below `root`, newest first. */
export async function discoverBuilds(files: BuildFiles, root: string): Promise<readonly Project[]> {
  const search: Search = { files, found: [], folders: 0 };
  await visit(search, root, 0);
  return search.found.sort(newestFirst);
}

export function newestFirst(a: Project, b: Project): number {
  return b.modified - a.modified || a.name.localeCompare(b.name, "en");
}

async function visit(search: Search, folder: string, depth: number): Promise<void> {
  if (++search.folders > MOST_FOLDERS) return;
  const entries = await search.files.list(folder);
  const has = (name: string): boolean => entries.some((entry) => entry.kind === "folder" && entry.name === name);
  if (has(".esphome")) await visitEsphome(search, folder);
  if (has(".pio")) await visitPlatformio(search, folder);
  // A data folder that ESPHOME_DATA_DIR has moved looks the same inside.
  if (has("build") && has("storage")) await visitEsphomeData(search, folder, folder);
  await visitLoose(search, folder, entries);
  if (depth >= DEPTH) return;
  for (const { name, kind } of entries) {
    if (kind === "folder" && !SKIPPED.test(name)) await visit(search, `${folder}/${name}`, depth + 1);
  }
}

function visitEsphome(search: Search, config: string): Promise<void> {
  return visitEsphomeData(search, `${config}/.esphome`, config);
}

async function visitEsphomeData(search: Search, data: string, config: string): Promise<void> {
  const { files } = search;
  const stored = await readStorage(files, data);
  for (const device of await foldersIn(files, `${data}/build`)) {
    for (const environment of await foldersIn(files, `${data}/build/${device}/.pioenvs`)) {
      const path = `${data}/build/${device}/.pioenvs/${environment}`;
      const storage = stored.get(device);
      const yaml = storage === undefined ? `${device}.yaml` : storage.yaml;
      const facts = async (): Promise<readonly Facts[]> => [
        ...(storage === undefined ? [] : [storage.facts]),
        { board: boardOfIni((await files.text(`${data}/build/${device}/platformio.ini`)) ?? "", environment) },
        { board: boardOfYaml((await files.text(`${config}/${yaml}`)) ?? "") },
      ];
      await addOutputs(search, path, "esphome", device, facts);
    }
  }
}

async function readStorage(
  files: BuildFiles,
  data: string,
): Promise<ReadonlyMap<string, { facts: Facts; yaml: string }>> {
  const stored = new Map<string, { facts: Facts; yaml: string }>();
  for (const { name, kind } of await files.list(`${data}/storage`)) {
    if (kind !== "file" || !name.endsWith(".json")) continue;
    const facts = parseStorage((await files.text(`${data}/storage/${name}`)) ?? "");
    if (facts !== undefined) stored.set(facts.device, { facts, yaml: name.slice(0, -".json".length) });
  }
  return stored;
}

async function visitPlatformio(search: Search, project: string): Promise<void> {
  const { files } = search;
  for (const environment of await foldersIn(files, `${project}/.pio/build`)) {
    const facts = async (): Promise<readonly Facts[]> => [
      { board: boardOfIni((await files.text(`${project}/platformio.ini`)) ?? "", environment) },
    ];
    await addOutputs(search, `${project}/.pio/build/${environment}`, "platformio", environment, facts);
  }
}

/** Looks at one folder of outputs; adds nothing for builds of other platforms. */
async function addOutputs(
  { files, found }: Search,
  path: string,
  kind: "esphome" | "platformio",
  name: string,
  moreFacts: () => Promise<readonly Facts[]>,
): Promise<void> {
  const names = (await files.list(path)).filter((entry) => entry.kind === "file").map((entry) => entry.name);
  // Other platforms leave a firmware.bin, too: only LibreTiny for Beken names its images like this.
  if (!names.some((file) => /^image_b[kl]\d{4}[a-z]?_/i.test(file))) return;
  const artefacts = inDisplayOrder(assignRoles(await statAll(files, path, names)));
  if (artefacts.length === 0) return;
  const boardJson = await files.text(`${path}/board.json`);
  const facts = [
    ...(await moreFacts()),
    ...(boardJson === undefined ? [] : [{ board: boardOfJson(boardJson) }]),
    ...names.map(factsOfUf2Name),
  ];
  found.push(makeProject(path, kind, artefacts, facts, name));
}

/** OpenBeken releases as people download them: files of one chip and version in one folder belong together. */
async function visitLoose(search: Search, folder: string, entries: readonly Entry[]): Promise<void> {
  const names = entries
    .filter(({ name, kind }) => kind === "file" && openBekenRole(name) !== undefined)
    .map(({ name }) => name);
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const [, chip = "", version = ""] = /^Open(B[KL]\d{4}[A-Z]?)_.*?(\d+(?:\.\d+)+)?(?:\.\w+)?$/i.exec(name) ?? [];
    const group = `${chip.toUpperCase()} ${version}`;
    groups.set(group, [...(groups.get(group) ?? []), name]);
  }
  for (const [group, members] of groups) {
    const [chip = "", version = ""] = group.split(" ");
    const artefacts = (await statAll(search.files, folder, members)).flatMap((file): readonly Artefact[] => {
      const role = openBekenRole(file.name);
      return role === undefined ? [] : [{ ...file, role }];
    });
    const facts = { name: `OpenBeken ${chip}`, version: version === "" ? undefined : `OpenBeken ${version}` };
    search.found.push(makeProject(`${folder}#${group}`, "openbeken", inDisplayOrder(artefacts), [facts], group));
  }
}

async function statAll(
  files: BuildFiles,
  folder: string,
  names: readonly string[],
): Promise<readonly Omit<Artefact, "role">[]> {
  const all = await Promise.all(
    names.map(async (name) => {
      const path = `${folder}/${name}`;
      const facts = await files.stat(path);
      return facts === undefined ? [] : [{ path, name, ...facts }];
    }),
  );
  return all.flat();
}

async function foldersIn(files: BuildFiles, path: string): Promise<readonly string[]> {
  return (await files.list(path)).filter(({ kind }) => kind === "folder").map(({ name }) => name);
}
