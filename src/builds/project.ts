/**
 * One build found in the workspace, and what its small text files tell about it: storage of ESPHome, platformio.ini, YAML,
 * and the names of its outputs. Pure; reads no files itself.
 */
import { parseFileName, type Uf2Head } from "../core/index";
import { recommend, type Artefact } from "./artefacts";

export type ProjectKind = "esphome" | "platformio" | "openbeken";

/** What a build is made from, and so can be made from again. Paths as discovery has them (paths.ts). */
export type BuildSource =
  | { readonly kind: "esphome"; readonly yaml: string }
  | { readonly kind: "platformio"; readonly folder: string; readonly environment: string };

export interface Project {
  /** The folder of the outputs; for loose files the folder and what they share. Unique. */
  readonly id: string;
  readonly kind: ProjectKind;
  /** Device name for people: "Hall Plug". */
  readonly name: string;
  readonly board: string | undefined;
  /** Upper case, as printed on the chip: "BK7231N". */
  readonly chip: string | undefined;
  /** What made it: "ESPHome 2025.5.0", "LibreTiny 1.13.0", "OpenBeken 1.17.9". */
  readonly version: string | undefined;
  /** When its recommended file was written, or the newest of all; milliseconds since 1970. */
  readonly modified: number;
  readonly artefacts: readonly Artefact[];
  readonly recommended: Artefact | undefined;
  /** Left out where it is not known. */
  readonly source?: BuildSource | undefined;
}

export interface Facts {
  readonly name?: string | undefined;
  readonly board?: string | undefined;
  readonly version?: string | undefined;
  readonly chip?: string | undefined;
}

/** What `.esphome/storage/<file>.yaml.json` tells of a device. */
export interface Stored extends Facts {
  readonly device: string;
  /** Where its build is, as ESPHome wrote it: maybe on another machine or in a container. */
  readonly buildPath: string | undefined;
  readonly firmwarePath: string | undefined;
}

/** Undefined for other platforms and for what is no such file. */
export function parseStorage(text: string): Stored | undefined {
  const fields = parseObject(text);
  const platform = textOf(fields?.["core_platform"]) ?? textOf(fields?.["esp_platform"]);
  const device = textOf(fields?.["name"]);
  if (fields === undefined || device === undefined || platform === undefined) return undefined;
  if (!/^(bk72xx|libretiny)$/i.test(platform)) return undefined;
  const version = textOf(fields["esphome_version"]);
  return {
    device,
    name: textOf(fields["friendly_name"]) ?? device,
    version: version === undefined ? undefined : `ESPHome ${version}`,
    buildPath: pathOf(fields["build_path"]),
    firmwarePath: pathOf(fields["firmware_bin_path"]),
  };
}

/** Older versions wrote `None` where there was no path. */
function pathOf(value: unknown): string | undefined {
  const text = textOf(value);
  return text === "None" ? undefined : text;
}

/** Whether a text is an ESPHome configuration for one of these chips. */
export function isForTheseChips(yaml: string): boolean {
  return /^(?:bk72xx|libretiny)[ \t]*:/m.test(yaml);
}

/** `board:` below `bk72xx:` of an ESPHome configuration; the rest of YAML does not matter here. */
export function boardOfYaml(text: string): string | undefined {
  const block = /^(?:bk72xx|libretiny):[ \t]*(?:#.*)?\r?\n((?:[ \t]+.*(?:\r?\n|$)|[ \t]*\r?\n)+)/m.exec(text)?.[1];
  return block === undefined ? undefined : /^[ \t]+board:[ \t]*["']?([\w.-]+)/m.exec(block)?.[1];
}

/** `board.json` as LibreTiny leaves it beside the outputs. */
export function boardOfJson(text: string): string | undefined {
  const fields = parseObject(text);
  const build = fields?.["build"];
  const variant =
    typeof build === "object" && build !== null ? (build as Record<string, unknown>)["variant"] : undefined;
  return textOf(variant) ?? textOf(fields?.["id"]);
}

/** `<project>_<version>_<variant>_<mcu>_lt<version>.uf2` */
export function factsOfUf2Name(name: string): Facts {
  const match = /_([a-z0-9.-]+)_(bk\d{4}[a-z]?|bl\d{4}[a-z]?)_lt([\d.]+)\.uf2$/i.exec(name);
  return match === null ? {} : { board: match[1], version: `LibreTiny ${match[3]}` };
}

/** What the first block of a UF2 tells. */
export function factsOfUf2Head({ chip, board, firmware, version, libreTiny }: Uf2Head): Facts {
  const isEsphome = firmware?.toLowerCase() === "esphome" && version !== undefined;
  return {
    chip,
    board,
    version: isEsphome ? `ESPHome ${version}` : libreTiny === undefined ? undefined : `LibreTiny ${libreTiny}`,
  };
}

/** The chip that file names agree on. */
export function chipOfNames(names: readonly string[]): string | undefined {
  const chips = names.flatMap((name) => parseFileName(name).mention?.toUpperCase() ?? []);
  const [first] = chips;
  return chips.every((chip) => chip === first) ? first : undefined;
}

export function makeProject(
  id: string,
  kind: ProjectKind,
  artefacts: readonly Artefact[],
  facts: readonly Facts[],
  fallbackName: string,
): Project {
  const first = (pick: (fact: Facts) => string | undefined): string | undefined =>
    facts.map(pick).find((value) => value !== undefined);
  const recommended = recommend(artefacts);
  return {
    id,
    kind,
    name: first(({ name }) => name) ?? fallbackName,
    board: first(({ board }) => board),
    chip: chipOfNames(artefacts.map(({ name }) => name)) ?? first(({ chip }) => chip),
    version: first(({ version }) => version),
    modified: recommended?.modified ?? Math.max(0, ...artefacts.map(({ modified }) => modified)),
    artefacts,
    recommended,
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}
