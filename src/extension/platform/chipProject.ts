/** Whether a workspace is about these chips, also before anything was built in it. Reads a few small text files, opens nothing. */
import * as vscode from "vscode";

/** Configurations of ESPHome and PlatformIO. */
const CONFIGURATIONS = "**/*.{yaml,yml,ini}";
const EXCLUDED = "**/{node_modules,.git,.esphome,.pio}/**";
const FILES_READ = 50;
const LARGEST = 0x10000;

/** The platform as ESPHome names it (its older name with it), and as PlatformIO does. */
const NAMES_PLATFORM = /^(?:bk72xx|libretiny):|^\s*platform\s*=.*(?:libretiny|beken)/im;

/** False too for a workspace with too many configurations to look into all of them. */
export async function isChipProject(): Promise<boolean> {
  const found = await vscode.workspace.findFiles(CONFIGURATIONS, EXCLUDED, FILES_READ);
  for (const uri of found) if (await namesPlatform(uri)) return true;
  return false;
}

async function namesPlatform(uri: vscode.Uri): Promise<boolean> {
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > LARGEST) return false;
    return NAMES_PLATFORM.test(new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)));
  } catch {
    // Gone or closed to us: then nothing is told by it.
    return false;
  }
}
