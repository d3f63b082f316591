// Installs code-server from the npm registry: the VS Code workbench and extension host, served to a browser. Its own
// install script refuses to run as root and builds what nobody here needs, so the few native modules are built by name.
// Linux and macOS. Knows nothing of how it is run.
import { existsSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { cached } from "./cache.mjs";
import { attempt, run } from "./shell.mjs";

/**
 * The releases tested with: the floor this extension declares, and the newest. `native`: modules of lib/vscode the server
 * cannot do without, each with the file that proves it was built.
 */
export const RELEASES = {
  floor: {
    version: "4.100.3",
    vscode: "1.100.3",
    node: 20,
    native: {
      "@parcel/watcher": "watcher.node",
      "@vscode/spdlog": "spdlog.node",
      "native-watchdog": "watchdog.node",
      "node-pty": "pty.node",
    },
  },
  newest: {
    version: "4.139.1",
    vscode: "1.139.1",
    node: 24,
    native: {
      "@parcel/watcher": "watcher.node",
      "@vscode/spdlog": "spdlog.node",
      "@vscode/native-watchdog": "watchdog.node",
      "node-pty": "pty.node",
      "@vscode/sqlite3": "vscode-sqlite3.node",
      "@vscode/deviceid": "windows.node",
      "@vscode/fs-copyfile": "fs_copyfile.node",
    },
  },
};
