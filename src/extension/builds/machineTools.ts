/** The programs that build firmware, as they are on this machine. */
import { constants, access, stat } from "node:fs/promises";
import { homedir } from "node:os";
import * as vscode from "vscode";
import type { Settings } from "../platform/settings";
import { findTool, type BuildTool } from "./buildTools";

/**
 * The path of the program; undefined where it is not found. Only for workspaces that are trusted: one of them may bring the program itself.
 * @param folder of what is built, on this machine's disk
 */
export async function toolFor(
  tool: BuildTool,
  folder: string,
  settings: Pick<Settings, "esphomePath" | "platformioPath">,
): Promise<string | undefined> {
  const open = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file");
  return await findTool(
    tool,
    {
      setting: tool === "esphome" ? settings.esphomePath : settings.platformioPath,
      folders: [...new Set([folder, ...open.map(({ uri }) => uri.fsPath)])],
      variables: process.env,
      home: homedir(),
      isWindows: process.platform === "win32",
    },
    isProgram,
  );
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
