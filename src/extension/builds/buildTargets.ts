/**
 * What in the workspace can be built: ESPHome configurations for these chips, and the environments of PlatformIO projects with LibreTiny.
 * Reads small text files; starts nothing.
 */
import * as vscode from "vscode";
import { findBoard } from "../../core/index";
import { isInside } from "../../builds/paths";
import { boardOf, environmentsOf, parseIni } from "../../builds/platformioIni";
import { isForTheseChips, type BuildSource } from "../../builds/project";
import type { Build } from "./workspaceBuilds";

/** Paths of URIs below `root`. */
export interface BuildTarget {
  readonly source: BuildSource;
  /** The YAML, or the folder of the project. */
  readonly uri: vscode.Uri;
  /** Unlike that of any other: what is remembered. */
  readonly id: string;
  /** For people: "kitchen.yaml", "generic-bk7231t". */
  readonly name: string;
}

const MOST_FILES = 500;
const LARGEST = 256 * 1024;
/** What tools fill, and what is no configuration of a device. */
const NOT_IN = "**/{.esphome,.pio,.pioenvs,.piolibdeps,node_modules,.git,.venv,venv}/**";

export function yamlTarget(uri: vscode.Uri): BuildTarget {
  const name = uri.path.slice(uri.path.lastIndexOf("/") + 1);
  return { source: { kind: "esphome", yaml: uri.path }, uri, id: uri.toString(), name };
}

export function environmentTarget(folder: vscode.Uri, environment: string): BuildTarget {
  const source = { kind: "platformio", folder: folder.path, environment } as const;
  return { source, uri: folder, id: `${folder.toString()}#${environment}`, name: environment };
}

/** What a build was made from; undefined where that is not known. */
export function targetOfBuild({ project, files }: Build): BuildTarget | undefined {
  const { source } = project;
  const [first] = files;
  if (source === undefined || first === undefined) return undefined;
  return source.kind === "esphome"
    ? yamlTarget(first.uri.with({ path: source.yaml }))
    : environmentTarget(first.uri.with({ path: source.folder }), source.environment);
}

export async function targetsIn(): Promise<readonly BuildTarget[]> {
  const [yamls, inis] = await Promise.all([
    vscode.workspace.findFiles("**/*.{yaml,yml}", NOT_IN, MOST_FILES),
    vscode.workspace.findFiles("**/platformio.ini", NOT_IN, MOST_FILES),
  ]);
  const texts = await Promise.all([...yamls, ...inis].map(textOf));
  const found = yamls.flatMap((uri, index) => (isForTheseChips(texts[index] ?? "") ? [yamlTarget(uri)] : []));
  const projects = inis.flatMap((uri, index) => environmentsFor(uri, texts[yamls.length + index] ?? ""));
  return [...found, ...projects].sort((a, b) => a.name.localeCompare(b.name, "en"));
}

function environmentsFor(uri: vscode.Uri, text: string): readonly BuildTarget[] {
  const ini = parseIni(text);
  const folder = vscode.Uri.joinPath(uri, "..");
  const isLibreTiny = /^\s*platform\s*=.*libretiny/im.test(text);
  return environmentsOf(ini)
    .filter((environment) => isLibreTiny || findBoard(boardOf(ini, environment) ?? "") !== undefined)
    .map((environment) => environmentTarget(folder, environment));
}

/** What is open in an editor counts as it is there, saved or not. */
async function textOf(uri: vscode.Uri): Promise<string> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open !== undefined) return open.getText();
  try {
    if ((await vscode.workspace.fs.stat(uri)).size > LARGEST) return "";
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch {
    return "";
  }
}

/** Whether a file is part of what is built. */
export function belongsTo({ source, uri }: BuildTarget, file: vscode.Uri): boolean {
  if (file.scheme !== uri.scheme || file.authority !== uri.authority) return false;
  return source.kind === "esphome" ? file.path === source.yaml : isInside(file.path, source.folder);
}

export function isSameSource(a: BuildSource | undefined, b: BuildSource): boolean {
  if (a?.kind !== b.kind) return false;
  if (a.kind === "esphome") return b.kind === "esphome" && a.yaml === b.yaml;
  return b.kind === "platformio" && a.folder === b.folder && a.environment === b.environment;
}
