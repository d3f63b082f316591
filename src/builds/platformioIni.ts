/**
 * platformio.ini, as far as it tells where builds go and for what board: sections, `extends`, `${section.option}` and
 * environment variables. Pure. Source: PlatformIO's documentation of the project configuration file ("Directory options",
 * "Interpolation of values").
 */
import { join, nameOfPath, nativePath, pathFrom } from "./paths";

export type Ini = ReadonlyMap<string, ReadonlyMap<string, string>>;

export interface Environment {
  /** Variables that this process was started with; none where the files are on another machine. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly home: string | undefined;
}

/** References that lead in a circle end here. */
const DEEPEST_REFERENCE = 12;

/** Several files as one: later ones change and add to earlier ones, as `extra_configs` do. */
export function parseIni(...texts: readonly string[]): Ini {
  const sections = new Map<string, Map<string, string>>();
  for (const text of texts) {
    let section: Map<string, string> | undefined;
    let option: string | undefined;
    for (const raw of text.split(/\r?\n/)) {
      const line = raw.replace(/(^|\s)[#;].*$/, "").trimEnd();
      const header = /^\[([^\]]+)\]/.exec(line)?.[1]?.trim();
      const [, name, value] = /^([^\s=:][^=:]*?)\s*[=:]\s*(.*)$/.exec(line) ?? [];
      if (header !== undefined) {
        section = sections.get(header) ?? new Map<string, string>();
        sections.set(header, section);
        option = undefined;
      } else if (name !== undefined && value !== undefined) {
        option = name.toLowerCase();
        section?.set(option, value);
      } else if (option !== undefined && /^\s+\S/.test(line)) {
        section?.set(option, `${section.get(option) ?? ""}\n${line.trim()}`.trim());
      }
    }
  }
  return sections;
}

/** Names of the environments. */
export function environmentsOf(ini: Ini): readonly string[] {
  return [...ini.keys()].filter((name) => name.startsWith("env:")).map((name) => name.slice("env:".length));
}

export function boardOf(ini: Ini, environment: string): string | undefined {
  const board = optionOf(ini, environment, "board");
  return board === undefined || board === "" ? undefined : board;
}

/** What the compiler is told; as it is written where something in it stays unknown. */
export function flagsOf(ini: Ini, environment: string): string {
  return optionOf(ini, environment, "build_flags") ?? valueOf(ini, `env:${environment}`, "build_flags") ?? "";
}

function optionOf(ini: Ini, environment: string, option: string): string | undefined {
  const value = valueOf(ini, `env:${environment}`, option)?.trim();
  if (value === undefined) return undefined;
  return fill(value, (section, name) => {
    const from = section === "this" ? `env:${environment}` : section;
    return from === undefined ? undefined : valueOf(ini, from, name);
  });
}

/** Of the `[platformio]` section: several values, by line or by comma. */
export function extraConfigs(ini: Ini): readonly string[] {
  const value = ini.get("platformio")?.get("extra_configs") ?? "";
  return value
    .split(/\n|, /)
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** The folder with a folder for each environment; undefined when it cannot be told. */
export async function buildFolder(ini: Ini, project: string, environment: Environment): Promise<string | undefined> {
  const hash = `${nameOfPath(project)}-${(await sha1(nativePath(project))).slice(0, 10)}`;
  const platformio = (name: string, depth: number): string | undefined => {
    if (depth > DEEPEST_REFERENCE) return undefined;
    const variable = environment.variables[`PLATFORMIO_${name.toUpperCase()}`];
    const set = variable === undefined || variable === "" ? valueOf(ini, "platformio", name) : variable;
    if (set === undefined || set.trim() === "") {
      if (name === "workspace_dir") return join(project, ".pio");
      const workspace = name === "build_dir" ? platformio("workspace_dir", depth + 1) : undefined;
      return workspace === undefined ? undefined : join(workspace, "build");
    }
    const text = fill(set.trim(), (section, option) => {
      if (section === undefined)
        return option === "PROJECT_DIR" ? project : option === "PROJECT_HASH" ? hash : undefined;
      if (section === "sysenv") return environment.variables[option] ?? "";
      if (section === "platformio" || section === "this")
        return option.endsWith("_dir") ? platformio(option, depth + 1) : valueOf(ini, "platformio", option);
      return valueOf(ini, section, option);
    });
    return text === undefined ? undefined : pathFrom(text, project, environment.home);
  };
  return platformio("build_dir", 0);
}

/** The option of a section, of one it extends, or of `[env]`, which all environments share. */
function valueOf(ini: Ini, section: string, option: string): string | undefined {
  const queue = section.startsWith("env:") ? ["env", section] : [section];
  for (let looked = 0; queue.length > 0 && looked < DEEPEST_REFERENCE; looked++) {
    const options = ini.get(queue.pop() ?? "");
    const value = options?.get(option);
    if (value !== undefined) return value;
    queue.push(
      ...(options?.get("extends") ?? "")
        .split(/[\n,]/)
        .map((name) => name.trim())
        .filter((name) => name !== ""),
    );
  }
  return undefined;
}

/** `$PROJECT_DIR` and `$PROJECT_HASH` are the old way to write them. Undefined when something stays unknown. */
function fill(
  text: string,
  resolve: (section: string | undefined, option: string) => string | undefined,
): string | undefined {
  let filled = text.replace(/\$(PROJECT_DIR|PROJECT_HASH)\b/g, "${$1}");
  for (let depth = 0; filled.includes("${"); depth++) {
    if (depth > DEEPEST_REFERENCE) return undefined;
    let unknown = false;
    filled = filled.replace(/\$\{(?:([^.{}()]+)\.)?([^{}]+)\}/g, (_, section: string | undefined, option: string) => {
      const value = resolve(section, option);
      unknown ||= value === undefined;
      return value ?? "";
    });
    if (unknown) return undefined;
  }
  return filled;
}

async function sha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
