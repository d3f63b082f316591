// Finds the Chromium that drives the workbench, and installs Debian's where that can be done. Knows nothing of pages.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { attempt } from "./shell.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const INSTALL = "apt-get update && apt-get install -y chromium";
const ELSEWHERE =
  process.platform === "darwin"
    ? [
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
      ]
    : [];

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function find() {
  const named = process.env.CHROMIUM_EXECUTABLE_PATH;
  if (named !== undefined) return named;
  const folders = (process.env.PATH ?? "").split(delimiter);
  return [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...ELSEWHERE].find(isExecutable);
}

/** The browser's path. As root on Debian it is installed when missing; elsewhere the error names the command. */
export async function findChromium() {
  const found = find();
  if (found !== undefined) return found;
  let why = "";
  if (process.platform === "linux" && process.getuid?.() === 0) {
    const { output } = await attempt("sh", ["-c", INSTALL.replace("-y", "-y --no-install-recommends")], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    const installed = find();
    if (installed !== undefined) return installed;
    why = `\n${output.trimEnd().split("\n").slice(-10).join("\n")}`;
  }
  throw new Error(
    `The tests click in a browser. Install Chromium (Debian: ${INSTALL}) or name one in CHROMIUM_EXECUTABLE_PATH.${why}`,
  );
}
