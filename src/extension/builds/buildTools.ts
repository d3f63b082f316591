/**
 * Where the programs are that build firmware: `esphome`, and PlatformIO's `pio`. Looked for where people have them, in this order: what the
 * setting names; a virtual environment in the workspace; PATH; PlatformIO's own environment, which is in no PATH (`penv`: PlatformIO's
 * documentation, "Installer Script"). Starts nothing.
 */

export type BuildTool = "esphome" | "pio";

export interface ToolSurroundings {
  /** What the setting names, as written; empty where it names nothing. */
  readonly setting: string;
  /** Folders of this machine's disk with what is built, the nearest first. */
  readonly folders: readonly string[];
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly home: string | undefined;
  readonly isWindows: boolean;
}

/** As virtual environments are called by those who write about them. */
const ENVIRONMENTS = [".venv", "venv"];
const ENDINGS_ON_WINDOWS = [".exe", ".cmd", ".bat"];

/**
 * Paths at which the program may be, the best first. A setting that names something counts alone: another program than the named one
 * would be a surprise.
 */
export function toolPlaces(tool: BuildTool, { setting, ...around }: ToolSurroundings): readonly string[] {
  const { folders, variables, home, isWindows } = around;
  const join = (...parts: readonly string[]): string => parts.join(isWindows ? "\\" : "/");
  if (setting !== "") {
    if (/^~(?:[\\/]|$)/.test(setting)) return home === undefined ? [] : withEndings(home + setting.slice(1), isWindows);
    const isAbsolute = isWindows ? /^(?:[a-z]:)?[\\/]/i.test(setting) : setting.startsWith("/");
    return (isAbsolute ? [setting] : folders.map((folder) => join(folder, setting))).flatMap((path) =>
      withEndings(path, isWindows),
    );
  }
  const programs = isWindows ? "Scripts" : "bin";
  const inFolders = folders.flatMap((folder) => ENVIRONMENTS.map((name) => join(folder, name, programs)));
  // A relative entry would be a program out of whatever folder is the current one.
  const inPath = (variables["PATH"] ?? "")
    .split(isWindows ? ";" : ":")
    .filter((folder) => (isWindows ? /^[a-z]:[\\/]/i.test(folder) : folder.startsWith("/")))
    .map((folder) => folder.replace(/[\\/]+$/, ""));
  const platformio = variables["PLATFORMIO_CORE_DIR"] ?? (home && join(home, ".platformio"));
  const own = platformio === undefined ? [] : [join(platformio, "penv", programs)];
  return [...inFolders, ...inPath, ...own].flatMap((folder) => withEndings(join(folder, tool), isWindows));
}

/** @param isProgram whether a file of this machine is there and can be started */
export async function findTool(
  tool: BuildTool,
  surroundings: ToolSurroundings,
  isProgram: (path: string) => Promise<boolean>,
): Promise<string | undefined> {
  for (const path of new Set(toolPlaces(tool, surroundings))) if (await isProgram(path)) return path;
  return undefined;
}

function withEndings(path: string, isWindows: boolean): readonly string[] {
  if (!isWindows || /\.\w+$/.test(path)) return [path];
  return ENDINGS_ON_WINDOWS.map((ending) => path + ending);
}
