// Finds a desktop VS Code: the one named by VSCODE_EXECUTABLE_PATH, or the floor this extension declares, downloaded where
// the vendor's update service can be reached. Knows nothing of tests.
import { downloadAndUnzipVSCode } from "@vscode/test-electron";
import { RELEASES } from "./codeServer.mjs";
import { cacheFolder } from "./cache.mjs";

const SERVICE = "https://update.code.visualstudio.com/api/releases/stable";
const ANSWER_WITHIN_MS = 5_000;

async function canDownload() {
  try {
    return (await fetch(SERVICE, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })).ok;
  } catch {
    return false;
  }
}

/** The executable, or undefined where there is none to be had, or no display to show it on. */
export async function findDesktop() {
  const named = process.env.VSCODE_EXECUTABLE_PATH;
  if (named !== undefined && named !== "") return named;
  const { platform, env } = process;
  if (platform === "linux" && env.DISPLAY === undefined && env.WAYLAND_DISPLAY === undefined) return undefined;
  if (!(await canDownload())) return undefined;
  return await downloadAndUnzipVSCode({ version: RELEASES.floor.vscode, cachePath: cacheFolder("desktop") });
}

/** Flags without which it does not start as root. */
export const DESKTOP_FLAGS = process.getuid?.() === 0 ? ["--no-sandbox", "--disable-gpu-sandbox"] : [];
