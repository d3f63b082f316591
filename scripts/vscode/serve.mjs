// Starts and ends one code-server on a folder, with user data, settings and extensions of its own. Knows neither browser
// nor tests.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync, closeSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { run } from "./shell.mjs";

const START_WITHIN_MS = 60_000;
const END_WITHIN_MS = 5_000;

/** What a fresh profile must not say or fetch by itself. */
const CALM = {
  "workbench.startupEditor": "none",
  "workbench.preferredDarkColorTheme": "Default Dark Modern",
  "workbench.preferredLightColorTheme": "Default Light Modern",
  "workbench.tips.enabled": false,
  "workbench.enableExperiments": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.commandCenter.enabled": false,
  "chat.disableAIFeatures": true,
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "git.enabled": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "security.workspace.trust.enabled": false,
  "window.commandCenter": false,
  "window.restoreWindows": "none",
  "explorer.compactFolders": false,
};

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Puts the extension of a .vsix below `extensionsDir`, as the person's own install would. */
export async function installVsix(server, vsix, { dataDir, extensionsDir }) {
  await run(server.node, [server.entry, ...folders(dataDir, extensionsDir), "--install-extension", vsix]);
}

const folders = (dataDir, extensionsDir) => [
  ...["--config", join(dataDir, "config.yaml")],
  ...["--user-data-dir", dataDir],
  ...["--extensions-dir", extensionsDir],
];

/**
 * Serves `folder`. `settings` become the user settings, `env` reaches the extension host. Resolves once it answers, with:
 * `url(folder, payload)`: the address of the workbench; payload is a list of [name, value] pairs as VS Code web takes them;
 * `writeSettings(settings)`: replaces the user settings, of which a window that is open takes all but those of the application; `log`: the file with everything it printed; `stop()`.
 */
export async function serve(server, { folder, dataDir, extensionsDir, settings = {}, env = {}, port: wanted }) {
  const port = wanted ?? (await freePort());
  mkdirSync(extensionsDir, { recursive: true });
  // Settings about the machine, such as ports, are taken from the server's own file, all others from the person's.
  const writeSettings = (wanted) => {
    for (const scope of ["User", "Machine"]) {
      mkdirSync(join(dataDir, scope), { recursive: true });
      // Whole or not at all: a window that is open reads it when it changes.
      const file = join(dataDir, scope, "settings.json");
      writeFileSync(`${file}.part`, JSON.stringify({ ...CALM, ...wanted }, undefined, 2));
      renameSync(`${file}.part`, file);
    }
  };
  writeSettings(settings);
  writeFileSync(join(dataDir, "config.yaml"), "auth: none\n");
  const log = join(dataDir, "server.log");
  const output = openSync(log, "w");
  const child = spawn(
    server.node,
    [
      server.entry,
      ...folders(dataDir, extensionsDir),
      ...["--auth", "none", "--bind-addr", `127.0.0.1:${port}`],
      ...[
        "--disable-telemetry",
        "--disable-update-check",
        "--disable-workspace-trust",
        "--disable-getting-started-override",
      ],
      folder,
    ],
    // A group of its own: extension hosts and the like end with it.
    { stdio: ["ignore", output, output], detached: true, env: { ...process.env, ...env } },
  );
  closeSync(output);
  const exited = once(child, "exit");
  const kill = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // Gone already.
    }
  };
  const onExit = () => kill("SIGKILL");
  process.on("exit", onExit);
  const stop = async () => {
    process.off("exit", onExit);
    kill("SIGTERM");
    const limit = setTimeout(() => kill("SIGKILL"), END_WITHIN_MS);
    if (child.exitCode === null && child.signalCode === null) await exited;
    clearTimeout(limit);
    kill("SIGKILL");
  };
  const origin = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + START_WITHIN_MS;
  for (;;) {
    const answered = await fetch(`${origin}/healthz`).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) break;
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`code-server ${server.vscode} did not start:\n${readFileSync(log, "utf8").slice(-3_000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const url = (opened, payload = []) => {
    const query = new URLSearchParams({ folder: opened });
    if (payload.length > 0) query.set("payload", JSON.stringify(payload));
    return `${origin}/?${query}`;
  };
  /** A path of this machine as the workbench names it. */
  const remote = (path) => `vscode-remote://127.0.0.1:${port}${path}`;
  return { url, remote, writeSettings, log, stop };
}
