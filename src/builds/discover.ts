/**
 * Finds builds: ESPHome's where its storage files say and by the folders it makes, PlatformIO's where its configuration says,
 * outputs and downloads wherever they lie. Works on a small file-system interface, so that it runs on any editor file
 * system and on a table in a test. What the files of a folder say leads out of it only where the folder is trusted.
 */
import { parseFileName, readUf2Head, UF2_HEAD } from "../core/index";
import { assignRoles, inDisplayOrder, type Artefact } from "./artefacts";
import { foldersIn, type BuildFiles, type Entry } from "./buildFiles";
import { looseProjects } from "./loose";
import { isInside, join, nameOfPath, parentOf, pathFrom } from "./paths";
import {
  boardOf,
  buildFolder,
  environmentsOf,
  extraConfigs,
  parseIni,
  type Environment,
  type Ini,
} from "./platformioIni";
import {
  boardOfJson,
  boardOfYaml,
  factsOfUf2Head,
  factsOfUf2Name,
  makeProject,
  parseStorage,
  type BuildSource,
  type Facts,
  type Project,
  type Stored,
} from "./project";
import { walk } from "./walk";

export interface Surroundings extends Environment {
  /** Whether to follow paths that lead out of the folder. */
  readonly isTrusted: boolean;
}

export interface Found {
  /** Newest first. */
  readonly projects: readonly Project[];
  /** After how many folders the search was given up; undefined when it came to its end. */
  readonly cutAfter: number | undefined;
}

/** A folder of outputs, and what is known of it from elsewhere, best first. */
interface Place {
  readonly path: string;
  readonly kind: "esphome" | "platformio";
  readonly name: string;
  readonly facts: () => Promise<readonly Facts[]>;
  readonly source?: BuildSource | undefined;
}

interface StoredAt extends Stored {
  readonly yaml: string;
}

/** @throws what `signal` was aborted with */
export async function discoverBuilds(
  files: BuildFiles,
  root: string,
  surroundings: Surroundings,
  signal: AbortSignal = new AbortController().signal,
): Promise<Found> {
  const search = new Search(files, root, surroundings);
  const cutAfter = await walk(files, root, {
    signal,
    visit: (folder, entries) => search.visit(folder, entries),
    isTaken: (folder) => search.isTaken(folder),
  });
  return { projects: (await search.finish(signal)).sort(newestFirst), cutAfter };
}

export function newestFirst(a: Project, b: Project): number {
  return b.modified - a.modified || a.name.localeCompare(b.name, "en");
}

class Search {
  private readonly places = new Map<string, Place>();
  private readonly loose: Project[] = [];
  private readonly taken = new Set<string>();
  private movedData: Promise<readonly StoredAt[]> | undefined;

  constructor(
    private readonly files: BuildFiles,
    private readonly root: string,
    private readonly surroundings: Surroundings,
  ) {}

  isTaken(folder: string): boolean {
    return this.taken.has(folder) || this.places.has(folder);
  }

  /** Whether the folders in it are worth a visit of their own. */
  async visit(folder: string, entries: readonly Entry[]): Promise<boolean> {
    const has = (name: string, kind: Entry["kind"] = "folder"): boolean =>
      entries.some((entry) => entry.kind === kind && entry.name === name);
    if (has(".esphome")) await this.visitData(join(folder, ".esphome"), folder);
    // A data folder that ESPHOME_DATA_DIR has moved, or that was opened itself, looks the same inside.
    if (has("storage")) await this.visitData(folder, parentOf(folder) ?? folder);
    await this.visitMovedData(folder, entries);
    if (has(".pioenvs")) {
      await this.addEsphomeBuild(folder, undefined);
      return false;
    }
    if (has("platformio.ini", "file") || has(".pio")) await this.visitPlatformio(folder);
    if (isOutputs(entries)) {
      this.addOpened(folder);
      return false;
    }
    this.loose.push(...(await looseProjects(this.files, folder, entries)));
    return true;
  }

  /** Reads what was found. */
  async finish(signal: AbortSignal): Promise<Project[]> {
    // One folder may have been come to by several ways, over a link and not.
    const byReal = new Map<string, Place>();
    for (const place of this.places.values()) {
      signal.throwIfAborted();
      const real = (await this.files.real(place.path)) ?? place.path;
      byReal.set(real, together(byReal.get(real), place));
    }
    const found: Project[] = [];
    for (const [real, place] of byReal) {
      signal.throwIfAborted();
      const project = await this.readOutputs(real, place);
      if (project !== undefined) found.push(project);
    }
    return [...found, ...this.loose];
  }

  private add(place: Place): void {
    this.places.set(place.path, together(this.places.get(place.path), place));
  }

  private async visitData(data: string, config: string): Promise<void> {
    const { files } = this;
    const stored = await this.readStorage(data);
    for (const device of await foldersIn(files, join(data, "build"))) {
      const build = join(data, `build/${device}`);
      const known = stored.find((one) => nameOfBuild(one) === device) ?? stored.find((one) => one.device === device);
      await this.addEsphomeBuild(build, known, config);
      this.taken.add(build);
    }
    for (const one of stored) await this.addStored(one, data, config);
  }

  /** Where `ESPHOME_DATA_DIR` leads for every configuration of this machine: only what belongs to one in this folder. */
  private async visitMovedData(folder: string, entries: readonly Entry[]): Promise<void> {
    const { variables, home } = this.surroundings;
    const written = variables["ESPHOME_DATA_DIR"];
    const yamls = new Set(entries.filter(({ kind }) => kind === "file").map(({ name }) => name));
    if (written === undefined || ![...yamls].some((name) => /\.ya?ml$/i.test(name))) return;
    const data = pathFrom(written, folder, home);
    if (data === undefined || data === join(folder, ".esphome")) return;
    this.movedData ??= this.readStorage(data);
    for (const one of await this.movedData) {
      if (!yamls.has(one.yaml)) continue;
      await this.addEsphomeBuild(join(data, `build/${one.device}`), one, folder);
      await this.addStored(one, data, folder);
    }
  }

  private async readStorage(data: string): Promise<readonly StoredAt[]> {
    const { files } = this;
    const names = (await files.list(join(data, "storage"))).filter(
      ({ name, kind }) => kind === "file" && name.endsWith(".json"),
    );
    const all = await Promise.all(
      names.map(async ({ name }) => {
        const stored = parseStorage((await files.text(join(data, `storage/${name}`))) ?? "");
        return stored && { ...stored, yaml: name.slice(0, -".json".length) };
      }),
    );
    return all.filter((one) => one !== undefined);
  }

  /** Where the storage file says; where ESPHome ran in a container, the part of that path which is here, too. */
  private async addStored(stored: StoredAt, data: string, config: string): Promise<void> {
    for (const written of [stored.buildPath, folderOfFirmware(stored.firmwarePath)]) {
      if (written === undefined) continue;
      for (const path of this.possible(written, data, config)) {
        const before = this.places.size;
        await this.addEsphomeBuild(path, stored, config);
        if (this.places.size > before || this.isTaken(path)) return;
      }
    }
  }

  private possible(written: string, data: string, config: string): readonly string[] {
    const { home, isTrusted } = this.surroundings;
    const path = pathFrom(written, data, home);
    if (path === undefined) return [];
    const parts = path.split("/").filter((part) => part !== "");
    const tails = parts.slice(1).map((_, index) => parts.slice(index + 1).join("/"));
    const here = [...tails.map((tail) => join(config, tail)), ...tails.map((tail) => join(data, tail))];
    // What another data folder holds is that one's: the files were copied here with their paths.
    const isForeign = path.includes("/.esphome/") && !isInside(path, data);
    const mayLeave = isTrusted || isInside(path, this.root) || isInside(path, data);
    return isForeign || !mayLeave ? here : [path, ...here];
  }

  /** A folder of ESPHome's with a PlatformIO project in it, and there one environment or several. */
  private async addEsphomeBuild(build: string, known: StoredAt | undefined, config?: string): Promise<void> {
    const { files } = this;
    const source = config === undefined ? undefined : await this.yamlOf(config, known?.yaml, nameOfPath(build));
    for (const environment of await foldersIn(files, join(build, ".pioenvs"))) {
      this.taken.add(build);
      this.add({
        path: join(build, `.pioenvs/${environment}`),
        kind: "esphome",
        name: nameOfPath(build) || environment,
        source,
        facts: async () => {
          const stored = known ?? (await this.storedAround(build));
          const yaml = stored?.yaml ?? `${nameOfPath(build)}.yaml`;
          return [
            ...(stored === undefined ? [] : [stored]),
            { board: boardOf(parseIni((await files.text(join(build, "platformio.ini"))) ?? ""), environment) },
            { board: boardOfYaml((config && (await files.text(join(config, yaml)))) ?? "") },
          ];
        },
      });
    }
  }

  /** The configuration that a build was made from: named in its storage file, else by the build's name. */
  private async yamlOf(config: string, stored: string | undefined, name: string): Promise<BuildSource | undefined> {
    for (const yaml of stored === undefined ? [`${name}.yaml`, `${name}.yml`] : [stored]) {
      const path = join(config, yaml);
      if ((await this.files.stat(path)) !== undefined) return { kind: "esphome", yaml: path };
    }
    return undefined;
  }

  /** A build's own folder was opened: its storage file is beside the folder of builds. */
  private async storedAround(build: string): Promise<StoredAt | undefined> {
    const data = parentOf(parentOf(build) ?? "");
    if (data === undefined || !(this.surroundings.isTrusted || isInside(data, this.root))) return undefined;
    const device = nameOfPath(build);
    return (await this.readStorage(data)).find((one) => nameOfBuild(one) === device || one.device === device);
  }

  private async visitPlatformio(project: string): Promise<void> {
    const { files, root, surroundings } = this;
    const ini = await this.readIni(project);
    const usual = join(project, ".pio/build");
    const folder = (await buildFolder(ini, project, surroundings)) ?? usual;
    const mayLook = surroundings.isTrusted || isInside(folder, root);
    const environments = mayLook ? await foldersIn(files, folder) : [];
    // A folder that several projects share has the environments of all of them.
    const own = new Set(environmentsOf(ini));
    const isShared = !isInside(folder, project) && own.size > 0;
    for (const environment of environments) {
      if (isShared && !own.has(environment)) continue;
      this.add({
        path: join(folder, environment),
        kind: "platformio",
        name: environment,
        source: { kind: "platformio", folder: project, environment },
        facts: () => Promise.resolve([{ board: boardOf(ini, environment) }]),
      });
      this.taken.add(join(folder, environment));
    }
    if (folder !== usual && environments.length === 0) {
      for (const environment of await foldersIn(files, usual)) {
        this.add({
          path: join(usual, environment),
          kind: "platformio",
          name: environment,
          source: { kind: "platformio", folder: project, environment },
          facts: () => Promise.resolve([{ board: boardOf(ini, environment) }]),
        });
      }
    }
  }

  private async readIni(project: string): Promise<Ini> {
    const { files } = this;
    const main = (await files.text(join(project, "platformio.ini"))) ?? "";
    const more: string[] = [];
    for (const written of extraConfigs(parseIni(main))) {
      const path = pathFrom(written, project, undefined);
      const folder = path && parentOf(path);
      // Only beside or below the project: the others are of no concern to where it builds.
      if (path === undefined || folder === undefined || !isInside(path, project)) continue;
      const wanted = new RegExp(
        `^${nameOfPath(path)
          .replace(/[.+^${}()|[\]\\]/g, "\\$&")
          .replaceAll("*", ".*")}$`,
      );
      const names = (await files.list(folder)).filter(({ name, kind }) => kind === "file" && wanted.test(name));
      for (const { name } of names) more.push((await files.text(join(folder, name))) ?? "");
    }
    return parseIni(main, ...more);
  }

  /** Outputs that nothing else led to: a folder of them was opened, or copied. */
  private addOpened(folder: string): void {
    const { files } = this;
    const environment = nameOfPath(folder);
    const around = parentOf(folder);
    const isEsphome = around !== undefined && nameOfPath(around) === ".pioenvs";
    const project = isEsphome ? parentOf(around) : around && parentOf(parentOf(around) ?? "");
    const mayLook = project !== undefined && (this.surroundings.isTrusted || isInside(project, this.root));
    this.add({
      path: folder,
      kind: isEsphome ? "esphome" : "platformio",
      name: environment,
      facts: async () => {
        if (!mayLook) return [];
        const stored = isEsphome ? await this.storedAround(project) : undefined;
        const board = boardOf(parseIni((await files.text(join(project, "platformio.ini"))) ?? ""), environment);
        return [...(stored === undefined ? [] : [stored]), { board }];
      },
    });
  }

  /** Looks at one folder of outputs; undefined for builds of other platforms. */
  private async readOutputs(id: string, { path, kind, name, facts, source }: Place): Promise<Project | undefined> {
    const { files } = this;
    const names = (await files.list(path)).filter((entry) => entry.kind === "file").map((entry) => entry.name);
    const head = names.includes("firmware.uf2") ? await files.head(join(path, "firmware.uf2"), UF2_HEAD) : undefined;
    const told = head && readUf2Head(head);
    // Other platforms leave a firmware.bin, too: only LibreTiny for Beken names its images like this, and marks its UF2.
    if (told === undefined && !names.some(isBekenOutput)) return undefined;
    const artefacts = inDisplayOrder(assignRoles(await this.statAll(path, names)));
    if (artefacts.length === 0) return undefined;
    const boardJson = await files.text(join(path, "board.json"));
    const all = [
      ...(await facts()),
      ...(boardJson === undefined ? [] : [{ board: boardOfJson(boardJson) }]),
      ...names.map(factsOfUf2Name),
      ...(told === undefined ? [] : [{ chip: factsOfUf2Head(told).chip, board: told.board }]),
    ];
    const project = makeProject(id, kind, artefacts, all, name);
    return source === undefined ? project : { ...project, source };
  }

  private async statAll(folder: string, names: readonly string[]): Promise<readonly Omit<Artefact, "role">[]> {
    const all = await Promise.all(
      names.map(async (name) => {
        const path = join(folder, name);
        const facts = await this.files.stat(path);
        return facts && { path, name, ...facts };
      }),
    );
    return all.filter((file) => file !== undefined);
  }
}

/** Both know something: a storage file the device's name, the folders around it the board. */
function together(known: Place | undefined, place: Place): Place {
  if (known === undefined) return place;
  const facts = async (): Promise<readonly Facts[]> => [...(await known.facts()), ...(await place.facts())];
  return { ...(known.kind === "esphome" ? known : place), facts, source: known.source ?? place.source };
}

function isBekenOutput(name: string): boolean {
  const { maker, chip } = parseFileName(name);
  return maker === "libretiny" && chip !== undefined;
}

/** What the linker or the packager leaves beside the images, and no download list offers. */
function isOutputs(entries: readonly Entry[]): boolean {
  const names = entries.filter(({ kind }) => kind === "file").map(({ name }) => name);
  return (
    names.some(isBekenOutput) &&
    names.some((name) => /^(firmware\.uf2|raw_firmware\.\w+|firmware\.json|board\.json)$/i.test(name))
  );
}

/** The folder's name in ESPHome's own words. */
function nameOfBuild({ buildPath }: Stored): string | undefined {
  return buildPath === undefined ? undefined : nameOfPath(buildPath.replaceAll("\\", "/").replace(/\/+$/, ""));
}

/** `<build>/.pioenvs/<name>/firmware.uf2` */
function folderOfFirmware(path: string | undefined): string | undefined {
  return /^(.+)[\\/]\.pioenvs[\\/][^\\/]+[\\/][^\\/]+$/.exec(path ?? "")?.[1];
}
