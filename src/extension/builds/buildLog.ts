/** What the sources beside a build say of its log: ESPHome keeps `src/main.cpp` and `platformio.ini` above its outputs. */
import * as vscode from "vscode";
import { flagsOf, parseIni } from "../../builds/platformioIni";
import { readLogSettings, type LogSettings } from "../../core/index";

/** Where a project's outputs begin, in its folder. */
const OUTPUTS = /^(.*?)\/(?:\.pioenvs|\.pio\/build)\/([^/]+)\//;

/** undefined where the file is in no build folder, or has no sources beside it. */
export async function logSettingsOf(file: vscode.Uri): Promise<LogSettings | undefined> {
  const [, folder, environment] = OUTPUTS.exec(file.path) ?? [];
  if (folder === undefined || environment === undefined) return undefined;
  const [program, project] = await Promise.all(
    ["src/main.cpp", "platformio.ini"].map((name) => textAt(file, `${folder}/${name}`)),
  );
  if (program === undefined && project === undefined) return undefined;
  // Other environments of the project have flags of their own.
  return readLogSettings(program ?? "", flagsOf(parseIni(project ?? ""), environment));
}

/** undefined where nothing can be read: what a build says is a help, and none where it says nothing. */
async function textAt(file: vscode.Uri, path: string): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(file.with({ path, fragment: "" })));
  } catch (error) {
    if (error instanceof vscode.FileSystemError) return undefined;
    throw error;
  }
}
